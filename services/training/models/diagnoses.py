"""Diagnoses of social responsibility, and the links through which an enterprise answers without an account."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.training.models.entity import Entity
from services.training.models.evidence import Evidence, found_among, require_room
from services.training.models.smes import Recorded, Sme
from shared.database import Versioned
from shared.kernel import Refused, clock

OPEN, HANDED_IN, VERIFIED = "open", "handed_in", "verified"
DIAGNOSIS_STATES = (OPEN, HANDED_IN, VERIFIED)
SELF, ASSISTED = "self", "assisted"
MODES = (SELF, ASSISTED)
LINK_VALID, LINK_EXPIRED, LINK_REVOKED = "valid", "expired", "revoked"
SME_LINK_STATES = (LINK_VALID, LINK_EXPIRED, LINK_REVOKED)


class Diagnosis(Versioned, Recorded, Entity):
    """What an enterprise says of itself with an edition of the instrument; size and sector are those of that day."""

    __tablename__ = "csr_diagnosis"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sme_id: Mapped[UUID] = mapped_column(ForeignKey("sme.id"), index=True)
    edition: Mapped[int]
    form: Mapped[str] = mapped_column(String(8))
    mode: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), default=OPEN)
    size: Mapped[str] = mapped_column(String(8))
    sector: Mapped[str] = mapped_column(String(24))
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """By indicator: `answer` (a level, unknown, na) and `evidence`."""
    stakeholders: Mapped[list[Any]] = mapped_column(default=list)
    """`name`, `kind`, `influence` and `interest` (1 to 3), `expects`, `how`."""
    begun_on: Mapped[date]
    handed_in_on: Mapped[date | None]
    verified_on: Mapped[date | None]
    verified_by: Mapped[str | None] = mapped_column(String(120))
    verified_by_name: Mapped[str | None] = mapped_column(String(200))
    verification: Mapped[str | None] = mapped_column(String(2000))

    sme: Mapped[Sme] = relationship()
    files: Mapped[list[Evidence]] = relationship(order_by=Evidence.id, cascade="all, delete-orphan")

    @property
    def levels(self) -> dict[str, str]:
        """The answers alone."""
        return {code: said["answer"] for code, said in self.answers.items()}

    def answer(self, said: Mapping[str, Mapping[str, str] | None]) -> None:
        """Write these indicators; None takes an answer back. Refused once it was handed in."""
        self._require_open()
        kept = {code: told for code, told in self.answers.items() if code not in said}
        self.answers = kept | {code: dict(told) for code, told in said.items() if told is not None}

    def map_stakeholders(self, stakeholders: Sequence[Mapping[str, Any]]) -> None:
        """Who is affected by the enterprise or affects it; replaces what was said before."""
        self._require_open()
        self.stakeholders = [dict(one) for one in stakeholders]

    def hand_in(self) -> None:
        """It is complete; from now on it is not changed."""
        self._require_open()
        self.state, self.handed_in_on = HANDED_IN, clock.today()

    def verify(self, *, by: str, name: str, note: str) -> None:
        """Somebody has seen the evidence; refused before it is handed in, and a second time."""
        if self.state != HANDED_IN:
            raise Refused("diagnosis.not_to_verify", state=self.state)
        self.state, self.verified_on = VERIFIED, clock.today()
        self.verified_by, self.verified_by_name, self.verification = by, name, note

    def show(self, evidence: Evidence, *, most: int) -> None:
        """One more file shows an indicator; refused once it was verified."""
        self._require_unverified()
        require_room(self.files, evidence, most=most)
        self.files.append(evidence)

    def part_with(self, evidence_id: UUID) -> None:
        """A file shows it no more; refused once it was verified."""
        self._require_unverified()
        self.files.remove(found_among(self.files, evidence_id))

    def _require_unverified(self) -> None:
        if self.state == VERIFIED:
            raise Refused("evidence.verified")

    def _require_open(self) -> None:
        if self.state != OPEN:
            raise Refused("diagnosis.handed_in")


class SmeLink(Versioned, Recorded, Entity):
    """A personal link through which somebody of an enterprise answers the diagnosis and follows the plan."""

    __tablename__ = "sme_link"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sme_id: Mapped[UUID] = mapped_column(ForeignKey("sme.id"), index=True)
    expires_on: Mapped[date]
    revoked_on: Mapped[date | None]

    sme: Mapped[Sme] = relationship()

    @property
    def state(self) -> str:
        if self.revoked_on is not None:
            return LINK_REVOKED
        return LINK_EXPIRED if self.expires_on < clock.today() else LINK_VALID

    def revoke(self) -> None:
        """Nothing is said through it any more; refused a second time."""
        if self.revoked_on is not None:
            raise Refused("sme_link.revoked_already")
        self.revoked_on = clock.today()

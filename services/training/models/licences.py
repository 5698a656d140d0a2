"""The training of trainers: editions of the programme, who is a candidate, what she proved, and the licences issued."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from services.training.models.entity import Entity
from services.training.models.smes import Recorded
from services.training.rules.licences import ACTIVE, OBSERVATION, REVOKED, SUSPENDED, TEST
from shared.database import Versioned
from shared.kernel import Invalid, NotFound, Refused, clock


class TrainerEdition(Versioned, Recorded, Entity):
    """An edition of the programme in which trainers earn a licence of one level for some topics."""

    __tablename__ = "trainer_edition"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    name: Mapped[str] = mapped_column(String(160))
    level: Mapped[str] = mapped_column(String(20))
    topics: Mapped[list[Any]]
    starts_on: Mapped[date]
    """The requirements in force on this day are those of the edition."""
    ends_on: Mapped[date]


class TrainerCandidate(Versioned, Recorded, Entity):
    """A trainer in an edition, with what she proved so far."""

    __tablename__ = "trainer_candidate"
    __table_args__ = (UniqueConstraint("edition_id", "trainer_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    edition_id: Mapped[UUID] = mapped_column(ForeignKey("trainer_edition.id"))
    trainer_id: Mapped[UUID] = mapped_column(ForeignKey("trainer.id"), index=True)

    proofs: Mapped[list["TrainerProof"]] = relationship(cascade="all, delete-orphan", order_by="TrainerProof.number")

    def prove(self, proof: "TrainerProof") -> None:
        """One thing more; refuses a day to come and a session that was observed already."""
        if proof.on > clock.today():
            raise Invalid("licence.proof_to_come", pointer="/on", today=clock.today())
        seen = {one.session_id for one in self.proofs if one.struck_why is None and one.session_id}
        if proof.kind == OBSERVATION and proof.session_id in seen:
            raise Invalid("licence.observed_already", pointer="/session_id")
        proof.number = len(self.proofs) + 1
        self.proofs.append(proof)
        flag_modified(self, "edition_id")

    def strike(self, number: int, why: str) -> None:
        """What was noted by mistake counts no more; it stays written with the reason."""
        found = next((one for one in self.proofs if one.number == number), None)
        if found is None:
            raise NotFound("licence.proof_unknown")
        if found.struck_why is not None:
            raise Refused("licence.struck_already")
        found.strike(why)
        flag_modified(self, "edition_id")


class TrainerProof(Recorded, Entity):
    """Hours that a candidate attended, the result of her test, or a session of hers that was observed."""

    __tablename__ = "trainer_proof"

    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("trainer_candidate.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(12))
    on: Mapped[date]
    minutes: Mapped[int | None]
    percent: Mapped[int | None]
    """Of a test the result, of an observation what the marks come to."""
    marks: Mapped[dict[str, Any]]
    """Of an observation: points by criterion."""
    session_id: Mapped[UUID | None]
    note: Mapped[str] = mapped_column(String(400))
    struck_why: Mapped[str | None] = mapped_column(String(400))

    def strike(self, why: str) -> None:
        self.struck_why = why.strip()


class TrainerLicence(Versioned, Recorded, Entity):
    """Leave to teach some topics from a day to a day; who issued it is who recorded it."""

    __tablename__ = "trainer_licence"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True)
    trainer_id: Mapped[UUID] = mapped_column(ForeignKey("trainer.id"), index=True)
    candidate_id: Mapped[UUID | None] = mapped_column(ForeignKey("trainer_candidate.id"), unique=True)
    renews_id: Mapped[UUID | None] = mapped_column(ForeignKey("trainer_licence.id"), unique=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    level: Mapped[str] = mapped_column(String(20))
    topics: Mapped[list[Any]]
    valid_from: Mapped[date]
    valid_until: Mapped[date] = mapped_column(index=True)
    """The last day."""
    state: Mapped[str] = mapped_column(String(10))
    state_since: Mapped[date]
    reason: Mapped[str | None] = mapped_column(String(400))
    """Why it is suspended or revoked."""

    def suspend(self, reason: str) -> None:
        """It does not count until it is given back; refused where it does not count now."""
        if self.state != ACTIVE:
            raise Refused(f"licence.is_{self.state}")
        self._become(SUSPENDED, reason)

    def give_back(self) -> None:
        """It counts again until its last day."""
        if self.state != SUSPENDED:
            raise Refused("licence.not_suspended")
        self._become(ACTIVE, None)

    def revoke(self, reason: str) -> None:
        """It counts no more, for good."""
        if self.state == REVOKED:
            raise Refused("licence.is_revoked")
        self._become(REVOKED, reason)

    def _become(self, state: str, reason: str | None) -> None:
        self.state, self.state_since, self.reason = state, clock.today(), reason.strip() if reason else None


PROOF_KINDS = ("hours", TEST, OBSERVATION)

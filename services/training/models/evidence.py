"""What an enterprise shows of what it says: papers and pictures beside a diagnosis and the reports of a plan."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from services.training.models.entity import Entity
from services.training.models.smes import Recorded
from shared.kernel import Invalid, NotFound, Refused


class Evidence(Recorded, Entity):
    """A file that shows an indicator of a diagnosis, or what was reported of a month of a plan."""

    __tablename__ = "csr_evidence"
    __table_args__ = (CheckConstraint("(diagnosis_id IS NULL) <> (plan_id IS NULL)", name="one_place"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sme_id: Mapped[UUID] = mapped_column(ForeignKey("sme.id"), index=True)
    diagnosis_id: Mapped[UUID | None] = mapped_column(ForeignKey("csr_diagnosis.id"), index=True)
    indicator: Mapped[str | None] = mapped_column(String(20))
    plan_id: Mapped[UUID | None] = mapped_column(ForeignKey("csr_plan.id"), index=True)
    month: Mapped[int | None]
    file_id: Mapped[UUID]
    sha256: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(60))
    size: Mapped[int]
    """In bytes, as it is kept."""


def require_room(beside: Sequence[Evidence], shown: Evidence, *, most: int) -> None:
    """Refuses one more than `most` files at the same place, and the file that lies there already."""
    same_place = [one for one in beside if (one.indicator, one.month) == (shown.indicator, shown.month)]
    if any(one.sha256 == shown.sha256 for one in same_place):
        raise Refused("evidence.shown_already", name=shown.name)
    if len(same_place) >= most:
        raise Invalid("evidence.too_many", pointer="/file", most=most)


def found_among(beside: Sequence[Evidence], evidence_id: UUID) -> Evidence:
    """The file of that id among these; refuses one that is not there."""
    found = next((one for one in beside if one.id == evidence_id), None)
    if found is None:
        raise NotFound("evidence.unknown")
    return found

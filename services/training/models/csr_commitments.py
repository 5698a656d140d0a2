"""What was promised in a dialogue on social responsibility, by whom, until when, and what came of it."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from services.training.models.entity import Entity
from services.training.models.smes import Recorded
from shared.database import Versioned
from shared.kernel import Invalid, clock

OPEN, KEPT, NOT_KEPT = "open", "kept", "not_kept"
COMMITMENT_STATES = (OPEN, KEPT, NOT_KEPT)


class CsrCommitment(Versioned, Recorded, Entity):
    """A promise; `owner` is the institution that answers for it."""

    __tablename__ = "csr_commitment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    activity_id: Mapped[UUID] = mapped_column(ForeignKey("csr_activity.id"), index=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    what: Mapped[str] = mapped_column(String(1000))
    owner: Mapped[str] = mapped_column(String(200))
    due_on: Mapped[date] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(10), default=OPEN)

    notes: Mapped[list["CommitmentNote"]] = relationship(order_by="CommitmentNote.number")

    @property
    def late(self) -> bool:
        return self.state == OPEN and self.due_on < clock.today()

    def follow(self, note: "CommitmentNote") -> None:
        """What is known of it on a day, and how it stands since; refused for a day still to come."""
        if note.day > clock.today():
            raise Invalid("csr_commitment.day_to_come", pointer="/day", today=clock.today())
        note.number = len(self.notes) + 1
        self.notes.append(note)
        self.state = note.state
        flag_modified(self, "state")


class CommitmentNote(Recorded, Entity):
    """A look at a commitment: what was found, and how it stood."""

    __tablename__ = "csr_commitment_note"

    commitment_id: Mapped[UUID] = mapped_column(ForeignKey("csr_commitment.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date]
    state: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(1000))


class IssuedCsrReport(Entity):
    """An annual report that was printed: so much is told to whoever holds it and asks whether it is ours."""

    __tablename__ = "issued_csr_report"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    unit: Mapped[str] = mapped_column(String(200))
    """The codes of its places, with `, ` between them."""
    as_of: Mapped[date]
    issued_on: Mapped[date]

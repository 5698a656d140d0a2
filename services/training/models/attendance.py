"""Who was at a session: the marks, and the printed sheets whose rows open by a QR."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.training.models.entity import Entity
from services.training.rules.attendance import Mark
from shared.kernel import Refused, clock


class AttendanceMark(Entity):
    """What somebody noted of a woman at a session; all marks stay, one of them stands."""

    __tablename__ = "attendance_mark"
    __table_args__ = (
        Index("ix_attendance_mark_session", "session_id", "entrepreneur_id"),
        Index("ix_attendance_mark_entrepreneur_id", "entrepreneur_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Made by the phone that noted it, so that sending twice notes once."""
    session_id: Mapped[UUID] = mapped_column(ForeignKey("training_session.id"))
    entrepreneur_id: Mapped[UUID]
    """As the group's list knows her."""
    status: Mapped[str] = mapped_column(String(10))
    minutes: Mapped[int]
    seen: Mapped[UUID | None]
    marked_at: Mapped[datetime]
    received_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(120))
    by_name: Mapped[str] = mapped_column(String(200))
    way: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(400))
    """Why it was noted after the session was closed."""
    contradicts: Mapped[bool]
    """Whether it came from somebody who had not seen the mark that stood, and said something else."""
    stands: Mapped[bool]

    @property
    def said(self) -> Mark:
        """What the rules weigh."""
        return Mark(self.id, self.status, self.minutes, self.marked_at, self.seen)

    def stand(self) -> None:
        self.stands = True

    def yield_to(self, other: "AttendanceMark") -> None:
        """A later mark stands in its place."""
        self.stands = False
        other.stand()


class AttendanceSheet(Entity):
    """A printed list of a session. It is of the session as it was then (`sequence`): after a move it opens nothing."""

    __tablename__ = "attendance_sheet"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    session_id: Mapped[UUID] = mapped_column(ForeignKey("training_session.id"), index=True)
    number: Mapped[int]
    sequence: Mapped[int]
    expires_on: Mapped[date]
    revoked_on: Mapped[date | None]
    made_at: Mapped[datetime]
    made_by: Mapped[str] = mapped_column(String(120))
    made_by_name: Mapped[str] = mapped_column(String(200))
    rows: Mapped[list["SheetRow"]] = relationship(cascade="all, delete-orphan", order_by="SheetRow.line")

    def revoke(self) -> None:
        """Its rows open no more; refused a second time."""
        if self.revoked_on is not None:
            raise Refused("sheet.revoked_already")
        self.revoked_on = clock.today()

    def opens(self, sequence: int) -> bool:
        """Whether its rows still open, of a session in its revision `sequence`."""
        return self.revoked_on is None and self.expires_on >= clock.today() and self.sequence == sequence


class SheetRow(Entity):
    """A line of a printed list."""

    __tablename__ = "sheet_row"
    __table_args__ = (Index("ix_sheet_row_entrepreneur_id", "entrepreneur_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """What its QR signs."""
    sheet_id: Mapped[UUID] = mapped_column(ForeignKey("attendance_sheet.id"), index=True)
    line: Mapped[int]
    entrepreneur_id: Mapped[UUID]

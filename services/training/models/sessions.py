"""Sessions of a training: when and where, and every change of that."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.training.models.entity import Entity
from services.training.rules.timetable import Timetable
from shared.database import Versioned
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock

GROUP = "group"
PLANNED, CANCELLED, CLOSED = "planned", "cancelled", "closed"
SESSION_STATES = (PLANNED, CANCELLED, CLOSED)
PLAN, MOVE, CANCEL = "plan", "move", "cancel"
REVISION_ACTIONS = (PLAN, MOVE, CANCEL)
GIVEN_UP = "group_given_up"
"""The reason of a session that was cancelled because its group was given up."""


class TrainingSession(Versioned, Entity):
    """A session of what is taught to somebody (`subject`: a group). `sequence` counts its revisions from 0."""

    __tablename__ = "training_session"
    __table_args__ = (
        Index("ix_training_session_subject", "subject_kind", "subject_id"),
        Index("ix_training_session_first_day", "first_day", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_kind: Mapped[str] = mapped_column(String(10))
    subject_id: Mapped[UUID]
    unit: Mapped[str] = mapped_column(String(6), index=True)
    title: Mapped[str] = mapped_column(String(160))
    first_day: Mapped[date]
    last_day: Mapped[date]
    starts: Mapped[str] = mapped_column(String(5))
    ends: Mapped[str] = mapped_column(String(5))
    place: Mapped[str] = mapped_column(String(200))
    minutes: Mapped[int]
    """Of teaching: what who was there all the time is credited with."""
    sequence: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    closed_at: Mapped[datetime | None]
    closed_by_name: Mapped[str | None] = mapped_column(String(200))
    module_id: Mapped[UUID | None] = mapped_column(index=True)
    """The module of a curriculum that is taught in it."""
    topic: Mapped[str | None] = mapped_column(String(24))
    """What is taught, where somebody said it by its code."""
    trainer_id: Mapped[UUID | None] = mapped_column(index=True)
    """Who teaches it, of the list of trainers."""
    revisions: Mapped[list["SessionRevision"]] = relationship(
        cascade="all, delete-orphan", order_by="SessionRevision.sequence"
    )

    @classmethod
    def plan(
        cls,
        session_id: UUID,
        subject: tuple[str, UUID],
        unit: str,
        title: str,
        timetable: Timetable,
        minutes: int | None,
        by: Caller,
        module_id: UUID | None = None,
    ) -> "TrainingSession":
        """A new session; its teaching is all its time unless told less."""
        made = cls(
            id=session_id,
            subject_kind=subject[0],
            subject_id=subject[1],
            unit=unit,
            title=title.strip(),
            sequence=0,
            state=PLANNED,
            module_id=module_id,
            revisions=[],
        )
        made._take(timetable, minutes)
        made._revise(PLAN, None, by)
        return made

    @property
    def timetable(self) -> Timetable:
        return Timetable(self.first_day, self.last_day, self.starts, self.ends, self.place)

    def move(self, timetable: Timetable, minutes: int | None, reason: str, by: Caller) -> None:
        """Another time or place; refuses one that was cancelled or is closed, and the time and place it has."""
        self._still_planned()
        if timetable == self.timetable and minutes in {None, self.minutes}:
            raise Invalid("session.nothing_changed", pointer="/first_day")
        fits = self.minutes if self.minutes < self.timetable.minutes else None
        self._take(timetable, minutes or (min(fits, timetable.minutes) if fits else None))
        self.sequence += 1
        self._revise(MOVE, reason, by)

    def teach(self, topic: str | None, trainer_id: UUID | None) -> None:
        """What is taught and by whom; refuses what it has already, and a session that was cancelled or closed."""
        self._still_planned()
        if (topic, trainer_id) == (self.topic, self.trainer_id):
            raise Refused("session.teaching_same")
        self.topic, self.trainer_id = topic, trainer_id

    def take_module(self, module_id: UUID | None) -> None:
        """The module that is taught in it (none: None); refuses the one it has, and what was cancelled or closed."""
        self._still_planned()
        if module_id == self.module_id:
            raise Refused("session.module_same")
        self.module_id = module_id

    def cancel(self, reason: str, by: Caller) -> None:
        """It will not be; that it was planned stays."""
        self._still_planned()
        self.state = CANCELLED
        self.sequence += 1
        self._revise(CANCEL, reason, by)

    def close(self, by: Caller) -> None:
        """Its attendance is complete; refuses one that is still to come."""
        self._still_planned()
        if self.last_day > clock.today():
            raise Refused("session.not_over", day=self.last_day)
        self.state, self.closed_at, self.closed_by_name = CLOSED, clock.now(), by.name

    def _still_planned(self) -> None:
        if self.state == CANCELLED:
            raise Refused("session.cancelled")
        if self.state == CLOSED:
            raise Refused("session.closed")

    def _take(self, timetable: Timetable, minutes: int | None) -> None:
        if minutes is not None and not 1 <= minutes <= timetable.minutes:
            raise Invalid("session.too_many_minutes", pointer="/minutes", most=timetable.minutes)
        self.first_day, self.last_day = timetable.first_day, timetable.last_day
        self.starts, self.ends, self.place = timetable.starts, timetable.ends, timetable.place
        self.minutes = minutes or timetable.minutes

    def _revise(self, action: str, reason: str | None, by: Caller) -> None:
        names = ("sequence", "first_day", "last_day", "starts", "ends", "place", "minutes")
        self.revisions.append(
            SessionRevision(
                **{name: getattr(self, name) for name in names},
                action=action,
                reason=reason.strip() if reason else None,
                at=clock.now(),
                by=by.subject,
                by_name=by.name,
            )
        )


class SessionRevision(Entity):
    """What a session was planned as, from one change to the next."""

    __tablename__ = "session_revision"

    session_id: Mapped[UUID] = mapped_column(ForeignKey("training_session.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    action: Mapped[str] = mapped_column(String(10))
    first_day: Mapped[date]
    last_day: Mapped[date]
    starts: Mapped[str] = mapped_column(String(5))
    ends: Mapped[str] = mapped_column(String(5))
    place: Mapped[str] = mapped_column(String(200))
    minutes: Mapped[int]
    reason: Mapped[str | None] = mapped_column(String(400))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(120))
    by_name: Mapped[str] = mapped_column(String(200))


class CalendarLink(Entity):
    """The address under which somebody's calendar program reads the sessions of her territory of that day, or of one
    group in it.
    """

    __tablename__ = "calendar_link"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(120), index=True)
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("training_group.id"))
    language: Mapped[str] = mapped_column(String(2))
    expires_on: Mapped[date]
    """The last day it is shown."""
    revoked_on: Mapped[date | None]
    made_at: Mapped[datetime]

    @property
    def shown(self) -> bool:
        return self.revoked_on is None and self.expires_on >= clock.today()

    def revoke(self) -> None:
        """Nobody reads the calendar through it any more; refused a second time."""
        if self.revoked_on is not None:
            raise Refused("calendar.revoked_already")
        self.revoked_on = clock.today()

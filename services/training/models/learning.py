"""Tests and surveys: what is asked, of which group it was asked when, and what each woman answered."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.training.models.entity import Entity
from services.training.rules.learning.questionnaire import Item, missing
from shared.attempts import Attempts, keys_of
from shared.database import Json, Versioned
from shared.kernel import Refused, clock

BEFORE, AFTER, LATER = "before", "after", "later"
MOMENTS = (BEFORE, AFTER, LATER)
"""Before a training, at its end, and months after it."""
UNTOUCHED, BEGUN, HANDED_IN = "untouched", "begun", "handed_in"
SHEET_STATES = (UNTOUCHED, BEGUN, HANDED_IN)
OPEN, CLOSED = "open", "closed"
MEASUREMENT_STATES = (OPEN, CLOSED)


class LearningInstrument(Entity):
    """An edition of a test or survey. It never changes: what is asked otherwise is the next edition, and answers to
    two editions are never compared.
    """

    __tablename__ = "learning_instrument"
    __table_args__ = (UniqueConstraint("code", "edition"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(40))
    edition: Mapped[int]
    title: Mapped[str] = mapped_column(String(160))
    purpose: Mapped[str] = mapped_column(String(16))
    questions: Mapped[str] = mapped_column(Text)
    """As they were written."""
    items: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    written_on: Mapped[date]
    written_by: Mapped[str] = mapped_column(String(120))
    written_by_name: Mapped[str] = mapped_column(String(200))

    def asked(self) -> list[Item]:
        """Its questions in their order."""
        return [Item.read(kept) for kept in self.items]


class Measurement(Versioned, Entity):
    """A group answers an instrument at one moment of its training, until a day or until it is closed."""

    __tablename__ = "measurement"
    __table_args__ = (UniqueConstraint("group_id", "instrument_id", "moment"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    group_id: Mapped[UUID] = mapped_column(ForeignKey("training_group.id"), index=True)
    instrument_id: Mapped[UUID] = mapped_column(ForeignKey("learning_instrument.id"), index=True)
    moment: Mapped[str] = mapped_column(String(8))
    opened_on: Mapped[date]
    closes_on: Mapped[date]
    """The last day on which its links take answers."""
    closed_on: Mapped[date | None]
    withdrawn: Mapped[int] = mapped_column(default=0)
    """How many of those asked withdrew from the network since."""
    opened_by: Mapped[str] = mapped_column(String(120))
    opened_by_name: Mapped[str] = mapped_column(String(200))

    @property
    def state(self) -> str:
        return CLOSED if self.closed_on is not None or self.closes_on < clock.today() else OPEN

    def require_open(self) -> None:
        if self.state != OPEN:
            raise Refused("measurement.closed", day=self.closed_on or self.closes_on)

    def close(self) -> None:
        """No answer is taken any more; refused a second time."""
        self.require_open()
        self.closed_on = clock.today()

    def forget_one(self) -> None:
        self.withdrawn += 1


class LearnerCode(Entity):
    """The code by which the answers of a woman in a group belong together, whenever they are given."""

    __tablename__ = "learner_code"
    __table_args__ = (
        UniqueConstraint("group_id", "code"),
        Index("ix_learner_code_entrepreneur_id", "entrepreneur_id"),
    )

    group_id: Mapped[UUID] = mapped_column(ForeignKey("training_group.id"), primary_key=True)
    entrepreneur_id: Mapped[UUID] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8))


class AnswerSheet(Entity):
    """What a woman answered at one measurement. Its id and the last day, signed, are her personal link."""

    __tablename__ = "answer_sheet"
    __table_args__ = (
        UniqueConstraint("measurement_id", "entrepreneur_id"),
        Index("ix_answer_sheet_entrepreneur_id", "entrepreneur_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    measurement_id: Mapped[UUID] = mapped_column(ForeignKey("measurement.id"))
    entrepreneur_id: Mapped[UUID]
    answers: Mapped[dict[str, Any]]
    """By the number of the question."""
    saved_at: Mapped[datetime | None]
    handed_in_at: Mapped[datetime | None]
    revoked_on: Mapped[date | None]
    """Since when her personal link leads nowhere; the group's link with her code still does."""

    @property
    def state(self) -> str:
        if self.handed_in_at is not None:
            return HANDED_IN
        return BEGUN if self.answers else UNTOUCHED

    def save(self, answers: dict[str, Any], items: Sequence[Item], *, hand_in: bool) -> None:
        """Keep what she answered so far; handed in, it stays as it is. Refuses to hand in what is not complete."""
        if self.handed_in_at is not None:
            raise Refused("answer.handed_in")
        lacking = missing(items, answers)
        if hand_in and lacking:
            raise Refused("answer.incomplete", questions=", ".join(map(str, lacking)))
        self.answers, self.saved_at = answers, clock.now()
        if hand_in:
            self.handed_in_at = self.saved_at

    def revoke(self) -> None:
        """Her personal link leads nowhere from now on; refused a second time."""
        if self.revoked_on is not None:
            raise Refused("answer_link.revoked_already")
        self.revoked_on = clock.today()


class AnswerAttempts(Attempts, Entity):
    """Wrong codes lately, by the link of the group, by the address they come from, and by both: a class that shares one
    address may mistype, and nobody tries codes until one is somebody's.
    """

    __tablename__ = "answer_attempts"
    limits: ClassVar = {"pair": 30, "link": 60, "address": 90}

    @staticmethod
    def keys(token: str, address: str) -> dict[str, str]:
        """What a code given through a link from an address is counted by."""
        return keys_of("link", token, address)

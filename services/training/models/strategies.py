"""Training strategies as they were decided, and the complementary subjects that women ask for."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from services.training.models.entity import Entity
from services.training.models.smes import Recorded, name_key
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock

SOURCES = ("session", "survey", "visit", "link", "other")
ASKED, TAKEN_UP, DECLINED = "asked", "taken_up", "declined"
SUBJECT_ANSWERS = (TAKEN_UP, DECLINED)
ASKED_STATES = (ASKED, *SUBJECT_ANSWERS)


class TrainingStrategy(Recorded, Entity):
    """How a kind of enterprise is trained in a need, in a territory from a day on; a later decision takes its place."""

    __tablename__ = "training_strategy"
    __table_args__ = (Index("ix_training_strategy_need_type", "need", "type"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    type: Mapped[str] = mapped_column(String(24))
    need: Mapped[str] = mapped_column(String(16))
    since: Mapped[date]
    form: Mapped[str] = mapped_column(String(24))
    methods: Mapped[list[str]]
    minutes: Mapped[int]
    smallest: Mapped[int]
    largest: Mapped[int]
    decided_by: Mapped[str] = mapped_column(String(200))
    """Who decided: a meeting or a body, as it calls itself."""
    source: Mapped[str] = mapped_column(String(400))
    note: Mapped[str] = mapped_column(String(2000))


class AskedSubject(Recorded, Entity):
    """A subject beyond business that women of a place asked for, how many, where it was heard, what became of it."""

    __tablename__ = "asked_subject"
    __table_args__ = (Index("ix_asked_subject_key", "subject_key", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(String(120))
    subject_key: Mapped[str] = mapped_column(String(480))
    """Without case, accents and signs: what is asked in the same words counts together."""
    unit: Mapped[str] = mapped_column(String(6), index=True)
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("training_group.id"))
    entrepreneur_id: Mapped[UUID | None] = mapped_column(index=True)
    women: Mapped[int]
    source: Mapped[str] = mapped_column(String(8))
    asked_on: Mapped[date]
    note: Mapped[str] = mapped_column(String(1000))
    state: Mapped[str] = mapped_column(String(8))
    curriculum_id: Mapped[UUID | None] = mapped_column(ForeignKey("curriculum.id"))
    answer: Mapped[str] = mapped_column(String(2000))
    answered_by_name: Mapped[str | None] = mapped_column(String(200))
    answered_at: Mapped[datetime | None]

    def ask(self, subject: str, **facts: Any) -> None:
        """What was asked; refuses a subject without letters, a day to come and nobody."""
        self.subject, self.subject_key = " ".join(subject.split()), name_key(subject)
        if not self.subject_key:
            raise Invalid("asked_subject.without_letters", pointer="/subject")
        if facts["asked_on"] > clock.today():
            raise Invalid("asked_subject.to_come", pointer="/asked_on", today=clock.today())
        for name, value in facts.items():
            setattr(self, name, value)
        self.state, self.answer = ASKED, ""

    def reply(self, state: str, answer: str, curriculum_id: UUID | None, by: Caller) -> None:
        """It is taught, or not, and why; refused a second time."""
        if self.state != ASKED:
            raise Refused("asked_subject.answered_already")
        self.state, self.answer, self.curriculum_id = state, answer.strip(), curriculum_id
        self.answered_by_name, self.answered_at = by.name, clock.now()

    def forget(self) -> None:
        """She withdrew: that a woman asked stays a number; what she said beside it goes."""
        self.entrepreneur_id, self.note = None, ""

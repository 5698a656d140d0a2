"""Action plans of enterprises, the rounds of their review and what was reported along the way."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from services.training.models.entity import Entity
from services.training.models.evidence import Evidence, found_among, require_room
from services.training.models.smes import Recorded, Sme
from services.training.rules import action_plans as rules
from shared.database import Versioned
from shared.kernel import Invalid, Refused, clock


class ActionPlan(Versioned, Recorded, Entity):
    """What an enterprise will do in six months; `content` is what it says, its actions included."""

    __tablename__ = "csr_plan"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    sme_id: Mapped[UUID] = mapped_column(ForeignKey("sme.id"), index=True)
    diagnosis_id: Mapped[UUID | None] = mapped_column(ForeignKey("csr_diagnosis.id"))
    state: Mapped[str] = mapped_column(String(16), default=rules.DRAFT, index=True)
    since: Mapped[date]
    """The day it came to its state."""
    content: Mapped[dict[str, Any]]
    key_actions: Mapped[list[Any]] = mapped_column(default=list)
    """The numbers (from 1) of the few actions that are followed."""
    begins_on: Mapped[date | None]
    """The first day of its execution."""
    submitted_by: Mapped[str | None] = mapped_column(String(120))
    closing_note: Mapped[str | None] = mapped_column(String(2000))

    sme: Mapped[Sme] = relationship()
    reviews: Mapped[list["PlanReview"]] = relationship(order_by="PlanReview.number", cascade="all, delete-orphan")
    check_ins: Mapped[list["CheckIn"]] = relationship(order_by="CheckIn.month", cascade="all, delete-orphan")
    files: Mapped[list[Evidence]] = relationship(order_by=Evidence.id, cascade="all, delete-orphan")

    @property
    def actions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.content["actions"]
        return found

    def write(self, content: Mapping[str, Any]) -> None:
        """What it says from now on; refused while it is reviewed and afterwards."""
        if self.state not in rules.WRITABLE:
            raise Refused("plan.not_writable", state=self.state)
        self.content = dict(content)

    def submit(self, by: str) -> None:
        """Hand it in for review; refused while it does not say everything."""
        rules.require_step(self.state, rules.SUBMITTED)
        texts = {name: self.content[name] for name in ("mission", "vision", "communication")}
        lists = {name: self.content[name] for name in ("values", "committee", "lines", "actions")}
        if silent := rules.missing(texts, lists):
            raise Invalid("plan.incomplete", pointer=f"/{silent[0]}", missing=len(silent))
        self._come_to(rules.SUBMITTED)
        self.submitted_by = by

    def take(self) -> None:
        """Somebody begins to review it."""
        rules.require_step(self.state, rules.IN_REVIEW)
        self._come_to(rules.IN_REVIEW)

    def conclude(self, review: "PlanReview") -> None:
        """The round of review ends: accepted, or returned with what is recommended."""
        rules.require_step(self.state, review.outcome)
        review.number = len(self.reviews) + 1
        self.reviews.append(review)
        self._come_to(review.outcome)

    def select(self, numbers: Collection[int], *, most: int) -> None:
        """The few key aspects that are followed; refused where there are none, too many, or some that it has not."""
        rules.require_step(self.state, rules.KEY_SELECTED)
        if not 1 <= len(set(numbers)) <= most:
            raise Invalid("plan.few_key_aspects", pointer="/actions", most=most)
        if not set(numbers) <= set(range(1, len(self.actions) + 1)):
            raise Invalid("plan.no_such_action", pointer="/actions")
        self.key_actions = sorted(set(numbers))
        self._come_to(rules.KEY_SELECTED)

    def begin(self, day: date) -> None:
        """It is carried out from a day on, today at the latest."""
        rules.require_step(self.state, rules.IN_EXECUTION)
        if not self.since <= day <= clock.today():
            raise Invalid("plan.begin_out_of_range", pointer="/begins_on", first=self.since, last=clock.today())
        self._come_to(rules.IN_EXECUTION)
        self.begins_on = day

    def check_in(self, told: "CheckIn", months: Collection[int]) -> None:
        """What is reported of a month; refused for another month, before it is over, and a second time."""
        if self.state != rules.IN_EXECUTION or self.begins_on is None:
            raise Refused("plan.not_in_execution")
        if told.month not in months:
            raise Invalid("plan.no_check_in", pointer="/month", months=", ".join(map(str, months)))
        if rules.months_after(self.begins_on, told.month) > clock.today():
            due = rules.months_after(self.begins_on, told.month)
            raise Invalid("plan.check_in_early", pointer="/month", day=due)
        if any(one.month == told.month for one in self.check_ins):
            raise Refused("plan.checked_in_already", month=told.month)
        if {int(number) for number in told.progress} != set(self.key_actions):
            raise Invalid("plan.progress_of_each", pointer="/progress")
        self.check_ins.append(told)

    def show(self, evidence: Evidence, *, most: int) -> None:
        """One more file shows what was reported of a month; refused where nothing was, and once the plan is closed."""
        self._require_under_way()
        if all(one.month != evidence.month for one in self.check_ins):
            raise Refused("evidence.report_first", month=evidence.month)
        require_room(self.files, evidence, most=most)
        self.files.append(evidence)

    def part_with(self, evidence_id: UUID) -> None:
        """A file shows it no more; refused once the plan is closed."""
        self._require_under_way()
        self.files.remove(found_among(self.files, evidence_id))

    def close(self, *, last_month: int, note: str) -> None:
        """Somebody has seen what came of it; refused before the last check-in."""
        rules.require_step(self.state, rules.VERIFIED)
        if all(one.month != last_month for one in self.check_ins):
            raise Refused("plan.last_check_in_missing", month=last_month)
        self._come_to(rules.VERIFIED)
        self.closing_note = note

    def abandon(self, note: str) -> None:
        """It is given up, for a reason."""
        rules.require_step(self.state, rules.ABANDONED)
        self._come_to(rules.ABANDONED)
        self.closing_note = note

    def _require_under_way(self) -> None:
        if self.state != rules.IN_EXECUTION:
            raise Refused("evidence.plan_closed")

    def _come_to(self, state: str) -> None:
        self.state, self.since = state, clock.today()


class PlanReview(Entity):
    """A round of review: what a reviewer recommends, and whether the plan was accepted."""

    __tablename__ = "csr_plan_review"

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("csr_plan.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(String(16))
    recommendations: Mapped[str] = mapped_column(String(4000))
    reviewed_by: Mapped[str] = mapped_column(String(120))
    reviewed_by_name: Mapped[str] = mapped_column(String(200))
    reviewed_on: Mapped[date]


class CheckIn(Entity):
    """What an enterprise reports of its plan after a month of it."""

    __tablename__ = "csr_check_in"
    __table_args__ = (UniqueConstraint("plan_id", "month"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("csr_plan.id"), index=True)
    month: Mapped[int]
    progress: Mapped[dict[str, Any]]
    """By the number of each key action: `state` and `value` of its indicator."""
    notes: Mapped[str] = mapped_column(String(4000))
    evidence: Mapped[str] = mapped_column(String(4000))
    told_by: Mapped[str] = mapped_column(String(120))
    told_by_name: Mapped[str] = mapped_column(String(200))
    told_at: Mapped[datetime]

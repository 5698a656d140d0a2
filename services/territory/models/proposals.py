"""Proposals of women's organizations and of the centre, and every step they took."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.orm.attributes import flag_modified

from services.territory.models.entity import Entity
from services.territory.rules.proposals import (
    BUDGETED,
    EXECUTED,
    NEEDED,
    PROPOSED,
    WITH_AMOUNT,
    Step,
    last_amount,
    next_states,
    standing,
)
from shared.database import Versioned
from shared.kernel import Invalid, Money, NotFound, Refused, clock

FINANCIERS = (
    *("municipality", "national_government", "departmental_council", "cooperation"),
    *("women_organizations", "community", "private", "credit", "other"),
)
"""Who pays a part of what is proposed, or of a plan's project."""


class Proposal(Versioned, Entity):
    """What a women's organization or the centre asks of a municipality, a department or a country. `costs` and
    `financing` add up to `asked`; amounts are minor units of `currency`.
    """

    __tablename__ = "proposal"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(String(6), index=True)
    year: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    organization: Mapped[str] = mapped_column(String(200))
    """The institution that proposes; never a person."""
    plan_id: Mapped[UUID | None] = mapped_column(ForeignKey("development_plan.id"), index=True)
    line_id: Mapped[UUID | None] = mapped_column(ForeignKey("plan_line.id"), index=True)
    chain: Mapped[str | None] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    costs: Mapped[list[Any]]
    financing: Mapped[list[Any]]
    asked: Mapped[int] = mapped_column(BigInteger)
    approved: Mapped[int | None] = mapped_column(BigInteger)
    executed: Mapped[int | None] = mapped_column(BigInteger)
    women_total: Mapped[int]
    women_direct: Mapped[int]
    state: Mapped[str] = mapped_column(String(12), default=PROPOSED)
    since: Mapped[date]
    """The day it came to its state."""
    proposed_by: Mapped[str] = mapped_column(String(120))
    proposed_by_name: Mapped[str] = mapped_column(String(200))
    proposed_at: Mapped[datetime]

    steps: Mapped[list["ProposalStep"]] = relationship(order_by="ProposalStep.number")
    evidence: Mapped[list["FrozenAnalysis"]] = relationship(order_by="FrozenAnalysis.id")

    def begin(self, step: "ProposalStep") -> None:
        """It is proposed; the first of its steps."""
        self._append(step)

    def rewrite(self, facts: Mapping[str, Any]) -> None:
        """Other contents; refused once it was submitted: who decides has read it."""
        self.require_unsubmitted()
        for name, value in facts.items():
            setattr(self, name, value)

    def require_unsubmitted(self) -> None:
        """Refused once it was submitted."""
        if self.state != PROPOSED:
            raise Refused("proposal.submitted_already", title=self.title)

    def advance(self, step: "ProposalStep") -> None:
        """It came to the next state; refuses a state that does not follow, a day before the last step or in the future,
        and a step that lacks what it cannot do without.
        """
        if step.state not in next_states(self.state):
            raise Refused("proposal.does_not_follow", title=self.title)
        self._check(step, not_before=self.since)
        self._append(step)

    def correct(self, step: "ProposalStep") -> None:
        """It really stands at a state it has been at, or came there otherwise than was recorded: the record stays, the
        correction counts. Refused without a reason.
        """
        before = self.counted
        states = [one.state for one in before]
        if step.state not in states:
            raise Refused("proposal.was_never_there", title=self.title)
        if not step.reason:
            raise Invalid("field.required", pointer="/reason")
        at = states.index(step.state)
        self._check(step, not_before=before[at - 1].day if at else date.min)
        step.corrects = True
        self._append(step)
        flag_modified(self, "state")  # a new version, even where a correction leaves it where it was

    @property
    def counted(self) -> list[Step]:
        """The steps that count, corrections in their place."""
        return standing(step.plain for step in self.steps)

    def step(self, step_id: UUID) -> "ProposalStep":
        """One of its records."""
        for step in self.steps:
            if step.id == step_id:
                return step
        raise NotFound("proposal.step_unknown")

    def money(self, minor: int | None) -> Money | None:
        """An amount of it in its currency."""
        return None if minor is None else Money(minor, self.currency)

    def _check(self, step: "ProposalStep", *, not_before: date) -> None:
        if step.day > clock.today():
            raise Invalid("proposal.day_in_future", pointer="/day", today=clock.today())
        if step.day < not_before:
            raise Invalid("proposal.day_before_last", pointer="/day", last=not_before)
        for name in NEEDED.get(step.state, ()):
            if getattr(step, name) is None:
                raise Invalid("field.required", pointer=f"/{name}")
        if step.amount is not None and step.state not in WITH_AMOUNT:
            raise Invalid("proposal.no_amount_here", pointer="/amount")

    def _append(self, step: "ProposalStep") -> None:
        step.number = len(self.steps) + 1
        self.steps.append(step)
        counted = self.counted
        self.state, self.since = step.state, step.day
        step.days = (step.day - counted[-2].day).days if len(counted) > 1 else 0
        self.approved, self.executed = last_amount(counted, BUDGETED), last_amount(counted, EXECUTED)


class ProposalStep(Entity):
    """A step as it was recorded; it is never changed. `days` since the step before it that counts."""

    __tablename__ = "proposal_step"
    __table_args__ = (UniqueConstraint("proposal_id", "number"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposal.id"), index=True)
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(12))
    day: Mapped[date]
    days: Mapped[int]
    act: Mapped[str | None] = mapped_column(String(200))
    """The act that says so: its kind, number and day."""
    council_id: Mapped[UUID | None] = mapped_column(ForeignKey("council.id"))
    amount: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(String(1000))
    corrects: Mapped[bool] = mapped_column(default=False)
    file_id: Mapped[UUID | None]
    recorded_by: Mapped[str] = mapped_column(String(120))
    recorded_by_name: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]

    @property
    def plain(self) -> Step:
        return Step(self.state, self.day, self.amount, bool(self.corrects))

    def show(self, file_id: UUID) -> None:
        """Keep the paper that shows it; refused where there is one."""
        if self.file_id is not None:
            raise Refused("proposal.step_has_paper")
        self.file_id = file_id


class FrozenAnalysis(Entity):
    """Published figures as they stood when a proposal referred to them; `hash` is that of `content`."""

    __tablename__ = "frozen_analysis"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    proposal_id: Mapped[UUID] = mapped_column(ForeignKey("proposal.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    unit: Mapped[str] = mapped_column(String(6))
    published: Mapped[str] = mapped_column(String(7))
    """The month of the publication, YYYY-MM."""
    as_of: Mapped[datetime | None]
    hash: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]]
    frozen_by: Mapped[str] = mapped_column(String(120))
    frozen_by_name: Mapped[str] = mapped_column(String(200))
    frozen_at: Mapped[datetime]

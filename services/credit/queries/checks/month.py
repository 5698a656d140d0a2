"""What happened in a fund in one month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from services.credit.models import (
    AgendaItem,
    Application,
    CommitteeSession,
    CreditRegulations,
    LedgerEntry,
    LedgerLine,
    Loan,
    LoanChange,
    RefusedAttempt,
    Repayment,
    Resolution,
    SeedAward,
    SeedMilestone,
    TrustFund,
)
from services.credit.models.repayments import REFINANCED
from services.credit.rules import ledger
from services.credit.rules.products import Product
from services.credit.rules.quorum import Rule
from services.credit.rules.regulations import Parameters
from services.credit.rules.restructuring import CHANGES
from shared import history
from shared.kernel import LOCAL_TIME, clock

Finding = tuple[str, str]
"""The record that breaks a rule, by its number, and the code of how."""
Found = tuple[int, Iterable[Finding]]
"""How many records were examined, and what was found."""


@dataclass(frozen=True, slots=True)
class Act:
    """What was done under a resolution: a `loan` paid out, another `tranche` of one, one of the `CHANGES` of a running
    loan, an `award` of seed capital agreed to, or a `part` of one paid. `number` is that of the loan or the award,
    `record` its id; `amount` what left the trustee, in cents.
    """

    kind: str
    number: str
    record: UUID
    application_id: UUID
    resolution: Resolution
    at: datetime
    by: str
    amount: int = 0

    @property
    def changes(self) -> bool:
        return self.kind in CHANGES


class Month:
    """What happened in a fund in one month, by the calendar of the three countries."""

    def __init__(self, session: Session, fund: TrustFund, first: date) -> None:
        self.session, self.fund = session, fund
        self.first = first.replace(day=1)
        self.after = (self.first + timedelta(days=31)).replace(day=1)
        self.until = min(self.after - timedelta(days=1), max(clock.today(), self.first))
        self._rules: dict[UUID | None, Parameters] = {}

    @cached_property
    def sessions(self) -> Sequence[CommitteeSession]:
        """The sessions that were opened."""
        opened = self.within(CommitteeSession.opened_at)
        query = select(CommitteeSession).where(CommitteeSession.fund_id == self.fund.id, *opened)
        return self.session.scalars(query.order_by(CommitteeSession.id)).all()

    @cached_property
    def submitted(self) -> Sequence[Application]:
        """The applications for a new credit that were handed in."""
        query = select(Application).where(
            Application.fund_id == self.fund.id,
            Application.kind == "loan",
            Application.submitted_on >= self.first,
            Application.submitted_on < self.after,
        )
        return self.session.scalars(query.order_by(Application.id)).all()

    @cached_property
    def resolutions(self) -> Sequence[Resolution]:
        query = select(Resolution).where(Resolution.fund_id == self.fund.id, *self.within(Resolution.decided_at))
        return self.session.scalars(query.order_by(Resolution.id)).all()

    @property
    def approvals(self) -> list[Resolution]:
        return [one for one in self.resolutions if one.outcome == "approved"]

    @cached_property
    def loans(self) -> Sequence[tuple[Loan, LedgerEntry]]:
        """The loans paid out, with when that was entered."""
        query = (
            select(Loan, LedgerEntry)
            .join(LedgerEntry, LedgerEntry.id == Loan.entry_id)
            .where(Loan.fund_id == self.fund.id, *self.within(LedgerEntry.recorded_at))
        )
        return [(loan, entry) for loan, entry in self.session.execute(query.order_by(Loan.id))]

    @cached_property
    def changes(self) -> Sequence[tuple[LoanChange, Loan]]:
        """What was carried out about running loans, and the parts paid out later: when that was entered, or done where
        there is nothing to enter.
        """
        done = and_(LoanChange.entry_id.is_(None), LoanChange.done_on >= self.first, LoanChange.done_on < self.after)
        query = (
            select(LoanChange, Loan)
            .join(Loan, Loan.id == LoanChange.loan_id)
            .outerjoin(LedgerEntry, LedgerEntry.id == LoanChange.entry_id)
            .where(Loan.fund_id == self.fund.id, or_(and_(*self.within(LedgerEntry.recorded_at)), done))
        )
        return [(change, loan) for change, loan in self.session.execute(query.order_by(LoanChange.id))]

    @cached_property
    def awards(self) -> Sequence[SeedAward]:
        """The awards of seed capital that were agreed to."""
        query = select(SeedAward).where(
            SeedAward.fund_id == self.fund.id, SeedAward.awarded_on >= self.first, SeedAward.awarded_on < self.after
        )
        return self.session.scalars(query.order_by(SeedAward.id)).all()

    @cached_property
    def parts(self) -> Sequence[tuple[SeedMilestone, SeedAward, LedgerEntry]]:
        """The parts of awards that were paid, with when that was entered."""
        query = (
            select(SeedMilestone, SeedAward, LedgerEntry)
            .join(SeedAward, SeedAward.plan_id == SeedMilestone.plan_id)
            .join(LedgerEntry, LedgerEntry.id == SeedMilestone.entry_id)
            .where(SeedAward.fund_id == self.fund.id, *self.within(LedgerEntry.recorded_at))
        )
        return [(part, award, entry) for part, award, entry in self.session.execute(query.order_by(SeedMilestone.id))]

    @cached_property
    def repayments(self) -> Sequence[Repayment]:
        """What borrowers paid back; not what one loan paid of another, nor counter-entries."""
        query = select(Repayment).where(
            Repayment.fund_id == self.fund.id,
            Repayment.channel != REFINANCED,
            Repayment.reverses_id.is_(None),
            *self.within(Repayment.posted_at),
        )
        return self.session.scalars(query.order_by(Repayment.id)).all()

    @cached_property
    def acts(self) -> list[Act]:
        """All that was done under resolutions."""
        return [
            *(
                self._act("loan", loan, loan.application_id, loan.resolution_id, loan.disbursed_by, entry)
                for loan, entry in self.loans
            ),
            *(
                self._act(change.kind, loan, change.application_id, change.resolution_id, change.done_by, None, change)
                for change, loan in self.changes
            ),
            *(
                self._act("award", award, award.application_id, award.resolution_id, award.awarded_by)
                for award in self.awards
            ),
            *(
                self._act("part", award, award.application_id, award.resolution_id, part.paid_by or "", entry)
                for part, award, entry in self.parts
            ),
        ]

    def _act(
        self,
        kind: str,
        record: Loan | SeedAward,
        application_id: UUID,
        resolution_id: UUID,
        by: str,
        entry: LedgerEntry | None = None,
        change: LoanChange | None = None,
    ) -> Act:
        if change is not None and change.entry_id is not None:
            entry = self.session.get_one(LedgerEntry, change.entry_id)
        at = entry.recorded_at if entry else self._remembered(application_id, kind)
        if at is None:
            day = change.done_on if change else self.first
            at = datetime.combine(day, time(12), LOCAL_TIME)
        paid = self._paid(entry) if entry and kind in {"loan", "tranche", "part"} else 0
        resolution = self.session.get_one(Resolution, resolution_id)
        return Act(kind, record.number, record.id, application_id, resolution, at, by, paid)

    def _remembered(self, application_id: UUID, kind: str) -> datetime | None:
        """When something was done of which no movement was entered: the history of the application knows."""
        action = "award" if kind == "award" else "carry_out"
        found = [row["at"] for row in history.of(self.session, application_id) if row["action"] == action]
        return found[-1] if found else None

    def _paid(self, entry: LedgerEntry) -> int:
        query = select(func.coalesce(func.sum(LedgerLine.amount), 0)).where(
            LedgerLine.entry_id == entry.id, LedgerLine.account == ledger.CASH_AT_TRUSTEE
        )
        return -int(self.session.scalar(query) or 0)

    @cached_property
    def attempts(self) -> Sequence[RefusedAttempt]:
        """What segregation refused."""
        tried = (RefusedAttempt.day >= self.first, RefusedAttempt.day < self.after)
        query = select(RefusedAttempt).where(RefusedAttempt.fund_id == self.fund.id, *tried)
        return self.session.scalars(query.order_by(RefusedAttempt.id)).all()

    def item(self, resolution: Resolution) -> AgendaItem:
        return self.session.get_one(AgendaItem, resolution.item_id)

    def application(self, application_id: UUID) -> Application:
        return self.session.get_one(Application, application_id)

    def rules(self, regulations_id: UUID | None) -> Parameters:
        if regulations_id not in self._rules:
            self._rules[regulations_id] = self.session.get_one(CreditRegulations, regulations_id).read()
        return self._rules[regulations_id]

    def in_force(self, day: date) -> CreditRegulations | None:
        """The edition in force on a day, if any was."""
        query = select(CreditRegulations).where(
            CreditRegulations.fund_id == self.fund.id, CreditRegulations.valid_from <= day
        )
        return self.session.scalar(query.order_by(CreditRegulations.valid_from.desc()).limit(1))

    def lent_under(self, resolution: Resolution) -> Parameters:
        """The terms on which a resolution lends or gives."""
        return self.rules(resolution.lent_under_id or resolution.regulations_id)

    def rule(self, resolution: Resolution, item: AgendaItem) -> Rule:
        """The quorum and majority of whoever was competent for an item."""
        product = self.application(item.application_id).product
        return self.rules(resolution.regulations_id).rule_for(product, item.amount)

    def within(self, moment: Any) -> tuple[Any, Any]:
        """That a moment, a column, lies in the month."""
        begins, ends = (datetime.combine(day, time(), LOCAL_TIME) for day in (self.first, self.after))
        return moment >= begins.astimezone(UTC), moment < ends.astimezone(UTC)


def local_day(moment: datetime) -> date:
    """The day of a moment, as the calendar of the three countries has it."""
    return moment.astimezone(LOCAL_TIME).date()


def product_of(rules: Parameters, code: str) -> Product | None:
    """The product of a set of regulations with this code; None where it has none."""
    return next((one for one in rules.applied_for if one.code == code), None)

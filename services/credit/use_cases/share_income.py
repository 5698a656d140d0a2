"""The result of a fund is shared out at the end of a period, once, and each share is paid."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import (
    IncomePart,
    IncomeShare,
    LedgerEntry,
    TrustFund,
    agreement_in_force,
    clauses_in_force,
    regulations_in_force,
)
from services.credit.rules import ledger
from services.credit.rules.income import IncomeShares
from services.credit.use_cases import find
from services.credit.use_cases.withdraw_contribution import require_available
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock


def share_income(session: Session, caller: Caller, *, fund_id: UUID, ends_on: date) -> IncomeShare:
    """All income and cost booked until `ends_on` and not shared before, by what was in force that day: first the
    trustee's share that the Agreement Letter gives it, and of the rest the shares of the regulations.

    Refuses a day that ends no period or is not over, a period that was shared already, and one without a movement. What
    is booked later with a day of a shared period belongs to the next one.
    """
    fund = find.fund_to_govern(session, caller, fund_id)
    edition = regulations_in_force(session, fund.id, ends_on)
    rule = edition.read().income_shares
    rule.check_end(ends_on)
    if ends_on >= clock.today():
        raise Invalid("income.period_not_over", pointer="/ends_on", latest=clock.today() - timedelta(days=1))
    began_on = _begin(session, fund, ends_on)
    balances = fund.balances(session, ends_on)
    result = ledger.balance_sheet(balances).result
    due = _due(fund, rule, result, ends_on)
    shared = sum(amount for _, _, amount in due)
    lines = _lines(balances, shared, ends_on)
    entry = fund.book(session, caller, lines, kind=ledger.SHARED_OUT, reference=fund.id, booked_on=ends_on)
    share = IncomeShare(
        fund_id=fund.id,
        began_on=began_on,
        ends_on=ends_on,
        regulations_id=edition.id,
        result=result,
        carried=result - shared,
        entry_id=entry.id,
        recorded_at=clock.now(),
        recorded_by=caller.subject,
    )
    share.parts = [
        IncomePart(position=position, receiver=receiver, percent=str(percent), amount=amount)
        for position, (receiver, percent, amount) in enumerate(due, start=1)
        if amount
    ]
    session.add(share)
    session.flush()
    facts = {"ends_on": ends_on, "result": str(fund.money(result)), "carried": str(fund.money(share.carried))}
    history.record(session, caller, subject=fund.id, kind="fund", action="share_income", after=facts)
    return share


def pay_income_part(session: Session, caller: Caller, *, fund_id: UUID, part_id: UUID, paid_on: date) -> IncomePart:
    """The trustee pays a share out; refuses one that was paid, more than is available, and a day that cannot be."""
    fund = find.fund_to_govern(session, caller, fund_id)
    part = find.income_part(session, fund, part_id)
    part.require_unpaid()
    shared_on = session.get_one(IncomeShare, part.share_id).ends_on
    if not shared_on <= paid_on <= clock.today():
        raise Invalid("income.day_out_of_range", pointer="/paid_on", earliest=shared_on, latest=clock.today())
    require_available(session, fund, part.amount)
    lines = ledger.share_payment(part.amount)
    entry = fund.book(session, caller, lines, kind="income_paid", reference=part.id, booked_on=paid_on)
    part.pay(paid_on, entry.id)
    session.flush()
    facts = {"receiver": part.receiver, "amount": str(fund.money(part.amount))}
    history.record(session, caller, subject=fund.id, kind="fund", action="pay_income", after=facts)
    return part


def _due(fund: TrustFund, rule: IncomeShares, result: int, day: date) -> list[tuple[str, Decimal, int]]:
    """Who gets which percentage of what, and how many cents that is."""
    letter, clauses = agreement_in_force(fund, day), clauses_in_force(fund, day)
    first = clauses.of_income(result)
    due = [(of.to, of.percent, amount) for of, amount in zip(rule.shares, rule.of(result - first), strict=True)]
    if letter is not None and clauses.trustee_income_share is not None:
        due.insert(0, (letter.trustee, clauses.trustee_income_share, first))
    return due


def _begin(session: Session, fund: TrustFund, ends_on: date) -> date:
    """The day after the last period that was shared, or that of the first movement."""
    latest = session.scalar(select(func.max(IncomeShare.ends_on)).where(IncomeShare.fund_id == fund.id))
    if latest is not None:
        if ends_on <= latest:
            raise Refused("income.shared_already", latest=latest)
        return latest + timedelta(days=1)
    first = session.scalar(select(func.min(LedgerEntry.booked_on)).where(LedgerEntry.fund_id == fund.id))
    return min(first or ends_on, ends_on)


def _lines(balances: dict[str, int], shared: int, ends_on: date) -> tuple[ledger.Line, ...]:
    moved = [code for code, (_, kind) in ledger.CHART.items() if kind in {"income", "expense"} and balances[code]]
    if not moved:
        raise Refused("income.nothing_to_share", day=ends_on)
    return ledger.income_sharing(balances, shared)

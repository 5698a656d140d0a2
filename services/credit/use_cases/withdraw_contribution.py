"""A contribution goes back to its funder: what was given for good is withdrawn, what a bank lent is paid back."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import Contribution, TrustFund, Withdrawal, clauses_in_force
from services.credit.rules import ledger
from services.credit.rules.agreement import folded, unsigned
from services.credit.use_cases import find
from services.credit.use_cases.keep_fund import positive
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, Money, Refused, clock


def withdraw_contribution(
    session: Session,
    caller: Caller,
    *,
    fund_id: UUID,
    contribution_id: UUID,
    amount: Money,
    interest: Money,
    paid_on: date,
    reason: str,
    signatures: Sequence[Mapping[str, str]] = (),
) -> Withdrawal:
    """The withdrawal, paid by the trustee, with the names and offices of who signed it.

    Refuses one that lacks the signature of an office that the Agreement Letter names, or has one person's for two; more
    than is left of the contribution, more than is available (so that what is promised and the reserve stay at the
    trustee), interest on what was given for good, and a day before the contribution or in the future.
    """
    fund = find.fund_to_govern(session, caller, fund_id)
    contribution = find.contribution(session, fund, contribution_id)
    cents, cost = positive(fund, amount), fund.cents(interest, "/interest")
    if cost < 0 or (cost and not contribution.repayable):
        raise Invalid("withdrawal.interest_on_given", pointer="/interest")
    if not contribution.received_on <= paid_on <= clock.today():
        raise Invalid(
            "withdrawal.day_out_of_range", pointer="/paid_on", earliest=contribution.received_on, latest=clock.today()
        )
    _require_signed(fund, signatures, paid_on)
    _require_left(session, fund, contribution, cents)
    require_available(session, fund, cents + cost)
    lines = ledger.withdrawal(cents, cost, repayable=contribution.repayable)
    entry = fund.book(
        session, caller, lines, kind="withdrawal", reference=contribution.id, booked_on=paid_on, memo=reason
    )
    withdrawal = Withdrawal(
        fund_id=fund.id,
        contribution_id=contribution.id,
        amount=cents,
        interest=cost,
        paid_on=paid_on,
        reason=reason,
        entry_id=entry.id,
        recorded_by=caller.subject,
        signatures=[dict(one) for one in signatures],
    )
    session.add(withdrawal)
    session.flush()
    facts = {"funder": contribution.funder, "amount": str(amount), "interest": str(interest), "reason": reason}
    history.record(session, caller, subject=fund.id, kind="fund", action="withdraw", after=facts)
    return withdrawal


def require_available(session: Session, fund: TrustFund, cents: int) -> None:
    """Refuses to let more leave the trustee than is neither promised nor reserved; the fund must be locked."""
    free = fund.available(session)
    if cents > free:
        raise Refused("fund.above_available", amount=fund.money(cents), available=fund.money(free))


def _require_signed(fund: TrustFund, signatures: Sequence[Mapping[str, str]], day: date) -> None:
    """Refuses what not every office has signed that the letter of the day names, or one person for several."""
    missing = unsigned(clauses_in_force(fund, day).withdrawal_signatures, signatures)
    if missing:
        raise Refused("withdrawal.not_signed", missing=", ".join(missing))
    names = [folded(one["name"]) for one in signatures]
    if len(set(names)) < len(names):
        raise Refused("withdrawal.signed_twice")


def _require_left(session: Session, fund: TrustFund, contribution: Contribution, cents: int) -> None:
    query = select(func.coalesce(func.sum(Withdrawal.amount), 0)).where(Withdrawal.contribution_id == contribution.id)
    left = contribution.amount - int(session.scalar(query) or 0)
    if cents > left:
        raise Refused("withdrawal.above_contribution", left=fund.money(left))

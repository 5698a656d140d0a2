"""Somebody went after a loan that is not paid: what was done, with which result, and what is next."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import CollectionAction, Loan
from services.credit.use_cases import find
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, Money, Refused, clock


def note_collection(
    session: Session,
    caller: Caller,
    *,
    loan_id: UUID,
    kind: str,
    result: str,
    note: str = "",
    done_on: date,
    promised_on: date | None = None,
    promised_amount: Money | None = None,
    next_on: date | None = None,
) -> CollectionAction:
    """The action. Refuses one on a loan that owes nothing, of a day before the loan or to come; a promise without its
    day and amount, or of a day that was over when it was made; a next action on a day that is over.
    """
    loan = find.loan(session, caller, loan_id, lock=True)
    if loan.left == 0:
        raise Refused("collection.nothing_owed", number=loan.number)
    if not loan.disbursed_on <= done_on <= clock.today():
        raise Invalid(
            "collection.day_out_of_range", pointer="/done_on", earliest=loan.disbursed_on, latest=clock.today()
        )
    if next_on is not None and next_on < clock.today():
        raise Invalid("collection.next_day_over", pointer="/next_on")
    promised = _promised(loan, kind, done_on, promised_on, promised_amount)
    action = CollectionAction(
        loan_id=loan.id,
        fund_id=loan.fund_id,
        kind=kind,
        result=result,
        note=note.strip(),
        done_on=done_on,
        promised_on=promised_on,
        promised_amount=promised,
        next_on=next_on,
        noted_at=clock.now(),
        noted_by=caller.subject,
        noted_by_name=caller.name,
    )
    session.add(action)
    session.flush()
    facts = {"action": action.id, "kind": kind, "result": result}
    history.record(session, caller, subject=loan.id, kind="loan", action="collect", after=facts)
    return action


def _promised(loan: Loan, kind: str, done_on: date, day: date | None, amount: Money | None) -> int | None:
    if kind != "promise":
        if day is not None or amount is not None:
            raise Invalid("collection.no_promise", pointer="/promised_on")
        return None
    if day is None or amount is None or amount.minor <= 0:
        raise Invalid("collection.promise_incomplete", pointer="/promised_on" if day is None else "/promised_amount")
    if amount.currency != loan.currency:
        raise Invalid("fund.other_currency", pointer="/promised_amount", currency=loan.currency)
    if day < done_on:
        raise Invalid("collection.promise_over", pointer="/promised_on")
    return amount.minor

"""What the trustee's bank charges for its account, or pays as interest on it, is booked."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import LedgerEntry, TrustFund
from services.credit.rules import ledger
from services.credit.use_cases import find
from services.credit.use_cases.keep_fund import positive
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, Money, Refused, clock

ITEMS = {"bank_charge": ledger.bank_charge, "bank_interest": ledger.bank_interest}


def book_bank_item(
    session: Session, caller: Caller, *, fund_id: UUID, item: str, amount: Money, booked_on: date, memo: str
) -> LedgerEntry:
    """The entry. Refuses a charge of more than lies at the trustee, and a day in the future."""
    fund = find.fund_to_govern(session, caller, fund_id)
    return enter_bank_item(
        session, caller, fund, item=item, cents=positive(fund, amount), booked_on=booked_on, memo=memo
    )


def enter_bank_item(
    session: Session, caller: Caller, fund: TrustFund, *, item: str, cents: int, booked_on: date, memo: str
) -> LedgerEntry:
    """The same of a fund that is locked."""
    if booked_on > clock.today():
        raise Invalid("fund.day_in_future", pointer="/booked_on", latest=clock.today())
    cash = fund.balances(session)[ledger.CASH_AT_TRUSTEE]
    if item == "bank_charge" and cents > cash:
        raise Refused("fund.cash_too_small", cash=fund.money(cash))
    lines = ITEMS[item](cents)
    entry = fund.book(session, caller, lines, kind=item, reference=fund.id, booked_on=booked_on, memo=memo)
    facts = {"amount": str(fund.money(cents)), "memo": memo}
    history.record(session, caller, subject=fund.id, kind="fund", action=item, after=facts)
    return entry

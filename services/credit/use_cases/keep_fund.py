"""A trust fund is set up: contributions, the drawer's deposits, its reserve and its regulations."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import Contribution, CreditRegulations, LedgerEntry, TakenBackEdition, TrustFund
from services.credit.rules import ledger, regulations
from services.credit.rules.words import shown
from services.credit.use_cases import find
from shared import history, places
from shared.identity import Caller
from shared.kernel import Invalid, Money, Refused, clock


def open_fund(
    session: Session,
    caller: Caller,
    *,
    code: str,
    name: str,
    centre: str,
    host: str,
    trustee: str,
    trustee_account: str,
    currency: str,
    units: Sequence[str],
    reserve: Money,
    kind: str = "revolving",
) -> TrustFund:
    """A new fund, for whole countries, departments or municipalities of the caller's territory."""
    if session.scalar(select(TrustFund.id).where(TrustFund.code == code)):
        raise Invalid("fund.code_taken", pointer="/code", taken=code)
    for position, unit in enumerate(units):
        if unit not in places.names():
            raise Invalid("fund.unit_unknown", pointer=f"/units/{position}", unit=unit)
        caller.require_scope(unit)
    fund = TrustFund(
        code=code,
        kind=kind,
        name=name,
        centre=centre,
        host=host,
        founding_trustee=trustee,
        founding_account=trustee_account,
        currency=currency,
        units=list(units),
        reserve=0,
    )
    fund.set_reserve(reserve)
    session.add(fund)
    session.flush()
    facts = {"code": code, "kind": kind, "currency": currency, "units": list(units), "reserve": str(reserve)}
    history.record(session, caller, subject=fund.id, kind="fund", action="open", after=facts)
    return fund


def change_reserve(session: Session, caller: Caller, *, fund_id: UUID, if_match: int, reserve: Money) -> TrustFund:
    """Change what must stay at the trustee; refuses an old version of the fund, and who would do it for the Trust Fund
    Committee and does not sit on it.
    """
    fund = find.fund_to_govern(session, caller, fund_id)
    if caller.has("trust_fund_member") and not caller.has("coordinator", "admin"):
        find.watcher(session, caller, fund)
    fund.require_version(if_match)
    before = shown(fund.reserve)
    fund.set_reserve(reserve)
    session.flush()
    history.record(
        session,
        caller,
        subject=fund.id,
        kind="fund",
        action="change_reserve",
        before={"reserve": before},
        after={"reserve": str(reserve)},
    )
    return fund


def record_contribution(
    session: Session,
    caller: Caller,
    *,
    fund_id: UUID,
    funder: str,
    source: str,
    repayable: bool,
    amount: Money,
    received_on: date,
) -> Contribution:
    """A funder's money reached the trustee."""
    fund = find.fund_to_govern(session, caller, fund_id)
    cents = positive(fund, amount)
    _require_past(received_on, "/received_on")
    lines = ledger.contribution(cents, repayable=repayable)
    entry = fund.book(session, caller, lines, kind="contribution", reference=fund.id, booked_on=received_on)
    contribution = Contribution(
        fund_id=fund.id,
        funder=funder,
        source=source,
        repayable=repayable,
        amount=cents,
        received_on=received_on,
        entry_id=entry.id,
        recorded_by=caller.subject,
    )
    session.add(contribution)
    session.flush()
    facts = {"funder": funder, "amount": str(amount)}
    history.record(session, caller, subject=fund.id, kind="fund", action="contribution", after=facts)
    return contribution


def deposit_cash(session: Session, caller: Caller, *, fund_id: UUID, amount: Money, deposited_on: date) -> LedgerEntry:
    """The cashier pays her drawer into the trustee's account; refuses more than is in it."""
    fund = find.fund(session, caller, fund_id, lock=True)
    cents = positive(fund, amount)
    _require_past(deposited_on, "/deposited_on")
    drawer = fund.balances(session)[ledger.CASH_IN_HAND]
    if cents > drawer:
        raise Refused("fund.drawer_too_small", drawer=fund.money(drawer))
    entry = fund.book(session, caller, ledger.deposit(cents), kind="deposit", reference=fund.id, booked_on=deposited_on)
    history.record(session, caller, subject=fund.id, kind="fund", action="deposit", after={"amount": str(amount)})
    return entry


def adopt_regulations(
    session: Session,
    caller: Caller,
    *,
    fund_id: UUID,
    title: str,
    source: str,
    valid_from: date,
    signatories: Sequence[Mapping[str, str]],
    parameters: Mapping[str, Any],
) -> CreditRegulations:
    """The next version of the Credit Regulations.

    Refuses parameters that are incomplete or contradict themselves, seed capital in a fund that lends, loans in one
    that gives, and a version that would begin before one that decisions may already cite, or before today. Only the
    first may have begun already: until it is here nothing is decided.
    """
    fund = find.fund_to_govern(session, caller, fund_id)
    if bool(regulations.read(parameters).seed.products) != (fund.kind == "seed_capital"):
        raise Invalid("regulations.other_kind_of_fund", pointer="/parameters", fund=fund.code)
    newest = select(func.max(CreditRegulations.valid_from)).where(CreditRegulations.fund_id == fund.id)
    latest = session.scalar(newest)
    if latest and valid_from <= latest:
        raise Invalid("regulations.not_newer", pointer="/valid_from", latest=latest)
    if latest and valid_from < clock.today():
        raise Invalid("regulations.retroactive", pointer="/valid_from", today=clock.today())
    version = CreditRegulations(
        fund_id=fund.id,
        edition=_next_edition(session, fund),
        title=title,
        source=source,
        valid_from=valid_from,
        signatories=[dict(signatory) for signatory in signatories],
        parameters=dict(parameters),
        recorded_at=clock.now(),
        recorded_by=caller.subject,
    )
    session.add(version)
    session.flush()
    facts = {"edition": version.edition, "valid_from": valid_from, "title": title}
    history.record(session, caller, subject=fund.id, kind="fund", action="adopt_regulations", after=facts)
    return version


def _next_edition(session: Session, fund: TrustFund) -> int:
    """The number after the last; that of an edition which was taken back is not given again."""
    lasts = [
        session.scalar(select(func.max(one.edition)).where(one.fund_id == fund.id)) or 0
        for one in (CreditRegulations, TakenBackEdition)
    ]
    return max(lasts) + 1


def positive(fund: TrustFund, amount: Money) -> int:
    """The cents of an amount that moves; refuses another currency, nothing and less than nothing."""
    cents = fund.cents(amount)
    if cents <= 0:
        raise Invalid("fund.amount_not_positive", pointer="/amount")
    return cents


def _require_past(day: date, pointer: str) -> None:
    if day > clock.today():
        raise Invalid("fund.day_in_future", pointer=pointer, latest=clock.today())

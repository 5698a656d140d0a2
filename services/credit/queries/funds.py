"""What the funds have, what they promised, and their journal."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import (
    CreditRegulations,
    LedgerEntry,
    LedgerLine,
    Loan,
    Suspension,
    TrustFund,
    regulations_in_force,
)
from services.credit.rules import ledger
from services.credit.rules.cost import Cost, cost
from services.credit.rules.fees import NO_FEE, Fee
from services.credit.rules.products import Product
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import Row, Terms
from services.credit.rules.yearly import Year, by_year
from services.credit.tables import holidays_on, reference_tables
from shared.identity import Caller
from shared.kernel import Money, Refused, clock
from shared.web import Page, keyset_page


def funds(session: Session, caller: Caller) -> list[dict[str, Any]]:
    """The funds whose territory touches the caller's, with their figures; there are few, so no pages."""
    rows = session.scalars(select(TrustFund).order_by(TrustFund.code)).all()
    return [told(session, fund) for fund in rows if fund.touches(caller)]


def fund_ids(session: Session, caller: Caller) -> list[UUID]:
    """The funds whose territory touches the caller's."""
    return [fund.id for fund in session.scalars(select(TrustFund)) if fund.touches(caller)]


def tables_of(session: Session, fund: TrustFund) -> list[dict[str, Any]]:
    """The reference tables that the edition in force takes, each with whether it is to be confirmed locally."""
    try:
        rules = regulations_in_force(session, fund.id, clock.today()).read()
    except Refused:
        return []
    return reference_tables(rules, clock.today(), fund.units[0])


def told(session: Session, fund: TrustFund) -> dict[str, Any]:
    """A fund with its balances, what it promised and what it may still promise."""
    balances = fund.balances(session)
    sheet = ledger.balance_sheet(balances)
    cash, committed = balances[ledger.CASH_AT_TRUSTEE], fund.committed(session)
    figures = {
        "reserve": fund.kept_back,
        "cash_at_trustee": cash,
        "cash_in_hand": balances[ledger.CASH_IN_HAND],
        "loans_outstanding": balances[ledger.LOANS],
        "committed": committed,
        "available": ledger.available(cash, committed, fund.kept_back),
        "assets": sheet.assets,
        "liabilities": sheet.liabilities,
        "equity": sheet.equity,
        "result": sheet.result,
    }
    plain = (
        "id",
        "code",
        "kind",
        "name",
        "centre",
        "host",
        "trustee",
        "trustee_account",
        "currency",
        "units",
        "version",
    )
    return {
        **{name: getattr(fund, name) for name in plain},
        **{name: fund.money(cents) for name, cents in figures.items()},
        "accounts": [
            {"code": code, "name": name, "kind": kind, "balance": fund.money(balances[code])}
            for code, (name, kind) in ledger.CHART.items()
        ],
        "suspended": Suspension.of(session, fund) is not None,
        "tables": tables_of(session, fund),
        "active_loans": session.scalar(
            select(func.count()).select_from(Loan).where(Loan.fund_id == fund.id, Loan.state == "active")
        ),
    }


def products(session: Session, fund: TrustFund) -> list[dict[str, Any]]:
    """What the fund lends today; nothing while no regulations are in force."""
    try:
        rules = regulations_in_force(session, fund.id, clock.today()).read()
    except Refused:
        return []
    return [_product(fund, product, rules.purposes) for product in rules.applied_for]


def _product(fund: TrustFund, product: Product, purposes: Sequence[str]) -> dict[str, Any]:
    return {
        "code": product.code,
        "seed": fund.kind == "seed_capital",
        "name": product.name,
        "minimum": fund.money(product.minimum),
        "maximum": fund.money(product.maximum),
        "shortest": product.shortest,
        "longest": product.longest,
        "longest_grace": product.longest_grace,
        "longest_grace_interest_payment": product.longest_grace_interest_payment,
        "longest_grace_interest": product.longest_grace_interest,
        "longest_first_period": product.longest_first_period,
        "agreed_dates_within": product.agreed_dates_within,
        "calendar": list(product.calendar),
        "shares": [str(share) for share in product.shares],
        "shift": product.shift,
        "annual_rate": str(product.annual_rate),
        "fee": fee(fund, product.fee),
        "method": product.method,
        "day_count": product.day_count,
        "every": product.every,
        "unit": product.unit,
        "purposes": list(purposes),
    }


def fee(fund: TrustFund, asked: Fee) -> dict[str, Any] | None:
    """What a loan of the product costs once; None where nothing is asked."""
    if asked == NO_FEE:
        return None
    return {
        "share": str(asked.share),
        "amount": fund.money(asked.amount),
        "paid": asked.paid,
        "source": asked.source,
    }


def regulations(session: Session, fund_id: UUID) -> list[dict[str, Any]]:
    """Every version of a fund's regulations, newest first, and which one is in force."""
    rows = session.scalars(
        select(CreditRegulations)
        .where(CreditRegulations.fund_id == fund_id)
        .order_by(CreditRegulations.valid_from.desc())
    ).all()
    began = [row.valid_from for row in rows if row.valid_from <= clock.today()]
    newest = max(began, default=None)
    return [regulation(row, in_force=row.valid_from == newest) for row in rows]


def regulation(row: CreditRegulations, *, in_force: bool) -> dict[str, Any]:
    """One version as it goes out."""
    names = ("id", "edition", "title", "source", "valid_from", "signatories", "parameters")
    return {**{name: getattr(row, name) for name in names}, "in_force": in_force}


def journal(session: Session, fund: TrustFund, *, limit: int, after: str | None) -> Page:
    """The movements of the fund, newest first, each with its lines."""
    statement = select(
        LedgerEntry.number.label("number"),
        LedgerEntry.id.label("id"),
        LedgerEntry.kind.label("kind"),
        LedgerEntry.reference.label("reference"),
        LedgerEntry.booked_on.label("booked_on"),
        LedgerEntry.memo.label("memo"),
    ).where(LedgerEntry.fund_id == fund.id)
    keys = [LedgerEntry.number.label("number")]
    page = keyset_page(session, statement, keys=keys, limit=limit, after=after, descending=True)
    lines = _lines(session, [row["id"] for row in page.rows], fund.currency)
    return Page([{**row, "lines": lines.get(row["id"], [])} for row in page.rows], page.next)


def entry(session: Session, fund: TrustFund, row: LedgerEntry) -> dict[str, Any]:
    """One movement with its lines."""
    told = {name: getattr(row, name) for name in ("number", "id", "kind", "reference", "booked_on", "memo")}
    return told | {"lines": _lines(session, [row.id], fund.currency)[row.id]}


def _lines(session: Session, entry_ids: Sequence[UUID], currency: str) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    query = (
        select(LedgerLine.entry_id, LedgerLine.account, LedgerLine.amount)
        .where(LedgerLine.entry_id.in_(entry_ids))
        .order_by(LedgerLine.entry_id, LedgerLine.position)
    )
    for entry_id, account, amount in session.execute(query):
        line = {
            "account": account,
            "name": ledger.CHART[account][0],
            "debit": Money(max(amount, 0), currency),
            "credit": Money(max(-amount, 0), currency),
        }
        found.setdefault(entry_id, []).append(line)
    return found


def quote(
    session: Session,
    fund: TrustFund,
    *,
    product: str,
    amount: str,
    instalments: int,
    grace: int = 0,
    start: date | None = None,
    first_due: date | None = None,
    due_dates: Sequence[date] = (),
) -> dict[str, Any]:
    """The schedule and the cost of a loan under the regulations in force today; refuses what they do not lend."""
    fund.require_revolving()
    lent = regulations_in_force(session, fund.id, clock.today()).read().product(product)
    asked = fund.cents(Money.parse(amount, fund.currency))
    with fund.in_its_currency():
        lent.check_amount(asked)
    lent.check_length(instalments, grace)
    start = start or clock.today()
    holidays = holidays_on(start, fund.units[0])
    terms = lent.terms(asked, instalments, start, grace, first_due=first_due, due_dates=due_dates, holidays=holidays)
    return offer(terms, fund.currency)


def offer(terms: Terms, currency: str, paid_off: int = 0) -> dict[str, Any]:
    """The schedule that some terms make, and what it costs; `paid_off` of it (cents) pays another loan off."""
    rows = schedule(terms)
    return {
        "items": [scheduled(row, currency) for row in rows],
        **_sums(rows, currency),
        **costs(cost(terms, rows), currency),
        "fee": Money(terms.fee, currency),
        "fee_paid": terms.fee_paid,
        "handed_over": Money(terms.principal - terms.withheld - paid_off, currency),
    }


def _sums(rows: Sequence[Row], currency: str) -> dict[str, Any]:
    """What a schedule asks for by year and in all."""
    names = ("principal", "interest", "fee", "payment")
    found = by_year((row.due, {name: getattr(row, name) for name in names}) for row in rows)
    return {
        "years": [yearly(year, currency) for year in found.years],
        "sums": {name: Money(found.total[name], currency) for name in names},
    }


def yearly(row: Year, currency: str) -> dict[str, Any]:
    """A year of a schedule as it goes out."""
    amounts = {name: Money(cents, currency) for name, cents in (*row.amounts.items(), ("balance", row.balance))}
    return {"year": row.year, "instalments": row.instalments, **amounts}


def costs(found: Cost, currency: str) -> dict[str, Any]:
    """The cost of a credit as it goes out: rates in percent a year."""
    return {
        "annual_percentage_rate": str(found.annual_percentage_rate),
        "effective_annual_rate": str(found.effective_annual_rate),
        "finance_charge": Money(found.finance_charge, currency),
        "total": Money(found.total, currency),
    }


_AMOUNTS = ("principal", "interest", "fee", "payment", "balance")


def scheduled(row: Row, currency: str) -> dict[str, Any]:
    """One row of a schedule as it goes out."""
    amounts = {name: Money(getattr(row, name), currency) for name in _AMOUNTS}
    return {"number": row.number, "due": row.due, **amounts}

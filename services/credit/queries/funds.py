"""What the funds have, what they promised, and their journal."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import (
    Contribution,
    CreditRegulations,
    LedgerEntry,
    LedgerLine,
    Loan,
    Suspension,
    TrustFund,
    regulations_in_force,
)
from services.credit.rules import ledger
from services.credit.rules.products import Product
from services.credit.rules.terms import Row
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


def told(session: Session, fund: TrustFund) -> dict[str, Any]:
    """A fund with its balances, what it promised and what it may still promise."""
    balances = fund.balances(session)
    sheet = ledger.balance_sheet(balances)
    cash, committed = balances[ledger.CASH_AT_TRUSTEE], fund.committed(session)
    figures = {
        "reserve": fund.reserve,
        "cash_at_trustee": cash,
        "cash_in_hand": balances[ledger.CASH_IN_HAND],
        "loans_outstanding": balances[ledger.LOANS],
        "committed": committed,
        "available": ledger.available(cash, committed, fund.reserve),
        "assets": sheet.assets,
        "liabilities": sheet.liabilities,
        "equity": sheet.equity,
        "result": sheet.result,
    }
    plain = ("id", "code", "name", "centre", "host", "trustee", "trustee_account", "currency", "units", "version")
    return {
        **{name: getattr(fund, name) for name in plain},
        **{name: fund.money(cents) for name, cents in figures.items()},
        "accounts": [
            {"code": code, "name": name, "kind": kind, "balance": fund.money(balances[code])}
            for code, (name, kind) in ledger.CHART.items()
        ],
        "suspended": Suspension.of(session, fund) is not None,
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
    return [_product(fund, product, rules.purposes) for product in rules.products]


def _product(fund: TrustFund, product: Product, purposes: Sequence[str]) -> dict[str, Any]:
    return {
        "code": product.code,
        "name": product.name,
        "minimum": fund.money(product.minimum),
        "maximum": fund.money(product.maximum),
        "shortest": product.shortest,
        "longest": product.longest,
        "longest_grace": product.longest_grace,
        "annual_rate": str(product.annual_rate),
        "method": product.method,
        "day_count": product.day_count,
        "every": product.every,
        "unit": product.unit,
        "purposes": list(purposes),
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


def contributions(session: Session, fund: TrustFund) -> list[dict[str, Any]]:
    """What funders put in, oldest first."""
    rows = session.scalars(
        select(Contribution).where(Contribution.fund_id == fund.id).order_by(Contribution.received_on, Contribution.id)
    )
    return [contribution(fund, row) for row in rows]


def contribution(fund: TrustFund, row: Contribution) -> dict[str, Any]:
    names = ("id", "funder", "source", "repayable", "received_on")
    return {**{name: getattr(row, name) for name in names}, "amount": fund.money(row.amount)}


def journal(session: Session, fund: TrustFund, *, limit: int, after: str | None) -> Page:
    """The movements of the fund, newest first, each with its lines."""
    statement = select(
        LedgerEntry.number.label("number"),
        LedgerEntry.id.label("id"),
        LedgerEntry.kind.label("kind"),
        LedgerEntry.reference.label("reference"),
        LedgerEntry.booked_on.label("booked_on"),
    ).where(LedgerEntry.fund_id == fund.id)
    keys = [LedgerEntry.number.label("number")]
    page = keyset_page(session, statement, keys=keys, limit=limit, after=after, descending=True)
    lines = _lines(session, [row["id"] for row in page.rows], fund.currency)
    return Page([{**row, "lines": lines.get(row["id"], [])} for row in page.rows], page.next)


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


def scheduled(row: Row, currency: str) -> dict[str, Any]:
    """One row of a schedule as it goes out."""
    amounts = {name: Money(getattr(row, name), currency) for name in ("principal", "interest", "payment", "balance")}
    return {"number": row.number, "due": row.due, **amounts}

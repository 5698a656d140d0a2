"""Seed capital as lists, as one award, and as its control accounts are checked."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.models import (
    AgendaItem,
    Application,
    LedgerEntry,
    LedgerLine,
    SeedAward,
    SeedMilestone,
    SeedPlan,
    SeedReturn,
    TrustFund,
    regulations_in_force,
)
from services.credit.rules import ledger
from services.credit.rules.seed import SeedProduct
from services.credit.use_cases.find import told_of
from shared.identity import Caller
from shared.kernel import Money, Refused, clock
from shared.web import Page, keyset_page


def listed(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The awards of the caller's territory, newest first."""
    award_id = SeedAward.id.label("id")
    paid = (
        select(func.coalesce(func.sum(SeedMilestone.amount), 0))
        .where(SeedMilestone.plan_id == SeedAward.plan_id, SeedMilestone.paid_on.is_not(None))
        .scalar_subquery()
    )
    waiting = (
        select(func.min(SeedMilestone.due_on))
        .where(SeedMilestone.plan_id == SeedAward.plan_id, SeedMilestone.state.in_(["open", "shown"]))
        .scalar_subquery()
    )
    statement = (
        select(
            award_id,
            *(getattr(SeedAward, name).label(name) for name in _PLAIN),
            SeedAward.amount.label("amount"),
            TrustFund.currency.label("currency"),
            TrustFund.code.label("fund"),
            paid.label("paid"),
            waiting.label("next_due"),
        )
        .join(TrustFund, TrustFund.id == SeedAward.fund_id)
        .where(caller.scope.condition(SeedAward.municipality))
    )
    for name in ("fund", "state"):
        if filters.get(name):
            column = {"fund": SeedAward.fund_id, "state": SeedAward.state}[name]
            statement = statement.where(column == filters[name])
    page = keyset_page(session, statement, keys=[award_id], limit=limit, after=after, descending=True)
    seen = told_of(session, caller, [row["application_id"] for row in page.rows])
    return Page([_row(row, seen) for row in page.rows], page.next)


_PLAIN = (
    "number",
    "fund_id",
    "application_id",
    "enterprise_id",
    "municipality",
    "kind",
    "state",
    "awarded_on",
    "return_by",
    "closed_on",
    "version",
)


def _row(row: Mapping[str, Any], seen: Collection[UUID]) -> dict[str, Any]:
    """A row without its application where the caller is not told of that."""
    told = row["application_id"] if row["application_id"] in seen else None
    late = row["next_due"] is not None and row["next_due"] < clock.today() and row["state"] == "active"
    sums = {name: Money(int(row[name]), row["currency"]) for name in ("amount", "paid")}
    return {**row, "application_id": told, "late": late, **sums}


def detail(session: Session, caller: Caller, award: SeedAward) -> dict[str, Any]:
    """One award with its parts and what came back, as the caller may know it."""
    fund = session.get_one(TrustFund, award.fund_id)
    waiting = [one.due_on for one in award.milestones if one.state in {"open", "shown"}]
    row = {name: getattr(award, name) for name in ("id", *_PLAIN)}
    seen = told_of(session, caller, [award.application_id])
    facts = {"amount": award.amount, "paid": award.paid, "next_due": min(waiting, default=None)}
    return {
        **_row({**row, **facts, "currency": fund.currency, "fund": fund.code}, seen),
        "fund_name": fund.name,
        "application": session.get_one(Application, award.application_id).number,
        "own_contribution": fund.money(award.plan.own_contribution),
        "to_come_back": fund.money(award.to_come_back),
        "awarded_by_name": award.awarded_by_name,
        "reported": award.report_file_id is not None,
        "closed_by_name": award.closed_by_name,
        "milestones": [milestone(fund, one) for one in award.milestones],
        "returns": [returned(fund, one) for one in award.returns],
    }


def milestone(fund: TrustFund, row: SeedMilestone) -> dict[str, Any]:
    """One part, and what came of it."""
    names = ("id", "position", "text", "due_on", "state", "note", "verified_at", "verified_by_name", "paid_on")
    return {
        **{name: getattr(row, name) for name in names},
        "evidence": row.evidence_wanted,
        "amount": fund.money(row.amount),
        "shown": row.evidence_file_id is not None,
    }


def motion(session: Session, fund: TrustFund, item: AgendaItem) -> dict[str, Any]:
    """The `parts` an item of seed capital is decided with, none of a loan, and what else its `conditions` say."""
    plan, conditions = None, item.conditions
    if fund.kind == "seed_capital":
        plan, conditions = SeedPlan.voted_on(session, item.application_id, item.appraisal.position, conditions)
    parts = (
        {
            "own_contribution": fund.money(plan.own_contribution),
            "milestones": [
                {
                    **{name: getattr(one, name) for name in ("position", "text", "due_on")},
                    "evidence": one.evidence_wanted,
                    "amount": fund.money(one.amount),
                }
                for one in plan.milestones
            ],
        }
        if plan
        else None
    )
    return {"parts": parts, "conditions": conditions}


def returned(fund: TrustFund, row: SeedReturn) -> dict[str, Any]:
    """What came back once."""
    names = ("id", "number", "channel", "paid_on", "posted_by_name")
    return {**{name: getattr(row, name) for name in names}, "amount": fund.money(row.amount)}


def plan(session: Session, application: Application) -> dict[str, Any]:
    """The parts that the last appraisal of an application proposes, with what the regulations ask of them."""
    fund = session.get_one(TrustFund, application.fund_id)
    fund.require_seed()
    found = SeedPlan.of(session, application.id, len(application.appraisals))
    award = session.execute(
        select(SeedAward.id, SeedAward.number).where(SeedAward.application_id == application.id)
    ).one_or_none()
    return {
        "application_id": application.id,
        "currency": fund.currency,
        "product": _product(fund, application.edition.read().seed.product(application.product)),
        "own_contribution": fund.money(found.own_contribution) if found else None,
        "proposed_by_name": found.proposed_by_name if found else None,
        "milestones": [milestone(fund, one) for one in found.milestones] if found else [],
        "award": {"id": award.id, "number": award.number} if award else None,
    }


def products(session: Session, fund: TrustFund) -> list[dict[str, Any]]:
    """What the fund gives today; nothing while no regulations are in force."""
    fund.require_seed()
    try:
        rules = regulations_in_force(session, fund.id, clock.today()).read()
    except Refused:
        return []
    return [_product(fund, product) for product in rules.seed.products]


def _product(fund: TrustFund, product: SeedProduct) -> dict[str, Any]:
    names = ("code", "name", "kind", "parts", "return_months")
    return {
        **{name: getattr(product, name) for name in names},
        **{name: fund.money(getattr(product, name)) for name in ("minimum", "maximum")},
        **{name: str(getattr(product, name)) for name in ("own_share", "largest_first")},
    }


def booked_and_paid(session: Session, fund_id: UUID, day: date) -> dict[str, tuple[int, int]]:
    """By account of seed capital: what the books say at the end of `day` (the grants of all time, also where their cost
    was carried since) and what awards were paid less what came back, in cents.
    """
    booked = (
        select(LedgerLine.account, func.sum(LedgerLine.amount))
        .join(LedgerEntry)
        .where(
            LedgerEntry.fund_id == fund_id,
            LedgerEntry.booked_on <= day,
            LedgerEntry.kind != ledger.SHARED_OUT,
            LedgerLine.account.in_([ledger.ACCOUNTS[name] for name in _ACCOUNTS.values()]),
        )
        .group_by(LedgerLine.account)
    )
    books = {account: int(amount) for account, amount in session.execute(booked)}
    paid = (
        select(SeedAward.kind, func.sum(SeedMilestone.amount))
        .join(SeedAward, SeedAward.plan_id == SeedMilestone.plan_id)
        .where(SeedAward.fund_id == fund_id, SeedMilestone.paid_on <= day)
        .group_by(SeedAward.kind)
    )
    register = {kind: int(amount) for kind, amount in session.execute(paid)}
    back = (
        select(func.coalesce(func.sum(SeedReturn.amount), 0))
        .join(SeedAward, SeedAward.id == SeedReturn.award_id)
        .where(SeedAward.fund_id == fund_id, SeedReturn.paid_on <= day)
    )
    register["contribution"] = register.get("contribution", 0) - int(session.scalar(back) or 0)
    return {name: (books.get(ledger.ACCOUNTS[name], 0), register.get(kind, 0)) for kind, name in _ACCOUNTS.items()}


_ACCOUNTS = {"grant": "seed_grants", "contribution": "seed_contributions"}

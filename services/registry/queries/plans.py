"""Business plans as their readers see them."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.registry.models import BusinessPlan, Enterprise
from services.registry.queries.seeing import require_belonging, shown_to, view_for
from services.registry.rules.cash_flow import Flow, figures
from services.registry.rules.plan_check import COMPARED, MONEY, changed_parts, remarks, told
from services.registry.rules.plan_values import SECTIONS
from services.registry.rules.visibility import View
from services.registry.tables import plan_prudence_on
from shared import places
from shared.identity import Caller
from shared.kernel import Invalid, Money, NotFound, clock
from shared.web.paging import Page, keyset_page

_COLUMNS = ("id", "version", "number", "state", "written_by_name", "created_at", "ready_on", "ready_by_name",
            "accompaniment_id", "enterprise_id", "municipality", "currency", "lines")  # fmt: skip
_LIST = (*(getattr(BusinessPlan, name).label(name) for name in _COLUMNS), Enterprise.name.label("enterprise_name"))
_FLOW = (*Flow.__slots__, "margin", "operating", "instalment", "net")
_AMOUNTS = ("price", "unit_cost", "amount")


def list_plans(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The versions of the caller's territory, latest first: all for the team, for the others the ready ones of who
    shares her record for credit.
    """
    view = view_for(caller)
    statement = (
        select(*_LIST)
        .join(Enterprise, Enterprise.id == BusinessPlan.enterprise_id)
        .where(caller.scope.condition(Enterprise.municipality), *shown_to(view), *_evidence(caller, view))
    )
    for name in ("accompaniment_id", "enterprise_id", "state"):
        if value := filters.get(name):
            statement = statement.where(getattr(BusinessPlan, name) == value)
    page = keyset_page(session, statement, keys=[_LIST[0]], limit=limit, after=after, descending=True)
    rows = [dict(row) for row in page.rows]
    for row in rows:
        loan = row.pop("lines").get("loan")
        row["asked"] = loan and Money(loan["amount"], row["currency"])
        row["label"] = BusinessPlan(accompaniment_id=row["accompaniment_id"], number=row["number"]).label
        row["municipality_name"] = places.full_name(row["municipality"])
    return Page(rows, page.next)


def find_plan(session: Session, caller: Caller, plan_id: UUID) -> BusinessPlan:
    """The version, as far as the caller may know of it: drafts, and who does not share her record for credit, are there
    for the team and the auditors alone.
    """
    plan, enterprise = require_belonging(session, caller, BusinessPlan, plan_id, "plan.unknown")
    if _is_lender(caller, view_for(caller)) and not (plan.state == "ready" and enterprise.consent_credit):
        raise NotFound("plan.unknown")
    return plan


def show_plan(
    session: Session, caller: Caller, plan_id: UUID, say: Callable[[str, Mapping[str, Any]], str]
) -> dict[str, Any]:
    """One version with all it says, its figures and the remarks on it, which `say` puts into words."""
    plan = find_plan(session, caller, plan_id)
    body, prudence = plan.body, plan_prudence_on(plan.ready_on or clock.today())
    found = figures(body, prudence)
    enterprise = session.get_one(Enterprise, plan.enterprise_id)

    def money(minor: int | None) -> Money | None:
        return None if minor is None else Money(minor, plan.currency)

    def line(row: Any) -> dict[str, Any]:
        return {name: money(value) if name in _AMOUNTS else value for name, value in asdict(row).items()}

    def flow(row: Flow) -> dict[str, Any]:
        return {name: money(getattr(row, name)) for name in _FLOW}

    return {
        **{name: getattr(plan, name) for name in (*_COLUMNS[:-1], "label", "starts_on")},
        "enterprise_name": enterprise.name,
        "municipality_name": places.full_name(plan.municipality),
        "months": body.months,
        "asked": money(body.loan.amount) if body.loan else None,
        "sections": {name: body.sections.get(name, "") for name in SECTIONS},
        "products": [line(row) for row in body.products],
        "fixed_costs": [line(row) for row in body.fixed_costs],
        "investments": [line(row) for row in body.investments],
        "own_contribution": money(body.own_contribution),
        "loan": body.loan and line(body.loan) | {"annual_rate": str(body.loan.annual_rate)},
        "figures": {
            "months": [
                {**flow(one.flow), "number": one.number, "starts_on": one.starts_on, "balance": money(one.balance)}
                for one in found.months
            ],
            "years": [flow(year) for year in found.years],
            "total": flow(found.total),
            "share_percent": prudence.share_percent,
            **{
                name: money(getattr(found, name)) if name in MONEY else getattr(found, name)
                for name in ("lowest_balance", "lowest_in", "margin_percent", "break_even_sales", "break_even_units",
                             "recovered_in", "operating_average", "capacity", "instalment", "coverage_percent")
            },
        },
        "remarks": [
            {"code": remark.code, "hindering": remark.hindering, "detail": say(remark.code, remark.facts)}
            for remark in (remarks(body, found, prudence) if plan.state == "draft" else ())
        ],
    }  # fmt: skip


def compare(session: Session, caller: Caller, plan_id: UUID, other_id: UUID) -> dict[str, Any]:
    """What changed from the other version to this one; refuses one of another plan."""
    after, before = (find_plan(session, caller, one) for one in (plan_id, other_id))
    if after.accompaniment_id != before.accompaniment_id:
        raise Invalid("plan.of_another_case", pointer="/other")
    prudence = plan_prudence_on(clock.today())
    was, now = (told(plan.body, figures(plan.body, prudence)) for plan in (before, after))
    return {
        "currency": after.currency,
        "before": before,
        "after": after,
        "parts": changed_parts(before.body, after.body),
        "figures": [
            {"name": name, "is_money": name in MONEY, "before": was[name], "after": now[name]} for name in COMPARED
        ],
    }


def _is_lender(caller: Caller, view: View) -> bool:
    """Whether somebody reads plans as evidence for credit alone."""
    return view.only_credit_consent or (caller.is_service and not view.circumstances)


def _evidence(caller: Caller, view: View) -> list[ColumnElement[bool]]:
    if _is_lender(caller, view):
        return [BusinessPlan.state == "ready", Enterprise.consent_credit.is_(True)]
    return []

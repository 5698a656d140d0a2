"""A business plan is drafted, put right, and one day ready; from then on it stands as it is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.registry.models import BusinessPlan, Enterprise, IssuedPlan
from services.registry.rules.cash_flow import Figures, figures, month_after
from services.registry.rules.plan_check import remarks
from services.registry.rules.plan_values import PlanBody, ProductLine
from services.registry.tables import plan_prudence_on
from services.registry.use_cases.accompany import case_to_change, remember_case
from services.registry.use_cases.rows import locked_in_scope
from shared import history
from shared.bus import log
from shared.events.registry import BusinessPlanReady
from shared.identity import Caller
from shared.kernel import COUNTRY_CURRENCY, Invalid, Money, NotFound, Refused, clock


def begin_plan(session: Session, caller: Caller, accompaniment_id: UUID) -> BusinessPlan:
    """A new draft for a case: the last version once more, or the products of the enterprise with their prices. Refuses
    where there is a draft already.
    """
    case = case_to_change(session, caller, accompaniment_id, None)
    case.require_open()
    enterprise = session.get_one(Enterprise, case.enterprise_id)
    enterprise.require_counted()
    versions = select(BusinessPlan).where(BusinessPlan.accompaniment_id == case.id).order_by(BusinessPlan.number)
    known = list(session.scalars(versions))
    if any(plan.state == "draft" for plan in known):
        raise Refused("plan.draft_already")
    body = known[-1].body if known else _first_body(enterprise)
    currency = COUNTRY_CURRENCY[case.municipality[:2]]
    plan = BusinessPlan.begin(case, known[-1].number + 1 if known else 1, currency, body, caller)
    session.add(plan)
    remember_case(session, caller, case, "begin-plan", {}, {"plan": str(plan.id), "number": plan.number})
    return plan


def change_plan(
    session: Session, caller: Caller, plan_id: UUID, *, version: int | None, changes: Mapping[str, Any]
) -> BusinessPlan:
    """The draft with `changes` (fields of `PlanBody`; texts one by one) made. Refuses a version that is ready."""
    plan = plan_to_change(session, caller, plan_id, version)
    texts = {**plan.sections, **changes.get("sections", {})}
    told = {name: text for name, text in texts.items() if text}
    body = replace(plan.body, **{**changes, "sections": told})
    _check(body)
    plan.write(body, caller)
    session.flush()
    _remember(session, caller, plan, "change", {"parts": sorted(changes)})
    return plan


def mark_ready(session: Session, caller: Caller, plan_id: UUID, *, version: int | None) -> BusinessPlan:
    """The draft is ready and frozen; the version that was ready before is superseded. Refuses while something hinders
    it. Credit hears of it where the owners share their record for credit.
    """
    known = session.get(BusinessPlan, plan_id)
    if known is None:
        raise NotFound("plan.unknown")
    case = case_to_change(session, caller, known.accompaniment_id, None)
    case.require_open()
    plan = plan_to_change(session, caller, plan_id, version)
    enterprise = session.get_one(Enterprise, plan.enterprise_id)
    enterprise.require_counted()
    prudence = plan_prudence_on(clock.today())
    found = figures(plan.body, prudence)
    plan.finish(caller)
    if hindering := [remark for remark in remarks(plan.body, found, prudence) if remark.hindering]:
        raise Refused(hindering[0].code, **hindering[0].facts)
    before = select(BusinessPlan).where(BusinessPlan.accompaniment_id == case.id, BusinessPlan.state == "ready")
    for ready in session.scalars(before.where(BusinessPlan.id != plan.id)):
        ready.supersede()
    session.flush()
    _remember(session, caller, plan, "ready", {"number": plan.number})
    if enterprise.consent_credit:
        log.append(session, _announced(plan, enterprise.municipality, found), plan.id)
    return plan


def plan_to_change(session: Session, caller: Caller, plan_id: UUID, version: int | None) -> BusinessPlan:
    """The locked row; refuses what lies outside the caller's territory, and an old version."""
    return locked_in_scope(session, caller, BusinessPlan, plan_id, version, "plan.unknown")


def forget_plans(session: Session, enterprise_ids: list[UUID]) -> int:
    """Nothing of the plans of these enterprises stays, nor of what was printed of them; says how many there were."""
    wanted = select(BusinessPlan).where(BusinessPlan.enterprise_id.in_(enterprise_ids)).order_by(BusinessPlan.id)
    plans = list(session.scalars(wanted.with_for_update()))
    session.execute(delete(IssuedPlan).where(IssuedPlan.plan_id.in_([plan.id for plan in plans])))
    for plan in plans:
        history.erase(session, plan.id)
        session.delete(plan)
    return len(plans)


def forget_woman_in_plans(session: Session, enterprise_ids: list[UUID]) -> int:
    """What the plans of these enterprises tell of the women goes; says in how many something stood."""
    wanted = select(BusinessPlan).where(BusinessPlan.enterprise_id.in_(enterprise_ids)).order_by(BusinessPlan.id)
    return sum(plan.forget_woman() for plan in session.scalars(wanted.with_for_update()))


def _first_body(enterprise: Enterprise) -> PlanBody:
    today = clock.today()
    sold = [product.value for product in enterprise.products if product.price_minor is not None]
    products = tuple(
        ProductLine(
            name=product.name,
            unit=product.unit or "",
            price=product.price.minor if product.price else 0,
            unit_cost=0,
            volume=_monthly(product.volume, product.period),
            season=tuple(100 if not product.months or month in product.months else 0 for month in range(1, 13)),
        )
        for product in sold
    )
    return PlanBody(starts_on=month_after(date(today.year, today.month, 1), 1), products=products)


def _monthly(volume: float | None, period: str | None) -> int:
    return 0 if volume is None else round(volume / 12 if period == "year" else volume)


def _check(body: PlanBody) -> None:
    """Refuses lines that lie outside the plan."""
    for row, cost in enumerate(body.fixed_costs):
        if cost.first > body.months:
            raise Invalid("plan.month_beyond", pointer=f"/fixed_costs/{row}/first", months=body.months)
    for row, bought in enumerate(body.investments):
        if bought.month > body.months:
            raise Invalid("plan.month_beyond", pointer=f"/investments/{row}/month", months=body.months)
    if body.loan is not None:
        if body.loan.month > body.months:
            raise Invalid("plan.month_beyond", pointer="/loan/month", months=body.months)
        if body.loan.grace >= body.loan.instalments:
            raise Invalid("plan.grace_too_long", pointer="/loan/grace", instalments=body.loan.instalments)


def _announced(plan: BusinessPlan, municipality: str, found: Figures) -> BusinessPlanReady:
    def money(minor: int | None) -> Money:
        return Money(minor or 0, plan.currency)

    loan = plan.body.loan
    return BusinessPlanReady(
        plan_id=plan.id,
        accompaniment_id=plan.accompaniment_id,
        enterprise_id=plan.enterprise_id,
        municipality=municipality,
        number=plan.number,
        asked=money(loan.amount if loan else 0),
        instalments=loan.instalments if loan else 0,
        own_contribution=money(plan.body.own_contribution),
        instalment=money(found.instalment),
        capacity=money(found.capacity),
        coverage_percent=found.coverage_percent,
        lowest_balance=money(found.lowest_balance),
        ready_on=plan.ready_on or clock.today(),
    )


def _remember(session: Session, caller: Caller, plan: BusinessPlan, action: str, after: Mapping[str, object]) -> None:
    history.record(session, caller, subject=plan.id, kind="business-plan", action=action, after=after)

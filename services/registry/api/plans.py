"""Business plans: drafted by the team, read by credit as evidence once they are ready."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.registry.api.plan_schemas import (
    PlanBegin,
    PlanChange,
    PlanComparisonOut,
    PlanComparisonQuery,
    PlanOut,
    PlanQuery,
    PlanRow,
)
from services.registry.queries import plans as queries
from services.registry.rules.plan_values import FixedCost, Investment, ProductLine, ProposedLoan
from services.registry.rules.visibility import EDITORS
from services.registry.use_cases.print_plan import print_plan
from services.registry.use_cases.write_plan import begin_plan, change_plan, mark_ready
from shared.kernel import Invalid, Money
from shared.web import Call, Download, Page, Resource

_TEAM = EDITORS | {"network_coordinator", "auditor"}
_READERS = _TEAM | {"credit_officer", "committee_member", "trust_fund_member", "service"}

resource = Resource("business_plans", prefix="/business-plans", description="Business plans, version by version.")


@resource.get(query=PlanQuery, returns=PlanRow, paged=True, allow=_READERS)
def list_(call: Call) -> Page:
    """The versions of the caller's territory, latest first; for credit the ready ones of who shares her record."""
    return queries.list_plans(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(body=PlanBegin, returns=PlanOut, allow=EDITORS)
def begin(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """A new draft: the last version once more, or the products of the enterprise."""
    plan = begin_plan(call.session, call.caller, body["accompaniment_id"])
    return _shown(call, plan.id)


@resource.get("/<uuid:plan_id>", returns=PlanOut, allow=_READERS)
def show(call: Call, plan_id: UUID) -> dict[str, Any]:
    """One version with its figures, and what it still lacks."""
    return _shown(call, plan_id)


@resource.patch("/<uuid:plan_id>", body=PlanChange, returns=PlanOut, allow=EDITORS)
def change(call: Call, body: dict[str, Any], plan_id: UUID) -> dict[str, Any]:
    """Put a draft right, part by part; its figures are reckoned anew."""
    currency = queries.find_plan(call.session, call.caller, plan_id).currency
    change_plan(call.session, call.caller, plan_id, version=call.if_match, changes=_changes(body, currency))
    return _shown(call, plan_id)


@resource.post("/<uuid:plan_id>/ready", returns=PlanOut, if_match=True, status=200, allow=EDITORS)
def finish(call: Call, plan_id: UUID) -> dict[str, Any]:
    """The draft is ready: it is frozen, and the one before is superseded."""
    mark_ready(call.session, call.caller, plan_id, version=call.if_match)
    return _shown(call, plan_id)


@resource.get("/<uuid:plan_id>/comparison", query=PlanComparisonQuery, returns=PlanComparisonOut, allow=_TEAM)
def compare(call: Call, plan_id: UUID) -> dict[str, Any]:
    """What changed between another version and this one."""
    return queries.compare(call.session, call.caller, plan_id, call.query["other"])


@resource.get("/<uuid:plan_id>/document", download=True, writes=True, allow=_READERS)
def show_document(call: Call, plan_id: UUID) -> Download:
    """The plan on paper; of a ready version the hash is kept, to verify it by."""
    label, content = print_plan(
        call.session, call.caller, plan_id, language=call.language, public_url=call.context.public_url
    )
    return Download(content, f"{label}.pdf", "application/pdf", inline=True)


def _shown(call: Call, plan_id: UUID) -> dict[str, Any]:
    call.session.flush()
    return queries.show_plan(
        call.session, call.caller, plan_id, lambda code, facts: call.context.sentence(code, facts, call.language)
    )


def _changes(body: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """The parts that change as the rules take them; refuses money of another currency."""
    told = {name: body[name] for name in ("starts_on", "months", "sections") if name in body}
    if "starts_on" in told:
        told["starts_on"] = told["starts_on"].replace(day=1)

    def minor(pointer: str, row: Mapping[str, Any]) -> dict[str, Any]:
        for name, value in row.items():
            if isinstance(value, Money) and value.currency != currency:
                raise Invalid("enterprise.currency", pointer=f"{pointer}/{name}", currency=currency)
        return {name: value.minor if isinstance(value, Money) else value for name, value in row.items()}

    for name, kind in (("fixed_costs", FixedCost), ("investments", Investment)):
        if name in body:
            told[name] = tuple(kind(**minor(f"/{name}/{at}", row)) for at, row in enumerate(body[name]))
    if "products" in body:
        rows = [minor(f"/products/{at}", row) for at, row in enumerate(body["products"])]
        told["products"] = tuple(ProductLine(**row | {"season": tuple(row["season"])}) for row in rows)
    if "own_contribution" in body:
        told["own_contribution"] = minor("", {"own_contribution": body["own_contribution"]})["own_contribution"]
    if "loan" in body:
        loan = body["loan"] and minor("/loan", body["loan"])
        told["loan"] = loan and ProposedLoan(**loan | {"annual_rate": Decimal(loan["annual_rate"])})
    return told

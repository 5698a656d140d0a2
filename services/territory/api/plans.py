"""Plans of municipalities, departments and countries, and what they put first."""

from typing import Any
from uuid import UUID

from services.territory.models.plans import LEVELS, PLAN_STATES
from services.territory.models.proposals import FINANCIERS
from services.territory.queries import plans as queries
from services.territory.rules.access import PLANNERS, READERS
from services.territory.use_cases import write_plan
from services.territory.use_cases.declare_plan import declare_plan, withdraw_plan
from shared import places
from shared.events.vocabulary import CHAINS, PLAN_KINDS, PURPOSES
from shared.web import Call, Input, Output, Page, Query, Resource, fields

resource = Resource("plans", prefix="/plans", description="Plans of the territory, and what they put first.")


class PlanQuery(Query):
    """`unit`: the plans that hold there, of itself and of what it lies in."""

    unit = fields.String(maximum=6, pattern=places.UNIT)
    in_force = fields.Boolean()


class PlanIn(Input):
    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)
    kind = fields.Code(PLAN_KINDS, required=True)
    title = fields.String(maximum=200, required=True)
    source = fields.String(maximum=200, required=True)
    valid_from = fields.Day(required=True)
    valid_until = fields.Day(load_default=None, allow_none=True)
    chains = fields.List(fields.Code(CHAINS), minimum=1, maximum=len(CHAINS), required=True)
    purposes = fields.List(fields.Code(PURPOSES), maximum=len(PURPOSES), load_default=list)


class PlanOut(Output):
    id = fields.Id()
    version = fields.Integer()
    level = fields.Code(tuple(LEVELS.values()))
    unit = fields.String()
    kind = fields.Code(PLAN_KINDS)
    title = fields.String()
    source = fields.String()
    valid_from = fields.Day()
    valid_until = fields.Day(allow_none=True)
    chains = fields.List(fields.Code(CHAINS))
    purposes = fields.List(fields.Code(PURPOSES))
    state = fields.Code(PLAN_STATES)
    declared_by_name = fields.String()
    declared_at = fields.Moment()
    withdrawn_on = fields.Day(allow_none=True)


class LineIn(Input):
    number = fields.String(maximum=20, required=True)
    title = fields.String(maximum=300, required=True)
    chain = fields.Code(CHAINS, load_default=None, allow_none=True)


class BudgetIn(Input):
    year = fields.Integer(minimum=2000, maximum=2100, required=True)
    source = fields.Code(FINANCIERS, required=True)
    amount = fields.MoneyField(required=True)


class ProjectIn(Input):
    title = fields.String(maximum=300, required=True)
    chain = fields.Code(CHAINS, load_default=None, allow_none=True)
    budget = fields.List(fields.Nested(BudgetIn), maximum=60, load_default=list)


class BudgetOut(Output):
    year = fields.Integer()
    source = fields.Code(FINANCIERS)
    amount = fields.MoneyField()


class ProjectOut(Output):
    id = fields.Id()
    title = fields.String()
    chain = fields.Code(CHAINS, allow_none=True)
    budget = fields.List(fields.Nested(BudgetOut))
    total = fields.MoneyField()


class LineOut(Output):
    id = fields.Id()
    number = fields.String()
    title = fields.String()
    chain = fields.Code(CHAINS, allow_none=True)
    projects = fields.List(fields.Nested(ProjectOut))


class WholePlanOut(PlanOut):
    """`money` sums the budgets of its projects by year and source."""

    lines = fields.List(fields.Nested(LineOut))
    money = fields.List(fields.Nested(BudgetOut))


@resource.get(query=PlanQuery, returns=PlanOut, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The plans of the caller's territory and of what it lies in, latest first."""
    return queries.list_plans(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(body=PlanIn, returns=PlanOut, allow=PLANNERS)
def declare(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Declare what a plan puts first; the other services hear of it."""
    return queries.plan_row(declare_plan(call.session, call.caller, **body))


@resource.post("/<uuid:plan_id>/withdrawal", returns=PlanOut, if_match=True, status=200, allow=PLANNERS)
def withdraw(call: Call, plan_id: UUID) -> dict[str, Any]:
    """Say that a plan holds no more: it was replaced, or declared by mistake."""
    return queries.plan_row(withdraw_plan(call.session, call.caller, plan_id, version=call.if_match))


@resource.get("/<uuid:plan_id>", returns=WholePlanOut, allow=READERS)
def show(call: Call, plan_id: UUID) -> dict[str, Any]:
    """A plan with its programme lines, their projects, and the money by year and source."""
    return queries.show_plan(call.session, call.caller, plan_id)


@resource.post("/<uuid:plan_id>/lines", body=LineIn, returns=WholePlanOut, allow=PLANNERS)
def write_line(call: Call, body: dict[str, Any], plan_id: UUID) -> dict[str, Any]:
    """Write a programme line of the plan down, by the number it has there."""
    return queries.whole_plan(write_plan.write_line(call.session, call.caller, plan_id, **body))


@resource.post(
    "/<uuid:plan_id>/lines/<uuid:line_id>/removal", returns=WholePlanOut, if_match=True, status=200, allow=PLANNERS
)
def remove_line(call: Call, plan_id: UUID, line_id: UUID) -> dict[str, Any]:
    """Take a line out that was written by mistake, with its projects; refused where a proposal aims at it."""
    left = write_plan.remove_line(call.session, call.caller, plan_id, line_id, version=call.if_match)
    return queries.whole_plan(left)


@resource.post("/<uuid:plan_id>/lines/<uuid:line_id>/projects", body=ProjectIn, returns=WholePlanOut, allow=PLANNERS)
def write_project(call: Call, body: dict[str, Any], plan_id: UUID, line_id: UUID) -> dict[str, Any]:
    """Write a project under a line down, with its money by year and source."""
    return queries.whole_plan(write_plan.write_project(call.session, call.caller, plan_id, line_id, **body))


@resource.post(
    "/<uuid:plan_id>/lines/<uuid:line_id>/projects/<uuid:project_id>/removal",
    returns=WholePlanOut,
    if_match=True,
    status=200,
    allow=PLANNERS,
)
def remove_project(call: Call, plan_id: UUID, line_id: UUID, project_id: UUID) -> dict[str, Any]:
    """Take a project out that was written by mistake."""
    left = write_plan.remove_project(call.session, call.caller, plan_id, line_id, project_id, version=call.if_match)
    return queries.whole_plan(left)

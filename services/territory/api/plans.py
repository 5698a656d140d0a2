"""Plans of municipalities, departments and countries, and what they put first."""

from typing import Any
from uuid import UUID

from services.territory.models.plans import LEVELS, PLAN_STATES
from services.territory.queries import plans as queries
from services.territory.rules.access import PLANNERS, READERS
from services.territory.use_cases.declare_plan import declare_plan, withdraw_plan
from shared.events.vocabulary import CHAINS, PLAN_KINDS, PURPOSES
from shared.web import Call, Input, Output, Page, Query, Resource, fields

resource = Resource("plans", prefix="/plans", description="Plans of the territory, and what they put first.")
UNIT = r"(GT|HN|SV)([0-9]{2}){0,2}"


class PlanQuery(Query):
    """`unit`: the plans that hold there, of itself and of what it lies in."""

    unit = fields.String(maximum=6, pattern=UNIT)
    in_force = fields.Boolean()


class PlanIn(Input):
    unit = fields.String(maximum=6, pattern=UNIT, required=True)
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

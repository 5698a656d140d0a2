"""On-site training and technical assistance of borrowers, project by project."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.training.api.names import with_names
from services.training.api.schemas import READERS, TEAM, UNIT, UnitQuery
from services.training.models.assistance import ASSISTANCE_KINDS, ASSISTANCE_STATES, OUTCOMES
from services.training.queries import assistance as queries
from services.training.use_cases import assist_borrower as use_cases
from shared.events.vocabulary import CHAINS, NEEDS
from shared.web import Call, Input, Output, Page, Query, Resource, fields

resource = Resource("assistance", prefix="/assistance", description="Training and assistance at the workplace.")
waiting = Resource("assistance_waiting", prefix="/assistance-waiting", description="Borrowers without assistance yet.")


class AssistanceQuery(Query):
    unit = fields.String(maximum=6, pattern=UNIT)
    state = fields.Code(ASSISTANCE_STATES)
    loan_id = fields.Id()


class AssistanceIn(Input):
    loan_id = fields.Id(required=True)
    kind = fields.Code(ASSISTANCE_KINDS, required=True)
    topics = fields.List(fields.Code(NEEDS), minimum=1, maximum=len(NEEDS), required=True)
    goal = fields.String(maximum=500, required=True)
    planned_minutes = fields.Integer(minimum=30, maximum=60_000, required=True)
    begins_on = fields.Day(required=True)


class VisitIn(Input):
    """`visit_id` is made by who sends the visit: sent again, it is noted once."""

    visit_id = fields.Id(required=True)
    day = fields.Day(required=True)
    minutes = fields.Integer(minimum=1, maximum=1_440, required=True)
    topics = fields.List(fields.Code(NEEDS), minimum=1, maximum=len(NEEDS), required=True)
    done = fields.String(maximum=1000, required=True)


class AssistanceEndIn(Input):
    ended_on = fields.Day(required=True)
    outcome = fields.Code(OUTCOMES, required=True)
    lessons = fields.String(maximum=1000, minimum=0, allow_none=True)


class Named(Output):
    enterprise_id = fields.Id()
    entrepreneur_id = fields.Id(allow_none=True)
    name = fields.String(allow_none=True)
    enterprise_name = fields.String(allow_none=True)


class WaitingRow(Named):
    """`days` since the loan was paid out; `assistance_id`: the plan, where there is one without a visit yet."""

    loan_id = fields.Id()
    municipality = fields.String()
    chain = fields.Code(CHAINS)
    disbursed_on = fields.Day()
    days = fields.Integer()
    needs = fields.List(fields.Code(NEEDS))
    assistance_id = fields.Id(allow_none=True)


class PlanOut(Output):
    """`visits` and `minutes` are those made so far."""

    enterprise_id = fields.Id()
    id = fields.Id()
    version = fields.Integer()
    loan_id = fields.Id()
    unit = fields.String()
    kind = fields.Code(ASSISTANCE_KINDS)
    topics = fields.List(fields.Code(NEEDS))
    goal = fields.String()
    planned_minutes = fields.Integer()
    begins_on = fields.Day()
    state = fields.Code(ASSISTANCE_STATES)
    outcome = fields.Code(OUTCOMES, allow_none=True)
    lessons = fields.String(allow_none=True)
    ended_on = fields.Day(allow_none=True)
    planned_by_name = fields.String()
    visits = fields.Integer()
    minutes = fields.Integer()


class AssistanceRow(Named, PlanOut):
    """A plan, and whose project it is."""


class VisitOut(Output):
    id = fields.Id()
    day = fields.Day()
    minutes = fields.Integer()
    topics = fields.List(fields.Code(NEEDS))
    done = fields.String()
    by_name = fields.String()


class AssistanceOut(AssistanceRow):
    made = fields.List(fields.Nested(VisitOut))


@waiting.get(query=UnitQuery, returns=WaitingRow, paged=True, allow=READERS)
def list_waiting(call: Call) -> Page:
    """The loans for whose project nobody was visited yet, who waits longest first."""
    page = queries.waiting(call.session, call.caller, call.query, limit=call.limit, after=call.after)
    return Page(_named(call, page.rows), page.next)


@waiting.get("/<uuid:loan_id>", returns=WaitingRow, allow=READERS)
def show_waiting(call: Call, loan_id: UUID) -> dict[str, Any]:
    """One loan, whose project is to be planned for."""
    return _named(call, [queries.unplanned(call.session, call.caller, loan_id)])[0]


@resource.get(query=AssistanceQuery, returns=AssistanceRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The plans of the caller's territory that meet all filters, the latest first."""
    page = queries.list_assistance(call.session, call.caller, call.query, limit=call.limit, after=call.after)
    return Page(_named(call, page.rows), page.next)


@resource.post(body=AssistanceIn, returns=PlanOut, allow=TEAM)
def plan(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Plan what is taught to a borrower at her workplace."""
    made = use_cases.plan_assistance(call.session, call.caller, **body)
    return queries.show_assistance(call.session, call.caller, made.id)


@resource.get("/<uuid:assistance_id>", returns=AssistanceOut, allow=READERS)
def show(call: Call, assistance_id: UUID) -> dict[str, Any]:
    """One plan with its visits."""
    return _named(call, [queries.show_assistance(call.session, call.caller, assistance_id)])[0]


@resource.post("/<uuid:assistance_id>/visits", body=VisitIn, returns=PlanOut, allow=TEAM)
def visit(call: Call, body: dict[str, Any], assistance_id: UUID) -> dict[str, Any]:
    """Note a visit that was made."""
    use_cases.note_visit(call.session, call.caller, assistance_id=assistance_id, **body)
    return queries.show_assistance(call.session, call.caller, assistance_id)


@resource.post(
    "/<uuid:assistance_id>/end", body=AssistanceEndIn, returns=PlanOut, if_match=True, status=200, allow=TEAM
)
def end(call: Call, body: dict[str, Any], assistance_id: UUID) -> dict[str, Any]:
    """It ended: what came of it."""
    use_cases.end_assistance(call.session, call.caller, assistance_id=assistance_id, version=call.if_match, **body)
    return queries.show_assistance(call.session, call.caller, assistance_id)


def _named(call: Call, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return with_names(call, rows)

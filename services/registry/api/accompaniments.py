"""Accompaniments on site and their visits."""

from typing import Any
from uuid import UUID

from services.registry.api.accompaniment_schemas import (
    AccompanimentChange,
    AccompanimentIn,
    AccompanimentOut,
    AccompanimentQuery,
    AccompanimentRow,
    CancelIn,
    NextVisitIn,
    VisitRecord,
)
from services.registry.queries import accompaniments as queries
from services.registry.rules.visibility import EDITORS
from services.registry.use_cases import accompany
from services.registry.use_cases.accompany import NextVisit
from shared.kernel import Invalid
from shared.web import Call, Page, Resource

_READERS = EDITORS | {"network_coordinator", "auditor", "credit_officer"}

resource = Resource("accompaniments", prefix="/accompaniments", description="Accompaniments on site.")


@resource.get(query=AccompanimentQuery, returns=AccompanimentRow, paged=True, allow=_READERS)
def list_(call: Call) -> Page:
    """The accompaniments of the caller's territory, the open ones unless asked otherwise, latest first."""
    return queries.list_accompaniments(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/<uuid:accompaniment_id>", returns=AccompanimentOut, allow=_READERS)
def show(call: Call, accompaniment_id: UUID) -> dict[str, Any]:
    """One accompaniment with its plan of visits."""
    return queries.show_accompaniment(call.session, call.caller, accompaniment_id)


@resource.post(body=AccompanimentIn, returns=AccompanimentOut, allow=EDITORS)
def open_(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Stand beside a project from its idea on, or one that has its money without a loan of the fund; the disbursement
    of a loan takes up the case that was planned for it, or opens one by itself.
    """
    opened = accompany.open_accompaniment(
        call.session,
        call.caller,
        body["enterprise_id"],
        needs=body["needs"],
        begins_on=body["begins_on"],
        term_months=body["months"],
        phase=body["phase"],
        title=body["title"],
        aim=body["aim"],
    )
    return queries.show_accompaniment(call.session, call.caller, opened.id)


@resource.patch("/<uuid:accompaniment_id>", body=AccompanimentChange, returns=AccompanimentOut, allow=EDITORS)
def change(call: Call, body: dict[str, Any], accompaniment_id: UUID) -> dict[str, Any]:
    """Assign it to a technician (`technician` with `technician_name`), or close it (`closed_on`)."""
    if ("technician" in body) == ("closed_on" in body) or ("technician" in body) != ("technician_name" in body):
        raise Invalid("accompaniment.assign_or_close", pointer="/technician")
    if "closed_on" in body:
        accompany.close_accompaniment(
            call.session,
            call.caller,
            accompaniment_id,
            version=call.if_match,
            closed_on=body["closed_on"],
            reason=body["reason"],
        )
    else:
        accompany.assign_accompaniment(
            call.session,
            call.caller,
            accompaniment_id,
            version=call.if_match,
            technician=body["technician"],
            name=body["technician_name"],
            note=body["note"],
        )
    call.session.flush()
    return queries.show_accompaniment(call.session, call.caller, accompaniment_id)


@resource.post("/<uuid:accompaniment_id>/plan", body=NextVisitIn, returns=AccompanimentOut, allow=EDITORS)
def plan(call: Call, body: dict[str, Any], accompaniment_id: UUID) -> dict[str, Any]:
    """Add a visit to the plan."""
    visit = NextVisit(body["due_on"], body["purpose"])
    accompany.plan_visit(call.session, call.caller, accompaniment_id, visit=visit)
    call.session.flush()
    return queries.show_accompaniment(call.session, call.caller, accompaniment_id)


@resource.post("/<uuid:accompaniment_id>/visits", body=VisitRecord, returns=AccompanimentOut, allow=EDITORS)
def visit(call: Call, body: dict[str, Any], accompaniment_id: UUID) -> dict[str, Any]:
    """Write down a visit that was made, and when to come again."""
    following = body["next_visit"]
    accompany.record_visit(
        call.session,
        call.caller,
        accompaniment_id,
        body.get("visit_id"),
        made_on=body["made_on"],
        minutes=body["minutes"],
        notes=body["notes"],
        agreements=body["agreements"],
        place=body["place"],
        needs=body["needs"],
        next_visit=None if following is None else NextVisit(following["due_on"], following["purpose"]),
    )
    call.session.flush()
    return queries.show_accompaniment(call.session, call.caller, accompaniment_id)


@resource.post(
    "/<uuid:accompaniment_id>/visits/<uuid:visit_id>/cancel",
    body=CancelIn,
    returns=AccompanimentOut,
    if_match=True,
    status=200,
    allow=EDITORS,
)
def cancel(call: Call, body: dict[str, Any], accompaniment_id: UUID, visit_id: UUID) -> dict[str, Any]:
    """A planned visit will not take place: it stays in the plan with the reason, and nobody is sent there any more."""
    accompany.cancel_visit(
        call.session, call.caller, accompaniment_id, visit_id, version=call.if_match, reason=body["reason"]
    )
    return queries.show_accompaniment(call.session, call.caller, accompaniment_id)

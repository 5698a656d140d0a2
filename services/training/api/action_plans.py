"""Action plans of enterprises, their review and what is reported along the way; the board of all of them."""

from typing import Any
from uuid import UUID

from services.training.api import diagnosis_schemas as schemas
from services.training.queries import action_plans as queries
from services.training.rules.csr_follow_up_access import READERS, REVIEWERS, TEAM
from services.training.use_cases import plan_actions, show_evidence
from shared.papers import LARGEST_FILE
from shared.web import Call, Page, Resource

resource = Resource("csr_plans", prefix="/csr-plans", description="Action plans of firms for six months.")
board = Resource("csr_follow_up", prefix="/csr-follow-up", description="Where each firm stands.")
_ONE = "/<uuid:plan_id>"
_CHANGE: dict[str, Any] = {"returns": schemas.CsrPlanOut, "if_match": True, "status": 200}


@board.get(query=schemas.FollowUpQuery, returns=schemas.FollowUpRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The firms of the caller's territory by name, each with its latest diagnosis, its plan and the plan's light."""
    return queries.follow_up_board(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@board.get("/waiting", returns=schemas.CsrWaitingOut, allow=READERS)
def waiting(call: Call) -> dict[str, int]:
    """How many plans wait for a review, how many check-ins are due, how many plans stand amber or red."""
    return queries.overdue(call.session, call.caller)


@board.get("/<uuid:sme_id>", returns=schemas.FollowUpRow, allow=READERS)
def one(call: Call, sme_id: UUID) -> dict[str, Any]:
    """Where one firm stands."""
    return queries.board_row(call.session, call.caller, sme_id)


@resource.post(body=schemas.CsrPlanIn, returns=schemas.CsrPlanOut, allow=TEAM)
def begin(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Begin a plan upon the latest diagnosis that was handed in."""
    return queries.told(plan_actions.begin_plan(call.session, call.caller, **body))


@resource.get(_ONE, returns=schemas.CsrPlanOut, allow=READERS)
def show(call: Call, plan_id: UUID) -> dict[str, Any]:
    """One plan with its reviews, check-ins and light."""
    return queries.show_plan(call.session, call.caller, plan_id)


@resource.put(_ONE, body=schemas.CsrPlanContent, returns=schemas.CsrPlanOut, allow=TEAM)
def write(call: Call, body: dict[str, Any], plan_id: UUID) -> dict[str, Any]:
    """Say what the plan says from now on."""
    which: dict[str, Any] = {"plan_id": plan_id, "version": call.if_match}
    return queries.told(plan_actions.write_plan(call.session, call.caller, **which, content=body))


@resource.post(f"{_ONE}/submission", allow=TEAM, **_CHANGE)
def submit(call: Call, plan_id: UUID) -> dict[str, Any]:
    """Hand it in for review."""
    return queries.told(plan_actions.submit_plan(call.session, call.caller, plan_id=plan_id, version=call.if_match))


@resource.post(f"{_ONE}/review", allow=REVIEWERS, **_CHANGE)
def take(call: Call, plan_id: UUID) -> dict[str, Any]:
    """Begin to review it; not one's own."""
    return queries.told(plan_actions.take_plan(call.session, call.caller, plan_id=plan_id, version=call.if_match))


@resource.post(f"{_ONE}/conclusion", body=schemas.CsrReviewIn, allow=REVIEWERS, **_CHANGE)
def conclude(call: Call, body: dict[str, Any], plan_id: UUID) -> dict[str, Any]:
    """Accept it, or return it with what is recommended."""
    which: dict[str, Any] = {"plan_id": plan_id, "version": call.if_match}
    return queries.told(plan_actions.review_plan(call.session, call.caller, **which, **body))


@resource.post(f"{_ONE}/key-aspects", body=schemas.KeyAspectsIn, allow=TEAM, **_CHANGE)
def select(call: Call, body: dict[str, Any], plan_id: UUID) -> dict[str, Any]:
    """Choose the few actions that are followed."""
    which: dict[str, Any] = {"plan_id": plan_id, "version": call.if_match}
    return queries.told(plan_actions.select_key_actions(call.session, call.caller, **which, **body))


@resource.post(f"{_ONE}/execution", body=schemas.CsrExecutionIn, allow=TEAM, **_CHANGE)
def execute(call: Call, body: dict[str, Any], plan_id: UUID) -> dict[str, Any]:
    """Begin to carry it out."""
    which: dict[str, Any] = {"plan_id": plan_id, "version": call.if_match}
    return queries.told(plan_actions.begin_execution(call.session, call.caller, **which, **body))


@resource.post(f"{_ONE}/check-ins", body=schemas.CsrCheckInIn, returns=schemas.CsrPlanOut, allow=TEAM)
def check_in(call: Call, body: dict[str, Any], plan_id: UUID) -> dict[str, Any]:
    """Report of a month: how far each key action has come, with evidence."""
    told = {**body, "progress": schemas.by_action(body["progress"])}
    return queries.told(plan_actions.check_in(call.session, call.caller, plan_id=plan_id, **told))


@resource.post(f"{_ONE}/evidence/<int(max=24):csr_month>", upload=LARGEST_FILE, returns=schemas.CsrPlanOut, allow=TEAM)
def show_month(call: Call, plan_id: UUID, csr_month: int) -> dict[str, Any]:
    """Show what was reported of a month: a PDF, JPEG or PNG of at most 10 MB, until the plan is closed."""
    assert call.upload is not None
    told: dict[str, Any] = {"name": call.upload.name, "content": call.upload.content}
    return queries.told(show_evidence.show_month(call.session, call.caller, plan_id=plan_id, month=csr_month, **told))


@resource.post(f"{_ONE}/closing", body=schemas.CsrClosingIn, allow=TEAM | REVIEWERS, **_CHANGE)
def close(call: Call, body: dict[str, Any], plan_id: UUID) -> dict[str, Any]:
    """Close it: what came of it was seen (not by who wrote it), or it was given up."""
    which: dict[str, Any] = {"plan_id": plan_id, "version": call.if_match}
    return queries.told(plan_actions.close_plan(call.session, call.caller, **which, **body))

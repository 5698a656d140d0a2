"""Long work for who asked for it: how far it is, its result, and to stop it. A service lists it among its resources."""

from typing import Any
from uuid import UUID

from shared import jobs
from shared.identity import ROLES
from shared.web import Call, Output, Resource, fields

EVERYBODY = frozenset(ROLES)
"""Whoever asked for a job may look after it; `shared.jobs` shows it to nobody else but administrators."""

resource = Resource("jobs", prefix="/jobs", description="Long work under way or done.")


class JobOut(Output):
    id = fields.Id()
    kind = fields.String(maximum=60)
    state = fields.Code(("queued", "running", "done", "failed", "cancelled"))
    done = fields.Integer()
    total = fields.Integer(allow_none=True)
    attempts = fields.Integer()
    result = fields.Anything(allow_none=True)
    error = fields.Anything(allow_none=True)
    cancel_asked = fields.Boolean()
    created_at = fields.Moment()
    started_at = fields.Moment(allow_none=True)
    finished_at = fields.Moment(allow_none=True)


@resource.get("/<uuid:job_id>", returns=JobOut, allow=EVERYBODY, scoped=False)
def show(call: Call, job_id: UUID) -> dict[str, Any]:
    """How the job stands; a failed one tells the code and facts of its refusal."""
    return jobs.status(call.session, call.caller, job_id)


@resource.post("/<uuid:job_id>/cancel", returns=JobOut, status=200, allow=EVERYBODY, scoped=False)
def cancel(call: Call, job_id: UUID) -> dict[str, Any]:
    """Ask to stop it: at once when it has not begun, else at its next report of progress."""
    return jobs.cancel(call.session, call.caller, job_id)

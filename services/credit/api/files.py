"""The papers of an application: those in its file, and those that show its conditions are met."""

from typing import Any
from uuid import UUID

from services.credit.api import DISBURSERS, FILE_READERS, STAFF, Context
from services.credit.models.conditions import VERIFIERS
from services.credit.queries import files as queries
from services.credit.queries.applications import condition
from services.credit.rules.completeness import KINDS
from services.credit.use_cases import find
from services.credit.use_cases.keep_file import attach_paper, attach_plan, detach_paper, paper_of
from services.credit.use_cases.meet_conditions import evidence_of, meet_condition, show_evidence
from shared import files
from shared.papers import LARGEST_FILE
from shared.web import Call, Download, Input, Output, Resource, fields

resource = Resource("application_papers", prefix="/applications", description="The papers of an application.")
_CONDITION = "/<uuid:application_id>/conditions/<uuid:condition_id>"
_PAPERS = "/<uuid:application_id>/attachments"


class PaperIn(Input):
    kind = fields.Code(KINDS, required=True)


class LinkedPlanIn(Input):
    plan_id = fields.Id(required=True)


class AttachmentOut(Output):
    """A paper: a stored file, or a business plan of the registry (`plan_id`), which has no size here. `seen` once it
    has been on an agenda.
    """

    id = fields.Id()
    kind = fields.Code(KINDS)
    name = fields.String()
    media_type = fields.String(allow_none=True)
    size = fields.Integer(allow_none=True)
    plan_id = fields.Id(allow_none=True)
    seen = fields.Boolean()
    added_at = fields.Moment()
    added_by_name = fields.String()


class LackingOut(Output):
    """What the regulations want in the file and is not there: `name` as they call it."""

    kind = fields.Code(KINDS)
    name = fields.String()
    needed = fields.Integer()
    held = fields.Integer()


class ApplicationFileOut(Output):
    attachments = fields.List(fields.Nested(AttachmentOut))
    lacking = fields.List(fields.Nested(LackingOut))
    complete = fields.Boolean()


class ConditionOut(Output):
    id = fields.Id()
    position = fields.Integer()
    text = fields.String()
    due_on = fields.Day(allow_none=True)
    verifier = fields.Code(VERIFIERS)
    state = fields.Code(("open", "met"))
    note = fields.String()
    met_at = fields.Moment(allow_none=True)
    met_by_name = fields.String(allow_none=True)
    evidence = fields.Boolean()


class VerificationIn(Input):
    note = fields.String(minimum=0, maximum=500, load_default="")


@resource.get(_PAPERS, returns=ApplicationFileOut, allow=FILE_READERS)
def list_papers_(call: Call, application_id: UUID) -> dict[str, Any]:
    """The papers in the file, and what the regulations want beside them."""
    return queries.held(call.session, find.application_to_read(call.session, call.caller, application_id))


@resource.post(_PAPERS, upload=LARGEST_FILE, body=PaperIn, returns=AttachmentOut, allow=STAFF)
def attach_paper_(call: Call, application_id: UUID) -> dict[str, Any]:
    """Put a paper into the file: a PDF or a picture."""
    assert call.upload is not None
    attachment = attach_paper(
        call.session,
        call.caller,
        application_id=application_id,
        kind=call.form["kind"],
        name=call.upload.name,
        content=call.upload.content,
    )
    return queries.paper(call.session, attachment)


@resource.post("/<uuid:application_id>/business-plans", body=LinkedPlanIn, returns=AttachmentOut, allow=STAFF)
def attach_plan_(call: Call, body: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """Link a business plan of the registry as evidence; it counts as one in the file."""
    context: Context = call.context
    plans = context.directory.business_plan
    attachment = attach_plan(call.session, call.caller, application_id=application_id, plans=plans, **body)
    return queries.paper(call.session, attachment)


@resource.get(f"{_PAPERS}/<uuid:attachment_id>", download=True, allow=FILE_READERS)
def download_paper_(call: Call, application_id: UUID, attachment_id: UUID) -> Download:
    """A paper as it was put into the file."""
    application = find.application_to_read(call.session, call.caller, application_id)
    file = files.find(call.session, paper_of(application, attachment_id))
    return Download(files.read(call.session, file.id), file.name, file.media_type, inline=True)


@resource.post(f"{_PAPERS}/<uuid:attachment_id>/removal", returns=ApplicationFileOut, status=200, allow=STAFF)
def detach_paper_(call: Call, application_id: UUID, attachment_id: UUID) -> dict[str, Any]:
    """Take a paper out of the file and erase it; refused once it has been on an agenda."""
    application = detach_paper(call.session, call.caller, application_id=application_id, attachment_id=attachment_id)
    return queries.held(call.session, application)


@resource.post(f"{_CONDITION}/evidence", upload=LARGEST_FILE, returns=ConditionOut, allow=STAFF)
def show_evidence_(call: Call, application_id: UUID, condition_id: UUID) -> dict[str, Any]:
    """Keep the paper that shows that a condition is met: a PDF or a picture."""
    assert call.upload is not None
    done = show_evidence(
        call.session,
        call.caller,
        application_id=application_id,
        condition_id=condition_id,
        name=call.upload.name,
        content=call.upload.content,
    )
    return condition(done)


@resource.get(f"{_CONDITION}/evidence", download=True, allow=FILE_READERS | DISBURSERS)
def download_evidence_(call: Call, application_id: UUID, condition_id: UUID) -> Download:
    """The paper that shows that a condition is met."""
    found = evidence_of(call.session, find.application_to_read(call.session, call.caller, application_id), condition_id)
    file = files.find(call.session, found)
    return Download(files.read(call.session, file.id), file.name, file.media_type, inline=True)


@resource.post(f"{_CONDITION}/verification", body=VerificationIn, returns=ConditionOut, allow=STAFF)
def meet_condition_(call: Call, body: dict[str, Any], application_id: UUID, condition_id: UUID) -> dict[str, Any]:
    """Say that a condition is met, as who was asked to look."""
    done = meet_condition(call.session, call.caller, application_id=application_id, condition_id=condition_id, **body)
    return condition(done)

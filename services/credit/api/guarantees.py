"""What stands behind an application."""

from typing import Any
from uuid import UUID

from services.credit.api import FILE_READERS, STAFF, Context
from services.credit.api.loans import GuaranteeOfLoan
from services.credit.models import Guarantee
from services.credit.queries import guarantees as queries
from services.credit.rules.guarantees import OFFERED
from services.credit.sealing import Outsider
from services.credit.use_cases import find
from services.credit.use_cases.keep_guarantees import drop_guarantee, offer_guarantee, paper_of, show_guarantee
from shared import files
from shared.papers import LARGEST_FILE
from shared.web import Call, Download, Input, Output, Resource, fields

resource = Resource("guarantees", prefix="/applications", description="What stands behind an application.")


class GuarantorIn(Input):
    name = fields.String(maximum=120, required=True)
    document = fields.String(maximum=40, pattern=r"[A-Za-z0-9 .\-]{4,40}", required=True)


class GuaranteeIn(Input):
    kind = fields.Code(OFFERED, required=True)
    value = fields.MoneyField(minimum=1, required=True)
    description = fields.String(minimum=0, maximum=500, load_default="")
    guarantor_id = fields.Id(load_default=None, allow_none=True)
    person = fields.Nested(GuarantorIn, load_default=None, allow_none=True)


class GuaranteeOut(GuaranteeOfLoan):
    description = fields.String()
    guarantor_id = fields.Id(allow_none=True)
    enterprise_id = fields.Id(allow_none=True)
    name = fields.String(allow_none=True)
    document = fields.String(allow_none=True)
    paper = fields.Boolean()
    added_by_name = fields.String()


class CoverageOut(Output):
    amount = fields.MoneyField()
    covered = fields.MoneyField()
    percent = fields.Integer()
    needed = fields.Integer()
    missing = fields.MoneyField()
    enough = fields.Boolean()


class StandingBehind(Output):
    guarantees = fields.List(fields.Nested(GuaranteeOut))
    kinds = fields.List(fields.Code(OFFERED))
    coverage = fields.Nested(CoverageOut, allow_none=True)


@resource.get("/<uuid:application_id>/guarantees", returns=StandingBehind, allow=FILE_READERS)
def show_guarantees_(call: Call, application_id: UUID) -> dict[str, Any]:
    """The guarantees of an application, and how far they cover it."""
    return queries.of_application(call.session, find.application_to_read(call.session, call.caller, application_id))


@resource.post("/<uuid:application_id>/guarantees", body=GuaranteeIn, returns=GuaranteeOut, allow=STAFF)
def offer_guarantee_(call: Call, body: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """Put a guarantee into the file: a thing, a woman of the registry, or somebody else, whose name and document rest
    sealed.
    """
    context: Context = call.context
    person = body.pop("person")
    done = offer_guarantee(
        call.session,
        call.caller,
        application_id=application_id,
        outsider=Outsider(**person) if person else None,
        people=context.directory.person,
        **body,
    )
    return _shown(call, application_id, done)


@resource.post(
    "/<uuid:application_id>/guarantees/<uuid:guarantee_id>/removal", returns=StandingBehind, status=200, allow=STAFF
)
def drop_guarantee_(call: Call, application_id: UUID, guarantee_id: UUID) -> dict[str, Any]:
    """Take a guarantee out of the file; nothing of it is kept."""
    application = drop_guarantee(call.session, call.caller, application_id=application_id, guarantee_id=guarantee_id)
    return queries.of_application(call.session, application)


@resource.post(
    "/<uuid:application_id>/guarantees/<uuid:guarantee_id>/paper",
    upload=LARGEST_FILE,
    returns=GuaranteeOut,
    allow=STAFF,
)
def show_guarantee_(call: Call, application_id: UUID, guarantee_id: UUID) -> dict[str, Any]:
    """Keep the paper of a guarantee: a PDF or a picture."""
    assert call.upload is not None
    done = show_guarantee(
        call.session,
        call.caller,
        application_id=application_id,
        guarantee_id=guarantee_id,
        name=call.upload.name,
        content=call.upload.content,
    )
    return _shown(call, application_id, done)


@resource.get("/<uuid:application_id>/guarantees/<uuid:guarantee_id>/paper", download=True, allow=FILE_READERS)
def download_guarantee_(call: Call, application_id: UUID, guarantee_id: UUID) -> Download:
    """The paper of a guarantee."""
    found = paper_of(call.session, find.application_to_read(call.session, call.caller, application_id), guarantee_id)
    file = files.find(call.session, found)
    return Download(files.read(call.session, file.id), file.name, file.media_type, inline=True)


def _shown(call: Call, application_id: UUID, row: Guarantee) -> dict[str, Any]:
    application = find.application_to_read(call.session, call.caller, application_id)
    fund = find.fund(call.session, call.caller, application.fund_id)
    return queries.guarantee(call.session, row, application, None, fund)

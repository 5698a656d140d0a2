"""The instruments a fund lends under: editions of the regulations line by line, Agreement Letters, signed files; and
the limits of concentration they set.
"""

from typing import Any
from uuid import UUID

from flask import current_app

from services.credit.api import READERS
from services.credit.api.funds import BOOKS, KEEPERS, Signatory, TableOut
from services.credit.queries import instruments as queries
from services.credit.queries.concentration import concentrations
from services.credit.rules.agreement import ROLES
from services.credit.rules.concentration import KINDS
from services.credit.use_cases import find
from services.credit.use_cases.keep_instruments import (
    adopt_agreement,
    keep_agreement_file,
    keep_regulations_file,
    signed_file,
    take_back_regulations,
)
from shared import files
from shared.i18n import Catalogue
from shared.kernel import Invalid
from shared.papers import LARGEST_FILE
from shared.web import Call, Download, Input, Output, Query, Resource, fields

resource = Resource("instruments", prefix="/funds", description="The instruments a fund lends under.")
SEERS = READERS | {"admin"}


class CheckIn(Input):
    parameters = fields.Anything(required=True, metadata={"type": "object"})


class AgainstQuery(Query):
    against = fields.Id(required=True)


class PartyIn(Input):
    name = fields.String(required=True)
    role = fields.Code(ROLES, required=True)


class AgreementIn(Input):
    title = fields.String(required=True)
    source = fields.String(maximum=2000, required=True)
    valid_from = fields.Day(required=True)
    valid_until = fields.Day(load_default=None, allow_none=True)
    trustee = fields.String(required=True)
    trustee_account = fields.String(maximum=40, required=True)
    parties = fields.List(fields.Nested(PartyIn), minimum=1, maximum=20, required=True)
    signatories = fields.List(fields.Nested(Signatory), minimum=1, maximum=20, required=True)
    parameters = fields.Anything(load_default=dict, metadata={"type": "object"})


class SignedFile(Output):
    name = fields.String()
    size = fields.Integer()
    sha256 = fields.String()
    kept_at = fields.Moment()
    whole = fields.Boolean()


class EditionLine(Output):
    path = fields.String()
    value = fields.Anything()
    since = fields.Day()
    source = fields.String(allow_none=True)


class EditionOut(Output):
    id = fields.Id()
    edition = fields.Integer()
    title = fields.String()
    source = fields.String()
    valid_from = fields.Day()
    signatories = fields.Anything()
    parameters = fields.Anything()
    recorded_at = fields.Moment()
    in_force = fields.Boolean()
    file = fields.Nested(SignedFile, allow_none=True)
    lines = fields.List(fields.Nested(EditionLine))
    unset = fields.List(fields.String())
    unsourced = fields.List(fields.String())
    tables = fields.List(fields.Nested(TableOut))


class TakingBackIn(Input):
    reason = fields.String(maximum=500, required=True)


class TakenBackOut(Output):
    id = fields.Id()
    edition = fields.Integer()
    title = fields.String()
    source = fields.String()
    valid_from = fields.Day()
    signatories = fields.Anything()
    parameters = fields.Anything()
    reason = fields.String()
    taken_back_at = fields.Moment()
    taken_back_by_name = fields.String()


class ChangeOut(Output):
    path = fields.String()
    before = fields.Anything()
    after = fields.Anything()


class Wrong(Output):
    pointer = fields.String()
    code = fields.String()
    detail = fields.String()


class ChecksOut(Output):
    problems = fields.List(fields.Nested(Wrong))
    changes = fields.List(fields.Nested(ChangeOut))


class AgreementOut(Output):
    id = fields.Id()
    edition = fields.Integer()
    title = fields.String()
    source = fields.String()
    valid_from = fields.Day()
    valid_until = fields.Day(allow_none=True)
    trustee = fields.String()
    trustee_account = fields.String()
    parties = fields.Anything()
    signatories = fields.Anything()
    parameters = fields.Anything()
    in_force = fields.Boolean()
    file = fields.Nested(SignedFile, allow_none=True)


class ConcentrationOut(Output):
    kind = fields.Code(KINDS)
    of = fields.String()
    held = fields.MoneyField()
    percent = fields.String()
    limit = fields.String(allow_none=True)
    ceiling = fields.MoneyField(allow_none=True)
    binds = fields.Boolean()
    exceeds = fields.Boolean()


@resource.get("/<uuid:fund_id>/regulations/<uuid:regulations_id>", returns=EditionOut, allow=SEERS)
def show_regulations_(call: Call, fund_id: UUID, regulations_id: UUID) -> dict[str, Any]:
    """One edition of the regulations: each line, where it comes from, and since when it has stood as it does."""
    fund = find.fund(call.session, call.caller, fund_id)
    return queries.edition(call.session, fund, find.regulations(call.session, fund, regulations_id))


@resource.get(
    "/<uuid:fund_id>/regulations/<uuid:regulations_id>/changes", query=AgainstQuery, returns=ChecksOut, allow=SEERS
)
def compare_regulations_(call: Call, fund_id: UUID, regulations_id: UUID) -> dict[str, Any]:
    """What this edition changes of another one (`against`)."""
    fund = find.fund(call.session, call.caller, fund_id)
    before = find.regulations(call.session, fund, call.query["against"])
    after = find.regulations(call.session, fund, regulations_id)
    return {"problems": [], "changes": queries.changes(before.parameters, after.parameters)}


@resource.post(
    "/<uuid:fund_id>/regulations/<uuid:regulations_id>/taking-back",
    body=TakingBackIn,
    returns=TakenBackOut,
    allow=KEEPERS,
)
def take_back_regulations_(call: Call, body: dict[str, Any], fund_id: UUID, regulations_id: UUID) -> Any:
    """Take back an edition that has not begun; it is kept with the reason."""
    return take_back_regulations(
        call.session, call.caller, fund_id=fund_id, regulations_id=regulations_id, reason=body["reason"]
    )


@resource.get("/<uuid:fund_id>/taken-back-editions", returns=TakenBackOut, allow=SEERS)
def list_taken_back_(call: Call, fund_id: UUID) -> Any:
    """The editions that were taken back before they began."""
    return queries.taken_back(call.session, find.fund(call.session, call.caller, fund_id))


@resource.post("/<uuid:fund_id>/regulations/check", body=CheckIn, returns=ChecksOut, status=200, allow=KEEPERS)
def check_regulations_(call: Call, body: dict[str, Any], fund_id: UUID) -> dict[str, Any]:
    """What is wrong with a set of parameters, each at its place, and what it would change; nothing is adopted."""
    fund = find.fund(call.session, call.caller, fund_id)
    problems, changes = queries.checked(call.session, fund, _object(body["parameters"]))
    catalogue: Catalogue = current_app.extensions["catalogue"]
    return {
        "problems": [
            {
                "pointer": one.pointer,
                "code": one.code,
                "detail": catalogue.sentence(one.code, one.facts, call.language),
            }
            for one in problems
        ],
        "changes": changes,
    }


@resource.post(
    "/<uuid:fund_id>/regulations/<uuid:regulations_id>/file", upload=LARGEST_FILE, returns=EditionOut, allow=KEEPERS
)
def keep_regulations_file_(call: Call, fund_id: UUID, regulations_id: UUID) -> dict[str, Any]:
    """Keep the signed file of an edition, a PDF; it stays once the edition has begun."""
    assert call.upload is not None
    row = keep_regulations_file(
        call.session,
        call.caller,
        fund_id=fund_id,
        regulations_id=regulations_id,
        name=call.upload.name,
        content=call.upload.content,
    )
    return queries.edition(call.session, find.fund(call.session, call.caller, fund_id), row)


@resource.get("/<uuid:fund_id>/regulations/<uuid:regulations_id>/file", download=True, allow=SEERS)
def download_regulations_file_(call: Call, fund_id: UUID, regulations_id: UUID) -> Download:
    """The signed file of an edition."""
    fund = find.fund(call.session, call.caller, fund_id)
    return _download(call, signed_file(find.regulations(call.session, fund, regulations_id)))


@resource.get("/<uuid:fund_id>/agreements", returns=AgreementOut, allow=SEERS)
def list_agreements_(call: Call, fund_id: UUID) -> list[dict[str, Any]]:
    """Every version of the Agreement Letter, newest first."""
    return queries.letters(call.session, find.fund(call.session, call.caller, fund_id))


@resource.post("/<uuid:fund_id>/agreements", body=AgreementIn, returns=AgreementOut, allow=KEEPERS)
def adopt_agreement_(call: Call, body: dict[str, Any], fund_id: UUID) -> dict[str, Any]:
    """Adopt the next version of the Agreement Letter; from its day on its trustee keeps the money."""
    body["parameters"] = _object(body["parameters"])
    row = adopt_agreement(call.session, call.caller, fund_id=fund_id, **body)
    return queries.letter(call.session, find.fund(call.session, call.caller, fund_id), row)


@resource.post(
    "/<uuid:fund_id>/agreements/<uuid:agreement_id>/file", upload=LARGEST_FILE, returns=AgreementOut, allow=KEEPERS
)
def keep_agreement_file_(call: Call, fund_id: UUID, agreement_id: UUID) -> dict[str, Any]:
    """Keep the signed file of a letter, a PDF; it stays once the letter has begun."""
    assert call.upload is not None
    row = keep_agreement_file(
        call.session,
        call.caller,
        fund_id=fund_id,
        agreement_id=agreement_id,
        name=call.upload.name,
        content=call.upload.content,
    )
    return queries.letter(call.session, find.fund(call.session, call.caller, fund_id), row)


@resource.get("/<uuid:fund_id>/agreements/<uuid:agreement_id>/file", download=True, allow=SEERS)
def download_agreement_file_(call: Call, fund_id: UUID, agreement_id: UUID) -> Download:
    """The signed file of a letter."""
    fund = find.fund(call.session, call.caller, fund_id)
    return _download(call, signed_file(find.agreement(call.session, fund, agreement_id)))


@resource.get("/<uuid:fund_id>/concentration", returns=ConcentrationOut, allow=BOOKS)
def show_concentration_(call: Call, fund_id: UUID) -> list[dict[str, Any]]:
    """The largest borrowers, activities and municipalities, their share of the fund, and its limits."""
    fund = find.fund(call.session, call.caller, fund_id)
    fund.require_whole(call.caller)
    return concentrations(call.session, fund)


def _object(parameters: Any) -> dict[str, Any]:
    if not isinstance(parameters, dict):
        raise Invalid("regulations.not_an_object", pointer="/parameters")
    return parameters


def _download(call: Call, file_id: UUID) -> Download:
    file = files.find(call.session, file_id)
    return Download(files.read(call.session, file.id), file.name, file.media_type, inline=True)

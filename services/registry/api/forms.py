"""Our own field form, the tokens of the forms that send us submissions, and the door where those arrive."""

from typing import Any
from uuid import UUID

from flask import current_app, request
from marshmallow import INCLUDE

from services.registry.intake.sent import as_document, pared, read_sent
from services.registry.intake.xlsform import FORM_ID, form_xlsx
from services.registry.models import FormToken
from services.registry.queries.drafts import list_tokens
from services.registry.rules.visibility import COORDINATORS, EDITORS
from services.registry.tables import place_aliases
from services.registry.use_cases.receive_submission import (
    Received,
    count_wrong_token,
    create_token,
    receive_submission,
    revoke_token,
    token_of,
)
from shared import places
from shared.database import Database
from shared.kernel import Refused, clock
from shared.metrics import counter
from shared.spreadsheets import XLSX
from shared.tokens import Unauthenticated
from shared.web import Call, Download, Input, Output, Resource, Unfit, fields

REFUSED = counter("csem_hook_refused_total", "Submissions of form servers that were refused, by why", ("code",))
HEADER = "X-CSEM-Form-Token"
_READERS = EDITORS | COORDINATORS | {"auditor"}

resource = Resource("forms", prefix="/forms", description="Our own field form, and the tokens of its deployments.")
hooks = Resource("hooks", prefix="/hooks", description="Where form servers send single submissions.")


class TokenIn(Input):
    """`units` are the places it is for (official codes); none named: all of the caller's territory."""

    form = fields.String(maximum=120, required=True)
    units = fields.List(fields.String(maximum=6, pattern="[A-Z]{2}[0-9]{0,4}"), load_default=list, maximum=100)


class TokenOut(Output):
    id = fields.Id()
    form = fields.String()
    units = fields.List(fields.String())
    ends_with = fields.String()
    created_at = fields.Moment()
    created_by_name = fields.String()
    used_at = fields.Moment(allow_none=True)
    revoked_at = fields.Moment(allow_none=True)
    revoked_by_name = fields.String(allow_none=True)


class NewTokenOut(TokenOut):
    """`secret` is shown this once; `header` is the name under which the form server sends it."""

    secret = fields.String()
    header = fields.String()


class KoboSubmission(Input):
    """A submission as the REST services of KoboToolbox send it: what they always tell, and the answers besides."""

    class Meta:
        unknown = INCLUDE

    _uuid = fields.String(maximum=100, required=True)
    _xform_id_string = fields.String(maximum=200, required=True)


class ReceivedOut(Output):
    """`outcome`: it is `waiting` to be looked at, is the `same` as before, or was `not_kept` (she does not agree)."""

    outcome = fields.String()
    draft_id = fields.Id(allow_none=True)


@resource.get("/xlsform.xlsx", download=True, allow=_READERS, scoped=False)
def own_form(call: Call) -> Download:
    """Our own form as an XLSForm, for KoboToolbox or ODK; its version tells its content."""
    del call
    return Download(form_xlsx(), f"{FORM_ID}.xlsx", XLSX)


@resource.get("/tokens", returns=TokenOut, allow=COORDINATORS | {"auditor"})
def tokens(call: Call) -> list[FormToken]:
    """The tokens of the caller's territory; never their secrets."""
    return list_tokens(call.session, call.caller)


@resource.post("/tokens", body=TokenIn, returns=NewTokenOut, allow=COORDINATORS)
def create(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """A token for one form on a form server. Its secret is in this answer and nowhere else."""
    token, secret = create_token(call.session, call.caller, form=body["form"], units=body["units"])
    return {**TokenOut.row(token), "secret": secret, "header": HEADER}


@resource.post("/tokens/<uuid:token_id>/revoke", status=200, returns=TokenOut, allow=COORDINATORS)
def revoke(call: Call, token_id: UUID) -> FormToken:
    """From now on the token opens nothing."""
    return revoke_token(call.session, call.caller, token_id)


@hooks.post("/kobo", status=200, body=KoboSubmission, returns=ReceivedOut, public=True, writes=False)
def kobo(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """One submission, proved by the token of its form in the header X-CSEM-Form-Token. It waits to be looked at, and
    is never directly a record. Sent again it is answered the same; edited it takes the place of what it said before.
    """
    try:
        received = _receive(call, body)
    except Refused as refused:
        REFUSED.labels(refused.code).inc()
        if refused.code in {"hook.throttled", "hook.too_many_wrong"}:
            raise Unfit(429, refused.code, **refused.facts) from refused
        raise
    return {"outcome": received.outcome, "draft_id": received.draft_id}


def _receive(call: Call, body: dict[str, Any]) -> Received:
    database: Database = current_app.extensions["database"]
    text, address = request.headers.get(HEADER), request.remote_addr or ""
    try:
        token_id = token_of(call.session, text, address).id
    except Unauthenticated as refused:
        if text and refused.code == "hook.token_wrong":
            database.insist(lambda session: count_wrong_token(session, text, address))
        raise
    content = as_document(pared(body))
    submission = read_sent(content, places.municipalities(), clock.today(), place_aliases(clock.today()))
    sealer = call.context.sealer
    return database.insist(lambda session: receive_submission(session, sealer, token_id, submission, content))

"""Whether a printed document is ours; nothing personal is told."""

from typing import Any

from flask import current_app

from services.credit.queries.documents import verification
from shared.i18n import Catalogue
from shared.kernel import NotFound
from shared.web import Call, Output, Resource, fields

resource = Resource("documents", prefix="/documents", description="Whether a printed document is ours.")


class Named(Output):
    number = fields.String()
    hash = fields.String()


class VerificationOut(Output):
    kind = fields.Code(("acta", "promissory_note", "receipt", "statement", "session_notice", "compliance"))
    title = fields.String()
    number = fields.String()
    issued_on = fields.Day()
    issuer = fields.String()
    sequence = fields.Integer(allow_none=True)
    previous = fields.String(allow_none=True)
    following = fields.String(allow_none=True)
    chain_whole = fields.Boolean()
    public_key = fields.String(allow_none=True)
    signature = fields.String(allow_none=True)
    corrected_by = fields.List(fields.Nested(Named))
    corrects = fields.List(fields.Nested(Named))


@resource.get("/<string(maxlength=64):code>/verification", returns=VerificationOut, allow={"service"}, scoped=False)
def verify_document_(call: Call, code: str) -> dict[str, Any]:
    """The document whose content has this hash, and its place in the chain of minutes."""
    found = verification(call.session, code)
    if found is None:
        raise NotFound("verification.unknown")
    catalogue: Catalogue = current_app.extensions["catalogue"]
    return {**found, "title": catalogue.sentence(f"document.{found['kind']}", {}, call.language)}

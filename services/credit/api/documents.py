"""Whether a printed document is ours; nothing personal is told."""

from typing import Any

from flask import current_app

from services.credit.queries.documents import verification
from services.credit.queries.standing import STANDINGS
from shared.i18n import Catalogue
from shared.kernel import NotFound
from shared.web import Call, Output, Resource, fields

resource = Resource("documents", prefix="/documents", description="Whether a printed document is ours.")


KINDS = (
    *("acta", "promissory_note", "addendum", "receipt", "statement", "session_notice", "compliance", "tranche"),
    *("reversal", "refund", "reminder", "closure", "seed_agreement", "regulations", "agreement"),
)


class Named(Output):
    number = fields.String()
    hash = fields.String()


class OtherPaper(Output):
    number = fields.String()
    hash = fields.String(allow_none=True)


class VerificationOut(Output):
    kind = fields.Code(KINDS)
    title = fields.String()
    number = fields.String()
    issued_on = fields.Day()
    issuer = fields.String()
    sequence = fields.Integer(allow_none=True)
    previous = fields.String(allow_none=True)
    following = fields.String(allow_none=True)
    chain_whole = fields.Boolean()
    revoked = fields.Boolean()
    standing = fields.Code(STANDINGS, allow_none=True)
    standing_since = fields.Day(allow_none=True)
    standing_by = fields.Nested(OtherPaper, allow_none=True)
    public_key = fields.String(allow_none=True)
    signature = fields.String(allow_none=True)
    corrected_by = fields.List(fields.Nested(Named))
    corrects = fields.List(fields.Nested(Named))


@resource.get("/<string(maxlength=64):code>/verification", returns=VerificationOut, allow={"service"}, scoped=False)
def verify_document_(call: Call, code: str) -> dict[str, Any]:
    """The document whose content has this hash, and its place in the chain of minutes, or whether it still holds."""
    found = verification(call.session, code)
    if found is None:
        raise NotFound("verification.unknown")
    catalogue: Catalogue = current_app.extensions["catalogue"]
    return {**found, "title": catalogue.sentence(f"document.{found['kind']}", {}, call.language)}

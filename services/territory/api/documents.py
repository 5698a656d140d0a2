"""Whether a printed report is ours; nothing personal is told."""

from typing import Any

from services.territory import reference
from services.territory.composition import Composition
from services.territory.queries.issued import verification
from services.territory.queries.report_subjects import KINDS
from shared.kernel import NotFound
from shared.web import Call, Output, Resource, fields

resource = Resource("documents", prefix="/documents", description="Whether a printed report is ours.")


class VerificationOut(Output):
    kind = fields.Code([f"{kind}_report" for kind in KINDS])
    title = fields.String()
    number = fields.String()
    issued_on = fields.Day()
    issuer = fields.String()


@resource.get("/<string(maxlength=64):code>/verification", returns=VerificationOut, allow={"service"}, scoped=False)
def verify(call: Call, code: str) -> dict[str, Any]:
    """The report whose content has this hash, or begins with these sixteen digits of it: of which place, with
    which number, and when it was printed first.
    """
    found = verification(call.session, code)
    if found is None:
        raise NotFound("verification.unknown")
    context: Composition = call.context
    template = reference.chain_templates().get(found["chain"] or "")
    chain = template.names[call.language] if template else ""
    title = context.words(call.language)(f"document.{found['kind']}", place=found["units"], chain=chain)
    return {**found, "title": title}

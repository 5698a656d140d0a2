"""Whether a printed document is ours; nothing personal is told."""

from typing import Any

from services.registry.queries.issued import verification
from shared.kernel import NotFound
from shared.web import Call, Output, Resource, fields

resource = Resource("documents", prefix="/documents", description="Whether a printed document is ours.")


class VerificationOut(Output):
    kind = fields.Code(["business_plan"])
    title = fields.String()
    number = fields.String()
    issued_on = fields.Day()
    issuer = fields.String()


@resource.get("/<string(maxlength=64):code>/verification", returns=VerificationOut, allow={"service"}, scoped=False)
def verify(call: Call, code: str) -> dict[str, Any]:
    """The paper whose content has this hash, or begins with these sixteen digits of it."""
    found = verification(call.session, code)
    if found is None:
        raise NotFound("verification.unknown")
    return {**found, "title": call.context.sentence(f"document.{found['kind']}", {}, call.language)}

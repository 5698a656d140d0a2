"""Whether a printed document is ours; nothing personal is told."""

from typing import Any

from services.training.api.csr_reports import csr_paper
from services.training.api.diploma_schemas import VerificationOut
from services.training.api.donor_reports import donor_paper
from services.training.queries.diplomas import verification
from shared.kernel import NotFound
from shared.web import Call, Resource

resource = Resource("documents", prefix="/documents", description="Whether a printed document is ours.")


@resource.get("/<string(maxlength=64):code>/verification", returns=VerificationOut, allow={"service"}, scoped=False)
def verify(call: Call, code: str) -> dict[str, Any]:
    """The document whose content has this hash, or begins with these sixteen digits of it, and how it stands."""
    found = verification(call.session, code) or csr_paper(call, code) or donor_paper(call, code)
    if found is None:
        raise NotFound("verification.unknown")
    return {"standing": "in_force", "standing_since": found["issued_on"], "standing_by": None} | found

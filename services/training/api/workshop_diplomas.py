"""Diplomas for the participants of a workshop: who earned one, and issuing them."""

from typing import Any
from uuid import UUID

from services.training.api.diploma_batches import shown
from services.training.api.diploma_schemas import BatchOut, EarnedOut, WorkshopBatchIn
from services.training.composition import Composition
from services.training.queries.diplomas import show_batch
from services.training.queries.workshop_diplomas import show_earned
from services.training.rules.csr_access import PERSON_READERS, TEAM
from services.training.use_cases.award_workshop import award_workshop
from shared.web import Call, Resource

resource = Resource(
    "workshop_diplomas",
    prefix="/csr-workshops/<uuid:activity_id>/diplomas",
    description="Diplomas for the participants of workshops.",
)


@resource.get(returns=EarnedOut, allow=PERSON_READERS)
def earned(call: Call, activity_id: UUID) -> dict[str, Any]:
    """For how many of its hours each participant was there, and which diplomas she earned or why not."""
    return show_earned(call.session, call.caller, activity_id)


@resource.post(body=WorkshopBatchIn, returns=BatchOut, allow=TEAM)
def issue(call: Call, body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Issue a diploma to every participant who earned one and has none yet, or to those named, and print them; the
    others get a reason.
    """
    context: Composition = call.context
    batch = award_workshop(call.session, call.caller, context.keyring, activity_id, **body)
    return shown(call, show_batch(call.session, batch))

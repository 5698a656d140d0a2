"""How women can come to a training."""

from typing import Any
from uuid import UUID

from services.training.api.round_schemas import WomanIn, WomanOut
from services.training.api.schemas import READERS, TEAM
from services.training.queries.rounds import show_woman
from services.training.use_cases.note_woman import note_woman
from shared.web import Call, Resource

resource = Resource("women", prefix="/women", description="How women can come: hours, languages, children, pairs.")


@resource.get("/<uuid:entrepreneur_id>/availability", returns=WomanOut, allow=READERS)
def show(call: Call, entrepreneur_id: UUID) -> dict[str, Any]:
    """What is noted of how she can come; version 0 and what counts meanwhile, where nothing is."""
    return show_woman(call.session, call.caller, entrepreneur_id)


@resource.put("/<uuid:entrepreneur_id>/availability", body=WomanIn, returns=WomanOut, allow=TEAM)
def note(call: Call, body: dict[str, Any], entrepreneur_id: UUID) -> dict[str, Any]:
    """Note how she can come, in place of what was noted before."""
    note_woman(call.session, call.caller, entrepreneur_id=entrepreneur_id, version=call.if_match, told=body)
    return show_woman(call.session, call.caller, entrepreneur_id)

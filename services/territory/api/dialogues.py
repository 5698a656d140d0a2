"""Public hearings, dialogues of many sides, and alliances."""

from typing import Any
from uuid import UUID

from services.territory.api import lists
from services.territory.api.councils_schemas import (
    AllianceIn,
    AllianceOut,
    CommitmentIn,
    CommitmentOut,
    DayIn,
    DialogueIn,
    DialogueOut,
    DialoguesQuery,
    DialoguesTableQuery,
    UnitQuery,
    WholeDialogueOut,
)
from services.territory.queries import councils as queries
from services.territory.rules.access import COUNCIL_KEEPERS, INFLUENCE_READERS
from services.territory.use_cases.follow_commitments import agree_in_dialogue
from services.territory.use_cases.hold_dialogues import end_alliance, form_alliance, hold_dialogue
from shared.web import Call, Download, Page, Resource

resource = Resource("dialogues", prefix="/dialogues", description="Public hearings and dialogues of many sides.")
alliances = Resource("alliances", prefix="/alliances", description="Alliances of women's organizations.")
_ONE = "/<uuid:dialogue_id>"
_COLUMNS = ("unit", "kind", "title", "held_on", "institutions", "women", "men")


@resource.get(query=DialoguesQuery, returns=DialogueOut, paged=True, allow=INFLUENCE_READERS)
def list_(call: Call) -> Page:
    """The hearings and dialogues of the caller's territory and of what it lies in."""
    return queries.list_dialogues(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/table", query=DialoguesTableQuery, download=True, allow=INFLUENCE_READERS)
def download(call: Call) -> Download:
    """The same dialogues as a table, all of them."""
    rows = queries.all_dialogues(call.session, call.caller, call.query)
    return lists.download(call, "dialogues", _COLUMNS, rows, coded={"kind": "dialogue_kind"})


@resource.post(body=DialogueIn, returns=WholeDialogueOut, allow=COUNCIL_KEEPERS)
def hold(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Write a hearing or a dialogue down, with counts of who was there."""
    return queries.whole_dialogue(call.session, hold_dialogue(call.session, call.caller, **body))


@resource.get(_ONE, returns=WholeDialogueOut, allow=INFLUENCE_READERS)
def show(call: Call, dialogue_id: UUID) -> dict[str, Any]:
    """A dialogue with who was there and what was agreed."""
    return queries.show_dialogue(call.session, call.caller, dialogue_id)


@resource.post(f"{_ONE}/agreements", body=CommitmentIn, returns=CommitmentOut, allow=COUNCIL_KEEPERS)
def agree(call: Call, body: dict[str, Any], dialogue_id: UUID) -> dict[str, Any]:
    """Write down what was agreed, who answers for it and until when."""
    return queries.commitment_row(agree_in_dialogue(call.session, call.caller, dialogue_id, **body))


@alliances.get(query=UnitQuery, returns=AllianceOut, paged=True, allow=INFLUENCE_READERS)
def list_alliances(call: Call) -> Page:
    """The alliances of the caller's territory and of what it lies in."""
    return queries.list_alliances(call.session, call.caller, call.query.get("unit"), limit=call.limit, after=call.after)


@alliances.post(body=AllianceIn, returns=AllianceOut, allow=COUNCIL_KEEPERS)
def form(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Write an alliance down."""
    return queries.alliance_row(form_alliance(call.session, call.caller, **body))


@alliances.post(
    "/<uuid:alliance_id>/end", body=DayIn, returns=AllianceOut, if_match=True, status=200, allow=COUNCIL_KEEPERS
)
def end(call: Call, body: dict[str, Any], alliance_id: UUID) -> dict[str, Any]:
    """Write down the last day of an alliance."""
    return queries.alliance_row(end_alliance(call.session, call.caller, alliance_id, version=call.if_match, **body))

"""Rounds of groups: what is asked, where it could be taught, who could come."""

from typing import Any
from uuid import UUID

from services.training.api.names import with_names
from services.training.api.round_schemas import (
    ChoicesOut,
    ImportOut,
    PlacementIn,
    PlacementOut,
    RoundBegun,
    RoundChange,
    RoundIn,
    RoundOut,
    RoundRow,
    VenueIn,
    VenueOut,
    WomanRow,
    WomenQuery,
)
from services.training.api.schemas import READERS, TEAM
from services.training.queries.placements import show_placement
from services.training.queries.rounds import list_rounds, list_women, show_round, show_venue
from services.training.reference.rounds import policy
from services.training.rules.women_table import COLUMNS, MOST_ROWS
from services.training.use_cases.begin_round import begin_round, suggest_venues
from services.training.use_cases.import_women import MOST_BYTES, import_women, rows_of
from services.training.use_cases.keep_round import (
    add_venue,
    change_round,
    change_venue,
    locked_round,
    plan_round,
    remove_venue,
)
from services.training.use_cases.propose_placement import propose_placement
from shared.spreadsheets import CSV, as_csv
from shared.web import Call, Download, Page, Resource

resource = Resource("rounds", prefix="/rounds", description="Rounds: venues, topics, sizes, and the women.")
_ROUND = "/<uuid:round_id>"
_VENUE = f"{_ROUND}/venues/<uuid:venue_id>"


@resource.post(body=RoundIn, returns=RoundOut, allow=TEAM)
def plan(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Set up a round; sizes, reach and budget are the policy's where they are not told."""
    units = body.pop("units")
    made = plan_round(call.session, call.caller, units=units, told=body)
    return show_round(call.session, call.caller, made.id)


@resource.post("/begun", body=RoundBegun, returns=PlacementOut, allow=TEAM)
def begin(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Begin a round in one step, with suggested venues; comes back with the groups proposed for it."""
    units = body.pop("units")
    made = begin_round(call.session, call.caller, units=units, told=body)
    return show_placement(call.session, call.caller, made.id)


@resource.get(returns=RoundRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The rounds for territories inside the caller's, newest first."""
    return list_rounds(call.session, call.caller, limit=call.limit, after=call.after)


@resource.get("/choices", returns=ChoicesOut, allow=READERS, scoped=False)
def choices(call: Call) -> dict[str, Any]:
    """What a round can be made of: topics and languages with their names, hours, and the policy in force."""
    edition, spoken = policy(), call.language
    return {
        "topics": [{"code": one.code, "need": one.need, "name": one.names[spoken]} for one in edition.topics.values()],
        "languages": [{"code": code, "name": names[spoken]} for code, names in edition.languages.items()],
        "slots": edition.slots,
        "defaults": edition.defaults,
        "limits": edition.limits,
        "weights": edition.weights,
        "source": edition.sources[spoken],
        "valid_from": edition.valid_from,
    }


@resource.get(_ROUND, returns=RoundOut, allow=READERS)
def show(call: Call, round_id: UUID) -> dict[str, Any]:
    """One round with its venues and placements."""
    return show_round(call.session, call.caller, round_id)


@resource.patch(_ROUND, body=RoundChange, returns=RoundOut, allow=TEAM)
def change(call: Call, body: dict[str, Any], round_id: UUID) -> dict[str, Any]:
    """Change what the round is; placements asked for before keep what they were asked."""
    change_round(call.session, call.caller, round_id=round_id, version=call.if_match, told=body)
    return show_round(call.session, call.caller, round_id)


@resource.post(f"{_ROUND}/venues", body=VenueIn, returns=VenueOut, allow=TEAM)
def add_place(call: Call, body: dict[str, Any], round_id: UUID) -> dict[str, Any]:
    """A venue: rooms, hours, child care by hour, and who teaches what in which language when."""
    venue = add_venue(call.session, call.caller, round_id=round_id, told=_venue(body))
    return show_venue(call.session, call.caller, round_id, venue.id)


@resource.post(f"{_ROUND}/venues/suggested", returns=RoundOut, allow=TEAM)
def suggest_places(call: Call, round_id: UUID) -> dict[str, Any]:
    """Add venues where most women wait: the last ones known there, else the middle of the municipality."""
    suggest_venues(call.session, call.caller, round_id=round_id)
    return show_round(call.session, call.caller, round_id)


@resource.get(_VENUE, returns=VenueOut, allow=READERS)
def show_place(call: Call, round_id: UUID, venue_id: UUID) -> dict[str, Any]:
    """One venue."""
    return show_venue(call.session, call.caller, round_id, venue_id)


@resource.put(_VENUE, body=VenueIn, returns=VenueOut, allow=TEAM)
def change_place(call: Call, body: dict[str, Any], round_id: UUID, venue_id: UUID) -> dict[str, Any]:
    """Replace all that is known of a venue."""
    ids = {"round_id": round_id, "venue_id": venue_id}
    change_venue(call.session, call.caller, **ids, version=call.if_match, told=_venue(body))
    return show_venue(call.session, call.caller, round_id, venue_id)


@resource.delete(_VENUE, allow=TEAM)
def remove_place(call: Call, round_id: UUID, venue_id: UUID) -> None:
    """Do without a venue."""
    remove_venue(call.session, call.caller, round_id=round_id, venue_id=venue_id, version=call.if_match)


@resource.get(f"{_ROUND}/women", query=WomenQuery, returns=WomanRow, paged=True, allow=READERS)
def women(call: Call, round_id: UUID) -> Page:
    """The women who need anything of what the round teaches, with how they can come."""
    told = call.query.get("told")
    page = list_women(call.session, call.caller, round_id, told=told, limit=call.limit, after=call.after)
    return Page(with_names(call, list(page.rows)), page.next)


@resource.get(f"{_ROUND}/women/table", allow=TEAM)
def table(call: Call, round_id: UUID) -> Download:
    """The same as CSV, to be filled in in a spreadsheet and sent back."""
    page = list_women(call.session, call.caller, round_id, told=None, limit=MOST_ROWS, after=None)
    rows = [
        [
            *(str(row["entrepreneur_id"]), row["name"] or "", row["municipality"]),
            *(" ".join(row["slots"]), " ".join(row["languages"]), row["children"], row["priority"]),
        ]
        for row in with_names(call, list(page.rows))
    ]
    return Download(as_csv(COLUMNS, rows), "mujeres.csv", CSV)


def _rows(call: Call, round_id: UUID) -> Any:
    """What stands in the table; read before anything is locked."""
    show_round(call.session, call.caller, round_id)
    return rows_of(call.upload.content if call.upload else b"")


@resource.post(f"{_ROUND}/women/table", upload=MOST_BYTES, returns=ImportOut, status=200, before=_rows, allow=TEAM)
def take_table(call: Call, round_id: UUID) -> dict[str, Any]:
    """Take the filled-in table (CSV or XLSX): all of it, or nothing and the list of what is wrong."""
    locked_round(call.session, call.caller, round_id)
    return import_women(call.session, call.caller, call.prepared)


@resource.post(f"{_ROUND}/placements", body=PlacementIn, returns=PlacementOut, allow=TEAM)
def propose(call: Call, body: dict[str, Any], round_id: UUID) -> dict[str, Any]:
    """A first answer at once; a better one is looked for in the background unless `improve` is false. With `keep` the
    groups formed before go on, and as few of their women as possible move.
    """
    made = propose_placement(call.session, call.caller, round_id=round_id, **body)
    return show_placement(call.session, call.caller, made.id)


def _venue(body: dict[str, Any]) -> dict[str, Any]:
    care = {one["slot"]: one["places"] for one in body["child_care"]}
    return {**body, "child_care": care}

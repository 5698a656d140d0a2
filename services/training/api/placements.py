"""Placements: the groups that answer a round, looked at, changed by hand, formed."""

from typing import Any
from uuid import UUID

from services.training.api.names import with_names
from services.training.api.round_schemas import (
    STAYING,
    ExceptionIn,
    FormingIn,
    MoveIn,
    OutQuery,
    PlacedQuery,
    PlacementGroupOut,
    PlacementOut,
    PlacementWomanOut,
    ReplanQuery,
    ReplanRow,
    RoughPointsOut,
)
from services.training.api.schemas import READERS, TEAM, GroupRow
from services.training.queries import groups
from services.training.queries.placements import list_left_out, list_placed, rough_points, show_group, show_placement
from services.training.queries.replans import list_changes
from services.training.use_cases.form_placed_group import form_placed_group
from services.training.use_cases.move_woman import allow_small_group, move_woman, take_back
from services.training.use_cases.propose_placement import stop_improving
from services.training.use_cases.replan import carry_out
from shared.web import Call, Page, Resource

resource = Resource("placements", prefix="/placements", description="Groups that answer a round.")
_ONE = "/<uuid:placement_id>"
_GROUP = f"{_ONE}/groups/<int(max=100000):number>"


@resource.get(_ONE, returns=PlacementOut, allow=READERS)
def show(call: Call, placement_id: UUID) -> dict[str, Any]:
    """One placement: groups, reasons, worth, bound, what would place more, moves, and how far the improvement is."""
    return show_placement(call.session, call.caller, placement_id)


@resource.get(f"{_ONE}/left-out", query=OutQuery, returns=PlacementWomanOut, paged=True, allow=READERS)
def left_out(call: Call, placement_id: UUID) -> Page:
    """The women it leaves out, each with the one reason and the facts that prove it."""
    page = list_left_out(call.session, call.caller, placement_id, call.query, limit=call.limit, after=call.after)
    return Page(with_names(call, list(page.rows)), page.next)


@resource.get(f"{_ONE}/women", query=PlacedQuery, returns=PlacementWomanOut, paged=True, allow=READERS)
def placed(call: Call, placement_id: UUID) -> Page:
    """The women it places, group by group; names as the registry shows them to the caller."""
    page = list_placed(call.session, call.caller, placement_id, call.query, limit=call.limit, after=call.after)
    return Page(with_names(call, list(page.rows)), page.next)


@resource.get(f"{_ONE}/points", returns=RoughPointsOut, allow=READERS)
def points(call: Call, placement_id: UUID) -> dict[str, Any]:
    """About where its women are, for a map: masked points without names."""
    return {"points": rough_points(call.session, call.caller, placement_id)}


@resource.get(_GROUP, returns=PlacementGroupOut, allow=READERS)
def show_one(call: Call, placement_id: UUID, number: int) -> dict[str, Any]:
    """One group with its women; names as the registry shows them to the caller."""
    return _with_members(call, placement_id, number)


@resource.post(f"{_ONE}/moves", body=MoveIn, returns=PlacementOut, if_match=True, allow=TEAM)
def move(call: Call, body: dict[str, Any], placement_id: UUID) -> dict[str, Any]:
    """Move a woman to another group, in, or out; refused with the condition that it would break."""
    move_woman(call.session, call.caller, placement_id=placement_id, version=call.if_match, **body)
    return show_placement(call.session, call.caller, placement_id)


@resource.post(f"{_ONE}/moves/undo", returns=PlacementOut, if_match=True, status=200, allow=TEAM)
def undo(call: Call, placement_id: UUID) -> dict[str, Any]:
    """Take the last move back."""
    take_back(call.session, call.caller, placement_id=placement_id, version=call.if_match)
    return show_placement(call.session, call.caller, placement_id)


@resource.post(f"{_GROUP}/exception", body=ExceptionIn, returns=PlacementGroupOut, if_match=True, allow=TEAM)
def except_(call: Call, body: dict[str, Any], placement_id: UUID, number: int) -> dict[str, Any]:
    """Let a group be smaller than the least size, in the caller's name, with the reason."""
    allow_small_group(
        call.session, call.caller, placement_id=placement_id, number=number, version=call.if_match, why=body["why"]
    )
    return _with_members(call, placement_id, number)


@resource.post(f"{_GROUP}/confirmation", body=FormingIn, returns=GroupRow, allow=TEAM)
def form(call: Call, body: dict[str, Any], placement_id: UUID, number: int) -> dict[str, Any]:
    """Form the group: its women are invited. Each can be formed once."""
    formed = form_placed_group(
        call.session, call.caller, placement_id=placement_id, number=number, name=body.get("name")
    )
    return groups.show_group(call.session, call.caller, formed.id)


@resource.get(f"{_ONE}/changes", query=ReplanQuery, returns=ReplanRow, paged=True, allow=READERS)
def changes(call: Call, placement_id: UUID) -> Page:
    """The confirmed women who would not keep their place, each with what it was and what it would be; or those who
    would.
    """
    stay = call.query["who"] == STAYING
    page = list_changes(call.session, call.caller, placement_id, stay=stay, limit=call.limit, after=call.after)
    return Page(with_names(call, list(page.rows)), page.next)


@resource.post(f"{_ONE}/carrying-out", returns=PlacementOut, if_match=True, status=200, allow=TEAM)
def carry_out_plan(call: Call, placement_id: UUID) -> dict[str, Any]:
    """Do what a plan made anew says: women change their groups, and are invited where they come new."""
    carry_out(call.session, call.caller, placement_id=placement_id, version=call.if_match)
    return show_placement(call.session, call.caller, placement_id)


@resource.post(f"{_ONE}/improvement/stop", returns=PlacementOut, status=200, allow=TEAM)
def stop(call: Call, placement_id: UUID) -> dict[str, Any]:
    """End the improvement; what was found by then stays."""
    stop_improving(call.session, call.caller, placement_id=placement_id)
    return show_placement(call.session, call.caller, placement_id)


def _with_members(call: Call, placement_id: UUID, number: int) -> dict[str, Any]:
    group = show_group(call.session, call.caller, placement_id, number)
    return group | {"members": with_names(call, group["members"])}

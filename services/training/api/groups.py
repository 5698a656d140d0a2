"""Training groups."""

from typing import Any
from uuid import UUID

from services.training.api.names import with_names
from services.training.api.schemas import READERS, TEAM, CompletionIn, GroupChange, GroupOut, GroupQuery, GroupRow
from services.training.queries.groups import list_groups, show_group
from services.training.use_cases.complete_group import complete_group
from services.training.use_cases.confirm_group import rename_group
from shared.web import Call, Page, Resource

resource = Resource("groups", prefix="/groups", description="Training groups.")


@resource.get(query=GroupQuery, returns=GroupRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The groups of the caller's territory that meet all filters, newest first."""
    return list_groups(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/<uuid:group_id>", returns=GroupOut, allow=READERS)
def show(call: Call, group_id: UUID) -> dict[str, Any]:
    """One group with its members; names as the registry shows them to the caller."""
    group = show_group(call.session, call.caller, group_id)
    return group | {"members": with_names(call, group["members"])}


@resource.patch("/<uuid:group_id>", body=GroupChange, returns=GroupRow, allow=TEAM)
def change(call: Call, body: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """Give the group another name."""
    rename_group(call.session, call.caller, group_id=group_id, version=call.if_match, name=body["name"])
    return show_group(call.session, call.caller, group_id)


@resource.post(
    "/<uuid:group_id>/completion", body=CompletionIn, returns=GroupRow, if_match=True, status=200, allow=TEAM
)
def complete(call: Call, body: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """The training of the group ended: say who completed it."""
    complete_group(call.session, call.caller, group_id=group_id, version=call.if_match, **body)
    return show_group(call.session, call.caller, group_id)

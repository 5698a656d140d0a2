"""Proposals of groups."""

from typing import Any
from uuid import UUID

from services.training.api.names import with_names
from services.training.api.schemas import (
    READERS,
    TEAM,
    ConfirmationIn,
    GroupRow,
    LeftOutQuery,
    LeftOutRow,
    ProposalIn,
    ProposalOut,
    ProposalRow,
    ProposedGroupOut,
)
from services.training.queries import groups
from services.training.queries.proposals import list_left_out, list_proposals, show_proposal, show_proposed_group
from services.training.use_cases.confirm_group import confirm_group
from services.training.use_cases.propose_groups import propose_groups
from shared.web import Call, Page, Resource

resource = Resource("proposals", prefix="/proposals", description="Proposals of training groups.")
_GROUP = "/<uuid:proposal_id>/groups/<int(max=100000):number>"


@resource.post(body=ProposalIn, returns=ProposalOut, allow=TEAM)
def propose(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Propose groups: same chain, same need, near each other. Without `need` (or `chain`), groups for each."""
    asked = {"chain": None, "need": None} | body
    proposal = propose_groups(call.session, call.caller, **asked)
    return show_proposal(call.session, call.caller, proposal.id)


@resource.get(returns=ProposalRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The proposals for territories inside the caller's, newest first."""
    return list_proposals(call.session, call.caller, limit=call.limit, after=call.after)


@resource.get("/<uuid:proposal_id>", returns=ProposalOut, allow=READERS)
def show(call: Call, proposal_id: UUID) -> dict[str, Any]:
    """One proposal: its groups, and how many women each reason leaves out."""
    return show_proposal(call.session, call.caller, proposal_id)


@resource.get("/<uuid:proposal_id>/left-out", query=LeftOutQuery, returns=LeftOutRow, paged=True, allow=READERS)
def left_out(call: Call, proposal_id: UUID) -> Page:
    """The women whom the proposal leaves out, each with one reason and the facts that prove it."""
    reason = call.query.get("reason")
    page = list_left_out(call.session, call.caller, proposal_id, reason, limit=call.limit, after=call.after)
    return Page(with_names(call, [dict(row) for row in page.rows]), page.next)


@resource.get(_GROUP, returns=ProposedGroupOut, allow=READERS)
def show_group(call: Call, proposal_id: UUID, number: int) -> dict[str, Any]:
    """One proposed group with its members; names as the registry shows them to the caller."""
    group = show_proposed_group(call.session, call.caller, proposal_id, number)
    return group | {"members": with_names(call, group["members"])}


@resource.post(f"{_GROUP}/confirmation", body=ConfirmationIn, returns=GroupRow, allow=TEAM)
def confirm(call: Call, body: dict[str, Any], proposal_id: UUID, number: int) -> dict[str, Any]:
    """Form the group. Each can be formed once."""
    formed = confirm_group(call.session, call.caller, proposal_id=proposal_id, number=number, name=body.get("name"))
    return groups.show_group(call.session, call.caller, formed.id)

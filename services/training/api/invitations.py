"""Who of a group formed from a round was invited, what she said, and who could come instead."""

from typing import Any
from uuid import UUID

from services.training.api.names import with_names
from services.training.api.round_schemas import AnswerIn, InvitationOut, ReplacementIn, ReplacementOut
from services.training.api.schemas import READERS, TEAM
from services.training.queries.invitations import list_invitations, list_replacements
from services.training.use_cases.invite import answer_invitation, invite_instead
from shared.web import Call, Resource

resource = Resource("invitations", prefix="/groups/<uuid:group_id>", description="Invitations to groups.")


@resource.get("/invitations", returns=InvitationOut, allow=READERS)
def list_(call: Call, group_id: UUID) -> list[dict[str, Any]]:
    """The women invited to the group, and what they said."""
    return with_names(call, list_invitations(call.session, call.caller, group_id))


@resource.post("/invitations/<uuid:entrepreneur_id>", body=AnswerIn, returns=InvitationOut, status=200, allow=TEAM)
def answer(call: Call, body: dict[str, Any], group_id: UUID, entrepreneur_id: UUID) -> dict[str, Any]:
    """Note what she said. Who declines leaves the group; who accepts after all comes back."""
    ids = {"group_id": group_id, "entrepreneur_id": entrepreneur_id}
    answer_invitation(call.session, call.caller, **ids, state=body["state"])
    rows = list_invitations(call.session, call.caller, group_id)
    return with_names(call, [row for row in rows if row["entrepreneur_id"] == entrepreneur_id])[0]


@resource.get("/replacements", returns=ReplacementOut, allow=READERS)
def replacements(call: Call, group_id: UUID) -> list[dict[str, Any]]:
    """The waiting list: women without a group who fit into this one, the best first."""
    return with_names(call, list_replacements(call.session, call.caller, group_id))


@resource.post("/replacements", body=ReplacementIn, returns=InvitationOut, allow=TEAM)
def replace(call: Call, body: dict[str, Any], group_id: UUID) -> dict[str, Any]:
    """Invite a woman of the waiting list."""
    woman = body["entrepreneur_id"]
    invite_instead(call.session, call.caller, group_id=group_id, entrepreneur_id=woman)
    rows = list_invitations(call.session, call.caller, group_id)
    return with_names(call, [row for row in rows if row["entrepreneur_id"] == woman])[0]

"""Dialogues on social responsibility, what they came to, and what was promised in them."""

from typing import Any
from uuid import UUID

from services.training.api.csr_schemas import (
    ActivityOut,
    ActivityRow,
    CommitmentIn,
    CommitmentOut,
    CommitmentsQuery,
    DateIn,
    DescriptionIn,
    DialogueIn,
    DialoguesQuery,
    FollowUpIn,
    JoinIn,
    OutcomeIn,
)
from services.training.api.csr_workshops import key_of, shown
from services.training.queries import activities as queries
from services.training.rules.csr_access import PARTNER_KEEPERS, READERS
from services.training.use_cases import plan_activity as planning
from services.training.use_cases.follow_csr_commitment import follow_commitment, promise_in_dialogue
from shared.web import Call, Page, Resource

resource = Resource("csr_dialogues", prefix="/csr-dialogues", description="Dialogues of many sides and of legislators.")
commitments = Resource("csr_commitments", prefix="/csr-commitments", description="What was promised in dialogues.")
_ONE = "/<uuid:activity_id>"
_CHANGES: dict[str, Any] = {"returns": ActivityOut, "if_match": True, "status": 200, "allow": PARTNER_KEEPERS}
_NOT_OF_DIALOGUES: dict[str, Any] = {"capacity": None, "gender_module": False}


@resource.get(query=DialoguesQuery, returns=ActivityRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The dialogues of the caller's territory, latest first."""
    asked = call.query | {"dialogues": True}
    return queries.list_activities(call.session, call.caller, asked, limit=call.limit, after=call.after)


@resource.post(body=DialogueIn, returns=ActivityOut, allow=PARTNER_KEEPERS)
def plan(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Plan a dialogue, or write down one that was held."""
    return shown(call, planning.plan_activity(call.session, call.caller, **body, **_NOT_OF_DIALOGUES))


@resource.get(_ONE, returns=ActivityOut, allow=READERS)
def show(call: Call, activity_id: UUID) -> dict[str, Any]:
    """One dialogue: who was there, what it came to, what was promised."""
    return queries.show_activity(call.session, call.caller, activity_id, dialogue=True, key=key_of(call))


@resource.put(_ONE, body=DescriptionIn, returns=ActivityOut, allow=PARTNER_KEEPERS)
def describe(call: Call, body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Put right what is said of a dialogue."""
    told = body | _NOT_OF_DIALOGUES
    done = planning.describe_activity(call.session, call.caller, activity_id, version=call.if_match, **told)
    return shown(call, done)


@resource.post(f"{_ONE}/dates", body=DateIn, **_CHANGES)
def move(call: Call, body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Move a dialogue to another date; those of before stay written."""
    return shown(call, planning.move_activity(call.session, call.caller, activity_id, version=call.if_match, **body))


@resource.post(f"{_ONE}/outcome", body=OutcomeIn, **_CHANGES)
def hold(call: Call, body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """The dialogue took place: who was there, counted, and what it came to. It may be put right by telling it anew."""
    return shown(call, planning.hold_activity(call.session, call.caller, activity_id, version=call.if_match, **body))


@resource.post(f"{_ONE}/cancellation", **_CHANGES)
def cancel(call: Call, activity_id: UUID) -> dict[str, Any]:
    """The dialogue does not take place."""
    return shown(call, planning.cancel_activity(call.session, call.caller, activity_id, version=call.if_match))


@resource.post(f"{_ONE}/partners", body=JoinIn, **_CHANGES)
def join(call: Call, body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """A partner takes part in the dialogue."""
    return shown(call, planning.join_activity(call.session, call.caller, activity_id, version=call.if_match, **body))


@resource.delete(f"{_ONE}/partners/<uuid:partner_id>", returns=ActivityOut, allow=PARTNER_KEEPERS)
def leave(call: Call, activity_id: UUID, partner_id: UUID) -> dict[str, Any]:
    """A partner takes no part in it after all."""
    done = planning.leave_activity(call.session, call.caller, activity_id, partner_id, version=call.if_match)
    return shown(call, done)


@resource.post(f"{_ONE}/commitments", body=CommitmentIn, returns=CommitmentOut, allow=PARTNER_KEEPERS)
def promise(call: Call, body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Write down what was promised, who answers for it and until when."""
    return queries.commitment_row(promise_in_dialogue(call.session, call.caller, activity_id, **body))


@commitments.get(query=CommitmentsQuery, returns=CommitmentOut, paged=True, allow=READERS)
def list_commitments(call: Call) -> Page:
    """What was promised in the caller's territory, what is due first on top."""
    return queries.list_commitments(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@commitments.post(
    "/<uuid:commitment_id>/follow-ups",
    body=FollowUpIn,
    returns=CommitmentOut,
    if_match=True,
    status=200,
    allow=PARTNER_KEEPERS,
)
def follow(call: Call, body: dict[str, Any], commitment_id: UUID) -> dict[str, Any]:
    """Say what was found of a commitment on a day, and how it stands since."""
    done = follow_commitment(call.session, call.caller, commitment_id, version=call.if_match, **body)
    return queries.commitment_row(done)

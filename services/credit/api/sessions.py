"""Sessions of the credit committee: agenda, roll call, votes, minutes."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from services.credit.api import MINUTES_READERS, READERS, Context
from services.credit.directory import Names, asked
from services.credit.models.conditions import VERIFIERS
from services.credit.models.notices import ANSWERS, CHANNELS
from services.credit.models.sessions import SESSION_STATES
from services.credit.queries import sessions as queries
from services.credit.queries.room import room
from services.credit.rules.quorum import CHOICES
from services.credit.use_cases import find
from services.credit.use_cases.attend_session import answer_invitation, observe_session
from services.credit.use_cases.cast_vote import cast_vote, declare_conflict
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session, on_agenda
from services.credit.use_cases.convene_session import (
    convene_session,
    notify_members,
    place_on_agenda,
    reorder_agenda,
    take_off_agenda,
)
from services.credit.use_cases.hold_session import correct_acta, open_session, record_attendance
from services.credit.use_cases.make_exceptions import make_exception
from services.credit.use_cases.meet_conditions import ask_condition, carry_conditions, drop_condition
from services.credit.use_cases.print_paper import print_notice
from shared import files
from shared.kernel import LOCAL_TIME
from shared.web import Call, Download, Input, Output, Page, Query, Resource, fields

resource = Resource("sessions", prefix="/sessions", description="Sessions of the credit committee.")
CONVENERS = frozenset({"coordinator", "credit_officer"})
CONDUCTORS = frozenset({"coordinator", "committee_member"})
ROOM = MINUTES_READERS | {"technician"}


class SessionIn(Input):
    committee_id = fields.Id(required=True)
    held_on = fields.Day(required=True)
    held_at = fields.String(maximum=5, pattern="([01][0-9]|2[0-3]):[0-5][0-9]", required=True)
    place = fields.String(required=True)


class AgendaIn(Input):
    application_id = fields.Id(required=True)


class OrderIn(Input):
    items = fields.List(fields.Id(), minimum=1, maximum=200, required=True)


class NotificationIn(Input):
    seats = fields.List(fields.Id(), minimum=1, maximum=50, required=True)
    channel = fields.Code(CHANNELS, required=True)
    reason = fields.String(minimum=0, maximum=500, load_default="")


class InvitationAnswerIn(Input):
    answer = fields.Code(ANSWERS, required=True)
    excuse = fields.String(minimum=0, maximum=300, load_default="")


class ConditionIn(Input):
    text = fields.String(maximum=500, required=True)
    due_on = fields.Day(load_default=None, allow_none=True)
    verifier = fields.Code(VERIFIERS, required=True)


class ExceptionIn(Input):
    reason = fields.String(maximum=1000, required=True)


class CorrectionIn(Input):
    acta = fields.String(maximum=40, required=True)
    text = fields.String(maximum=1000, required=True)


class OpeningIn(Input):
    present = fields.List(fields.Id(), maximum=50, required=True)


class AttendanceIn(Input):
    seat = fields.Id(required=True)
    present = fields.Boolean(required=True)


class VoteIn(Input):
    choice = fields.Code(CHOICES, required=True)
    reason = fields.String(minimum=0, maximum=1000, load_default="")
    reason_code = fields.String(maximum=40, load_default=None, allow_none=True)


class RecusalIn(Input):
    reason = fields.String(minimum=0, maximum=1000, required=True)
    seat = fields.Id(load_default=None, allow_none=True)


class SessionQuery(Query):
    state = fields.Code(SESSION_STATES, load_default=None)
    fund = fields.Id(load_default=None)


class SessionRow(Output):
    id = fields.Id()
    number = fields.String()
    fund_id = fields.Id()
    committee_id = fields.Id()
    committee = fields.String()
    scheduled_for = fields.Moment()
    place = fields.String()
    state = fields.Code(SESSION_STATES)
    items = fields.Integer()
    acta = fields.String(allow_none=True)
    version = fields.Integer()


class InvitationOut(Output):
    session_id = fields.Id()
    number = fields.String()
    committee = fields.String()
    scheduled_for = fields.Moment()
    place = fields.String()
    channel = fields.Code(CHANNELS)
    answer = fields.Code(ANSWERS, allow_none=True)


class Room(Output):
    id = fields.Id()
    number = fields.String()
    fund_id = fields.Id()
    fund = fields.String()
    committee_id = fields.Id()
    committee = fields.String()
    state = fields.Code(SESSION_STATES)
    scheduled_for = fields.Moment()
    place = fields.String()
    opened_at = fields.Moment(allow_none=True)
    closed_at = fields.Moment(allow_none=True)
    regulations = fields.Anything()
    rule = fields.Anything()
    conducts = fields.Boolean()
    my_seat = fields.Id(allow_none=True)
    seats = fields.Anything()
    roll = fields.Anything()
    agenda = fields.Anything()
    acta = fields.Anything()
    reasons = fields.Anything()
    notice = fields.Anything()
    my_invitation = fields.Anything()
    observers = fields.Anything()
    corrections = fields.Anything()
    suspended = fields.Boolean()
    version = fields.Integer()


class Decided(Output):
    id = fields.Id()
    number = fields.String()
    application_id = fields.Id()
    outcome = fields.String()
    tally = fields.Anything()
    reason_code = fields.String(allow_none=True)
    expires_on = fields.Day(allow_none=True)
    level = fields.String()
    assents_needed = fields.Integer()
    exceptions = fields.Anything(allow_none=True)
    exception_reason = fields.String()


class ActaOut(Output):
    id = fields.Id()
    number = fields.String()
    sequence = fields.Integer()
    hash = fields.String()
    previous_hash = fields.String(allow_none=True)


@resource.get(query=SessionQuery, returns=SessionRow, paged=True, allow=READERS)
def list_sessions_(call: Call) -> Page:
    """The sessions of the caller's territory, newest first."""
    return queries.listed(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(body=SessionIn, returns=Room, allow=CONVENERS)
def convene_session_(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Call a session for a local day and hour."""
    hour, minute = map(int, body["held_at"].split(":"))
    meeting = convene_session(
        call.session,
        call.caller,
        committee_id=body["committee_id"],
        scheduled_for=datetime.combine(body["held_on"], time(hour, minute), LOCAL_TIME),
        place=body["place"],
    )
    return _room(call, meeting.id)


@resource.get("/invitations", returns=InvitationOut, allow={"committee_member"})
def list_invitations_(call: Call) -> list[dict[str, Any]]:
    """The sessions to come that the caller was told of and has not answered, the next first."""
    return queries.invitations(call.session, call.caller)


@resource.get("/<uuid:session_id>", returns=Room, allow=ROOM)
def show_session_(call: Call, session_id: UUID) -> dict[str, Any]:
    """The session room as this caller sees it; votes show once an item is decided, to who reads the minutes. Who only
    sits on committees enters the rooms of her own.
    """
    find.session_to_read(call.session, call.caller, session_id)
    return _room(call, session_id)


@resource.post("/<uuid:session_id>/agenda", body=AgendaIn, returns=Room, allow=CONVENERS)
def place_on_agenda_(call: Call, body: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Put an appraised application at the end of the agenda."""
    place_on_agenda(call.session, call.caller, session_id=session_id, **body)
    return _room(call, session_id)


@resource.post("/<uuid:session_id>/agenda/order", body=OrderIn, returns=Room, status=200, allow=CONVENERS)
def reorder_agenda_(call: Call, body: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Put the agenda in this order, until the session is opened."""
    reorder_agenda(call.session, call.caller, session_id=session_id, items=body["items"])
    return _room(call, session_id)


@resource.post("/<uuid:session_id>/items/<uuid:item_id>/removal", returns=Room, status=200, allow=CONVENERS)
def take_off_agenda_(call: Call, session_id: UUID, item_id: UUID) -> dict[str, Any]:
    """Take an item off the agenda, until the session is opened; its application waits for another."""
    take_off_agenda(call.session, call.caller, session_id=session_id, item_id=item_id)
    return _room(call, session_id)


@resource.post("/<uuid:session_id>/notifications", body=NotificationIn, returns=Room, allow=CONVENERS)
def notify_members_(call: Call, body: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Note which members were told of the session, and how; shorter than the regulations ask only with a reason."""
    notify_members(call.session, call.caller, session_id=session_id, **body)
    return _room(call, session_id)


@resource.post(
    "/<uuid:session_id>/answer", body=InvitationAnswerIn, returns=Room, status=200, allow={"committee_member"}
)
def answer_invitation_(call: Call, body: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Say that one comes to a session one was told of, or is excused."""
    answer_invitation(call.session, call.caller, session_id=session_id, **body)
    return _room(call, session_id)


@resource.post("/<uuid:session_id>/observers", returns=Room, allow={"trust_fund_member"})
def observe_session_(call: Call, session_id: UUID) -> dict[str, Any]:
    """Observe an open session for the Trust Fund Committee; it stands in the minutes."""
    observe_session(call.session, call.caller, session_id=session_id)
    return _room(call, session_id)


@resource.post(
    "/<uuid:session_id>/items/<uuid:item_id>/conditions", body=ConditionIn, returns=Room, allow=CONDUCTORS | CONVENERS
)
def ask_condition_(call: Call, body: dict[str, Any], session_id: UUID, item_id: UUID) -> dict[str, Any]:
    """Put a condition into the motion of an item, before anybody has voted on it."""
    ask_condition(call.session, call.caller, session_id=session_id, item_id=item_id, **body)
    return _room(call, session_id)


@resource.post("/<uuid:session_id>/items/<uuid:item_id>/conditions/carried", returns=Room, allow=CONDUCTORS | CONVENERS)
def carry_conditions_(call: Call, session_id: UUID, item_id: UUID) -> dict[str, Any]:
    """Put the conditions into the motion that were proposed when its application was deferred."""
    carry_conditions(call.session, call.caller, session_id=session_id, item_id=item_id)
    return _room(call, session_id)


@resource.post(
    "/<uuid:session_id>/items/<uuid:item_id>/conditions/<uuid:condition_id>/removal",
    returns=Room,
    status=200,
    allow=CONDUCTORS | CONVENERS,
)
def drop_condition_(call: Call, session_id: UUID, item_id: UUID, condition_id: UUID) -> dict[str, Any]:
    """Take a condition out of the motion, before anybody has voted on it."""
    drop_condition(call.session, call.caller, session_id=session_id, item_id=item_id, condition_id=condition_id)
    return _room(call, session_id)


@resource.post(
    "/<uuid:session_id>/items/<uuid:item_id>/exception",
    body=ExceptionIn,
    returns=Room,
    status=200,
    allow=CONDUCTORS | CONVENERS,
)
def make_exception_(call: Call, body: dict[str, Any], session_id: UUID, item_id: UUID) -> dict[str, Any]:
    """Note why an item may be approved although rules of the regulations are not met, before somebody votes for it."""
    make_exception(call.session, call.caller, session_id=session_id, item_id=item_id, **body)
    return _room(call, session_id)


@resource.post("/<uuid:session_id>/opening", body=OpeningIn, returns=Room, allow=CONDUCTORS)
def open_session_(call: Call, body: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Call the roll and open the session."""
    open_session(call.session, call.caller, session_id=session_id, present=body["present"])
    return _room(call, session_id)


@resource.post("/<uuid:session_id>/attendance", body=AttendanceIn, returns=Room, allow=CONDUCTORS)
def record_attendance_(call: Call, body: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Note that a member came in or went out."""
    record_attendance(
        call.session, call.caller, session_id=session_id, roll_seat_id=body["seat"], present=body["present"]
    )
    return _room(call, session_id)


@resource.post("/<uuid:session_id>/items/<uuid:item_id>/votes", body=VoteIn, returns=Room, allow={"committee_member"})
def cast_vote_(call: Call, body: dict[str, Any], session_id: UUID, item_id: UUID) -> dict[str, Any]:
    """Vote on an item."""
    cast_vote(call.session, call.caller, session_id=session_id, item_id=item_id, **body)
    return _room(call, session_id)


@resource.post("/<uuid:session_id>/items/<uuid:item_id>/recusals", body=RecusalIn, returns=Room, allow=CONDUCTORS)
def declare_conflict_(call: Call, body: dict[str, Any], session_id: UUID, item_id: UUID) -> dict[str, Any]:
    """Leave the quorum of an item because of a conflict of interest."""
    declare_conflict(
        call.session,
        call.caller,
        session_id=session_id,
        item_id=item_id,
        reason=body["reason"],
        roll_seat_id=body["seat"],
    )
    return _room(call, session_id)


@resource.post("/<uuid:session_id>/items/<uuid:item_id>/closing", returns=Decided, allow=CONDUCTORS)
def close_item_(call: Call, session_id: UUID, item_id: UUID) -> Any:
    """Count the votes: the item becomes a numbered resolution."""
    return close_item(call.session, call.caller, session_id=session_id, item_id=item_id)


@resource.post("/<uuid:session_id>/corrections", body=CorrectionIn, returns=Room, allow=CONDUCTORS)
def correct_acta_(call: Call, body: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Correct earlier minutes of the committee; it stands in the minutes of this session."""
    correct_acta(call.session, call.caller, session_id=session_id, **body)
    return _room(call, session_id)


def _applicants(call: Call, session_id: UUID) -> Names:
    """Who stands behind the applications on the agenda, asked for before the transaction that closes the session."""
    context: Context = call.context
    return asked(context.directory.borrower, on_agenda(call.session, call.caller, session_id))


@resource.post("/<uuid:session_id>/closing", returns=ActaOut, before=_applicants, allow=CONDUCTORS)
def close_session_(call: Call, session_id: UUID) -> Any:
    """End the session; its acta is made and chained to the one before."""
    context: Context = call.context
    return close_session(
        call.session,
        call.caller,
        session_id=session_id,
        names=call.prepared,
        public_url=context.public_url,
    )


@resource.get("/<uuid:session_id>/notice", download=True, writes=True, allow=MINUTES_READERS)
def print_notice_(call: Call, session_id: UUID) -> Download:
    """The notice of the session with its agenda, to hand out; it names no applicant."""
    context: Context = call.context
    content = print_notice(
        call.session, call.caller, session_id=session_id, language=call.language, public_url=context.public_url
    )
    number = find.committee_session(call.session, call.caller, session_id).number
    return Download(content, f"{number}.pdf", "application/pdf", inline=True)


@resource.get("/<uuid:session_id>/acta", download=True, allow=MINUTES_READERS)
def download_acta_(call: Call, session_id: UUID) -> Download:
    """The acta as it was made."""
    acta = find.acta(call.session, call.caller, session_id)
    return Download(files.read(call.session, acta.file_id), f"{acta.number}.pdf", "application/pdf", inline=True)


def _room(call: Call, session_id: UUID) -> dict[str, Any]:
    meeting = find.committee_session(call.session, call.caller, session_id)
    return room(call.session, call.caller, meeting, reads_minutes=call.caller.has(*MINUTES_READERS))

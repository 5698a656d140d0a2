"""Sessions of groups: planned, moved with their history, cancelled, closed."""

from typing import Any
from uuid import UUID

from services.training.api.schemas import READERS, TEAM, UNIT, HolidayOut
from services.training.models.sessions import REVISION_ACTIONS, SESSION_STATES
from services.training.queries import sessions as queries
from services.training.reference.rounds import TOPICS
from services.training.rules.timetable import CLOCK
from services.training.use_cases import plan_session as use_cases
from shared.web import Call, Input, Output, Page, Query, Resource, fields

resource = Resource("training_sessions", prefix="/sessions", description="Sessions of training groups.")


class SessionQuery(Query):
    unit = fields.String(maximum=6, pattern=UNIT)
    group_id = fields.Id()
    when = fields.Code((queries.COMING, queries.PAST))


class Timetable(Input):
    """Each day from `starts` to `ends`, local time; `minutes` are those of teaching, all of them unless told.
    `on_holiday`: the day is kept although it is a public holiday.
    """

    first_day = fields.Day(required=True)
    last_day = fields.Day(allow_none=True)
    starts = fields.String(maximum=5, pattern=CLOCK, required=True)
    ends = fields.String(maximum=5, pattern=CLOCK, required=True)
    place = fields.String(maximum=200, required=True)
    minutes = fields.Integer(minimum=1, maximum=20_160, allow_none=True)
    on_holiday = fields.Boolean(load_default=False)


class SessionIn(Timetable):
    """`module_id`: the module of the group's curriculum that is taught in it."""

    group_id = fields.Id(required=True)
    module_id = fields.Id(allow_none=True)
    title = fields.String(maximum=160, required=True)
    topic = fields.Code(TOPICS, allow_none=True, load_default=None)
    trainer_id = fields.Id(allow_none=True, load_default=None)


class SessionTeachingIn(Input):
    """What is taught, by its code, and who teaches it, of the list of trainers; either may be left open."""

    topic = fields.Code(TOPICS, allow_none=True, load_default=None)
    trainer_id = fields.Id(allow_none=True, load_default=None)


class SessionModuleIn(Input):
    """The module of the group's curriculum that is taught in it; None: none of them."""

    module_id = fields.Id(allow_none=True, required=True)


class SessionMoveIn(Timetable):
    reason = fields.String(maximum=400, required=True)


class CancellationIn(Input):
    reason = fields.String(maximum=400, required=True)


class Planned(Output):
    first_day = fields.Day()
    last_day = fields.Day()
    starts = fields.String()
    ends = fields.String()
    place = fields.String()
    minutes = fields.Integer()


class SessionRow(Planned):
    id = fields.Id()
    version = fields.Integer()
    subject_kind = fields.String()
    subject_id = fields.Id()
    group_number = fields.Integer(allow_none=True)
    group_name = fields.String(allow_none=True)
    unit = fields.String()
    title = fields.String()
    module_id = fields.Id(allow_none=True)
    module_title = fields.String(allow_none=True)
    topic = fields.Code(TOPICS, allow_none=True)
    trainer_id = fields.Id(allow_none=True)
    trainer_name = fields.String(allow_none=True)
    sequence = fields.Integer()
    state = fields.Code(SESSION_STATES)
    closed_at = fields.Moment(allow_none=True)
    closed_by_name = fields.String(allow_none=True)
    present = fields.Integer()
    excused = fields.Integer()
    absent = fields.Integer()


class RevisionOut(Planned):
    """`before`: what it was planned as until then; None for the first plan. `reason`: as somebody wrote it, or
    `group_given_up` where the house cancelled it with its group.
    """

    sequence = fields.Integer()
    action = fields.Code(REVISION_ACTIONS)
    reason = fields.String(allow_none=True)
    at = fields.Moment()
    by_name = fields.String()
    before = fields.Nested(Planned, allow_none=True)


class SheetOut(Output):
    """`opens`: whether the QR of its rows lead to anything now."""

    id = fields.Id()
    number = fields.Integer()
    expires_on = fields.Day()
    revoked_on = fields.Day(allow_none=True)
    made_at = fields.Moment()
    made_by_name = fields.String()
    opens = fields.Boolean()


class SessionOut(SessionRow):
    """`needs_licence`: only who holds a licence may teach its topic. `holidays`: those it falls on."""

    women = fields.Integer()
    needs_licence = fields.Boolean()
    holidays = fields.List(fields.Nested(HolidayOut))
    revisions = fields.List(fields.Nested(RevisionOut))
    sheets = fields.List(fields.Nested(SheetOut))


@resource.get(query=SessionQuery, returns=SessionRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """Sessions of the caller's territory: those to come by their days, or those that are over, the latest first. Of
    one group all of them, unless it is said which.
    """
    return queries.list_sessions(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(body=SessionIn, returns=SessionOut, allow=TEAM)
def plan(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Plan a session of a group."""
    return _shown(call, use_cases.plan_session(call.session, call.caller, **body).id)


@resource.get("/<uuid:session_id>", returns=SessionOut, allow=READERS)
def show(call: Call, session_id: UUID) -> dict[str, Any]:
    """One session with every revision of its plan."""
    return _shown(call, session_id)


@resource.post("/<uuid:session_id>/move", body=SessionMoveIn, returns=SessionOut, if_match=True, status=200, allow=TEAM)
def move(call: Call, body: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Give the session another time or place, with the reason."""
    use_cases.move_session(call.session, call.caller, session_id=session_id, version=call.if_match, **body)
    return _shown(call, session_id)


@resource.post(
    "/<uuid:session_id>/cancellation",
    body=CancellationIn,
    returns=SessionOut,
    if_match=True,
    status=200,
    allow=TEAM,
)
def cancel(call: Call, body: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """The session will not be, with the reason."""
    use_cases.cancel_session(call.session, call.caller, session_id=session_id, version=call.if_match, **body)
    return _shown(call, session_id)


@resource.post(
    "/<uuid:session_id>/teaching", body=SessionTeachingIn, returns=SessionOut, if_match=True, status=200, allow=TEAM
)
def teach(call: Call, body: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Say what is taught and who teaches it. Who has another session then, does not go there, or lacks the licence
    that the topic needs is refused.
    """
    use_cases.name_trainer(call.session, call.caller, session_id=session_id, version=call.if_match, **body)
    return _shown(call, session_id)


@resource.post(
    "/<uuid:session_id>/module", body=SessionModuleIn, returns=SessionOut, if_match=True, status=200, allow=TEAM
)
def change_module(call: Call, body: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Say which module is taught in it; refused like at planning."""
    use_cases.change_module(call.session, call.caller, session_id=session_id, version=call.if_match, **body)
    return _shown(call, session_id)


@resource.post("/<uuid:session_id>/closing", returns=SessionOut, if_match=True, status=200, allow=TEAM)
def close(call: Call, session_id: UUID) -> dict[str, Any]:
    """Its attendance is complete: marks that come later need a reason."""
    use_cases.close_session(call.session, call.caller, session_id=session_id, version=call.if_match)
    return _shown(call, session_id)


def _shown(call: Call, session_id: UUID) -> dict[str, Any]:
    return queries.show_session(call.session, call.caller, session_id)

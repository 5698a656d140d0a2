"""Training strategies, and complementary subjects that women ask for."""

from typing import Any

from services.training.api.schemas import READERS, TEAM
from services.training.models.strategies import ASKED_STATES, SOURCES, SUBJECT_ANSWERS
from services.training.queries import asked_subjects as asked_queries
from services.training.queries import strategies as queries
from services.training.reference.curricula import FORMS, METHODS, TYPES
from services.training.reference.rounds import LARGEST_GROUP
from services.training.use_cases.decide_strategy import decide_strategy
from services.training.use_cases.note_subject import answer_subject, note_subject
from shared import places
from shared.events.vocabulary import NEEDS
from shared.web import Call, Input, Output, Page, Query, Resource, fields

resource = Resource("training_strategies", prefix="/training-strategies", description="How each kind is trained.")
asked = Resource("asked_subjects", prefix="/asked-subjects", description="Subjects that women ask for.")


class StrategiesQuery(Query):
    unit = fields.String(maximum=6, pattern=places.UNIT)
    type = fields.Code(TYPES)
    need = fields.Code(NEEDS)


class StrategiesInForceQuery(Query):
    """`day`: today unless told; `chain` may be a family of chains or any too."""

    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)
    chain = fields.Code(TYPES)
    day = fields.Day()


class TrainingStrategyIn(Input):
    """`minutes` in all; `decided_by`: the meeting or body that decided."""

    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)
    type = fields.Code(TYPES, required=True)
    need = fields.Code(NEEDS, required=True)
    since = fields.Day(required=True)
    form = fields.Code(FORMS, required=True)
    methods = fields.List(fields.Code(METHODS), minimum=1, maximum=len(METHODS), required=True)
    minutes = fields.Integer(minimum=15, maximum=60_000, required=True)
    smallest = fields.Integer(minimum=1, maximum=LARGEST_GROUP, required=True)
    largest = fields.Integer(minimum=1, maximum=LARGEST_GROUP, required=True)
    decided_by = fields.String(maximum=200, required=True)
    source = fields.String(maximum=400, required=True)
    note = fields.String(maximum=2_000, minimum=0, load_default="")


class _Told(Output):
    unit = fields.String()
    type = fields.Code(TYPES)
    need = fields.Code(NEEDS)
    since = fields.Day()
    form = fields.Code(FORMS)
    methods = fields.List(fields.Code(METHODS))
    minutes = fields.Integer()
    smallest = fields.Integer()
    largest = fields.Integer()
    source = fields.String()
    note = fields.String()


class TrainingStrategyOut(_Told):
    id = fields.Id()
    decided_by = fields.String()
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()


class StrategyInForceOut(_Told):
    """`id` and `decided_by` are None of what the network begins with; its `unit` is empty then."""

    id = fields.Id(allow_none=True)
    chain = fields.Code(TYPES)
    decided_by = fields.String(allow_none=True)


class AskedSubjectsQuery(Query):
    """`subject`: asked in these words, whatever their case and accents."""

    unit = fields.String(maximum=6, pattern=places.UNIT)
    subject = fields.String(maximum=120)
    group_id = fields.Id()
    state = fields.Code(ASKED_STATES)


class AskedSubjectIn(Input):
    """At a place, or by a group or a woman of one, whose place it is then."""

    subject = fields.String(maximum=120, required=True)
    unit = fields.String(maximum=6, pattern=places.UNIT, load_default=None, allow_none=True)
    group_id = fields.Id(load_default=None, allow_none=True)
    entrepreneur_id = fields.Id(load_default=None, allow_none=True)
    women = fields.Integer(minimum=1, maximum=10_000, load_default=1)
    source = fields.Code(SOURCES, required=True)
    asked_on = fields.Day(required=True)
    note = fields.String(maximum=1_000, minimum=0, load_default="")


class SubjectAnswerIn(Input):
    """For everything asked in these words in the caller's territory that waits; taken up, with the curriculum."""

    subject = fields.String(maximum=120, required=True)
    state = fields.Code(SUBJECT_ANSWERS, required=True)
    answer = fields.String(maximum=2_000, required=True)
    curriculum_id = fields.Id(load_default=None, allow_none=True)


class AskedAtOut(Output):
    unit = fields.String()
    women = fields.Integer()


class SubjectAnswerOut(Output):
    state = fields.Code(SUBJECT_ANSWERS)
    answer = fields.String()
    curriculum_id = fields.Id(allow_none=True)
    curriculum_title = fields.String(allow_none=True)
    answered_by_name = fields.String(allow_none=True)


class AskedSubjectRow(Output):
    """A subject: `waiting` of the women have no answer yet."""

    key = fields.String()
    subject = fields.String()
    women = fields.Integer()
    notes = fields.Integer()
    waiting = fields.Integer()
    since = fields.Day()
    last_on = fields.Day()
    places = fields.List(fields.Nested(AskedAtOut))
    answers = fields.List(fields.Nested(SubjectAnswerOut))


class AskedNoteOut(Output):
    """One time that it was asked for; nobody is named in it."""

    id = fields.Id()
    subject = fields.String()
    unit = fields.String()
    group_id = fields.Id(allow_none=True)
    group_number = fields.Integer(allow_none=True)
    group_name = fields.String(allow_none=True)
    women = fields.Integer()
    source = fields.Code(SOURCES)
    asked_on = fields.Day()
    note = fields.String()
    state = fields.Code(ASKED_STATES)
    curriculum_id = fields.Id(allow_none=True)
    curriculum_title = fields.String(allow_none=True)
    answer = fields.String()
    answered_by_name = fields.String(allow_none=True)
    answered_at = fields.Moment(allow_none=True)
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()


class AnsweredOut(Output):
    """How many notes were answered, of how many women."""

    notes = fields.Integer()
    women = fields.Integer()


@resource.get(query=StrategiesQuery, returns=TrainingStrategyOut, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The strategies decided in the caller's territory and in what it lies in, the latest first; none is taken away."""
    return queries.list_strategies(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/in-force", query=StrategiesInForceQuery, returns=StrategyInForceOut, allow=READERS)
def in_force(call: Call) -> list[dict[str, Any]]:
    """For each chain and need the strategy to follow at a place on a day."""
    return queries.strategies_in_force(call.session, call.caller, **call.query)


@resource.post(body=TrainingStrategyIn, returns=TrainingStrategyOut, allow=TEAM)
def decide(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Write down a strategy that was decided; from its day on it holds instead of the one before."""
    return queries.show_strategy(decide_strategy(call.session, call.caller, **body))


@asked.get(query=AskedSubjectsQuery, returns=AskedSubjectRow, paged=True, allow=READERS)
def list_subjects(call: Call) -> Page:
    """What women ask for in the caller's territory, by subject: how many, where, and what became of it."""
    return asked_queries.subjects(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@asked.get("/notes", query=AskedSubjectsQuery, returns=AskedNoteOut, paged=True, allow=READERS)
def list_notes(call: Call) -> Page:
    """Each time that a subject was asked for, the latest noted first."""
    return asked_queries.notes(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@asked.post(body=AskedSubjectIn, returns=AskedNoteOut, allow=TEAM)
def note(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Write down that women asked for a subject."""
    return asked_queries.note_row(call.session, note_subject(call.session, call.caller, **body))


@asked.post("/answers", body=SubjectAnswerIn, returns=AnsweredOut, allow=TEAM)
def answer(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Take a subject up in a curriculum, or decline it, with the reason."""
    done = answer_subject(call.session, call.caller, **body)
    return {"notes": len(done), "women": sum(one.women for one in done)}

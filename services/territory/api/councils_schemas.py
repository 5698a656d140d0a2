"""What is told and asked of councils, dialogues, alliances and commitments."""

from services.territory.api.lists import FORMATS
from services.territory.models.councils import (
    ATTENDANTS,
    COMMITMENT_STATES,
    COUNCIL_KINDS,
    DIALOGUE_KINDS,
    SEAT_KINDS,
    SETTLED,
)
from shared import places
from shared.web import Input, Output, Query, fields

_MOST = 100_000


class UnitQuery(Query):
    """`unit`: that place and what lies in it."""

    unit = fields.String(maximum=6, pattern=places.UNIT)


class CouncilsTableQuery(UnitQuery):
    format = fields.Code(FORMATS, load_default="csv")


class CouncilIn(Input):
    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)
    kind = fields.Code(COUNCIL_KINDS, required=True)
    name = fields.String(maximum=200, required=True)
    seats_total = fields.Integer(minimum=1, maximum=1000, required=True)


class CouncilChange(Input):
    name = fields.String(maximum=200, required=True)
    seats_total = fields.Integer(minimum=1, maximum=1000, required=True)


class SeatIn(Input):
    organization = fields.String(maximum=200, required=True)
    constituency = fields.String(maximum=200, required=True)
    kind = fields.Code(SEAT_KINDS, required=True)
    held_from = fields.Day(required=True)
    held_until = fields.Day(load_default=None, allow_none=True)


class DayIn(Input):
    day = fields.Day(required=True)


class SessionIn(Input):
    """Counts of who was there, everybody counted once; no names of persons."""

    held_on = fields.Day(required=True)
    agenda = fields.String(maximum=5_000, required=True)
    women = fields.Integer(maximum=_MOST, required=True)
    men = fields.Integer(maximum=_MOST, required=True)
    organizations = fields.List(fields.String(maximum=200), maximum=60, load_default=list)


class CommitmentIn(Input):
    """`responsible` is an institution."""

    what = fields.String(maximum=1000, required=True)
    responsible = fields.String(maximum=200, required=True)
    due_on = fields.Day(required=True)


class SettlementIn(Input):
    state = fields.Code(SETTLED, required=True)
    note = fields.String(maximum=1000, load_default=None, allow_none=True)


class CommitmentsQuery(UnitQuery):
    state = fields.Code(COMMITMENT_STATES)


class CommitmentOut(Output):
    id = fields.Id()
    version = fields.Integer()
    unit = fields.String()
    session_id = fields.Id(allow_none=True)
    dialogue_id = fields.Id(allow_none=True)
    what = fields.String()
    responsible = fields.String()
    due_on = fields.Day()
    state = fields.Code(COMMITMENT_STATES)
    late = fields.Boolean()
    note = fields.String(allow_none=True)
    settled_on = fields.Day(allow_none=True)
    has_proof = fields.Boolean()
    recorded_by_name = fields.String()


class _CouncilOut(Output):
    id = fields.Id()
    version = fields.Integer()
    unit = fields.String()
    kind = fields.Code(COUNCIL_KINDS)
    name = fields.String()
    seats_total = fields.Integer()
    women_seats = fields.Integer()
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()


class CouncilOut(_CouncilOut):
    """`women_seats`: titular seats that women's organizations hold today."""

    sessions_held = fields.Integer()
    last_session = fields.Day(allow_none=True)
    open_commitments = fields.Integer()


class SeatOut(Output):
    id = fields.Id()
    organization = fields.String()
    constituency = fields.String()
    kind = fields.Code(SEAT_KINDS)
    held_from = fields.Day()
    held_until = fields.Day(allow_none=True)
    held = fields.Boolean()


class SessionOut(Output):
    id = fields.Id()
    held_on = fields.Day()
    agenda = fields.String()
    women = fields.Integer()
    men = fields.Integer()
    organizations = fields.List(fields.String())
    recorded_by_name = fields.String()


class WholeCouncilOut(_CouncilOut):
    seats = fields.List(fields.Nested(SeatOut))
    sessions = fields.List(fields.Nested(SessionOut))
    commitments = fields.List(fields.Nested(CommitmentOut))


class DialoguesQuery(UnitQuery):
    kind = fields.Code(DIALOGUE_KINDS)


class DialoguesTableQuery(DialoguesQuery):
    format = fields.Code(FORMATS, load_default="csv")


class ParticipantsIn(Input):
    kind = fields.Code(ATTENDANTS, required=True)
    institutions = fields.Integer(maximum=_MOST, required=True)
    women = fields.Integer(maximum=_MOST, required=True)
    men = fields.Integer(maximum=_MOST, required=True)


class DialogueIn(Input):
    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)
    kind = fields.Code(DIALOGUE_KINDS, required=True)
    title = fields.String(maximum=200, required=True)
    held_on = fields.Day(required=True)
    topics = fields.String(maximum=5_000, required=True)
    participants = fields.List(fields.Nested(ParticipantsIn), minimum=1, maximum=len(ATTENDANTS), required=True)


class ParticipantsOut(Output):
    kind = fields.Code(ATTENDANTS)
    institutions = fields.Integer()
    women = fields.Integer()
    men = fields.Integer()


class DialogueOut(Output):
    """`institutions`, `women` and `men` of all kinds together."""

    id = fields.Id()
    version = fields.Integer()
    unit = fields.String()
    kind = fields.Code(DIALOGUE_KINDS)
    title = fields.String()
    held_on = fields.Day()
    topics = fields.String()
    participants = fields.List(fields.Nested(ParticipantsOut))
    institutions = fields.Integer()
    women = fields.Integer()
    men = fields.Integer()
    recorded_by_name = fields.String()


class WholeDialogueOut(DialogueOut):
    agreements = fields.List(fields.Nested(CommitmentOut))


class AllianceIn(Input):
    unit = fields.String(maximum=6, pattern=places.UNIT, required=True)
    name = fields.String(maximum=200, required=True)
    purpose = fields.String(maximum=1000, required=True)
    members = fields.List(fields.String(maximum=200), minimum=2, maximum=60, required=True)
    agreement = fields.String(maximum=200, load_default=None, allow_none=True)
    begun_on = fields.Day(required=True)


class AllianceOut(Output):
    id = fields.Id()
    version = fields.Integer()
    unit = fields.String()
    name = fields.String()
    purpose = fields.String()
    members = fields.List(fields.String())
    agreement = fields.String(allow_none=True)
    begun_on = fields.Day()
    ended_on = fields.Day(allow_none=True)
    recorded_by_name = fields.String()

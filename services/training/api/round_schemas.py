"""What rounds and placements read and answer."""

from typing import Any

from services.training.reference.rounds import LANGUAGES, SLOTS, TOPICS
from services.training.rules.needs import ORIGINS
from services.training.rules.placement.answer import Change, Reason
from services.training.rules.women_table import MOST_CHILDREN, MOST_PRIORITY
from services.training.use_cases.move_woman import BY_HAND
from services.training.use_cases.note_woman import MOST_IN_A_PAIRING
from shared.events.vocabulary import CHAINS, NEEDS
from shared.places import MUNICIPALITY_CODE, UNIT
from shared.web import Input, Output, Query, fields

REASONS = (*(reason.value for reason in Reason), BY_HAND)
CHANGES = tuple(change.value for change in Change)
STATES = ("improving", "ready", "replaced")
MOVING, STAYING = "moving", "staying"
ANSWERS = ("invited", "accepted", "declined")
_NAME = r"[^\x00-\x1f]+"


def _slots(**options: Any) -> fields.List:
    return fields.List(fields.Code(SLOTS), maximum=len(SLOTS), **options)


def _languages(**options: Any) -> fields.List:
    return fields.List(fields.Code(LANGUAGES), minimum=1, maximum=len(LANGUAGES), **options)


class NeedSourceOut(Output):
    need = fields.Code(NEEDS)
    origin = fields.Code(ORIGINS)
    women = fields.Integer()
    latest = fields.Day()
    least = fields.Integer()
    most = fields.Integer()


class ChoicesOut(Output):
    topics = fields.Anything()
    languages = fields.Anything()
    slots = fields.List(fields.Code(SLOTS))
    defaults = fields.Anything()
    limits = fields.Anything()
    weights = fields.Anything()
    source = fields.String()
    valid_from = fields.Day()


class RoundChange(Input):
    """Sizes in women, reach in km, budget in iterations of the improvement."""

    name = fields.String(maximum=120, pattern=_NAME)
    begins_on = fields.Day()
    ends_on = fields.Day()
    topics = fields.List(fields.Code(TOPICS), maximum=len(TOPICS))
    minimum = fields.Integer(minimum=1, maximum=200)
    maximum = fields.Integer(minimum=1, maximum=200)
    reach_km = fields.Integer(minimum=1, maximum=1000)
    budget = fields.Integer(minimum=1, maximum=100_000)
    seed = fields.Integer(minimum=0)


class RoundIn(RoundChange):
    units = fields.List(fields.String(maximum=6, pattern=UNIT), minimum=1, maximum=20, required=True)
    name = fields.String(maximum=120, pattern=_NAME, required=True)
    begins_on = fields.Day(required=True)
    ends_on = fields.Day(required=True)
    topics = fields.List(fields.Code(TOPICS), maximum=len(TOPICS), required=True)


class RoundBegun(Input):
    """A round from today on, with suggested venues; what is not told is the policy's."""

    units = fields.List(fields.String(maximum=6, pattern=UNIT), minimum=1, maximum=20, required=True)
    topics = fields.List(fields.Code(TOPICS), minimum=1, maximum=len(TOPICS), required=True)
    name = fields.String(maximum=120, pattern=_NAME)
    minimum = fields.Integer(minimum=1, maximum=200)
    maximum = fields.Integer(minimum=1, maximum=200)
    reach_km = fields.Integer(minimum=1, maximum=1000)
    improve = fields.Boolean(load_default=True)


class RoomIn(Input):
    name = fields.String(maximum=80, pattern=_NAME, required=True)
    seats = fields.Integer(minimum=1, maximum=500, required=True)


class FacilitatorIn(Input):
    """Somebody typed, with `name`, `topics` and `languages`; or `trainer_id` of the list of trainers, which brings them
    where nothing else is told. Without `slots` she comes whenever she can and the venue is open.
    """

    name = fields.String(maximum=120, minimum=0, pattern=r"[^\x00-\x1f]*", load_default="")
    trainer_id = fields.Id(allow_none=True, load_default=None)
    topics = fields.List(fields.Code(TOPICS), maximum=len(TOPICS), load_default=list)
    languages = fields.List(fields.Code(LANGUAGES), maximum=len(LANGUAGES), load_default=list)
    slots = _slots(load_default=list)


class CareIn(Input):
    slot = fields.Code(SLOTS, required=True)
    places = fields.Integer(minimum=1, maximum=200, required=True)


class VenueIn(Input):
    """Without `lon` and `lat` it stands within a kilometre of the middle of the enterprises of its municipality, where
    three or more are known.
    """

    name = fields.String(maximum=120, pattern=_NAME, required=True)
    municipality = fields.String(maximum=6, pattern=MUNICIPALITY_CODE, required=True)
    lon = fields.Number(minimum=-180, maximum=180, allow_none=True, load_default=None)
    lat = fields.Number(minimum=-90, maximum=90, allow_none=True, load_default=None)
    slots = _slots(required=True)
    rooms = fields.List(fields.Nested(RoomIn), maximum=20, required=True)
    child_care = fields.List(fields.Nested(CareIn), maximum=len(SLOTS), load_default=list)
    facilitators = fields.List(fields.Nested(FacilitatorIn), maximum=40, required=True)


class VenueOut(Output):
    id = fields.Id()
    version = fields.Integer()
    name = fields.String()
    municipality = fields.String()
    lon = fields.Number(minimum=-180, maximum=180)
    lat = fields.Number(minimum=-90, maximum=90)
    slots = fields.List(fields.Code(SLOTS))
    rooms = fields.Anything()
    child_care = fields.Anything()
    facilitators = fields.Anything()


class RoundRow(Output):
    id = fields.Id()
    version = fields.Integer()
    name = fields.String()
    units = fields.List(fields.String())
    begins_on = fields.Day()
    ends_on = fields.Day()
    topics = fields.List(fields.Code(TOPICS))
    minimum = fields.Integer()
    maximum = fields.Integer()
    reach_km = fields.Integer()
    budget = fields.Integer()
    seed = fields.Integer()
    made_by_name = fields.String()
    made_at = fields.Moment()


class PlacementRow(Output):
    id = fields.Id()
    state = fields.Code(STATES)
    first_placed = fields.Integer()
    considered = fields.Integer()
    worth = fields.List(fields.Integer(minimum=-(10**9)))
    bound = fields.Integer(allow_none=True)
    made_at = fields.Moment()


class RoundOut(RoundRow):
    venues = fields.List(fields.Nested(VenueOut))
    placements = fields.List(fields.Nested(PlacementRow))
    not_counted = fields.Anything()
    policy = fields.Anything()


class WomenQuery(Query):
    told = fields.Boolean()


class WomanIn(Input):
    """`slots` empty: nothing was told, any hour will do. `children` need care while she learns."""

    slots = _slots(load_default=list)
    languages = _languages(load_default=lambda: ["es"])
    children = fields.Integer(maximum=MOST_CHILDREN, load_default=0)
    priority = fields.Integer(minimum=1, maximum=MOST_PRIORITY, load_default=1)
    together = fields.List(fields.Id(), maximum=MOST_IN_A_PAIRING)
    apart = fields.List(fields.Id(), maximum=MOST_IN_A_PAIRING)


class _Noted(Output):
    entrepreneur_id = fields.Id()
    municipality = fields.String()
    slots = fields.List(fields.Code(SLOTS))
    languages = fields.List(fields.Code(LANGUAGES))
    children = fields.Integer()
    priority = fields.Integer()
    told = fields.Boolean()
    version = fields.Integer()
    noted_by_name = fields.String(allow_none=True)
    noted_at = fields.Moment(allow_none=True)


class WomanRow(_Noted):
    enterprise_id = fields.Id()
    chain = fields.Code(CHAINS)
    needs = fields.Anything()
    has_place = fields.Boolean()
    name = fields.String(allow_none=True)
    enterprise_name = fields.String(allow_none=True)


class WomanOut(_Noted):
    together = fields.List(fields.Id())
    apart = fields.List(fields.Id())


class MistakeOut(Output):
    line = fields.Integer()
    column = fields.String()
    code = fields.String()
    value = fields.String()


class ImportOut(Output):
    noted = fields.Integer()
    mistakes = fields.List(fields.Nested(MistakeOut))


class PlacementIn(Input):
    """`keep`: the groups formed before go on, and as few of their women as possible move."""

    improve = fields.Boolean(load_default=True)
    keep = fields.Boolean(load_default=False)


class PlacementGroupRow(Output):
    number = fields.Integer()
    venue = fields.String()
    venue_name = fields.String()
    municipality = fields.String()
    slot = fields.Code(SLOTS)
    topic = fields.Code(TOPICS)
    type = fields.String()
    language = fields.Code(LANGUAGES)
    room = fields.String()
    facilitator = fields.String()
    women = fields.Integer()
    exception_by = fields.String(allow_none=True)
    exception_why = fields.String(allow_none=True)
    group_id = fields.Id(allow_none=True)
    group_name = fields.String(allow_none=True)


class ReasonRow(Output):
    reason = fields.Code(REASONS)
    women = fields.Integer()


class RelaxationOut(Output):
    change = fields.Code(CHANGES)
    facts = fields.Anything()
    placed = fields.Integer()
    women = fields.Integer()


class MoveOut(Output):
    number = fields.Integer()
    entrepreneur_id = fields.Id()
    from_number = fields.Integer(allow_none=True)
    to_number = fields.Integer(allow_none=True)
    gained = fields.List(fields.Integer(minimum=-(10**9)))
    moved_by_name = fields.String()
    moved_at = fields.Moment()


class ReplanOut(Output):
    """Confirmed women who would keep their place, get another one, or have none; the sessions of groups given up that
    would be cancelled; when it was carried out.
    """

    stay = fields.Integer()
    move = fields.Integer()
    out = fields.Integer()
    sessions = fields.Integer()
    carried_out_at = fields.Moment(allow_none=True)


class ReplanQuery(Query):
    """Those who would get another place or none (`moving`), or those who would keep theirs (`staying`)."""

    who = fields.Code((MOVING, STAYING), load_default=MOVING)


class ReplanRow(Output):
    """A confirmed woman: what her place `was`, and what it would be."""

    entrepreneur_id = fields.Id()
    enterprise_id = fields.Id()
    municipality = fields.String()
    was = fields.Anything()
    group_number = fields.Integer(allow_none=True)
    venue_name = fields.String(allow_none=True)
    slot = fields.Code(SLOTS, allow_none=True)
    topic = fields.Code(TOPICS, allow_none=True)
    reason = fields.Code(REASONS, allow_none=True)
    name = fields.String(allow_none=True)
    enterprise_name = fields.String(allow_none=True)


class PlacementOut(PlacementRow):
    """`worth`: priorities placed, less the groups, match, less the metres. `bound`: never more can be placed.
    `replan`: what a plan made anew would change for confirmed women.
    """

    replan = fields.Nested(ReplanOut, allow_none=True)

    version = fields.Integer()
    round_id = fields.Id()
    round_name = fields.String()
    asked = fields.Anything()
    done = fields.Integer(allow_none=True)
    in_groups = fields.Integer()
    placed = fields.Integer()
    left_out = fields.Integer()
    gap_percent = fields.Number(minimum=0, maximum=100, allow_none=True)
    groups = fields.List(fields.Nested(PlacementGroupRow))
    reasons = fields.List(fields.Nested(ReasonRow))
    relaxations = fields.List(fields.Nested(RelaxationOut))
    moves = fields.List(fields.Nested(MoveOut))
    made_by_name = fields.String()


class PlacementWomanOut(Output):
    entrepreneur_id = fields.Id()
    enterprise_id = fields.Id()
    municipality = fields.String()
    chain = fields.Code(CHAINS)
    group_number = fields.Integer(allow_none=True)
    reason = fields.Code(REASONS, allow_none=True)
    facts = fields.Anything()
    name = fields.String(allow_none=True)
    enterprise_name = fields.String(allow_none=True)


class PlacementGroupOut(PlacementGroupRow):
    placement_id = fields.Id()
    version = fields.Integer()
    state = fields.Code(STATES)
    minimum = fields.Integer()
    members = fields.List(fields.Nested(PlacementWomanOut))


class PlacedQuery(Query):
    """Numbers of groups."""

    first = fields.Integer(minimum=1, maximum=100_000)
    last = fields.Integer(minimum=1, maximum=100_000)


class RoughPointOut(Output):
    """Not where she lives, but near it."""

    lon = fields.Number(minimum=-180, maximum=180)
    lat = fields.Number(minimum=-90, maximum=90)
    group_number = fields.Integer(allow_none=True)


class RoughPointsOut(Output):
    points = fields.List(fields.Nested(RoughPointOut))


class OutQuery(Query):
    reason = fields.Code(REASONS)
    municipality = fields.String(maximum=6, pattern=MUNICIPALITY_CODE)
    chain = fields.Code(CHAINS)


class MoveIn(Input):
    """`to`: the number of a group of the placement, or null to leave her out."""

    entrepreneur_id = fields.Id(required=True)
    to = fields.Integer(minimum=1, maximum=100_000, allow_none=True, required=True)


class ExceptionIn(Input):
    why = fields.String(maximum=400, required=True)


class FormingIn(Input):
    name = fields.String(maximum=120)


class InvitationOut(Output):
    entrepreneur_id = fields.Id()
    enterprise_id = fields.Id()
    municipality = fields.String()
    state = fields.Code(ANSWERS)
    answered_at = fields.Moment(allow_none=True)
    name = fields.String(allow_none=True)
    enterprise_name = fields.String(allow_none=True)


class AnswerIn(Input):
    state = fields.Code(ANSWERS, required=True)


class ReplacementOut(Output):
    entrepreneur_id = fields.Id()
    enterprise_id = fields.Id()
    municipality = fields.String()
    chain = fields.Code(CHAINS)
    metres = fields.Integer()
    match = fields.Integer()
    name = fields.String(allow_none=True)
    enterprise_name = fields.String(allow_none=True)


class ReplacementIn(Input):
    entrepreneur_id = fields.Id(required=True)

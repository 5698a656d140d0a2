"""What goes in and out of the API about rubrics, profiles and validation."""

from services.registry.api.people_schemas import NameOut
from services.registry.rules import validation
from services.registry.rules.rubrics import HIGHEST, SUBJECTS, WHOLE
from shared.events import vocabulary
from shared.web import Input, Output, Query, fields

_MUNICIPALITY = r"[A-Z]{2}[0-9]{4}"
_PLACE = r"[A-Z]{2}([0-9]{2}([0-9]{2})?)?"


def _level(**options: object) -> fields.Integer:
    return fields.Integer(minimum=0, maximum=HIGHEST, **options)


class SeenIn(Input):
    """A level of a dimension, and what was seen that speaks for it."""

    level = _level(required=True)
    evidence = fields.String(maximum=2_000, required=True)


class PotentialIn(Input):
    """A level of a potential; its evidence may be left out."""

    level = _level(required=True)
    evidence = fields.String(maximum=2_000, allow_none=True, load_default=None)


class ProfileIn(Input):
    """How an enterprise was seen on a day: all five dimensions, and the two potentials."""

    assessed_on = fields.Day(required=True)
    credit = fields.Nested(SeenIn, required=True)
    certifications = fields.Nested(SeenIn, required=True)
    market = fields.Nested(SeenIn, required=True)
    quality = fields.Nested(SeenIn, required=True)
    training = fields.Nested(SeenIn, required=True)
    innovation = fields.Nested(PotentialIn, required=True)
    scaling = fields.Nested(PotentialIn, required=True)


class WeightsIn(Input):
    """Whole numbers that add up to 25, so that the highest level in everything is a score of 100."""

    credit = fields.Integer(maximum=WHOLE, required=True)
    certifications = fields.Integer(maximum=WHOLE, required=True)
    market = fields.Integer(maximum=WHOLE, required=True)
    quality = fields.Integer(maximum=WHOLE, required=True)
    training = fields.Integer(maximum=WHOLE, required=True)
    innovation = fields.Integer(maximum=WHOLE, required=True)
    scaling = fields.Integer(maximum=WHOLE, required=True)


class MinimumsIn(Input):
    """The level that each subject must have for the tier *strategic*; 0 asks for nothing."""

    credit = _level(required=True)
    certifications = _level(required=True)
    market = _level(required=True)
    quality = _level(required=True)
    training = _level(required=True)
    innovation = _level(required=True)
    scaling = _level(required=True)


class WordingIn(Input):
    """Other words for one level."""

    subject = fields.Code(SUBJECTS, required=True)
    level = _level(required=True)
    es = fields.String(maximum=300, required=True)
    en = fields.String(maximum=300, required=True)


class RubricIn(Input):
    """An edition that a centre adopts from `valid_from` on; levels that `wording` does not name keep their words.
    `source` says who decided it and where that is written.
    """

    centre_id = fields.Id(required=True)
    valid_from = fields.Day(required=True)
    source = fields.String(maximum=500, required=True)
    weights = fields.Nested(WeightsIn, required=True)
    minimums = fields.Nested(MinimumsIn, required=True)
    strategic_from = fields.Integer(maximum=100, required=True)
    stale_after_months = fields.Integer(minimum=1, maximum=120, required=True)
    wording = fields.List(fields.Nested(WordingIn), maximum=35, load_default=list)


class RubricQuery(Query):
    """A municipality, or a centre; the day is today where none is named."""

    municipality = fields.String(maximum=6, pattern=_MUNICIPALITY)
    centre_id = fields.Id()
    day = fields.Day()


class WordsOut(Output):
    es = fields.String()
    en = fields.String()


class SubjectOut(Output):
    subject = fields.String()
    weight = fields.Integer()
    minimum = fields.Integer()
    levels = fields.List(fields.Nested(WordsOut))


class RubricOut(Output):
    """`id` and centre are null for the network's own edition."""

    id = fields.Id(allow_none=True)
    centre_id = fields.Id(allow_none=True)
    centre_name = fields.String(allow_none=True)
    valid_from = fields.Day()
    in_force = fields.Boolean()
    source = fields.String()
    strategic_from = fields.Integer()
    stale_after_months = fields.Integer()
    subjects = fields.List(fields.Nested(SubjectOut))


class LevelOut(Output):
    subject = fields.String()
    level = fields.Integer()


class ProfileRow(Output):
    id = fields.Id()
    assessed_on = fields.Day()
    recorded_at = fields.Moment()
    assessor_name = fields.String()
    score = fields.Integer()
    tier = fields.Code(vocabulary.TIERS)
    rubric_id = fields.Id(allow_none=True)
    edition = fields.Day()
    levels = fields.List(fields.Nested(LevelOut))


class TermOut(LevelOut):
    """`level` x `weight` = `part`, of `most`; `lacking` below `minimum`; `standing` is strength, middle or weakness."""

    weight = fields.Integer()
    part = fields.Integer()
    most = fields.Integer()
    minimum = fields.Integer()
    lacking = fields.Boolean()
    standing = fields.String()
    words = fields.Nested(WordsOut)
    evidence = fields.String(allow_none=True)
    has_file = fields.Boolean()


class ProfileOut(Output):
    """A profile and how it came about: the parts of `terms` add up to `score`; `missing` points up to
    `strategic_from`; `lacking` are the minimal conditions not met.
    """

    id = fields.Id()
    enterprise_id = fields.Id()
    enterprise_name = fields.String()
    municipality = fields.String()
    assessed_on = fields.Day()
    recorded_at = fields.Moment()
    assessor_name = fields.String()
    score = fields.Integer()
    tier = fields.Code(vocabulary.TIERS)
    strategic_from = fields.Integer()
    missing = fields.Integer()
    lacking = fields.List(fields.String())
    terms = fields.List(fields.Nested(TermOut))
    rubric_id = fields.Id(allow_none=True)
    edition = fields.Day()
    centre_name = fields.String(allow_none=True)


class JudgementIn(Input):
    """Where a record stands from now on; `on` is the day of the evidence, `words` what there is to say about it."""

    state = fields.Code(vocabulary.VALIDATION_STATES, required=True)
    evidence = fields.Code(validation.EVIDENCE, allow_none=True, load_default=None)
    on = fields.Day(required=True)
    words = fields.String(maximum=2_000, allow_none=True, load_default=None)


class CheckOut(Output):
    state_before = fields.String()
    state = fields.String()
    evidence = fields.String(allow_none=True)
    evidence_on = fields.Day()
    words = fields.String(allow_none=True)
    taken_at = fields.Moment()
    taken_by_name = fields.String()


class ValidationOut(Output):
    """`counts_until` is the last day on which the check counts."""

    enterprise_id = fields.Id()
    version = fields.Integer()
    validation = fields.String()
    checked_on = fields.Day(allow_none=True)
    counts_until = fields.Day(allow_none=True)
    stale_after_months = fields.Integer()
    steps = fields.List(fields.Nested(CheckOut))


class PlaceQuery(Query):
    """A country, department or municipality by its code."""

    municipality = fields.String(maximum=6, pattern=_PLACE)


class WaitingQuery(PlaceQuery):
    """`waits` to be verified, validated or renewed; all three without it."""

    waits = fields.Code(tuple(validation.WAITING))


class WaitingRow(Output):
    id = fields.Id()
    version = fields.Integer()
    name = fields.String()
    municipality = fields.String()
    municipality_name = fields.String()
    validation = fields.String()
    checked_on = fields.Day(allow_none=True)
    recorded_on = fields.Day()
    owners = fields.List(fields.Nested(NameOut))


class WaitingCount(Output):
    """How many are captured (to be verified), verified (to be validated), stale (to be renewed)."""

    captured = fields.Integer()
    verified = fields.Integer()
    stale = fields.Integer()

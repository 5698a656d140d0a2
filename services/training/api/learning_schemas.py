"""What the API of tests and surveys reads and answers."""

from services.training.api.schemas import UNIT, MemberOut
from services.training.models.learning import MEASUREMENT_STATES, MOMENTS, SHEET_STATES
from services.training.queries.evaluation import LEVELS
from services.training.rules.learning.questionnaire import KINDS, MOST_ITEMS, PURPOSES
from services.training.rules.learning.results import MEASURES
from shared.events.vocabulary import CHAINS
from shared.web import Input, Output, Query, fields

_SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"
_CODE = 20
_ADDRESS = 45


def _figure() -> fields.Number:
    return fields.Number(minimum=-1e12, maximum=1e12, allow_none=True)


class LearningInstrumentIn(Input):
    """`questions`: as the notation of questionnaires says (see the service's README)."""

    code = fields.String(maximum=40, pattern=_SLUG, required=True)
    title = fields.String(maximum=160, required=True)
    purpose = fields.Code(PURPOSES, required=True)
    questions = fields.String(maximum=40_000, required=True)


class LearningInstrumentName(Output):
    id = fields.Id()
    code = fields.String()
    edition = fields.Integer()
    title = fields.String()
    purpose = fields.Code(PURPOSES)


class QuestionOut(Output):
    kind = fields.Code(KINDS)
    text = fields.String()
    options = fields.List(fields.String())
    right = fields.Integer(allow_none=True)


class LearningInstrumentOut(LearningInstrumentName):
    questions = fields.String()
    items = fields.List(fields.Nested(QuestionOut))
    written_on = fields.Day()
    written_by_name = fields.String()


class StarterOut(Output):
    code = fields.String()
    title = fields.String()
    purpose = fields.Code(PURPOSES)
    questions = fields.String()


class ResultQuery(Query):
    moment = fields.Code(MOMENTS[1:], load_default=MOMENTS[1])
    unit = fields.String(maximum=6, pattern=UNIT)
    chain = fields.Code(CHAINS)
    group_id = fields.Id()


class MatchingOut(Output):
    """Of the women asked, who is in the pairs and who is missing from them."""

    women = fields.Integer()
    both = fields.Integer()
    only_before = fields.Integer()
    only_after = fields.Integer()
    neither = fields.Integer()
    withdrawn = fields.Integer()
    matched_percent = _figure()


class LearningChangeOut(Output):
    """`before`, `after`, `points`, `low` and `high` in per cent and percentage points (of a number: in its own unit);
    the interval covers 95 %. `relative` and `normalised` are shares of 1.
    """

    pairs = fields.Integer()
    before = _figure()
    after = _figure()
    points = _figure()
    low = _figure()
    high = _figure()
    relative = _figure()
    normalised = _figure()
    p = _figure()
    effect = _figure()


class LearningScoreOut(LearningChangeOut):
    t = _figure()


class QuestionChangeOut(LearningChangeOut):
    gained = fields.Integer(allow_none=True)
    lost = fields.Integer(allow_none=True)


class QuestionResultOut(Output):
    number = fields.Integer()
    kind = fields.Code(KINDS)
    text = fields.String()
    change = fields.Nested(QuestionChangeOut, allow_none=True)
    answers = fields.Integer(allow_none=True)
    percent = _figure()
    mean = _figure()
    words = fields.List(fields.String())


class LearnedOut(Output):
    """Figures are of measurements that are closed (`still_open` are not) and of groups of which five answered;
    `withheld`: some answers are in no figure.
    """

    instrument = fields.Nested(LearningInstrumentName)
    moment = fields.Code(MOMENTS)
    groups = fields.Integer()
    still_open = fields.Integer()
    matching = fields.Nested(MatchingOut)
    withheld = fields.Boolean()
    score = fields.Nested(LearningScoreOut, allow_none=True)
    items = fields.List(fields.Nested(QuestionResultOut))


class MeasurementQuery(Query):
    unit = fields.String(maximum=6, pattern=UNIT)
    group_id = fields.Id()
    instrument_id = fields.Id()


class MeasurementIn(Input):
    """`closes_on`: the last day on which the links take answers."""

    group_id = fields.Id(required=True)
    instrument_id = fields.Id(required=True)
    moment = fields.Code(MOMENTS, required=True)
    closes_on = fields.Day(required=True)


class MeasurementRow(Output):
    id = fields.Id()
    version = fields.Integer()
    group_id = fields.Id()
    group_number = fields.Integer()
    group_name = fields.String()
    municipality = fields.String()
    instrument = fields.Nested(LearningInstrumentName)
    moment = fields.Code(MOMENTS)
    state = fields.Code(MEASUREMENT_STATES)
    opened_on = fields.Day()
    closes_on = fields.Day()
    closed_on = fields.Day(allow_none=True)
    withdrawn = fields.Integer()
    opened_by_name = fields.String()
    asked = fields.Integer()
    handed_in = fields.Integer()


class AnswerSheetOut(MemberOut):
    """`token` stands in the address of her own link."""

    id = fields.Id()
    code = fields.String(allow_none=True)
    state = fields.Code(SHEET_STATES)
    revoked_on = fields.Day(allow_none=True)
    token = fields.String()


class MeasurementOut(MeasurementRow):
    """`token` stands in the address of the group's link, through which each woman gives her code."""

    token = fields.String()
    sheets = fields.List(fields.Nested(AnswerSheetOut))


class OpenLinkIn(Input):
    """`address` is where the browser is that the portal speaks for: wrong codes are counted by it."""

    code = fields.String(maximum=_CODE)
    address = fields.String(maximum=_ADDRESS, load_default="")


class GivenAnswerIn(Input):
    """To a question the number of the option or step, a number, or words: all as text."""

    number = fields.Integer(minimum=1, maximum=MOST_ITEMS, required=True)
    value = fields.String(minimum=0, maximum=2_000, required=True)


class AllAnswersIn(OpenLinkIn):
    """All answers so far; `hand_in` when she is done."""

    answers = fields.List(fields.Nested(GivenAnswerIn), maximum=MOST_ITEMS, required=True)
    hand_in = fields.Boolean(load_default=False)


class AskedOut(Output):
    number = fields.Integer()
    kind = fields.Code(KINDS)
    text = fields.String()
    options = fields.List(fields.String())
    answer = fields.String(allow_none=True)


class AnsweringOut(Output):
    title = fields.String()
    purpose = fields.Code(PURPOSES)
    moment = fields.Code(MOMENTS)
    group = fields.String()
    closes_on = fields.Day()
    handed_in = fields.Boolean()
    items = fields.List(fields.Nested(AskedOut))


class EvaluationQuery(Query):
    unit = fields.String(maximum=6, pattern=UNIT)
    chain = fields.Code(CHAINS)


class KirkpatrickLevelOut(Output):
    level = fields.Code(LEVELS)
    measured = fields.List(fields.Nested(LearnedOut))


class AgainstWaitingOut(Output):
    difference = _figure()
    low = _figure()
    high = _figure()


class ResultMeasureOut(Output):
    """Means (jobs) or shares from 0 to 1, the change with its 95 % interval; `waiting`: by how much it exceeds that of
    `compared` enterprises that wait, None where none can be compared: then it is before and after, without comparison.
    """

    measure = fields.Code(MEASURES)
    pairs = fields.Integer()
    before = _figure()
    after = _figure()
    change = _figure()
    low = _figure()
    high = _figure()
    compared = fields.Integer(allow_none=True)
    waiting = fields.Nested(AgainstWaitingOut, allow_none=True)


class SalesOut(Output):
    rose = fields.Integer()
    same = fields.Integer()
    fell = fields.Integer()


class ArrearsOut(Output):
    borrowers = fields.Integer()
    late = fields.Integer()


class EnterpriseResultsOut(Output):
    months = fields.Integer()
    groups = fields.Integer()
    enterprises = fields.Integer()
    known = fields.Integer()
    measures = fields.List(fields.Nested(ResultMeasureOut))
    sales = fields.Nested(SalesOut, allow_none=True)
    arrears = fields.Nested(ArrearsOut, allow_none=True)


class EvaluationOut(Output):
    as_of = fields.Day()
    levels = fields.List(fields.Nested(KirkpatrickLevelOut))
    results = fields.List(fields.Nested(EnterpriseResultsOut))

"""What the API reads and answers of diagnoses, links, action plans and their board."""

from typing import Any

from services.training.models.diagnoses import DIAGNOSIS_STATES, MODES, SME_LINK_STATES
from services.training.models.smes import SECTORS, SIZES
from services.training.rules import action_plans as plans
from services.training.rules.diagnosis.benchmark import ALL, BY
from services.training.rules.diagnosis.instrument import BOTTOM_LINES, CORE_SUBJECTS, FORMS
from shared.kernel import Invalid
from shared.web import Input, Output, Query, fields

STAKEHOLDER_KINDS = (
    *("owners", "staff", "customers", "suppliers"),
    *("community", "government", "environment", "other"),
)
_MOST_ACTIONS = 40


class DiagnosisIn(Input):
    sme_id = fields.Id(required=True)
    form = fields.Code(FORMS, required=True)


class OwnDiagnosisIn(Input):
    form = fields.Code(FORMS, required=True)


class DiagnosisQuery(Query):
    sme_id = fields.Id()
    state = fields.Code(DIAGNOSIS_STATES)


class IndicatorAnswerIn(Input):
    """`answer`: a level, `unknown` or `na`; None takes it back."""

    indicator = fields.String(maximum=20, required=True)
    answer = fields.String(maximum=8, allow_none=True, required=True)
    evidence = fields.String(minimum=0, maximum=500, load_default="")


class AreaAnswersIn(Input):
    answers = fields.List(fields.Nested(IndicatorAnswerIn), maximum=60, required=True)


class StakeholderIn(Input):
    """Groups, not persons; `influence` and `interest` from 1 (low) to 3 (high)."""

    name = fields.String(maximum=120, required=True)
    kind = fields.Code(STAKEHOLDER_KINDS, required=True)
    influence = fields.Integer(minimum=1, maximum=3, required=True)
    interest = fields.Integer(minimum=1, maximum=3, required=True)
    expects = fields.String(minimum=0, maximum=500, load_default="")
    how = fields.String(minimum=0, maximum=500, load_default="")


class StakeholdersIn(Input):
    stakeholders = fields.List(fields.Nested(StakeholderIn), maximum=40, required=True)


class VerificationIn(Input):
    note = fields.String(maximum=2000, required=True)


class DiagnosisRow(Output):
    id = fields.Id()
    sme_id = fields.Id()
    sme_name = fields.String()
    unit = fields.String()
    edition = fields.Integer()
    form = fields.Code(FORMS)
    mode = fields.Code(MODES)
    state = fields.Code(DIAGNOSIS_STATES)
    begun_on = fields.Day()
    handed_in_on = fields.Day(allow_none=True)
    verified_on = fields.Day(allow_none=True)


def _share(**options: Any) -> fields.Number:
    return fields.Number(minimum=-1, maximum=1, **options)


class EvidenceBeside(Output):
    """A paper or picture beside what it shows; `size` in bytes."""

    id = fields.Id()
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()


class IndicatorOut(Output):
    code = fields.String()
    words = fields.Anything()
    evidence_asked = fields.Anything()
    core_subject = fields.Code(CORE_SUBJECTS)
    bottom_line = fields.Code(BOTTOM_LINES)
    gender = fields.Boolean()
    answer = fields.String(allow_none=True)
    evidence = fields.String()
    files = fields.List(fields.Nested(EvidenceBeside))


class AreaOut(Output):
    """`score` as a share of 1, `exact` as a fraction; `stage` of the learning curve in both languages."""

    code = fields.String()
    words = fields.Anything()
    lead = fields.Anything()
    asked = fields.Integer()
    answered = fields.Integer()
    not_known = fields.Integer()
    not_applicable = fields.Integer()
    score = _share(allow_none=True)
    exact = fields.String(allow_none=True)
    stage = fields.Anything(allow_none=True)
    indicators = fields.List(fields.Nested(IndicatorOut))


class DiagnosisOut(DiagnosisRow):
    version = fields.Integer()
    size = fields.Code(SIZES)
    sector = fields.Code(SECTORS)
    verified_by_name = fields.String(allow_none=True)
    verification = fields.String(allow_none=True)
    stakeholders = fields.Anything()
    minimum_coverage = _share()
    levels = fields.Anything()
    areas = fields.List(fields.Nested(AreaOut))
    coverage = _share()
    overall = _share(allow_none=True)
    overall_exact = fields.String(allow_none=True)
    gender = _share(allow_none=True)
    stage = fields.Anything(allow_none=True)


class AreaChangeOut(Output):
    """An area, or the whole where it is None."""

    area = fields.String(allow_none=True)
    words = fields.Anything(allow_none=True)
    before = _share(allow_none=True)
    after = _share(allow_none=True)
    points = _share(allow_none=True)


class DiagnosisEffectOut(Output):
    before_id = fields.Id()
    before_on = fields.Day()
    after_id = fields.Id()
    after_on = fields.Day()
    changes = fields.List(fields.Nested(AreaChangeOut))


class BenchmarkCellOut(Output):
    """Everything is None where it is `withheld`."""

    withheld = fields.Boolean()
    enterprises = fields.Integer(allow_none=True)
    mean = _share(allow_none=True)
    lower_quartile = _share(allow_none=True)
    median = _share(allow_none=True)
    upper_quartile = _share(allow_none=True)
    low = _share(allow_none=True)
    high = _share(allow_none=True)


class BenchmarkGroupOut(Output):
    """`label` names a workshop; `cells` in the order of the areas."""

    by = fields.Code((ALL[0], *BY))
    value = fields.String()
    label = fields.String()
    overall = fields.Nested(BenchmarkCellOut)
    cells = fields.List(fields.Nested(BenchmarkCellOut))


class BenchmarkOut(Output):
    edition = fields.Integer()
    as_of = fields.Day()
    live = fields.Boolean()
    smallest_group = fields.Integer()
    areas = fields.Anything()
    groups = fields.List(fields.Nested(BenchmarkGroupOut))


class RadarOut(Output):
    drawing = fields.String()


class SmeLinkIn(Input):
    sme_id = fields.Id(required=True)
    expires_on = fields.Day(required=True)


class SmeLinkQuery(Query):
    sme_id = fields.Id()


class SmeLinkOut(Output):
    """`token` stands in the address; whoever has it speaks for the enterprise."""

    id = fields.Id()
    version = fields.Integer()
    sme_id = fields.Id()
    sme_name = fields.String()
    state = fields.Code(SME_LINK_STATES)
    expires_on = fields.Day()
    revoked_on = fields.Day(allow_none=True)
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()
    token = fields.String()


class CsrPlanIn(Input):
    sme_id = fields.Id(required=True)


class CsrActionIn(Input):
    """`gap`: the indicator it closes; `measure` with `baseline` and `target`: how it is seen that it did."""

    gap = fields.String(maximum=20, required=True)
    line = fields.String(minimum=0, maximum=200, load_default="")
    action = fields.String(maximum=500, required=True)
    quick_win = fields.Boolean(load_default=False)
    business_case = fields.String(maximum=1000, required=True)
    responsible = fields.String(maximum=200, required=True)
    begins_on = fields.Day(required=True)
    ends_on = fields.Day(required=True)
    resources = fields.String(minimum=0, maximum=500, load_default="")
    measure = fields.String(maximum=300, required=True)
    baseline = fields.String(maximum=100, required=True)
    target = fields.String(maximum=100, required=True)


class CsrPlanContent(Input):
    """`committee` names posts, not persons; `lines` are the strategic lines."""

    mission = fields.String(minimum=0, maximum=1000, load_default="")
    vision = fields.String(minimum=0, maximum=1000, load_default="")
    values = fields.List(fields.String(maximum=120), maximum=20, load_default=list)
    committee = fields.List(fields.String(maximum=200), maximum=20, load_default=list)
    lines = fields.List(fields.String(maximum=200), maximum=20, load_default=list)
    communication = fields.String(minimum=0, maximum=2000, load_default="")
    actions = fields.List(fields.Nested(CsrActionIn), maximum=_MOST_ACTIONS, load_default=list)


class CsrReviewIn(Input):
    outcome = fields.Code((plans.ACCEPTED, plans.RETURNED), required=True)
    recommendations = fields.String(maximum=4000, required=True)


class KeyAspectsIn(Input):
    actions = fields.List(fields.Integer(minimum=1, maximum=_MOST_ACTIONS), maximum=_MOST_ACTIONS, required=True)


class CsrExecutionIn(Input):
    begins_on = fields.Day(required=True)


class CsrProgressIn(Input):
    """How far a key action has come; `value` of its indicator."""

    number = fields.Integer(minimum=1, maximum=_MOST_ACTIONS, required=True)
    state = fields.Code(plans.PROGRESS, required=True)
    value = fields.String(minimum=0, maximum=100, load_default="")


class CsrCheckInIn(Input):
    month = fields.Integer(minimum=1, maximum=24, required=True)
    progress = fields.List(fields.Nested(CsrProgressIn), maximum=_MOST_ACTIONS, required=True)
    notes = fields.String(minimum=0, maximum=4000, load_default="")
    evidence = fields.String(maximum=4000, required=True)


class CsrClosingIn(Input):
    outcome = fields.Code((plans.VERIFIED, plans.ABANDONED), required=True)
    note = fields.String(maximum=2000, required=True)


class CsrPlanOut(Output):
    id = fields.Id()
    version = fields.Integer()
    sme_id = fields.Id()
    sme_name = fields.String()
    unit = fields.String()
    diagnosis_id = fields.Id(allow_none=True)
    state = fields.Code(plans.STATES)
    since = fields.Day()
    begins_on = fields.Day(allow_none=True)
    closing_note = fields.String(allow_none=True)
    recorded_by_name = fields.String()
    mission = fields.String()
    vision = fields.String()
    values = fields.List(fields.String())
    committee = fields.List(fields.String())
    lines = fields.List(fields.String())
    communication = fields.String()
    actions = fields.Anything()
    most_key_aspects = fields.Integer()
    reviews = fields.Anything()
    check_ins = fields.Anything()
    months = fields.Anything()
    light = fields.Code(plans.LIGHTS)
    why = fields.List(fields.String())
    due = fields.List(fields.Integer())


class FollowUpQuery(Query):
    plan_state = fields.Code(plans.STATES)


class FollowUpRow(Output):
    sme_id = fields.Id()
    sme_name = fields.String()
    unit = fields.String()
    sector = fields.Code(SECTORS)
    size = fields.Code(SIZES)
    diagnosis_id = fields.Id(allow_none=True)
    diagnosis_state = fields.Code(DIAGNOSIS_STATES, allow_none=True)
    overall = _share(allow_none=True)
    coverage = _share(allow_none=True)
    stage = fields.Anything(allow_none=True)
    plan_id = fields.Id(allow_none=True)
    plan_state = fields.Code(plans.STATES, allow_none=True)
    light = fields.Code(plans.LIGHTS)
    why = fields.List(fields.String())
    due = fields.List(fields.Integer())


class CsrWaitingOut(Output):
    to_review = fields.Integer()
    check_ins_due = fields.Integer()
    amber = fields.Integer()
    red = fields.Integer()


class SmeOwnOut(Output):
    """What an enterprise finds behind its link; None where there is none yet. `community_news` is in how many topics
    that it follows something is new.
    """

    sme_name = fields.String()
    size = fields.Code(SIZES)
    expires_on = fields.Day()
    diagnosis = fields.Nested(DiagnosisOut, allow_none=True)
    plan = fields.Nested(CsrPlanOut, allow_none=True)
    community_news = fields.Integer()


def by_indicator(rows: list[dict[str, Any]]) -> dict[str, dict[str, str] | None]:
    """The answers by indicator, None for those taken back; refuses one told twice."""
    return _once(
        rows,
        "indicator",
        lambda row: None if row["answer"] is None else {"answer": row["answer"], "evidence": row["evidence"]},
    )


def by_action(rows: list[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """The progress by the number of the action; refuses one told twice."""
    return _once(rows, "number", lambda row: {"state": row["state"], "value": row["value"]})


def _once(rows: list[dict[str, Any]], name: str, say: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in rows:
        if str(row[name]) in found:
            raise Invalid("diagnosis.told_twice", pointer=f"/{name}", value=row[name])
        found[str(row[name])] = say(row)
    return found

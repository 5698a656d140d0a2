"""What an appraisal sends and shows."""

from services.credit.api.funds import CostOut
from services.credit.models.applications import RECOMMENDATIONS
from services.credit.rules.appraisal import KINDS, MONTHS
from services.credit.rules.terms import LONGEST
from shared.events.vocabulary import NEEDS
from shared.web import Input, Output, fields

MOST_LINES = 60
MOST_DEBTS = 20
WILDEST_MONTH = 1000
"""A month ten times the usual one is the wildest that a harvest makes."""


class FigureLineIn(Input):
    kind = fields.Code(KINDS, required=True)
    what = fields.String(minimum=0, maximum=80, load_default="")
    amount = fields.MoneyField(required=True)


class FigureDebtIn(Input):
    lender = fields.String(minimum=0, maximum=80, load_default="")
    balance = fields.MoneyField(required=True)
    monthly_payment = fields.MoneyField(required=True)


class AssetsIn(Input):
    cash = fields.MoneyField(required=True)
    stock = fields.MoneyField(required=True)
    receivables = fields.MoneyField(required=True)
    equipment = fields.MoneyField(required=True)


class FiguresIn(Input):
    lines = fields.List(fields.Nested(FigureLineIn), minimum=1, maximum=MOST_LINES, required=True)
    debts = fields.List(fields.Nested(FigureDebtIn), maximum=MOST_DEBTS, load_default=list)
    assets = fields.Nested(AssetsIn, load_default=None, allow_none=True)
    season = fields.List(
        fields.Integer(minimum=0, maximum=WILDEST_MONTH), minimum=MONTHS, maximum=MONTHS, load_default=None
    )


class ScorecardAnswerIn(Input):
    criterion = fields.String(maximum=200, required=True)
    choice = fields.String(maximum=200, required=True)


class AppraisalIn(Input):
    visited_on = fields.Day(required=True)
    monthly_income = fields.MoneyField(load_default=None)
    monthly_expense = fields.MoneyField(load_default=None)
    monthly_debts = fields.MoneyField(load_default=None)
    figures = fields.Nested(FiguresIn, load_default=None, allow_none=True)
    answers = fields.List(fields.Nested(ScorecardAnswerIn), maximum=50, load_default=list)
    score_reason = fields.String(minimum=0, maximum=1000, load_default="")
    recommendation = fields.Code(RECOMMENDATIONS, required=True)
    amount = fields.MoneyField(minimum=1, required=True)
    instalments = fields.Integer(minimum=1, maximum=LONGEST, required=True)
    grace = fields.Integer(minimum=0, maximum=LONGEST, load_default=0)
    guarantees = fields.String(minimum=0, maximum=2000, load_default="")
    remarks = fields.String(minimum=0, maximum=2000, load_default="")
    conditions = fields.String(minimum=0, maximum=2000, load_default="")
    due_dates = fields.List(fields.Day(), maximum=LONGEST, load_default=list)
    assistance_needs = fields.List(fields.Code(NEEDS), maximum=len(NEEDS), load_default=list)


class FigureLineOut(Output):
    kind = fields.Code(KINDS)
    what = fields.String()
    amount = fields.MoneyField()


class FigureDebtOut(Output):
    lender = fields.String()
    balance = fields.MoneyField()
    monthly_payment = fields.MoneyField()


class AssetsOut(Output):
    cash = fields.MoneyField()
    stock = fields.MoneyField()
    receivables = fields.MoneyField()
    equipment = fields.MoneyField()


class FiguresOut(Output):
    lines = fields.List(fields.Nested(FigureLineOut))
    debts = fields.List(fields.Nested(FigureDebtOut))
    assets = fields.Nested(AssetsOut, allow_none=True)
    season = fields.List(fields.Integer())


class ScorePartOut(Output):
    code = fields.String()
    name = fields.String()
    weight = fields.Integer()
    value = fields.Integer(allow_none=True)
    answer = fields.String(allow_none=True)
    points = fields.Integer()


class ScoreOut(Output):
    points = fields.Integer()
    minimum = fields.Integer()
    parts = fields.List(fields.Nested(ScorePartOut))
    source = fields.String()


class UncoveredOut(Output):
    month = fields.Day()
    instalment = fields.MoneyField()
    surplus = fields.MoneyField()


class AppraisalDraftOut(CostOut):
    appraised_by_name = fields.String()
    appraised_on = fields.Day()
    visited_on = fields.Day()
    monthly_income = fields.MoneyField()
    monthly_expense = fields.MoneyField()
    monthly_debts = fields.MoneyField()
    monthly_surplus = fields.MoneyField()
    figures = fields.Nested(FiguresOut, allow_none=True)
    instalment = fields.MoneyField()
    share_of_surplus = fields.Integer(allow_none=True)
    largest_share = fields.Integer()
    enough = fields.Boolean()
    debt_service_coverage = fields.Integer()
    equity = fields.MoneyField(allow_none=True)
    leverage = fields.Integer(allow_none=True)
    uncovered_months = fields.List(fields.Nested(UncoveredOut))
    score = fields.Nested(ScoreOut, allow_none=True)
    score_reason = fields.String()
    recommendation = fields.Code(RECOMMENDATIONS)
    amount = fields.MoneyField()
    instalments = fields.Integer()
    grace = fields.Integer()
    guarantees = fields.String()
    remarks = fields.String()
    conditions = fields.String()
    due_dates = fields.List(fields.String(), allow_none=True)
    assistance_needs = fields.List(fields.Code(NEEDS))


class AppraisalOut(AppraisalDraftOut):
    """What a change of a running loan does not have is empty; `change` says from what to what it changes."""

    id = fields.Id()
    annual_percentage_rate = fields.String(allow_none=True)
    effective_annual_rate = fields.String(allow_none=True)
    finance_charge = fields.MoneyField(allow_none=True)
    total = fields.MoneyField(allow_none=True)
    debt_service_coverage = fields.Integer(allow_none=True)
    first_due = fields.Day(allow_none=True)
    change = fields.Anything(allow_none=True)


class AssessmentOut(AppraisalDraftOut):
    largest_amount = fields.MoneyField(allow_none=True)


class ScorecardChoiceOut(Output):
    code = fields.String()
    name = fields.String()


class ScorecardQuestionOut(Output):
    code = fields.String()
    name = fields.String()
    choices = fields.List(fields.Nested(ScorecardChoiceOut))


class ScorecardOut(Output):
    largest_share = fields.Integer()
    minimum = fields.Integer()
    questions = fields.List(fields.Nested(ScorecardQuestionOut))

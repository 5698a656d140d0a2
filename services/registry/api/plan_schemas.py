"""What goes in and out of the API about business plans."""

from services.registry.rules.plan_values import ALL_YEAR, LONGEST, SECTIONS, SHORTEST, STATES
from shared.web import Input, Output, Query, fields

_MOST = 10**11
_RATE = r"[0-9]{1,3}(\.[0-9]{1,4})?"


class PlanBegin(Input):
    accompaniment_id = fields.Id(required=True)


class PlanQuery(Query):
    accompaniment_id = fields.Id()
    enterprise_id = fields.Id()
    state = fields.Code(STATES)


class PlanComparisonQuery(Query):
    """`other` is the version to compare with, of the same plan."""

    other = fields.Id(required=True)


def _text() -> fields.String:
    return fields.String(maximum=6_000, allow_none=True)


class PlanSectionsIn(Input):
    """The texts that change; null takes one away."""

    summary, woman, market, operations, organization, risks, ask = (_text() for _ in SECTIONS)


class PlanProductIn(Input):
    """`volume` is how many units are sold in an ordinary month, `season` each calendar month in per cent of one."""

    name = fields.String(maximum=120, required=True)
    unit = fields.String(maximum=80, required=True)
    price = fields.MoneyField(maximum=_MOST, required=True)
    unit_cost = fields.MoneyField(maximum=_MOST, required=True)
    volume = fields.Integer(maximum=1_000_000, required=True)
    season = fields.List(fields.Integer(maximum=500), minimum=12, maximum=12, load_default=lambda: list(ALL_YEAR))


class PlanFixedCostIn(Input):
    """A cost of each month from the month `first` of the plan on."""

    name = fields.String(maximum=120, required=True)
    amount = fields.MoneyField(maximum=_MOST, required=True)
    first = fields.Integer(minimum=1, maximum=LONGEST, load_default=1)


class PlanInvestmentIn(Input):
    name = fields.String(maximum=120, required=True)
    amount = fields.MoneyField(maximum=_MOST, required=True)
    month = fields.Integer(minimum=1, maximum=LONGEST, load_default=1)


class PlanLoanIn(Input):
    """The loan that is asked for; `annual_rate` is a per cent as a text ("18", "12.5")."""

    amount = fields.MoneyField(minimum=1, maximum=_MOST, required=True)
    annual_rate = fields.String(maximum=8, pattern=_RATE, required=True)
    instalments = fields.Integer(minimum=1, maximum=120, required=True)
    grace = fields.Integer(maximum=119, load_default=0)
    month = fields.Integer(minimum=1, maximum=LONGEST, load_default=1)


class PlanChange(Input):
    """The parts that change; a table of lines is sent whole."""

    starts_on = fields.Day()
    months = fields.Integer(minimum=SHORTEST, maximum=LONGEST)
    sections = fields.Nested(PlanSectionsIn)
    products = fields.List(fields.Nested(PlanProductIn), maximum=20)
    fixed_costs = fields.List(fields.Nested(PlanFixedCostIn), maximum=30)
    investments = fields.List(fields.Nested(PlanInvestmentIn), maximum=30)
    own_contribution = fields.MoneyField(maximum=_MOST)
    loan = fields.Nested(PlanLoanIn, allow_none=True)


class PlanVersionOut(Output):
    """A version without what it says."""

    id = fields.Id()
    number = fields.Integer()
    label = fields.String()
    state = fields.Code(STATES)
    written_by_name = fields.String()
    created_at = fields.Moment()
    ready_on = fields.Day(allow_none=True)
    ready_by_name = fields.String(allow_none=True)


class PlanRow(PlanVersionOut):
    version = fields.Integer()
    accompaniment_id = fields.Id()
    enterprise_id = fields.Id()
    enterprise_name = fields.String(allow_none=True)
    municipality = fields.String()
    municipality_name = fields.String()
    asked = fields.MoneyField(allow_none=True)


class PlanSectionsOut(Output):
    summary, woman, market, operations, organization, risks, ask = (fields.String() for _ in SECTIONS)


class PlanProductOut(Output):
    name = fields.String()
    unit = fields.String()
    price = fields.MoneyField()
    unit_cost = fields.MoneyField()
    volume = fields.Integer()
    season = fields.List(fields.Integer())


class PlanFixedCostOut(Output):
    name = fields.String()
    amount = fields.MoneyField()
    first = fields.Integer()


class PlanInvestmentOut(Output):
    name = fields.String()
    amount = fields.MoneyField()
    month = fields.Integer()


class PlanLoanOut(Output):
    amount = fields.MoneyField()
    annual_rate = fields.String()
    instalments = fields.Integer()
    grace = fields.Integer()
    month = fields.Integer()


class PlanFlowOut(Output):
    sales = fields.MoneyField()
    variable = fields.MoneyField()
    margin = fields.MoneyField()
    fixed = fields.MoneyField()
    operating = fields.MoneyField()
    investment = fields.MoneyField()
    own = fields.MoneyField()
    loan = fields.MoneyField()
    interest = fields.MoneyField()
    principal = fields.MoneyField()
    instalment = fields.MoneyField()
    net = fields.MoneyField()


class PlanMonthOut(PlanFlowOut):
    """A month with the cash at its end."""

    number = fields.Integer()
    starts_on = fields.Day()
    balance = fields.MoneyField()


class PlanFiguresOut(Output):
    """What the plan comes to. Break-even is of an average month; `recovered_in` is the first month from which the work
    has given back what was invested; `capacity` is the prudent share (`share_percent`) of the net cash before debt.
    """

    months = fields.List(fields.Nested(PlanMonthOut))
    years = fields.List(fields.Nested(PlanFlowOut))
    total = fields.Nested(PlanFlowOut)
    lowest_balance = fields.MoneyField()
    lowest_in = fields.Integer()
    margin_percent = fields.Integer(allow_none=True)
    break_even_sales = fields.MoneyField(allow_none=True)
    break_even_units = fields.Integer(allow_none=True)
    recovered_in = fields.Integer(allow_none=True)
    operating_average = fields.MoneyField()
    share_percent = fields.Integer()
    capacity = fields.MoneyField()
    instalment = fields.MoneyField(allow_none=True)
    coverage_percent = fields.Integer(allow_none=True)


class PlanRemarkOut(Output):
    """What a plan still lacks (`hindering`), or what is to be thought over."""

    code = fields.String()
    hindering = fields.Boolean()
    detail = fields.String()


class PlanOut(PlanRow):
    currency = fields.String()
    starts_on = fields.Day()
    months = fields.Integer()
    sections = fields.Nested(PlanSectionsOut)
    products = fields.List(fields.Nested(PlanProductOut))
    fixed_costs = fields.List(fields.Nested(PlanFixedCostOut))
    investments = fields.List(fields.Nested(PlanInvestmentOut))
    own_contribution = fields.MoneyField()
    loan = fields.Nested(PlanLoanOut, allow_none=True)
    figures = fields.Nested(PlanFiguresOut)
    remarks = fields.List(fields.Nested(PlanRemarkOut))


class PlanDifferenceOut(Output):
    """A figure in both versions; money in minor units of `currency`, where `is_money`."""

    name = fields.String()
    is_money = fields.Boolean()
    before = fields.Integer(allow_none=True)
    after = fields.Integer(allow_none=True)


class PlanComparisonOut(Output):
    currency = fields.String()
    before = fields.Nested(PlanVersionOut)
    after = fields.Nested(PlanVersionOut)
    parts = fields.List(fields.String())
    figures = fields.List(fields.Nested(PlanDifferenceOut))

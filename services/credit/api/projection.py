"""What a fund can lend in the next months, today and as supposed; and the figures of its dashboard."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from services.credit.api.funds import BOOKS
from services.credit.models import TrustFund
from services.credit.queries import dashboard, projection
from services.credit.use_cases import find
from shared.kernel import CURRENCIES, Money
from shared.web import Call, Download, Output, Query, Resource, fields

resource = Resource("projection", prefix="/funds", description="What the funds can lend in the months to come.")
PERCENT = r"[0-9]{1,3}(\.[0-9]{1,2})?"
AMOUNT = r"[0-9]{1,12}(\.[0-9]{1,2})?"


class SupposedQuery(Query):
    rate = fields.String(maximum=6, pattern=PERCENT, load_default=None)
    arrears = fields.String(maximum=6, pattern=PERCENT, load_default=None)
    growth = fields.String(maximum=7, pattern=f"-?{PERCENT}", load_default=None)
    reserve = fields.String(maximum=20, pattern=AMOUNT, load_default=None)
    contribution = fields.List(
        fields.String(maximum=24, pattern=f"[0-9]{{1,2}}:-?{AMOUNT}"), maximum=24, load_default=list
    )
    seed = fields.Integer(load_default=None)


class Spread(Output):
    """The 10th percentile, the median and the 90th percentile."""

    low = fields.MoneyField()
    median = fields.MoneyField()
    high = fields.MoneyField()


class PercentSpread(Output):
    low = fields.String()
    median = fields.String()
    high = fields.String()


class ProjectedMonth(Output):
    month = fields.Integer()
    until = fields.Day()
    lendable = fields.Nested(Spread)
    lent = fields.Nested(Spread)
    cash = fields.Nested(Spread)
    portfolio = fields.Nested(Spread)
    par30 = fields.Nested(PercentSpread)


class PaidShares(Output):
    on_time = fields.String()
    within_30 = fields.String()
    within_90 = fields.String()
    later = fields.String()
    never = fields.String()


class PastMonth(Output):
    month = fields.Day()
    on_time = fields.Integer()
    within_30 = fields.Integer()
    within_90 = fields.Integer()
    later = fields.Integer()
    over_year = fields.Integer()
    open = fields.Integer()


class RecoveryBasis(Output):
    """On what the recovery rests: per cents of all instalments, and counts by month of their day."""

    instalments = fields.Integer()
    loans = fields.Integer()
    prior_weight = fields.Integer()
    prior = fields.List(fields.String())
    shares = fields.Nested(PaidShares)
    months = fields.List(fields.Nested(PastMonth))


class ProjectionAssumptions(Output):
    portfolio = fields.MoneyField()
    annual_rate = fields.String()
    term_months = fields.Integer()
    demand = fields.MoneyField()
    costs = fields.MoneyField()
    promised = fields.MoneyField()
    to_share = fields.MoneyField()
    reserve = fields.MoneyField()
    prepayment = fields.String()
    written_off_after = fields.Integer(allow_none=True)


class ProjectionOut(Output):
    fund_id = fields.Id()
    fund = fields.String()
    day = fields.Day()
    currency = fields.Code(CURRENCIES)
    seed = fields.Integer()
    paths = fields.Integer()
    basis = fields.Nested(RecoveryBasis)
    assumptions = fields.Nested(ProjectionAssumptions)
    today = fields.List(fields.Nested(ProjectedMonth))
    supposed = fields.List(fields.Nested(ProjectedMonth))


class RiskPoint(Output):
    day = fields.Day()
    principal = fields.MoneyField()
    amount = fields.MoneyField()
    percent = fields.String(allow_none=True)


class FlowMonth(Output):
    month = fields.Day()
    disbursed = fields.MoneyField()
    recovered = fields.MoneyField()


class DashboardOut(Output):
    fund_id = fields.Id()
    day = fields.Day()
    at_risk = fields.List(fields.Nested(RiskPoint))
    flows = fields.List(fields.Nested(FlowMonth))


@resource.get("/<uuid:fund_id>/projection", query=SupposedQuery, returns=ProjectionOut, allow=BOOKS)
def show_projection_(call: Call, fund_id: UUID) -> dict[str, Any]:
    """How much can be lent in each of the next 24 months, with portfolio, cash and PAR30: median, 10th and 90th
    percentile; and beside it the same as supposed (rate of new loans and growth of demand in per cent a year, arrears
    in per cent of today's, contributions as `month:amount`, the reserve).
    """
    return _projected(call, find.fund(call.session, call.caller, fund_id))


@resource.get("/<uuid:fund_id>/projection/table", query=SupposedQuery, download=True, allow=BOOKS)
def download_projection_(call: Call, fund_id: UUID) -> Download:
    """The same as CSV."""
    fund = find.fund(call.session, call.caller, fund_id)
    told = _projected(call, fund)
    return Download(projection.table(told), f"{fund.code}-{told['day']}.csv", "text/csv; charset=utf-8")


@resource.get("/<uuid:fund_id>/dashboard", returns=DashboardOut, allow=BOOKS)
def show_dashboard_(call: Call, fund_id: UUID) -> dict[str, Any]:
    """The portfolio at risk at the end of the last twelve months, and what was paid out and came back in each."""
    return dashboard.told(call.session, find.fund(call.session, call.caller, fund_id))


def _projected(call: Call, fund: TrustFund) -> dict[str, Any]:
    asked = call.query
    supposed = projection.Supposed(
        rate=_decimal(asked["rate"]),
        arrears=_decimal(asked["arrears"]),
        growth=_decimal(asked["growth"]),
        reserve=Money.parse(asked["reserve"], fund.currency) if asked["reserve"] else None,
        added=projection.read_added(asked["contribution"], fund.currency),
    )
    return projection.projection(call.session, fund, supposed, asked["seed"])


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)

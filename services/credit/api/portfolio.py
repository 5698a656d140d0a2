"""The portfolio as of a day, its indicators, what is overdue, and the daily closes."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import current_app

from services.credit.api import OVERSIGHT, READERS
from services.credit.queries import portfolio as queries
from services.credit.rules.arrears import BUCKETS
from services.credit.use_cases import find
from services.credit.use_cases.close_day import require_open
from shared import jobs
from shared.i18n import Catalogue
from shared.kernel import CURRENCIES, Invalid, clock
from shared.spreadsheets import CSV
from shared.web import Call, Download, Input, Output, Page, Query, Resource, fields

resource = Resource("portfolio", prefix="/portfolio", description="What is owed, what of it is at risk, indicators.")
closes = Resource("closes", prefix="/closes", description="The daily close of each fund.")
CLOSERS = frozenset({"coordinator", "credit_officer", "admin"})
BOOKS = frozenset({"coordinator", "credit_officer", "cashier", "trust_fund_member", "admin"}) | OVERSIGHT
SEERS = READERS | {"planner", "admin"}
UNIT = "[A-Z]{2}[0-9]{0,4}"


class RiskQuery(Query):
    date = fields.Day(load_default=None)
    by = fields.Code(queries.DIMENSIONS, load_default=None)
    fund = fields.Id(load_default=None)
    municipality = fields.String(maximum=6, pattern=UNIT, load_default=None)


class PeriodQuery(Query):
    first = fields.Day(load_default=None)
    last = fields.Day(load_default=None)
    fund = fields.Id(load_default=None)


class OverdueQuery(Query):
    fund = fields.Id(load_default=None)
    municipality = fields.String(maximum=6, pattern=UNIT, load_default=None)


class ClosesQuery(Query):
    fund = fields.Id(required=True)


class CloseIn(Input):
    fund_id = fields.Id(required=True)
    day = fields.Day(required=True)


class AtRisk(Output):
    days = fields.Integer()
    amount = fields.MoneyField()
    percent = fields.String(allow_none=True)


class RiskOut(Output):
    """A row; `loans`, `principal` and `at_risk` are empty where the count is too small to be told. `recovery_rate` is
    that of the twelve months to the day, in per cent, of a dimension and for who works with single loans.
    """

    currency = fields.Code(CURRENCIES)
    key = fields.String()
    label = fields.String()
    loans = fields.Integer(allow_none=True)
    principal = fields.MoneyField(allow_none=True)
    at_risk = fields.List(fields.Nested(AtRisk))
    recovery_rate = fields.String(allow_none=True)


class IndicatorsOut(Output):
    """Amounts of a period, and ratios in per cent."""

    currency = fields.Code(CURRENCIES)
    opening = fields.MoneyField()
    closing = fields.MoneyField()
    average = fields.MoneyField()
    at_risk = fields.MoneyField()
    allowance = fields.MoneyField()
    written_off = fields.MoneyField()
    received = fields.MoneyField()
    collected = fields.MoneyField()
    fell_due = fields.MoneyField()
    income = fields.MoneyField()
    expense = fields.MoneyField()
    write_off_ratio = fields.String(allow_none=True)
    risk_coverage = fields.String(allow_none=True)
    portfolio_yield = fields.String(allow_none=True)
    recovery_rate = fields.String(allow_none=True)
    self_sufficiency = fields.String(allow_none=True)


class OverdueOut(Output):
    id = fields.Id()
    number = fields.String()
    enterprise_id = fields.Id()
    municipality = fields.String()
    chain = fields.String()
    currency = fields.Code(CURRENCIES)
    officer_name = fields.String()
    fund = fields.String()
    as_of = fields.Day()
    principal = fields.MoneyField()
    charges = fields.MoneyField()
    days_overdue = fields.Integer()
    bucket = fields.Code(BUCKETS)
    arrears_since = fields.Day()


class BucketOut(Output):
    bucket = fields.Code(BUCKETS)
    loans = fields.Integer()
    principal = fields.MoneyField()
    allowance = fields.MoneyField()


class CloseOut(Output):
    id = fields.Id()
    fund_id = fields.Id()
    day = fields.Day()
    loans = fields.Integer()
    overdue = fields.Integer()
    principal = fields.MoneyField()
    interest_receivable = fields.MoneyField()
    charges_receivable = fields.MoneyField()
    allowance = fields.MoneyField()
    interest_accrued = fields.MoneyField()
    charged = fields.MoneyField()
    provisioned = fields.MoneyField()
    buckets = fields.List(fields.Nested(BucketOut))
    told = fields.Integer(allow_none=True)
    closed_at = fields.Moment()
    closed_by_name = fields.String()


class AskedOut(Output):
    fund_id = fields.Id()
    day = fields.Day()
    job_id = fields.Id()


@resource.get("/at-risk", query=RiskQuery, returns=RiskOut, allow=SEERS)
def show_at_risk_(call: Call) -> list[dict[str, Any]]:
    """The gross portfolio and the portfolio at risk over 1, 30, 60, 90 and 180 days at the end of a day (today where
    none is given), by currency and, where asked for, by one dimension. Who works with no single loan is told the ends
    of months alone (the last one where none is given), of all her territory. The key of an officer is her name.
    """
    return _at_risk(call)[1]


@resource.get("/at-risk/table", query=RiskQuery, download=True, allow=SEERS)
def download_at_risk_(call: Call) -> Download:
    """The same rows as CSV: UTF-8 with a byte order mark and semicolons, as spreadsheets here expect it."""
    day, rows = _at_risk(call)
    by = call.query["by"]
    catalogue: Catalogue = current_app.extensions["catalogue"]
    content = queries.table(rows, by, lambda code: catalogue.sentence(code, {}, call.language))
    return Download(content, f"portfolio-{by or 'all'}-{day}.csv", CSV)


@resource.get("/indicators", query=PeriodQuery, returns=IndicatorsOut, allow=BOOKS)
def show_indicators_(call: Call) -> list[dict[str, Any]]:
    """The indicators of a period, the last twelve months where none is given."""
    last = call.query["last"] or clock.today()
    first = call.query["first"] or last - timedelta(days=364)
    _require_past(last, "/last")
    if first > last:
        raise Invalid("portfolio.period_backwards", pointer="/first", last=last)
    return queries.indicators(call.session, call.caller, first, last, call.query["fund"])


@resource.get("/overdue", query=OverdueQuery, returns=OverdueOut, paged=True, allow=READERS)
def list_overdue_(call: Call) -> Page:
    """The loans that were overdue at the last close of their fund, the oldest arrears first."""
    return queries.overdue(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@closes.get(query=ClosesQuery, returns=CloseOut, paged=True, allow=BOOKS)
def list_closes_(call: Call) -> Page:
    """The closed days of a fund, newest first."""
    fund = find.fund(call.session, call.caller, call.query["fund"])
    return queries.closes(call.session, fund, limit=call.limit, after=call.after)


@closes.post(body=CloseIn, returns=AskedOut, status=202, allow=CLOSERS)
def ask_for_close_(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Ask that a day be closed, with every day missed before it; the worker does it."""
    fund_id: UUID = body["fund_id"]
    day: date = body["day"]
    require_open(call.session, call.caller, fund_id=fund_id, day=day).require_whole(call.caller)
    job_id = jobs.enqueue(call.session, "daily-close", {"fund": str(fund_id), "day": day.isoformat()}, call.caller)
    return {"fund_id": fund_id, "day": day, "job_id": job_id}


def _at_risk(call: Call) -> tuple[date, list[dict[str, Any]]]:
    """The day of the table that was asked for, and its rows as far as the caller may be told them."""
    asked = call.query
    day = asked["date"] or clock.today()
    if not call.caller.has(*queries.OF_CREDIT):
        day = _published(asked)
    _require_past(day, "/date")
    if not asked["by"] or not call.caller.has(*queries.OF_CREDIT):
        return day, queries.at_risk(call.session, call.caller, day, by=asked["by"], filters=asked)
    rows = queries.divided(call.session, call.caller, day, by=asked["by"], filters=asked)
    return day, [row | {"key": row["label"]} for row in rows] if asked["by"] == "officer" else rows


def _published(asked: Mapping[str, Any]) -> date:
    """The day of a table for who works with no single loan: two tables of neighbouring days, or of parts
    of parts, would tell one loan by their difference.
    """
    last = clock.today().replace(day=1) - timedelta(days=1)
    day: date = asked["date"] or last
    if (day + timedelta(days=1)).day != 1 or day > last:
        raise Invalid("portfolio.months_only", pointer="/date", latest=last)
    for name in ("fund", "municipality"):
        if asked[name]:
            raise Invalid("portfolio.fixed_tables", pointer=f"/{name}")
    if asked["by"] not in {None, *queries.PUBLISHED}:
        raise Invalid("portfolio.fixed_tables", pointer="/by")
    return day


def _require_past(day: date, pointer: str) -> None:
    if day > clock.today():
        raise Invalid("portfolio.day_in_future", pointer=pointer, latest=clock.today())

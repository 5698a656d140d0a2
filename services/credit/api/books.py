"""The books of a fund: trial balance and balance sheet of any day, and whether everything agrees."""

from typing import Any
from uuid import UUID

from services.credit.api.funds import BOOKS
from services.credit.queries import books
from services.credit.rules.ledger import CHART
from services.credit.use_cases import find
from shared.kernel import clock
from shared.web import Call, Output, Query, Resource, fields

resource = Resource("books", prefix="/funds", description="The books of the funds.")
KINDS = ("asset", "liability", "equity", "income", "expense")


class DayQuery(Query):
    date = fields.Day(load_default=None)


class TrialRow(Output):
    code = fields.String()
    name = fields.Code([name for name, _ in CHART.values()])
    kind = fields.Code(KINDS)
    debit = fields.MoneyField()
    credit = fields.MoneyField()


class DifferenceOut(Output):
    what = fields.String()
    subject = fields.String()
    books = fields.MoneyField()
    register = fields.MoneyField()


class BooksOut(Output):
    fund_id = fields.Id()
    fund = fields.String()
    day = fields.Day()
    accounts = fields.List(fields.Nested(TrialRow))
    debit = fields.MoneyField()
    credit = fields.MoneyField()
    assets = fields.MoneyField()
    liabilities = fields.MoneyField()
    equity = fields.MoneyField()
    result = fields.MoneyField()
    agrees = fields.Boolean()
    differences = fields.List(fields.Nested(DifferenceOut))


@resource.get("/<uuid:fund_id>/books", query=DayQuery, returns=BooksOut, allow=BOOKS)
def show_books_(call: Call, fund_id: UUID) -> dict[str, Any]:
    """The trial balance and the balance sheet at the end of a day (today's without one), and what does not agree."""
    fund = find.fund(call.session, call.caller, fund_id)
    return books.told(call.session, fund, call.query["date"] or clock.today())

"""The cashier's drawer: its balance, the totals of a day, and its counts."""

from typing import Any
from uuid import UUID

from services.credit.api.books import DayQuery
from services.credit.api.funds import BOOKS
from services.credit.queries import drawer as queries
from services.credit.use_cases import find
from services.credit.use_cases.count_drawer import count_drawer
from shared.kernel import CURRENCIES, clock
from shared.web import Call, Input, Output, Resource, fields

resource = Resource("drawers", prefix="/funds", description="The cashiers' drawers.")
COUNTERS = frozenset({"cashier", "credit_officer"})


class CountIn(Input):
    counted = fields.MoneyField(required=True)
    reason = fields.String(minimum=0, load_default="")


class CountOut(Output):
    id = fields.Id()
    day = fields.Day()
    book = fields.MoneyField()
    counted = fields.MoneyField()
    difference = fields.MoneyField()
    reason = fields.String()
    counted_at = fields.Moment()
    counted_by_name = fields.String()


class DrawerMovement(Output):
    kind = fields.String()
    repayments = fields.Boolean()
    count = fields.Integer()
    amount = fields.MoneyField()


class ChannelOut(Output):
    channel = fields.String()
    taken_by = fields.String()
    count = fields.Integer()
    amount = fields.MoneyField()
    principal = fields.MoneyField()
    interest = fields.MoneyField()
    penalty = fields.MoneyField()
    fee = fields.MoneyField()
    recovery = fields.MoneyField()
    excess = fields.MoneyField()


class DrawerKind(Output):
    kind = fields.Code(queries.KINDS)
    cash = fields.MoneyField()
    otherwise = fields.MoneyField()
    amount = fields.MoneyField()


class DrawerOut(Output):
    fund_id = fields.Id()
    fund = fields.String()
    currency = fields.Code(CURRENCIES)
    day = fields.Day()
    opening = fields.MoneyField()
    closing = fields.MoneyField()
    movements = fields.List(fields.Nested(DrawerMovement))
    channels = fields.List(fields.Nested(ChannelOut))
    kinds = fields.List(fields.Nested(DrawerKind))
    counts = fields.List(fields.Nested(CountOut))


@resource.get("/<uuid:fund_id>/drawer", query=DayQuery, returns=DrawerOut, allow=BOOKS)
def show_drawer_(call: Call, fund_id: UUID) -> dict[str, Any]:
    """The drawer on a day (today without one): balances, totals by kind and by channel, counts."""
    fund = find.fund(call.session, call.caller, fund_id)
    return queries.drawer(call.session, fund, call.query["date"] or clock.today())


@resource.post("/<uuid:fund_id>/drawer/counts", body=CountIn, returns=CountOut, idempotent=True, allow=COUNTERS)
def count_drawer_(call: Call, body: dict[str, Any], fund_id: UUID) -> dict[str, Any]:
    """Count the drawer; a difference to the books is booked with its reason."""
    row = count_drawer(call.session, call.caller, fund_id=fund_id, **body)
    return queries.count(find.fund(call.session, call.caller, fund_id), row)

"""Trust funds, their regulations, their journal."""

from typing import Any
from uuid import UUID

from services.credit.api import OVERSIGHT, READERS
from services.credit.models.funds import FUND_KINDS
from services.credit.queries import funds as queries
from services.credit.rules.business_days import SHIFTS
from services.credit.rules.ledger import CHART
from services.credit.rules.terms import LONGEST
from services.credit.use_cases import find, keep_fund
from shared.kernel import CURRENCIES, clock
from shared.web import Call, Input, Output, Page, Query, Resource, fields

resource = Resource("funds", prefix="/funds", description="Trust funds: what they have, what they promised.")
KEEPERS = frozenset({"coordinator", "admin"})
BOOKS = frozenset({"coordinator", "credit_officer", "cashier", "trust_fund_member"}) | OVERSIGHT


class FundIn(Input):
    code = fields.String(maximum=12, minimum=2, pattern="[A-Z0-9-]+", required=True)
    name = fields.String(required=True)
    centre = fields.String(required=True)
    host = fields.String(required=True)
    trustee = fields.String(required=True)
    trustee_account = fields.String(maximum=40, required=True)
    currency = fields.Code(CURRENCIES, required=True)
    units = fields.List(fields.String(maximum=6, pattern="[A-Z]{2}[0-9]{0,4}"), minimum=1, maximum=50, required=True)
    reserve = fields.MoneyField(required=True)
    kind = fields.Code(FUND_KINDS, load_default="revolving")


class FundChange(Input):
    reserve = fields.MoneyField(required=True)


class Account(Output):
    code = fields.String()
    name = fields.Code([name for name, _ in CHART.values()])
    kind = fields.String()
    balance = fields.MoneyField()


class TableOut(Output):
    """A reference table that the regulations in force take; `state` says whether it is to be confirmed locally."""

    kind = fields.String()
    of = fields.String()
    since = fields.Day()
    source = fields.String()
    state = fields.String()


class FundOut(Output):
    id = fields.Id()
    code = fields.String()
    kind = fields.Code(FUND_KINDS)
    name = fields.String()
    centre = fields.String()
    host = fields.String()
    trustee = fields.String()
    trustee_account = fields.String()
    currency = fields.Code(CURRENCIES)
    units = fields.List(fields.String())
    reserve = fields.MoneyField()
    cash_at_trustee = fields.MoneyField()
    cash_in_hand = fields.MoneyField()
    loans_outstanding = fields.MoneyField()
    committed = fields.MoneyField()
    available = fields.MoneyField()
    assets = fields.MoneyField()
    liabilities = fields.MoneyField()
    equity = fields.MoneyField()
    result = fields.MoneyField()
    accounts = fields.List(fields.Nested(Account))
    active_loans = fields.Integer()
    suspended = fields.Boolean()
    tables = fields.List(fields.Nested(TableOut))
    version = fields.Integer()


class DepositIn(Input):
    amount = fields.MoneyField(minimum=1, required=True)
    deposited_on = fields.Day(required=True)


class JournalLine(Output):
    account = fields.String()
    name = fields.String()
    debit = fields.MoneyField()
    credit = fields.MoneyField()


class JournalEntry(Output):
    id = fields.Id()
    number = fields.Integer()
    kind = fields.String()
    reference = fields.Id()
    booked_on = fields.Day()
    memo = fields.String()
    lines = fields.List(fields.Nested(JournalLine))


class Signatory(Input):
    name = fields.String(required=True)
    office = fields.String(required=True)


class RegulationsIn(Input):
    title = fields.String(required=True)
    source = fields.String(maximum=2000, required=True)
    valid_from = fields.Day(required=True)
    signatories = fields.List(fields.Nested(Signatory), minimum=1, maximum=20, required=True)
    parameters = fields.Anything(required=True, metadata={"type": "object"})


class RegulationsOut(Output):
    id = fields.Id()
    edition = fields.Integer()
    title = fields.String()
    source = fields.String()
    valid_from = fields.Day()
    signatories = fields.Anything()
    parameters = fields.Anything()
    in_force = fields.Boolean()


class ProductOut(Output):
    code = fields.String()
    seed = fields.Boolean()
    name = fields.String()
    minimum = fields.MoneyField()
    maximum = fields.MoneyField()
    shortest = fields.Integer()
    longest = fields.Integer()
    longest_grace = fields.Integer()
    longest_grace_interest_payment = fields.Integer()
    longest_grace_interest = fields.Integer()
    longest_first_period = fields.Integer()
    agreed_dates_within = fields.Integer()
    fee = fields.Anything(allow_none=True)
    calendar = fields.List(fields.String())
    shares = fields.List(fields.String())
    shift = fields.Code(SHIFTS)
    annual_rate = fields.String()
    method = fields.String()
    day_count = fields.String()
    every = fields.Integer()
    unit = fields.String()
    purposes = fields.List(fields.String())


class QuoteQuery(Query):
    product = fields.String(maximum=40, required=True)
    amount = fields.String(maximum=20, pattern=r"[0-9]{1,13}(\.[0-9]{1,2})?", required=True)
    instalments = fields.Integer(minimum=1, maximum=LONGEST, required=True)
    grace = fields.Integer(minimum=0, maximum=LONGEST, load_default=0)
    start = fields.Day(load_default=None)
    first_due = fields.Day(load_default=None)
    due_dates = fields.List(fields.Day(), maximum=LONGEST, load_default=list)


class ScheduleRow(Output):
    number = fields.Integer()
    due = fields.Day()
    principal = fields.MoneyField()
    interest = fields.MoneyField()
    fee = fields.MoneyField()
    payment = fields.MoneyField()
    balance = fields.MoneyField()


class CostOut(Output):
    annual_percentage_rate = fields.String()
    effective_annual_rate = fields.String()
    finance_charge = fields.MoneyField()
    total = fields.MoneyField()


class YearOut(Output):
    year = fields.Integer()
    instalments = fields.Integer()
    principal = fields.MoneyField()
    interest = fields.MoneyField()
    fee = fields.MoneyField()
    payment = fields.MoneyField()
    balance = fields.MoneyField()


class ScheduleSums(Output):
    principal = fields.MoneyField()
    interest = fields.MoneyField()
    fee = fields.MoneyField()
    payment = fields.MoneyField()


class OfferOut(CostOut):
    """`fee` is what opening the loan costs, `handed_over` what she receives: what is lent, less
    the fee where it is kept back, less what pays another loan off.
    """

    items = fields.List(fields.Nested(ScheduleRow))
    years = fields.List(fields.Nested(YearOut))
    sums = fields.Nested(ScheduleSums)
    fee = fields.MoneyField()
    fee_paid = fields.String()
    handed_over = fields.MoneyField()


@resource.get(returns=FundOut, allow=READERS | {"admin"})
def list_funds_(call: Call) -> list[dict[str, Any]]:
    """The funds of the caller's territory, with what they have available."""
    return queries.funds(call.session, call.caller)


@resource.post(body=FundIn, returns=FundOut, allow=KEEPERS)
def open_fund_(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Set up a fund."""
    return queries.told(call.session, keep_fund.open_fund(call.session, call.caller, **body))


@resource.get("/<uuid:fund_id>", returns=FundOut, allow=READERS | {"admin"})
def show_fund_(call: Call, fund_id: UUID) -> dict[str, Any]:
    """One fund."""
    return queries.told(call.session, find.fund(call.session, call.caller, fund_id))


@resource.patch("/<uuid:fund_id>", body=FundChange, returns=FundOut, allow=KEEPERS | {"trust_fund_member"})
def change_reserve_(call: Call, body: dict[str, Any], fund_id: UUID) -> dict[str, Any]:
    """Change the reserve that must stay at the trustee."""
    fund = keep_fund.change_reserve(
        call.session, call.caller, fund_id=fund_id, if_match=call.if_match or 0, reserve=body["reserve"]
    )
    return queries.told(call.session, fund)


@resource.post(
    "/<uuid:fund_id>/deposits", body=DepositIn, returns=FundOut, idempotent=True, allow={"cashier", "credit_officer"}
)
def deposit_cash_(call: Call, body: dict[str, Any], fund_id: UUID) -> dict[str, Any]:
    """Pay the cashier's drawer into the trustee's account."""
    keep_fund.deposit_cash(call.session, call.caller, fund_id=fund_id, **body)
    return queries.told(call.session, find.fund(call.session, call.caller, fund_id))


@resource.get("/<uuid:fund_id>/journal", returns=JournalEntry, paged=True, allow=BOOKS)
def list_journal_(call: Call, fund_id: UUID) -> Page:
    """The movements in the fund's books, newest first."""
    fund = find.fund(call.session, call.caller, fund_id)
    return queries.journal(call.session, fund, limit=call.limit, after=call.after)


@resource.get("/<uuid:fund_id>/regulations", returns=RegulationsOut, allow=READERS | {"admin"})
def list_regulations_(call: Call, fund_id: UUID) -> list[dict[str, Any]]:
    """Every version of the Credit Regulations."""
    return queries.regulations(call.session, find.fund(call.session, call.caller, fund_id).id)


@resource.post("/<uuid:fund_id>/regulations", body=RegulationsIn, returns=RegulationsOut, allow=KEEPERS)
def adopt_regulations_(call: Call, body: dict[str, Any], fund_id: UUID) -> dict[str, Any]:
    """Adopt the next version of the Credit Regulations."""
    row = keep_fund.adopt_regulations(call.session, call.caller, fund_id=fund_id, **body)
    in_force = row.valid_from <= clock.today()
    return queries.regulation(row, in_force=in_force)


@resource.get("/<uuid:fund_id>/products", returns=ProductOut, allow=READERS)
def list_products_(call: Call, fund_id: UUID) -> list[dict[str, Any]]:
    """What the fund lends today."""
    return queries.products(call.session, find.fund(call.session, call.caller, fund_id))


@resource.get("/<uuid:fund_id>/quote", query=QuoteQuery, returns=OfferOut, allow=READERS)
def quote_(call: Call, fund_id: UUID) -> dict[str, Any]:
    """The schedule a loan would have and what it would cost a year, before anybody applies."""
    return queries.quote(call.session, find.fund(call.session, call.caller, fund_id), **call.query)

"""Where the money of a fund comes from, what goes back, what its bank books, and how its income is shared."""

from typing import Any
from uuid import UUID

from services.credit.api.funds import BOOKS, JournalEntry, Signatory
from services.credit.models.funds import SOURCES
from services.credit.queries import funding as queries
from services.credit.queries import funds as fund_queries
from services.credit.use_cases import find, keep_fund
from services.credit.use_cases.book_bank_item import ITEMS, book_bank_item
from services.credit.use_cases.share_income import pay_income_part, share_income
from services.credit.use_cases.withdraw_contribution import withdraw_contribution
from shared.web import Call, Input, Output, Resource, fields

resource = Resource("funding", prefix="/funds", description="Contributions, withdrawals and income of the funds.")
RECORDERS = frozenset({"coordinator", "credit_officer"})
GOVERNORS = frozenset({"coordinator"})
"""Who lets money leave a fund for anything but a loan."""


class ContributionIn(Input):
    funder = fields.String(required=True)
    source = fields.Code(SOURCES, required=True)
    repayable = fields.Boolean(required=True)
    amount = fields.MoneyField(minimum=1, required=True)
    received_on = fields.Day(required=True)


class ContributionOut(Output):
    id = fields.Id()
    funder = fields.String()
    source = fields.Code(SOURCES)
    repayable = fields.Boolean()
    amount = fields.MoneyField()
    withdrawn = fields.MoneyField()
    left = fields.MoneyField()
    received_on = fields.Day()


class MobilisedOut(Output):
    source = fields.Code(SOURCES)
    count = fields.Integer()
    amount = fields.MoneyField()
    withdrawn = fields.MoneyField()
    left = fields.MoneyField()
    repayable_left = fields.MoneyField()


class WithdrawalIn(Input):
    contribution_id = fields.Id(required=True)
    amount = fields.MoneyField(minimum=1, required=True)
    interest = fields.MoneyField(required=True)
    paid_on = fields.Day(required=True)
    reason = fields.String(required=True)
    signatures = fields.List(fields.Nested(Signatory), maximum=20, load_default=list)


class WithdrawalOut(Output):
    id = fields.Id()
    contribution_id = fields.Id()
    funder = fields.String()
    source = fields.Code(SOURCES)
    repayable = fields.Boolean()
    amount = fields.MoneyField()
    interest = fields.MoneyField()
    paid_on = fields.Day()
    reason = fields.String()
    signatures = fields.Anything()


class BankItemIn(Input):
    item = fields.Code(tuple(ITEMS), required=True)
    amount = fields.MoneyField(minimum=1, required=True)
    booked_on = fields.Day(required=True)
    memo = fields.String(required=True)


class IncomeShareIn(Input):
    ends_on = fields.Day(required=True)


class IncomePartOut(Output):
    id = fields.Id()
    receiver = fields.String()
    percent = fields.String()
    amount = fields.MoneyField()
    paid_on = fields.Day(allow_none=True)


class IncomeShareOut(Output):
    id = fields.Id()
    began_on = fields.Day()
    ends_on = fields.Day()
    edition = fields.Integer()
    result = fields.MoneyField()
    carried = fields.MoneyField()
    parts = fields.List(fields.Nested(IncomePartOut))


class PaymentIn(Input):
    paid_on = fields.Day(required=True)


@resource.get("/<uuid:fund_id>/contributions", returns=ContributionOut, allow=BOOKS)
def list_contributions_(call: Call, fund_id: UUID) -> list[dict[str, Any]]:
    """What funders put in, and how much of it is left."""
    return queries.contributions(call.session, find.fund(call.session, call.caller, fund_id))


@resource.post(
    "/<uuid:fund_id>/contributions", body=ContributionIn, returns=ContributionOut, idempotent=True, allow=RECORDERS
)
def record_contribution_(call: Call, body: dict[str, Any], fund_id: UUID) -> dict[str, Any]:
    """Record that a funder's money reached the trustee."""
    row = keep_fund.record_contribution(call.session, call.caller, fund_id=fund_id, **body)
    return queries.contribution(call.session, find.fund(call.session, call.caller, fund_id), row)


@resource.get("/<uuid:fund_id>/sources", returns=MobilisedOut, allow=BOOKS)
def list_sources_(call: Call, fund_id: UUID) -> list[dict[str, Any]]:
    """The sums of what was mobilised, by source."""
    return queries.sources(call.session, find.fund(call.session, call.caller, fund_id))


@resource.get("/<uuid:fund_id>/withdrawals", returns=WithdrawalOut, allow=BOOKS)
def list_withdrawals_(call: Call, fund_id: UUID) -> list[dict[str, Any]]:
    """What went back to funders."""
    return queries.withdrawals(call.session, find.fund(call.session, call.caller, fund_id))


@resource.post(
    "/<uuid:fund_id>/withdrawals", body=WithdrawalIn, returns=WithdrawalOut, idempotent=True, allow=GOVERNORS
)
def withdraw_contribution_(call: Call, body: dict[str, Any], fund_id: UUID) -> dict[str, Any]:
    """Let a contribution go back to its funder, with interest where a bank lent it."""
    row = withdraw_contribution(call.session, call.caller, fund_id=fund_id, **body)
    return queries.withdrawal(call.session, find.fund(call.session, call.caller, fund_id), row)


@resource.post("/<uuid:fund_id>/bank-items", body=BankItemIn, returns=JournalEntry, idempotent=True, allow=RECORDERS)
def book_bank_item_(call: Call, body: dict[str, Any], fund_id: UUID) -> dict[str, Any]:
    """Book what the bank charged, or paid as interest."""
    entry = book_bank_item(call.session, call.caller, fund_id=fund_id, **body)
    return fund_queries.entry(call.session, find.fund(call.session, call.caller, fund_id), entry)


@resource.get("/<uuid:fund_id>/income-shares", returns=IncomeShareOut, allow=BOOKS)
def list_income_shares_(call: Call, fund_id: UUID) -> list[dict[str, Any]]:
    """The results that were shared out."""
    return queries.income_shares(call.session, find.fund(call.session, call.caller, fund_id))


@resource.post(
    "/<uuid:fund_id>/income-shares", body=IncomeShareIn, returns=IncomeShareOut, idempotent=True, allow=GOVERNORS
)
def share_income_(call: Call, body: dict[str, Any], fund_id: UUID) -> dict[str, Any]:
    """Share the result out at the end of a period, as the regulations say."""
    row = share_income(call.session, call.caller, fund_id=fund_id, **body)
    return queries.income_share(call.session, find.fund(call.session, call.caller, fund_id), row)


@resource.post(
    "/<uuid:fund_id>/income-shares/<uuid:part_id>/payment",
    body=PaymentIn,
    returns=IncomePartOut,
    idempotent=True,
    allow=GOVERNORS,
)
def pay_income_part_(call: Call, body: dict[str, Any], fund_id: UUID, part_id: UUID) -> dict[str, Any]:
    """Pay a share of the income out."""
    part = pay_income_part(call.session, call.caller, fund_id=fund_id, part_id=part_id, **body)
    return queries.income_part(find.fund(call.session, call.caller, fund_id), part)

"""Loans, their schedules and what is paid back."""

from typing import Any
from uuid import UUID

from services.credit.api import READERS, Context
from services.credit.models.loans import CHANNELS
from services.credit.queries import loans as queries
from services.credit.use_cases import find
from services.credit.use_cases.post_repayment import post_repayment
from services.credit.use_cases.print_paper import print_receipt, print_statement
from shared import files
from shared.kernel import CURRENCIES, clock
from shared.web import Call, Download, Input, Output, Page, Query, Resource, fields

resource = Resource("loans", prefix="/loans", description="Loans, their schedules and their movements.")
repayments = Resource("repayments", prefix="/repayments", description="What was paid back, with its receipts.")
STATES = ("active", "settled")
INSTALMENT_STATES = ("paid", "overdue", "due", "partly_paid", "upcoming")
PDF = "application/pdf"
# The note bears the whole number of her document: it is for those who hand it over, keep it or recover by it.
NOTE_KEEPERS = {"coordinator", "credit_officer", "cashier"}
PRINTERS = READERS - {"leda_viewer", "service"}
"""Who may hold receipts and statements: they name the borrower."""


class LoanQuery(Query):
    state = fields.Code(STATES, load_default=None)
    fund = fields.Id(load_default=None)
    enterprise = fields.Id(load_default=None)
    municipality = fields.String(maximum=6, pattern="[A-Z]{2}[0-9]{0,4}", load_default=None)
    number = fields.String(maximum=40, load_default=None)
    overdue = fields.Boolean(load_default=False)


class RepaymentIn(Input):
    amount = fields.MoneyField(minimum=1, required=True)
    paid_on = fields.Day(required=True)
    channel = fields.Code(tuple(CHANNELS), required=True)


class LoanRow(Output):
    id = fields.Id()
    number = fields.String()
    fund_id = fields.Id()
    fund = fields.String()
    application_id = fields.Id()
    enterprise_id = fields.Id()
    municipality = fields.String()
    chain = fields.String()
    currency = fields.Code(CURRENCIES)
    principal = fields.MoneyField()
    outstanding = fields.MoneyField()
    outstanding_principal = fields.MoneyField()
    overdue = fields.MoneyField()
    days_overdue = fields.Integer()
    oldest_due = fields.Day(allow_none=True)
    state = fields.Code(STATES)
    disbursed_on = fields.Day()
    settled_on = fields.Day(allow_none=True)
    term_months = fields.Integer()
    version = fields.Integer()


class InstalmentOut(Output):
    number = fields.Integer()
    due = fields.Day()
    penalty = fields.MoneyField()
    fee = fields.MoneyField()
    interest = fields.MoneyField()
    principal = fields.MoneyField()
    payment = fields.MoneyField()
    paid = fields.MoneyField()
    outstanding = fields.MoneyField()
    state = fields.Code(INSTALMENT_STATES)


class RepaymentOut(Output):
    id = fields.Id()
    number = fields.String()
    loan_id = fields.Id()
    loan = fields.String()
    amount = fields.MoneyField()
    penalty = fields.MoneyField()
    fee = fields.MoneyField()
    interest = fields.MoneyField()
    principal = fields.MoneyField()
    outstanding_after = fields.MoneyField()
    settled = fields.Boolean()
    channel = fields.Code(tuple(CHANNELS))
    paid_on = fields.Day()
    posted_at = fields.Moment()
    posted_by_name = fields.String()


class LoanTotals(Output):
    penalty = fields.MoneyField()
    fee = fields.MoneyField()
    interest = fields.MoneyField()
    principal = fields.MoneyField()
    payment = fields.MoneyField()
    paid = fields.MoneyField()
    outstanding = fields.MoneyField()


class LoanOut(LoanRow):
    terms = fields.Anything()
    disbursed_by_name = fields.String()
    disbursed_by_caller = fields.Boolean()
    due_now = fields.MoneyField()
    instalments = fields.List(fields.Nested(InstalmentOut))
    totals = fields.Nested(LoanTotals)
    repayments = fields.List(fields.Nested(RepaymentOut))


class PortfolioOut(Output):
    count = fields.Integer()
    principal = fields.MoneyField()
    outstanding_principal = fields.MoneyField()
    overdue = fields.MoneyField()


@resource.get(query=LoanQuery, returns=LoanRow, paged=True, allow=READERS)
def list_loans_(call: Call) -> Page:
    """The loans of the caller's territory, newest first, with what is overdue today."""
    return queries.listed(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/totals", query=LoanQuery, returns=PortfolioOut, allow=READERS)
def total_loans_(call: Call) -> list[dict[str, Any]]:
    """How many loans the same filter finds and what they sum to, by currency."""
    return queries.totals(call.session, call.caller, call.query)


@resource.get("/<uuid:loan_id>", returns=LoanOut, allow=READERS)
def show_loan_(call: Call, loan_id: UUID) -> dict[str, Any]:
    """One loan with its schedule and its movements."""
    return queries.detail(call.session, call.caller, find.loan(call.session, call.caller, loan_id))


@resource.get("/<uuid:loan_id>/note", download=True, allow=NOTE_KEEPERS)
def download_note_(call: Call, loan_id: UUID) -> Download:
    """The promissory note with the schedule, as it was signed."""
    loan = find.loan(call.session, call.caller, loan_id)
    return Download(files.read(call.session, loan.note_file_id), f"{loan.number}.pdf", PDF, inline=True)


@resource.get("/<uuid:loan_id>/statement", download=True, writes=True, allow=PRINTERS)
def print_statement_(call: Call, loan_id: UUID) -> Download:
    """The statement as of today, with the borrower's name as the registry knows it now; its hash is kept, to verify it
    by.
    """
    context: Context = call.context
    content = print_statement(
        call.session,
        call.caller,
        loan_id=loan_id,
        names=context.directory.borrower,
        language=call.language,
        public_url=context.public_url,
    )
    number = find.loan(call.session, call.caller, loan_id).number
    return Download(content, f"{number}-{clock.today()}.pdf", PDF, inline=True)


@resource.post(
    "/<uuid:loan_id>/repayments",
    body=RepaymentIn,
    returns=RepaymentOut,
    idempotent=True,
    allow={"cashier", "credit_officer"},
)
def post_repayment_(call: Call, body: dict[str, Any], loan_id: UUID) -> dict[str, Any]:
    """Post a repayment."""
    row = post_repayment(call.session, call.caller, loan_id=loan_id, **body)
    return queries.repayment(find.loan(call.session, call.caller, loan_id), row)


@repayments.get("/<uuid:repayment_id>", returns=RepaymentOut, allow=READERS)
def show_repayment_(call: Call, repayment_id: UUID) -> dict[str, Any]:
    """One repayment."""
    row = find.repayment(call.session, call.caller, repayment_id)
    return queries.repayment(find.loan(call.session, call.caller, row.loan_id), row)


@repayments.get("/<uuid:repayment_id>/receipt", download=True, writes=True, allow=READERS - {"leda_viewer", "service"})
def print_receipt_(call: Call, repayment_id: UUID) -> Download:
    """The receipt, with the borrower's name as the registry knows it now; its hash is kept, to verify it by."""
    context: Context = call.context
    content = print_receipt(
        call.session,
        call.caller,
        repayment_id=repayment_id,
        names=context.directory.borrower,
        language=call.language,
        public_url=context.public_url,
    )
    row = find.repayment(call.session, call.caller, repayment_id)
    return Download(content, f"{row.number}.pdf", PDF, inline=True)

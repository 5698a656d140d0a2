"""Loans, their schedules and what is paid back."""

from collections.abc import Iterator
from typing import Any, BinaryIO
from uuid import UUID

from services.credit.api import OVERSIGHT, READERS, Context
from services.credit.api.funds import CostOut
from services.credit.directory import Names, asked
from services.credit.models.guarantees import STATES as GUARANTEE_STATES
from services.credit.models.loans import LOAN_STATES as STATES
from services.credit.models.repayments import CHANNELS, REFINANCED
from services.credit.queries import loans as queries
from services.credit.rules.guarantees import KINDS
from services.credit.use_cases import find
from services.credit.use_cases.gather_evidence import NOTE_KEEPERS, gather_evidence
from services.credit.use_cases.post_repayment import post_repayment
from services.credit.use_cases.print_paper import print_closure, print_receipt, print_statement
from services.credit.use_cases.reverse_repayment import reverse_repayment
from shared import files
from shared.kernel import CURRENCIES, clock
from shared.web import Call, Download, Input, Output, Page, Query, Resource, fields

resource = Resource("loans", prefix="/loans", description="Loans, their schedules and their movements.")
repayments = Resource("repayments", prefix="/repayments", description="What was paid back, with its receipts.")
INSTALMENT_STATES = ("paid", "overdue", "due", "partly_paid", "upcoming")
TILL = ("cash", "trustee")
"""How money is taken by hand; the other channels are those of files and of what is held."""
PDF = "application/pdf"
PRINTERS = READERS - {"leda_viewer", "service"}
"""Who may hold receipts and statements: they name the borrower."""
EVIDENCE_READERS = OVERSIGHT | {"coordinator", "credit_officer", "trust_fund_member"}
"""Who may take all that is kept of a loan: what was found on site, how each member voted, every payment."""
_PIECE = 1 << 16


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
    channel = fields.Code(TILL, required=True)
    slip = fields.String(minimum=0, maximum=40, load_default="")
    hold_excess = fields.Boolean(load_default=False)


class ReversalIn(Input):
    reason = fields.String(required=True)
    move_to = fields.Id(allow_none=True, load_default=None)


class LoanRow(Output):
    id = fields.Id()
    number = fields.String()
    fund_id = fields.Id()
    fund = fields.String()
    application_id = fields.Id(allow_none=True)
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
    balance = fields.MoneyField()
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
    excess = fields.MoneyField()
    outstanding_after = fields.MoneyField()
    settled = fields.Boolean()
    channel = fields.Code((*CHANNELS, REFINANCED))
    recovery = fields.Boolean()
    slip = fields.String(allow_none=True)
    reverses_id = fields.Id(allow_none=True)
    reversed_on = fields.Day(allow_none=True)
    reversible = fields.Boolean()
    reason = fields.String()
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


class LoanYear(LoanTotals):
    year = fields.Integer()
    instalments = fields.Integer()
    balance = fields.MoneyField()


class ReplacedOut(Output):
    number = fields.Integer()
    due = fields.String()
    penalty = fields.MoneyField()
    fee = fields.MoneyField()
    interest = fields.MoneyField()
    principal = fields.MoneyField()
    payment = fields.MoneyField()
    paid = fields.MoneyField()


class LoanChangeOut(Output):
    id = fields.Id()
    kind = fields.String()
    plan = fields.Integer()
    done_on = fields.Day()
    done_by_name = fields.String()
    application_id = fields.Id(allow_none=True)
    resolution = fields.String()
    principal = fields.MoneyField()
    interest = fields.MoneyField()
    charges = fields.MoneyField()
    replaced = fields.List(fields.Nested(ReplacedOut))


class WaitingChange(Output):
    id = fields.Id(allow_none=True)
    number = fields.String(allow_none=True)
    kind = fields.String()
    state = fields.String()


class GuaranteeOfLoan(Output):
    id = fields.Id()
    kind = fields.Code(KINDS)
    value = fields.MoneyField()
    state = fields.Code(GUARANTEE_STATES)
    added_on = fields.Day()
    released_on = fields.Day(allow_none=True)


class LoanAssistance(Output):
    """How often the borrower was visited at her workplace, as training tells."""

    visits = fields.Integer()
    minutes = fields.Integer()
    last_on = fields.Day()


class LoanOut(LoanRow):
    terms = fields.Anything()
    cost = fields.Nested(CostOut)
    withheld = fields.MoneyField()
    disbursed_by_name = fields.String()
    disbursed_by_caller = fields.Boolean()
    due_now = fields.MoneyField()
    held = fields.MoneyField()
    instalments = fields.List(fields.Nested(InstalmentOut))
    years = fields.List(fields.Nested(LoanYear))
    totals = fields.Nested(LoanTotals)
    repayments = fields.List(fields.Nested(RepaymentOut))
    changes = fields.List(fields.Nested(LoanChangeOut))
    waiting_change = fields.Nested(WaitingChange, allow_none=True)
    rest = fields.MoneyField()
    tranches = fields.Integer()
    capitalised = fields.MoneyField()
    rescheduled_on = fields.Day(allow_none=True)
    written_off_on = fields.Day(allow_none=True)
    guarantees = fields.List(fields.Nested(GuaranteeOfLoan))
    assistance = fields.Nested(LoanAssistance, allow_none=True)


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


def _borrower(call: Call, loan_id: UUID) -> Names:
    """Who owes, asked for before the transaction that keeps the paper's hash."""
    context: Context = call.context
    return asked(context.directory.borrower, [find.loan(call.session, call.caller, loan_id).enterprise_id])


def _payer(call: Call, repayment_id: UUID) -> Names:
    return _borrower(call, find.repayment(call.session, call.caller, repayment_id).loan_id)


@resource.get("/<uuid:loan_id>/statement", download=True, writes=True, before=_borrower, allow=PRINTERS)
def print_statement_(call: Call, loan_id: UUID) -> Download:
    """The statement as of today, with the borrower's name as the registry knows it now; its hash is kept, to verify it
    by.
    """
    context: Context = call.context
    content = print_statement(
        call.session,
        call.caller,
        loan_id=loan_id,
        names=call.prepared,
        language=call.language,
        public_url=context.public_url,
    )
    number = find.loan(call.session, call.caller, loan_id).number
    return Download(content, f"{number}-{clock.today()}.pdf", PDF, inline=True)


@resource.get("/<uuid:loan_id>/closure", download=True, writes=True, allow=NOTE_KEEPERS)
def print_closure_(call: Call, loan_id: UUID) -> Download:
    """The certificate that the loan is paid in full; its hash is kept, to verify it by."""
    context: Context = call.context
    content = print_closure(
        call.session,
        call.caller,
        loan_id=loan_id,
        names=context.directory.borrower,
        language=call.language,
        public_url=context.public_url,
    )
    number = find.loan(call.session, call.caller, loan_id).number
    return Download(content, f"{number}-cancelado.pdf", PDF, inline=True)


@resource.get("/<uuid:loan_id>/evidence", download=True, allow=EVIDENCE_READERS)
def gather_evidence_(call: Call, loan_id: UUID) -> Download:
    """Everything that is kept of a loan in one signed zip, as the caller may see it; its README says how it is checked
    offline.
    """
    context: Context = call.context
    content = gather_evidence(
        call.session,
        call.caller,
        loan_id=loan_id,
        names=context.directory.borrower,
        people=context.directory.person,
        language=call.language,
    )
    return evidence_file(content, find.loan(call.session, call.caller, loan_id).number)


def evidence_file(content: BinaryIO, number: str) -> Download:
    """The evidence file of what has this number, sent in pieces."""
    size = content.seek(0, 2)
    content.seek(0)
    return Download(_pieces(content), f"{number}-{clock.today()}.zip", "application/zip", size=size)


def _pieces(content: BinaryIO) -> Iterator[bytes]:
    with content:
        while piece := content.read(_PIECE):
            yield piece


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
    return queries.repayment(row.loan, row, last=True)


@repayments.post(
    "/<uuid:repayment_id>/reversal",
    body=ReversalIn,
    returns=RepaymentOut,
    idempotent=True,
    allow={"credit_officer", "coordinator"},
)
def reverse_repayment_(call: Call, body: dict[str, Any], repayment_id: UUID) -> dict[str, Any]:
    """Reverse a repayment by a counter-entry, with its reason: the money went back, or moves to the right loan."""
    row = reverse_repayment(call.session, call.caller, repayment_id=repayment_id, **body)
    return queries.repayment(find.loan(call.session, call.caller, row.loan_id), row)


@repayments.get("/<uuid:repayment_id>", returns=RepaymentOut, allow=READERS)
def show_repayment_(call: Call, repayment_id: UUID) -> dict[str, Any]:
    """One repayment."""
    row = find.repayment(call.session, call.caller, repayment_id)
    return queries.repayment(find.loan(call.session, call.caller, row.loan_id), row)


@repayments.get(
    "/<uuid:repayment_id>/receipt",
    download=True,
    writes=True,
    before=_payer,
    allow=READERS - {"leda_viewer", "service"},
)
def print_receipt_(call: Call, repayment_id: UUID) -> Download:
    """The receipt, with the borrower's name as the registry knows it now; its hash is kept, to verify it by."""
    context: Context = call.context
    content = print_receipt(
        call.session,
        call.caller,
        repayment_id=repayment_id,
        names=call.prepared,
        language=call.language,
        public_url=context.public_url,
    )
    row = find.repayment(call.session, call.caller, repayment_id)
    return Download(content, f"{row.number}.pdf", PDF, inline=True)

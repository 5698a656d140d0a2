"""What changes a running loan: asked of the committee, appraised, carried out; tranches."""

from functools import cache
from typing import Any
from uuid import UUID

from services.credit.api import DISBURSERS, READERS, STAFF, Context
from services.credit.api import applications as applications_api
from services.credit.api import loans as loans_api
from services.credit.directory import Names, People
from services.credit.models.applications import RECOMMENDATIONS
from services.credit.queries import applications, loans
from services.credit.queries import changes as queries
from services.credit.rules.restructuring import CHANGES
from services.credit.rules.terms import LONGEST
from services.credit.use_cases import find
from services.credit.use_cases.ask_change import appraise_change, ask_change
from services.credit.use_cases.bind_guarantees import named_guarantors
from services.credit.use_cases.carry_out_change import carry_out_change
from services.credit.use_cases.gather_evidence import NOTE_KEEPERS
from services.credit.use_cases.pay_tranche import give_up_rest, pay_tranche
from services.credit.use_cases.print_paper import print_addendum, print_tranche
from shared.web import Call, Download, Input, Output, Page, Query, Resource, fields

resource = Resource("changes", prefix="/changes", description="What changed running loans, by resolution.")
CARRIERS = frozenset({"credit_officer", "coordinator"})
KINDS = (*CHANGES, "tranche")


class LoanChangeIn(Input):
    kind = fields.Code(CHANGES, required=True)
    reason = fields.String(maximum=2000, required=True)
    instalments = fields.Integer(minimum=1, maximum=LONGEST, load_default=None)
    grace = fields.Integer(minimum=0, maximum=LONGEST, load_default=0)
    amount = fields.MoneyField(minimum=1, load_default=None)


class ChangeAppraisalIn(Input):
    visited_on = fields.Day(required=True)
    monthly_income = fields.MoneyField(required=True)
    monthly_expense = fields.MoneyField(required=True)
    monthly_debts = fields.MoneyField(required=True)
    recommendation = fields.Code(RECOMMENDATIONS, required=True)
    remarks = fields.String(maximum=2000, required=True)
    instalments = fields.Integer(minimum=1, maximum=LONGEST, load_default=None)
    grace = fields.Integer(minimum=0, maximum=LONGEST, load_default=0)
    first_due = fields.Day(load_default=None)
    conditions = fields.String(minimum=0, maximum=2000, load_default="")


class TrancheIn(Input):
    amount = fields.MoneyField(minimum=1, required=True)
    disbursed_on = fields.Day(required=True)


class ChangeQuery(Query):
    kind = fields.Code(KINDS, load_default=None)
    fund = fields.Id(load_default=None)


class ChangeRow(Output):
    id = fields.Id()
    loan_id = fields.Id()
    loan = fields.String()
    municipality = fields.String()
    fund = fields.String()
    kind = fields.Code(KINDS)
    done_on = fields.Day()
    done_by_name = fields.String()
    principal = fields.MoneyField()
    interest = fields.MoneyField()
    charges = fields.MoneyField()
    resolution = fields.String()


@resource.get(query=ChangeQuery, returns=ChangeRow, paged=True, allow=READERS)
def list_changes_(call: Call) -> Page:
    """What changed the loans of the caller's territory, newest first."""
    return queries.listed(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@loans_api.resource.post(
    "/<uuid:loan_id>/changes", body=LoanChangeIn, returns=applications_api.ApplicationOut, allow=STAFF
)
def ask_change_(call: Call, body: dict[str, Any], loan_id: UUID) -> dict[str, Any]:
    """Ask the committee to plan a running loan anew, to pay it off with another one, or to write it off."""
    return applications.detail(call.session, ask_change(call.session, call.caller, loan_id=loan_id, **body))


@applications_api.resource.post(
    "/<uuid:application_id>/change-appraisals",
    body=ChangeAppraisalIn,
    returns=applications_api.ApplicationOut,
    allow={"technician", "credit_officer"},
)
def appraise_change_(call: Call, body: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """Put into the file what was found and what new plan is recommended, or that the loan is written off."""
    application = appraise_change(call.session, call.caller, application_id=application_id, **body)
    call.session.flush()
    return applications.detail(call.session, application)


@applications_api.resource.post(
    "/<uuid:application_id>/execution", returns=loans_api.LoanOut, idempotent=True, allow=CARRIERS
)
def carry_out_change_(call: Call, application_id: UUID) -> dict[str, Any]:
    """Carry out what was resolved about a running loan, today."""
    loan = carry_out_change(call.session, call.caller, application_id=application_id)
    return loans.detail(call.session, call.caller, loan)


@loans_api.resource.post(
    "/<uuid:loan_id>/tranches",
    body=TrancheIn,
    returns=loans_api.LoanOut,
    idempotent=True,
    allow=DISBURSERS,
)
def pay_tranche_(call: Call, body: dict[str, Any], loan_id: UUID) -> dict[str, Any]:
    """Hand out another part of what was approved; what is unpaid is planned anew over the instalments left."""
    loan = pay_tranche(call.session, call.caller, loan_id=loan_id, **body)
    return loans.detail(call.session, call.caller, loan)


@loans_api.resource.post("/<uuid:loan_id>/rest-release", returns=loans_api.LoanOut, status=200, allow=CARRIERS)
def give_up_rest_(call: Call, loan_id: UUID) -> dict[str, Any]:
    """Pay nothing more out of the approval of a loan: what was promised is free again."""
    loan = give_up_rest(call.session, call.caller, loan_id=loan_id)
    call.session.flush()
    return loans.detail(call.session, call.caller, loan)


@loans_api.resource.get(
    "/<uuid:loan_id>/tranches/<uuid:change_id>/receipt", download=True, writes=True, allow=loans_api.PRINTERS
)
def print_tranche_(call: Call, loan_id: UUID, change_id: UUID) -> Download:
    """The receipt of a tranche, which she signs, with the schedule from then on; its hash is kept, to verify it by."""
    context: Context = call.context
    content = print_tranche(
        call.session,
        call.caller,
        loan_id=loan_id,
        change_id=change_id,
        names=context.directory.borrower,
        language=call.language,
        public_url=context.public_url,
    )
    number = find.loan(call.session, call.caller, loan_id).number
    return Download(content, f"{number}-{change_id}.pdf", loans_api.PDF, inline=True)


def _signers(call: Call, loan_id: UUID, change_id: UUID) -> tuple[Names, People]:
    """Who owes and who answers for her, asked for before the transaction that keeps the paper's hash."""
    del change_id
    context: Context = call.context
    names, people = cache(context.directory.borrower), cache(context.directory.person)
    loan = find.loan(call.session, call.caller, loan_id)
    names(loan.enterprise_id)
    named_guarantors(call.session, find.application(call.session, call.caller, loan.application_id), names, people)
    return names, people


@loans_api.resource.get(
    "/<uuid:loan_id>/changes/<uuid:change_id>/addendum",
    download=True,
    writes=True,
    before=_signers,
    allow=NOTE_KEEPERS,
)
def print_addendum_(call: Call, loan_id: UUID, change_id: UUID) -> Download:
    """The addendum of a rescheduled loan, which she signs, with its new schedule and cost; its hash is kept, to verify
    it by.
    """
    context: Context = call.context
    names, people = call.prepared
    content = print_addendum(
        call.session,
        call.caller,
        loan_id=loan_id,
        change_id=change_id,
        names=names,
        people=people,
        language=call.language,
        public_url=context.public_url,
    )
    number = find.loan(call.session, call.caller, loan_id).number
    return Download(content, f"{number}-adenda-{change_id}.pdf", loans_api.PDF, inline=True)

"""Applications for credit: submitted, appraised, decided, paid out."""

from functools import cache
from typing import Any
from uuid import UUID

from services.credit.api import DISBURSERS, FILE_READERS, OVERSIGHT, READERS, STAFF, Context
from services.credit.api.appraisal_schemas import AppraisalOut
from services.credit.api.eligibility import RuleCheckOut
from services.credit.api.files import AttachmentOut, ConditionOut, LackingOut
from services.credit.api.funds import OfferOut
from services.credit.api.loans import LoanOut
from services.credit.directory import Names, People
from services.credit.models.applications import STATES
from services.credit.models.funds import FUND_KINDS
from services.credit.queries import applications as queries
from services.credit.queries import funds, loans
from services.credit.rules.restructuring import KINDS
from services.credit.rules.terms import LONGEST
from services.credit.use_cases import find
from services.credit.use_cases.bind_guarantees import named_guarantors
from services.credit.use_cases.change_application import change_application
from services.credit.use_cases.disburse_loan import approval_of, disburse_loan, offered_terms
from services.credit.use_cases.submit_application import submit_application
from services.credit.use_cases.withdraw_application import withdraw_application
from shared.events.vocabulary import PURPOSES
from shared.kernel import clock
from shared.web import Call, Input, Output, Page, Query, Resource, fields

resource = Resource("applications", prefix="/applications", description="Applications for credit and their files.")


class RequestIn(Input):
    amount = fields.MoneyField(minimum=1, required=True)
    instalments = fields.Integer(minimum=1, maximum=LONGEST, required=True)
    grace = fields.Integer(minimum=0, maximum=LONGEST, load_default=0)
    purpose = fields.Code(PURPOSES, required=True)
    project = fields.String(maximum=2000, required=True)


class ChangeIn(RequestIn):
    product = fields.String(maximum=40, load_default=None)


class ApplicationIn(RequestIn):
    fund_id = fields.Id(required=True)
    enterprise_id = fields.Id(required=True)
    product = fields.String(maximum=40, required=True)


class VerificationIn(Input):
    note = fields.String(minimum=0, maximum=500, load_default="")


class DisbursementIn(Input):
    disbursed_on = fields.Day(required=True)
    first_due = fields.Day(load_default=None)
    amount = fields.MoneyField(minimum=1, load_default=None)


class ApplicationQuery(Query):
    state = fields.List(fields.Code(STATES), maximum=len(STATES), load_default=list)
    fund = fields.Id(load_default=None)
    enterprise = fields.Id(load_default=None)
    municipality = fields.String(maximum=6, pattern="[A-Z]{2}[0-9]{0,4}", load_default=None)
    number = fields.String(maximum=40, load_default=None)
    conditions = fields.Code(("open", "assent"), load_default=None)
    kind = fields.List(fields.Code(KINDS), maximum=len(KINDS), load_default=list)
    promised = fields.Boolean(load_default=False)


class DayQuery(Query):
    disbursed_on = fields.Day(load_default=None)
    first_due = fields.Day(load_default=None)


class ApplicationRow(Output):
    id = fields.Id()
    number = fields.String()
    kind = fields.Code(KINDS)
    loan_id = fields.Id(allow_none=True)
    fund_id = fields.Id()
    fund = fields.String()
    fund_kind = fields.Code(FUND_KINDS)
    enterprise_id = fields.Id()
    municipality = fields.String()
    chain = fields.String()
    product = fields.String()
    purpose = fields.Code(PURPOSES)
    amount = fields.MoneyField()
    approved_amount = fields.MoneyField()
    committed = fields.MoneyField()
    instalments = fields.Integer()
    grace = fields.Integer()
    state = fields.Code(STATES)
    submitted_on = fields.Day()
    submitted_by_name = fields.String()
    days_waiting = fields.Integer()
    stage_since = fields.Day()
    days_in_stage = fields.Integer()
    version = fields.Integer()


class StageOut(Output):
    state = fields.Code(STATES)
    count = fields.Integer()
    amount = fields.MoneyField()


class ResolutionOut(Output):
    id = fields.Id()
    number = fields.String()
    session_id = fields.Id()
    outcome = fields.String()
    amount = fields.MoneyField()
    instalments = fields.Integer()
    grace = fields.Integer()
    conditions = fields.String()
    tally = fields.Anything()
    decided_at = fields.Moment()
    decided_under = fields.Integer()
    lent_under = fields.Integer()
    level = fields.String()
    assents_needed = fields.Integer()
    exceptions = fields.Anything(allow_none=True)
    exception_reason = fields.String()
    agreement = fields.Integer(allow_none=True)
    reason_code = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    reason_english = fields.String(allow_none=True)
    expires_on = fields.Day(allow_none=True)


class SessionOfApplication(Output):
    id = fields.Id()
    number = fields.String()
    scheduled_for = fields.Moment()
    state = fields.String()
    item_state = fields.String()


class LoanOfApplication(Output):
    id = fields.Id()
    number = fields.String()


class Step(Output):
    at = fields.Moment()
    action = fields.String()


class ApplicationOut(ApplicationRow):
    """`checks` are the rules of today's regulations; `coherence` is told whether they ask for it or not. `lacking` is
    what the file wants before a session can deal with it.
    """

    project = fields.String()
    product_name = fields.String()
    annual_rate = fields.String()
    edition = fields.Integer()
    appraisals = fields.List(fields.Nested(AppraisalOut))
    sessions = fields.List(fields.Nested(SessionOfApplication))
    resolutions = fields.List(fields.Nested(ResolutionOut))
    loan = fields.Nested(LoanOfApplication, allow_none=True)
    timeline = fields.List(fields.Nested(Step))
    failed_rules = fields.List(fields.String())
    checks = fields.List(fields.Nested(RuleCheckOut))
    coherence = fields.Nested(RuleCheckOut)
    needs = fields.List(fields.String())
    needs_on = fields.Day(allow_none=True)
    purpose_of_needs = fields.String(allow_none=True)
    attachments = fields.List(fields.Nested(AttachmentOut))
    lacking = fields.List(fields.Nested(LackingOut))
    complete = fields.Boolean()
    concentration = fields.Anything()
    terms = fields.List(fields.Nested(ConditionOut))
    approved_until = fields.Day(allow_none=True)
    expired = fields.Boolean()
    assent = fields.Anything()


class ApprovalOut(Output):
    id = fields.Id()
    number = fields.String()
    fund_id = fields.Id()
    fund = fields.String()
    trustee = fields.String()
    fund_kind = fields.Code(FUND_KINDS)
    enterprise_id = fields.Id()
    municipality = fields.String()
    purpose = fields.Code(PURPOSES)
    state = fields.Code(STATES)
    kind = fields.Code(KINDS)
    change = fields.Anything(allow_none=True)
    tranches = fields.Integer()
    resolution = fields.String()
    decided_at = fields.Moment()
    amount = fields.MoneyField()
    instalments = fields.Integer()
    grace = fields.Integer()
    conditions = fields.String()
    product_name = fields.String()
    annual_rate = fields.String()
    method = fields.String()
    longest_first_period = fields.Integer()
    terms = fields.List(fields.Nested(ConditionOut))
    approved_until = fields.Day(allow_none=True)
    expired = fields.Boolean()
    assent = fields.Anything()
    suspended = fields.Boolean()


@resource.get(query=ApplicationQuery, returns=ApplicationRow, paged=True, allow=READERS)
def list_applications_(call: Call) -> Page:
    """The applications of the caller's territory, newest first."""
    return queries.listed(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/stages", query=ApplicationQuery, returns=StageOut, allow=READERS)
def count_stages_(call: Call) -> list[dict[str, Any]]:
    """How many applications stand at each stage, and what they ask for."""
    return queries.counts(call.session, call.caller, call.query)


@resource.post(body=ApplicationIn, returns=ApplicationOut, allow=STAFF)
def submit_application_(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Apply for a credit in the name of an enterprise."""
    return queries.detail(call.session, submit_application(call.session, call.caller, **body))


@resource.get("/<uuid:application_id>", returns=ApplicationOut, allow=FILE_READERS)
def show_application_(call: Call, application_id: UUID) -> dict[str, Any]:
    """The file of one application."""
    return queries.detail(call.session, find.application_to_read(call.session, call.caller, application_id))


@resource.patch("/<uuid:application_id>", body=ChangeIn, returns=ApplicationOut, allow=STAFF)
def change_application_(call: Call, body: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """Correct an application that nobody has appraised yet."""
    application = change_application(
        call.session, call.caller, application_id=application_id, if_match=call.if_match or 0, **body
    )
    call.session.flush()
    return queries.detail(call.session, application)


@resource.post("/<uuid:application_id>/withdrawal", returns=ApplicationOut, status=200, allow=STAFF)
def withdraw_application_(call: Call, application_id: UUID) -> dict[str, Any]:
    """Take an application back, as its applicant wishes."""
    application = withdraw_application(call.session, call.caller, application_id=application_id)
    call.session.flush()
    return queries.detail(call.session, application)


@resource.get("/<uuid:application_id>/schedule", query=DayQuery, returns=OfferOut, allow=READERS)
def preview_schedule_(call: Call, application_id: UUID) -> dict[str, Any]:
    """The schedule that a disbursement on a day (today unless given) would make, and what it costs a year."""
    application = find.application_to_read(call.session, call.caller, application_id)
    day = call.query["disbursed_on"] or clock.today()
    terms = offered_terms(
        call.session, call.caller, application_id=application_id, disbursed_on=day, first_due=call.query["first_due"]
    )
    fund = find.fund(call.session, call.caller, application.fund_id)
    paid_off = 0
    if application.loan_id is not None:
        paid_off = find.loan(call.session, call.caller, application.loan_id).moving(day).total
    return funds.offer(terms, fund.currency, paid_off)


@resource.get("/<uuid:application_id>/approval", returns=ApprovalOut, allow=DISBURSERS | OVERSIGHT)
def show_approval_(call: Call, application_id: UUID) -> dict[str, Any]:
    """What the committee approved, for who pays it out."""
    application = find.application(call.session, call.caller, application_id)
    application.require_approved()
    return queries.approval(call.session, application, approval_of(call.session, application))


def _signers(call: Call, body: dict[str, Any], application_id: UUID) -> tuple[Names, People]:
    """Who will owe and who answers for her, asked for before the transaction; nobody where it is paid out already and
    only sent again.
    """
    del body
    context: Context = call.context
    names, people = cache(context.directory.borrower), cache(context.directory.person)
    application = find.application(call.session, call.caller, application_id)
    if application.state == "approved":
        names(application.enterprise_id)
        named_guarantors(call.session, application, names, people)
    return names, people


@resource.post(
    "/<uuid:application_id>/disbursement",
    body=DisbursementIn,
    returns=LoanOut,
    idempotent=True,
    before=_signers,
    allow=DISBURSERS,
)
def disburse_loan_(call: Call, body: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """Pay an approved application out; it becomes a loan."""
    context: Context = call.context
    names, people = call.prepared
    loan = disburse_loan(
        call.session,
        call.caller,
        application_id=application_id,
        names=names,
        people=people,
        public_url=context.public_url,
        **body,
    )
    return loans.detail(call.session, call.caller, loan)

"""Applications for credit: submitted, appraised, decided, paid out."""

from typing import Any
from uuid import UUID

from services.credit.api import FILE_READERS, OVERSIGHT, READERS, STAFF, Context
from services.credit.api.funds import CostOut, OfferOut
from services.credit.api.loans import LoanOut
from services.credit.models.applications import RECOMMENDATIONS, STATES
from services.credit.models.conditions import VERIFIERS
from services.credit.queries import applications as queries
from services.credit.queries import funds, loans
from services.credit.rules.papers import LARGEST_FILE
from services.credit.rules.regulations import PURPOSES
from services.credit.rules.terms import LONGEST
from services.credit.use_cases import find
from services.credit.use_cases.appraise_application import appraise_application
from services.credit.use_cases.change_application import change_application
from services.credit.use_cases.disburse_loan import approval_of, disburse_loan, offered_terms
from services.credit.use_cases.meet_conditions import evidence_of, meet_condition, show_evidence
from services.credit.use_cases.submit_application import submit_application
from services.credit.use_cases.withdraw_application import withdraw_application
from shared import files
from shared.events.vocabulary import NEEDS
from shared.kernel import clock
from shared.web import Call, Download, Input, Output, Page, Query, Resource, fields

resource = Resource("applications", prefix="/applications", description="Applications for credit and their files.")
enterprises = Resource("enterprises", prefix="/enterprises", description="Whether an enterprise may be lent to.")
DISBURSERS = frozenset({"credit_officer", "cashier"})


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


class AppraisalIn(Input):
    visited_on = fields.Day(required=True)
    monthly_income = fields.MoneyField(required=True)
    monthly_expense = fields.MoneyField(required=True)
    monthly_debts = fields.MoneyField(required=True)
    recommendation = fields.Code(RECOMMENDATIONS, required=True)
    amount = fields.MoneyField(minimum=1, required=True)
    instalments = fields.Integer(minimum=1, maximum=LONGEST, required=True)
    grace = fields.Integer(minimum=0, maximum=LONGEST, load_default=0)
    guarantees = fields.String(minimum=0, maximum=2000, load_default="")
    remarks = fields.String(minimum=0, maximum=2000, load_default="")
    conditions = fields.String(minimum=0, maximum=2000, load_default="")
    assistance_needs = fields.List(fields.Code(NEEDS), maximum=len(NEEDS), load_default=list)


class VerificationIn(Input):
    note = fields.String(minimum=0, maximum=500, load_default="")


class DisbursementIn(Input):
    disbursed_on = fields.Day(required=True)
    first_due = fields.Day(load_default=None)


class ApplicationQuery(Query):
    state = fields.List(fields.Code(STATES), maximum=len(STATES), load_default=list)
    fund = fields.Id(load_default=None)
    enterprise = fields.Id(load_default=None)
    municipality = fields.String(maximum=6, pattern="[A-Z]{2}[0-9]{0,4}", load_default=None)
    number = fields.String(maximum=40, load_default=None)
    conditions = fields.Code(("open",), load_default=None)


class DayQuery(Query):
    disbursed_on = fields.Day(load_default=None)
    first_due = fields.Day(load_default=None)


class FundQuery(Query):
    fund = fields.Id(required=True)


class ApplicationRow(Output):
    id = fields.Id()
    number = fields.String()
    fund_id = fields.Id()
    fund = fields.String()
    enterprise_id = fields.Id()
    municipality = fields.String()
    chain = fields.String()
    product = fields.String()
    purpose = fields.Code(PURPOSES)
    amount = fields.MoneyField()
    approved_amount = fields.MoneyField()
    instalments = fields.Integer()
    grace = fields.Integer()
    state = fields.Code(STATES)
    submitted_on = fields.Day()
    submitted_by_name = fields.String()
    days_waiting = fields.Integer()
    version = fields.Integer()


class StageOut(Output):
    state = fields.Code(STATES)
    count = fields.Integer()
    amount = fields.MoneyField()


class AppraisalOut(CostOut):
    id = fields.Id()
    appraised_by_name = fields.String()
    appraised_on = fields.Day()
    visited_on = fields.Day()
    monthly_income = fields.MoneyField()
    monthly_expense = fields.MoneyField()
    monthly_debts = fields.MoneyField()
    monthly_surplus = fields.MoneyField()
    instalment = fields.MoneyField()
    share_of_surplus = fields.Integer(allow_none=True)
    enough = fields.Boolean()
    recommendation = fields.Code(RECOMMENDATIONS)
    amount = fields.MoneyField()
    instalments = fields.Integer()
    grace = fields.Integer()
    guarantees = fields.String()
    remarks = fields.String()
    conditions = fields.String()
    assistance_needs = fields.List(fields.Code(NEEDS))


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
    reason_code = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    expires_on = fields.Day(allow_none=True)


class ConditionOut(Output):
    id = fields.Id()
    position = fields.Integer()
    text = fields.String()
    due_on = fields.Day(allow_none=True)
    verifier = fields.Code(VERIFIERS)
    state = fields.Code(("open", "met"))
    note = fields.String()
    met_at = fields.Moment(allow_none=True)
    met_by_name = fields.String(allow_none=True)
    evidence = fields.Boolean()


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
    terms = fields.List(fields.Nested(ConditionOut))
    approved_until = fields.Day(allow_none=True)
    expired = fields.Boolean()


class ApprovalOut(Output):
    id = fields.Id()
    number = fields.String()
    fund_id = fields.Id()
    fund = fields.String()
    trustee = fields.String()
    enterprise_id = fields.Id()
    municipality = fields.String()
    purpose = fields.Code(PURPOSES)
    state = fields.Code(STATES)
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
    suspended = fields.Boolean()


class EligibilityOut(Output):
    enterprise_id = fields.Id()
    municipality = fields.String()
    chain = fields.String()
    eligible = fields.Boolean()
    failed_rules = fields.List(fields.String())


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
    return queries.detail(call.session, find.application(call.session, call.caller, application_id))


@resource.patch("/<uuid:application_id>", body=ChangeIn, returns=ApplicationOut, allow=STAFF)
def change_application_(call: Call, body: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """Correct an application that nobody has appraised yet."""
    application = change_application(
        call.session, call.caller, application_id=application_id, if_match=call.if_match or 0, **body
    )
    call.session.flush()
    return queries.detail(call.session, application)


@resource.post(
    "/<uuid:application_id>/appraisals",
    body=AppraisalIn,
    returns=ApplicationOut,
    allow={"technician", "credit_officer"},
)
def appraise_application_(call: Call, body: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """Put an appraisal into the file."""
    application = appraise_application(call.session, call.caller, application_id=application_id, **body)
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
    application = find.application(call.session, call.caller, application_id)
    terms = offered_terms(
        call.session,
        call.caller,
        application_id=application_id,
        disbursed_on=call.query["disbursed_on"] or clock.today(),
        first_due=call.query["first_due"],
    )
    return funds.offer(terms, find.fund(call.session, call.caller, application.fund_id).currency)


@resource.get("/<uuid:application_id>/approval", returns=ApprovalOut, allow=DISBURSERS | OVERSIGHT)
def show_approval_(call: Call, application_id: UUID) -> dict[str, Any]:
    """What the committee approved, for who pays it out."""
    application = find.application(call.session, call.caller, application_id)
    application.require_approved()
    return queries.approval(call.session, application, approval_of(call.session, application))


@resource.post(
    "/<uuid:application_id>/disbursement", body=DisbursementIn, returns=LoanOut, idempotent=True, allow=DISBURSERS
)
def disburse_loan_(call: Call, body: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """Pay an approved application out; it becomes a loan."""
    context: Context = call.context
    loan = disburse_loan(
        call.session,
        call.caller,
        application_id=application_id,
        names=context.directory.borrower,
        public_url=context.public_url,
        **body,
    )
    return loans.detail(call.session, call.caller, loan)


@resource.post(
    "/<uuid:application_id>/conditions/<uuid:condition_id>/evidence",
    upload=LARGEST_FILE,
    returns=ConditionOut,
    allow=STAFF,
)
def show_evidence_(call: Call, application_id: UUID, condition_id: UUID) -> dict[str, Any]:
    """Keep the paper that shows that a condition is met: a PDF or a picture."""
    assert call.upload is not None
    done = show_evidence(
        call.session,
        call.caller,
        application_id=application_id,
        condition_id=condition_id,
        name=call.upload.name,
        content=call.upload.content,
    )
    return queries.condition(done)


@resource.get(
    "/<uuid:application_id>/conditions/<uuid:condition_id>/evidence", download=True, allow=FILE_READERS | DISBURSERS
)
def download_evidence_(call: Call, application_id: UUID, condition_id: UUID) -> Download:
    """The paper that shows that a condition is met."""
    found = evidence_of(call.session, find.application(call.session, call.caller, application_id), condition_id)
    file = files.find(call.session, found)
    return Download(files.read(call.session, file.id), file.name, file.media_type, inline=True)


@resource.post(
    "/<uuid:application_id>/conditions/<uuid:condition_id>/verification",
    body=VerificationIn,
    returns=ConditionOut,
    allow=STAFF,
)
def meet_condition_(call: Call, body: dict[str, Any], application_id: UUID, condition_id: UUID) -> dict[str, Any]:
    """Say that a condition is met, as who was asked to look."""
    done = meet_condition(call.session, call.caller, application_id=application_id, condition_id=condition_id, **body)
    return queries.condition(done)


@enterprises.get("/<uuid:enterprise_id>/eligibility", query=FundQuery, returns=EligibilityOut, allow=READERS)
def show_eligibility_(call: Call, enterprise_id: UUID) -> dict[str, Any]:
    """Whether a fund may lend to an enterprise today, each rule that fails named."""
    fund = find.fund(call.session, call.caller, call.query["fund"])
    return queries.eligibility(call.session, fund, find.enterprise(call.session, call.caller, enterprise_id))

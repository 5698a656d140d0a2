"""Seed capital: what a fund gives, the parts an appraisal proposes, awards and what comes of them."""

from typing import Any
from uuid import UUID

from services.credit.api import DISBURSERS, FILE_READERS, READERS, STAFF, Context
from services.credit.api.funds import BOOKS
from services.credit.api.loans import EVIDENCE_READERS, TILL, evidence_file
from services.credit.queries import seed as queries
from services.credit.rules.seed import MOST_PARTS
from services.credit.use_cases import find
from services.credit.use_cases.award_seed import award_seed, pay_part
from services.credit.use_cases.follow_award import (
    close_award,
    evidence_of,
    lapse_award,
    post_return,
    report_award,
    show_part,
    verify_part,
)
from services.credit.use_cases.gather_evidence import gather_award_evidence
from services.credit.use_cases.propose_milestones import propose_milestones
from shared import files
from shared.kernel import CURRENCIES, NotFound
from shared.papers import LARGEST_FILE
from shared.web import Call, Download, Input, Output, Page, Query, Resource, fields

resource = Resource("seed-awards", prefix="/seed-awards", description="Awards of seed capital, paid part by part.")
plans = Resource("seed-plans", prefix="/applications", description="The parts in which seed capital is to be paid.")
products = Resource("seed-products", prefix="/funds", description="What a fund of seed capital gives.")
KINDS = ("grant", "contribution")
STATES = ("active", "closed")
KEEPERS = frozenset({"coordinator", "credit_officer"})
VIEWERS = FILE_READERS | BOOKS


class SeedMilestoneIn(Input):
    text = fields.String(maximum=300, required=True)
    evidence = fields.String(maximum=300, required=True)
    amount = fields.MoneyField(minimum=1, required=True)
    due_on = fields.Day(required=True)


class SeedPlanIn(Input):
    own_contribution = fields.MoneyField(required=True)
    milestones = fields.List(fields.Nested(SeedMilestoneIn), minimum=1, maximum=MOST_PARTS, required=True)


class SeedPaymentIn(Input):
    paid_on = fields.Day(required=True)


class SeedNoteIn(Input):
    note = fields.String(minimum=0, maximum=500, load_default="")


class SeedLapseIn(Input):
    reason = fields.String(maximum=500, required=True)


class SeedReturnIn(Input):
    amount = fields.MoneyField(minimum=1, required=True)
    paid_on = fields.Day(required=True)
    channel = fields.Code(TILL, required=True)


class AwardQuery(Query):
    fund = fields.Id(load_default=None)
    state = fields.Code(STATES, load_default=None)


class SeedProductOut(Output):
    code = fields.String()
    name = fields.String()
    kind = fields.Code(KINDS)
    minimum = fields.MoneyField()
    maximum = fields.MoneyField()
    own_share = fields.String()
    parts = fields.Integer()
    largest_first = fields.String()
    return_months = fields.Integer()


class SeedMilestoneOut(Output):
    id = fields.Id()
    position = fields.Integer()
    text = fields.String()
    evidence = fields.String()
    amount = fields.MoneyField()
    due_on = fields.Day()
    state = fields.Code(("open", "shown", "verified", "lapsed"))
    shown = fields.Boolean()
    note = fields.String()
    verified_at = fields.Moment(allow_none=True)
    verified_by_name = fields.String(allow_none=True)
    paid_on = fields.Day(allow_none=True)


class AwardOfApplication(Output):
    id = fields.Id()
    number = fields.String()


class SeedPlanOut(Output):
    application_id = fields.Id()
    currency = fields.Code(CURRENCIES)
    product = fields.Nested(SeedProductOut)
    own_contribution = fields.MoneyField(allow_none=True)
    proposed_by_name = fields.String(allow_none=True)
    milestones = fields.List(fields.Nested(SeedMilestoneOut))
    award = fields.Nested(AwardOfApplication, allow_none=True)


class SeedReturnOut(Output):
    id = fields.Id()
    number = fields.String()
    amount = fields.MoneyField()
    channel = fields.Code(TILL)
    paid_on = fields.Day()
    posted_by_name = fields.String()


class AwardRow(Output):
    id = fields.Id()
    number = fields.String()
    fund_id = fields.Id()
    fund = fields.String()
    application_id = fields.Id(allow_none=True)
    enterprise_id = fields.Id()
    municipality = fields.String()
    kind = fields.Code(KINDS)
    state = fields.Code(STATES)
    amount = fields.MoneyField()
    paid = fields.MoneyField()
    awarded_on = fields.Day()
    return_by = fields.Day(allow_none=True)
    next_due = fields.Day(allow_none=True)
    late = fields.Boolean()
    closed_on = fields.Day(allow_none=True)
    version = fields.Integer()


class AwardOut(AwardRow):
    fund_name = fields.String()
    application = fields.String()
    own_contribution = fields.MoneyField()
    to_come_back = fields.MoneyField()
    awarded_by_name = fields.String()
    reported = fields.Boolean()
    closed_by_name = fields.String(allow_none=True)
    milestones = fields.List(fields.Nested(SeedMilestoneOut))
    returns = fields.List(fields.Nested(SeedReturnOut))


@products.get("/<uuid:fund_id>/seed-products", returns=SeedProductOut, allow=READERS)
def list_seed_products_(call: Call, fund_id: UUID) -> list[dict[str, Any]]:
    """What a fund of seed capital gives today."""
    return queries.products(call.session, find.fund(call.session, call.caller, fund_id))


@plans.get("/<uuid:application_id>/milestones", returns=SeedPlanOut, allow=FILE_READERS | DISBURSERS)
def show_milestones_(call: Call, application_id: UUID) -> dict[str, Any]:
    """The parts that the last appraisal proposes, and the award once there is one."""
    return queries.plan(call.session, find.application_to_read(call.session, call.caller, application_id))


@plans.post(
    "/<uuid:application_id>/milestones", body=SeedPlanIn, returns=SeedPlanOut, allow={"technician", "credit_officer"}
)
def propose_milestones_(call: Call, body: dict[str, Any], application_id: UUID) -> dict[str, Any]:
    """Propose the parts, as who appraised; they take the place of those proposed before."""
    propose_milestones(call.session, call.caller, application_id=application_id, **body)
    return queries.plan(call.session, find.application(call.session, call.caller, application_id))


@plans.post("/<uuid:application_id>/award", returns=AwardOut, idempotent=True, allow=DISBURSERS)
def award_seed_(call: Call, application_id: UUID) -> dict[str, Any]:
    """Award approved seed capital: the agreement is made, the parts are paid one by one."""
    context: Context = call.context
    award = award_seed(
        call.session,
        call.caller,
        application_id=application_id,
        names=context.directory.borrower,
        public_url=context.public_url,
    )
    return queries.detail(call.session, call.caller, award)


@resource.get(query=AwardQuery, returns=AwardRow, paged=True, allow=READERS)
def list_awards_(call: Call) -> Page:
    """The awards of the caller's territory, newest first."""
    return queries.listed(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/<uuid:award_id>", returns=AwardOut, allow=VIEWERS)
def show_award_(call: Call, award_id: UUID) -> dict[str, Any]:
    """One award with its parts."""
    return queries.detail(call.session, call.caller, find.seed_award(call.session, call.caller, award_id))


@resource.get("/<uuid:award_id>/agreement", download=True, allow=KEEPERS | DISBURSERS)
def download_agreement_(call: Call, award_id: UUID) -> Download:
    """The agreement as it was signed."""
    award = find.seed_award(call.session, call.caller, award_id)
    content = files.read(call.session, award.agreement_file_id)
    return Download(content, f"{award.number}.pdf", "application/pdf", inline=True)


@resource.get("/<uuid:award_id>/evidence", download=True, allow=EVIDENCE_READERS)
def gather_award_evidence_(call: Call, award_id: UUID) -> Download:
    """Everything that is kept of an award in one signed zip, as the caller may see it."""
    context: Context = call.context
    content = gather_award_evidence(
        call.session, call.caller, award_id=award_id, names=context.directory.borrower, language=call.language
    )
    return evidence_file(content, find.seed_award(call.session, call.caller, award_id).number)


@resource.post(
    "/<uuid:award_id>/milestones/<uuid:milestone_id>/payment",
    body=SeedPaymentIn,
    returns=AwardOut,
    idempotent=True,
    allow=DISBURSERS,
)
def pay_part_(call: Call, body: dict[str, Any], award_id: UUID, milestone_id: UUID) -> dict[str, Any]:
    """Pay the next part out."""
    pay_part(call.session, call.caller, award_id=award_id, milestone_id=milestone_id, **body)
    return queries.detail(call.session, call.caller, find.seed_award(call.session, call.caller, award_id))


@resource.post(
    "/<uuid:award_id>/milestones/<uuid:milestone_id>/evidence", upload=LARGEST_FILE, returns=AwardOut, allow=STAFF
)
def show_part_(call: Call, award_id: UUID, milestone_id: UUID) -> dict[str, Any]:
    """Keep the paper that shows a part: a PDF or a picture."""
    assert call.upload is not None
    show_part(
        call.session,
        call.caller,
        award_id=award_id,
        milestone_id=milestone_id,
        name=call.upload.name,
        content=call.upload.content,
    )
    return queries.detail(call.session, call.caller, find.seed_award(call.session, call.caller, award_id))


@resource.get(
    "/<uuid:award_id>/milestones/<uuid:milestone_id>/evidence", download=True, allow=FILE_READERS | DISBURSERS
)
def download_part_(call: Call, award_id: UUID, milestone_id: UUID) -> Download:
    """The paper that shows a part."""
    award = find.seed_award(call.session, call.caller, award_id)
    return _file(call, evidence_of(award, milestone_id))


@resource.post(
    "/<uuid:award_id>/milestones/<uuid:milestone_id>/verification", body=SeedNoteIn, returns=AwardOut, allow=STAFF
)
def verify_part_(call: Call, body: dict[str, Any], award_id: UUID, milestone_id: UUID) -> dict[str, Any]:
    """Say that a part is done, as somebody else than who showed it."""
    verify_part(call.session, call.caller, award_id=award_id, milestone_id=milestone_id, **body)
    return queries.detail(call.session, call.caller, find.seed_award(call.session, call.caller, award_id))


@resource.post("/<uuid:award_id>/lapse", body=SeedLapseIn, returns=AwardOut, status=200, if_match=True, allow=KEEPERS)
def lapse_award_(call: Call, body: dict[str, Any], award_id: UUID) -> dict[str, Any]:
    """Let what was not shown in time lapse; what is not paid is free again."""
    award = lapse_award(call.session, call.caller, award_id=award_id, if_match=call.if_match or 0, **body)
    return queries.detail(call.session, call.caller, award)


@resource.post("/<uuid:award_id>/report", upload=LARGEST_FILE, returns=AwardOut, allow=STAFF)
def report_award_(call: Call, award_id: UUID) -> dict[str, Any]:
    """Keep the final report of what the money was used for: a PDF or a picture."""
    assert call.upload is not None
    award = report_award(
        call.session, call.caller, award_id=award_id, name=call.upload.name, content=call.upload.content
    )
    return queries.detail(call.session, call.caller, award)


@resource.get("/<uuid:award_id>/report", download=True, allow=FILE_READERS | DISBURSERS)
def download_report_(call: Call, award_id: UUID) -> Download:
    """The final report."""
    award = find.seed_award(call.session, call.caller, award_id)
    if award.report_file_id is None:
        raise NotFound("seed.no_report", number=award.number)
    return _file(call, award.report_file_id)


@resource.post("/<uuid:award_id>/closing", returns=AwardOut, status=200, if_match=True, allow=KEEPERS)
def close_award_(call: Call, award_id: UUID) -> dict[str, Any]:
    """Close an award of which all is shown or lapsed, reported and back."""
    award = close_award(call.session, call.caller, award_id=award_id, if_match=call.if_match or 0)
    return queries.detail(call.session, call.caller, award)


@resource.post(
    "/<uuid:award_id>/returns",
    body=SeedReturnIn,
    returns=AwardOut,
    idempotent=True,
    allow={"cashier", "credit_officer"},
)
def post_return_(call: Call, body: dict[str, Any], award_id: UUID) -> dict[str, Any]:
    """Post what came back of a contribution."""
    post_return(call.session, call.caller, award_id=award_id, **body)
    return queries.detail(call.session, call.caller, find.seed_award(call.session, call.caller, award_id))


def _file(call: Call, file_id: UUID) -> Download:
    file = files.find(call.session, file_id)
    return Download(files.read(call.session, file.id), file.name, file.media_type, inline=True)

"""What the Trust Fund Committee sees and does: compliance month by month, observations, the suspension of lending."""

from datetime import date
from typing import Any
from uuid import UUID

from services.credit.api import OVERSIGHT, Context
from services.credit.queries import oversight as queries
from services.credit.queries.compliance import CHECKS, STATES, report
from services.credit.use_cases import find
from services.credit.use_cases.govern_lending import answer_observation, observe, resume_lending, suspend_lending
from services.credit.use_cases.issue_compliance import read_compliance, translate_compliance
from services.credit.use_cases.print_paper import print_compliance
from shared.kernel import clock
from shared.web import Call, Download, Input, Output, Query, Resource, fields

resource = Resource("oversight", prefix="/funds", description="What the Trust Fund Committee sees and does.")
reports = Resource("compliance_reports", prefix="/compliance-reports", description="Monthly reports as issued.")
WATCHERS = OVERSIGHT | {"trust_fund_member", "coordinator"}
_RULES = tuple(check.code for check in CHECKS)


class ReasonIn(Input):
    reason = fields.String(maximum=500, required=True)


class ObservationIn(Input):
    month = fields.Day(required=True)
    rule = fields.Code(_RULES, load_default=None, allow_none=True)
    text = fields.String(maximum=1000, required=True)


class AnswerIn(Input):
    answer = fields.String(maximum=1000, required=True)


class MonthQuery(Query):
    month = fields.Day(load_default=None)


class ReportsQuery(Query):
    unread = fields.Boolean(load_default=False)


class ReportOut(Output):
    id = fields.Id()
    fund_id = fields.Id()
    fund = fields.String()
    month = fields.Day()
    number = fields.String()
    hash = fields.String()
    broken = fields.Integer()
    attempts = fields.Integer()
    issued_at = fields.Moment()
    read_at = fields.Moment(allow_none=True)


class SuspensionOut(Output):
    id = fields.Id()
    reason = fields.String()
    suspended_at = fields.Moment()
    suspended_by_name = fields.String()
    resumed_at = fields.Moment(allow_none=True)
    resumed_by_name = fields.String(allow_none=True)
    resumed_reason = fields.String()


class ObservationOut(Output):
    id = fields.Id()
    month = fields.Day()
    rule = fields.String(allow_none=True)
    text = fields.String()
    made_at = fields.Moment()
    made_by_name = fields.String()
    answer = fields.String()
    answered_at = fields.Moment(allow_none=True)
    answered_by_name = fields.String(allow_none=True)


class Finding(Output):
    record = fields.String()
    what = fields.String()


class CheckOut(Output):
    rule = fields.Code(_RULES)
    state = fields.Code(STATES)
    examined = fields.Integer()
    source = fields.String()
    note = fields.String()
    findings = fields.List(fields.Nested(Finding))


class Attempt(Output):
    code = fields.String()
    subject = fields.String()
    record = fields.String()
    times = fields.Integer()
    first_at = fields.Moment()
    last_at = fields.Moment()


class Share(Output):
    kind = fields.Code(("borrower", "chain", "municipality"))
    of = fields.String()
    outstanding = fields.MoneyField()
    percent = fields.String()


class ComplianceOut(Output):
    fund_id = fields.Id()
    month = fields.Day()
    until = fields.Day()
    edition = fields.String()
    checks = fields.List(fields.Nested(CheckOut))
    attempts = fields.List(fields.Nested(Attempt))
    concentration = fields.List(fields.Nested(Share))
    observations = fields.List(fields.Nested(ObservationOut))
    suspensions = fields.List(fields.Nested(SuspensionOut))
    suspended = fields.Boolean()


@resource.get("/<uuid:fund_id>/compliance", query=MonthQuery, returns=ComplianceOut, allow=WATCHERS)
def show_compliance_(call: Call, fund_id: UUID) -> dict[str, Any]:
    """Each rule of the regulations against what happened in a month (this one, unless given)."""
    fund = find.fund(call.session, call.caller, fund_id)
    fund.require_whole(call.caller)
    month = _month(call.query["month"])
    return {
        **report(call.session, fund, month),
        "observations": queries.observations(call.session, fund, month),
        "suspensions": queries.suspensions(call.session, fund),
        "suspended": queries.suspended(call.session, fund),
    }


@resource.get("/<uuid:fund_id>/compliance/pdf", query=MonthQuery, download=True, writes=True, allow=WATCHERS)
def print_compliance_(call: Call, fund_id: UUID) -> Download:
    """The same as a PDF that can be verified."""
    context: Context = call.context
    month = _month(call.query["month"])
    content = print_compliance(
        call.session,
        call.caller,
        fund_id=fund_id,
        month=month,
        language=call.language,
        public_url=context.public_url,
    )
    return Download(content, f"compliance-{month:%Y-%m}.pdf", "application/pdf", inline=True)


@resource.post("/<uuid:fund_id>/observations", body=ObservationIn, returns=ObservationOut, allow={"trust_fund_member"})
def observe_(call: Call, body: dict[str, Any], fund_id: UUID) -> Any:
    """Observe something; it must be answered."""
    return observe(call.session, call.caller, fund_id=fund_id, **body)


@resource.post(
    "/<uuid:fund_id>/observations/<uuid:observation_id>/answer",
    body=AnswerIn,
    returns=ObservationOut,
    allow={"coordinator"},
)
def answer_observation_(call: Call, body: dict[str, Any], fund_id: UUID, observation_id: UUID) -> Any:
    """Answer an observation, once."""
    return answer_observation(call.session, call.caller, fund_id=fund_id, observation_id=observation_id, **body)


@resource.post("/<uuid:fund_id>/suspension", body=ReasonIn, returns=SuspensionOut, allow={"trust_fund_member"})
def suspend_lending_(call: Call, body: dict[str, Any], fund_id: UUID) -> Any:
    """Suspend the lending of a fund: nothing is approved and nothing paid out."""
    return suspend_lending(call.session, call.caller, fund_id=fund_id, **body)


@resource.post(
    "/<uuid:fund_id>/resumption", body=ReasonIn, returns=SuspensionOut, status=200, allow={"trust_fund_member"}
)
def resume_lending_(call: Call, body: dict[str, Any], fund_id: UUID) -> Any:
    """Let the fund lend again."""
    return resume_lending(call.session, call.caller, fund_id=fund_id, **body)


@reports.get(query=ReportsQuery, returns=ReportOut, allow=WATCHERS)
def list_reports_(call: Call) -> list[dict[str, Any]]:
    """The monthly reports that were issued, newest first; if asked, only those the caller has not opened."""
    return queries.reports(call.session, call.caller, unread=call.query["unread"])


@reports.get("/<uuid:report_id>/pdf", download=True, writes=True, allow=WATCHERS)
def read_report_(call: Call, report_id: UUID) -> Download:
    """A report as it was issued; that a member of the Trust Fund Committee opened it is noted."""
    found, content = read_compliance(call.session, call.caller, report_id=report_id)
    return Download(content, f"{found.number}.pdf", "application/pdf", inline=True)


@reports.get("/<uuid:report_id>/reading-copy", download=True, writes=True, allow=WATCHERS)
def copy_report_(call: Call, report_id: UUID) -> Download:
    """What a report says in English. It is a copy: on each page it names the Spanish original, which rules."""
    context: Context = call.context
    number, content = translate_compliance(
        call.session, call.caller, report_id=report_id, public_url=context.public_url
    )
    return Download(content, f"{number}-en.pdf", "application/pdf", inline=True)


def _month(day: date | None) -> date:
    """The first day of the month that a day lies in; of this one where none is given."""
    return (day or clock.today()).replace(day=1)

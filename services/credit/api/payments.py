"""Files of payments from banks and operators of mobile money: brought in, read, looked at line by line, posted."""

from typing import Any
from uuid import UUID

from services.credit.api import OVERSIGHT
from services.credit.api.loans import RepaymentOut
from services.credit.models import TrustFund
from services.credit.models.payments import SOURCES
from services.credit.queries import loans as loan_queries
from services.credit.queries import payments as queries
from services.credit.rules.payment_lines import VERDICTS, Layout
from services.credit.rules.statement_file import LONGEST, WIDEST
from services.credit.use_cases import find
from services.credit.use_cases.post_payments import JOB, assign_line
from services.credit.use_cases.receive_payments import (
    dismiss_line,
    read_payments,
    receive_payments,
    take_payments_back,
)
from services.credit.use_cases.receive_statement import LARGEST, Opened, opened_before
from shared import files, jobs
from shared.kernel import CURRENCIES
from shared.web import Call, Input, Output, Query, Resource, fields

resource = Resource("payments", prefix="/funds", description="Files of payments to the loans of a fund.")
KEEPERS = {"cashier", "credit_officer"}
PAYMENT_READERS = KEEPERS | OVERSIGHT | {"coordinator"}
"""Who reads what a file of payments says: it names who paid."""
_COLUMN: dict[str, Any] = {"maximum": WIDEST - 1, "allow_none": True, "load_default": None}


class SourceQuery(Query):
    source = fields.Code(tuple(SOURCES), required=True)


class PaymentLayoutIn(Input):
    begins = fields.Integer(maximum=LONGEST, required=True)
    day_first = fields.Boolean(required=True)
    date = fields.Integer(**_COLUMN)
    amount = fields.Integer(**_COLUMN)
    reference = fields.Integer(**_COLUMN)
    transaction = fields.Integer(**_COLUMN)
    payer = fields.Integer(**_COLUMN)
    charge = fields.Integer(**_COLUMN)
    currency = fields.Integer(**_COLUMN)


class PaymentAssignmentIn(Input):
    loan_id = fields.Id(required=True)


class PaymentDismissalIn(Input):
    reason = fields.String(required=True)


class PaymentLayoutOut(Output):
    titles = fields.List(fields.String())
    samples = fields.List(fields.List(fields.String()))
    begins = fields.Integer()
    day_first = fields.Boolean()
    date = fields.Integer(allow_none=True)
    amount = fields.Integer(allow_none=True)
    reference = fields.Integer(allow_none=True)
    transaction = fields.Integer(allow_none=True)
    payer = fields.Integer(allow_none=True)
    charge = fields.Integer(allow_none=True)
    currency = fields.Integer(allow_none=True)


class PaymentFileRow(Output):
    id = fields.Id()
    fund_id = fields.Id()
    fund = fields.String()
    currency = fields.Code(CURRENCIES)
    source = fields.Code(tuple(SOURCES))
    name = fields.String()
    state = fields.Code(("guessed", "read"))
    lines = fields.Integer()
    waiting = fields.Integer()
    posted = fields.Integer()
    dismissed = fields.Integer()
    repeated = fields.Integer()
    amount = fields.MoneyField()
    posted_amount = fields.MoneyField()
    uploaded_at = fields.Moment()
    uploaded_by_name = fields.String()


class PaymentLineOut(Output):
    id = fields.Id()
    file_id = fields.Id()
    source = fields.Code(tuple(SOURCES))
    row_number = fields.Integer()
    day = fields.Day()
    amount = fields.MoneyField()
    charge = fields.MoneyField()
    reference = fields.String()
    payer = fields.String()
    transaction = fields.String()
    state = fields.Code(queries.LINE_STATES)
    verdict = fields.Code(VERDICTS, allow_none=True)
    loan_id = fields.Id(allow_none=True)
    loan = fields.String(allow_none=True)
    repayment_id = fields.Id(allow_none=True)
    receipt = fields.String(allow_none=True)
    reason = fields.String()
    decided_by_name = fields.String(allow_none=True)


class PaymentFileOut(PaymentFileRow):
    layout = fields.Nested(PaymentLayoutOut)
    postable = fields.Integer()
    rows = fields.List(fields.Nested(PaymentLineOut))


class PostingOut(Output):
    file_id = fields.Id()
    job_id = fields.Id()


@resource.get("/<uuid:fund_id>/payment-files", returns=PaymentFileRow, allow=PAYMENT_READERS)
def list_payment_files_(call: Call, fund_id: UUID) -> list[dict[str, Any]]:
    """The files so far, newest first."""
    return queries.listed(call.session, _fund(call, fund_id))


def _open_upload(call: Call, fund_id: UUID) -> Opened:
    _fund(call, fund_id).require_whole(call.caller)
    assert call.upload is not None
    return opened_before(call.upload.content)


def _open_stored(call: Call, body: dict[str, Any], fund_id: UUID, file_id: UUID) -> Opened:
    del body
    fund = _fund(call, fund_id)
    fund.require_whole(call.caller)
    found = find.payment_file(call.session, fund, file_id)
    found.require_guessed()
    assert found.file_id is not None
    return opened_before(files.read(call.session, found.file_id))


@resource.post(
    "/<uuid:fund_id>/payment-files",
    query=SourceQuery,
    upload=LARGEST,
    returns=PaymentFileOut,
    before=_open_upload,
    allow=KEEPERS,
)
def receive_payments_(call: Call, fund_id: UUID) -> dict[str, Any]:
    """Bring a file in (CSV or XLSX): its columns are guessed, and nothing is posted."""
    file = call.upload
    assert file is not None
    row = receive_payments(
        call.session,
        call.caller,
        fund_id=fund_id,
        source=call.query["source"],
        name=file.name,
        content=file.content,
        media_type=file.media_type,
        rows_of=call.prepared,
    )
    return queries.told(call.session, call.caller, _fund(call, fund_id), row)


@resource.get("/<uuid:fund_id>/payment-files/<uuid:file_id>", returns=PaymentFileOut, allow=PAYMENT_READERS)
def show_payment_file_(call: Call, fund_id: UUID, file_id: UUID) -> dict[str, Any]:
    """One file: its columns, and of each line what became of it or what would become of it now."""
    fund = _fund(call, fund_id)
    return queries.told(call.session, call.caller, fund, find.payment_file(call.session, fund, file_id))


@resource.post(
    "/<uuid:fund_id>/payment-files/<uuid:file_id>/columns",
    body=PaymentLayoutIn,
    returns=PaymentFileOut,
    before=_open_stored,
    allow=KEEPERS,
)
def read_payments_(call: Call, body: dict[str, Any], fund_id: UUID, file_id: UUID) -> dict[str, Any]:
    """Say which column is what, for this file and the next ones, and have the lines kept."""
    row = read_payments(
        call.session, call.caller, fund_id=fund_id, file_id=file_id, layout=Layout(**body), rows_of=call.prepared
    )
    return queries.told(call.session, call.caller, _fund(call, fund_id), row)


@resource.delete("/<uuid:fund_id>/payment-files/<uuid:file_id>", if_match=False, allow=KEEPERS)
def take_payments_back_(call: Call, fund_id: UUID, file_id: UUID) -> None:
    """Take a file back, as long as none of its lines is posted or dismissed."""
    take_payments_back(call.session, call.caller, fund_id=fund_id, file_id=file_id)


@resource.post(
    "/<uuid:fund_id>/payment-files/<uuid:file_id>/posting",
    returns=PostingOut,
    status=202,
    idempotent=True,
    allow=KEEPERS,
)
def post_payments_(call: Call, fund_id: UUID, file_id: UUID) -> dict[str, Any]:
    """Ask that the lines be posted that name one loan which takes them; the worker does it, each line once."""
    fund = _fund(call, fund_id)
    row = find.payment_file(call.session, fund, file_id)
    job_id = jobs.enqueue(call.session, JOB, {"fund": str(fund.id), "file": str(row.id)}, call.caller)
    return {"file_id": row.id, "job_id": job_id}


@resource.get("/<uuid:fund_id>/payment-lines", returns=PaymentLineOut, allow=PAYMENT_READERS)
def list_waiting_lines_(call: Call, fund_id: UUID) -> list[dict[str, Any]]:
    """The lines of every file that wait for a hand, oldest first."""
    return queries.waiting(call.session, call.caller, _fund(call, fund_id))


@resource.get("/<uuid:fund_id>/payment-lines/<uuid:line_id>", returns=PaymentLineOut, allow=PAYMENT_READERS)
def show_line_(call: Call, fund_id: UUID, line_id: UUID) -> dict[str, Any]:
    """One line: what became of it, or what would become of it now."""
    fund = _fund(call, fund_id)
    row = find.payment_line(call.session, fund, line_id)
    return queries.lines_told(call.session, call.caller, fund, [row])[0]


@resource.post(
    "/<uuid:fund_id>/payment-lines/<uuid:line_id>/assignment",
    body=PaymentAssignmentIn,
    returns=RepaymentOut,
    idempotent=True,
    allow=KEEPERS,
)
def assign_line_(call: Call, body: dict[str, Any], fund_id: UUID, line_id: UUID) -> dict[str, Any]:
    """Post a line to the loan that it means."""
    row = assign_line(call.session, call.caller, fund_id=fund_id, line_id=line_id, loan_id=body["loan_id"])
    return loan_queries.repayment(find.loan(call.session, call.caller, row.loan_id), row)


@resource.post(
    "/<uuid:fund_id>/payment-lines/<uuid:line_id>/dismissal",
    body=PaymentDismissalIn,
    returns=PaymentLineOut,
    allow=KEEPERS,
)
def dismiss_line_(call: Call, body: dict[str, Any], fund_id: UUID, line_id: UUID) -> dict[str, Any]:
    """Say that a line pays no loan of the fund, and why."""
    row = dismiss_line(call.session, call.caller, fund_id=fund_id, line_id=line_id, reason=body["reason"])
    return queries.lines_told(call.session, call.caller, _fund(call, fund_id), [row])[0]


def _fund(call: Call, fund_id: UUID) -> TrustFund:
    """A fund of which the caller answers for the whole territory: a file tells payments from all of it."""
    fund = find.fund(call.session, call.caller, fund_id)
    fund.require_whole(call.caller)
    return fund

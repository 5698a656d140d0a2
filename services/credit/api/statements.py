"""Statements of the trustee: brought in, read, and reconciled with the books."""

from typing import Any
from uuid import UUID

from services.credit.api import OVERSIGHT
from services.credit.api.funding import RECORDERS
from services.credit.api.funds import JournalEntry
from services.credit.queries import funds as fund_queries
from services.credit.queries import statements as queries
from services.credit.rules.matching import WINDOW
from services.credit.rules.statement_file import LONGEST, WIDEST
from services.credit.rules.statements import Layout
from services.credit.use_cases import find
from services.credit.use_cases.book_bank_item import ITEMS
from services.credit.use_cases.receive_statement import (
    LARGEST,
    Opened,
    opened_before,
    read_statement,
    receive_statement,
    take_statement_back,
)
from services.credit.use_cases.reconcile_statement import book_line, confirm_matches, release_match
from shared import files
from shared.kernel import CURRENCIES
from shared.web import Call, Input, Output, Query, Resource, fields

resource = Resource("statements", prefix="/funds", description="Statements of the trustees, beside the books.")
STATEMENT_READERS = RECORDERS | OVERSIGHT | {"trust_fund_member"}
"""Who reads what a bank writes: it may name who paid."""
STATES = ("guessed", "read")


class ColumnsIn(Input):
    begins = fields.Integer(maximum=LONGEST, required=True)
    day_first = fields.Boolean(required=True)
    date = fields.Integer(maximum=WIDEST - 1, allow_none=True, load_default=None)
    description = fields.Integer(maximum=WIDEST - 1, allow_none=True, load_default=None)
    debit = fields.Integer(maximum=WIDEST - 1, allow_none=True, load_default=None)
    credit = fields.Integer(maximum=WIDEST - 1, allow_none=True, load_default=None)
    amount = fields.Integer(maximum=WIDEST - 1, allow_none=True, load_default=None)
    balance = fields.Integer(maximum=WIDEST - 1, allow_none=True, load_default=None)
    closing_balance = fields.MoneyField(minimum=-(10**15), allow_none=True, load_default=None)


class PairIn(Input):
    line_id = fields.Id(required=True)
    entry_id = fields.Id(required=True)


class MatchesIn(Input):
    pairs = fields.List(fields.Nested(PairIn), minimum=1, maximum=200, required=True)


class BookingIn(Input):
    item = fields.Code(tuple(ITEMS), required=True)


class WindowQuery(Query):
    window = fields.Integer(maximum=60, load_default=WINDOW)


class LayoutOut(Output):
    titles = fields.List(fields.String())
    samples = fields.List(fields.List(fields.String()))
    begins = fields.Integer()
    day_first = fields.Boolean()
    date = fields.Integer(allow_none=True)
    description = fields.Integer(allow_none=True)
    debit = fields.Integer(allow_none=True)
    credit = fields.Integer(allow_none=True)
    amount = fields.Integer(allow_none=True)
    balance = fields.Integer(allow_none=True)


class StatementRow(Output):
    id = fields.Id()
    fund_id = fields.Id()
    fund = fields.String()
    currency = fields.Code(CURRENCIES)
    name = fields.String()
    state = fields.Code(STATES)
    first_day = fields.Day(allow_none=True)
    last_day = fields.Day(allow_none=True)
    opening_balance = fields.MoneyField(allow_none=True)
    closing_balance = fields.MoneyField(allow_none=True)
    lines = fields.Integer()
    confirmed = fields.Integer()
    repeated = fields.Integer()
    uploaded_at = fields.Moment()


class StatementOut(StatementRow):
    layout = fields.Nested(LayoutOut)


class MovementOut(Output):
    id = fields.Id()
    number = fields.Integer()
    kind = fields.String()
    booked_on = fields.Day()
    memo = fields.String()
    amount = fields.MoneyField()


class LineOut(Output):
    id = fields.Id()
    position = fields.Integer()
    day = fields.Day()
    description = fields.String()
    amount = fields.MoneyField()
    balance = fields.MoneyField(allow_none=True)
    entry = fields.Nested(MovementOut, allow_none=True)
    suggested = fields.Id(allow_none=True)
    certain = fields.Boolean()
    candidates = fields.List(fields.Nested(MovementOut))


class ReconciliationOut(StatementOut):
    window = fields.Integer()
    closing = fields.MoneyField()
    book = fields.MoneyField()
    difference = fields.MoneyField()
    only_bank = fields.MoneyField()
    only_books = fields.MoneyField()
    unexplained = fields.MoneyField()
    rows = fields.List(fields.Nested(LineOut))
    entries = fields.List(fields.Nested(MovementOut))


@resource.get("/<uuid:fund_id>/statements", returns=StatementRow, allow=STATEMENT_READERS)
def list_statements_(call: Call, fund_id: UUID) -> list[dict[str, Any]]:
    """The statements of the trustee, newest first."""
    return queries.listed(call.session, find.fund(call.session, call.caller, fund_id))


def _open_upload(call: Call, fund_id: UUID) -> Opened:
    find.fund(call.session, call.caller, fund_id).require_whole(call.caller)
    assert call.upload is not None
    return opened_before(call.upload.content)


def _open_stored(call: Call, body: dict[str, Any], fund_id: UUID, statement_id: UUID) -> Opened:
    del body
    fund = find.fund(call.session, call.caller, fund_id)
    fund.require_whole(call.caller)
    statement = find.statement(call.session, fund, statement_id)
    statement.require_guessed()
    return opened_before(files.read(call.session, statement.file_id))


@resource.post("/<uuid:fund_id>/statements", upload=LARGEST, returns=StatementOut, before=_open_upload, allow=RECORDERS)
def receive_statement_(call: Call, fund_id: UUID) -> dict[str, Any]:
    """Bring a statement in (CSV or XLSX): its columns are guessed, and nothing counts before they are confirmed."""
    file = call.upload
    assert file is not None
    row = receive_statement(
        call.session,
        call.caller,
        fund_id=fund_id,
        name=file.name,
        content=file.content,
        media_type=file.media_type,
        rows_of=call.prepared,
    )
    return queries.told(find.fund(call.session, call.caller, fund_id), row)


@resource.get("/<uuid:fund_id>/statements/<uuid:statement_id>", returns=StatementOut, allow=STATEMENT_READERS)
def show_statement_(call: Call, fund_id: UUID, statement_id: UUID) -> dict[str, Any]:
    """One statement with what its columns are."""
    fund = find.fund(call.session, call.caller, fund_id)
    return queries.told(fund, find.statement(call.session, fund, statement_id))


@resource.post(
    "/<uuid:fund_id>/statements/<uuid:statement_id>/columns",
    body=ColumnsIn,
    returns=StatementOut,
    before=_open_stored,
    allow=RECORDERS,
)
def read_statement_(call: Call, body: dict[str, Any], fund_id: UUID, statement_id: UUID) -> dict[str, Any]:
    """Say which column is what, and have the lines kept."""
    closing = body.pop("closing_balance")
    row = read_statement(
        call.session,
        call.caller,
        fund_id=fund_id,
        statement_id=statement_id,
        layout=Layout(**body),
        closing_balance=closing,
        rows_of=call.prepared,
    )
    return queries.told(find.fund(call.session, call.caller, fund_id), row)


@resource.delete("/<uuid:fund_id>/statements/<uuid:statement_id>", if_match=False, allow=RECORDERS)
def take_statement_back_(call: Call, fund_id: UUID, statement_id: UUID) -> None:
    """Take a statement back, as long as none of its lines is confirmed."""
    take_statement_back(call.session, call.caller, fund_id=fund_id, statement_id=statement_id)


@resource.get(
    "/<uuid:fund_id>/statements/<uuid:statement_id>/reconciliation",
    query=WindowQuery,
    returns=ReconciliationOut,
    allow=STATEMENT_READERS,
)
def reconcile_(call: Call, fund_id: UUID, statement_id: UUID) -> dict[str, Any]:
    """The statement beside the books: pairs to confirm, and what only one of them knows."""
    return _beside(call, fund_id, statement_id, call.query["window"])


@resource.post(
    "/<uuid:fund_id>/statements/<uuid:statement_id>/matches",
    body=MatchesIn,
    returns=ReconciliationOut,
    allow=RECORDERS,
)
def confirm_matches_(call: Call, body: dict[str, Any], fund_id: UUID, statement_id: UUID) -> dict[str, Any]:
    """Confirm that lines are movements of the books: all of them or none."""
    pairs = [(pair["line_id"], pair["entry_id"]) for pair in body["pairs"]]
    confirm_matches(call.session, call.caller, fund_id=fund_id, statement_id=statement_id, pairs=pairs)
    return _beside(call, fund_id, statement_id, WINDOW)


@resource.delete(
    "/<uuid:fund_id>/statements/<uuid:statement_id>/matches/<uuid:line_id>",
    if_match=False,
    returns=ReconciliationOut,
    allow=RECORDERS,
)
def release_match_(call: Call, fund_id: UUID, statement_id: UUID, line_id: UUID) -> dict[str, Any]:
    """Undo the confirmation of a line."""
    release_match(call.session, call.caller, fund_id=fund_id, statement_id=statement_id, line_id=line_id)
    return _beside(call, fund_id, statement_id, WINDOW)


@resource.post(
    "/<uuid:fund_id>/statements/<uuid:statement_id>/lines/<uuid:line_id>/booking",
    body=BookingIn,
    returns=JournalEntry,
    idempotent=True,
    allow=RECORDERS,
)
def book_line_(call: Call, body: dict[str, Any], fund_id: UUID, statement_id: UUID, line_id: UUID) -> dict[str, Any]:
    """Book a charge or interest that only the bank knew; its line is confirmed to be it."""
    entry = book_line(
        call.session, call.caller, fund_id=fund_id, statement_id=statement_id, line_id=line_id, item=body["item"]
    )
    return fund_queries.entry(call.session, find.fund(call.session, call.caller, fund_id), entry)


def _beside(call: Call, fund_id: UUID, statement_id: UUID, window: int) -> dict[str, Any]:
    fund = find.fund(call.session, call.caller, fund_id)
    row = find.statement(call.session, fund, statement_id)
    row.require_read()
    return queries.reconciliation(call.session, fund, row, window)

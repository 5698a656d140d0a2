"""Going after what is not paid: the agenda of a territory, and what was done about each loan."""

from typing import Any
from uuid import UUID

from services.credit.api import OVERSIGHT, STAFF, Context
from services.credit.api.loans import PDF
from services.credit.models.collection import ACTIONS, RESULTS
from services.credit.queries import collection as queries
from services.credit.rules.collection import NEXT_STEPS
from services.credit.use_cases import find
from services.credit.use_cases.note_collection import note_collection
from services.credit.use_cases.print_paper import print_reminder
from shared.kernel import CURRENCIES, clock
from shared.web import Call, Download, Input, Output, Query, Resource, fields

resource = Resource("collection", prefix="/collection", description="What is to be done about loans that are late.")
loans = Resource("loan_collection", prefix="/loans", description="What was done about one loan.")
COLLECTION_READERS = STAFF | OVERSIGHT
"""Who reads what was said at a borrower's door."""
PROMISES = ("open", "kept", "broken")


class AgendaQuery(Query):
    municipality = fields.String(maximum=6, pattern="[A-Z]{2}[0-9]{0,4}", load_default=None)
    fund = fields.Id(load_default=None)
    officer = fields.String(maximum=100, load_default=None)
    todo = fields.Code(NEXT_STEPS, load_default=None)
    state = fields.Code(queries.OWING, load_default=None)


class CollectionActionIn(Input):
    kind = fields.Code(ACTIONS, required=True)
    result = fields.Code(RESULTS, required=True)
    note = fields.String(minimum=0, maximum=1000, load_default="")
    done_on = fields.Day(required=True)
    promised_on = fields.Day(allow_none=True, load_default=None)
    promised_amount = fields.MoneyField(minimum=1, allow_none=True, load_default=None)
    next_on = fields.Day(allow_none=True, load_default=None)


class CollectionActionOut(Output):
    id = fields.Id()
    kind = fields.Code(ACTIONS)
    result = fields.Code(RESULTS)
    note = fields.String()
    done_on = fields.Day()
    promised_on = fields.Day(allow_none=True)
    promised_amount = fields.MoneyField(allow_none=True)
    promise = fields.Code(PROMISES, allow_none=True)
    next_on = fields.Day(allow_none=True)
    noted_at = fields.Moment()
    noted_by_name = fields.String()


class CollectionAgendaRow(Output):
    id = fields.Id()
    number = fields.String()
    enterprise_id = fields.Id()
    municipality = fields.String()
    currency = fields.Code(CURRENCIES)
    fund = fields.String()
    officer_name = fields.String()
    state = fields.Code(queries.OWING)
    principal = fields.MoneyField()
    owed = fields.MoneyField()
    overdue = fields.MoneyField()
    days_overdue = fields.Integer()
    oldest_due = fields.Day(allow_none=True)
    todo = fields.Code(NEXT_STEPS)
    last_kind = fields.Code(ACTIONS, allow_none=True)
    last_on = fields.Day(allow_none=True)
    next_on = fields.Day(allow_none=True)
    promise = fields.Code(PROMISES, allow_none=True)
    promised_on = fields.Day(allow_none=True)
    promised_amount = fields.MoneyField(allow_none=True)


class CollectionTodoOut(Output):
    todo = fields.Code(NEXT_STEPS)
    count = fields.Integer()


class CollectionAgendaOut(Output):
    day = fields.Day()
    count = fields.Integer()
    overdue = fields.List(fields.MoneyField())
    written_off = fields.List(fields.MoneyField())
    by_todo = fields.List(fields.Nested(CollectionTodoOut))
    rows = fields.List(fields.Nested(CollectionAgendaRow))


class CollectionOfficerOut(Output):
    id = fields.String()
    name = fields.String()


@resource.get("/agenda", query=AgendaQuery, returns=CollectionAgendaOut, allow=COLLECTION_READERS)
def show_agenda_(call: Call) -> dict[str, Any]:
    """The loans that are overdue today, written off or not, the most urgent first: at most 200 of them, and how many
    there are.
    """
    return queries.agenda(call.session, call.caller, call.query)


@resource.get("/officers", returns=CollectionOfficerOut, allow=COLLECTION_READERS)
def list_officers_(call: Call) -> list[dict[str, str]]:
    """Whose loans an agenda may be narrowed to."""
    return queries.officers(call.session, call.caller)


@loans.get("/<uuid:loan_id>/collection", returns=CollectionActionOut, allow=COLLECTION_READERS)
def list_actions_(call: Call, loan_id: UUID) -> list[dict[str, Any]]:
    """What was done about a loan, newest first, with what became of each promise."""
    return queries.actions_of(call.session, find.loan(call.session, call.caller, loan_id))


@loans.post("/<uuid:loan_id>/collection", body=CollectionActionIn, returns=CollectionActionOut, allow=STAFF)
def note_collection_(call: Call, body: dict[str, Any], loan_id: UUID) -> dict[str, Any]:
    """Note a visit, a call, a letter, a promise or a meeting with the guarantors."""
    row = note_collection(call.session, call.caller, loan_id=loan_id, **body)
    return queries.action(find.loan(call.session, call.caller, loan_id), row)


@loans.get("/<uuid:loan_id>/reminder", download=True, writes=True, allow=STAFF)
def print_reminder_(call: Call, loan_id: UUID) -> Download:
    """The letter that reminds of what is overdue, in Spanish; its hash is kept, to verify it by."""
    context: Context = call.context
    content = print_reminder(
        call.session,
        call.caller,
        loan_id=loan_id,
        names=context.directory.borrower,
        public_url=context.public_url,
    )
    number = find.loan(call.session, call.caller, loan_id).number
    return Download(content, f"{number}-recordatorio-{clock.today()}.pdf", PDF, inline=True)

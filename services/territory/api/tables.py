"""Tables on their way: denominators, and districts and villages."""

from typing import Any
from uuid import UUID

from services.territory.api.sent import FileOut, FileRow, file_shown, given, sent_file, upload_of
from services.territory.models import TableFile
from services.territory.models.tables import PURPOSES
from services.territory.queries import denominators as queries
from services.territory.reference import indicators
from services.territory.rules.access import TABLE_KEEPERS
from services.territory.use_cases import take_tables as use_cases
from shared.web import Call, Input, Page, Query, Resource, fields, keyset_page

resource = Resource("table-files", prefix="/table-files", description="Tables of denominators and units on their way.")


class TableQuery(Query):
    purpose = fields.Code(PURPOSES)


class ColumnsIn(Input):
    """What is fixed of how a table is read; the rest is guessed. Of denominators: `indicator`, `year`, the columns
    `unit`, `value`, `women`, `men`, `sex`, `age`, `ciiu`, `size`. Of units: the columns `code`, `name`, `level`,
    `parent`, `valid_from`, `valid_to`. Of both: `sheet`, and the `country` of codes that do not say it.
    """

    sheet = fields.String(maximum=100, load_default=None, allow_none=True)
    country = fields.Code(["GT", "HN", "SV"], load_default=None, allow_none=True)
    indicator = fields.Code(list(indicators()), load_default=None, allow_none=True)
    year = fields.String(maximum=4, pattern=r"(19|20)[0-9]{2}", load_default=None, allow_none=True)
    unit = fields.String(maximum=100, load_default=None, allow_none=True)
    value = fields.String(maximum=100, load_default=None, allow_none=True)
    women = fields.String(maximum=100, load_default=None, allow_none=True)
    men = fields.String(maximum=100, load_default=None, allow_none=True)
    sex = fields.String(maximum=100, load_default=None, allow_none=True)
    age = fields.String(maximum=100, load_default=None, allow_none=True)
    ciiu = fields.String(maximum=100, load_default=None, allow_none=True)
    size = fields.String(maximum=100, load_default=None, allow_none=True)
    code = fields.String(maximum=100, load_default=None, allow_none=True)
    name = fields.String(maximum=100, load_default=None, allow_none=True)
    level = fields.String(maximum=100, load_default=None, allow_none=True)
    parent = fields.String(maximum=100, load_default=None, allow_none=True)
    valid_from = fields.String(maximum=100, load_default=None, allow_none=True)
    valid_to = fields.String(maximum=100, load_default=None, allow_none=True)


class TableIn(ColumnsIn):
    purpose = fields.Code(PURPOSES, required=True)


class AboutIn(Input):
    """Of denominators, what is shown with them; of units nothing."""

    title_es = fields.String(maximum=200, load_default=None, allow_none=True)
    title_en = fields.String(maximum=200, load_default=None, allow_none=True)
    source = fields.String(maximum=200, load_default=None, allow_none=True)
    licence = fields.String(maximum=200, load_default=None, allow_none=True)


class TableRow(FileRow):
    purpose = fields.Code(PURPOSES)


class TableOut(FileOut):
    purpose = fields.Code(PURPOSES)


@resource.get(query=TableQuery, returns=TableRow, paged=True, scoped=False, allow=TABLE_KEEPERS)
def list_(call: Call) -> Page:
    """The tables that were sent, latest first."""
    statement, keys = queries.list_tables(call.query.get("purpose")), [queries.TABLE_ID]
    return keyset_page(call.session, statement, keys=keys, limit=call.limit, after=call.after, descending=True)


@resource.post(status=202, upload=True, body=TableIn, returns=TableOut, scoped=False, allow=TABLE_KEEPERS)
def receive(call: Call) -> dict[str, Any]:
    """Send a table (CSV, XLSX, JSON, Parquet); it is read in the background and changes nothing yet."""
    content, name, choice = upload_of(call)
    told = {"content": content, "name": name, "purpose": choice.pop("purpose"), "choice": choice}
    return _shown(call, use_cases.receive_table(call.session, call.caller, **told))


@resource.get("/<uuid:table_id>", returns=TableOut, scoped=False, allow=TABLE_KEEPERS)
def show(call: Call, table_id: UUID) -> dict[str, Any]:
    """How a table stands: its reading and quality report once it is read."""
    return _shown(call, file_shown(call, TableFile, table_id))


@resource.put("/<uuid:table_id>/columns", body=ColumnsIn, returns=TableOut, scoped=False, allow=TABLE_KEEPERS)
def choose(call: Call, table_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Have the table read again with another sheet or other columns."""
    found = use_cases.choose_columns(call.session, call.caller, table_id, choice=given(body), version=call.if_match)
    return _shown(call, found)


@resource.put(
    "/<uuid:table_id>/adoption", body=AboutIn, status=202, returns=TableOut, scoped=False, allow=TABLE_KEEPERS
)
def adopt(call: Call, table_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Use what the table says, once its report was looked at. Refused outside the caller's territory."""
    return _shown(call, use_cases.ask_adoption(call.session, call.caller, table_id, about=body, version=call.if_match))


def _shown(call: Call, found: TableFile) -> dict[str, Any]:
    return {**sent_file(call, found), "purpose": found.purpose}

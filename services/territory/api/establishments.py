"""The published table of establishments: by place, class and size, protected once and the same for everybody."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from services.territory.api import lists
from services.territory.composition import Composition
from services.territory.queries import establishments as queries
from services.territory.queries.maps import Speak
from services.territory.rules.access import READERS, TABLE_KEEPERS
from services.territory.use_cases.protect_establishments import make_table
from shared import places
from shared.spreadsheets import CSV, Sheet, as_csv
from shared.web import Call, Download, Output, Page, Query, Resource, fields, keyset_page

resource = Resource("establishments", prefix="/establishments", description="The published tables of establishments.")
CIIU = r"[A-Z]-?|[0-9]{2}|[0-9]{4}|all"
STATES = (queries.TOLD, queries.RANGE, queries.WITHHELD)
_MUCH = {"minimum": 0, "maximum": 10**12}


class EstablishmentTableOut(Output):
    """`made_at` is null while the table is being made; `lost`: how many cells there are, are withheld, for their own
    sake (`primary`) or with others (`secondary`), and how many of them are told as a range (`ranged`).
    """

    id = fields.Id()
    country = fields.Code(["GT", "HN", "SV"])
    year = fields.Integer()
    title_es = fields.String()
    title_en = fields.String()
    source = fields.String()
    licence = fields.String()
    made_at = fields.Moment(allow_none=True)
    criteria_from = fields.Day(allow_none=True)
    lost = fields.Anything(allow_none=True)
    job = fields.Anything(allow_none=True)


class SizeCellOut(Output):
    """`value` where it is told, `low` and `high` where a range is, none of them where it is withheld."""

    size = fields.Code(queries.SIZES)
    state = fields.Code(STATES)
    value = fields.Integer(**_MUCH, allow_none=True)
    low = fields.Integer(**_MUCH, allow_none=True)
    high = fields.Integer(**_MUCH, allow_none=True)


class EstablishmentRow(Output):
    """A class or a place with a cell for each size; `opens`: there are smaller ones inside."""

    code = fields.String()
    name = fields.String()
    opens = fields.Boolean()
    cells = fields.List(fields.Nested(SizeCellOut))


class ClassOut(Output):
    """A section, a division or a class, and the section that it is in (itself, where it is one)."""

    code = fields.String()
    name = fields.String()
    section = fields.String()


class EstablishmentView(EstablishmentTableOut):
    """The first row is the whole of the others; `places` and `classes` are those that may be asked for."""

    place = fields.String()
    ciiu = fields.String()
    by = fields.Code(queries.BY)
    places = fields.List(fields.String())
    classes = fields.List(fields.Nested(ClassOut))
    rows = fields.List(fields.Nested(EstablishmentRow))


class ViewQuery(Query):
    """A country, department or municipality; a section, division or class of CIIU Rev. 4; rows by which of them."""

    place = fields.String(maximum=6, pattern=places.UNIT)
    ciiu = fields.String(maximum=4, pattern=CIIU)
    by = fields.Code(queries.BY)


class ViewFileQuery(ViewQuery):
    format = fields.Code(lists.FORMATS, load_default="csv")


class CellsQuery(Query):
    place = fields.String(maximum=6, pattern=places.UNIT)
    ciiu = fields.String(maximum=4, pattern=CIIU)
    size = fields.Code(queries.SIZES)


class EstablishmentCellOut(SizeCellOut):
    place = fields.String()
    ciiu = fields.String()


@resource.get(returns=EstablishmentTableOut, paged=True, scoped=False, allow=READERS)
def list_(call: Call) -> Page:
    """The tables of the sets in force, latest first, and how each stands. They are of whole countries, for whoever
    reads the territory.
    """
    return queries.list_tables(call.session, limit=call.limit, after=call.after)


@resource.get("/<uuid:set_id>", query=ViewQuery, returns=EstablishmentView, scoped=False, allow=READERS)
def show(call: Call, set_id: UUID) -> dict[str, Any]:
    """The table of a place by class, or of a class by place, with its totals; the country by section unless more is
    asked. What is not in it counts nobody.
    """
    return queries.view(call.session, set_id, call.query, call.language)


@resource.get("/<uuid:set_id>/document", query=ViewFileQuery, download=True, scoped=False, allow=READERS)
def document(call: Call, set_id: UUID) -> Download:
    """The same rows as CSV or XLSX."""
    told = queries.view(call.session, set_id, call.query, call.language)
    context: Composition = call.context
    speak = context.words(call.language)
    words = ["code", f"by_{told['by']}", *(f"size_{size}" for size in queries.SIZES)]
    rows = [[row["code"], row["name"], *(_told(cell, speak) for cell in row["cells"])] for row in told["rows"]]
    file = speak("establishments.file")
    sheet = Sheet(file, [speak(f"establishments.{word}") for word in words], rows)
    return lists.sent(sheet, f"{file}-{told['place']}-{told['ciiu']}-{told['year']}", call.query["format"])


def _told(cell: Mapping[str, Any], speak: Speak) -> int | str:
    if cell["state"] == queries.RANGE:
        return speak("establishments.range", low=cell["low"], high=cell["high"])
    return speak("establishments.withheld") if cell["value"] is None else int(cell["value"])


@resource.get(
    "/<uuid:set_id>/cells", query=CellsQuery, returns=EstablishmentCellOut, paged=True, scoped=False, allow=READERS
)
def cells(call: Call, set_id: UUID) -> Page:
    """All cells that count somebody, one by one."""
    queries.made_table(call.session, set_id)
    statement = queries.cells_of(set_id, call.query)
    page = keyset_page(call.session, statement, keys=queries.KEYS, limit=call.limit, after=call.after)
    return Page([queries.with_state(row) for row in page.rows], page.next)


@resource.get("/<uuid:set_id>/cells/document", query=CellsQuery, download=True, scoped=False, allow=READERS)
def cells_document(call: Call, set_id: UUID) -> Download:
    """The same cells as CSV, of the whole table where nothing is named."""
    told = queries.made_table(call.session, set_id)
    rows = call.session.execute(queries.cells_of(set_id, call.query).order_by(*queries.KEYS)).mappings()
    heads = ("place", "name", "ciiu", "size", "state", "value", "low", "high", "year", "source")
    cells = map(queries.with_state, rows)
    lines = (
        [
            cell["place"],
            places.name_of(cell["place"]),
            *(cell[name] for name in heads[2:-2]),
            told["year"],
            told["source"],
        ]
        for cell in cells
    )
    return Download(as_csv(heads, lines), f"establishments-{told['country']}-{told['year']}.csv", CSV)


@resource.post("/<uuid:set_id>/making", returns=EstablishmentTableOut, status=202, allow=TABLE_KEEPERS)
def make(call: Call, set_id: UUID) -> dict[str, Any]:
    """Have a table made that is not there yet; what was made once stays as it is."""
    make_table(call.session, call.caller, set_id)
    return queries.table_of(call.session, set_id)

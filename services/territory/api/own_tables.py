"""Own tables and charts of published figures: what may be chosen, what it shows, kept for oneself or to be read."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from services.territory.api.lists import FORMATS as _OF_LISTS
from services.territory.api.map_schemas import CellOut, ColumnOut
from services.territory.composition import Composition
from services.territory.queries import own_tables as queries
from services.territory.queries import views
from services.territory.queries.own_table_figures import grid_of, selection_of
from services.territory.queries.own_table_words import Shown, shown
from services.territory.queries.report_subjects import MOST_UNITS
from services.territory.rules.access import READERS
from services.territory.rules.own_tables import AXES, CHARTS, ENTRIES, MEASURES, PER, Definition, narrowed, offered
from services.territory.use_cases.keep_own_table import change_table, keep_table, remove_table
from services.territory.use_cases.print_own_table import MEDIA_TYPES, printed_table
from services.territory.use_cases.publish_figures import ensure_published
from shared import i18n, places
from shared.kernel import CURRENCIES
from shared.web import Call, Download, Input, Output, Page, Query, Resource, fields

resource = Resource("own-tables", prefix="/own-tables", description="Own tables and charts of published figures.")
FORMS = (*_OF_LISTS, "svg", "png", "pdf")
_UNIT = fields.String(pattern=places.UNIT, maximum=6)


class ChoicesQuery(Query):
    """What was chosen so far."""

    measure = fields.Code(MEASURES)
    rows = fields.Code(AXES)
    columns = fields.Code(AXES)
    units = fields.List(_UNIT, minimum=1, maximum=MOST_UNITS)
    level = fields.Code(views.LEVELS)
    per = fields.Code(PER)
    currency = fields.Code(CURRENCIES)
    chart = fields.Code(CHARTS)
    chain = fields.Code(ENTRIES["chain"])
    link = fields.Code(ENTRIES["link"])
    need = fields.Code(ENTRIES["need"])
    validation = fields.Code(ENTRIES["validation"])
    formal = fields.Code(ENTRIES["formal"])
    home = fields.Code(ENTRIES["home"])
    training = fields.Code(ENTRIES["training"])
    outcome = fields.Code(ENTRIES["outcome"])
    loan_state = fields.Code(ENTRIES["loan_state"])


class DefinitionQuery(ChoicesQuery):
    """What the table is made of: `measure` of the places in `units` by `rows` and `columns`, of the named entries
    (`chain` to `loan_state`) only; `per` as a count, a share of the place's whole in per cent, or per 1,000 women,
    households, establishments. `level`, where places stand in rows or columns; `currency`, of amounts.
    """

    measure = fields.Code(MEASURES, required=True)
    rows = fields.Code(AXES, required=True)
    units = fields.List(_UNIT, minimum=1, maximum=MOST_UNITS, required=True)


class DocumentQuery(DefinitionQuery):
    format = fields.Code(FORMS)
    language = fields.Code(i18n.LANGUAGES)


class SavedDocumentQuery(Query):
    format = fields.Code(FORMS)
    language = fields.Code(i18n.LANGUAGES)


def _optional(codes: Any) -> Any:
    return fields.Code(codes, allow_none=True, load_default=None)


class DefinitionIn(Input):
    """What a table is made of; `GET /own-tables/choices` says what goes with what."""

    measure = fields.Code(MEASURES, required=True)
    rows = fields.Code(AXES, required=True)
    columns = _optional(AXES)
    units = fields.List(_UNIT, minimum=1, maximum=MOST_UNITS, required=True)
    level = _optional(views.LEVELS)
    per = fields.Code(PER, load_default=PER[0])
    currency = _optional(CURRENCIES)
    chart = fields.Code(CHARTS, load_default=CHARTS[0])
    chain = _optional(ENTRIES["chain"])
    link = _optional(ENTRIES["link"])
    need = _optional(ENTRIES["need"])
    validation = _optional(ENTRIES["validation"])
    formal = _optional(ENTRIES["formal"])
    home = _optional(ENTRIES["home"])
    training = _optional(ENTRIES["training"])
    outcome = _optional(ENTRIES["outcome"])
    loan_state = _optional(ENTRIES["loan_state"])


class OwnTableIn(Input):
    """`shared`: whoever reads published figures of all its places may read it by its address."""

    title = fields.String(maximum=120, pattern=r"[^/\\\x00-\x1f]+", required=True)
    definition = fields.Nested(DefinitionIn, required=True)
    shared = fields.Boolean(load_default=False)


class OwnTableOut(Output):
    """`definition` is null where it is of what publications do not hold any more."""

    id = fields.Id()
    version = fields.Integer()
    title = fields.String()
    definition = fields.Anything(allow_none=True)
    shared = fields.Boolean()
    mine = fields.Boolean()
    made_by_name = fields.String()
    made_at = fields.Moment()
    changed_at = fields.Moment()


class RestrictionOut(Output):
    name = fields.Code(list(ENTRIES))
    codes = fields.List(fields.String())


class ChoicesOut(Output):
    """`chosen`: what of it stands together, with the first choice where one is needed; the rest is what may be chosen
    beside it. `several`: whether a country, or several places, may be chosen; `levels`: whether by which places.
    """

    chosen = fields.Anything()
    measures = fields.List(fields.String())
    rows = fields.List(fields.String())
    columns = fields.List(fields.String())
    restrictions = fields.List(fields.Nested(RestrictionOut))
    per = fields.List(fields.String())
    charts = fields.List(fields.String())
    currencies = fields.List(fields.String())
    levels = fields.Boolean()
    several = fields.Boolean()


class OwnRowOut(Output):
    code = fields.String()
    name = fields.String()
    cells = fields.List(fields.Nested(CellOut))


class ShownOut(Output):
    """A table and its `drawing`, an SVG (empty where only a table is wanted). `below`: the published wholes, the first
    cell being their name; empty where publications tell none. The column `total` is the whole of each row.
    `published`: the month, YYYY-MM.
    """

    title = fields.String()
    head = fields.String()
    columns = fields.List(fields.Nested(ColumnOut))
    rows = fields.List(fields.Nested(OwnRowOut))
    below = fields.List(fields.Nested(CellOut))
    notes = fields.List(fields.String())
    published = fields.String()
    as_of = fields.Moment(allow_none=True)
    drawing = fields.String()


@resource.get("/choices", query=ChoicesQuery, returns=ChoicesOut, allow=READERS, scoped=False)
def choices(call: Call) -> dict[str, Any]:
    """What may be chosen beside what was: every combination stands in a table of the publications."""
    chosen = narrowed(call.query)
    only = [name for name in ENTRIES if name in chosen]
    offer = offered(chosen["measure"], chosen["rows"], chosen["columns"], only)
    return asdict(offer) | {
        "chosen": chosen,
        "measures": list(MEASURES),
        "columns": [axis for axis in offer.columns if axis],
        "restrictions": [{"name": name, "codes": list(ENTRIES[name])} for name in offer.only],
    }


@resource.get("/table", query=DefinitionQuery, returns=ShownOut, allow=READERS)
def table(call: Call) -> dict[str, Any]:
    """What a table that nobody keeps yet would show: the figures published this month, whoever asks."""
    return _told(shown_for(call, Definition.of(call.query)))


@resource.get("/table/document", query=DocumentQuery, download=True, allow=READERS)
def document(call: Call) -> Download:
    """The same to take away: CSV, XLSX, SVG, PNG or PDF, with title, date, source and notes."""
    return _document(call, Definition.of(call.query), None)


@resource.get(returns=OwnTableOut, paged=True, allow=READERS, scoped=False)
def list_(call: Call) -> Page:
    """The caller's tables, the latest first."""
    return queries.list_tables(call.session, call.caller, limit=call.limit, after=call.after)


@resource.post(body=OwnTableIn, returns=OwnTableOut, allow=READERS)
def keep(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Keep a table of the caller's own."""
    kept = keep_table(call.session, call.caller, **_asked(body))
    return queries.table_row(kept, call.caller)


@resource.get("/<uuid:table_id>", returns=OwnTableOut, allow=READERS, scoped=False)
def show(call: Call, table_id: UUID) -> dict[str, Any]:
    """What one of the caller's tables is made of, wherever it lies, or one that is shared and lies in her territory."""
    return queries.table_row(queries.readable(call.session, call.caller, table_id), call.caller)


@resource.get("/<uuid:table_id>/table", returns=ShownOut, allow=READERS)
def show_table(call: Call, table_id: UUID) -> dict[str, Any]:
    """What it shows now, read with the rights of whoever asks."""
    title, definition = _kept(call, table_id)
    return _told(shown_for(call, definition, title=title))


@resource.get("/<uuid:table_id>/table/document", query=SavedDocumentQuery, download=True, allow=READERS)
def saved_document(call: Call, table_id: UUID) -> Download:
    """The same to take away."""
    title, definition = _kept(call, table_id)
    return _document(call, definition, title)


@resource.put("/<uuid:table_id>", body=OwnTableIn, returns=OwnTableOut, if_match=True, allow=READERS)
def change(call: Call, table_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Change one of the caller's tables."""
    changed = change_table(call.session, call.caller, table_id, **_asked(body), version=call.if_match)
    return queries.table_row(changed, call.caller)


@resource.delete("/<uuid:table_id>", allow=READERS, scoped=False)
def remove(call: Call, table_id: UUID) -> None:
    """One of the caller's tables is no more; whoever has its address finds nothing."""
    remove_table(call.session, call.caller, table_id, version=call.if_match)


def _asked(body: dict[str, Any]) -> dict[str, Any]:
    return body | {"definition": Definition.of(body["definition"])}


def _kept(call: Call, table_id: UUID) -> tuple[str, Definition]:
    """Title and definition, in a reading of its own: the call's begins once the figures are published."""
    context: Composition = call.context
    with context.database.reading() as session:
        kept = queries.readable(session, call.caller, table_id)
        return kept.title, queries.definition_of(kept)


def shown_for(call: Call, definition: Definition, *, title: str | None = None, language: str | None = None) -> Shown:
    """What a table shows of the figures published this month, published now where they are not."""
    context: Composition = call.context
    selection = selection_of(call.caller, definition)
    ensure_published(context.database, call.caller, selection.departments)
    spoken = language or call.language
    return shown(grid_of(call.session, definition, selection), context.words(spoken), spoken, title=title)


def _told(made: Shown) -> dict[str, Any]:
    return {name: getattr(made, name) for name in ShownOut().fields if name != "drawing"} | {"drawing": made.drawing()}


def _document(call: Call, definition: Definition, title: str | None) -> Download:
    form, language = call.query.get("format", FORMS[0]), call.query.get("language") or call.language
    made = shown_for(call, definition, title=title, language=language)
    name = (title or f"{definition.measure}-{'-'.join(definition.units)}")[:60]
    return Download(printed_table(made, form, language=language), f"{name}.{form}", MEDIA_TYPES[form])

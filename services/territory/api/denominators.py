"""What figures are compared with, and the rates."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

from services.territory.api.places import UnitsQuery
from services.territory.api.seeing import view_of
from services.territory.models.tables import SET_STATES
from services.territory.queries import denominators as queries
from services.territory.queries import views
from services.territory.queries.map_figures import MEASURES, figure_of
from services.territory.reference import indicators
from services.territory.rules.access import READERS, TABLE_KEEPERS, sees_exact_figures
from services.territory.use_cases.adopt_tables import withdraw_denominators
from shared import places
from shared.spreadsheets import CSV, as_csv
from shared.web import Call, Download, Output, Page, Query, Resource, fields, keyset_page

resource = Resource("denominators", prefix="/denominators", description="What figures are compared with.")
rates = Resource("rates", prefix="/rates", description="Figures of units per so many of something.")
CIIU = r"[0-9]{1,4}"
SIZES = ("all", "micro", "small", "medium", "large", "unknown")


class SetQuery(Query):
    indicator = fields.Code(list(indicators()))
    state = fields.Code(SET_STATES)


class DenominatorSetRow(Output):
    id = fields.Id()
    indicator = fields.Code(list(indicators()))
    country = fields.Code(["GT", "HN", "SV"])
    title_es = fields.String()
    title_en = fields.String()
    source = fields.String()
    licence = fields.String()
    year = fields.Integer()
    level = fields.String()
    rows = fields.Integer()
    state = fields.Code(SET_STATES)
    adopted_by_name = fields.String()
    adopted_at = fields.Moment()
    ended_at = fields.Moment(allow_none=True)
    version = fields.Integer()


class DenominatorSetOut(DenominatorSetRow):
    report = fields.Anything()


@resource.get(query=SetQuery, returns=DenominatorSetRow, paged=True, scoped=False, allow=READERS)
def list_(call: Call) -> Page:
    """The sets, latest first. What they tell is public: of all countries, whoever reads."""
    statement = queries.list_sets(call.query.get("indicator"), (), call.query.get("state"))
    keys = [queries.SET_ID]
    return keyset_page(call.session, statement, keys=keys, limit=call.limit, after=call.after, descending=True)


@resource.get("/<uuid:set_id>", returns=DenominatorSetOut, scoped=False, allow=READERS)
def show(call: Call, set_id: UUID) -> dict[str, Any]:
    """A set with its quality report."""
    return queries.set_of(call.session, set_id)


class ValueOut(Output):
    """`all` stands where a value is not broken down; `low` and `high` are the interval that the source tells."""

    unit = fields.String()
    name = fields.String()
    sex = fields.String()
    age = fields.String()
    ciiu = fields.String()
    size = fields.String()
    value = fields.Number(minimum=0, maximum=1e12)
    low = fields.Number(minimum=-1e12, maximum=1e12, allow_none=True)
    high = fields.Number(minimum=-1e12, maximum=1e12, allow_none=True)


@resource.get("/<uuid:set_id>/values", query=UnitsQuery, returns=ValueOut, paged=True, scoped=False, allow=READERS)
def values(call: Call, set_id: UUID) -> Page:
    """The values of a set by unit, of all units or of those inside the ones asked for. Establishments by class and
    size are for who sees exact figures or keeps the tables; for others there is the published table.
    """
    _exact(call, set_id)
    statement = queries.values_of(set_id, call.query.get("unit") or ())
    page = keyset_page(call.session, statement, keys=queries.KEYS, limit=call.limit, after=call.after)
    return Page([{**row, "name": places.name_of(row["unit"])} for row in page.rows], page.next)


@resource.get("/<uuid:set_id>/document", query=UnitsQuery, download=True, scoped=False, allow=READERS)
def document(call: Call, set_id: UUID) -> Download:
    """The same values as CSV, with the source and the year."""
    told = _exact(call, set_id)
    rows = call.session.execute(queries.values_of(set_id, call.query.get("unit") or ()).order_by(*queries.KEYS))
    heads = ("unit", "name", "sex", "age", "ciiu", "size", "value", "low", "high", "year", "source")
    lines = ([row.unit, places.name_of(row.unit), *row[1:], told["year"], told["source"]] for row in rows)
    return Download(as_csv(heads, lines), f"{told['indicator']}-{told['country']}-{told['year']}.csv", CSV)


def _exact(call: Call, set_id: UUID) -> dict[str, Any]:
    told = queries.set_of(call.session, set_id)
    queries.require_exact(told, exact=sees_exact_figures(call.caller.roles) or call.caller.has(*TABLE_KEEPERS))
    return told


@resource.post(
    "/<uuid:set_id>/withdrawal", returns=DenominatorSetOut, if_match=True, status=200, scoped=False, allow=TABLE_KEEPERS
)
def withdraw(call: Call, set_id: UUID) -> dict[str, Any]:
    """Use a set no more: it was adopted by mistake, or is too old."""
    withdraw_denominators(call.session, call.caller, set_id, version=call.if_match)
    return queries.set_of(call.session, set_id)


class RateQuery(UnitsQuery):
    """Of a count: `per` 1000 of `sex` women, or a share (`per` 100) of the establishments of a CIIU class."""

    measure = fields.Code(MEASURES)
    indicator = fields.Code([code for code, one in indicators().items() if one["kind"] == "count"], required=True)
    level = fields.Code([views.MUNICIPALITY, views.DIVISION])
    year = fields.Integer(minimum=1900, maximum=2200)
    sex = fields.Code(["all", "women", "men"])
    age = fields.String(maximum=12)
    ciiu = fields.String(maximum=4, pattern=CIIU)
    size = fields.Code(SIZES)
    per = fields.Integer(minimum=1, maximum=1_000_000)


class RateRow(Output):
    """`numerator` is null where it is withheld; `value` where it, or a whole denominator, is missing."""

    unit = fields.String()
    name = fields.String()
    numerator = fields.Integer(allow_none=True)
    denominator = fields.Number(minimum=0, maximum=1e12, allow_none=True)
    value = fields.Number(minimum=0, maximum=1e15, allow_none=True)
    covered = fields.Number(minimum=0, maximum=1)


class RateSourceOut(Output):
    set_id = fields.Id()
    country = fields.String()
    year = fields.Integer()
    source = fields.String()
    title_es = fields.String()
    title_en = fields.String()
    level = fields.String()


class RatesOut(Output):
    measure = fields.Code(MEASURES)
    per = fields.Number(minimum=1, maximum=1e6)
    level = fields.Code([views.MUNICIPALITY, views.DEPARTMENT, views.DIVISION])
    coverage = fields.Number(minimum=0, maximum=1)
    as_of = fields.Moment(allow_none=True)
    published = fields.String(allow_none=True)
    sources = fields.List(fields.Nested(RateSourceOut))
    rates = fields.List(fields.Nested(RateRow))


@rates.get(query=RateQuery, returns=RatesOut, allow=READERS)
def rate(call: Call) -> dict[str, Any]:
    """A measure of each unit per so many of an indicator, with the year of the indicator and how many units it covers.
    Planners and others outside the centre see the rates of the figures published this month.
    """
    selection, view, found = _rates(call)
    return {
        "measure": call.query.get("measure", MEASURES[0]),
        "per": found.per,
        "level": selection.level,
        "coverage": found.coverage,
        "as_of": view.as_of,
        "published": view.published,
        "sources": [asdict(source) for source in found.sources],
        "rates": [{**asdict(one), "name": places.name_of(one.unit)} for one in found.rates],
    }


@rates.get("/document", query=RateQuery, download=True, allow=READERS)
def rates_document(call: Call) -> Download:
    """The same rates as CSV."""
    _, _, found = _rates(call)
    years = {source.country: (source.year, source.source) for source in found.sources}
    heads = ("unit", "name", "numerator", "denominator", f"per_{found.per:g}", "covered", "year", "source")
    lines = (
        [one.unit, places.name_of(one.unit), one.numerator, one.denominator, one.value, one.covered,
         *years.get(one.unit[:2], (None, None))]
        for one in found.rates
    )  # fmt: skip
    return Download(as_csv(heads, lines), f"{call.query['indicator']}.csv", CSV)


def _rates(call: Call) -> tuple[views.Selection, views.View, queries.Rates]:
    asked = call.query
    selection = views.selected(call.caller, asked.get("unit"), level=asked.get("level"))
    view = view_of(call, selection)
    measure = asked.get("measure", MEASURES[0])
    numerators = {unit: figure_of(view.figures, unit, measure).value for unit in selection.shown}
    filters = {name: asked[name] for name in ("year", "sex", "age", "ciiu", "size") if name in asked}
    published = not sees_exact_figures(call.caller.roles)
    found = queries.rates(
        call.session, numerators, asked["indicator"], selection.shown,
        per=asked.get("per", 1000), published=published, **filters,
    )  # fmt: skip
    return selection, view, found

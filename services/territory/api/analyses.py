"""Analyses of a territory: what it does more, how it lies, how it changes, how far things are."""

from collections.abc import Callable
from typing import Any

from services.territory.api.lists import FORMATS
from services.territory.api.map_schemas import LegendOut
from services.territory.api.places import UnitsQuery
from services.territory.composition import Composition
from services.territory.queries import boundaries as bounds
from services.territory.queries import figures as figure_queries
from services.territory.queries import views
from services.territory.queries.analyses import ANALYSES, change, clusters, patterns, sites
from services.territory.queries.analyses.analysis import KINDS, Analysis, Words, drawing_of
from services.territory.queries.analyses.counts import COUNTED
from services.territory.queries.analyses.facilities import MOST, TO
from services.territory.queries.analyses.telling import table_csv, told, workbook
from services.territory.rules.access import EXACT_FIGURES
from shared.events.vocabulary import CHAINS
from shared.places import MUNICIPALITY_CODE
from shared.spreadsheets import CSV, XLSX
from shared.web import Call, Download, Output, Resource, fields

_PLACE = r"-?[0-9]{1,3}(\.[0-9]{1,6})?:-?[0-9]{1,2}(\.[0-9]{1,6})?"
_DEFAULTS = {"measure": COUNTED[0], "by": change.BY[0], "per": patterns.PER[0], "method": clusters.METHODS[0],
             "among": sites.AMONG[0], "show": patterns.SHOWS[0]}  # fmt: skip

resource = Resource("analyses", prefix="/analyses", description="What the inventory says of where and what.")


class ChainQuery(UnitsQuery):
    """`chain`: of this one only."""

    chain = fields.Code(CHAINS)


class CountsQuery(ChainQuery):
    measure = fields.Code(COUNTED)


class ChangeQuery(UnitsQuery):
    """Between `since` (a year before `until`) and `until` (today); `by` the day of the inventory or the year of the
    beginning.
    """

    measure = fields.Code(COUNTED)
    by = fields.Code(change.BY)
    since = fields.Day()
    until = fields.Day()


class PatternsQuery(CountsQuery):
    """`show`: what the map shows: each unit among its neighbours, hot and cold spots, or the counts."""

    per = fields.Code(patterns.PER)
    show = fields.Code(patterns.SHOWS)


class ClustersQuery(ChainQuery):
    method = fields.Code(clusters.METHODS)
    radius_m = fields.Integer(minimum=100, maximum=50_000)
    least = fields.Integer(minimum=2, maximum=1_000)


class ReachQuery(ChainQuery):
    """`at`: places as `longitude:latitude`; else those of the layers of the kind `to`; without either, the centres of
    the municipalities.
    """

    at = fields.List(fields.String(maximum=25, pattern=_PLACE), maximum=MOST)
    to = fields.Code(TO)
    limit_km = fields.Number(minimum=0.1, maximum=500)


class SitesQuery(ChainQuery):
    """`fixed`: municipalities that have such a place already, counted among the `places`."""

    places = fields.Integer(minimum=1, maximum=100)
    among = fields.Code(sites.AMONG)
    fixed = fields.List(fields.String(maximum=6, pattern=MUNICIPALITY_CODE), maximum=20)


class AnalysisColumnOut(Output):
    key = fields.String()
    label = fields.String()
    kind = fields.Code(KINDS)


class AnalysisTableOut(Output):
    """`rows` have the keys of `columns`, null where nothing can be said, and the `code` of a unit or chain."""

    name = fields.String()
    caption = fields.String()
    columns = fields.List(fields.Nested(AnalysisColumnOut))
    rows = fields.List(fields.Anything())


class AnalysisOut(Output):
    """`answer` says in a sentence what the `tables` show; `n` of how many, `coverage` which share of all; `notes` what
    to know before believing it. `drawing` is an SVG of what it `shows` by unit, and of what `points_show`.
    """

    analysis = fields.Code(tuple(ANALYSES))
    title = fields.String()
    answer = fields.String()
    unit = fields.List(fields.String())
    level = fields.Code(["municipality", "department"])
    n = fields.Integer()
    coverage = fields.Number(minimum=0, maximum=1, allow_none=True)
    notes = fields.List(fields.String())
    tables = fields.List(fields.Nested(AnalysisTableOut))
    formula = fields.String()
    source = fields.String()
    criteria_source = fields.String()
    criteria_valid_from = fields.Day()
    as_of = fields.Moment(allow_none=True)
    shows = fields.String()
    points_show = fields.String()
    boundaries = fields.Code([bounds.APPROXIMATE, bounds.OFFICIAL], allow_none=True)
    legend = fields.List(fields.Nested(LegendOut))
    drawing = fields.String()


QUERIES: dict[str, type[UnitsQuery]] = {
    "specialisation": CountsQuery,
    "concentration": CountsQuery,
    "change": ChangeQuery,
    "patterns": PatternsQuery,
    "clusters": ClustersQuery,
    "reach": ReachQuery,
    "sites": SitesQuery,
    "potential": ChainQuery,
    "selection": ChainQuery,
    "unmet": ChainQuery,
    "quality": ChainQuery,
}
ABOUT = {
    "specialisation": "What the territory does more than its country, and which chains lie next door.",
    "concentration": "How evenly each chain is spread over municipalities, and between departments.",
    "change": "What the change between two days is made of: shift-share, closed exactly.",
    "patterns": "Whether like lies beside like: Moran's I, local Moran, Getis-Ord, false discoveries controlled.",
    "clusters": "Where enterprises stand close together. Masked roles get clusters of masked points, of five and more.",
    "reach": "How far it is to the nearest of given places, or to the municipal centre.",
    "quality": "How good the data are; for the technical team, which records to visit first.",
    "potential": "Which chains can innovate and grow, the chances of their ranks, and where levels are low.",
    "selection": "Which chain to promote: a matrix of weighted criteria, the evidence of each score, chances of ranks.",
    "unmet": "Whom credit and training do not reach yet of those who could use them, by chain and place.",
    "sites": "Where market days or collection centres serve best, with a bound on how much better could be.",
}


def _found(call: Call, analysis: str) -> tuple[Analysis, views.Selection, Words]:
    selection = views.selected(call.caller, call.query.get("unit"))
    context: Composition = call.context
    words = Words(context.words(call.language), call.language)
    return ANALYSES[analysis](call.session, call.caller, selection, _DEFAULTS | call.query, words), selection, words


def _shown(analysis: str) -> Callable[[Call], dict[str, Any]]:
    def show(call: Call) -> dict[str, Any]:
        finding, selection, words = _found(call, analysis)
        drawing = drawing_of(call.session, selection, finding, words)
        return told(finding, selection, drawing, figure_queries.as_of(call.session).time, words)

    show.__name__, show.__doc__ = f"show_{analysis}", ABOUT[analysis]
    return show


def _file(analysis: str) -> Callable[[Call], Download]:
    def file(call: Call) -> Download:
        kind, name = call.query.pop("format", FORMATS[0]), call.query.pop("table", None)
        finding, selection, words = _found(call, analysis)
        stem = f"{analysis}-{'-'.join(selection.units)[:60]}"
        if kind == "csv":
            return Download(table_csv(finding, name, words), f"{stem}.csv", CSV)
        as_of = figure_queries.as_of(call.session).time
        return Download(workbook(finding, selection, as_of, words), f"{stem}.xlsx", XLSX)

    file.__name__, file.__doc__ = f"file_of_{analysis}", "The same as a file: one table as CSV, or all of them as XLSX."
    return file


def _with_file(query: type[UnitsQuery]) -> type[UnitsQuery]:
    """The same question, with the kind of file and, for CSV, which of the tables."""
    more = {"format": fields.Code(FORMATS), "table": fields.String(maximum=30, pattern="[a-z_]+")}
    return type(f"{query.__name__.removesuffix('Query')}FileQuery", (query,), more)


_FILE_QUERIES = {query: _with_file(query) for query in dict.fromkeys(QUERIES.values())}
for code, asked in QUERIES.items():
    resource.get(f"/{code}", query=asked, returns=AnalysisOut, allow=EXACT_FIGURES)(_shown(code))
    resource.get(f"/{code}/file", query=_FILE_QUERIES[asked], download=True, allow=EXACT_FIGURES)(_file(code))

"""The value chains of a place as an analysis, for who sees exact figures."""

from typing import Any

from services.territory.api.lists import FORMATS, sent
from services.territory.api.places import UnitsQuery
from services.territory.composition import Composition
from services.territory.queries import chain_maps, views
from services.territory.queries.chain_tables import as_sheet
from services.territory.queries.figures import as_of
from services.territory.rules.access import EXACT_FIGURES
from services.territory.rules.chains import ABSENT, MISSING, PRESENT
from shared.events.vocabulary import CHAINS, LINKS, SUBJECTS
from shared.web import Call, Download, Output, Resource, fields

resource = Resource("chain-maps", prefix="/chains/map", description="What holds each value chain of a place back.")


class ChainMapQuery(UnitsQuery):
    chain = fields.Code(CHAINS)


class TableQuery(ChainMapQuery):
    format = fields.Code(FORMATS)


class SalesOut(Output):
    """Of a year, by the limits of bands; `middle` and `high` are null where `open` enterprises have no upper limit."""

    low = fields.MoneyField()
    middle = fields.MoneyField(allow_none=True)
    high = fields.MoneyField(allow_none=True)
    known = fields.Integer()
    open = fields.Integer()


class LevelOut(Output):
    """The mean level (0-4) with its interval at 95 %, of `known` enterprises; `few`: of too few to say."""

    subject = fields.Code(SUBJECTS)
    mean = fields.Number(minimum=0, maximum=4, allow_none=True)
    low = fields.Number(minimum=0, maximum=4, allow_none=True)
    high = fields.Number(minimum=0, maximum=4, allow_none=True)
    known = fields.Integer()
    coverage = fields.Number(minimum=0, maximum=1, allow_none=True)
    few = fields.Boolean()


class SupplyOut(Output):
    code = fields.String()
    name = fields.String()
    sellers = fields.Integer()


class PresenceOut(Output):
    enterprises = fields.Integer()
    jobs_women = fields.Integer()
    jobs_men = fields.Integer()
    women_share = fields.Number(minimum=0, maximum=1, allow_none=True)
    sales = fields.List(fields.Nested(SalesOut))


class MappedLinkOut(PresenceOut):
    """`balance`: its capacity against the proportions of the country (1: as there), null where the country would be
    told of too few; `reasons` why to look at it.
    """

    link = fields.Code(LINKS)
    needed = fields.Boolean()
    state = fields.Code([PRESENT, MISSING, ABSENT])
    examples = fields.String()
    balance = fields.Number(minimum=0, maximum=1e9, allow_none=True)
    bottleneck = fields.Boolean()
    sure = fields.Boolean()
    narrow = fields.Boolean()
    reasons = fields.List(fields.String())
    levels = fields.List(fields.Nested(LevelOut))
    inputs = fields.List(fields.Nested(SupplyOut))


class LeakageOut(Output):
    """What part of the purchases that are known goes outside of the place; `least` and `most` whatever the rest is."""

    enterprises = fields.Integer()
    known = fields.Integer()
    share = fields.Number(minimum=0, maximum=1, allow_none=True)
    coverage = fields.Number(minimum=0, maximum=1, allow_none=True)
    least = fields.Number(minimum=0, maximum=1, allow_none=True)
    most = fields.Number(minimum=0, maximum=1, allow_none=True)


class MappedChainOut(PresenceOut):
    """`chain_of_class`, `links_of_class`: how many stand there because the class of their activity says so."""

    chain = fields.Code(CHAINS)
    name = fields.String()
    unlinked = fields.Integer()
    chain_of_class = fields.Integer()
    links_of_class = fields.Integer()
    completeness = fields.Number(minimum=0, maximum=1, allow_none=True)
    weighted_completeness = fields.Number(minimum=0, maximum=1, allow_none=True)
    judgement = fields.Code(["bottleneck", "balanced", "too_few", "no_reference", "one_link"])
    links = fields.List(fields.Nested(MappedLinkOut))
    services = fields.List(fields.Nested(SupplyOut))
    leakage = fields.Nested(LeakageOut)
    drawing = fields.String()


class ChainMapOut(Output):
    """`drawing`: an SVG of all chains, and of each one in its row; their tables are beside them. `least`: of how many
    enterprises of a chain in a municipality this reader is told levels, sales and purchases; null: of every one.
    """

    title = fields.String()
    unit = fields.List(fields.String())
    as_of = fields.Moment(allow_none=True)
    enterprises = fields.Integer()
    least = fields.Integer(allow_none=True)
    chains = fields.List(fields.Nested(MappedChainOut))
    drawing = fields.String()
    template_source = fields.String()
    template_valid_from = fields.Day()
    criteria_source = fields.String()
    criteria_valid_from = fields.Day()
    criteria_unit = fields.String(allow_none=True)


@resource.get(query=ChainMapQuery, returns=ChainMapOut, allow=EXACT_FIGURES)
def show(call: Call) -> dict[str, Any]:
    """Each chain with an enterprise in the units asked for, taken together: who stands at each link, with jobs, sales
    and levels; the links that are missing, scarce or narrow, and why; what is bought outside.
    """
    selection, found, rows = _analysed(call)
    context: Composition = call.context
    speak = context.words(call.language)
    return {
        "title": selection.title,
        "unit": list(selection.units),
        "as_of": as_of(call.session).time,
        "enterprises": found.enterprises,
        "least": found.least,
        "chains": [row | {"drawing": chain_maps.drawing_of(row, selection.title, speak)} for row in rows],
        "drawing": chain_maps.drawing_of_all(rows, selection.title, speak),
        "template_source": found.known.edition.source,
        "template_valid_from": found.known.edition.valid_from,
        "criteria_source": found.criteria.source,
        "criteria_valid_from": found.criteria.valid_from,
        "criteria_unit": found.criteria.unit,
    }


@resource.get("/table", query=TableQuery, download=True, allow=EXACT_FIGURES)
def table(call: Call) -> Download:
    """The same as a file, a row for each link: CSV, or XLSX."""
    selection, _, rows = _analysed(call)
    context: Composition = call.context
    speak, name = context.words(call.language), f"chains-{'-'.join(selection.units)[:60]}"
    return sent(as_sheet(rows, selection.title, speak), name, call.query.get("format", FORMATS[0]))


def _analysed(call: Call) -> tuple[views.Selection, chain_maps.Analysed, list[dict[str, Any]]]:
    selection = views.selected(call.caller, call.query.get("unit"))
    found = chain_maps.analysed(call.session, call.caller, selection)
    context: Composition = call.context
    speak = context.words(call.language)
    return selection, found, chain_maps.chain_rows(found, speak, call.language, call.query.get("chain"))

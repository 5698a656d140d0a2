"""Maps: of every kind, as figures with a drawing, and to take away as SVG, PNG or PDF."""

from dataclasses import asdict
from typing import Any

from services.territory import reference
from services.territory.api.map_schemas import DrawingQuery, MapOut, MapQuery
from services.territory.api.points import all_dots_of, dots_of
from services.territory.composition import Composition
from services.territory.queries import boundaries as bounds
from services.territory.queries import criteria, denominators, views
from services.territory.queries.map_figures import Live, Published, Source
from services.territory.queries.map_kinds import Making, Wanted
from services.territory.queries.map_kinds.making import ENTERPRISES
from services.territory.queries.maps import Dots, Map, Sheet, complete_map
from services.territory.rules.access import READERS, sees_points
from services.territory.use_cases.print_map import MEDIA_TYPES, printed
from services.territory.use_cases.publish_figures import ensure_published
from shared.web import Call, Download, Resource

resource = Resource("maps", prefix="/map", description="Maps by unit: table, legend and drawing.")


@resource.get(query=MapQuery, returns=MapOut, allow=READERS)
def show(call: Call) -> dict[str, Any]:
    """The map over the units asked for, or over the caller's whole territory. Planners and others outside the centre
    see the figures published this month, and only those of published tables: any other filter is refused.
    """
    making, dots = _making(call)
    drawn = complete_map(making, Sheet(points=_points(call)), dots)
    return {
        **asdict(drawn),
        "measure": making.wanted.measure,
        "as_of": making.source.as_of,
        "published": making.source.published,
        "unit": list(making.selection.units),
        "points_seen": sees_points(call.caller.roles),
        "points_drawn": len(dots.places),
        "offers": offers_of(making),
    }


@resource.get("/drawing", query=DrawingQuery, download=True, allow=READERS)
def drawing(call: Call) -> Download:
    """The same map to take away: SVG or PNG with title, legend, scale, north and notes, PDF/UA-1 with its table, CSV.
    The same figures give the same bytes.
    """
    kind = call.query.get("format", "svg")
    making, dots = _making(call)
    sheet = Sheet(key=True, alone=kind != "pdf", points=_points(call))
    drawn = complete_map(making, sheet, dots)
    as_of, language = making.source.as_of, making.language
    content = printed(drawn, kind, paper=call.query.get("paper", "a4"), language=language, as_of=as_of)
    return Download(content, f"{_name(drawn, making)}.{kind}", MEDIA_TYPES[kind])


def offers_of(making: Making) -> dict[str, Any]:
    """What there is to choose from for this map."""
    inputs = reference.chain_edition().inputs if making.wanted.kind == "flows" else {}
    items = sorted((one.names[making.language], code) for code, one in inputs.items())
    published = making.source.published is not None
    divisors = denominators.divisors_in_force(making.session, making.selection.units, published=published)
    return {
        "per": [ENTERPRISES, *divisors],
        "item": [{"code": code, "label": label} for label, code in items],
    }


def making_of(
    call: Call,
    asked: dict[str, Any],
    source: type[Live] | type[Published],
    *,
    language: str | None = None,
    publishes: bool = True,
) -> Making:
    """What a map is made of: its units, live figures or published ones, the words. Whoever may publish gets those of
    this month, published now where they are not; a stranger (`publishes` not) the newest there are.
    """
    selection = views.selected(call.caller, asked.get("unit"), level=asked.get("level"))
    context: Composition = call.context
    if source is Published and publishes:
        ensure_published(context.database, call.caller, selection.departments)
    figures: Source = source(call.session, selection)
    spoken = language or call.language
    wanted = Wanted.of(asked)
    judged, judging = (criteria.judging(call.session, kind, selection.units) for kind in ("maps", "patterns"))
    here, words = bounds.in_force(call.session), context.words(spoken)
    return Making(call.session, call.caller, figures, selection, wanted, here, words, spoken, judged, judging)


def _making(call: Call) -> tuple[Making, Dots]:
    live = views.may_see_live(call.caller) and call.query.get("figures") != "published"
    making = making_of(call, call.query, Live if live else Published, language=call.query.get("language"))
    if making.wanted.kind == "hexagons":
        return making, all_dots_of(call, making.selection, making.wanted.filters)
    return making, dots_of(call, making.selection, making.wanted.filters) if _points(call) else Dots()


def _points(call: Call) -> bool:
    return bool(call.query.get("points")) and call.query.get("kind") != "hexagons"


def _name(drawn: Map, making: Making) -> str:
    return f"{drawn.kind}-{making.wanted.measure}-{'-'.join(making.selection.units)[:60]}"

"""Maps and points."""

from dataclasses import asdict
from typing import Any

from services.territory.api.places import UNIT_CODE
from services.territory.api.seeing import view_of
from services.territory.composition import Composition
from services.territory.queries import boundaries as bounds
from services.territory.queries import figures as figure_queries
from services.territory.queries import views
from services.territory.queries.maps import MEASURES, Map, map_of
from services.territory.rules.access import POINT_READERS, READERS, sees_points
from shared import masking
from shared.events.vocabulary import CHAINS, LINKS, NEEDS, PLACE_STATES, VALIDATION_STATES
from shared.web import Call, Download, Output, Page, Query, Resource, fields, keyset_page

MOST_DRAWN = 20_000

maps = Resource("maps", prefix="/map", description="Counts by unit: table, legend and drawing.")
points = Resource("points", prefix="/points", description="Enterprises as points, exact or masked by role.")


class UnitsQuery(Query):
    unit = fields.List(fields.String(pattern=UNIT_CODE, maximum=6), maximum=40)


class MapQuery(UnitsQuery):
    """`level`: `municipality_2024` shows El Salvador by its 44 municipalities of today, the sums of their districts."""

    measure = fields.Code(MEASURES)
    points = fields.Boolean()
    level = fields.Code([views.MUNICIPALITY, views.DIVISION])


class LegendOut(Output):
    kind = fields.Code(["range", "zero", "suppressed", "no_data"])
    fill = fields.String()
    label = fields.String()


class MapRow(Output):
    code = fields.String()
    name = fields.String()
    enterprises = fields.Integer(allow_none=True)
    women = fields.Integer(allow_none=True)
    trained = fields.Integer(allow_none=True)
    loans = fields.Integer(allow_none=True)


class TotalOut(Output):
    enterprises = fields.Integer(allow_none=True)
    women = fields.Integer(allow_none=True)
    trained = fields.Integer(allow_none=True)
    loans = fields.Integer(allow_none=True)


class MapOut(Output):
    """`drawing` is an SVG; `units` its table, null where a figure is withheld; `published` the month the figures are
    of, null for live ones; `points`: how many are drawn, `exact` or `masked`, null for who sees none.
    """

    title = fields.String()
    measure = fields.Code(MEASURES)
    level = fields.Code([views.MUNICIPALITY, views.DEPARTMENT, views.DIVISION])
    boundaries = fields.Code([bounds.APPROXIMATE, bounds.OFFICIAL])
    as_of = fields.Moment(allow_none=True)
    published = fields.String(allow_none=True)
    unit = fields.List(fields.String())
    legend = fields.List(fields.Nested(LegendOut))
    units = fields.List(fields.Nested(MapRow))
    total = fields.Nested(TotalOut, allow_none=True)
    points_seen = fields.Code(["exact", "masked"], allow_none=True)
    points_drawn = fields.Integer()
    drawing = fields.String()


@maps.get(query=MapQuery, returns=MapOut, allow=READERS)
def show(call: Call) -> dict[str, Any]:
    """The map of a measure over the units asked for, or over the caller's whole territory. Planners and others
    outside the centre see the figures published this month.
    """
    selection, view, drawn, dots = _map(call, key=False)
    return {
        **asdict(drawn),
        "measure": call.query.get("measure", MEASURES[0]),
        "as_of": view.as_of,
        "published": view.published,
        "unit": list(selection.units),
        "points_seen": sees_points(call.caller.roles),
        "points_drawn": len(dots),
    }


@maps.get("/drawing", query=MapQuery, download=True, allow=READERS)
def drawing(call: Call) -> Download:
    """The same map as one SVG file with legend, scale and note, for print."""
    selection, _, drawn, _ = _map(call, key=True)
    name = f"{call.query.get('measure', MEASURES[0])}-{'-'.join(selection.units)[:60]}.svg"
    return Download(drawn.drawing.encode(), name, "image/svg+xml")


def _map(call: Call, *, key: bool) -> tuple[views.Selection, views.View, Map, list[tuple[float, float]]]:
    selection = views.selected(call.caller, call.query.get("unit"), call.query.get("level"))
    view = view_of(call, selection)
    dots = _dots(call, selection) if call.query.get("points") else []
    context: Composition = call.context
    measure = call.query.get("measure", MEASURES[0])
    speak = context.words(call.language)
    drawn = map_of(view, selection, bounds.in_force(call.session), measure, speak, points=dots, key=key)
    return selection, view, drawn, dots


def _dots(call: Call, selection: views.Selection) -> list[tuple[float, float]]:
    """The points to draw, as the caller may see them; none for who may not."""
    sight = sees_points(call.caller.roles)
    if sight is None:
        return []
    statement = figure_queries.points(
        selection.units, chain=None, link=None, need=None, on_map=sight == "masked"
    ).limit(MOST_DRAWN)
    return [_place(row, sight) for row in call.session.execute(statement).mappings()]


class PointQuery(UnitsQuery):
    chain = fields.Code(CHAINS)
    link = fields.Code(LINKS)
    need = fields.Code(NEEDS)


class PointOut(Output):
    """`precision` is `exact`, or `masked`: somewhere in the same cell of about two kilometres."""

    id = fields.Id()
    municipality = fields.String()
    lon = fields.Number(minimum=-180, maximum=180)
    lat = fields.Number(minimum=-90, maximum=90)
    accuracy_m = fields.Number(minimum=0, maximum=1e6, allow_none=True)
    precision = fields.Code(["exact", "masked"])
    place_state = fields.Code(PLACE_STATES)
    chain = fields.Code(CHAINS)
    validation = fields.Code(VALIDATION_STATES)
    jobs_women = fields.Integer()


@points.get(query=PointQuery, returns=PointOut, paged=True, allow=POINT_READERS)
def list_(call: Call) -> Page:
    """The enterprises with a point in the units asked for, by id. The technical team sees exact points; auditors,
    LEDA viewers, credit officers and trainers see masked ones, of women who agreed to be on the map.
    """
    selection = views.selected(call.caller, call.query.get("unit"))
    sight = sees_points(call.caller.roles) or "masked"
    filters = {name: call.query.get(name) for name in ("chain", "link", "need")}
    statement = figure_queries.points(selection.units, **filters, on_map=sight == "masked")
    page = keyset_page(call.session, statement, keys=[figure_queries.POINT_ID], limit=call.limit, after=call.after)
    return Page([_point(row, sight) for row in page.rows], page.next)


def _point(row: Any, sight: str) -> dict[str, Any]:
    lon, lat = _place(row, sight)
    accuracy = row["accuracy_m"] if sight == "exact" else None
    return {**row, "lon": lon, "lat": lat, "accuracy_m": accuracy, "precision": sight}


def _place(row: Any, sight: str) -> tuple[float, float]:
    if sight == "exact":
        return row["lon"], row["lat"]
    return masking.masked_point(row["id"], row["lon"], row["lat"])

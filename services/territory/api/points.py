"""Enterprises as points, and how near to their true place each role sees them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, select

from services.territory.api.places import UnitsQuery
from services.territory.queries import figures as figure_queries
from services.territory.queries import map_figures, views
from services.territory.queries.map_figures import Filters
from services.territory.queries.maps import Dots
from services.territory.rules.access import POINT_READERS, sees_points
from shared import masking
from shared.events.vocabulary import CHAINS, LINKS, NEEDS, PLACE_STATES, VALIDATION_STATES
from shared.kernel import Refused
from shared.web import Call, Output, Page, Resource, fields, keyset_page

MOST_DRAWN = 20_000
MOST_COUNTED = 50_000
"""Points that are read to be counted by hexagon."""

resource = Resource("points", prefix="/points", description="Enterprises as points, exact or masked by role.")


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


@resource.get(query=PointQuery, returns=PointOut, paged=True, allow=POINT_READERS)
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


def dots_of(call: Call, selection: views.Selection, filters: Filters) -> Dots:
    """The points to draw, as the caller may see them; none for who may not."""
    return _dots(call, selection, filters, MOST_DRAWN)


def all_dots_of(call: Call, selection: views.Selection, filters: Filters) -> Dots:
    """The same, every one of them; refuses more than are counted at once before any is read."""
    sight = sees_points(call.caller.roles)
    if sight is not None:
        chosen = map_figures.places_of(selection, filters, on_map=sight == "masked").subquery()
        if (call.session.scalar(select(func.count()).select_from(chosen)) or 0) > MOST_COUNTED:
            raise Refused("map.too_many_points", most=MOST_COUNTED)
    return _dots(call, selection, filters, MOST_COUNTED)


def _dots(call: Call, selection: views.Selection, filters: Filters, most: int) -> Dots:
    sight = sees_points(call.caller.roles)
    if sight is None:
        return Dots()
    statement: Select[Any] = map_figures.places_of(selection, filters, on_map=sight == "masked").limit(most)
    rows: Sequence[Any] = call.session.execute(statement).mappings().all()
    return Dots([_place(row, sight) for row in rows], sight)


def _point(row: Any, sight: str) -> dict[str, Any]:
    lon, lat = _place(row, sight)
    accuracy = row["accuracy_m"] if sight == "exact" else None
    return {**row, "lon": lon, "lat": lat, "accuracy_m": accuracy, "precision": sight}


def _place(row: Any, sight: str) -> tuple[float, float]:
    if sight == "exact":
        return row["lon"], row["lat"]
    return masking.masked_point(row["id"], row["lon"], row["lat"])

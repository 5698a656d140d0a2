"""Departments and municipalities as features, with the figures that the caller may see."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import shapely
from flask import Response

from services.territory.api.ogc.answers import (
    FEATURES,
    PLAIN,
    QUERYABLES,
    Format,
)
from services.territory.api.ogc.asking import ItemsQuery, box_of, days_of, filter_of
from services.territory.api.ogc.collections import UNITS, about, queryables
from services.territory.api.ogc.paging import told_alone, told_page
from services.territory.api.seeing import view_of
from services.territory.composition import Composition
from services.territory.queries import boundaries as bounds
from services.territory.queries import unit_features as units
from services.territory.queries import views
from services.territory.queries.map_figures import measured
from services.territory.queries.views import View
from services.territory.rules.access import READERS
from services.territory.rules.figures import joined
from services.territory.rules.filtering.deciding import GEOMETRY
from services.territory.rules.locating import Municipalities
from services.territory.use_cases.publish_figures import ensure_published
from shared import places
from shared.kernel import NotFound
from shared.web import Call, Query, Resource, fields

MOST_UNITS = 200
DECIMALS = 5
"""About a metre: no boundary of the territory is better known."""

resource = Resource("ogc-units", prefix="/ogc/collections/units", description="Units of the territory as features.")


class UnitsAsked(Query):
    level = fields.Code(list(units.LEVELS))
    inside = fields.String(pattern=places.UNIT, maximum=6)


class UnitItems(ItemsQuery, UnitsAsked):  # type: ignore[misc, valid-type]
    """Which units are asked for."""


@resource.get(query=Format, media=PLAIN, scoped=False, allow=READERS)
def show(call: Call) -> Response:
    """What the collection of units is."""
    return about(call, UNITS)


@resource.get("/queryables", query=Format, media=QUERYABLES, scoped=False, allow=READERS)
def list_queryables(call: Call) -> Response:
    """What a filter of units may name: their facts, no figure."""
    return queryables(call, UNITS)


@resource.get("/items", query=UnitItems, media=FEATURES, allow=READERS)
def list_(call: Call) -> Response:
    """Municipalities (`level=department`: departments; `municipality_2024`: El Salvador's of today, the sums of their
    districts) of the caller's territory as GeoJSON, by code. Who may not count live gets the figures published this
    month; null is withheld.
    """
    days_of(call)  # a unit has no time of its own, so that every time is met; one that cannot be read is refused
    candidates = candidates_of(call)
    municipalities = bounds.in_force(call.session)
    codes = units.chosen(municipalities, candidates, filter_of(call, units.FACTS), box_of(call))
    after, limit = call.query.get("after", ""), min(call.query.get("limit", 10), MOST_UNITS)
    left = [code for code in codes if code > after]
    cursor = left[limit - 1] if len(left) > limit else None
    return told_page(call, UNITS.id, with_figures(call, municipalities, left[:limit]), cursor)


@resource.get("/items/<code>", query=Format, media=FEATURES, allow=READERS)
def get(call: Call, code: str) -> Response:
    """One department or municipality as GeoJSON."""
    require_unit(call, code)
    make_sure_of_figures(call, [code])
    (told,) = with_figures(call, bounds.in_force(call.session), [code])
    return told_alone(call, UNITS.id, told)


def require_unit(call: Call, code: str) -> None:
    """Refuse what is no unit of the caller's territory."""
    if not any(code in units.codes_in(call.caller, level) for level in units.LEVELS):
        raise NotFound("features.unknown")


def candidates_of(call: Call) -> list[str]:
    """The codes of the units at the level and inside the unit that were asked for, in order; their figures stand."""
    codes = units.codes_in(call.caller, call.query.get("level", "municipality"), call.query.get("inside", ""))
    make_sure_of_figures(call, codes)
    return codes


def make_sure_of_figures(call: Call, codes: Sequence[str]) -> None:
    """For who sees published figures they are published before anything is read: a reading sees what was before it."""
    if not views.may_see_live(call.caller):
        context: Composition = call.context
        ensure_published(context.database, call.caller, sorted({code[:4] for code in codes}))


def with_figures(call: Call, municipalities: Municipalities, codes: list[str]) -> list[dict[str, Any]]:
    """The units as features, with their figures as the caller may see them."""
    if not codes:
        return []
    view = view_of_codes(call, codes)
    return [_feature(units.facts_of(municipalities, code), view) for code in codes]


def view_of_codes(call: Call, codes: Sequence[str]) -> View:
    """The figures of units as the caller may see them; those of El Salvador's municipalities of today are the sums of
    their districts, withheld where one of these is.
    """
    parts = {part: code for code in codes for part in units.parts_of(code)}
    view = view_of(call, views.selected(call.caller, list(parts)))
    return replace(view, figures=joined(view.figures, parts))


def _feature(facts: dict[str, Any], view: View) -> dict[str, Any]:
    shape = shapely.set_precision(facts.pop(GEOMETRY), 10**-DECIMALS)
    figures = measured(view.figures, facts["code"])
    told = {**facts, **figures, "as_of": view.as_of, "published": view.published}
    return {"type": "Feature", "id": facts["code"], "geometry": shapely.geometry.mapping(shape), "properties": told}

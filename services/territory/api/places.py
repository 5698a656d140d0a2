"""Places: where points lie, and the units of the territory."""

import re
from typing import Any

from services.territory import reference
from services.territory.queries import boundaries as bounds
from services.territory.queries import units as unit_queries
from services.territory.reference import editions
from services.territory.rules.locating import Located
from shared import places
from shared.identity import ROLES
from shared.kernel import Invalid
from shared.web import Call, Input, Output, Page, Query, Resource, fields

MOST_POINTS = 1000

locations = Resource("locations", prefix="/locations", description="In which municipality points lie.")
units = Resource("units", prefix="/units", description="Countries, departments and municipalities by official code.")


class UnitsQuery(Query):
    unit = fields.List(fields.String(pattern=places.UNIT, maximum=6), maximum=40)


class PointIn(Input):
    lon = fields.Number(minimum=-180, maximum=180, required=True)
    lat = fields.Number(minimum=-90, maximum=90, required=True)
    municipality = fields.String(pattern=r"[A-Z]{2}[0-9]{4}", maximum=6, allow_none=True, load_default=None)
    accuracy_m = fields.Number(minimum=0, maximum=1_000_000, allow_none=True, load_default=None)


class LocateIn(Input):
    points = fields.List(fields.Nested(PointIn), required=True, maximum=MOST_POINTS)


class PlaceOut(Output):
    municipality = fields.String(allow_none=True)
    contradicts = fields.Boolean(allow_none=True)
    distance_radii = fields.Number(minimum=0, maximum=1e9, allow_none=True)
    snapped_m = fields.Number(minimum=0, maximum=10_000, allow_none=True)
    boundaries = fields.Code([bounds.APPROXIMATE, bounds.OFFICIAL])


class LocatedOut(Output):
    boundaries = fields.Code([bounds.APPROXIMATE, bounds.OFFICIAL])
    places = fields.List(fields.Nested(PlaceOut))


@locations.post(
    body=LocateIn, returns=LocatedOut, status=200, writes=False, scoped=False,
    allow={"service", "technician", "coordinator", "network_coordinator", "admin"},
)  # fmt: skip
def locate(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """The municipality of each point, in the order given, and whether that contradicts the declared one.

    `distance_radii` counts equivalent radii of the declared municipality from its centroid. Where boundaries are
    approximate a point contradicts only beyond three of them; on official ones it contradicts when it lies outside
    the declared municipality by more than the border's and its own accuracy, in another one or nearer to another one.
    A point just outside, at sea or across a border is given to the municipality it is beside, and `snapped_m` says how
    many metres outside of it the point lies.
    """
    municipalities = bounds.in_force(call.session)
    asked = [
        Located(point["lon"], point["lat"], point["municipality"], point["accuracy_m"]) for point in body["points"]
    ]
    found = municipalities.locate(asked)
    kinds = {_kind(place.official) for place in found}
    return {
        "boundaries": bounds.OFFICIAL if kinds == {bounds.OFFICIAL} else bounds.APPROXIMATE,
        "places": [
            {
                "municipality": place.municipality,
                "contradicts": place.contradicts,
                "distance_radii": place.distance_radii,
                "snapped_m": place.snapped_m,
                "boundaries": _kind(place.official),
            }
            for place in found
        ],
    }


class UnitQuery(Query):
    """`day`: the units in force on it, by each country's laws; without it, those under whose codes the house counts
    (of El Salvador the 262 of before 2024). Districts and villages are told of a day only.
    """

    level = fields.Code(editions.LEVELS)
    inside = fields.String(pattern=r"[A-Z]{2}[0-9A-Z-]{0,18}", maximum=20)
    day = fields.Day()


class UnitOut(Output):
    code = fields.String()
    name = fields.String()
    level = fields.Code(editions.LEVELS)
    inside = fields.String(allow_none=True)
    lon = fields.Number(minimum=-180, maximum=180, allow_none=True)
    lat = fields.Number(minimum=-90, maximum=90, allow_none=True)
    area_km2 = fields.Number(minimum=0, maximum=1e6, allow_none=True)
    valid_from = fields.Day(allow_none=True)
    valid_to = fields.Day(allow_none=True)


@units.get(query=UnitQuery, returns=UnitOut, paged=True, scoped=False, allow=frozenset(ROLES))
def list_(call: Call) -> Page:
    """The units by code; `inside` keeps those of a larger unit. Municipalities carry centroid and area. With `day`, the
    units in force then, each with its first and last day where those are known.
    """
    if day := call.query.get("day"):
        asked = {"level": call.query.get("level"), "inside": call.query.get("inside", "")}
        if call.after is not None and not re.fullmatch(r"[A-Z]{2}[0-9A-Z-]{0,18}", call.after):
            raise Invalid("query.cursor", pointer="/after")
        return unit_queries.in_force(call.session, day, **asked, limit=call.limit, after=call.after)
    wanted = {call.query["level"]} if "level" in call.query else set(places.LEVELS)
    prefix = call.query.get("inside", "")
    if call.after is not None and call.after not in places.names():
        raise Invalid("query.cursor", pointer="/after")
    codes = [
        code for code in sorted(places.names())
        if code.startswith(prefix) and len(code) > len(prefix) * bool(prefix) and places.level_of(code) in wanted
        and code > (call.after or "")
    ]  # fmt: skip
    shown = codes[: call.limit]
    return Page([_unit(code) for code in shown], shown[-1] if len(codes) > call.limit else None)


def _unit(code: str) -> dict[str, Any]:
    facts = reference.municipalities().get(code)
    return {
        "code": code,
        "name": places.name_of(code),
        "level": places.level_of(code),
        "inside": code[:-2] or None,
        "lon": facts and facts.lon,
        "lat": facts and facts.lat,
        "area_km2": facts and facts.area_km2,
        "valid_from": None,
        "valid_to": None,
    }


def _kind(official: bool) -> str:
    return bounds.OFFICIAL if official else bounds.APPROXIMATE

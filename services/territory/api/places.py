"""Places: where points lie, and the units of the territory."""

from typing import Any

from services.territory import reference
from services.territory.queries import boundaries as bounds
from services.territory.rules.locating import Located
from shared import places
from shared.identity import ROLES
from shared.kernel import Invalid
from shared.web import Call, Input, Output, Page, Query, Resource, fields

LEVELS = {"country": 2, "department": 4, "municipality": 6}
MOST_POINTS = 1000
UNIT_CODE = r"[A-Z]{2}([0-9]{2}){0,2}"

locations = Resource("locations", prefix="/locations", description="In which municipality points lie.")
units = Resource("units", prefix="/units", description="Countries, departments and municipalities by official code.")


class UnitsQuery(Query):
    unit = fields.List(fields.String(pattern=UNIT_CODE, maximum=6), maximum=40)


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
    level = fields.Code(list(LEVELS))
    inside = fields.String(pattern=UNIT_CODE, maximum=6)


class UnitOut(Output):
    code = fields.String()
    name = fields.String()
    level = fields.Code(list(LEVELS))
    inside = fields.String(allow_none=True)
    lon = fields.Number(minimum=-180, maximum=180, allow_none=True)
    lat = fields.Number(minimum=-90, maximum=90, allow_none=True)
    area_km2 = fields.Number(minimum=0, maximum=1e6, allow_none=True)


@units.get(query=UnitQuery, returns=UnitOut, paged=True, scoped=False, allow=frozenset(ROLES))
def list_(call: Call) -> Page:
    """The units by code; `inside` keeps those of a country or department. Municipalities carry centroid and area."""
    size = LEVELS.get(call.query.get("level", ""))
    prefix = call.query.get("inside", "")
    if call.after is not None and call.after not in places.names():
        raise Invalid("query.cursor", pointer="/after")
    codes = [
        code for code in sorted(places.names())
        if code.startswith(prefix) and len(code) > len(prefix) * bool(prefix) and size in {None, len(code)}
        and code > (call.after or "")
    ]  # fmt: skip
    shown = codes[: call.limit]
    return Page([_unit(code) for code in shown], shown[-1] if len(codes) > call.limit else None)


def _unit(code: str) -> dict[str, Any]:
    facts = reference.municipalities().get(code)
    return {
        "code": code,
        "name": places.name_of(code),
        "level": next(level for level, size in LEVELS.items() if size == len(code)),
        "inside": code[:-2] or None,
        "lon": facts and facts.lon,
        "lat": facts and facts.lat,
        "area_km2": facts and facts.area_km2,
    }


def _kind(official: bool) -> str:
    return bounds.OFFICIAL if official else bounds.APPROXIMATE

"""The reference data that the project ships: departments, municipalities and chain templates."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import shapely
from shapely import Geometry

from services.territory.rules.approximate import Seed, approximate_cells
from services.territory.rules.chains import ChainTemplate
from services.territory.rules.templates import ChainEdition, in_force
from shared.kernel import clock

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Municipality:
    """The facts of one municipality."""

    code: str
    name: str
    department_code: str
    country: str
    lon: float
    lat: float
    area_km2: float


@cache
def municipalities() -> Mapping[str, Municipality]:
    """The 900 municipalities of the three countries by official code, in order."""
    with (HERE / "municipalities.csv").open(encoding="utf-8", newline="") as lines:
        return {
            row["code"]: Municipality(
                row["code"], row["name"], row["department_code"], row["country"],
                float(row["lon"]), float(row["lat"]), float(row["area_km2"]),
            )
            for row in csv.DictReader(lines)
        }  # fmt: skip


@cache
def departments() -> Mapping[str, Geometry]:
    """The generalised shapes of the 54 departments (Natural Earth) by official code."""
    collection = json.loads((HERE / "departments.geojson").read_bytes())
    return {feature["id"]: shapely.from_geojson(json.dumps(feature["geometry"])) for feature in collection["features"]}


def cells() -> dict[str, Geometry]:
    """The approximate shape of every municipality by official code."""
    drawn: dict[str, Geometry] = {}
    for department, members in groupby(municipalities().values(), key=lambda one: one.department_code):
        seeds = [Seed(one.code, one.lon, one.lat) for one in members]
        drawn |= approximate_cells(departments()[department], seeds)
    return drawn


@cache
def chain_editions() -> tuple[ChainEdition, ...]:
    """All editions of the chain templates that the project ships."""
    record = json.loads((HERE / "chains.json").read_bytes())
    return tuple(ChainEdition.from_json(edition) for edition in record["editions"])


def chain_edition(day: date | None = None) -> ChainEdition:
    """The edition of the chain templates in force on a day, today where none is named."""
    return in_force(chain_editions(), day or clock.today())


def chain_templates(day: date | None = None) -> Mapping[str, ChainTemplate]:
    """The chain templates in force, by chain."""
    return chain_edition(day).chains


@cache
def layer_words() -> Mapping[str, list[str]]:
    """What columns of a reference layer are called that name it, tell a speed, or could name a person."""
    words: dict[str, list[str]] = json.loads((HERE / "layers.json").read_bytes())["values"]
    return words


@cache
def denominator_dictionary() -> Mapping[str, Any]:
    """The indicators that figures are compared with, the words that tables tell them in, and the tables known."""
    record: dict[str, Any] = json.loads((HERE / "denominators.json").read_bytes())
    return record


def indicators() -> Mapping[str, Mapping[str, str]]:
    """The indicators by code: `kind` is `count`, `share` or `index`; `es` and `en` are their names."""
    return {one["code"]: one for one in denominator_dictionary()["indicators"]}


@dataclass(frozen=True, slots=True)
class Divisor:
    """What the figures of a map may be divided by: so many (`per`) of an indicator, of one sex and from one age to
    another where it says so. `names` say it in es and en.
    """

    indicator: str
    per: int
    names: Mapping[str, str]
    sex: str
    ages: tuple[int, int] | None


@cache
def divisors() -> Mapping[str, Divisor]:
    """The divisors by code."""
    return {
        one["code"]: Divisor(
            one["indicator"], one["per"], {"es": one["es"], "en": one["en"]}, one.get("sex", "all"),
            (one["ages"][0], one["ages"][1]) if "ages" in one else None,
        )
        for one in denominator_dictionary()["divisors"]
    }  # fmt: skip


@cache
def activities() -> tuple[Mapping[str, Any], ...]:
    """The sections of CIIU Rev. 4 in order: `code`, the divisions `from` and `to`, `es` and `en` for their names."""
    record: dict[str, Any] = json.loads((HERE / "ciiu.json").read_bytes())
    return tuple(record["sections"])


@cache
def sections() -> Mapping[str, str]:
    """The section of each division of CIIU Rev. 4, both by code."""
    return {f"{number:02d}": one["code"] for one in activities() for number in range(one["from"], one["to"] + 1)}

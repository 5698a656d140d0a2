"""The code lists of the registry: activities, languages, sales bands, the field form; the latest dated file of each."""

import csv
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

from services.registry.rules.activities import Activity, section_of
from services.registry.rules.sales import Band, band_of, year_of
from shared.events.registry import SalesOfYear
from shared.kernel import Money

_FOLDER = Path(__file__).parent / "reference"


@cache
def activities() -> Mapping[str, Activity]:
    """The 21 sections and 419 classes of CIIU Rev. 4 by code."""
    rows = _rows("ciiu_rev4")
    return MappingProxyType({row["code"]: Activity(row["code"], section_of(row["code"]), row["title"]) for row in rows})


@cache
def languages() -> Mapping[str, Mapping[str, str]]:
    """The languages women of the three countries speak, by their ISO 639-3 codes: their names in each of ours."""
    return MappingProxyType({row["code"]: {"es": row["name_es"], "en": row["name_en"]} for row in _rows("languages")})


@cache
def sales_bands() -> tuple[Band, ...]:
    """The bands of monthly sales in each currency, from the lowest up."""

    def limit(row: Mapping[str, str], name: str) -> Money | None:
        return Money.parse(row[name], row["currency"]) if row[name] else None

    return tuple(
        Band(row["code"], row["currency"], limit(row, "above"), limit(row, "up_to")) for row in _rows("sales_bands")
    )


@lru_cache(maxsize=4096)
def sales_of_year(sales: Money | None, band: str | None, currency: str) -> SalesOfYear | None:
    """The limits of a year by what is known of a month: the sales, otherwise the band its owner named."""
    mine = [one for one in sales_bands() if one.currency == currency]
    known = band_of(sales, mine) if sales is not None else next((one for one in mine if one.code == band), None)
    return None if known is None else year_of(known)


@cache
def form_questions() -> tuple[Mapping[str, str], ...]:
    """The questions of our own field form in their order, as an XLSForm names their columns."""
    return tuple(MappingProxyType(row) for row in _rows("field_form"))


@cache
def form_answers() -> Mapping[str, tuple[Mapping[str, str], ...]]:
    """The answers of each list of the field form that is short enough to stand in a table of its own."""
    lists: dict[str, tuple[Mapping[str, str], ...]] = {}
    for row in _rows("form_answers"):
        lists[row["list"]] = (*lists.get(row["list"], ()), MappingProxyType(row))
    return MappingProxyType(lists)


@cache
def rubric_levels() -> Mapping[str, tuple[Mapping[str, str], ...]]:
    """What each level of each subject of the network's rubric means, from 0 up; nothing where there is no rubric."""
    levels: dict[str, tuple[Mapping[str, str], ...]] = {}
    for row in _rows("rubric") if any(_FOLDER.glob("rubric_*.csv")) else []:
        if row["kind"] == "level":
            levels[row["subject"]] = (*levels.get(row["subject"], ()), {"es": row["es"], "en": row["en"]})
    return MappingProxyType(levels)


def _rows(kind: str) -> list[dict[str, str]]:
    latest = max(_FOLDER.glob(f"{kind}_*.csv"))
    with latest.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))

"""What a written place means: official names, what people call them, what devices made of them."""

import csv
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from services.registry.rules.gazetteer import Gazetteer, Reading
from services.registry.tables import place_aliases
from shared import places
from shared.kernel import clock

LABELS = Path(__file__).parent / "place_labels.csv"
"""Texts as lenders and a law's annex wrote them, with what a reader who knows the country takes them for."""


@cache
def gazetteer() -> Gazetteer:
    return Gazetteer(places.names(), place_aliases(clock.today()))


def labelled() -> Iterator[dict[str, str]]:
    with LABELS.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def read(row: dict[str, str]) -> Reading:
    level = row["level"] or None
    return gazetteer().read(row["text"], country=row["country"], level=level)  # type: ignore[arg-type]


def is_right(row: dict[str, str], reading: Reading) -> bool:
    """The right answer, or none with the right one first among what is offered."""
    if not row["code"]:
        return reading.code is None
    return (reading.code or (reading.alternatives or ("",))[0]) == row["code"]


def test_of_a_hundred_written_places_ninety_five_are_read_rightly_or_offered_first() -> None:
    rows = list(labelled())
    wrong = [(row["text"], row["code"], read(row)) for row in rows if not is_right(row, read(row))]
    assert len(rows) > 100
    assert len(wrong) <= 0.05 * len(rows), wrong


def test_no_answer_is_a_wrong_place_or_of_the_wrong_level() -> None:
    answered = [(row, read(row).code) for row in labelled() if read(row).code]
    assert len(answered) > 85
    assert [(row["text"], code) for row, code in answered if code != row["code"]] == []


@pytest.mark.parametrize("code", sorted(places.municipalities()))
def test_every_official_name_with_its_department_names_its_municipality(code: str) -> None:
    reading = gazetteer().read(places.full_name(code), country=code[:2], level="municipality")
    namesakes = [other for other in places.municipalities() if places.full_name(other) == places.full_name(code)]
    assert reading.code == code or (len(namesakes) > 1 and set(reading.alternatives) >= set(namesakes))


@pytest.mark.parametrize(
    ("text", "country", "level", "code"),
    [
        ("SAN LORENZO, VALLE", "", "municipality", "HN1709"),
        ("San Lorenzo (Valle)", "HN", None, "HN1709"),
        ("municipio de Nebaj", "GT", None, "GT1413"),
        ("depto. de Copán", "HN", None, "HN04"),
        ("Departamento del Petén", "GT", None, "GT17"),
        ("Tegucigalpa, Francisco Morazán", "HN", "municipality", "HN0801"),
        ("Colonia Kennedy, Tegucigalpa", "HN", "municipality", "HN0801"),
        ("Xela", "GT", "municipality", "GT0901"),
        ("cuidad barrios", "SV", "municipality", "SV0905"),
    ],
)
def test_what_people_write_is_understood(text: str, country: str, level: str | None, code: str) -> None:
    assert gazetteer().read(text, country=country, level=level).code == code  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "   ", "???", "-", "Managua", "xxxxxxxx", "12345", "de la", "🌽"])
def test_what_names_no_place_is_not_guessed(text: str) -> None:
    assert gazetteer().read(text).code is None


def test_a_department_is_never_taken_for_a_municipality() -> None:
    reading = gazetteer().read("Copán", country="HN", level="municipality")
    assert (reading.code, reading.how) == (None, "other_level")
    assert reading.alternatives[0] == "HN04"
    assert {"HN0401", "HN0422"} <= set(reading.alternatives)


def test_a_name_that_several_municipalities_bear_is_offered_with_all_of_them() -> None:
    reading = gazetteer().read("La Libertad", country="HN", level="municipality")
    assert reading.code is None
    assert len(reading.alternatives) > 1
    assert {places.name_of(code) for code in reading.alternatives} == {"La Libertad"}

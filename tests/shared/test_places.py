"""Places by their official codes: their levels, their names, and what lies in what."""

import re

import pytest

from shared import places


def test_a_place_is_written_in_full() -> None:
    assert places.in_full("HN1709") == "San Lorenzo, Valle"
    assert places.in_full("HN17") == "Valle"
    assert places.in_full("HN") == "Honduras"
    assert places.in_full("SV01-CENTRO") == places.name_of("SV01-CENTRO") == "Ahuachapán Centro"
    assert places.in_full("HN9999") == "HN9999"
    assert places.in_full(None) == ""


def test_the_units_and_those_in_which_they_lie() -> None:
    assert places.around("HN1709") == ["HN", "HN17", "HN1709"]
    assert places.around("SV01", "HN") == ["HN", "SV", "SV01"]
    assert places.around() == places.around("*") == []


def test_every_code_is_of_one_level_and_lies_in_one_unit_of_each_above() -> None:
    assert sum(len(places.units_at(level)) for level in places.LEVELS) == len(places.names())
    for code in places.names():
        assert re.fullmatch(places.UNIT, code)
        assert places.unit_at(code, places.level_of(code)) == code
        assert places.unit_at(code, places.COUNTRY) in places.units_at(places.COUNTRY)
    assert places.units_at(places.MUNICIPALITY, "HN17")[0] == "HN1701"
    assert set(places.units_at(places.MUNICIPALITY)) == places.municipalities()


@pytest.mark.parametrize("code", ["", "hn", "HN1", "HN17091", "FR", "HN17-A", "SV01-CENTRO"])
def test_what_is_no_official_code_is_not_taken_for_one(code: str) -> None:
    assert not re.fullmatch(places.UNIT, code)

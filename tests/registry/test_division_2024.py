"""El Salvador's division of 2024: every record answers in both, and the 44 are made of all of the 262."""

from typing import Any

import pytest

from shared import places
from tests.registry.house import House


def salvadoran(house: House, municipality: str, **changes: Any) -> dict[str, Any]:
    return house.register(municipality=municipality, point=None, sales=None, products=[], **changes)


def test_the_262_are_districts_of_the_44_each_of_its_own_department() -> None:
    table = places.divisions_2024()
    assert set(table) == {code for code in places.municipalities() if code.startswith("SV")}
    assert len(table) == 262
    assert len({division.code for division in table.values()}) == 44
    assert all(division.code.startswith(district[:4]) for district, division in table.items())
    assert all(division.name.startswith(places.name_of(district[:4])) for district, division in table.items())


@pytest.mark.parametrize(
    ("district", "name"),
    [
        ("San Miguel Tepezontes", "La Paz Centro"),
        ("Nueva San Salvador", "La Libertad Sur"),
        ("Ayutuxtepeque", "San Salvador Centro"),
        ("Santo Domingo", "Sonsonate Centro"),
        ("Acajutla", "Sonsonate Oeste"),
        ("San Rafael", "San Miguel Oeste"),
    ],
)
def test_a_district_lies_where_the_law_puts_it(district: str, name: str) -> None:
    found = {of.name for code, of in places.divisions_2024().items() if places.name_of(code) == district}
    assert name in found


def test_a_record_answers_in_both_divisions_and_is_found_by_either(house: House) -> None:
    here, there = salvadoran(house, "SV0615"), salvadoran(house, "SV0618", name="Otra")
    assert here["division_2024"] == {"code": "SV06-CENTRO", "name": "La Paz Centro"}
    assert there["division_2024"]["code"] == "SV06-ESTE"
    assert house.register(name="De Honduras")["division_2024"] is None
    found = house.call("GET", "/enterprises?division_2024=SV06-CENTRO").json["items"]
    assert [row["id"] for row in found] == [here["id"]]
    assert found[0]["division_2024"]["name"] == "La Paz Centro"
    assert house.call("GET", "/enterprises/count?division_2024=SV06-ESTE").json["all"] == 1
    unknown = house.call("GET", "/enterprises?division_2024=SV06-NORTE")
    assert (unknown.status_code, unknown.json["code"]) == (422, "division.unknown")

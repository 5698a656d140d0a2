"""A table of text may be long: it is read row by row, and what was read waits sealed until all of it was."""

import io
from dataclasses import replace
from typing import Any

import pytest

from services.registry.intake.delimited import read_table
from services.registry.intake.dialects import read_inventory
from services.registry.intake.template import HEADERS
from services.registry.intake.waiting import Waiting
from services.registry.use_cases.decide_import import Identities
from shared.kernel import Invalid
from shared.workbooks import AT_HAND, DEFAULT
from tests.registry.house import House
from tests.registry.test_dialects import content_of

TABLE = 'nombre;lugar\r\nRosa;«San José»\r\n\r\nAna;"dos\r\nlíneas"\r\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_rows_are_read_as_often_as_somebody_goes_through_them(encoding: str) -> None:
    rows = read_table(io.BytesIO(TABLE.encode(encoding)), "CSV", DEFAULT)
    whole = [["nombre", "lugar"], ["Rosa", "«San José»"], [], ["Ana", "dos\r\nlíneas"]]
    assert [*rows] == [*rows] == whole
    assert (len(rows), rows[0], rows[3]) == (4, whole[0], whole[3])
    assert [[*rows[1:]], [*rows[1:][1:]], rows[:2], len(rows[1:])] == [whole[1:], whole[2:], whole[:2], 3]


def test_what_is_beyond_the_limits_is_found_before_any_row_is_used() -> None:
    with pytest.raises(Invalid, match=r"file\.too_many_rows"):
        read_table(io.BytesIO(TABLE.encode()), "CSV", replace(DEFAULT, rows=3))
    with pytest.raises(Invalid, match=r"file\.damaged"):
        read_table(io.BytesIO((TABLE + 'x;"never closed').encode()), "CSV", DEFAULT)


def test_only_a_table_of_text_may_be_longer_than_an_upload(reference_data: object) -> None:
    del reference_data
    assert AT_HAND.rows > 1_000_000 > DEFAULT.rows
    assert AT_HAND.at_once() == replace(DEFAULT, seconds=AT_HAND.seconds)
    lengthy = replace(AT_HAND, file_bytes=10**9)
    blank = io.BytesIO(content_of("kobo_export_xml_values.xlsx") + b"\0" * DEFAULT.file_bytes)
    with pytest.raises(Invalid, match=r"file\.too_large"):
        read_inventory(blank, lengthy)


def test_what_waits_is_sealed_and_comes_out_as_it_went_in() -> None:
    with Waiting() as waiting:
        for start in (0, 3, 6):
            waiting.put(
                [{"row": number, "facts": {"names": "Rosa Inventada" * 9}} for number in range(start, start + 3)]
            )
        waiting._file.seek(0)
        assert b"Rosa" not in waiting._file.read()
        batches = [[one["row"] for one in batch] for batch in waiting.batches(4, after=2)]
        assert (waiting.count, batches) == (9, [[2, 3, 4, 5], [6, 7, 8]])


def test_identities_of_a_file_are_known_and_no_others() -> None:
    identities = Identities()
    for number in range(1000):
        identities.add(f"uuid:{number}")
    assert all(f"uuid:{number}" in identities for number in range(1000))
    assert not any(f"uuid:{number}" in identities for number in range(1000, 3000))
    assert "uuid:1" not in Identities()


def test_a_long_file_that_is_damaged_at_its_end_leaves_nothing_behind(sqlite_house: House) -> None:
    rows = [";".join(HEADERS), *(";" * (len(HEADERS) - 1) for _ in range(5)), 'Folio;"never closed']
    shown = sqlite_house.take_in("\r\n".join(rows).encode())
    assert (shown["state"], shown["refusal"]["code"], shown["records"]) == ("failed", "file.damaged", 0)


def test_territory_that_goes_away_on_the_way_is_asked_no_more_and_the_rest_is_told(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.registry.intake import locating
    from services.registry.territory import TerritoryAway

    asked: list[int] = []
    located = sqlite_house.context.work.territory.locate

    def away_after_one(points: Any) -> Any:
        asked.append(len(points))
        if len(asked) > 1:
            raise TerritoryAway
        return located(points)

    monkeypatch.setattr(sqlite_house.context.work.territory, "locate", away_after_one)
    told = locating.Locating(sqlite_house.context.work.territory)
    facts = {"point": {"lon": -88.4, "lat": 13.3, "accuracy_m": 6.0}, "municipality": "SV1423"}
    parts: list[list[dict[str, Any]]] = [[{"stored": True, "facts": facts, "problems": []}] * 2 for _ in range(3)]
    for part in parts:
        told.settle(part)
    assert asked == [2, 2]
    assert ["place" in part[0] for part in parts] == [True, False, False]
    about = {"headers": {"gps": "gps"}, "positions": {}}
    assert [problem["facts"] for problem in told.unsettled(about)] == [{"points": 4}]

"""Lists: every row once, whatever happens to the list meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.kernel import clock
from tests.web.conftest import Fair
from tests.web.sample import ROOT

LONG_AGO = datetime(2026, 1, 5, 12, tzinfo=UTC)


def walk(fair: Fair, path: str, *, between=lambda page: None) -> list[dict]:
    """Every row of a list, page by page, following the Link header."""
    rows, page = [], 0
    while path:
        answer = fair.client().get(path, headers=fair.headers())
        assert answer.status_code == 200, answer.text
        rows += answer.json["items"]
        link = answer.headers.get("Link", "")
        assert not link or link.endswith('>; rel="next"')
        path, page = link.partition(">")[0].removeprefix("<"), page + 1
        between(page)
    return rows


def test_rows_with_the_same_moment_are_listed_once_each(fair: Fair):
    with clock.frozen(LONG_AGO):
        registered = {fair.register(name=f"Puesto {n}")["id"] for n in range(7)}
    listed = [row["id"] for row in walk(fair, f"{ROOT}/stalls?limit=3")]
    assert len(listed) == 7
    assert set(listed) == registered


def test_rows_added_and_closed_meanwhile_neither_double_nor_hide_others(fair: Fair):
    first = [fair.register(name=f"Puesto {n}") for n in range(6)]
    added = []

    def meanwhile(page: int) -> None:
        if page == 1:
            added.append(fair.register(name="Recién llegada")["id"])
            fair.client().delete(f"{ROOT}/stalls/{first[5]['id']}", headers=fair.headers(**{"If-Match": '"1"'}))

    listed = [row["id"] for row in walk(fair, f"{ROOT}/stalls?limit=2", between=meanwhile)]
    assert listed == [row["id"] for row in reversed(first)]
    assert added[0] in {row["id"] for row in walk(fair, f"{ROOT}/stalls?limit=200")}


def test_the_newest_comes_first_and_small_stalls_before_large_ones(fair: Fair):
    for days, (name, seats) in enumerate([("b", 5), ("a", 5), ("c", 1)]):
        with clock.frozen(LONG_AGO + timedelta(days=days)):
            fair.register(name=name, seats=seats)
    assert [row["name"] for row in walk(fair, f"{ROOT}/stalls?limit=1")] == ["c", "a", "b"]
    assert [row["name"] for row in walk(fair, f"{ROOT}/stalls/by-size?limit=1")] == ["c", "a", "b"]


def test_the_next_page_keeps_the_filter(fair: Fair):
    for n in range(3):
        fair.register(name=f"Café & más {n}", chain="coffee")
        fair.register(name=f"Miel {n}", chain="honey")
    rows = walk(fair, f"{ROOT}/stalls?chain=coffee&q=Caf%C3%A9+%26&limit=1")
    assert {row["chain"] for row in rows} == {"coffee"}
    assert len(rows) == 3


@pytest.mark.parametrize("words", ["%", "_", "\\", "'", '"', "%' OR '1'='1", "100%"])
def test_signs_of_sql_in_a_search_stand_for_themselves(fair: Fair, words: str):
    fair.register(name=f"Con {words} adentro")
    fair.register(name="Sin nada")
    answer = fair.client().get(f"{ROOT}/stalls", query_string={"q": words}, headers=fair.headers())
    assert [row["name"] for row in answer.json["items"]] == [f"Con {words} adentro"]


def test_a_list_without_rows_is_an_empty_list(fair: Fair):
    assert walk(fair, f"{ROOT}/stalls") == []


def test_there_is_no_next_page_after_exactly_the_last_row(fair: Fair):
    for n in range(2):
        fair.register(name=f"Puesto {n}")
    answer = fair.client().get(f"{ROOT}/stalls?limit=2", headers=fair.headers())
    assert "Link" not in answer.headers


def test_a_list_shows_only_the_territory_of_the_caller(fair: Fair):
    for code in ("HN1709", "HN1701", "HN0801", "SV0521"):
        fair.register(municipality=code)

    def seen(*scope: str) -> set[str]:
        answer = fair.client().get(f"{ROOT}/stalls", headers=fair.headers(scope=scope))
        return {row["municipality"] for row in answer.json["items"]}

    assert seen("HN17") == {"HN1709", "HN1701"}
    assert seen("HN1709") == {"HN1709"}
    assert seen("HN", "SV0521") == {"HN1709", "HN1701", "HN0801", "SV0521"}
    assert seen("%") == set()
    assert seen() == set()
    assert len(seen("*")) == 4

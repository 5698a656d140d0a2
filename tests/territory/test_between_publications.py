"""What somebody learns who asks one thing after the other of several months and subtracts: never that 1 to 4 came or
went, whether she asks maps, links, own tables or reports.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from types import SimpleNamespace
from typing import Any, TypeAlias

import pytest

from services.territory.queries import publications
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.publications import beside_each_other
from services.territory.use_cases.publish_figures import publish_figures
from shared.identity import Caller
from shared.kernel import clock
from shared.testing import person
from tests.territory.conftest import register

pytestmark = pytest.mark.both_databases

PLANNER = person("planner", scope="HN17")
COORDINATOR = person("coordinator", scope="HN17")
PORTAL = Caller.service("portal")
DAYS = (date(2026, 1, 20), date(2026, 2, 20), date(2026, 3, 20))
UNITS = ("HN17", "HN1701", "HN1702", "HN1709")
CAME = (
    {"HN1709": (20, 1), "HN1701": (20, 1), "HN1702": (30, 2)},
    {"HN1709": (3, 1), "HN1701": (7, 1), "HN1702": (1, 12)},
    {"HN1709": (2, 1), "HN1701": (12, 1), "HN1702": (9, 1)},
)
"""How many enterprises came before each publication, and of how many women each; `(1, 12)`: one with many women."""
Told: TypeAlias = dict[tuple[str, str, str], set[int]]
"""By place, month and measure every value that somebody was told."""


def at(day: date) -> Any:
    return clock.frozen(datetime(day.year, day.month, day.day, 18, tzinfo=UTC))


@pytest.fixture
def valle(service: SimpleNamespace) -> Iterator[SimpleNamespace]:
    """Valle, published in three months, and asked in the last of them; in February it was published anew after two
    days, as somebody found two enterprises more.
    """
    for day, came in zip(DAYS, CAME, strict=True):
        with at(day), service.database.transaction() as session:
            for town, (number, women) in came.items():
                register(session, number, town, jobs_women=women)
            publish_figures(session, Caller.operator("prueba"), "HN17")
        if day == DAYS[1]:
            with at(day + timedelta(days=2)), service.database.transaction() as session:
                register(session, 2, "HN1701")
                publish_figures(session, Caller.operator("prueba"), "HN17")
    with at(DAYS[2]):
        yield service


def note(told: Told, unit: str, month: str, measure: str, value: float | None) -> None:
    if value is not None:
        told[unit, month, measure].add(int(value))


def from_maps(valle: SimpleNamespace, *, linked: bool = False) -> Told:
    """One map of each day, each for itself, of two kinds."""
    told: Told = defaultdict(set)
    for measure in ("enterprises", "women"):
        for day in (*DAYS, DAYS[1] + timedelta(days=1), DAYS[1] + timedelta(days=8)):
            which = {"kind": "multiples", "measure": measure, "since": "2026-01-01", "until": day.isoformat()}
            shown = answer_of(valle, which, linked=linked)
            month = month_by(day)
            for row in shown["units"]:
                note(told, row["code"], month, measure, row["cells"][-1]["value"])
        for since, until in combinations(DAYS, 2):
            which = {"kind": "change", "measure": measure, "since": since.isoformat(), "until": until.isoformat()}
            for row in answer_of(valle, which, linked=linked)["units"]:
                change, before, after = (cell["value"] for cell in row["cells"])
                note(told, row["code"], month_by(since), measure, before)
                note(told, row["code"], month_by(until), measure, after)
                assert change is None or not 0 < abs(change) < THRESHOLD
    return told


def month_by(day: date) -> str:
    """Which month's publication is told of a day: what was published anew is told of from then on."""
    return "2026-01" if day < DAYS[1] + timedelta(days=2) else f"{day:%Y-%m}"


def answer_of(valle: SimpleNamespace, which: dict[str, Any], *, linked: bool) -> Any:
    if not linked:
        answer = valle.get(PLANNER, "/map", query_string={"unit": "HN17", **which})
    else:
        body = {"unit": "HN17", "map": which, "purpose": "Prueba", "expires_on": "2026-06-01"}
        token = valle.call(COORDINATOR, "POST", "/map-links", json=body).json["token"]
        answer = valle.get(PORTAL, f"/map-links/{token}/map")
    assert answer.status_code == 200, answer.json
    return answer.json


def from_own_tables(valle: SimpleNamespace) -> Told:
    told: Told = defaultdict(set)
    for measure in ("enterprises", "women"):
        for unit in UNITS:
            asked = {"measure": measure, "rows": "month", "units": unit}
            for row in valle.get(PLANNER, "/own-tables/table", query_string=asked).json["rows"]:
                note(told, unit, row["code"], measure, row["cells"][0]["value"])
    return told


def from_reports(valle: SimpleNamespace) -> Told:
    told: Told = defaultdict(set)
    paths = {unit: f"/reports/municipal/{unit}" for unit in UNITS[1:]} | {"HN17": "/reports/departmental/HN17"}
    for unit, path in paths.items():
        for one in valle.get(PLANNER, path).json["summary"]["headlines"]:
            note(told, unit, "2026-03", one["code"], one["value"])
            if one["change"] is not None:
                note(told, unit, "2026-02", one["code"], one["value"] - one["change"])
    return told


def from_chain_reports(valle: SimpleNamespace) -> Told:
    told: Told = defaultdict(set)
    for one in valle.get(PLANNER, "/reports/chain/fishing?unit=HN17").json["summary"]["headlines"]:
        note(told, "HN17", "2026-03", one["code"], one["value"])
        if one["change"] is not None:
            note(told, "HN17", "2026-02", one["code"], one["value"] - one["change"])
    return told


def subtracted(told: Told) -> dict[tuple[str, str], int]:
    """The changes of 1 to 4 between two months, of what was told, and of what the towns leave of the department."""
    known = {key: values for key, values in told.items() if values}
    for month in ("2026-01", "2026-02", "2026-03"):
        for measure in ("enterprises", "women"):
            cells = [(unit, month, measure) for unit in UNITS]
            missing = [cell for cell in cells if cell not in known]
            if len(missing) == 1:
                value = {cell: min(known[cell]) for cell in cells if cell in known}
                towns = sum(number for cell, number in value.items() if cell[0] != "HN17")
                known[missing[0]] = {towns if missing[0][0] == "HN17" else value[cells[0]] - towns}
    return {
        (unit, measure): abs(one - other)
        for (unit, month, measure), values in known.items()
        for (same, later, as_much), others in known.items()
        if (same, as_much) == (unit, measure) and month < later
        for one in values
        for other in others
        if 0 < abs(one - other) < THRESHOLD
    }


def test_who_asks_one_map_of_each_day_learns_of_no_few(valle: SimpleNamespace) -> None:
    told = from_maps(valle)

    assert subtracted(told) == {}
    assert told["HN1701", "2026-03", "enterprises"] == {41}, "the newest is told as it was published"
    assert all(len(values) == 1 for values in told.values()), "the same is told whatever is asked"


def test_a_stranger_with_links_to_maps_learns_of_no_few(valle: SimpleNamespace) -> None:
    assert subtracted(from_maps(valle, linked=True)) == {}


def test_who_asks_maps_own_tables_and_reports_learns_of_no_few(valle: SimpleNamespace) -> None:
    told: Told = defaultdict(set)
    for some in (from_maps(valle), from_own_tables(valle), from_reports(valle)):
        for key, values in some.items():
            told[key] |= values

    assert any(key[1] == "2026-01" for key in told)
    assert subtracted(told) == {}
    assert all(len(values) == 1 for values in told.values())


def test_the_report_of_a_chain_tells_no_change_of_few(service: SimpleNamespace) -> None:
    with at(DAYS[1]), service.database.transaction() as session:
        register(session, 20, jobs_women=2)
        publish_figures(session, Caller.operator("prueba"), "HN17")
    with at(DAYS[2]), service.database.transaction() as session:
        register(session, 3, jobs_women=10)
        publish_figures(session, Caller.operator("prueba"), "HN17")

    with at(DAYS[2]):
        told = service.get(PLANNER, "/reports/chain/fishing?unit=HN17").json["summary"]

    changes = {one["code"]: (one["value"], one["change"]) for one in told["headlines"]}
    assert changes["enterprises"] == (23, None)
    assert changes["women"] == (70, None), "thirty women of three enterprises"
    assert not any(one["code"] == "finding.grew" for one in told["findings"])


def test_a_publication_that_was_made_anew_is_told_of_no_longer(valle: SimpleNamespace) -> None:
    between = (DAYS[1] + timedelta(days=1)).isoformat()
    which = {"kind": "multiples", "measure": "enterprises", "since": "2026-01-01", "until": between}

    shown = {row["code"]: row["cells"][-1]["value"] for row in answer_of(valle, which, linked=False)["units"]}

    assert shown["HN1701"] in {20, None}, "January's, as February's of that day was replaced"


def test_publications_are_compared_once_until_there_is_a_new_one(
    valle: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []

    def counted(figures: Any, department: str) -> Any:
        compared.append(len(figures))
        return beside_each_other(figures, department)

    monkeypatch.setattr(publications, "beside_each_other", counted)
    for _ in range(2):
        from_own_tables(valle)
    assert compared == [3]

    with at(date(2026, 4, 20)):
        from_own_tables(valle)
    assert compared == [3, 4]

"""Criteria by edition: adopted by who coordinates, of the smallest unit around, from a day on, and never changed."""

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from services.territory.models import CriteriaEdition
from services.territory.queries.criteria import holding, holding_in, judging, kinds, shipped
from services.territory.rules.criteria import changed, numbers
from services.territory.rules.disclosure import THRESHOLD
from services.territory.rules.protected_table import Protection
from services.territory.use_cases import publish_figures
from services.territory.use_cases.adopt_criteria import adopt_criteria
from shared import history
from shared.database import Database
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, Invalid, clock
from shared.testing import person
from tests.territory.conftest import register

NETWORK = person("network_coordinator", scope="*")
COORDINATOR = person("coordinator", scope="HN17", name="Carmen Coordinadora")
NOW = clock.now()
TODAY = NOW.astimezone(LOCAL_TIME).date()
EDITION: dict[str, Any] = {
    "kind": "chain_map",
    "unit": "HN17",
    "valid_from": TODAY.isoformat(),
    "source": "Acta ficticia 4 del equipo",
    "values": [{"name": "few", "value": 13}],
}


@pytest.fixture(autouse=True)
def same_day() -> Iterator[None]:
    """No test runs past midnight."""
    with clock.frozen(NOW):
        yield


def adopt(service: SimpleNamespace, caller: Caller = COORDINATOR, **changes: Any) -> Any:
    return service.call(caller, "POST", "/criteria", json=EDITION | changes)


def few(service: SimpleNamespace, unit: str | None, day: Any = TODAY) -> Any:
    with service.database.reading() as session:
        return holding(session, "chain_map", unit, day).values["few"]


@pytest.mark.parametrize("kind", kinds())
def test_every_shipped_record_is_dated_says_its_source_and_keeps_its_own_limits(kind: str) -> None:
    record = shipped(kind)
    assert record.source
    assert numbers(record.values)
    assert set(record.limits) == set(numbers(record.values))
    assert changed(record.values, numbers(record.values), record.limits) == record.values


PRIVACY = {
    **{
        (kind, "few"): 5
        for kind in ("chain_map", "comparison", "introductions", "potential", "quality", "selection", "sites", "unmet")
    },
    ("comparison", "departments"): 2,
    ("disclosure", "interval"): 20,
    ("disclosure", "percent"): 15,
    ("maps", "least_rate"): 5,
}


@pytest.mark.parametrize(("kind", "name"), PRIVACY)
def test_no_edition_tells_of_fewer_than_the_house_does(service: SimpleNamespace, kind: str, name: str) -> None:
    least = PRIVACY[kind, name]
    told = {"kind": kind, "unit": None}
    weaker = adopt(service, NETWORK, **told, values=[{"name": name, "value": least - 1}])
    assert (weaker.status_code, weaker.json["errors"][0]["code"]) == (422, "criteria.out_of_range")
    assert adopt(service, NETWORK, **told, values=[{"name": name, "value": least}]).status_code == 201


@pytest.mark.parametrize(("name", "value"), [("shares.0.0", 3), ("shares.0.1", 76), ("shares.1.1", 91)])
def test_no_edition_lets_one_or_two_dominate_more(service: SimpleNamespace, name: str, value: int) -> None:
    weaker = adopt(service, NETWORK, kind="disclosure", unit=None, values=[{"name": name, "value": value}])
    assert (weaker.status_code, weaker.json["errors"][0]["code"]) == (422, "criteria.out_of_range")


def test_the_threshold_of_the_house_is_no_criterion() -> None:
    assert "threshold" not in numbers(shipped("disclosure").values)
    assert Protection.from_criteria(shipped("disclosure").values).threshold == THRESHOLD == 5


def test_an_edition_from_before_the_limits_tells_of_no_fewer_either(database: Database) -> None:
    with database.transaction() as session:
        session.add(
            CriteriaEdition.adopt(
                COORDINATOR, kind="potential", unit=None, valid_from=TODAY, source="x", values={"few": 2, "draws": 100}
            )
        )
        session.flush()
        held = holding(session, "potential").values
    assert (held["few"], held["draws"]) == (5, 100)


def test_the_edition_of_the_smallest_unit_around_holds(service: SimpleNamespace) -> None:
    assert few(service, "HN1709") == 5, "what the project ships"
    adopt(service, NETWORK, unit=None, values=[{"name": "few", "value": 19}])
    adopt(service, NETWORK, unit="HN", values=[{"name": "few", "value": 18}])
    assert adopt(service).status_code == 201
    adopt(service, NETWORK, unit="HN", values=[{"name": "few", "value": 17}])
    assert [few(service, unit) for unit in ("HN1709", "HN17", "HN0601", "GT", None)] == [13, 13, 17, 19, 19]


def test_many_units_are_told_at_once_what_each_is_told_alone(service: SimpleNamespace) -> None:
    adopt(service, NETWORK, unit=None, values=[{"name": "few", "value": 9}])
    adopt(service, NETWORK, unit="HN", values=[{"name": "few", "value": 8}])
    adopt(service, NETWORK, unit="SV0101", values=[{"name": "few", "value": 6}])
    adopt(service)
    adopt(service, valid_from=(TODAY + timedelta(days=1)).isoformat(), values=[{"name": "few", "value": 14}])
    units = ["HN", "HN17", "HN1709", "HN0601", "GT", "SV0101", "SV0102"]
    with service.database.reading() as session:
        together = holding_in(session, "chain_map", units)
        assert together == {unit: holding(session, "chain_map", unit) for unit in units}
        assert [together[unit].values["few"] for unit in units] == [8, 13, 13, 8, 9, 6, 9]
        assert holding_in(session, "potential", ["HN17"]) == {"HN17": shipped("potential")}


def test_of_several_units_the_edition_of_what_is_around_all_of_them_holds(service: SimpleNamespace) -> None:
    adopt(service, NETWORK, unit="HN", values=[{"name": "few", "value": 8}])
    adopt(service)
    with service.database.reading() as session:
        asked = (["HN1709"], ["HN1701", "HN1709"], ["HN17", "HN06"], ["HN17", "GT"])
        assert [judging(session, "chain_map", units).values["few"] for units in asked] == [13, 13, 8, 5]


@pytest.mark.parametrize(
    ("analysis", "kind", "number", "value"),
    [("patterns", "patterns", "least", 900), ("sites", "sites", "places", 1), ("reach", "reach", "limit_km", 77),
     ("clusters", "clusters", "least", 99), ("change", "comparison", "few", 50)],
)  # fmt: skip
def test_analyses_judge_by_the_edition_of_their_place(
    service: SimpleNamespace, analysis: str, kind: str, number: str, value: int
) -> None:
    with service.database.transaction() as session:
        register(session, 6)
    adopt(service, kind=kind, values=[{"name": number, "value": value}])
    inside = service.get(COORDINATOR, f"/analyses/{analysis}?unit=HN17").json
    assert inside["criteria_source"] == EDITION["source"]
    assert service.get(NETWORK, f"/analyses/{analysis}?unit=HN06").json["criteria_source"] != EDITION["source"]


def test_maps_judge_by_the_edition_of_their_place(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 6)
    path = "/map?unit=HN17&kind=categories&theme=local_moran"
    shipped_least = shipped("patterns").values["least"]
    adopt(service, kind="patterns", values=[{"name": "least", "value": shipped_least + 20}])
    refused = service.get(COORDINATOR, path).json
    assert refused["code"] == "map.too_few_units"
    assert str(shipped_least + 20) in refused["detail"]


def test_a_publication_is_protected_by_the_edition_of_its_department(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.transaction() as session:
        told = {"shares.0.1": 60.0}
        adopt_criteria(
            session,
            COORDINATOR,
            kind="disclosure",
            unit="HN17",
            valid_from=TODAY,
            source="Acta ficticia 5",
            values=told,
        )
    asked: list[Any] = []
    monkeypatch.setattr(publish_figures, "protected", lambda figures, _unit, rule: asked.append(rule) or figures)
    with database.reading() as session:
        for department in ("HN17", "HN06"):
            publish_figures.figures_of_today(session, COORDINATOR, department)
    assert [rule.shares[0][1] for rule in asked] == [60.0, shipped("disclosure").values["shares"][0][1]]


def test_what_is_told_of_a_country_is_for_the_country_to_decide(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 6)
    adopt(service, kind="comparison", values=[{"name": "few", "value": 9}])
    path = "/analyses/specialisation?unit=HN17"
    assert service.get(COORDINATOR, path).json["criteria_source"] != EDITION["source"]
    adopt(service, NETWORK, kind="comparison", unit="HN", values=[{"name": "few", "value": 9}])
    assert service.get(COORDINATOR, path).json["criteria_source"] == EDITION["source"]


def test_introductions_judge_by_the_edition_of_their_place(service: SimpleNamespace) -> None:
    adopt(service, kind="introductions", values=[{"name": "reach_m", "value": 1234}])
    assert service.get(COORDINATOR, "/introductions?unit=HN1709").json["reach_m"] == 1234


def test_an_edition_holds_from_its_day_on_and_the_later_of_one_day_counts(service: SimpleNamespace) -> None:
    later = TODAY + timedelta(days=10)
    adopt(service, valid_from=later.isoformat())
    assert (few(service, "HN17"), few(service, "HN17", later)) == (5, 13)
    adopt(service, valid_from=later.isoformat(), values=[{"name": "few", "value": 14}])
    assert few(service, "HN17", later) == 14


def test_numbers_that_are_not_named_stay_as_they_are_there(service: SimpleNamespace) -> None:
    adopt(service)
    made = adopt(service, values=[{"name": "tight", "value": 0.4}]).json
    assert {one["name"]: one["value"] for one in made["values"]} == {"few": 13, "tight": 0.4, "crowd": 3.0}
    assert (made["adopted_by_name"], made["unit"]) == ("Carmen Coordinadora", "HN17")
    rows = service.get(COORDINATOR, "/criteria").json["items"]
    assert rows[0]["id"] == made["id"]
    assert len(rows) == 2
    with service.database.reading() as session:
        [entry] = history.of(session, UUID(made["id"]))
    assert entry["after"]["source"] == EDITION["source"]


def test_what_holds_is_told_with_its_source_and_day(service: SimpleNamespace) -> None:
    adopt(service)
    told = {row["kind"]: row for row in service.get(COORDINATOR, "/criteria/in-force?unit=HN1709").json["items"]}
    assert set(told) == set(kinds())
    assert (told["chain_map"]["source"], told["chain_map"]["unit"]) == (EDITION["source"], "HN17")


def test_the_chain_map_judges_by_the_edition_of_its_place(service: SimpleNamespace) -> None:
    path = "/chains/map?unit=HN1709"
    assert service.get(COORDINATOR, path).json["criteria_unit"] is None
    adopt(service)
    told = service.get(COORDINATOR, path).json
    assert (told["criteria_unit"], told["criteria_source"]) == ("HN17", EDITION["source"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "none"}, "field.not_a_choice"),
        ({"valid_from": (TODAY - timedelta(days=1)).isoformat()}, "criteria.in_the_past"),
        ({"values": []}, "field.list_size"),
        ({"values": [{"name": "other", "value": 1}]}, "criteria.unknown_number"),
        ({"values": [{"name": "few", "value": 6.5}]}, "criteria.not_whole"),
        ({"values": [{"name": "few", "value": 1}]}, "criteria.out_of_range"),
        ({"values": [{"name": "few", "value": 3}, {"name": "few", "value": 4}]}, "criteria.named_twice"),
        ({"values": [{"name": "few", "value": "3"}]}, "field.not_number"),
        ({"unit": "HN1799"}, "unit.unknown"),
        ({"source": ""}, None),
    ],
)
def test_what_makes_no_edition_is_refused(service: SimpleNamespace, changes: dict[str, Any], code: str | None) -> None:
    refused = adopt(service, **changes)
    assert refused.status_code == 422, refused.text
    assert code is None or code in refused.text
    assert service.get(COORDINATOR, "/criteria").json["items"] == []


def test_only_who_coordinates_adopts_and_only_in_her_territory(service: SimpleNamespace) -> None:
    assert adopt(service, person("technician", scope="HN17")).status_code == 403
    assert adopt(service, person("coordinator", scope="HN06")).status_code == 403
    assert adopt(service, unit=None).status_code == 403
    adopt(service)
    assert service.get(person("technician", scope="HN06"), "/criteria").json["items"] == []
    assert service.get(person("planner", scope="HN17"), "/criteria").status_code == 403
    assert service.get(person("technician", scope="HN06"), "/criteria/in-force?unit=HN17").status_code == 403


def test_numbers_inside_others_have_a_name_and_change_alone() -> None:
    record = {"weights": {"credit": 3, "market": 0.5}, "breaks": [1, 2], "words": "x", "on": True}
    assert numbers(record) == {"weights.credit": 3, "weights.market": 0.5, "breaks.0": 1, "breaks.1": 2}
    told = changed(record, {"weights.market": 2, "breaks.1": 7.0}, {})
    assert told == {"weights": {"credit": 3, "market": 2}, "breaks": [1, 7], "words": "x", "on": True}
    for bad in (float("nan"), float("inf"), -1, 2_000_000):
        with pytest.raises(Invalid):
            changed(record, {"weights.market": bad}, {})


def test_what_the_project_ships_later_is_in_editions_adopted_before(database: Database) -> None:
    with database.transaction() as session:
        session.add(
            CriteriaEdition.adopt(
                COORDINATOR, kind="chain_map", unit=None, valid_from=TODAY, source="x", values={"few": 7, "gone": 1}
            )
        )
        session.flush()
        assert dict(holding(session, "chain_map").values) == {"few": 7, "tight": 0.5, "crowd": 3.0}


def test_a_number_inside_another_that_is_shipped_later_is_in_them_too(database: Database) -> None:
    before = {"weights": {"credit": 9, "gone": 4}, "few": 8}
    with database.transaction() as session:
        session.add(
            CriteriaEdition.adopt(COORDINATOR, kind="potential", unit=None, valid_from=TODAY, source="x", values=before)
        )
        session.flush()
        held = holding(session, "potential").values
    assert held == {
        **shipped("potential").values,
        "weights": {**shipped("potential").values["weights"], "credit": 9},
        "few": 8,
    }

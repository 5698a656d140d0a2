"""A table on its way: sent, read, confirmed, used; and the rates that come of it."""

import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from services.territory.cli import group
from services.territory.intake.denominators import read_denominators
from services.territory.models import Denominator, DenominatorSet, TableFile, UnitEdition
from services.territory.queries.denominators import rates
from services.territory.use_cases.adopt_tables import adopt_denominators, adopt_units
from shared.database import Database
from shared.identity import Caller
from shared.kernel import Forbidden, uuid7
from shared.testing import person
from tests.territory.conftest import register
from tests.territory.test_boundaries import run_jobs
from tests.territory.test_reading_tables import SIMPLE, UNITS, as_csv

pytestmark = pytest.mark.both_databases

KEEPER = person("network_coordinator", scope="*")
ABOUT = {"title_es": "Población 2024", "title_en": "Population 2024", "source": "INE", "licence": "pública"}
VALLE = ["HN1701", "HN1702", "HN1703", "HN1704", "HN1705", "HN1706", "HN1707", "HN1708", "HN1709"]


def adopted(
    database: Database, content: bytes, *, caller: Caller = KEEPER, indicator: str = "population", year: str = "2024"
) -> dict[str, Any]:
    reading = read_denominators(content, {"indicator": indicator, "year": year})
    with database.transaction() as session:
        file = TableFile.received(uuid7(), "t.csv", {}, caller, purpose="denominators")
        session.add(file)
        session.flush()
        return adopt_denominators(session, caller, file, reading, ABOUT)


def women_of(units: list[str], women: int = 1000) -> bytes:
    return as_csv("codigo,mujeres,total", *(f"{unit},{women},{2 * women}" for unit in units))


def test_a_rate_is_per_a_thousand_women_and_says_its_year(database: Database) -> None:
    adopted(database, women_of(VALLE))
    with database.reading() as session:
        found = rates(session, {"HN1709": 12, "HN1701": None}, "population", ["HN1709", "HN1701", "HN17"], sex="women")

    assert [one.value for one in found.rates] == [12.0, None, None]
    assert found.rates[2].denominator == 9000
    assert (found.sources[0].year, found.sources[0].source, found.coverage) == (2024, "INE", 1.0)


def test_a_department_with_a_municipality_missing_has_no_rate(database: Database) -> None:
    adopted(database, women_of(VALLE[1:]))
    with database.reading() as session:
        found = rates(session, {"HN17": 10}, "population", ["HN17"], sex="women").rates[0]

    assert (found.value, found.denominator, found.covered) == (None, None, pytest.approx(8 / 9))


def test_the_municipalities_of_today_are_the_sum_of_their_districts(database: Database) -> None:
    adopted(database, women_of(["SV0101", "SV0102", "SV0104", "SV0112"], 500))
    from shared import places

    with database.reading() as session:
        found = rates(session, {"SV01-CENTRO": 10}, "population", ["SV01-CENTRO"], sex="women").rates[0]
    known = len({"SV0101", "SV0102", "SV0104", "SV0112"} & set(places.districts_of("SV01-CENTRO")))
    assert found.covered == known / len(places.districts_of("SV01-CENTRO"))


def test_the_newest_year_is_taken_and_a_year_may_be_asked_for(database: Database) -> None:
    adopted(database, women_of(["HN1709"], 1000), year="2018")
    adopted(database, women_of(["HN1709"], 2000), year="2024")
    with database.reading() as session:
        new = rates(session, {"HN1709": 10}, "population", ["HN1709"], sex="women")
        old = rates(session, {"HN1709": 10}, "population", ["HN1709"], sex="women", year=2020)

    assert [new.rates[0].value, old.rates[0].value] == [5.0, 10.0]


def test_a_share_of_establishments_is_by_class_or_its_beginning(database: Database) -> None:
    content = as_csv("codigo,ciiu4,size,n", "HN1709,111,MICROEMPRESA ,30", "HN1709,0112,GRANDE,10", "HN1709,4711,x,1",
                     "HN1709,4711,micro,60", "HN1701,4711,micro,5")  # fmt: skip
    adopted(database, content, indicator="establishments")
    with database.reading() as session:

        def share(**filters: str) -> list[float | None]:
            told = {"HN1709": 10.0, "HN1701": 1.0}
            return [one.value for one in rates(session, told, "establishments", list(told), per=100, **filters).rates]

        assert share() == [10.0, 20.0]
        assert share(ciiu="011") == [25.0, None]
        assert share(ciiu="4711", size="micro") == [pytest.approx(100 / 6), 20.0]


def test_poverty_of_municipalities_is_not_added_up(database: Database) -> None:
    adopted(database, as_csv("codigo,valor", *(f"{unit},0.5" for unit in VALLE)), indicator="poverty")
    with database.reading() as session:
        assert rates(session, {"HN17": 1}, "poverty", ["HN17"]).rates[0].denominator is None


def test_without_denominators_there_is_no_rate_and_no_error(database: Database) -> None:
    with database.reading() as session:
        found = rates(session, {"HN17": 1}, "population", ["HN17"])
        assert (found.coverage, found.sources, found.rates[0].value) == (0.0, (), None)
        assert rates(session, {}, "population", []).coverage == 0.0


def test_the_same_table_twice_replaces_itself(database: Database) -> None:
    adopted(database, women_of(VALLE))
    adopted(database, women_of(VALLE))

    with database.reading() as session:
        states = session.scalars(select(DenominatorSet.state).order_by(DenominatorSet.id)).all()
        assert list(states) == ["replaced", "in_force"]
        assert session.scalar(select(func.count()).select_from(Denominator)) == 4 * len(VALLE)


def test_a_coordinator_brings_nothing_of_another_country(database: Database) -> None:
    with pytest.raises(Forbidden):
        adopted(database, women_of(VALLE), caller=person("coordinator", scope="GT"))
    with database.reading() as session:
        assert session.scalars(select(DenominatorSet)).all() == []


def test_units_are_adopted_twice_without_a_trace_and_only_at_home(database: Database) -> None:
    values = [["HN170901", "El Centro", "district", "HN1709", None, None]]

    def adopt(caller: Caller) -> None:
        with database.transaction() as session:
            file = TableFile.received(uuid7(), "u.csv", {}, caller, purpose="units")
            session.add(file)
            session.flush()
            adopt_units(session, caller, file, {"values": values})

    adopt(person("coordinator", scope="HN17"))
    adopt(person("coordinator", scope="HN1709"))
    with pytest.raises(Forbidden):
        adopt(person("coordinator", scope="HN1701"))
    with database.reading() as session:
        assert list(session.scalars(select(UnitEdition.name))) == ["El Centro"]


def send(service: SimpleNamespace, content: bytes, caller: Caller = KEEPER, **more: str) -> Any:
    data = {"file": (io.BytesIO(content), "tabla.csv"), "purpose": "denominators", **more}
    return service.call(caller, "POST", "/table-files", data=data)


def table(service: SimpleNamespace, table_id: str) -> Any:
    return service.get(KEEPER, f"/table-files/{table_id}").json


def change(service: SimpleNamespace, table_id: str, what: str, body: Any, caller: Caller = KEEPER) -> Any:
    version = table(service, table_id)["version"]
    headers = {"If-Match": f'"{version}"'}
    return service.call(caller, "PUT", f"/table-files/{table_id}/{what}", json=body, headers=headers)


def test_a_table_is_sent_mapped_looked_at_and_used(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 12)
    sent = send(service, SIMPLE)
    assert sent.status_code == 202, sent.get_data(as_text=True)
    run_jobs(service)
    asked = table(service, sent.json["id"])
    assert (asked["state"], asked["problem"]["code"]) == ("unreadable", "tables.which_indicator")
    assert "indicador" in asked["problem"]["detail"]

    again = change(service, sent.json["id"], "columns", {"indicator": "population", "year": "2024"})
    assert again.status_code == 200, again.get_data(as_text=True)
    run_jobs(service)
    assert table(service, sent.json["id"])["reading"]["report"]["values"] == 4
    used = change(service, sent.json["id"], "adoption", ABOUT)
    assert used.status_code == 202, used.get_data(as_text=True)
    run_jobs(service)

    assert table(service, sent.json["id"])["state"] == "adopted"
    made = service.get(person("planner"), "/denominators").json["items"][0]
    assert (made["indicator"], made["country"], made["year"], made["rows"]) == ("population", "HN", 2024, 4)
    values = service.get(person("planner"), f"/denominators/{made['id']}/values?unit=HN1709").json["items"]
    assert [(row["sex"], row["value"]) for row in values] == [("men", 20100.0), ("women", 21500.0)]
    told = service.get(KEEPER, "/rates?indicator=population&sex=women&unit=HN1709,HN1701").json
    assert told["rates"][1]["value"] == pytest.approx(12 / 21.5)
    assert (told["coverage"], told["sources"][0]["year"]) == (1.0, 2024)


def test_adoption_asks_for_title_and_source_and_its_version(service: SimpleNamespace) -> None:
    sent = send(service, SIMPLE, indicator="population", year="2024").json
    run_jobs(service)

    assert change(service, sent["id"], "adoption", {"title_es": "x", "title_en": "x"}).status_code == 422
    path = f"/table-files/{sent['id']}/adoption"
    assert service.call(KEEPER, "PUT", path, json=ABOUT).status_code == 428
    assert service.call(KEEPER, "PUT", path, json=ABOUT, headers={"If-Match": '"99"'}).status_code == 412
    assert change(service, sent["id"], "adoption", ABOUT, person("coordinator", scope="GT01")).status_code == 403


def test_a_job_that_was_killed_is_taken_up_again(service: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    from services.territory.use_cases import take_tables

    sent = send(service, SIMPLE, indicator="population", year="2024").json
    run_jobs(service)
    change(service, sent["id"], "adoption", ABOUT)
    whole = take_tables.adopt

    def killed(*given: Any) -> Any:
        whole(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(take_tables, "adopt", killed)
    with pytest.raises(KeyboardInterrupt):
        run_jobs(service)
    monkeypatch.setattr(take_tables, "adopt", whole)
    with service.database.transaction() as session:
        assert session.scalars(select(DenominatorSet)).all() == []
        from sqlalchemy import update

        from shared.jobs import job_table, now

        session.execute(update(job_table).where(job_table.c.state == "running").values(due_at=now()))
    run_jobs(service)

    assert table(service, sent["id"])["state"] == "adopted"
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Denominator)) == 4


def test_districts_come_by_file_and_stand_among_the_units(service: SimpleNamespace) -> None:
    data = {"file": (io.BytesIO(UNITS), "aldeas.csv"), "purpose": "units", "country": "HN"}
    sent = service.call(person("coordinator", scope="HN17"), "POST", "/table-files", data=data)
    run_jobs(service)
    assert table(service, sent.json["id"])["reading"]["scope"] == ["HN1709"]
    change(service, sent.json["id"], "adoption", {}, person("coordinator", scope="HN17"))
    run_jobs(service)

    def codes(query: str) -> list[str]:
        return [row["name"] for row in service.get(person("planner"), f"/units?{query}").json["items"]]

    assert codes("day=2026-01-01&inside=HN1709") == ["El Centro", "La Criba Vieja", "el centro"]
    assert codes("day=2005-01-01&inside=HN1709&level=district") == ["El Centro", "La Criba", "el centro"]


def test_a_set_is_withdrawn_once_by_who_keeps_it(service: SimpleNamespace) -> None:
    adopted(service.database, women_of(VALLE))
    made = service.get(KEEPER, "/denominators").json["items"][0]
    path, headers = f"/denominators/{made['id']}/withdrawal", {"If-Match": f'"{made["version"]}"'}

    assert service.call(person("coordinator", scope="GT"), "POST", path, headers=headers).status_code == 403
    assert service.call(person("planner"), "POST", path, headers=headers).status_code == 403
    assert service.call(KEEPER, "POST", path, headers=headers).status_code == 200
    again = service.get(KEEPER, f"/denominators/{made['id']}").json
    refused = service.call(KEEPER, "POST", path, headers={"If-Match": f'"{again["version"]}"'})
    assert (refused.status_code, refused.json["code"]) == (409, "denominators.not_in_force")
    assert service.get(KEEPER, "/rates?indicator=population&unit=HN17").json["sources"] == []


@pytest.mark.parametrize("role", ["technician", "planner", "leda_viewer", "auditor"])
def test_others_may_not_bring_tables(service: SimpleNamespace, role: str) -> None:
    assert send(service, SIMPLE, person(role)).status_code == 403
    assert service.get(person(role), "/denominators").status_code == 200


def test_a_planner_s_rate_never_tells_what_is_withheld(service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 3)
        register(session, 9, "HN1701")
    adopted(service.database, women_of(VALLE))

    told = service.get(person("planner", scope="HN17"), "/rates?indicator=population&sex=women&unit=HN17").json
    by_unit = {row["unit"]: row for row in told["rates"]}
    assert told["published"]
    assert (by_unit["HN1709"]["numerator"], by_unit["HN1709"]["value"]) == (None, None)


def command(service: SimpleNamespace, *arguments: str, typed: str = "") -> Any:
    house = SimpleNamespace(service=lambda _name: service.built)
    return CliRunner().invoke(group, list(arguments), obj=house, input=typed)


def test_the_command_recognises_a_table_and_asks(service: SimpleNamespace, reference_data: Path) -> None:
    path = reference_data / "municipal_gt" / "ranking_municipal_segepla.json"

    declined = command(service, "denominators", "import", str(path), typed="n\n")
    assert declined.exit_code != 0
    assert "340 de 340" in declined.output
    assert "Sansare" in declined.output
    done = command(service, "denominators", "import", str(path), "--yes")
    assert done.exit_code == 0, done.output
    listed = command(service, "denominators", "list").output
    assert "Ranking de la gestión municipal 2018 (SEGEPLAN Guatemala)" in listed
    assert command(service, "denominators", "withdraw", listed.split()[0]).exit_code == 0
    assert command(service, "denominators", "list").output == ""


def test_the_command_takes_units_and_lists_them(service: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "aldeas.csv"
    path.write_bytes(UNITS)

    done = command(service, "units", "import", str(path), "--yes", "--map", "country=HN")
    assert done.exit_code == 0, done.output
    assert "Vigencias que se traslapan (1)" in done.output
    assert "La Criba Vieja" in command(service, "units", "list", "--inside", "HN1709").output
    assert "Ahuachapán Centro" in command(service, "units", "list", "--inside", "SV01").output
    assert command(service, "units", "import", str(path), "--map", "colour=x").exit_code == 2

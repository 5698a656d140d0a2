"""The published table of establishments: made once by a job, read by every role, never telling a few."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from deploy.house import House
from services.territory.cli import group
from services.territory.models import EstablishmentCell, EstablishmentTable
from services.territory.rules.establishments import _leaves
from services.territory.use_cases import protect_establishments as protecting
from shared.jobs import job_table, now
from shared.kernel import uuid7
from shared.testing import person
from tests.portal.conftest import text_of
from tests.territory.conftest import register
from tests.territory.table_attack import Attack
from tests.territory.test_boundaries import run_jobs
from tests.territory.test_data_pages import run_jobs as run_house
from tests.territory.test_pages import browser, house  # noqa: F401 - fixtures
from tests.territory.test_reading_tables import as_csv
from tests.territory.test_tables import KEEPER, adopted

LINES = (
    "HN1709,1071,MICROEMPRESA,40", "HN1709,1071,EMPRESA GRANDE,1", "HN1709,1079,MICROEMPRESA,3",
    "HN1709,4711,MICROEMPRESA,90", "HN1709,4711,PEQUEÑA EMPRESA,12", "HN1701,1071,MICROEMPRESA,22",
    "HN1701,1079,MICROEMPRESA,9", "HN1701,4711,MICROEMPRESA,31", "HN1701,4711,PEQUEÑA EMPRESA,2",
    "HN0801,1071,MICROEMPRESA,75", "HN0801,1079,MICROEMPRESA,17", "HN0801,4711,MICROEMPRESA,260",
    "HN0801,4711,PEQUEÑA EMPRESA,44", "HN0801,4711,EMPRESA GRANDE,8", "HN0107,4711,MICROEMPRESA,29",
    "HN0107,1071,MICROEMPRESA,11",
)  # fmt: skip
EVERYBODY = ["technician", "coordinator", "planner", "leda_viewer", "auditor", "organization", "admin", "cashier"]


def directory(*lines: str) -> bytes:
    return as_csv("codigo,ciiu,tamano,total", *(lines or LINES))


@pytest.fixture
def table(service: SimpleNamespace) -> str:
    """The table of a small directory, made."""
    adopted(service.database, directory(), indicator="establishments")
    run_jobs(service)
    return str(service.get(KEEPER, "/establishments").json["items"][0]["id"])


def cells(service: SimpleNamespace, table_id: str, role: str = "planner", query: str = "") -> list[dict[str, Any]]:
    path, found = f"/establishments/{table_id}/cells?limit=50{query}", []
    while path:
        page = service.get(person(role), path)
        found += page.json["items"]
        path = page.headers.get("Link", "").partition("/v1")[2].partition(">")[0]
    return found


def row(told: Mapping[str, Any], code: str) -> dict[str, Any]:
    return {cell["size"]: cell for cell in next(one for one in told["rows"] if one["code"] == code)["cells"]}


def test_a_set_of_establishments_comes_with_its_table(service: SimpleNamespace) -> None:
    adopted(service.database, directory(), indicator="establishments")
    waiting = service.get(person("planner"), "/establishments").json["items"][0]
    assert (waiting["made_at"], waiting["job"]["state"]) == (None, "queued")
    early = service.get(person("planner"), f"/establishments/{waiting['id']}")
    assert (early.status_code, early.json["code"]) == (409, "establishments.being_made")
    run_jobs(service)

    made = service.get(person("planner"), "/establishments").json["items"][0]
    told = service.get(person("planner"), f"/establishments/{made['id']}").json

    assert (made["job"]["state"], made["job"]["done"], made["criteria_from"]) == ("done", 100, "2026-01-01")
    assert made["lost"]["cells"] == len(cells(service, made["id"]))
    assert [one["code"] for one in told["rows"]] == ["all", "C", "G"]
    assert row(told, "G")["micro"]["value"] == 410
    assert [one["name"] for one in told["rows"]][1] == "C Industrias manufactureras"


@pytest.mark.parametrize("role", EVERYBODY)
def test_every_role_reads_the_same_table(service: SimpleNamespace, table: str, role: str) -> None:
    told = service.get(person(role), f"/establishments/{table}?place=HN1709&ciiu=10")

    assert told.status_code == 200
    assert told.json == service.get(KEEPER, f"/establishments/{table}?place=HN1709&ciiu=10").json


def test_small_and_dominated_cells_are_withheld_and_zero_is_told(service: SimpleNamespace, table: str) -> None:
    told = service.get(person("planner"), f"/establishments/{table}?place=HN1709&ciiu=10").json

    assert row(told, "1079")["micro"] == {
        "size": "micro",
        "state": "withheld",
        "value": None,
        "low": None,
        "high": None,
    }
    assert row(told, "1071")["large"]["state"] == "withheld"
    assert row(told, "1071")["all"]["state"] == "withheld"
    assert row(told, "1071")["medium"] == {"size": "medium", "state": "told", "value": 0, "low": None, "high": None}


def test_a_class_is_told_by_place_and_leads_down_and_up(service: SimpleNamespace, table: str) -> None:
    country = service.get(person("planner"), f"/establishments/{table}?by=place&ciiu=4711").json
    department = service.get(person("planner"), f"/establishments/{table}?by=place&ciiu=4711&place=HN17").json

    assert [(one["code"], one["opens"]) for one in country["rows"]] == [
        ("HN", False), ("HN01", True), ("HN08", True), ("HN17", True),
    ]  # fmt: skip
    assert [one["code"] for one in department["rows"]] == ["HN17", "HN1701", "HN1709"]
    assert [one["opens"] for one in department["rows"]] == [False, False, False]
    assert row(country, "HN")["micro"]["value"] == 410


def test_who_keeps_all_its_files_recovers_no_withheld_cell(service: SimpleNamespace, table: str) -> None:
    """The reader takes what the API tells a planner, cell by cell, and does linear programming on it."""
    told = {}
    for one in cells(service, table):
        value = float(one["value"]) if one["state"] == "told" else None
        told[one["place"], one["ciiu"], one["size"]] = (one["low"], one["high"]) if one["state"] == "range" else value
    leaves: dict[tuple, int] = {}
    for line in LINES:
        place, code, size, count = line.split(",")
        known = {"MICROEMPRESA": "micro", "PEQUEÑA EMPRESA": "small", "EMPRESA GRANDE": "large"}
        leaves[place, code, known[size]] = int(count)
    above = {"1071": "10", "1079": "10", "10": "C", "C": "all", "4711": "47", "47": "G", "G": "all"}

    def totals_of(cell: tuple) -> Iterator[tuple[int, tuple]]:
        place, code, size = cell
        if place != "HN":
            yield 0, (place[:-2], code, size)
        if code != "all":
            yield 1, (place, above[code], size)
        if size != "all":
            yield 2, (place, code, "all")

    truth: dict[tuple, int] = {}
    least: dict[tuple, int] = {}
    for (place, code, size), count in leaves.items():
        classes = [code, above[code], above[above[code]], "all"]
        for cell in product((place, place[:4], "HN"), classes, (size, "all")):
            truth[cell] = truth.get(cell, 0) + count
            least[cell] = least.get(cell, 0) + 1
    small = [cell for cell, count in truth.items() if count < 5]

    assert set(told) == set(truth)
    assert all(told[cell] is None for cell in small)
    assert Attack(told, leaves, totals_of).recovered(truth, least, small, 0.2) == []


def test_the_files_tell_what_the_page_tells(service: SimpleNamespace, table: str) -> None:
    path = f"/establishments/{table}/document?place=HN1709&ciiu=10"
    csv_file, xlsx = service.get(person("planner"), path), service.get(person("planner"), f"{path}&format=xlsx")
    whole = service.get(person("planner"), f"/establishments/{table}/cells/document")

    lines = csv_file.get_data().decode("utf-8-sig").splitlines()
    assert lines[0] == "Código;Clase CIIU;Todos los tamaños;Micro;Pequeña;Mediana;Grande;Sin especificar"
    assert lines[3].startswith("1079;1079;reservado;reservado;0;0;0;0")
    assert zipfile.ZipFile(io.BytesIO(xlsx.get_data())).testzip() is None
    assert xlsx.get_data() == service.get(person("auditor"), f"{path}&format=xlsx").get_data()
    rows = list(csv.DictReader(io.StringIO(whole.get_data().decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == len(cells(service, table))
    few = [one for one in rows if (one["place"], one["ciiu"], one["size"]) == ("HN1709", "1079", "micro")]
    assert [(one["state"], one["value"]) for one in few] == [("withheld", "")]


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("place=HN1702", 404, "establishments.no_place"),
        ("place=GT01", 404, "establishments.no_place"),
        ("ciiu=0111", 404, "establishments.no_class"),
        ("ciiu=zz", 422, None),
        ("by=size", 422, None),
        ("sort=value", 422, None),
    ],
)
def test_what_the_table_does_not_have_is_refused_in_words(
    service: SimpleNamespace, table: str, query: str, status: int, code: str | None
) -> None:
    refused = service.get(person("planner"), f"/establishments/{table}?{query}")

    assert refused.status_code == status
    assert code is None or refused.json["code"] == code
    assert refused.json["detail"]


def test_only_sets_of_establishments_have_a_table(service: SimpleNamespace) -> None:
    adopted(service.database, as_csv("codigo,total", "HN1709,41000"))
    people = service.get(KEEPER, "/denominators").json["items"][0]["id"]

    assert service.get(KEEPER, "/establishments").json["items"] == []
    assert service.get(KEEPER, f"/establishments/{people}").json["code"] == "establishments.none"
    assert service.get(KEEPER, f"/establishments/{uuid7()}").json["code"] == "denominators.unknown"


def test_it_goes_with_its_set(service: SimpleNamespace, table: str) -> None:
    """Two tables of the same year would tell what lies between them."""
    adopted(service.database, directory("HN1709,1071,MICROEMPRESA,40"), indicator="establishments")

    assert service.get(person("planner"), f"/establishments/{table}").json["code"] == "denominators.not_in_force"
    assert [one["id"] for one in service.get(KEEPER, "/establishments").json["items"]] != [table]
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(EstablishmentCell)) == 0
    run_jobs(service)
    made = service.get(KEEPER, "/establishments").json["items"][0]
    version = service.get(KEEPER, f"/denominators/{made['id']}").json["version"]
    headers = {"If-Match": f'"{version}"'}
    assert service.call(KEEPER, "POST", f"/denominators/{made['id']}/withdrawal", headers=headers).status_code == 200
    assert service.get(KEEPER, "/establishments").json["items"] == []


def test_a_killed_attempt_is_made_again_and_comes_to_the_same_table(
    service: SimpleNamespace, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = cells(service, table)
    adopted(service.database, directory(), indicator="establishments")

    def killed(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(protecting, "told_rows", killed)
        with pytest.raises(KeyboardInterrupt):
            run_jobs(service)
    with service.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(EstablishmentCell)) == 0
        session.execute(update(job_table).where(job_table.c.state == "running").values(due_at=now()))
    run_jobs(service)

    again = service.get(KEEPER, "/establishments").json["items"][0]["id"]
    assert cells(service, again) == first


def test_a_set_from_before_there_were_tables_gets_its_own_by_night_or_when_asked(
    service: SimpleNamespace, table: str
) -> None:
    path = f"/establishments/{table}/making"
    kept = service.call(KEEPER, "POST", path)
    assert (kept.status_code, kept.json["code"]) == (409, "establishments.made_already")
    with service.database.transaction() as session:
        protecting.forget_table(session, session.scalars(select(EstablishmentTable.set_id)).one())
    assert service.get(person("planner"), f"/establishments/{table}").json["code"] == "establishments.not_made"

    assert service.call(person("planner"), "POST", path).status_code == 403
    assert service.call(person("coordinator", scope="GT"), "POST", path).status_code == 403
    assert service.call(KEEPER, "POST", path).status_code == 202
    assert service.call(KEEPER, "POST", path).json["code"] == "establishments.being_made"
    run_jobs(service)
    assert service.get(person("planner"), f"/establishments/{table}").status_code == 200


def test_who_gets_published_figures_reads_no_exact_value_of_establishments(
    service: SimpleNamespace, table: str
) -> None:
    """The set itself, its file and the rates would tell what the table withholds."""
    with service.database.transaction() as session:
        register(session, 12)
    for path in (f"/denominators/{table}/values", f"/denominators/{table}/document"):
        assert service.get(person("planner"), path).json["code"] == "denominators.only_published"
        assert service.get(person("technician"), path).status_code == 200
        assert service.get(person("admin"), path).status_code == 200

    def denominators(role: str, query: str) -> dict[str, Any]:
        path = f"/rates?indicator=establishments&per=100&unit=HN17&{query}"
        return {one["unit"]: one["denominator"] for one in service.get(person(role), path).json["rates"]}

    assert denominators("technician", "ciiu=1079&size=micro")["HN1709"] == 3
    assert denominators("planner", "ciiu=1079&size=micro")["HN1709"] is None
    assert denominators("planner", "ciiu=4711&size=medium")["HN1709"] == 0
    assert denominators("planner", "ciiu=107")["HN1709"] is None


def test_a_source_that_tells_its_own_totals_counts_nobody_twice() -> None:
    told = {("HN1709", "all", "all"): 9.0, ("HN1709", "1071", "micro"): 5.0, ("HN1709", "C", "micro"): 4.0}

    assert _leaves(told) == {("HN1709", "1071", "micro"): 5.0, ("HN1709", "C-", "micro"): 4.0}
    assert _leaves({("HN1709", "all", "all"): 9.0}) == {("HN1709", "", ""): 9.0}
    assert _leaves({("HN1709", "C", "all"): 9.0}) == {("HN1709", "C", ""): 9.0}


def test_a_source_that_tells_departments_only_has_its_table(service: SimpleNamespace) -> None:
    adopted(
        service.database, directory("HN17,1071,all,60", "HN17,4711,all,90", "HN08,1071,all,75", "HN08,4711,all,260"),
        indicator="establishments",
    )  # fmt: skip
    run_jobs(service)
    table_id = str(service.get(KEEPER, "/establishments").json["items"][0]["id"])

    told = {(one["place"], one["ciiu"], one["size"]): one["value"] for one in cells(service, table_id)}

    assert told["HN17", "1071", "all"] == 60
    assert told["HN", "all", "all"] == 485


def test_the_command_lists_and_shows_it(service: SimpleNamespace, table: str) -> None:
    built = SimpleNamespace(service=lambda _name: service.built)

    def command(*arguments: str) -> Any:
        return CliRunner().invoke(group, ["establishments", *arguments], obj=built)

    assert "reservadas" in command("list").output
    shown = command("show", table, "--place", "HN1709", "--ciiu", "10").output
    assert shown.splitlines()[3].split() == ["1079", "reservado", "reservado", "0", "0", "0", "0"]
    assert command("make", table).exit_code != 0


@pytest.fixture
def shown(house: House) -> tuple[House, str]:  # noqa: F811 - the house of the test
    """A house whose table of a small directory is made, and where its page is."""
    adopted(house.service("territory").database, directory(), indicator="establishments")
    run_house(house)
    listed_page = browser(house, "auditor", units=("HN17",)).get("/territory/data")
    return house, re.findall(r'href="(/territory/data/sets/[^"]+)"', listed_page.text)[0] + "/establishments"


def test_a_planner_reads_the_table_by_page_and_takes_it_home(shown: tuple[House, str]) -> None:
    planner = browser(shown[0], "planner", units=("HN17",))
    page = planner.get(f"{shown[1]}?place=HN1709&ciiu=10")
    text = text_of(page)

    assert "10, San Lorenzo" in text
    assert "Todos los tamaños" in text
    assert "reservado" in text
    assert "Qué se reserva y por qué" in text
    assert f'href="{shown[1]}/csv?place=HN1709&amp;ciiu=10"' in page.text
    file = planner.get(f"{shown[1]}/csv?place=HN1709&ciiu=10")
    assert "1079;1079;reservado" in file.data.decode("utf-8-sig")
    assert planner.get(f"{shown[1]}/xlsx?by=place").status_code == 200
    assert planner.get(f"{shown[1]}/cells.csv").mimetype == "text/csv"
    its_set = planner.get(shown[1].removesuffix("/establishments"))
    assert "Cuadro por lugar, clase y tamaño" in text_of(its_set)
    assert "Todos los valores (CSV)" not in text_of(its_set)


def test_a_page_of_what_the_table_does_not_have_says_so(shown: tuple[House, str]) -> None:
    planner = browser(shown[0], "planner", units=("HN17",))

    sent = planner.get(f"{shown[1]}?place=HN1702")
    assert sent.status_code == 303
    told = text_of(planner.get(sent.headers["Location"]))
    assert "El cuadro no tiene «Alianza, Valle»" in told


def test_the_page_says_how_far_the_table_is_and_who_keeps_data_has_it_made(house: House) -> None:  # noqa: F811
    adopted(house.service("territory").database, directory(), indicator="establishments")
    keeper = browser(house, "network_coordinator", units=("*",))
    where = re.findall(r'href="(/territory/data/sets/[^"]+)"', keeper.get("/territory/data").text)[0]
    where += "/establishments"
    waiting = keeper.get(where)
    assert "Porcentaje del cuadro que está protegido" in text_of(waiting)
    assert 'hx-trigger="load' in waiting.text
    with house.service("territory").database.transaction() as session:
        protecting.forget_table(session, session.scalars(select(EstablishmentTable.set_id)).one())

    empty = keeper.get(where)
    assert "Todavía no hay cuadro" in text_of(empty)
    assert "Pedir el cuadro" not in text_of(browser(house, "planner", units=("HN17",)).get(where))
    assert keeper.post(f"{where}/making", {}, page=where).status_code == 303
    run_house(house)
    assert "Todas las clases, Honduras" in text_of(keeper.get(where))

"""Own tables: figures of the publication and no others, kept by their owner, read with the reader's rights."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import openpyxl
import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, update

from services.territory.cli.own_tables import own_tables
from services.territory.models import OwnTable, Publication
from services.territory.queries import figures as queries
from services.territory.rules.figures import Figures
from services.territory.rules.own_tables import ENTRIES, MEASURES, Definition, offered
from services.territory.use_cases import keep_own_table
from shared import history
from shared.kernel import NotFound, clock
from shared.testing import person
from tests.territory.conftest import register
from tests.territory.own_tables.conftest import BY_CHAIN, ELSEWHERE, PLANNER, TECHNICIAN, keep


def table(service: Any, caller: Any = PLANNER, **asked: Any) -> Any:
    query = {name: ",".join(value) if isinstance(value, list) else value for name, value in asked.items()}
    return service.get(caller, "/own-tables/table", query_string=query)


def published(service: Any) -> Figures:
    with service.database.reading() as session:
        return Figures.from_stored(queries.latest_publication(session, "HN17")["figures"])


def texts(answer: Any) -> dict[str, list[str]]:
    return {row["name"]: [cell["text"] for cell in row["cells"]] for row in answer.json["rows"]}


def test_every_cell_of_every_table_by_place_is_the_publications_own(gulf: SimpleNamespace) -> None:
    for measure in ("enterprises", "women", "applications", "loans"):
        for columns in offered(measure, "place").columns:
            if columns not in ENTRIES:
                continue
            told = table(gulf, measure=measure, rows="place", columns=columns, units=["HN17"])
            assert told.status_code == 200
            figures = published(gulf)
            definition = Definition.of({"measure": measure, "rows": "place", "columns": columns, "units": ["HN17"]})
            for row in told.json["rows"]:
                for cell, column in zip(row["cells"], told.json["columns"], strict=True):
                    entry = column["code"]
                    if entry == "total":
                        continue
                    count = figures.get(*definition.key(row["code"], {columns: entry}))
                    value = None if count is None else count.women if measure == "women" else count.number
                    assert (cell["value"], cell["withheld"]) == (value, count is None)


def test_everything_that_is_offered_is_answered(gulf: SimpleNamespace) -> None:
    for measure in MEASURES:
        for rows in offered(measure, None).rows:
            for columns in offered(measure, rows).columns:
                offer = offered(measure, rows, columns)
                for per, chart in product(offer.per[:2], offer.charts[-1:]):
                    asked = {"measure": measure, "rows": rows, "units": ["HN17"], "per": per, "chart": chart}
                    asked |= {"columns": columns} if columns else {}
                    asked |= {"currency": "HNL"} if offer.currencies else {}
                    told = table(gulf, **asked)
                    assert told.status_code == 200, (asked, told.json)
                    width = len(told.json["columns"])
                    assert all(len(row["cells"]) == width for row in told.json["rows"])
                    assert len(told.json["below"]) in {0, width + 1}


def test_who_sees_live_figures_is_shown_the_published_ones_too(gulf: SimpleNamespace) -> None:
    before = table(gulf, TECHNICIAN, measure="enterprises", rows="place", units=["HN17"]).json
    with gulf.database.transaction() as session:
        register(session, 50)

    assert table(gulf, TECHNICIAN, measure="enterprises", rows="place", units=["HN17"]).json == before
    assert table(gulf, PLANNER, measure="enterprises", rows="place", units=["HN17"]).json == before


def test_a_small_count_is_withheld_in_the_table_the_drawing_and_every_file(gulf: SimpleNamespace) -> None:
    told = table(gulf, **BY_CHAIN)

    assert "reservado" in texts(told)["Amapala"]
    assert "Amapala" in told.json["drawing"]
    for form in ("csv", "svg"):
        query = {**BY_CHAIN, "units": "HN17", "format": form}
        content = gulf.get(PLANNER, "/own-tables/table/document", query_string=query).get_data(as_text=True)
        assert "reservado" in content
        assert "Fuente: inventario" in content


def test_the_whole_is_the_published_one_and_no_sum_of_ours(gulf: SimpleNamespace) -> None:
    told = table(gulf, **BY_CHAIN).json
    figures = published(gulf)

    whole = figures.get("HN17", "all")
    assert told["below"][-1]["value"] == (whole and whole.number)
    part = table(gulf, person("planner", scope="HN1701"), **BY_CHAIN | {"units": ["HN1701"]}).json
    assert part["below"] == [], "the department is not hers"


@pytest.mark.parametrize("form", ["csv", "xlsx", "svg", "png", "pdf"])
def test_a_table_is_taken_away_and_the_same_figures_make_the_same_bytes(gulf: SimpleNamespace, form: str) -> None:
    row = keep(gulf).json
    path = f"/own-tables/{row['id']}/table/document?format={form}"

    first, second = gulf.get(PLANNER, path), gulf.get(PLANNER, path)

    assert first.status_code == 200
    assert first.get_data() == second.get_data()
    if form == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(first.get_data()))
        assert book.worksheets[0]["A1"].value == "Cadenas de Valle"
        assert any("reservadas" in str(cell.value) for cell in book.worksheets[1]["A"])


def test_no_picture_is_made_of_a_table_alone(gulf: SimpleNamespace) -> None:
    query = {**BY_CHAIN, "units": "HN17", "chart": "table", "format": "png"}
    refused = gulf.get(PLANNER, "/own-tables/table/document", query_string=query)

    assert (refused.status_code, refused.json["code"]) == (409, "own_table.no_drawing")


def test_a_table_is_kept_changed_and_removed_by_its_owner(gulf: SimpleNamespace) -> None:
    row = keep(gulf).json
    path, version = f"/own-tables/{row['id']}", {"If-Match": f'"{row["version"]}"'}
    body = {"title": "Mujeres de Valle", "definition": BY_CHAIN | {"measure": "women"}, "shared": True}

    assert gulf.call(PLANNER, "PUT", path, json=body).status_code == 428
    changed = gulf.call(PLANNER, "PUT", path, json=body, headers=version).json
    assert (changed["title"], changed["definition"]["measure"]) == ("Mujeres de Valle", "women")
    assert gulf.call(PLANNER, "PUT", path, json=body, headers=version).status_code == 412
    assert gulf.call(PLANNER, "DELETE", path, headers=version).status_code == 412
    now = {"If-Match": f'"{changed["version"]}"'}
    assert gulf.call(PLANNER, "DELETE", path, headers=now).status_code == 204
    assert gulf.get(PLANNER, path).status_code == 404
    with gulf.database.reading() as session:
        (subject,) = {entry["subject"] for entry in history.of(session, _id(row))}
        assert [entry["action"] for entry in history.of(session, subject)] == ["keep", "change", "remove"]


def test_a_table_that_is_not_shared_is_nobodys_business(gulf: SimpleNamespace) -> None:
    row = keep(gulf).json
    path, version = f"/own-tables/{row['id']}", {"If-Match": f'"{row["version"]}"'}
    body = {"title": "Mía", "definition": BY_CHAIN}

    for caller in (TECHNICIAN, ELSEWHERE):
        for more in ("", "/table", "/table/document"):
            assert gulf.get(caller, path + more).status_code == 404
        assert gulf.call(caller, "PUT", path, json=body, headers=version).status_code == 404
        assert gulf.call(caller, "DELETE", path, headers=version).status_code == 404
        assert gulf.get(caller, "/own-tables").json["items"] == []


def test_a_shared_table_is_read_by_who_works_there_and_changed_by_nobody_else(gulf: SimpleNamespace) -> None:
    row = keep(gulf, shared=True).json
    path, version = f"/own-tables/{row['id']}", {"If-Match": f'"{row["version"]}"'}

    read = gulf.get(TECHNICIAN, path).json
    assert (read["mine"], read["title"]) == (False, "Cadenas de Valle")
    assert texts(gulf.get(TECHNICIAN, f"{path}/table")) == texts(gulf.get(PLANNER, f"{path}/table"))
    assert gulf.get(ELSEWHERE, path).status_code == 404
    assert gulf.get(person("planner", scope="HN1709"), f"{path}/table").status_code == 404
    assert gulf.call(TECHNICIAN, "DELETE", path, headers=version).status_code == 404


def test_an_owner_who_works_elsewhere_now_reads_no_figure_through_her_old_table(gulf: SimpleNamespace) -> None:
    row = keep(gulf).json
    moved = person("planner", scope="HN06", subject="planificadora")

    assert [one["id"] for one in gulf.get(moved, "/own-tables").json["items"]] == [row["id"]]
    assert gulf.get(moved, f"/own-tables/{row['id']}/table").status_code == 403
    assert gulf.get(moved, f"/own-tables/{row['id']}/table/document").status_code == 403


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"units": ["GT01"]}, 403),
        ({"units": ["HN06"]}, 403),
        ({"units": ["HN"]}, 403),
        ({"units": ["HN1799"]}, 422),
        ({"units": ["HN17'--"]}, 422),
        ({"units": []}, 422),
        ({"columns": "need", "chain": "fishing"}, 422),
        ({"measure": "sales"}, 422),
        ({"rows": "owner"}, 422),
        ({"colour": "red"}, 422),
        ({"chart": "lines"}, 422),
        ({"rows": "chain", "columns": "place", "level": "municipality_2024"}, 201),
    ],
)
def test_what_cannot_be_kept_is_refused(gulf: SimpleNamespace, more: dict[str, Any], status: int) -> None:
    assert keep(gulf, definition=BY_CHAIN | more).status_code == status


@pytest.mark.parametrize("title", ["", "  ", "../x", "x" * 121, "a\x00b", 7])
def test_a_title_is_a_line_of_text(gulf: SimpleNamespace, title: Any) -> None:
    assert keep(gulf, title=title).status_code == 422


@pytest.mark.parametrize(
    ("definition", "status"),
    [
        (BY_CHAIN | {"units": ["GT01"]}, 403),
        (BY_CHAIN | {"units": ["HN99"]}, 422),
        (BY_CHAIN | {"columns": "owner"}, 409),
        (BY_CHAIN | {"rows": {"$ne": 1}}, 409),
        (BY_CHAIN | {"units": "HN17"}, 409),
        (BY_CHAIN | {"need": "credit"}, 409),
        ({}, 409),
    ],
)
def test_a_definition_that_somebody_tampered_with_tells_nothing_it_should_not(
    gulf: SimpleNamespace, definition: dict[str, Any], status: int
) -> None:
    row = keep(gulf).json
    with gulf.database.transaction() as session:
        session.execute(update(OwnTable).values(definition=definition, shared=True))

    refused = gulf.get(PLANNER, f"/own-tables/{row['id']}/table")
    assert refused.status_code == status
    assert gulf.get(PLANNER, "/own-tables").status_code == 200
    assert gulf.get(ELSEWHERE, f"/own-tables/{row['id']}").status_code == 404
    version = {"If-Match": f'"{row["version"]}"'}
    assert gulf.call(PLANNER, "DELETE", f"/own-tables/{row['id']}", headers=version).status_code == 204


def test_two_tables_of_one_person_have_two_names(gulf: SimpleNamespace) -> None:
    keep(gulf)
    again = keep(gulf)

    assert (again.status_code, again.json["code"]) == (409, "own_table.title_taken")
    assert keep(gulf, TECHNICIAN).status_code == 201, "another person's may be called the same"


def test_a_person_keeps_only_so_many(gulf: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keep_own_table, "MOST_TABLES", 1)
    keep(gulf)

    assert keep(gulf, title="Otra").json["code"] == "own_table.too_many"
    with gulf.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(OwnTable)) == 1


def test_between_two_months_what_came_in_ones_and_twos_is_told_by_neither(gulf: SimpleNamespace) -> None:
    months = (("2026-09", 0), ("2026-10", 3), ("2026-11", 20))
    for month, more in months:
        with clock.frozen(datetime.fromisoformat(f"{month}-15T12:00:00+00:00").astimezone(UTC)):
            with gulf.database.transaction() as session:
                register(session, more, chain="cashew", links=["marketing"], jobs_women=1)
            asked = {"measure": "enterprises", "rows": "month", "units": ["HN1709"], "chart": "lines"}
            told = table(gulf, **asked, columns="chain").json
    heads = [column["label"] for column in told["columns"]]
    rows = {row["code"]: dict(zip(heads, row["cells"], strict=True)) for row in told["rows"]}

    assert list(rows) == [month for month, _ in months]
    assert rows["2026-11"]["Marañón"]["value"] == 23
    assert rows["2026-10"]["Total"]["value"] in {15, None}
    assert rows["2026-09"]["Total"]["withheld"], "three came from September to October"
    assert "M" in told["drawing"]
    by_year = table(gulf, measure="enterprises", rows="year", units=["HN1709"]).json
    assert [(row["code"], row["cells"][0]["value"]) for row in by_year["rows"]] == [("2026", 35)]


def test_what_a_figure_is_divided_by_says_so_when_nobody_brought_it(gulf: SimpleNamespace) -> None:
    told = table(gulf, measure="enterprises", rows="place", units=["HN17"], per="women").json

    assert {cell["value"] for row in told["rows"] for cell in row["cells"]} == {None}
    assert any("Todavía no se ha cargado" in note for note in told["notes"])


def test_choices_leave_only_what_stands_beside_what_was_chosen(gulf: SimpleNamespace) -> None:
    asked = {"measure": "loans", "rows": "chain", "columns": "need", "chain": "coffee"}
    left = gulf.get(PLANNER, "/own-tables/choices", query_string=asked).json

    assert left["rows"] == ["place", "month", "year", "loan_state"]
    assert left["chosen"]["rows"] == "place"
    assert left["chosen"]["columns"] is None
    assert "chain" not in left["chosen"]


def test_publications_hold_nothing_of_own_tables(gulf: SimpleNamespace) -> None:
    keep(gulf)
    table(gulf, **BY_CHAIN)
    with gulf.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Publication)) == 1


def test_an_address_that_leads_nowhere_is_found_nowhere(gulf: SimpleNamespace) -> None:
    assert gulf.get(PLANNER, f"/own-tables/{uuid4()}").status_code == 404


def _id(row: dict[str, Any]) -> Any:
    from uuid import UUID

    return UUID(row["id"])


def test_of_two_changes_at_the_same_moment_one_is_kept(gulf: SimpleNamespace) -> None:
    row = keep(gulf).json
    version = {"If-Match": f'"{row["version"]}"'}

    def change(title: str) -> int:
        body = {"title": title, "definition": BY_CHAIN}
        path = f"/own-tables/{row['id']}"
        return int(gulf.call(PLANNER, "PUT", path, json=body, headers=version).status_code)

    with ThreadPoolExecutor(2) as both:
        answers = sorted(both.map(change, ["Una", "Otra"]))

    assert answers == [200, 412]


def test_the_same_table_sent_twice_at_the_same_moment_is_kept_once(gulf: SimpleNamespace) -> None:
    with ThreadPoolExecutor(2) as both:
        answers = sorted(both.map(lambda _: int(keep(gulf).status_code), range(2)))

    assert answers == [201, 409]


def test_the_command_line_lists_tables_and_writes_one(
    gulf: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "operadora")
    row = keep(gulf).json
    house = SimpleNamespace(service=lambda _: gulf.built)

    def run(*words: str) -> Any:
        return CliRunner().invoke(own_tables, list(words), obj=house)

    assert "Cadenas de Valle" in run("list").output
    file = tmp_path / "cadenas.csv"
    assert run("export", row["id"], "-o", str(file)).exit_code == 0
    assert "San Lorenzo" in file.read_text(encoding="utf-8-sig")
    assert run("export", row["id"], "-o", str(tmp_path / "cadenas.exe")).exit_code == 2
    assert isinstance(run("export", str(uuid4()), "-o", str(file)).exception, NotFound)


def test_nothing_of_a_table_stands_in_the_log(gulf: SimpleNamespace, capfd: pytest.CaptureFixture[str]) -> None:
    keep(gulf, title="Las de doña Nadie")
    told = capfd.readouterr()

    assert "Nadie" not in told.out + told.err

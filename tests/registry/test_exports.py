"""Exports over the API: each role gets what it may see, the work survives a kill, and nothing is kept for long."""

import csv
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import delete, select, update

from deploy.csem import main as csem
from deploy.house import House as Installation
from services.registry import export_jobs
from services.registry.exchange.formats import FORMATS
from services.registry.export_jobs import Exporting
from services.registry.models import Consent
from services.registry.rules.visibility import READERS
from services.registry.use_cases import keep_exports
from services.registry.use_cases.export_inventory import stream
from shared import files, history
from shared.job_runner import Runner
from shared.jobs import job_table
from shared.kernel import clock
from shared.masking import masked_point
from shared.testing import person
from shared.workbooks import read_sheets
from tests.registry.exported import KINDS, OWN_FORM, exported, furnish
from tests.registry.house import COORDINATOR, TECHNICIAN, House, enterprise
from tests.registry.own_form import kobo_xlsx
from tests.registry.pairs import merge, pair_of, twice, undo

LEDA = person("leda_viewer", subject="adel")
CREDIT = person("credit_officer", subject="oficial")


def ask(house: House, caller: Any = COORDINATOR, **body: Any) -> Any:
    return house.call("POST", "/exports", caller, json={"format": "csv"} | body)


def run(house: House) -> int:
    """The worker does all that is due."""
    return Runner(house.database, Exporting(house.database, house.context.sealer).handlers()).run_due()


def done(house: House, caller: Any = COORDINATOR, **body: Any) -> dict[str, Any]:
    asked = ask(house, caller, **body)
    assert asked.status_code == 202, asked.json
    run(house)
    shown: dict[str, Any] = house.call("GET", f"/exports/{asked.json['id']}", caller).json
    return shown


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def tell(house: House, **changes: Any) -> dict[str, Any]:
    return house.register(caller=COORDINATOR, **changes)


def answering(**answers: bool) -> dict[str, Any]:
    owner = enterprise()["owner"]
    return owner | {"consents": owner["consents"] | answers}


def test_an_export_is_the_rows_that_the_list_shows(house: House) -> None:
    tell(house, name="Una", needs=["credit"])
    tell(house, name="Dos", needs=["quality"])
    query = "need=credit&municipality=HN17"
    shown = done(house, filter=query)
    assert (shown["state"], shown["records"], shown["filter"]) == ("done", 1, query)
    answer = house.call("GET", f"/exports/{shown['id']}/file", COORDINATOR)
    assert answer.status_code == 200
    assert int(answer.headers["Content-Length"]) == shown["bytes"]
    listed = house.call("GET", f"/enterprises?{query}").json["items"]
    assert [row["csem_id"] for row in rows_of(answer.get_data())] == [row["id"] for row in listed]


QUERIES = (
    "tier=strategic",
    "tier=strategic,emerging&validation=captured,verified",
    "located=true&jobs_from=2&chain=honey,dairy,other",
    "recorded_from=2026-01-01&ownership=group",
    "q=quesos",
    "language=ppl",
    "",
)


def test_every_filter_of_the_list_is_one_of_an_export_and_shows_the_same(sqlite_house: House) -> None:
    sqlite_house.report(OWN_FORM, caller=COORDINATOR)
    tell(sqlite_house, name="Quesos de Rosa")
    for query in QUERIES:
        listed = [row["id"] for row in sqlite_house.call("GET", f"/enterprises?{query}").json["items"]]
        shown = done(sqlite_house, filter=query)
        file = sqlite_house.call("GET", f"/exports/{shown['id']}/file", COORDINATOR).get_data()
        assert sorted(row["csem_id"] for row in rows_of(file)) == sorted(listed), query
    assert {row["perfil"] for row in rows_of(exported(sqlite_house, "csv"))} == {"", "emergente"}
    refused = ask(sqlite_house, LEDA, filter="language=ppl")
    assert (refused.status_code, refused.json["code"]) == (403, "permission.filter_unread")


def test_of_a_forgotten_export_the_filter_is_left_as_it_was_asked(house: House) -> None:
    query = "chain=dairy%2Choney&formal=true&located=false&need=credit"
    shown = done(house, filter=f"{query}&q=rosa")
    house.call("DELETE", f"/exports/{shown['id']}", COORDINATOR)
    again = house.call("GET", f"/exports/{shown['id']}", COORDINATOR).json
    assert (again["state"], again["filter"]) == ("forgotten", query)


def test_who_took_out_what_is_written_down_without_a_name(house: House) -> None:
    tell(house, name="Quesos Rosa")
    shown = done(house, filter="q=rosa&need=credit")
    with house.database.reading() as session:
        [entry] = history.of(session, UUID(shown["id"]))
    assert (entry["caller"], entry["action"]) == (COORDINATOR.subject, "export")
    assert entry["after"] == {
        "format": "csv",
        "filter": {"q": True, "need": ["credit"]},
        "records": 1,
        "scope": ["*"],
    }


TEAM_ALONE = {"direccion", "precision_m", "escolaridad", "csem_sello", "horas_cuidado", "dificultad_ver"}
NAMES = {"nombre", "nombres", "apellidos", "duena_id", "documento", "telefono", "otras_duenas", "fichas"}


@pytest.mark.parametrize("kind", KINDS)
def test_leda_staff_get_no_name_and_only_masked_points_of_who_agreed(sqlite_house: House, kind: str) -> None:
    agreed = tell(sqlite_house, owner=answering(map=True))
    tell(sqlite_house, owner=answering(map=False), name="Escondida")
    content = exported(sqlite_house, kind, LEDA)
    assert columns_of(content, kind).isdisjoint(NAMES | TEAM_ALONE | {"ventas_mes"})
    here = agreed["point"]
    masked = masked_point(UUID(agreed["id"]), here["lon"], here["lat"])
    assert points_of(content, kind) == {agreed["id"]: masked}
    text = (
        content
        if kind in {"csv", "kobo_csv", "geojson", "gpkg"}
        else json.dumps(read_sheets(content), default=str).encode()
    )
    for secret in (b"Inventada", b"Escondida", b"98765432", b"170919800", b"12500"):
        assert secret not in text


@pytest.mark.parametrize("kind", KINDS)
def test_credit_roles_get_who_agreed_to_credit_and_no_whole_document(sqlite_house: House, kind: str) -> None:
    agreed = tell(sqlite_house)
    tell(sqlite_house, owner=answering(credit=False) | {"given_names": "Callada"})
    content = exported(sqlite_house, kind, CREDIT)
    assert columns_of(content, kind).isdisjoint(TEAM_ALONE | {"pueblo", "consentimientos", "fichas"})
    assert ids_of(content, kind) == {agreed["id"]}
    text = (
        content
        if kind in {"csv", "kobo_csv", "geojson", "gpkg"}
        else json.dumps(read_sheets(content), ensure_ascii=False, default=str).encode()
    )
    assert b"Callada" not in text
    assert b"1709198000123" not in text
    assert "••••••••••123".encode() in text


def sheets_of(content: bytes, kind: str) -> dict[str, list[list[Any]]]:
    """The tables of a file as a stranger would read them."""
    if kind.endswith("csv"):
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
        return {"main": rows}
    if kind == "gpkg":
        database = sqlite3.connect(":memory:")
        database.deserialize(content)
        cursor = database.execute("SELECT * FROM inventario")
        rows = [[column[0] for column in cursor.description], *map(list, cursor)]
        tables = [name for (name,) in database.execute("SELECT table_name FROM gpkg_contents")]
        database.close()
        return {"main": rows} | {name: [[]] for name in tables}
    if kind == "geojson":
        features = json.loads(content)["features"]
        headers = list(features[0]["properties"])
        return {"main": [headers, *([f["properties"].get(name) for name in headers] for f in features)]}
    sheets = {name: rows for name, rows in read_sheets(content).items() if name != "csem_columnas"}
    return {"main": next(iter(sheets.values()))} | sheets


def bare(header: str) -> str:
    return header.rpartition("/")[2]


def columns_of(content: bytes, kind: str) -> set[str]:
    sheets = sheets_of(content, kind)
    return {bare(header) for header in sheets["main"][0]} | set(sheets)


def ids_of(content: bytes, kind: str) -> set[str]:
    headers, *rows = sheets_of(content, kind)["main"]
    at = [bare(header) for header in headers].index("csem_id")
    return {row[at] for row in rows}


def points_of(content: bytes, kind: str) -> dict[str, tuple[float, float]]:
    if kind == "geojson":
        features = json.loads(content)["features"]
        return {f["id"]: tuple(f["geometry"]["coordinates"]) for f in features if f["geometry"]}
    headers, *rows = sheets_of(content, kind)["main"]
    names = [bare(header) for header in headers]
    if kind == "gpkg":
        import struct

        found = {row[names.index("csem_id")]: row[names.index("geom")] for row in rows}
        return {key: struct.unpack("<dd", blob[-16:]) for key, blob in found.items() if blob}
    lon, lat = ("_gps_longitude", "_gps_latitude") if "kobo" in kind else ("lon", "lat")
    at = names.index(lon), names.index(lat)
    return {
        row[names.index("csem_id")]: (float(row[at[0]]), float(row[at[1]]))
        for row in rows
        if row[at[0]] not in {"", None}
    }


def test_planners_get_none(sqlite_house: House) -> None:
    assert ask(sqlite_house, person("planner")).status_code == 403
    assert "planner" not in READERS


def test_a_filter_on_what_one_may_not_see_is_refused_before_any_work(sqlite_house: House) -> None:
    refused = ask(sqlite_house, LEDA, filter="q=rosa")
    assert (refused.status_code, refused.json["code"]) == (403, "permission.filter_not_yours")
    for wrong in ("need=nothing", "unknown=1", "q=%00", "municipality=GT9999", "&&&", "need=credit&need=quality"):
        refused = ask(sqlite_house, filter=wrong)
        assert refused.status_code == 422, wrong
        assert refused.json["detail"] != refused.json["code"]
    assert run(sqlite_house) == 0


def test_outside_her_territory_there_is_nothing(sqlite_house: House) -> None:
    tell(sqlite_house)
    assert done(sqlite_house, person("technician", subject="lejos", scope="SV"))["records"] == 0


def test_another_ones_export_is_not_there(house: House) -> None:
    shown = done(house)
    for method, path in (("GET", ""), ("GET", "/file"), ("DELETE", "")):
        refused = house.call(method, f"/exports/{shown['id']}{path}", TECHNICIAN)
        assert (refused.status_code, refused.json["code"]) == (404, "export.unknown")
    assert house.call("GET", "/exports", TECHNICIAN).json["items"] == []
    assert [row["id"] for row in house.call("GET", "/exports", COORDINATOR).json["items"]] == [shown["id"]]


def test_who_sees_less_by_now_cannot_read_her_older_file(house: House) -> None:
    shown = done(house)
    for now in (
        person("leda_viewer", subject=COORDINATOR.subject),
        person("coordinator", subject=COORDINATOR.subject, scope="HN17"),
    ):
        refused = house.call("GET", f"/exports/{shown['id']}/file", now)
        assert (refused.status_code, refused.json["code"]) == (403, "export.view_changed")


def test_a_file_is_forgotten_after_its_day_and_so_is_what_was_searched(house: House) -> None:
    tell(house)
    shown = done(house, filter="q=esperanza")
    with house.database.transaction() as session:
        moved = update(job_table).where(job_table.c.id == UUID(shown["id"]))
        session.execute(moved.values(finished_at=job_table.c.finished_at))
        before = session.scalar(select(job_table.c.finished_at).where(job_table.c.id == UUID(shown["id"])))
        assert before is not None
        session.execute(moved.values(finished_at=before - timedelta(hours=25)))
    with house.database.transaction() as session:
        assert keep_exports.forget_old_exports(session) == 1
    again = house.call("GET", f"/exports/{shown['id']}").json
    assert (again["state"], again["kept_until"], again["filter"]) == ("forgotten", None, "")
    refused = house.call("GET", f"/exports/{shown['id']}/file")
    assert (refused.status_code, refused.json["code"]) == (409, "export.forgotten")
    with house.database.reading() as session:
        assert "esperanza" not in json.dumps(
            [dict(row) for row in session.execute(select(job_table)).mappings()], default=str
        )
    assert not kept_bytes(house)


def kept_bytes(house: House) -> list[Path]:
    root = files._folders[str(house.database.engine.url)]._root
    return [path for path in root.rglob("*") if path.is_file()]


def test_a_withdrawal_erases_every_export_that_is_kept(house: House) -> None:
    made = tell(house)
    shown = done(house)
    woman = house.call("GET", f"/entrepreneurs/{made['owners'][0]['id']}").json
    gone = house.call("DELETE", f"/entrepreneurs/{woman['id']}", version=woman["version"])
    assert (gone.status_code, gone.json["erased"]["export_files"]) == (200, 1)
    assert house.call("GET", f"/exports/{shown['id']}").json["state"] == "forgotten"
    assert not kept_bytes(house)


@pytest.mark.parametrize("way", ["answer", "form", "no to all", "owner", "merge", "undo"])
def test_a_no_erases_every_export_that_is_kept_and_begins_those_under_way_anew(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    house = sqlite_house
    if way == "merge":
        twice(house)  # she said no to credit in the other record
    else:
        house.report(kobo_xlsx(consent_credit="no" if way == "undo" else "si"))
        run = house.take_in(kobo_xlsx())
    first = house.call("GET", f"/enterprises/{house.enterprise_id()}").json
    monkeypatch.setattr("shared.job_runner._BACK_OFF", (0,))
    kept, written, real = done(house), [], export_jobs.stream

    def meanwhile(*args: Any, **options: Any) -> int:
        written.append(real(*args, **options))
        if len(written) > 1:
            return written[-1]
        if way == "merge":
            assert merge(house, pair_of(house)).status_code == 201
        elif way == "undo":
            house.context.work.undo(house.directly(), UUID(run["id"]))
        elif way == "owner":
            elena = {"given_names": "Elena", "surnames": "Imaginaria", "consents": answering(credit=False)["consents"]}
            joined = house.call("POST", f"/enterprises/{first['id']}/owners", json={"owner": elena})
            assert joined.status_code == 201
        elif way == "answer":
            no = {"purpose": "credit", "granted": False, "given_on": "2026-03-02", "channel": "office"}
            house.call("POST", f"/entrepreneurs/{first['owners'][0]['id']}/consents", json=no)
        else:
            house.report(kobo_xlsx(**{"consent_credit" if way == "form" else "consent_registry": "no"}))
        return written[-1]

    monkeypatch.setattr(export_jobs, "stream", meanwhile)
    assert (done(house)["state"], len(written)) == ("done", 2)
    assert house.call("GET", f"/exports/{kept['id']}").json["state"] == "forgotten"
    assert len(kept_bytes(house)) == 1


def test_what_she_shared_only_while_two_records_were_one_is_in_no_export_once_they_are_two(house: House) -> None:
    _, other = twice(house)
    with house.database.transaction() as session:  # she was not asked about credit in the other record
        hers = Consent.entrepreneur_id == UUID(other["owners"][0]["id"])
        session.execute(delete(Consent).where(hers, Consent.purpose == "credit"))
    made = merge(house, pair_of(house), together=False)
    assert made.status_code == 201
    assert len(house.call("GET", "/enterprises", CREDIT).json["items"]) == 2
    kept = done(house, CREDIT)
    assert undo(house, made.json).status_code == 200
    assert len(house.call("GET", "/enterprises", CREDIT).json["items"]) == 1
    assert house.call("GET", f"/exports/{kept['id']}", CREDIT).json["state"] == "forgotten"
    assert kept_bytes(house) == []


def test_who_withdraws_while_the_file_is_written_is_not_in_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = tell(house, name="Primera"), tell(house, name="Segunda")
    monkeypatch.setattr("shared.job_runner._BACK_OFF", (0,))
    written: list[int] = []
    real = export_jobs.stream

    def meanwhile(*args: Any, **options: Any) -> int:
        count = real(*args, **options)
        if not written:
            woman = house.call("GET", f"/entrepreneurs/{first['owners'][0]['id']}").json
            assert house.call("DELETE", f"/entrepreneurs/{woman['id']}", version=woman["version"]).status_code == 200
        written.append(count)
        return count

    monkeypatch.setattr(export_jobs, "stream", meanwhile)
    shown = done(house)
    assert (written, shown["state"], shown["records"]) == ([2, 1], "done", 1)
    content = house.call("GET", f"/exports/{shown['id']}/file").get_data().decode("utf-8-sig")
    assert "Primera" not in content
    assert "Segunda" in content


def behind_the_keeping(monkeypatch: pytest.MonkeyPatch, then: Callable[[], None]) -> None:
    """`then` happens once, between the keeping of a file and the writing down of how its job ended."""
    real = files.drafting

    @contextmanager
    def drafting(*given: Any) -> Iterator[Path]:
        with real(*given) as folder:
            yield folder
        monkeypatch.setattr(files, "drafting", real)
        then()

    monkeypatch.setattr(files, "drafting", drafting)


def test_who_withdraws_when_the_file_is_kept_and_its_job_not_yet_over_is_in_no_file(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    woman = tell(house)["owners"][0]

    def withdraw() -> None:
        gone = house.call("DELETE", f"/entrepreneurs/{woman['id']}", version=woman["version"])
        assert (gone.status_code, gone.json["erased"]["export_files"]) == (200, 1)

    behind_the_keeping(monkeypatch, withdraw)
    shown = done(house)
    assert (shown["state"], shown["kept_until"]) == ("forgotten", None)
    assert house.call("GET", f"/exports/{shown['id']}/file").json["code"] == "export.forgotten"
    assert not kept_bytes(house)


def test_what_is_stopped_when_its_file_is_kept_and_its_job_not_yet_over_keeps_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(house)
    kept, asked = done(house), ask(house).json

    def stop() -> None:
        assert house.call("DELETE", f"/exports/{asked['id']}").status_code == 204

    behind_the_keeping(monkeypatch, stop)
    run(house)
    assert house.call("GET", f"/exports/{asked['id']}").json["state"] == "forgotten"
    assert house.call("GET", f"/exports/{kept['id']}").json["state"] == "done"
    assert len(kept_bytes(house)) == 1


def killed_behind_the_keeping(house: House, monkeypatch: pytest.MonkeyPatch) -> str:
    """An export whose worker died when its file was kept; its lease has run out."""

    def kill() -> None:
        raise KeyboardInterrupt

    asked = ask(house).json
    behind_the_keeping(monkeypatch, kill)
    with pytest.raises(KeyboardInterrupt):
        run(house)
    with house.database.transaction() as session:
        session.execute(update(job_table).values(due_at=job_table.c.created_at))
    return str(asked["id"])


def test_a_kill_behind_the_keeping_leaves_one_file_that_the_next_worker_tells(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(house)
    asked = killed_behind_the_keeping(house, monkeypatch)
    run(house)
    shown = house.call("GET", f"/exports/{asked}").json
    assert (shown["state"], shown["records"], len(kept_bytes(house))) == ("done", 1, 1)
    assert house.call("DELETE", f"/exports/{asked}").status_code == 204
    assert not kept_bytes(house)


def test_a_withdrawal_before_the_next_worker_comes_has_it_written_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    woman = tell(house)["owners"][0]
    asked = killed_behind_the_keeping(house, monkeypatch)
    assert house.call("DELETE", f"/entrepreneurs/{woman['id']}", version=woman["version"]).status_code == 200
    assert not kept_bytes(house)
    run(house)
    shown = house.call("GET", f"/exports/{asked}").json
    assert (shown["state"], shown["records"], len(kept_bytes(house))) == ("done", 0, 1)


def test_a_file_that_no_job_names_is_forgotten_after_its_day_too(house: House) -> None:
    tell(house)
    done(house)
    with house.database.transaction() as session:
        session.execute(delete(job_table))
        assert keep_exports.forget_old_exports(session) == 0
        session.execute(update(files.file_table).values(created_at=clock.now() - timedelta(hours=25)))
    with house.database.transaction() as session:
        assert keep_exports.forget_old_exports(session) == 1
    assert not kept_bytes(house)


def test_an_export_is_of_one_moment(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.registry.queries.records._BATCH", 1)
    made = [tell(house, name=f"Número {number}") for number in range(3)]
    changed: list[int] = []

    def meanwhile(_done: int) -> None:
        if not changed:
            changed.append(1)
            last = made[-1]
            answer = house.call(
                "PATCH", f"/enterprises/{last['id']}", version=last["version"], json={"name": "Otro nombre"}
            )
            assert answer.status_code == 200

    path = tmp_path / "export.csv"
    with house.database.reading() as session:
        count = stream(session, COORDINATOR, house.context.sealer, {}, "csv", path, progress=meanwhile)
    assert (count, changed) == (3, [1])
    assert [row["nombre"] for row in rows_of(path.read_bytes())] == ["Número 0", "Número 1", "Número 2"]


def content_of(path: Path) -> Any:
    """What a file says, whatever moments its frame names."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    if path.suffix == ".gpkg":
        with closing(sqlite3.connect(path)) as database:
            return [line for line in database.iterdump() if "gpkg_contents" not in line]
    return path.read_bytes()


@pytest.mark.parametrize("kind", FORMATS)
def test_what_a_second_process_writes_says_the_same(
    sqlite_house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    furnish(sqlite_house)
    monkeypatch.setattr("services.registry.queries.records._BATCH", 1)
    here, beside = (tmp_path / f"{name}{FORMATS[kind].ending}" for name in ("here", "beside"))
    for path, few in ((here, 1_000), (beside, 1)):
        monkeypatch.setattr("services.registry.use_cases.export_inventory._FEW", few)
        with sqlite_house.database.reading() as session:
            stream(session, COORDINATOR, sqlite_house.context.sealer, {}, kind, path)
    assert content_of(beside) == content_of(here)


def test_a_kill_in_the_middle_leaves_no_file_and_the_next_worker_writes_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(house)
    asked = ask(house).json

    def killed(*_args: Any, **_options: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(export_jobs, "stream", killed)
    with pytest.raises(KeyboardInterrupt):
        run(house)
    monkeypatch.undo()
    assert not kept_bytes(house)
    assert house.call("GET", f"/exports/{asked['id']}/file").json["code"] == "export.not_done"
    with house.database.transaction() as session:  # its lease runs out
        session.execute(update(job_table).values(due_at=job_table.c.created_at))
    run(house)
    assert house.call("GET", f"/exports/{asked['id']}").json["state"] == "done"


def test_an_export_that_is_stopped_keeps_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    tell(house)
    asked = ask(house).json
    monkeypatch.setattr("shared.jobs._SHOW_EVERY", 0)
    real = export_jobs.count_records

    def meanwhile(*args: Any) -> int:
        assert house.call("DELETE", f"/exports/{asked['id']}").status_code == 204
        return real(*args)

    monkeypatch.setattr(export_jobs, "count_records", meanwhile)
    run(house)
    assert house.call("GET", f"/exports/{asked['id']}").json["state"] == "cancelled"
    assert not kept_bytes(house)


def test_no_more_than_a_few_at_the_same_time(sqlite_house: House) -> None:
    for _ in range(keep_exports.MOST_OPEN):
        assert ask(sqlite_house).status_code == 202
    refused = ask(sqlite_house)
    assert (refused.status_code, refused.json["code"]) == (409, "export.too_many_open")


def test_what_is_more_than_a_workbook_holds_is_refused_and_said(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(sqlite_house)
    monkeypatch.setattr("services.registry.exchange.spreadsheet.MOST_ROWS", 0)
    shown = done(sqlite_house, format="xlsx")
    assert (shown["state"], shown["refusal"]["code"]) == ("failed", "export.sheet_full")
    assert "CSV" in shown["refusal"]["detail"]


def test_a_geopackage_is_one_to_who_works_with_them(sqlite_house: House, tmp_path: Path) -> None:
    import geopandas
    import pyogrio

    ids = furnish(sqlite_house)
    path = tmp_path / "export.gpkg"
    path.write_bytes(exported(sqlite_house, "gpkg"))
    layers = dict(pyogrio.list_layers(path))
    assert layers["inventario"] == "Point"
    assert set(layers) >= {"productos", "socios", "consentimientos"}
    frame = geopandas.read_file(path, layer="inventario")
    assert str(frame.crs) == "EPSG:4326"
    assert set(ids) <= set(frame["csem_id"])
    shown = {row["csem_id"]: row for row in frame.to_dict("records")}
    for key in ids:
        record = sqlite_house.call("GET", f"/enterprises/{key}").json
        row, here = shown[key], record["point"]
        assert (row["nombre"], row["mujeres"], row["formal"]) == (
            record["name"],
            record["jobs_women"],
            record["formal"],
        )
        assert (row["geometry"] is None) == (here is None)
        if here is not None:
            assert (row["geometry"].x, row["geometry"].y) == (here["lon"], here["lat"])
    assert len(geopandas.read_file(path, layer="productos")) >= len(ids)


def test_geojson_is_as_the_standard_has_it(sqlite_house: House) -> None:
    furnish(sqlite_house)
    document = json.loads(exported(sqlite_house, "geojson"))
    assert document["type"] == "FeatureCollection"
    assert "crs" not in document
    assert all(feature["type"] == "Feature" and "geometry" in feature for feature in document["features"])


def test_in_delimited_text_nothing_is_computed(sqlite_house: House) -> None:
    furnish(sqlite_house)
    for kind in ("csv", "kobo_csv"):
        for row in csv.reader(io.StringIO(exported(sqlite_house, kind).decode("utf-8-sig"), newline=""), delimiter=";"):
            wrong = [cell for cell in row if re.match(r"[=@\t\r]|[+-](?!\d+([.,]\d+)?$)", cell)]
            assert not wrong


def test_the_columns_are_explained_in_the_file(sqlite_house: House) -> None:
    tell(sqlite_house)
    sheets = read_sheets(exported(sqlite_house, "xlsx"))
    told = {(row[0], row[1]): row[2] for row in sheets["csem_columnas"][1:]}
    for name, rows in sheets.items():
        if name != "csem_columnas":
            assert all(told.get((name, header)) for header in rows[0] if header != "csem_id" or name == "inventario")


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_inventory_is_a_file_too(sqlite_house: House, kind: str) -> None:
    assert exported(sqlite_house, kind)


def test_the_command_writes_the_file_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    home = Installation({"CSEM_HOME": str(tmp_path / "home"), "CSEM_LOG_FORMAT": "console"})
    path = tmp_path / "inventario.csv"

    def command(told: str, file: Path) -> Any:
        words = ["registry", "export", "--format", "csv", "--filter", told, str(file)]
        return CliRunner().invoke(csem, words, obj=home)

    written = command("municipality=HN17", path)
    assert (written.exit_code, "0 registros" in written.output) == (0, True), written.output
    assert path.stat().st_mode & 0o777 == 0o600
    refused = command("need=nothing", tmp_path / "other.csv")
    assert refused.exit_code != 0
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["home", "inventario.csv"]


def test_every_kind_of_file_has_its_ending() -> None:
    assert set(FORMATS) == set(KINDS)

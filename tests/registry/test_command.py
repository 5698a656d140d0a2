"""`csem registry import`: the inventory from the command line."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from deploy.csem import main
from deploy.house import House
from services.registry import jobs
from services.registry.models import Enterprise, ImportRun
from services.registry.rules.plan_values import ProductLine
from services.registry.use_cases.accompany import NextVisit, open_accompaniment, plan_visit
from services.registry.use_cases.import_here import end_killed
from services.registry.use_cases.import_inventory import begin_import, end_abandoned
from services.registry.use_cases.run_institutions import sign_agreement, write_institution
from services.registry.use_cases.write_plan import begin_plan, change_plan
from shared.identity import Caller
from shared.kernel import clock
from shared.workbooks import read_sheets
from tests.house import opened_house
from tests.registry.test_mapping import GUESSED, own_table
from tests.registry.workbooks import submission, workbook


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with opened_house(tmp_path / "home", "registry", CSEM_TERRITORY_URL="http://127.0.0.1:1") as house:
        yield house


def run(house: House, *words: str) -> Result:
    return CliRunner().invoke(main, ["registry", *words], obj=house)


def written(folder: Path, content: bytes, name: str = "kobo.xlsx") -> str:
    (folder / name).write_bytes(content)
    return str(folder / name)


def test_the_json_report_has_the_promised_form_and_a_second_import_changes_nothing(home: House, tmp_path: Path) -> None:
    file = written(tmp_path, workbook([submission(1), submission(2, municipio="SV9999", departamento="")]))

    def report(*more: str) -> dict[str, Any]:
        result = run(home, "import", file, "--json", *more)
        assert result.exit_code == 0, result.output
        found: dict[str, Any] = json.loads(result.stdout)
        return found

    tried, first, second = report("--dry-run"), report(), report()
    assert tried == first
    assert set(first) == {"records", "created", "updated", "unchanged", "lowered", "problems"}
    assert set(first["problems"][0]) == {"sheet", "row", "column", "code", "message", "suggestion"}
    assert (first["records"], first["created"]) == (2, 1)
    assert {p["code"] for p in first["problems"]} == {"municipality.unknown", "place.pending"}
    assert (second["created"], second["unchanged"]) == (0, 1)
    english = report("--language", "en")
    assert english["problems"][0]["message"].startswith("The municipality code")


def test_a_reader_is_told_in_sentences(home: House, tmp_path: Path) -> None:
    file = written(tmp_path, workbook([submission(1, empleo_f="dos")]))
    result = run(home, "import", file, "--dry-run")
    assert result.exit_code == 0
    assert "Ensayo: no se guardó nada." in result.output
    assert "fila 2, emprendimiento/empleo_f: «dos» no es un número entero." in result.output


def test_a_file_that_cannot_be_read_ends_with_one_and_a_sentence(home: House, tmp_path: Path) -> None:
    result = run(home, "import", written(tmp_path, b"hola", "x.xlsx"))
    assert result.exit_code == 1
    assert "no es una exportación que el inventario sepa leer" in result.output
    assert run(home, "import", str(tmp_path / "absent.xlsx")).exit_code == 2
    assert run(home, "import").exit_code == 2


def test_settling_without_territory_says_so(home: House, tmp_path: Path) -> None:
    run(home, "import", written(tmp_path, workbook([submission(1)])))
    result = run(home, "settle")
    assert result.exit_code == 1
    assert "territorio no responde" in result.output


def test_an_import_is_undone_and_the_digest_tells_that_nothing_is_left_of_it(home: House, tmp_path: Path) -> None:
    empty = run(home, "digest").stdout
    run(home, "import", written(tmp_path, workbook([submission(1), submission(2)])))
    assert run(home, "digest").stdout != empty
    with home.service("registry").database.reading() as session:
        import_id = session.scalars(select(ImportRun.id)).one()
    result = run(home, "undo", str(import_id))
    assert (result.exit_code, result.output) == (0, "Importación deshecha: 2 registros quitados, 0 como antes.\n")
    assert run(home, "digest").stdout == empty
    assert run(home, "undo", str(import_id)).exit_code == 0


def test_an_import_that_cannot_be_undone_ends_with_one_and_a_sentence(home: House, tmp_path: Path) -> None:
    run(home, "import", written(tmp_path, workbook([submission(1)])), "--dry-run")
    with home.service("registry").database.reading() as session:
        import_id = session.scalars(select(ImportRun.id)).one()
    result = run(home, "undo", str(import_id))
    assert (result.exit_code, "Un ensayo no guardó nada" in result.output) == (1, True)


FOUR = workbook([submission(n) for n in range(1, 5)])


def test_a_table_of_ones_own_is_refused_with_what_its_columns_are_taken_for(home: House, tmp_path: Path) -> None:
    result = run(home, "import", written(tmp_path, own_table()))
    assert result.exit_code == 1
    assert "falta decir qué es cada columna" in result.output
    assert re.search(r"^ +5  Nombre +nombres \(Nombres\)$", result.stderr, re.MULTILINE)
    assert re.search(r"^ +17  Observaciones +-$", result.stderr, re.MULTILINE)
    assert '--columns "5=nombres" --columns "6=apellidos"' in result.stderr


def columns_told(**changes: str) -> list[str]:
    told = {str(at): field for at, field in enumerate(GUESSED.values(), start=1) if field} | changes
    return [word for at, field in told.items() for word in ("--columns", f"{at}={field}")]


def test_a_table_of_ones_own_is_taken_in_when_its_columns_are_told(home: House, tmp_path: Path) -> None:
    file = written(tmp_path, own_table())
    result = run(home, "import", file, "--json", *columns_told())
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["created"] == 2
    again = json.loads(run(home, "import", file, "--json", *columns_told()).stdout)
    assert (again["created"], again["unchanged"]) == (0, 2)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (columns_told(**{"17": "nombres"}), 1, "Nombres"),
        (["--columns", "5=nombres"], 1, "Apellidos"),
        (["--columns", "5=apodo"], 2, "apodo"),
        (["--columns", "nombres"], 2, "número"),
        (["--columns", "0=nombres"], 2, "número"),
        ([*columns_told(), "--columns", "5=unidad 1"], 2, "dos veces"),
    ],
)
def test_columns_told_wrongly_are_refused_and_nothing_is_taken_in(
    home: House, tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    result = run(home, "import", written(tmp_path, own_table()), *words)
    assert (result.exit_code, said in result.output) == (code, True), result.output


def test_a_column_that_the_table_has_not_changes_nothing(home: House, tmp_path: Path) -> None:
    words = columns_told(**{"99": "pueblo"})
    result = run(home, "import", written(tmp_path, own_table()), "--json", *words)
    assert (result.exit_code, json.loads(result.stdout)["created"]) == (0, 2), result.output


@pytest.mark.parametrize("own", [True, False])
def test_the_rows_to_be_put_right_are_written_apart_and_brought_in_again(
    home: House, tmp_path: Path, own: bool
) -> None:
    wrong = workbook([submission(1), submission(2, municipio="SV9999", departamento="")])
    file, wanted = written(tmp_path, own_table() if own else wrong), tmp_path / "por-corregir.xlsx"
    words = columns_told(**{"12": "_gps_longitude", "13": "_gps_latitude"}) if own else []
    result = run(home, "import", file, "--dry-run", "--corrections", str(wanted), *words)
    assert result.exit_code == 0, result.output
    rows = read_sheets(wanted.read_bytes())
    [names] = [row for row in next(iter(rows.values())) if "Nombres" in row]
    given = [row[names.index("Nombres")] for row in next(iter(rows.values()))[1:]]
    assert given == (["Rosa", "Ana"] if own else ["Rosa"])
    assert wanted.stat().st_mode & 0o777 == 0o600
    assert f"{len(given)} filas por corregir" in result.stderr
    again = run(home, "import", str(wanted), "--json")
    assert (again.exit_code, json.loads(again.stdout)["records"]) == (0, len(given)), again.output


def test_where_nothing_is_to_be_put_right_no_file_is_written(home: House, tmp_path: Path) -> None:
    good, wanted = workbook([submission(1, _gps_latitude=13.34)]), tmp_path / "por-corregir.xlsx"
    result = run(home, "import", written(tmp_path, good), "--dry-run", "--corrections", str(wanted))
    assert (result.exit_code, "Nada por corregir." in result.stderr, wanted.exists()) == (0, True, False)


def stopping(monkeypatch: pytest.MonkeyPatch, fault: Callable[[], object]) -> None:
    """Batches of two; behind the first of them the work meets with `fault`."""
    take, taken = jobs.import_batch, []

    def taking(*args: Any, **options: Any) -> None:
        if taken:
            fault()
        taken.append(1)
        take(*args, **options)

    monkeypatch.setattr(jobs, "_BATCH", 2)
    monkeypatch.setattr(jobs, "import_batch", taking)


def runs(home: House) -> list[ImportRun]:
    with home.service("registry").database.reading() as session:
        return list(session.scalars(select(ImportRun).order_by(ImportRun.id)))


@pytest.mark.parametrize("fault", [KeyboardInterrupt, RuntimeError])
def test_an_import_that_is_broken_off_is_over_and_can_be_undone(
    home: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[BaseException]
) -> None:
    def break_off() -> None:
        raise fault

    empty = run(home, "digest").stdout
    stopping(monkeypatch, break_off)
    result = run(home, "import", written(tmp_path, FOUR))
    [begun] = runs(home)
    assert (result.exit_code, begun.state, begun.created) == (1, "cancelled", 2)
    assert f"csem registry undo {begun.id}" in result.stderr
    assert run(home, "undo", str(begun.id)).exit_code == 0
    assert run(home, "digest").stdout == empty


KILLED = """
import os, signal, sys
from services.registry import jobs
from deploy.csem import main

take, taken = jobs.import_batch, []

def taking(*args, **options):
    if taken:
        os.kill(os.getpid(), signal.SIGKILL)
    taken.append(1)
    take(*args, **options)

jobs._BATCH, jobs.import_batch = 2, taking
main(["registry", "import", sys.argv[1]])
"""


def test_an_import_whose_command_was_killed_is_ended_by_the_next_command_and_can_be_undone(
    home: House, tmp_path: Path
) -> None:
    empty = run(home, "digest").stdout
    told = {"CSEM_HOME": str(tmp_path / "home"), "CSEM_TERRITORY_URL": "http://127.0.0.1:1"}
    words = [sys.executable, "-c", KILLED, written(tmp_path, FOUR)]
    died = subprocess.run(words, env=os.environ | told, cwd=Path(__file__).parents[2], check=False)
    [begun] = runs(home)
    assert (died.returncode, begun.state, begun.created) == (-signal.SIGKILL, "working", 2)
    result = run(home, "undo", str(begun.id))
    assert (result.exit_code, result.output) == (0, "Importación deshecha: 2 registros quitados, 0 como antes.\n")
    assert run(home, "digest").stdout == empty
    assert list((tmp_path / "home").glob("*import-*")) == []


def test_an_import_of_a_command_that_is_at_work_is_left_to_it(
    home: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    stopping(monkeypatch, lambda: ended.append(end_killed(home.service("registry").database)))
    assert run(home, "import", written(tmp_path, FOUR)).exit_code == 0
    assert (ended, [(one.state, one.created) for one in runs(home)]) == ([0], [("done", 4)])
    assert list((tmp_path / "home").glob("*import-*")) == []


def test_upkeep_ends_an_import_that_a_command_began_long_ago(home: House, tmp_path: Path) -> None:
    run(home, "import", written(tmp_path, FOUR))
    database = home.service("registry").database
    for age, ended in ((timedelta(hours=23), 0), (timedelta(hours=25), 1)):
        with database.transaction() as session:
            begun = begin_import(session, Caller.operator("prueba"), name="a.csv", sha256="0" * 64, dry_run=False)
            begun.created_at -= age
        with database.transaction() as session:
            assert end_abandoned(session) == ended
    assert [one.state for one in runs(home)] == ["done", "queued", "cancelled"]


@pytest.mark.parametrize(("option", "beginning"), [("--xlsx", b"PK"), ("--csv", b"\xef\xbb\xbfFolio;")])
def test_the_template_is_written_where_it_is_wanted(home: House, tmp_path: Path, option: str, beginning: bytes) -> None:
    assert run(home, "template", option, str(tmp_path / "plantilla")).exit_code == 0
    assert (tmp_path / "plantilla").read_bytes().startswith(beginning)


def test_an_activity_is_found_by_a_word(home: House) -> None:
    result = run(home, "activities", "panadería")
    assert (result.exit_code, result.output) == (0, "1071 Elaboración de productos de panadería\n")


def test_agreements_are_told_with_their_standing(home: House) -> None:
    home.create_keys()
    home.migrate("registry")
    with home.service("registry").database.transaction() as session:
        caller = Caller.operator("prueba")
        facts = {"name": "Banco de prueba", "kind": "bank", "unit": "HN", "address": None, "contacts": []}
        bank = write_institution(session, caller, None, None, facts)
        days = {"signed_on": date(2025, 1, 1), "valid_from": date(2025, 1, 1), "valid_until": date(2025, 6, 30)}
        sign_agreement(session, caller, bank.id, {"purpose": "Cuentas", "centre_id": None} | days)
    assert run(home, "agreements").output == "vencido       2025-06-30  Banco de prueba: Cuentas\n"


def test_the_rubric_in_force_is_told_with_its_words(home: House) -> None:
    told = run(home, "rubric", "HN1709", "--day", "2026-05-01").output
    assert "Rúbrica de la red, vigente desde 2026-01-01." in told
    assert "scaling         peso  5  mínimo 3" in told
    assert "  3  Con financiamiento duplicaría en un año" in told


def test_records_that_nobody_checked_for_long_grow_stale_and_only_once(home: House, tmp_path: Path) -> None:
    run(home, "import", written(tmp_path, workbook([submission(1), submission(2)])))
    assert run(home, "stale").output == "0 fichas por renovar.\n"
    with clock.frozen(datetime.now(UTC) + timedelta(days=2000)):
        assert [run(home, "stale").output for _ in range(2)] == ["2 fichas por renovar.\n", "0 fichas por renovar.\n"]


def test_the_week_and_a_plan_are_told_on_the_command_line(home: House, tmp_path: Path) -> None:
    run(home, "import", written(tmp_path, workbook([submission(1)])))
    service = home.service("registry")
    caller, today = Caller.operator("prueba"), clock.today()
    with service.database.transaction() as session:
        enterprise = session.scalars(select(Enterprise.id)).one()
        case = open_accompaniment(session, caller, enterprise, needs=[], begins_on=today, term_months=3)
        plan_visit(session, caller, case.id, visit=NextVisit(today, "accounts_review"))
        plan = begin_plan(session, caller, case.id)
        line = ProductLine("Queso", "libra", 7_000, 4_500, 200)
        change_plan(session, caller, plan.id, version=None, changes={"products": (line,), "own_contribution": 100_000})
        plan_id = plan.id
    told = run(home, "agenda", "--week", today.isoformat()).output
    assert told.startswith("Semana del ")
    assert "Tienda 1: accounts_review" in told
    assert "Rosa Inventada 1" in told
    assert "Tienda 1" not in run(home, "agenda", "--technician", "otra").output
    shown = run(home, "plan", str(plan_id)).output
    assert re.search(r"Capacidad de pago al mes +3500\.00", shown)
    assert re.search(r"total +168000\.00 +108000\.00", shown)
    assert "Falta el resumen. [plan.lacks_summary]" in shown
    missing = run(home, "plan", "01890000-0000-7000-8000-000000000001")
    assert (missing.exit_code, "No hay ningún plan de negocio" in missing.output) == (1, True)


def test_campaigns_and_opportunities_are_told_with_their_figures(home: House) -> None:
    from services.registry.use_cases.run_campaigns import write_campaign
    from services.registry.use_cases.run_opportunities import write_opportunity
    from tests.registry.test_campaigns import campaign
    from tests.registry.test_opportunities import opportunity

    assert run(home, "campaigns").exit_code == 0
    caller, nobody = Caller.operator("prueba"), {"women": None, "men": None, "young_women": None}
    told = campaign(planned=nobody, reached=nobody, reached_how=None, costs=[], centre_id=None, partners=[])
    days = {name: date.fromisoformat(told[name]) for name in ("begins_on", "ends_on")}
    offer = opportunity(amount_min=None, amount_max=None, description=None, institution_id=None)
    with home.service("registry").database.transaction() as session:
        write_campaign(session, caller, None, None, told | days)
        for title, deadline in (("Abierta", None), ("Pasada", date(2020, 1, 1))):
            write_opportunity(session, caller, None, None, offer | {"title": title, "deadline": deadline})
    result = run(home, "campaigns")
    assert result.exit_code == 0, result.output
    assert "Radio comunitaria de prueba: no se sabe; costo -" in result.output
    assert "trajo 0 (- cada uno)" in result.output
    opened = run(home, "opportunities").output
    assert "sin plazo   Abierta: Valle" in opened
    assert "0 avisadas" in opened
    assert "Pasada" not in opened
    assert "2020-01-01  Pasada (vencida): Valle" in run(home, "opportunities", "--all").output


def test_records_are_found_and_counted_from_the_command_line(home: House, tmp_path: Path) -> None:
    assert run(home, "import", written(tmp_path, workbook([submission(1), submission(2)]))).exit_code == 0
    found = run(home, "find", "tienda", "rrosa")
    assert found.exit_code == 0, found.output
    assert len(found.stdout.splitlines()) == 2
    assert "Tienda 1 (Rosa Inventada 1)" in found.stdout
    nothing = run(home, "find", "zzz")
    assert (nothing.exit_code, nothing.stdout) == (1, "")
    board = json.loads(run(home, "dashboard", "--json").stdout)
    assert board["total"] == 2
    told = run(home, "dashboard").stdout
    assert told.startswith("Toda la red: 2 registros")
    unknown = run(home, "dashboard", "--centre", "01890000-0000-7000-8000-000000000000")
    assert unknown.exit_code == 1
    assert "centre.unknown" in unknown.output

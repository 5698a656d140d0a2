"""The commands of the library, of centres, trainers and licences do what the pages do."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from services.training.cli import group as cli
from services.training.use_cases.keep_partners import write_partner
from shared import files
from shared.database import Database
from tests.training.house import COORDINATOR, TRAINER
from tests.training.trainers_house import candidate, prove_all, trainer

PDF = b"%PDF-1.7\nhola\n%%EOF\n"
Run = Callable[..., str]


@pytest.fixture
def run(database: Database, tmp_path: Path) -> Run:
    files.keep_in(database, tmp_path / "files")
    place = SimpleNamespace(service=lambda _name: SimpleNamespace(database=database))
    return lambda *words: CliRunner().invoke(cli, words, obj=place).output.strip()


def test_a_material_is_added_found_shared_fetched_and_archived(run: Run, tmp_path: Path) -> None:
    kept = tmp_path / "costos.pdf"
    kept.write_bytes(PDF)
    told = ("--unit", "HN17", "--kind", "module", "--author", "Casa Inventada", "--licence", "cc_by")
    made = run("materials", "add", "Costos y precios", *told, "--topic", "costing", "--file", str(kept))
    assert "Costos y precios" in run("materials", "find", "PRECIO", "--topic", "costing")
    assert run("materials", "share", made, "public") == ""
    assert "public" in run("materials", "find")
    written = run("materials", "fetch", made, "--into", str(tmp_path))
    assert Path(written).read_bytes() == PDF
    assert run("materials", "archive", made, "--because", "Hay otro") == ""
    assert run("materials", "find") == ""
    assert made in run("materials", "find", "--archived")


def test_trainers_and_centres_are_listed(run: Run, database: Database) -> None:
    with database.transaction() as session:
        facts = {"unit": "HN17", "name": "Universidad Inventada", "kind": "civil_society_academia"}
        write_partner(session, COORDINATOR, **facts, learning_kind="university")
    assert "Universidad Inventada" in run("centres", "list")
    assert run("centres", "agreements") == ""
    made = run("trainers", "add", "Keren Ficticia", "--unit", "HN17", "--goes-to", "HN17", "--topic", "costing")
    assert run("trainers", "list", "--topic", "costing") == f"{made}  HN17  Keren Ficticia"
    assert run("trainers", "list", "--topic", "market") == ""


def test_a_licence_is_issued_checked_suspended_and_revoked(run: Run, database: Database) -> None:
    def earned(session: Session) -> str:
        one = candidate(session, trainer(session, TRAINER))
        prove_all(session, one)
        return str(one.id)

    with database.transaction() as session:
        her = earned(session)
    number = run("licences", "issue", her)
    assert run("licences", "check", number) == f"{number}  valid  2028-03-04"
    licence = run("licences", "list", "--standing", "valid").split()[0]
    assert run("licences", "suspend", licence, "--because", "Se revisa una queja") == ""
    assert "suspended" in run("licences", "check", number)
    assert run("licences", "revoke", licence, "--because", "Cobró por lugares") == ""
    assert "revoked" in run("licences", "list")

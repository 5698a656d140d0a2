"""The commands for proposals, councils and dialogues, and for what came of them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from services.territory.cli import group
from services.territory.use_cases.share_map import share_map
from shared.identity import Caller
from shared.kernel import LOCAL_TIME, Refused, clock
from tests.territory.test_proposals import PROPOSAL, money

Run = Callable[..., str]
NOW = clock.now()
TODAY = NOW.astimezone(LOCAL_TIME).date().isoformat()


@pytest.fixture(autouse=True)
def same_day() -> Iterator[None]:
    """No test runs past midnight."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def run(service: SimpleNamespace) -> Run:
    place = SimpleNamespace(service=lambda _name: service.built)

    def done(*words: str, code: int = 0) -> str:
        found = CliRunner().invoke(group, words, obj=place, catch_exceptions=False)
        assert found.exit_code == code, found.output
        return found.output

    return done


def written(run: Run, folder: Path, **facts: object) -> str:
    file = folder / "propuesta.json"
    file.write_text(json.dumps(PROPOSAL | facts))
    return run("proposal", "write", str(file)).strip()


def test_a_proposal_is_written_from_a_file_advanced_corrected_and_counted(run: Run, tmp_path: Path) -> None:
    proposal = written(run, tmp_path)
    assert "340001.00 HNL" in run("proposal", "list", "--unit", "HN17", "--state", "proposed")
    assert run("proposal", "list", "--unit", "GT") == ""
    run("proposal", "advance", proposal, "submitted")
    run("proposal", "advance", proposal, "debated", "--act", "Acta 1", "--on", TODAY)
    run("proposal", "advance", proposal, "included", "--act", "Acta 2")
    run("proposal", "advance", proposal, "budgeted", "--act", "Acta 3", "--amount", "200000.00")
    shown = run("proposal", "show", proposal)
    assert "Acta 3 · 200000.00" in shown
    assert "*  HNL  1/1/1  100.0%  58.8%" in run("influence")
    assert run("proposal", "correct", proposal, "debated", "--act", "Acta 1", "--reason", "Fue otra").startswith(
        "debated"
    )
    assert "*  6" in run("proposal", "show", proposal)
    assert "HN1709  HNL  0/1/1  0.0%" in run("influence", "--by", "unit", "--year", TODAY[:4])


def test_what_the_rules_refuse_the_command_refuses_too(run: Run, tmp_path: Path) -> None:
    proposal = written(run, tmp_path)
    with pytest.raises(Refused, match=r"proposal\.does_not_follow"):
        run("proposal", "advance", proposal, "executed", "--amount", "1.00")
    with pytest.raises(Refused, match=r"proposal\.financing_differs"):
        written(run, tmp_path, financing=[{"source": "other", "amount": money("1.00")}])
    with pytest.raises(Refused, match=r"body\.invalid_fields"):
        written(run, tmp_path, women_total="muchas")


def test_a_council_and_a_hearing_are_written_down_and_shown(run: Run) -> None:
    council = run("council", "write", "HN1709", "Concejo ficticio", "--kind", "municipal", "--seats", "9").strip()
    run("council", "seat", council, "Red A", "--constituency", "Rurales", "--from", "2026-01-01")
    run("council", "session", council, "Presupuesto", "--on", TODAY, "--women", "3", "--men", "4", "--present", "Red A")
    assert "1/9  Concejo ficticio (San Lorenzo)" in run("council", "list")
    assert "M 3 / H 4" in run("council", "show", council)
    about = ("--kind", "public_hearing", "--on", TODAY, "--topics", "Agua")
    there = ("--there", "women_organizations:3:20:0", "--there", "municipality:1:2:3")
    dialogue = run("dialogue", "hold", "HN1709", "Audiencia", *about, *there).strip()
    assert "M 22 / H 3  Audiencia" in run("dialogue", "list")
    assert "women_organizations" in run("dialogue", "show", dialogue)
    for wrong in ("women_organizations:3:20", "nobody:1:1:1", "municipality:1:-2:3"):
        assert "KIND:INSTITUTIONS:WOMEN:MEN" in run("dialogue", "hold", "HN1709", "X", *about, "--there", wrong, code=2)
    assert "1/9" in run("influence")


def test_a_promise_of_a_dialogue_is_followed_to_its_paper(run: Run, tmp_path: Path) -> None:
    told = ("--kind", "multi_stakeholder", "--on", TODAY, "--topics", "x", "--there", "women_organizations:2:9:1")
    dialogue = run("dialogue", "hold", "HN1709", "Mesa ficticia", *told).strip()
    due = ("--by", "Municipalidad (ficticia)", "--due", TODAY)
    made = run("commitment", "promise", "Abrir el mercado", "--in-dialogue", dialogue, *due).strip()

    assert "Abrir el mercado" in run("commitment", "list", "--unit", "HN17")
    assert "Say where it was promised" in run("commitment", "promise", "x", *due, code=2)
    paper = tmp_path / "acta.pdf"
    paper.write_bytes(b"%PDF-1.7\n%%EOF\n")
    run("commitment", "settle", made, "kept", "--note", "Abierto")
    run("commitment", "prove", made, str(paper))
    assert "kept" in run("commitment", "list")
    with pytest.raises(Refused, match=r"commitment\.settled_so_already"):
        run("commitment", "settle", made, "kept")


def test_an_alliance_is_formed_and_ends(run: Run) -> None:
    told = ("--purpose", "Vender juntas", "--member", "Red (ficticia)", "--member", "Agencia (ficticia)")
    made = run("alliance", "form", "HN17", "Alianza ficticia", *told, "--from", TODAY).strip()

    assert "Agencia (ficticia); Red (ficticia)" in run("alliance", "list")
    run("alliance", "end", made)
    assert f"{TODAY}/{TODAY}" in run("alliance", "list")


def test_a_chain_is_scored_and_the_score_taken_back(run: Run) -> None:
    made = run("scores", "give", "HN17", "fishing", "water", "3", "--evidence", "Estudio ficticio").strip()

    assert "Estudio ficticio" in run("scores", "list", "--unit", "HN17", "--chain", "fishing")
    run("scores", "change", made, "--evidence", "Sin sustento")
    assert " -  Sin sustento" in run("scores", "list")
    run("scores", "give", "HN17", "fishing", "water", "9", "--evidence", "x", code=2)


def test_a_plan_gets_its_lines_and_the_money_of_its_projects(run: Run) -> None:
    told = ("--kind", "pdm", "--source", "Acta 1 (ficticia)", "--from", "2026-01-01", "--chain", "fishing")
    plan = run("plan", "declare", "HN1709", "Plan ficticio", *told).strip()
    line = run("plan", "line", plan, "1.1", "Pesca", "--chain", "fishing").strip()

    run("plan", "project", plan, line, "Cuarto frío", "--money", "2027:municipality:150000.00")
    for wrong in ("2027:municipality:x", "2027:nobody:1.00", "municipality"):
        assert "--money" in run("plan", "project", plan, line, "x", "--money", wrong, code=2)


def test_a_shared_map_is_listed_and_taken_back(run: Run, service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        link = share_map(
            session, Caller.operator("prueba"), unit="HN17", which={}, purpose="Página ficticia", language="es",
            expires_on=clock.today(),
        )  # fmt: skip
        made = str(link.id)

    assert "Página ficticia" in run("map-links", "list")
    run("map-links", "revoke", made)
    assert "revoked" in run("map-links", "list")

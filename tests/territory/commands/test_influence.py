"""The commands for proposals, councils and dialogues, and for what came of them."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from shared.kernel import LOCAL_TIME, NotFound, Refused
from tests.territory.commands.conftest import NOW, Run
from tests.territory.conftest import register
from tests.territory.test_proposals import PROPOSAL, money

TODAY = NOW.astimezone(LOCAL_TIME).date().isoformat()
NOBODY = "0190a0a0-0000-7000-8000-000000000000"


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


def test_a_proposal_is_rewritten_until_it_is_submitted(run: Run, tmp_path: Path) -> None:
    proposal = written(run, tmp_path)
    file = tmp_path / "otra.json"
    file.write_text(json.dumps(PROPOSAL | {"title": "Otro título ficticio"}))

    run("proposal", "rewrite", proposal, file)
    assert "Otro título ficticio" in run("proposal", "list")
    assert run("proposal", "board", "--unit", "HN17").split()[:3] == ["proposed", "1", "340001.00"]
    with pytest.raises(NotFound, match=r"proposal\.unknown"):
        run("proposal", "rewrite", NOBODY, file)
    run("proposal", "advance", proposal, "submitted")
    with pytest.raises(Refused, match=r"proposal\.submitted_already"):
        run("proposal", "rewrite", proposal, file)


def test_evidence_is_frozen_and_a_step_has_its_paper(run: Run, tmp_path: Path, service: SimpleNamespace) -> None:
    with service.database.transaction() as session:
        register(session, 12)
    proposal = written(run, tmp_path)
    evidence = run("proposal", "freeze", proposal).split()[0]
    assert evidence in run("proposal", "show", proposal)
    assert "intact" in run("proposal", "evidence", proposal, evidence)
    with pytest.raises(Refused, match=r"proposal\.frozen_already"):
        run("proposal", "freeze", proposal)
    with pytest.raises(NotFound, match=r"proposal\.evidence_unknown"):
        run("proposal", "evidence", proposal, NOBODY)

    act = tmp_path / "acta.pdf"
    act.write_bytes(b"%PDF-1.7\n%%EOF\n")
    run("proposal", "advance", proposal, "submitted")
    run("proposal", "attach", proposal, "2", act)
    run("proposal", "paper", proposal, "2", "-o", tmp_path / "copia.pdf")
    assert (tmp_path / "copia.pdf").read_bytes() == act.read_bytes()
    with pytest.raises(NotFound, match=r"proposal\.step_unknown"):
        run("proposal", "paper", proposal, "9", "-o", tmp_path / "nada.pdf")
    act.write_bytes(b"no es un papel")
    with pytest.raises(Refused, match=r"file\.neither_pdf_nor_picture"):
        run("proposal", "attach", proposal, "1", act)


def test_a_council_and_a_hearing_are_written_down_and_shown(run: Run) -> None:
    council = run("council", "write", "HN1709", "Concejo ficticio", "--kind", "municipal", "--seats", "9").strip()
    run("council", "seat", council, "Red A", "--constituency", "Rurales", "--from", "2026-01-01")
    run("council", "session", council, "Presupuesto", "--on", TODAY, "--women", "3", "--men", "4", "--present", "Red A")
    assert "1/9  Concejo ficticio (San Lorenzo)" in run("council", "list")
    shown = run("council", "show", council)
    assert "M 3 / H 4" in shown
    run("council", "change", council, "--seats", "11")
    assert "1/11  Concejo ficticio" in run("council", "list")
    seat = next(told.split()[0] for told in shown.splitlines() if "titular" in told)
    run("council", "end-seat", council, seat, "--on", "2026-02-01")
    assert "0/11" in run("council", "list")
    assert "2026-01-01/2026-02-01" in run("council", "show", council)
    with pytest.raises(NotFound, match=r"council\.seat_unknown"):
        run("council", "end-seat", council, NOBODY)
    with pytest.raises(NotFound, match=r"council\.unknown"):
        run("council", "change", NOBODY, "--name", "x")
    about = ("--kind", "public_hearing", "--on", TODAY, "--topics", "Agua")
    there = ("--there", "women_organizations:3:20:0", "--there", "municipality:1:2:3")
    dialogue = run("dialogue", "hold", "HN1709", "Audiencia", *about, *there).strip()
    assert "M 22 / H 3  Audiencia" in run("dialogue", "list")
    assert "women_organizations" in run("dialogue", "show", dialogue)
    for wrong in ("women_organizations:3:20", "nobody:1:1:1", "municipality:1:-2:3"):
        assert "KIND:INSTITUTIONS:WOMEN:MEN" in run("dialogue", "hold", "HN1709", "X", *about, "--there", wrong, code=2)
    assert "0/11" in run("influence")


def test_lists_are_written_as_tables_in_either_language(run: Run, tmp_path: Path) -> None:
    run("council", "write", "HN1709", "Concejo ficticio", "--kind", "municipal", "--seats", "9")
    written(run, tmp_path)
    out = tmp_path / "lista.csv"
    for what in (("council", "list"), ("dialogue", "list"), ("proposal", "list"), ("influence",)):
        assert str(out) in run(*what, "-o", out)
        spanish = out.read_text(encoding="utf-8-sig")
        run(*what, "-o", out, "--language", "en")
        assert out.read_text(encoding="utf-8-sig") != spanish
        assert run(*what, "-o", tmp_path / "lista.xlsx")
        assert (tmp_path / "lista.xlsx").read_bytes().startswith(b"PK")
        assert "--output" in run(*what, "-o", tmp_path / "lista.doc", code=2)
        assert not (tmp_path / "lista.doc").exists()


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
    run("commitment", "proof", made, "-o", tmp_path / "otra.pdf")
    assert (tmp_path / "otra.pdf").read_bytes() == paper.read_bytes()
    with pytest.raises(NotFound, match=r"commitment\.unknown"):
        run("commitment", "proof", NOBODY, "-o", tmp_path / "nada.pdf")
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
    assert [told.split()[1] for told in run("scores", "show", made).splitlines()[1:]] == ["-", "3"]
    with pytest.raises(NotFound, match=r"score\.unknown"):
        run("scores", "show", NOBODY)
    run("scores", "give", "HN17", "fishing", "water", "9", "--evidence", "x", code=2)


def test_a_plan_gets_its_lines_and_the_money_of_its_projects(run: Run) -> None:
    told = ("--kind", "pdm", "--source", "Acta 1 (ficticia)", "--from", "2026-01-01", "--chain", "fishing")
    plan = run("plan", "declare", "HN1709", "Plan ficticio", *told).strip()
    line = run("plan", "line", plan, "1.1", "Pesca", "--chain", "fishing").strip()

    run("plan", "project", plan, line, "Cuarto frío", "--money", "2027:municipality:150000.00")
    shown = run("plan", "show", plan)
    assert "150000.00 HNL  Cuarto frío" in shown
    project = next(told.split()[0] for told in shown.splitlines() if "Cuarto" in told)
    run("plan", "remove-project", plan, line, project)
    assert "Cuarto" not in run("plan", "show", plan)
    with pytest.raises(NotFound, match=r"development_plan\.project_unknown"):
        run("plan", "remove-project", plan, line, project)
    for wrong in ("2027:municipality:x", "2027:nobody:1.00", "municipality"):
        assert "--money" in run("plan", "project", plan, line, "x", "--money", wrong, code=2)
    run("plan", "remove-line", plan, line)
    assert "Pesca" not in run("plan", "show", plan)
    with pytest.raises(NotFound, match=r"development_plan\.line_unknown"):
        run("plan", "remove-line", plan, line)
    with pytest.raises(NotFound, match=r"development_plan\.unknown"):
        run("plan", "show", NOBODY)

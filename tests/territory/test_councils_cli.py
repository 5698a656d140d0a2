"""The commands for proposals, councils and dialogues, and for what came of them."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from services.territory.cli import group
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

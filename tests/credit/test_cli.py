"""`csem credit` on a database that has loans."""

import re
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from services.credit.cli import group
from services.credit.directory import Directory
from services.credit.use_cases.form_group import form_group
from shared.testing import settings_of
from tests.credit.house import OFFICER, House, names
from tests.credit.test_appraisal import CARD, appraise
from tests.credit.test_guarantees import FIADOR, offer


@pytest.fixture
def run(database, tmp_path, keys, monkeypatch):
    """The commands beside a registry that knows every borrower."""
    monkeypatch.setattr(Directory, "borrower", lambda _self, enterprise_id: names(enterprise_id))
    environ = {
        "CSEM_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "CSEM_KEYS": str(tmp_path / "keys"),
    }
    house = SimpleNamespace(settings=lambda name: settings_of(name, tmp_path, **environ))

    def invoke(*words: str) -> str:
        result = CliRunner().invoke(group, words, obj=house, catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    return invoke


def test_the_funds_say_what_is_available(build_house, run):
    build_house(lambda house: house.approved("4000.00"), reserve="1000.00")
    assert "100000.00   4000.00   95000.00  HNL" in run("funds")


def test_the_loans_say_what_is_owed(build_house, run):
    build_house(lambda house: house.disbursed())
    told = run("loans")
    owed = re.search(r"1 loans, 10000.00 HNL lent, ([0-9.]+) still owed", told)
    assert owed is not None
    assert owed[1] in told.partition("1 loans")[0].split(), "the total is the sum of the column"
    assert "10000.00 of it principal, 0.00 overdue" in told
    assert "FON-P-2026-0001" in run("loans", "--municipality", "HN17")
    assert "FON-P-2026-0001" not in run("loans", "--overdue")


def test_the_sessions_name_their_minutes(build_house, run):
    def step(house: House) -> None:
        house.opened(house.appraised())

    build_house(step)
    assert "FON-CS-2026-0001  2026-03-05 09:00      1  open" in run("sessions")


def test_a_quote_shows_the_schedule_and_what_it_costs(build_house, run):
    build_house()
    told = run("quote", "FON", "working-capital", "8000.00", "12", "--start", "2026-03-05")
    assert "12  2027-03-05" in told
    assert "annual percentage rate 18.0" in told


def test_a_quote_that_the_regulations_refuse_says_why(build_house, database, tmp_path):
    build_house()
    url = database.engine.url.render_as_string(hide_password=False)
    house = SimpleNamespace(settings=lambda name: settings_of(name, tmp_path, CSEM_DATABASE_URL=url))
    for words, said in (
        (("FON", "working-capital", "8000.00", "99"), "application.instalments_out_of_range"),
        (("NONE", "working-capital", "8000.00", "12"), "There is no fund NONE"),
    ):
        result = CliRunner().invoke(group, ("quote", *words), obj=house)
        assert result.exit_code == 1
        assert said in result.output


def test_compliance_names_each_rule_and_what_was_examined(build_house, run):
    build_house(lambda house: house.disbursed())
    told = run("compliance", "FON", "--month", "2026-03")
    assert re.search(r"quorum +1 +kept", told)
    assert re.search(r"segregation +1 +kept", told)
    assert re.search(r"repayments +0 +nothing", told)
    assert "broken" not in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("indicators", "--to", "0001-01-02"), "is not between the years 1900 and 2200"),
        (("close", "--date", "9999-12-31"), "is not between the years 1900 and 2200"),
        (("compliance", "FON", "--month", "2026-13"), "does not match the format"),
        (("compliance", "FON", "--month", "9999-12"), "is not between the years 1900 and 2200"),
        (("regulations", "take-back", "FON", "99999999999999999999", "--reason", "x"), "is not in the range"),
        (("regulations", "show", "FON", "--edition", "99999999999999999999"), "is not in the range"),
    ],
)
def test_a_day_or_a_number_that_cannot_be_is_refused_in_a_sentence(words, said):
    result = CliRunner().invoke(group, words, obj=None)
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (2, True)
    assert said in " ".join(result.output.replace("│", " ").split())


def test_an_appraisal_says_what_was_found_and_what_follows(build_house, run, database, tmp_path):
    build_house(lambda house: appraise(house, answers={"records": "yes"}), scorecard=CARD)
    told = run("appraisal", "FON-S-2026-0001")
    assert re.search(r"monthly surplus +4500\.00 +HNL", told)
    assert re.search(r"share of surplus +21 +%", told)
    assert re.search(r"Lleva cuentas +Sí +100", told)
    assert "100 points of 100, at least 60" in told
    url = database.engine.url.render_as_string(hide_password=False)
    house = SimpleNamespace(settings=lambda name: settings_of(name, tmp_path, CSEM_DATABASE_URL=url))
    missing = CliRunner().invoke(group, ("appraisal", "FON-S-2026-0009"), obj=house)
    assert (missing.exit_code, "There is no appraised application" in missing.output) == (1, True)


def test_the_groups_say_how_each_member_stands(build_house, run):
    def step(house: House) -> None:
        asked = [house.appraised("1000.00").id for _ in range(2)]
        form_group(house.session, OFFICER, fund_id=house.fund.id, name="Las Madrugadoras", applications=asked)

    build_house(step, groups={"source": "art. 18", "minimum": 2, "maximum": 5})
    told = run("groups")
    assert "FON-G-2026-0001  Las Madrugadoras  FON-S-2026-0001  appraised" in told
    assert "FON-S-2026-0002" in told


def test_the_guarantees_of_a_fund_name_nobody(build_house, run):
    def step(house: House) -> None:
        offer(house, house.appraised(), "guarantor", "4000.00", outsider=FIADOR)

    build_house(step)
    told = run("guarantees", "FON")
    assert re.search(r"FON-S-2026-0001 +guarantor +4000\.00 +HNL +offered", told)
    assert FIADOR.name not in told

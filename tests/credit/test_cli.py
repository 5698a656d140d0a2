"""`csem credit` on a database that has loans."""

import re
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from services.credit.cli import group
from shared.testing import settings_of
from tests.credit.house import House


@pytest.fixture
def run(database, tmp_path):
    url = database.engine.url.render_as_string(hide_password=False)
    house = SimpleNamespace(settings=lambda name: settings_of(name, tmp_path, CSEM_DATABASE_URL=url))

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

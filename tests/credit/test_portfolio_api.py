"""The portfolio and the closes through the API and the command line."""

from datetime import timedelta

import pytest

from services.credit.jobs import CLOSE, SCHEDULES, close_funds, handlers
from shared.job_runner import Runner
from shared.kernel import clock
from shared.testing import person
from tests.credit.closing import RULES, close, on
from tests.credit.house import CASHIER, COORDINATOR, OFFICER, TECHNICIAN
from tests.credit.test_cli import run  # noqa: F401 - a fixture

ELSEWHERE = person("coordinator", scope="GT", subject="elsewhere")
COORDINATOR_OF_ALL = person("coordinator", scope="*")


@pytest.fixture
def lent(build_house):
    house, loan = build_house(lambda house: house.disbursed(), **RULES)
    return house, loan


def ask(client, house, day, caller=COORDINATOR):
    return client.post(caller, "/closes", {"fund_id": str(house.fund.id), "day": day.isoformat()})


def test_a_close_is_asked_for_done_by_the_worker_and_shown(client, lent, database):
    house, loan = lent
    with on(40) as day:
        asked = ask(client, house, day)
        assert asked.status == 202
        assert asked.body["day"] == day.isoformat()
        assert Runner(database, handlers()).run_due() == 1
        [shown] = client.get(COORDINATOR, f"/closes?fund={house.fund.id}").body["items"]
        assert (shown["day"], shown["loans"], shown["overdue"], shown["told"]) == (day.isoformat(), 1, 1, 1)
        assert shown["closed_by_name"] == COORDINATOR.name
        [late] = client.get(TECHNICIAN, "/portfolio/overdue").body["items"]
        assert (late["number"], late["days_overdue"]) == (loan.number, (day - loan.instalments[0].due).days)
        assert late["charges"]["amount"] != "0.00"
        detail = client.get(CASHIER, f"/loans/{loan.id}").body
        assert detail["instalments"][0]["penalty"] == late["charges"]
        assert client.get(CASHIER, "/loans?overdue=true").body["items"][0]["overdue"] == detail["due_now"]


def test_what_cannot_be_closed_is_refused_before_it_is_asked_for(client, lent, database):
    house, _ = lent
    with on(10) as day:
        with database.transaction() as session:
            close(session, house.fund.id)
        assert ask(client, house, day + timedelta(days=1)).code == "close.day_in_future"
        assert ask(client, house, day - timedelta(days=1)).code == "close.day_before_last"
        assert ask(client, house, day, ELSEWHERE).status == 403
        assert ask(client, house, day, CASHIER).status == 403
        assert ask(client, house, day, person("coordinator", scope="HN1709")).status == 403
        assert Runner(database, handlers()).run_due() == 0


def test_the_portfolio_at_risk_is_told_as_of_a_day(client, lent):
    _, loan = lent
    with on(70) as day:
        [row] = client.get(COORDINATOR, f"/portfolio/at-risk?date={day}&by=chain").body["items"]
        assert row["label"] == loan.chain
        assert [part["days"] for part in row["at_risk"]] == [1, 30, 60, 90, 180]
        assert row["at_risk"][1] == {"days": 30, "amount": row["principal"], "percent": "100.00"}
        assert row["at_risk"][2]["percent"] == "0.00"
        later = client.get(COORDINATOR, f"/portfolio/at-risk?date={day + timedelta(days=1)}")
        assert later.code == "portfolio.day_in_future"
        assert client.get(COORDINATOR, "/portfolio/at-risk?by=colour").status == 422
        assert client.get(person("planner", scope="HN"), "/portfolio/at-risk").body["items"] == []


def test_the_indicators_are_for_who_reads_the_books(client, lent):
    with on(70) as day:
        [row] = client.get(OFFICER, f"/portfolio/indicators?last={day}").body["items"]
        assert row["currency"] == "HNL"
        assert client.get(OFFICER, "/portfolio/indicators?first=2026-05-01&last=2026-04-01").code == (
            "portfolio.period_backwards"
        )
        assert client.get(TECHNICIAN, "/portfolio/indicators").status == 403


def test_every_night_yesterday_is_closed_in_all_funds(lent, database):
    with on(8):
        closed, refused = close_funds(database, COORDINATOR_OF_ALL, clock.today() - timedelta(days=1))
        assert (closed, refused) == ({"FON": 1}, {})
        closed, refused = close_funds(database, COORDINATOR_OF_ALL, clock.today() - timedelta(days=2))
        assert closed == {}
        assert refused["FON"].code == "close.day_before_last"
    [nightly] = SCHEDULES
    assert nightly.kind == CLOSE == "daily-close"
    assert handlers().keys() == {CLOSE}


def test_the_commands_close_and_tell_the_portfolio_at_risk(lent, run):  # noqa: F811
    with on(41) as today:
        yesterday = today - timedelta(days=1)
        assert run("close") == f"FON: 1 days closed, up to {yesterday}\n"
        assert run("close", "--fund", "FON", "--date", yesterday.isoformat()) == (
            f"FON: closed already, up to {yesterday}\n"
        )
        told = run("par", "--date", yesterday.isoformat())
        assert "PAR30" in told
        assert "10000.00" in told
        assert "Fondo de Mujeres" in run("par", "--by", "fund", "--fund", "FON")

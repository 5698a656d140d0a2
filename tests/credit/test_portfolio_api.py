"""The portfolio and the closes through the API and the command line."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.credit.jobs import CLOSE, POST_PAYMENTS, REPORT, SCHEDULES, close_funds, handlers
from services.credit.models import CreditRegulations, DailyClose, Loan
from services.credit.use_cases.keep_fund import open_fund
from shared import jobs
from shared.job_runner import Runner
from shared.kernel import clock
from shared.testing import person
from tests.credit.closing import CLOSER, RULES, close, on
from tests.credit.house import CASHIER, COORDINATOR, OFFICER, TECHNICIAN, adopt, lempiras
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
    with on(40) as today:
        day = today - timedelta(days=1)
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
        with on(11) as following:
            assert ask(client, house, following).code == "close.day_in_future", "it is not over"
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
        assert row["recovery_rate"] == "0.00"
        later = client.get(COORDINATOR, f"/portfolio/at-risk?date={day + timedelta(days=1)}")
        assert later.code == "portfolio.day_in_future"
        assert client.get(COORDINATOR, "/portfolio/at-risk?by=colour").status == 422
        assert client.get(person("planner", scope="HN"), "/portfolio/at-risk").body["items"] == []


def test_who_works_with_no_single_loan_is_told_ends_of_months_and_nothing_that_could_be_subtracted(client, lent):
    house, _ = lent
    planner = person("planner", scope="HN")
    with on(70):
        for query in (f"fund={house.fund.id}", "municipality=HN1709", "by=officer", "by=product", "by=fund"):
            assert client.get(planner, f"/portfolio/at-risk?{query}").code == "portfolio.fixed_tables"
        for day in ("2026-04-29", "2026-05-13", "2026-05-31"):
            assert client.get(planner, f"/portfolio/at-risk?date={day}").code == "portfolio.months_only"
        for query in ("", "by=chain", "by=municipality&date=2026-03-31"):
            assert client.get(planner, f"/portfolio/at-risk?{query}").status == 200
        [row] = client.get(person("leda_viewer", scope="HN"), "/portfolio/at-risk?by=officer").body["items"]
        assert row["loans"] == 1
        assert row["key"] == row["label"] == OFFICER.name


def csv_of(answer: Any) -> list[list[str]]:
    """The rows of a table for a spreadsheet."""
    assert answer.status == 200, answer.body
    assert answer.content.startswith(b"\xef\xbb\xbf"), "spreadsheets here want the mark"
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))


@pytest.mark.parametrize(
    ("by", "code", "named"),
    [
        ("fund", "FON", "Fondo de Mujeres del Golfo"),
        ("centre", "CSEM Golfo de Fonseca", "CSEM Golfo de Fonseca"),
        ("municipality", "HN1709", "San Lorenzo, Valle"),
        ("chain", "food_processing", "Alimentos preparados"),
        ("product", "working-capital", "working-capital"),
        ("officer", OFFICER.name, OFFICER.name),
        ("tier", "", "No se sabe"),
    ],
)
def test_each_division_goes_out_as_a_table_for_a_spreadsheet(client, lent, by, code, named):
    with on(70) as day:
        heads, row = csv_of(client.get(COORDINATOR, f"/portfolio/at-risk/table?date={day}&by={by}"))
        [told] = client.get(COORDINATOR, f"/portfolio/at-risk?date={day}&by={by}").body["items"]
    assert heads[:5] == ["código", HEADS[by], "moneda", "préstamos", "capital que se debe"]
    assert (heads[7:9], heads[-1]) == (
        ["en riesgo, más de 30 días", "en riesgo, más de 30 días, %"],
        "tasa de recuperación, %",
    )
    assert len(row) == len(heads)
    assert row[:5] == [code, named, "HNL", "1", told["principal"]["amount"]]
    assert row[7:9] == [told["at_risk"][1]["amount"]["amount"], told["at_risk"][1]["percent"]]
    assert row[-1] == told["recovery_rate"]


HEADS = {
    "fund": "fondo",
    "centre": "centro",
    "municipality": "municipio",
    "chain": "cadena de valor",
    "product": "tipo de crédito",
    "officer": "quien evaluó",
    "tier": "nivel",
}


def test_without_a_division_the_table_has_the_whole_portfolio(client, lent):
    with on(70):
        _, row = csv_of(client.get(COORDINATOR, "/portfolio/at-risk/table"))
    assert row[:4] == ["", "", "HNL", "1"]


def test_no_cell_of_the_table_is_a_formula(client, lent, database):
    _, loan = lent
    with database.transaction() as session:
        session.get_one(Loan, loan.id).officer_name = '=HYPERLINK("http://x")'
    with on(70):
        _, row = csv_of(client.get(COORDINATOR, "/portfolio/at-risk/table?by=officer"))
    assert row[:2] == ['\'=HYPERLINK("http://x")'] * 2


def test_the_table_tells_no_more_than_the_page_does(client, lent):
    house, _ = lent
    planner = person("planner", scope="HN")
    with on(70):
        for query in (f"fund={house.fund.id}", "municipality=HN1709", "by=officer", "by=product", "by=fund"):
            assert client.get(planner, f"/portfolio/at-risk/table?{query}").code == "portfolio.fixed_tables"
        assert client.get(planner, "/portfolio/at-risk/table?date=2026-04-29").code == "portfolio.months_only"
        assert client.get(COORDINATOR, "/portfolio/at-risk/table?date=2099-01-31").code == "portfolio.day_in_future"
        assert client.get(person("csr_reviewer", scope="HN"), "/portfolio/at-risk/table").status == 403
        heads, row = csv_of(client.get(planner, "/portfolio/at-risk/table?by=municipality"))
        assert row == ["HN1709", "San Lorenzo, Valle", "HNL"] + [""] * (len(heads) - 3), "one loan is not told"
        assert len(csv_of(client.get(ELSEWHERE, "/portfolio/at-risk/table?by=chain"))) == 1, "her territory alone"


def test_leda_staff_see_what_is_overdue_as_they_see_its_loan(client, lent, database):
    house, loan = lent
    viewer = person("leda_viewer", scope="HN17")
    with on(40) as day:
        ask(client, house, day - timedelta(days=1))
        Runner(database, handlers()).run_due()
        assert [row["number"] for row in client.get(viewer, "/portfolio/overdue").body["items"]] == [loan.number]
        assert client.get(viewer, f"/loans/{loan.id}").status == 200


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
    assert [nightly.kind for nightly in SCHEDULES] == [CLOSE, REPORT] == ["daily-close", "monthly-compliance"]
    assert handlers().keys() == {CLOSE, POST_PAYMENTS}, "what needs nothing but the database"


def test_a_fund_whose_close_breaks_keeps_no_other_from_its_own(lent, database, monkeypatch):
    house, _ = lent
    with database.transaction() as session:
        broken = open_fund(
            session,
            COORDINATOR,
            code="AAA",
            name="Fondo averiado",
            centre="CSEM",
            host="ADEL Valle",
            trustee="Banco",
            trustee_account="1",
            currency="HNL",
            units=["HN17"],
            reserve=lempiras("0.00"),
        )
        edition = adopt(session, broken, date(2025, 1, 1))
        broken_id = edition.id
    read = CreditRegulations.read

    def breaks(edition: CreditRegulations) -> Any:
        if edition.id == broken_id:
            raise AttributeError("a defect of the program")
        return read(edition)

    monkeypatch.setattr(CreditRegulations, "read", breaks)
    with on(8) as today:
        with database.transaction() as session:
            jobs.enqueue(session, CLOSE, {}, CLOSER)
        assert Runner(database, handlers()).run_due() == 1
        with database.reading() as session:
            [job] = session.execute(select(jobs.job_table)).mappings()
            closes = session.execute(select(DailyClose.fund_id, DailyClose.day)).all()
        assert (job["state"], "AttributeError" in job["trace"]) == ("queued", True), "it is tried again"
        assert closes == [(house.fund.id, today - timedelta(days=1))]


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
        assert "recovery_rate" in run("indicators", "--to", yesterday.isoformat())
        assert "CSEM Golfo de Fonseca" in run("indicators", "--by", "centre", "--fund", "FON")
        heads, row = run("indicators", "--by", "chain", "--csv", "--to", yesterday.isoformat()).splitlines()
        assert heads.lstrip("\ufeff").startswith("code;chain;currency;loans;principal;par1;par1_percent;")
        assert row.startswith("food_processing;food_processing;HNL;1;10000.00;")
        with pytest.raises(AssertionError, match="add --by"):
            run("indicators", "--csv")

"""The books of a fund agree on every day, and where they do not, what differs is named."""

import re
from datetime import date, timedelta
from importlib import import_module

import pytest
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from click.testing import CliRunner
from sqlalchemy import event, text, update

from services.credit.cli import group
from services.credit.models import AccountBalance, Contribution, LedgerLine, Loan, TrustFund
from services.credit.queries.books import checked_books
from services.credit.rules import ledger
from shared.kernel import clock
from shared.testing import person
from tests.credit.house import CASHIER, COORDINATOR, OFFICER, TECHNICIAN, TODAY, House, lempiras
from tests.credit.test_cli import run  # noqa: F401 - a fixture
from tests.credit.test_refusals import refused  # noqa: F401 - a fixture

ASKED = {
    *("1101", "1102", "1201", "1202", "1301", "1302", "2101", "2102", "2201", "3101", "3201"),
    *("4101", "4102", "4103", "4104", "4105", "5101", "5102", "5103"),
}


def test_the_chart_has_the_accounts_of_a_trust_fund():
    assert ledger.CHART.keys() >= ASKED
    assert ledger.CHART["1202"] == ("allowance", "asset"), "contra to the loans"


def test_a_trial_balance_has_as_much_debit_as_credit():
    lines = [*ledger.contribution(1000_00, repayable=True), *ledger.disbursement(600_00)]
    rows = ledger.trial_balance(ledger.balances(lines))
    assert [(row.code, row.debit, row.credit) for row in rows] == [
        ("1101", 400_00, 0),
        ("1201", 600_00, 0),
        ("2102", 0, 1000_00),
    ]
    assert sum(row.debit for row in rows) == sum(row.credit for row in rows)


def lived(house: House) -> Loan:
    """A loan paid back in part, to the drawer and to the trustee, over some weeks."""
    loan = house.disbursed()
    for days, channel in ((10, "cash"), (40, "trustee")):
        with clock.frozen(TODAY + timedelta(days=days)):
            house.repay(loan, "916.80", channel=channel)
    return loan


def test_the_books_agree_on_every_day(house: House):
    lived(house)
    with clock.frozen(TODAY + timedelta(days=60)):
        for days in (-500, -30, 0, 9, 10, 39, 40, 60):
            day = TODAY.date() + timedelta(days=days)
            assert checked_books(house.session, house.fund.id, day) == []
            assert ledger.balance_sheet(house.fund.balances(house.session, day)).holds


def test_a_past_day_is_told_as_it_was(house: House):
    lived(house)
    with clock.frozen(TODAY + timedelta(days=60)):
        before = house.fund.balances(house.session, TODAY.date())
        assert (before["1101"], before["1201"], before["4101"]) == (90000_00, 10000_00, 0)
        nothing = house.fund.balances(house.session, date(2024, 12, 31))
        assert set(nothing.values()) == {0}


def differences(house: House) -> list[tuple[str, str, int, int]]:
    found = checked_books(house.session, house.fund.id, clock.today())
    return [(one.what, one.subject, one.books, one.register) for one in found]


def test_a_loan_that_says_something_else_than_the_books_is_named(house: House):
    first, second = house.disbursed("4000.00"), house.disbursed("5000.00")
    for loan, owed in ((first, 4000_01), (second, 4999_99)):
        house.session.execute(update(Loan).where(Loan.id == loan.id).values(outstanding_principal=owed))
    assert differences(house) == [
        ("loan", first.number, 4000_00, 4000_01),
        ("loan", second.number, 5000_00, 4999_99),
    ], "two errors that make each other good in the sum are found too"


def test_a_movement_that_does_not_balance_is_named(house: House):
    line = update(LedgerLine).where(LedgerLine.account == "1101").values(amount=LedgerLine.amount + 5)
    house.session.execute(line)
    assert differences(house) == [
        ("movement", "1", 5, 0),
        ("sheet", "", 100000_05, 100000_00),
        ("balance", "1101", 100000_05, 100000_00),
    ]


def test_an_account_outside_of_the_chart_is_named(house: House):
    house.session.execute(text("UPDATE ledger_line SET account = '9999' WHERE account = '3101'"))
    assert differences(house)[0] == ("account", "9999", -100000_00, 0)


def test_a_balance_that_is_not_the_sum_of_its_lines_is_named(house: House):
    lived(house)
    house.session.execute(
        update(AccountBalance).where(AccountBalance.account == "1102").values(amount=AccountBalance.amount - 1)
    )
    with clock.frozen(TODAY + timedelta(days=60)):
        assert differences(house) == [("balance", "1102", 916_80, 916_79)]


def test_what_a_fund_may_promise_is_known_without_its_journal(house: House):
    lived(house)
    asked: list[str] = []
    connection = house.session.connection()

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    assert house.fund.available(house.session) == 90000_00 + 916_80
    event.remove(connection, "before_cursor_execute", note)
    assert asked
    assert not [statement for statement in asked if "ledger_line" in statement]


def test_the_balances_of_a_fund_from_before_they_were_kept_are_its_lines(build_house, database):
    house, _ = build_house(lived)
    step = import_module("services.credit.migrations.versions.0016_balances")
    with (
        database.engine.connect().execution_options(csem_write=True) as connection,
        connection.begin(),
        Operations.context(MigrationContext.configure(connection)),
    ):
        step.downgrade()
        step.upgrade()
    with clock.frozen(TODAY + timedelta(days=60)), database.reading() as session:
        kept = session.get_one(TrustFund, house.fund.id).balances(session)
        assert (kept["1101"], kept["1102"], kept["1201"] > 0) == (90916_80, 916_80, True)
        assert checked_books(session, house.fund.id, clock.today()) == []


def test_a_contribution_that_is_not_in_the_register_is_named(house: House):
    house.session.execute(update(Contribution).values(amount=1))
    assert differences(house) == [("contributions", "3101", 100000_00, 1)]


def test_the_books_are_shown_as_of_any_day(build_house, client):
    house, _ = build_house(lambda house: house.disbursed("1000.00"))
    path = f"/funds/{house.fund.id}/books"
    today = client.get(OFFICER, path).body
    assert today["agrees"] is True
    assert today["debit"] == today["credit"] == {"amount": "100000.00", "currency": "HNL"}
    before = client.get(OFFICER, f"{path}?date=2026-03-04").body
    assert [row["code"] for row in before["accounts"]] == ["1101", "3101"]
    assert client.get(OFFICER, f"{path}?date=2024-01-01").body["accounts"] == []


def test_the_books_are_not_for_everybody(build_house, client, refused):  # noqa: F811
    house, _ = build_house()
    path = f"/funds/{house.fund.id}/books"
    refused(403, "permission.role_missing", "GET", TECHNICIAN, path)
    refused(403, "permission.outside_scope", "GET", person("auditor", scope="SV", subject="far"), path)
    refused(422, "field.not_day", "GET", COORDINATOR, f"{path}?date=2026-02-30")
    assert client.get(CASHIER, path).status == 200


def test_the_command_shows_the_books(build_house, run):  # noqa: F811
    build_house(lambda house: house.disbursed("1000.00"))
    told = run("books", "FON")
    assert re.search(r"1201 +loans +1000.00 +0.00\n", told)
    assert "assets 100000.00 = liabilities 0.00 + equity 100000.00 + result 0.00 (HNL, 2026-03-05)" in told
    assert "loans" not in run("books", "FON", "--date", "2026-03-04")


def test_the_command_ends_with_1_where_the_books_do_not_agree(build_house, database, run_to_the_end):
    build_house(lambda house: house.disbursed("1000.00"))
    with database.transaction() as session:
        session.execute(update(Loan).values(outstanding_principal=1))
    ended = run_to_the_end("books", "FON")
    assert ended.exit_code == 1
    assert "loans 1201: the books say 1000.00, the register 0.01" in ended.output
    assert "loan FON-P-2026-0001: the books say 1000.00, the register 0.01" in ended.output
    assert run_to_the_end("books", "NONE").exit_code == 1


@pytest.fixture
def run_to_the_end(database, tmp_path):
    """Runs a command, whatever it ends with."""
    from types import SimpleNamespace

    from shared.testing import settings_of

    url = database.engine.url.render_as_string(hide_password=False)
    house = SimpleNamespace(settings=lambda name: settings_of(name, tmp_path, CSEM_DATABASE_URL=url))
    return lambda *words: CliRunner().invoke(group, words, obj=house, catch_exceptions=False)


def test_contributions_before_any_day_leave_the_books_in_order(house: House):
    from services.credit.use_cases.keep_fund import record_contribution

    record_contribution(
        house.session,
        COORDINATOR,
        fund_id=house.fund.id,
        funder="Banco",
        source="bank",
        repayable=True,
        amount=lempiras("500.00"),
        received_on=date(2024, 1, 1),
    )
    assert checked_books(house.session, house.fund.id, date(2024, 1, 1)) == []

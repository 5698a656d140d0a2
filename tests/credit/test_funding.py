"""Money comes into a fund by source and goes back again, never what is promised or reserved; income is shared once."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credit.models import TrustFund
from services.credit.queries import funding, portfolio
from services.credit.queries.books import checked_books
from services.credit.rules import ledger, regulations
from services.credit.rules.income import IncomeShares, read_income_shares
from services.credit.use_cases.book_bank_item import book_bank_item
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.keep_fund import record_contribution
from services.credit.use_cases.share_income import pay_income_part, share_income
from services.credit.use_cases.withdraw_contribution import withdraw_contribution
from shared.kernel import Invalid, Refused, clock
from shared.testing import person
from tests.credit.house import CHAIR, COORDINATOR, OFFICER, PARAMETERS, TECHNICIAN, House, lempiras
from tests.credit.test_books import run_to_the_end  # noqa: F401 - a fixture
from tests.credit.test_cli import run  # noqa: F401 - a fixture
from tests.credit.test_refusals import money, refused  # noqa: F401 - a fixture
from tests.credit.test_same_moment import at_once

SHARED = {"period": "year", "shares": [{"to": "ADEL Valle", "percent": "30"}, {"to": "Red", "percent": "12.5"}]}
NEXT_YEAR = datetime(2027, 1, 10, 15, 0, tzinfo=UTC)


def lent_by_bank(house: House, amount: str = "50000.00") -> Any:
    return record_contribution(
        house.session,
        COORDINATOR,
        fund_id=house.fund.id,
        funder="Banco de Prueba",
        source="bank",
        repayable=True,
        amount=lempiras(amount),
        received_on=date(2026, 1, 2),
    )


def withdraw(house: House, contribution: Any, amount: str, interest: str = "0.00", **facts: Any) -> Any:
    return withdraw_contribution(
        house.session,
        COORDINATOR,
        fund_id=house.fund.id,
        contribution_id=contribution.id,
        amount=lempiras(amount),
        interest=lempiras(interest),
        paid_on=facts.get("paid_on", clock.today()),
        reason="Cuota 1",
    )


def bank(house: House, item: str, amount: str, day: date | None = None) -> Any:
    return book_bank_item(
        house.session,
        OFFICER,
        fund_id=house.fund.id,
        item=item,
        amount=lempiras(amount),
        booked_on=day or clock.today(),
        memo="Nota del banco",
    )


def agrees(house: House) -> bool:
    return checked_books(house.session, house.fund.id, clock.today()) == []


def test_a_bank_is_paid_back_with_interest_as_a_cost_of_the_fund(house: House):
    contribution = lent_by_bank(house)
    withdraw(house, contribution, "20000.00", "450.00")
    balances = house.fund.balances(house.session)
    assert (balances["1101"], balances["2102"], balances["5101"]) == (129550_00, -30000_00, 450_00)
    assert agrees(house)
    assert checked_books(house.session, house.fund.id, date(2026, 1, 2)) == []


def test_the_sums_by_source_tell_what_came_and_what_is_left(house: House):
    withdraw(house, lent_by_bank(house), "20000.00")
    told = [
        (row["source"], row["count"], *(str(row[name]) for name in ("amount", "withdrawn", "left", "repayable_left")))
        for row in funding.sources(house.session, house.fund)
    ]
    assert told == [
        ("bank", 1, "50000.00", "20000.00", "30000.00", "30000.00"),
        ("international_organization", 1, "100000.00", "0.00", "100000.00", "0.00"),
    ]


def test_charges_and_interest_of_the_bank_are_cost_and_income(house: House):
    bank(house, "bank_charge", "25.00")
    bank(house, "bank_interest", "140.50")
    balances = house.fund.balances(house.session)
    assert (balances["1101"], balances["5101"], balances["4105"]) == (100115_50, 25_00, -140_50)
    assert agrees(house)


def withdrawal(contribution: Any, **changes: Any) -> dict[str, Any]:
    return {
        "contribution_id": str(contribution.id),
        "amount": money("100.00"),
        "interest": money("0.00"),
        "paid_on": "2026-03-05",
        "reason": "Cuota 1",
    } | changes


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"amount": money("50000.01")}, 409, "withdrawal.above_contribution"),
        ({"amount": money("0.00")}, 422, "money.out_of_range"),
        ({"amount": money("1.00", "USD")}, 422, "fund.other_currency"),
        ({"interest": money("1.00", "USD")}, 422, "fund.other_currency"),
        ({"paid_on": "2026-03-06"}, 422, "withdrawal.day_out_of_range"),
        ({"paid_on": "2026-01-01"}, 422, "withdrawal.day_out_of_range"),
        ({"reason": " "}, 422, "field.required"),
        ({"contribution_id": "01890000-0000-7000-8000-000000000000"}, 404, "contribution.unknown"),
        ({"amount": money("50000.00"), "interest": money("99000.01")}, 409, "fund.above_available"),
    ],
)
def test_a_withdrawal_that_cannot_be_is_refused(build_house, refused, changes, status, code):  # noqa: F811
    house, contribution = build_house(lent_by_bank, reserve="1000.00")
    path = f"/funds/{house.fund.id}/withdrawals"
    refused(status, code, "POST", COORDINATOR, path, withdrawal(contribution) | changes)


def test_what_is_promised_and_reserved_stays_at_the_trustee(build_house, client, refused):  # noqa: F811
    def step(house: House) -> Any:
        contribution = lent_by_bank(house, "50000.00")
        house.approved("15000.00")
        return contribution

    house, contribution = build_house(step, cash="10000.00", reserve="5000.00")
    path = f"/funds/{house.fund.id}/withdrawals"
    much = withdrawal(contribution, amount=money("40000.00"), interest=money("0.01"))
    answer = refused(409, "fund.above_available", "POST", COORDINATOR, path, much)
    assert "L40,000.00" in answer.detail
    assert client.post(COORDINATOR, path, much | {"interest": money("0.00")}).status == 201
    assert client.get(COORDINATOR, f"/funds/{house.fund.id}").body["available"] == money("0.00")


def test_what_was_given_for_good_pays_no_interest(build_house, refused, client):  # noqa: F811
    house, _ = build_house()
    path = f"/funds/{house.fund.id}"
    given = client.get(COORDINATOR, f"{path}/contributions").body["items"][0]
    body = withdrawal(type("Given", (), given), interest=money("1.00"))
    refused(422, "withdrawal.interest_on_given", "POST", COORDINATOR, f"{path}/withdrawals", body)
    assert client.post(COORDINATOR, f"{path}/withdrawals", body | {"interest": money("0.00")}).status == 201


def test_only_who_coordinates_the_whole_territory_lets_money_go_back(build_house, refused):  # noqa: F811
    house, contribution = build_house(lent_by_bank)
    path = f"/funds/{house.fund.id}/withdrawals"
    refused(403, "permission.role_missing", "POST", OFFICER, path, withdrawal(contribution))
    local = person("coordinator", scope="HN1709", subject="local")
    refused(403, "permission.outside_scope", "POST", local, path, withdrawal(contribution))


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"amount": money("100000.01")}, 409, "fund.cash_too_small"),
        ({"booked_on": "2026-03-06"}, 422, "fund.day_in_future"),
        ({"item": "gift"}, 422, "field.not_a_choice"),
        ({"amount": money("5.00", "GTQ")}, 422, "fund.other_currency"),
    ],
)
def test_a_bank_item_that_cannot_be_is_refused(build_house, refused, changes, status, code):  # noqa: F811
    house, _ = build_house()
    body = {"item": "bank_charge", "amount": money("5.00"), "booked_on": "2026-03-01", "memo": "Comisión"}
    refused(status, code, "POST", OFFICER, f"/funds/{house.fund.id}/bank-items", body | changes)


def test_withdrawals_at_the_same_moment_never_take_what_an_approval_has_promised(build_house, database):
    def step(house: House) -> Any:
        meeting = house.opened(house.appraised("6000.00"))
        house.vote(meeting)
        return lent_by_bank(house, "5000.00"), meeting

    house, (contribution, meeting) = build_house(step, cash="5000.00")

    def approve() -> str:
        with database.transaction() as session:
            return str(
                close_item(session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id).outcome,
            )

    def pay_back() -> str:
        with database.transaction() as session:
            withdraw_contribution(
                session,
                COORDINATOR,
                fund_id=house.fund.id,
                contribution_id=contribution.id,
                amount=lempiras("5000.00"),
                interest=lempiras("0.00"),
                paid_on=clock.today(),
                reason="Cuota",
            )
            return "paid back"

    answers = at_once(approve, pay_back)
    assert sorted(answers) in [["approved", "fund.above_available"], ["fund.not_enough_available", "paid back"]]
    with database.reading() as session:
        assert session.get_one(TrustFund, house.fund.id).available(session) >= 0


# --- income -----------------------------------------------------------------------------------------------------------


def earned(house: House) -> None:
    """A year that ends with a result of 1,000.01."""
    house.adopt(date(2026, 1, 1), income_shares=SHARED)
    bank(house, "bank_interest", "1100.01", date(2026, 2, 1))
    bank(house, "bank_charge", "100.00", date(2026, 2, 2))


def test_a_result_is_shared_as_the_regulations_say_and_the_rest_is_carried(house: House):
    earned(house)
    with clock.frozen(NEXT_YEAR):
        share = share_income(house.session, COORDINATOR, fund_id=house.fund.id, ends_on=date(2026, 12, 31))
        assert [(part.receiver, part.amount) for part in share.parts] == [("ADEL Valle", 300_00), ("Red", 125_00)]
        assert (share.result, share.carried) == (1000_01, 575_01)
        balances = house.fund.balances(house.session)
        assert (balances["2201"], balances["3201"], balances["4105"], balances["5101"]) == (-425_00, -575_01, 0, 0)
        assert agrees(house)
        [told] = portfolio.indicators(house.session, COORDINATOR, date(2026, 1, 1), date(2026, 12, 31), house.fund.id)
        assert told["income"].minor - told["expense"].minor == 1000_01
        pay_income_part(
            house.session, COORDINATOR, fund_id=house.fund.id, part_id=share.parts[0].id, paid_on=clock.today()
        )
        balances = house.fund.balances(house.session)
        assert (balances["2201"], balances["1101"]) == (-125_00, 100700_01)
        assert agrees(house)
        for day in (date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 9)):
            assert checked_books(house.session, house.fund.id, day) == []


def test_a_period_is_shared_once_and_what_comes_late_belongs_to_the_next(house: House):
    earned(house)
    house.adopt(date(2026, 6, 1), income_shares=SHARED | {"period": "half_year"})
    with clock.frozen(NEXT_YEAR):
        first = share_income(house.session, COORDINATOR, fund_id=house.fund.id, ends_on=date(2026, 6, 30))
        bank(house, "bank_interest", "10.00", date(2026, 3, 1))
        for day in (date(2026, 6, 30),):
            with pytest.raises(Refused) as again:
                share_income(house.session, COORDINATOR, fund_id=house.fund.id, ends_on=day)
            assert again.value.code == "income.shared_already"
        second = share_income(house.session, COORDINATOR, fund_id=house.fund.id, ends_on=date(2026, 12, 31))
        assert (first.result, second.began_on, second.result) == (1000_01, date(2026, 7, 1), 10_00)
        assert agrees(house)


def test_a_loss_is_carried_and_nobody_gets_anything(house: House):
    house.adopt(date(2026, 1, 1), income_shares=SHARED)
    bank(house, "bank_charge", "100.00", date(2026, 2, 2))
    with clock.frozen(NEXT_YEAR):
        share = share_income(house.session, COORDINATOR, fund_id=house.fund.id, ends_on=date(2026, 12, 31))
        assert (share.result, share.carried, share.parts) == (-100_00, -100_00, [])
        assert house.fund.balances(house.session)["3201"] == 100_00
        assert agrees(house)


@pytest.mark.parametrize(
    ("day", "status", "code"),
    [
        ("2026-12-30", 422, "income.not_an_end"),
        ("2026-12-31", 422, "income.period_not_over"),
        ("2025-12-31", 409, "income.nothing_to_share"),
        ("2024-12-31", 409, "regulations.none_in_force"),
    ],
)
def test_a_sharing_that_cannot_be_is_refused(build_house, refused, day, status, code):  # noqa: F811
    house, _ = build_house()
    refused(status, code, "POST", COORDINATOR, f"/funds/{house.fund.id}/income-shares", {"ends_on": day})


def test_a_share_is_paid_once_and_never_out_of_what_is_promised(build_house, client, refused):  # noqa: F811
    house, _ = build_house(earned, reserve="100700.01")
    path = f"/funds/{house.fund.id}/income-shares"
    with clock.frozen(NEXT_YEAR):
        shared = client.post(COORDINATOR, path, {"ends_on": "2026-12-31"}).body
        first, second = (f"{path}/{part['id']}/payment" for part in shared["parts"])
        paid = client.post(COORDINATOR, first, {"paid_on": "2027-01-10"})
        assert (paid.status, paid.body["paid_on"]) == (201, "2027-01-10")
        refused(409, "income.paid_already", "POST", COORDINATOR, first, {"paid_on": "2027-01-10"})
        refused(409, "fund.above_available", "POST", COORDINATOR, second, {"paid_on": "2027-01-10"})
        refused(422, "income.day_out_of_range", "POST", COORDINATOR, second, {"paid_on": "2026-12-30"})
        nobody = f"{path}/{house.fund.id}/payment"
        refused(404, "income.unknown", "POST", COORDINATOR, nobody, {"paid_on": "2027-01-10"})
        assert client.get(OFFICER, path).body["items"][0]["parts"][0]["paid_on"] == "2027-01-10"


@pytest.mark.parametrize(
    "section",
    [
        {"period": "week"},
        {"shares": [{"to": "", "percent": "1"}]},
        {"shares": [{"to": "A", "percent": "0"}]},
        {"shares": [{"to": "A", "percent": "NaN"}]},
        {"shares": [{"to": "A", "percent": "60"}, {"to": "B", "percent": "40.01"}]},
        {"shares": [{"to": "A", "percent": "1"}, {"to": "A", "percent": "2"}]},
        {"shares": [{"to": "A", "percent": "0.00001"}]},
        {"shares": [{"to": "A"}]},
        {"shares": [{"to": "A", "percent": "x"}]},
        {"colour": "green"},
        [],
    ],
)
def test_shares_that_contradict_themselves_are_no_regulations(section):
    with pytest.raises(Invalid):
        regulations.read(PARAMETERS | {"income_shares": section})


def test_regulations_without_shares_carry_everything():
    assert regulations.read(PARAMETERS).income_shares == IncomeShares("year", ())


percents = st.lists(st.integers(1, 10000), min_size=1, max_size=5).filter(lambda found: sum(found) <= 10000)


@given(percents, st.integers(-(10**12), 10**12))
def test_shares_and_what_is_carried_are_the_result_to_the_cent(found, result):
    rule = read_income_shares(
        {"shares": [{"to": str(number), "percent": f"{share / 100}"} for number, share in enumerate(found)]}
    )
    amounts = rule.of(result)
    assert all(amount >= 0 for amount in amounts)
    assert sum(amounts) <= max(result, 0)
    for share, amount in zip(found, amounts, strict=True):
        assert max(result, 0) * share // 10000 == amount


@given(st.lists(st.tuples(st.sampled_from(sorted(ledger.CHART)), st.integers(-(10**9), 10**9)), min_size=1))
def test_sharing_closes_every_account_of_income_and_expense(moves):
    balances = dict.fromkeys(ledger.CHART, 0)
    for account, amount in moves:
        balances[account] += amount
        balances["1101"] -= amount
    if not any(balances[code] for code, (_, kind) in ledger.CHART.items() if kind in {"income", "expense"}):
        return
    result = ledger.balance_sheet(balances).result
    lines = ledger.income_sharing(balances, max(result, 0) // 3)
    after = {code: balances[code] + sum(line.amount for line in lines if line.account == code) for code in balances}
    assert ledger.balance_sheet(after).result == 0
    assert ledger.balance_sheet(after).holds


def test_the_commands_tell_the_sources_and_book_for_the_operator(build_house, run, run_to_the_end):  # noqa: F811
    build_house(lent_by_bank)
    assert "bank" in run("sources", "FON")
    told = run("bank-item", "FON", "bank_charge", "12.50", "--date", "2026-03-01", "--memo", "Comisión")
    assert told == "movement 3: 12.50 HNL\n"
    refused_ = run_to_the_end("share-income", "FON", "--until", "2026-12-31")
    assert (refused_.exit_code, "income.period_not_over" in refused_.output) == (1, True)
    with clock.frozen(NEXT_YEAR):
        assert "result -12.50 HNL from 2025-01-02 to 2026-12-31" in run("share-income", "FON", "--until", "2026-12-31")


def test_a_technician_does_not_see_where_the_money_comes_from(build_house, refused):  # noqa: F811
    house, _ = build_house()
    for path in ("sources", "contributions", "withdrawals", "income-shares"):
        refused(403, "permission.role_missing", "GET", TECHNICIAN, f"/funds/{house.fund.id}/{path}")


def test_a_fund_says_which_kind_it_is(build_house, client, refused):  # noqa: F811
    from tests.credit.test_api_walk import FUND

    build_house()
    assert client.post(COORDINATOR, "/funds", FUND).body["kind"] == "revolving"
    seed = FUND | {"code": "SEM", "kind": "seed_capital"}
    assert client.post(COORDINATOR, "/funds", seed).body["kind"] == "seed_capital"
    refused(422, "field.not_a_choice", "POST", COORDINATOR, "/funds", FUND | {"kind": "casino"})

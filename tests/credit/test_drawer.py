"""The drawer of a cashier: its day by channel, and counts whose difference is booked with its reason."""

from datetime import timedelta

import pytest

from services.credit.queries.books import checked_books
from services.credit.queries.drawer import KINDS, drawer
from services.credit.use_cases.count_drawer import count_drawer
from services.credit.use_cases.keep_fund import deposit_cash
from services.credit.use_cases.reverse_repayment import reverse_repayment
from services.credit.use_cases.use_overpayment import refund_overpayment
from shared.kernel import clock
from shared.testing import person
from tests.credit.changing import written_off
from tests.credit.closing import RULES, close, on
from tests.credit.house import CASHIER, COORDINATOR, OFFICER, TODAY, House, lempiras
from tests.credit.test_cli import run  # noqa: F401 - a fixture
from tests.credit.test_refusals import money, refused  # noqa: F401 - a fixture

OTHER = person("cashier", scope="HN17", subject="cashier-2", name="Carlota Cajera")


def paid(house: House) -> None:
    """Two cashiers take cash, one payment goes straight to the trustee, a part is deposited."""
    first, second = house.disbursed(), house.disbursed("5000.00")
    house.repay(first, "916.80")
    house.repay(second, "100.00", by=OTHER)
    house.repay(second, "50.00", channel="trustee")
    deposit_cash(house.session, CASHIER, fund_id=house.fund.id, amount=lempiras("500.00"), deposited_on=clock.today())


def count(house: House, counted: str, reason: str = ""):
    return count_drawer(house.session, CASHIER, fund_id=house.fund.id, counted=lempiras(counted), reason=reason)


def test_the_day_is_told_by_channel_and_by_who_took_it(house: House):
    paid(house)
    told = drawer(house.session, house.fund, clock.today())
    assert (str(told["opening"]), str(told["closing"])) == ("0.00", "516.80")
    assert [(row["channel"], row["taken_by"], row["count"], str(row["amount"])) for row in told["channels"]] == [
        ("cash", "Carlota Cajera", 1, "100.00"),
        ("cash", "Casilda Cajera", 1, "916.80"),
        ("trustee", "Casilda Cajera", 1, "50.00"),
    ]
    assert [(row["kind"], row["count"], str(row["amount"])) for row in told["movements"]] == [
        ("deposit", 1, "-500.00"),
        ("repayment", 2, "1016.80"),
    ]
    tomorrow = drawer(house.session, house.fund, clock.today() + timedelta(days=1))
    assert (str(tomorrow["opening"]), tomorrow["channels"]) == ("516.80", [])


def test_the_kinds_of_the_day_lead_from_the_morning_to_the_cash_account_and_the_count(house: House):
    """Late charges, an excess, a recovery, a reversal, a deposit and a refund on one day."""
    house.adopt(**RULES)
    first, second, lost = (house.disbursed(amount) for amount in ("10000.00", "500.00", "1000.00"))
    with on(40) as day:
        written_off(house, lost)
        close(house.session, house.fund.id, day - timedelta(days=1))
        house.repay(first, "1000.00")
        house.repay(second, "", money=house.fund.money(second.left + 25_00), hold_excess=True)
        house.repay(lost, "", money=house.fund.money(lost.left + 10_00), hold_excess=True)
        wrong = house.repay(first, "70.00", by=OTHER)
        reverse_repayment(house.session, COORDINATOR, repayment_id=wrong.id, reason="Billete falso")
        house.repay(first, "30.00", channel="trustee")
        deposit_cash(house.session, CASHIER, fund_id=house.fund.id, amount=lempiras("200.00"), deposited_on=day)
        refund_overpayment(house.session, COORDINATOR, loan_id=second.id, amount=lempiras("5.00"), channel="cash")
        told = drawer(house.session, house.fund, day)
        kinds = {row["kind"]: row["cash"].minor for row in told["kinds"]}
        assert kinds["penalty"] > 0
        assert (kinds["excess"], kinds["recovery"]) == (35_00, lost.repayments[0].amount - 10_00)
        other = [row["amount"].minor for row in told["movements"] if not row["repayments"]]
        assert sorted(other) == [-200_00, -5_00]
        closing = told["opening"].minor + sum(kinds.values()) + sum(other)
        assert closing == told["closing"].minor == house.fund.balances(house.session)["1102"]
        assert count(house, str(told["closing"])).difference == 0
        for row in told["kinds"]:
            assert row["amount"].minor == row["cash"].minor + row["otherwise"].minor
            assert row["amount"].minor == sum(one[row["kind"]].minor for one in told["channels"])
        assert sum(row["otherwise"].minor for row in told["kinds"]) == 30_00
        for one in told["channels"]:
            assert one["amount"].minor == sum(one[kind].minor for kind in KINDS)


def test_a_count_that_agrees_books_nothing(house: House):
    paid(house)
    assert (count(house, "516.80").entry_id, count(house, "516.80").difference) == (None, 0)


@pytest.mark.parametrize(
    ("counted", "drawer_", "income", "cost"), [("500.00", 500_00, 0, 16_80), ("520.00", 520_00, -3_20, 0)]
)
def test_what_differs_is_booked_with_its_reason_and_the_next_count_agrees(house: House, counted, drawer_, income, cost):
    paid(house)
    count(house, counted, "Cambio mal dado")
    balances = house.fund.balances(house.session)
    assert (balances["1102"], balances["4105"], balances["5101"]) == (drawer_, income, cost)
    assert count(house, counted).difference == 0
    assert checked_books(house.session, house.fund.id, clock.today()) == []


def test_a_difference_without_its_reason_and_what_cannot_be_counted_is_refused(build_house, refused):  # noqa: F811
    house, _ = build_house(paid)
    path = f"/funds/{house.fund.id}/drawer/counts"
    answer = refused(422, "drawer.reason_needed", "POST", CASHIER, path, {"counted": money("500.00"), "reason": " "})
    assert "-L16.80" in str(answer.body)
    refused(422, "fund.other_currency", "POST", CASHIER, path, {"counted": money("500.00", "USD")})
    refused(422, "money.out_of_range", "POST", CASHIER, path, {"counted": money("-1.00")})
    refused(403, "permission.role_missing", "POST", COORDINATOR, path, {"counted": money("516.80")})
    far = person("cashier", scope="SV", subject="far")
    refused(403, "permission.outside_scope", "POST", far, path, {"counted": money("516.80")})


def test_a_count_sent_twice_is_kept_once(build_house, client):
    house, _ = build_house(paid)
    path = f"/funds/{house.fund.id}/drawer"
    body = {"counted": money("500.00"), "reason": "Cambio"}
    first = client.post(CASHIER, f"{path}/counts", body, key="k" * 20)
    assert client.post(CASHIER, f"{path}/counts", body, key="k" * 20).body == first.body
    told = client.get(OFFICER, path).body
    assert [(row["difference"], row["counted_by_name"]) for row in told["counts"]] == [
        (money("-16.80"), "Casilda Cajera")
    ]
    assert client.get(OFFICER, f"{path}?date=2026-03-04").body["counts"] == []


def test_the_command_tells_the_day(build_house, run):  # noqa: F811
    build_house(paid)
    with clock.frozen(TODAY + timedelta(days=1)):
        told = run("drawer", "FON", "--date", "2026-03-05")
    assert "drawer 0.00 in the morning, 516.80 HNL at the end of 2026-03-05" in told
    assert "Carlota Cajera" in told

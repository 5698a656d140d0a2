"""What a fund can lend in the months to come: the rules by hand and by properties, and a fund's own figures."""

import csv
import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.credit.queries.books import checked_books
from services.credit.queries.dashboard import told as dashboard
from services.credit.queries.portfolio import at_risk
from services.credit.queries.projection import Supposed, projection, read_added, table
from services.credit.queries.prospects import month_of, written_off_after
from services.credit.rules.ledger import LOANS
from services.credit.rules.projection import Due, Lending, Plan, Position, band, project
from services.credit.rules.recovery import OPEN, PRIOR, Payments, certain, drawn, observed
from services.credit.use_cases.keep_fund import open_fund
from shared.kernel import Invalid, Money, Refused, clock
from tests.credit.closing import on
from tests.credit.house import COORDINATOR, OFFICER, TECHNICIAN, House, lempiras
from tests.credit.test_cli import run  # noqa: F401 - a fixture

MONTHS = 12
ALWAYS = (1.0, 1.0, 1.0, 1.0)


def position(months: int = 4, due: dict[int, Due] | None = None, **facts) -> Position:
    known = {"cash": 0, "reserve": 0, "promised": 0, "to_share": 0, "costs": 0}
    known |= {"due": due or {}, "rescheduled": (0,) * (months + 1)}
    return Position(months=months, **(known | facts))


def monthly(amount: int, count: int, months: int, interest: int = 0, **overdue: int) -> Due:
    principal = tuple(amount if month < count else 0 for month in range(months + 1))
    return Due(principal, tuple(interest if one else 0 for one in principal), **overdue)


HALVES = Lending((0.5, 0.5), (0.0, 0.0))


def test_without_arrears_and_chance_it_is_the_cash_flow_that_a_hand_finds():
    start = position(due={0: monthly(1_000_00, 3, 4, interest=10_00)})
    found = project(start, HALVES, Plan(), certain(ALWAYS, 4))
    # 1,010.00 each month for three months; half of what is lent comes back in each of the two months after it.
    assert found.lent[0].tolist() == [1_010_00, 1_515_00, 2_272_50, 1_893_75]
    assert found.interest[0].tolist() == [10_00, 10_00, 10_00, 0]
    assert found.portfolio[0].tolist() == [3_010_00, 3_020_00, 3_030_00, 3_030_00]
    assert found.cash[0].tolist() == [0, 0, 0, 0]
    assert found.at_risk[0].tolist() == [0, 0, 0, 0]


def test_what_is_late_is_paid_in_the_months_after_and_what_is_lost_stays_in_the_portfolio():
    start = position(months=8, due={0: monthly(1_000_00, 1, 8)}, reserve=10**9)
    found = project(start, HALVES, Plan(), certain((0.5, 0.5, 0.5, 0.5), 8))
    assert found.principal[0].tolist() == [500_00, 250_00, 125_00, 0, 0, 0, 62_50, 0]
    assert found.portfolio[0].tolist() == [500_00, 250_00, 125_00, 125_00, 125_00, 125_00, 62_50, 62_50]
    assert found.at_risk[0].tolist() == [0, 250_00, 125_00, 125_00, 125_00, 125_00, 62_50, 62_50]


def test_what_is_lost_is_written_off_at_the_age_at_which_all_of_it_is_set_aside():
    """Of 1,000.00 due in the first month a half of what is left comes in each stage; 62.50 are lost in the seventh
    month, six months late, and are eight months late two months after it. Of the 300.00 of a loan that is over a year
    late nothing comes: it leaves in the first month.
    """
    due = {0: monthly(1_000_00, 1, 10), 4: monthly(100_00, 2, 10, overdue_principal=100_00)}
    start = position(months=10, due=due, reserve=10**9, written_off_after=8)
    found = project(start, HALVES, Plan(), certain((0.5, 0.5, 0.5, 0.5), 10))
    assert found.written_off[0].tolist() == [300_00, 0, 0, 0, 0, 0, 0, 0, 62_50, 0]
    assert found.portfolio[0].tolist() == [500_00, 250_00, 125_00, 125_00, 125_00, 125_00, 62_50, 62_50, 0, 0]
    assert found.at_risk[0].tolist()[-4:] == [62_50, 62_50, 0, 0]


def test_a_late_loan_leaves_whole_with_what_is_to_come():
    start = position(months=8, due={3: monthly(100_00, 6, 8, overdue_principal=100_00)}, reserve=10**9)
    found = project(replace(start, written_off_after=6), HALVES, Plan(), certain((1.0, 1.0, 1.0, 0.0), 8))
    assert found.portfolio[0].tolist() == [700_00, 700_00, 0, 0, 0, 0, 0, 0]
    assert found.written_off[0].tolist() == [0, 0, 700_00, 0, 0, 0, 0, 0]


def test_the_age_is_that_at_which_the_regulations_set_everything_aside(house):
    assert written_off_after(house.session, house.fund, clock.today()) is None
    rows = [{"from_days": 0, "percent": "1"}, {"from_days": 181, "percent": "100"}]
    house.adopt(provisioning={"rows": rows})
    assert written_off_after(house.session, house.fund, clock.today()) == 6
    told = projection(house.session, house.fund, Supposed())
    assert told["assumptions"]["written_off_after"] == 6


def test_of_a_loan_that_is_late_only_the_part_that_comes_back_pays_what_is_to_come():
    late = monthly(100_00, 2, 8, overdue_principal=100_00)
    start = position(months=8, due={3: late}, reserve=10**9)
    found = project(start, HALVES, Plan(), certain((1.0, 1.0, 1.0, 0.4), 8))
    assert found.principal[0].tolist() == [40_00, 40_00, 40_00, 0, 0, 0, 0, 0]
    assert found.at_risk[0].tolist() == found.portfolio[0].tolist()[:2] + [180_00] * 6
    never = project(position(months=8, due={4: late}, reserve=10**9), HALVES, Plan(), certain(ALWAYS, 8))
    assert never.principal.sum() == 0
    assert never.at_risk[0].tolist() == [300_00] * 8


def test_what_is_promised_costs_and_added_money_move_the_cash():
    start = position(cash=1_000_00, reserve=100_00, promised=200_00, to_share=50_00, costs=10_00)
    found = project(start, HALVES, Plan(added={2: 300_00, 3: -40_00}), certain(ALWAYS, 4))
    assert found.lendable[0].tolist() == [640_00, 710_00, 725_00, 707_50]
    assert (found.cash == 100_00).all()


def test_a_demand_that_is_less_than_what_can_be_lent_is_all_that_is_lent():
    start = position(months=12, cash=10_000_00)
    found = project(start, Lending((1.0,), (0.0,), demand=100_00), Plan(growth=100), certain(ALWAYS, 12))
    assert found.lent[0].tolist() == [int(100_00 * 2 ** (month / 12)) for month in range(1, 13)]


def test_what_is_paid_ahead_asks_for_no_interest_any_more():
    start = position(due={0: Due((0, 1_000_00, 0, 0, 0), (0, 100_00, 0, 0, 0))}, reserve=10**9)
    ahead = Lending((1.0,), (0.0,), prepayment=0.5)
    found = project(start, ahead, Plan(), certain(ALWAYS, 4))
    assert found.principal[0].tolist() == [500_00, 500_00, 0, 0]
    assert found.interest[0].tolist() == [0, 50_00, 0, 0]


def test_rescheduled_loans_are_at_risk_while_they_pay():
    start = position(due={0: monthly(100_00, 4, 4)}, rescheduled=(100_00, 100_00, 100_00, 100_00, 0), reserve=10**9)
    found = project(start, HALVES, Plan(), certain(ALWAYS, 4))
    assert found.at_risk[0].tolist() == [300_00, 200_00, 100_00, 0]


def test_another_rate_earns_in_its_proportion():
    lending = Lending((0.5, 0.5), (0.01, 0.005))
    assert lending.annual_rate == pytest.approx(12)
    assert lending.at(24).interest == pytest.approx((0.02, 0.01))
    assert Lending((0.5, 0.5), (0.0, 0.0)).at(12).interest == pytest.approx((0.01, 0.005))


def test_a_fee_that_is_kept_back_stays_to_be_lent_in_the_next_month():
    """2 % of 200.00 promised and of 804.00 lent stay. Month 1: 1,000 + 4 - 200 = 804.00; month 2: 200 + 804 come back
    and 16.08 stayed; month 3: 1,020.08 and 20.40; month 4: 1,040.48 and 20.81.
    """
    found = project(
        position(cash=1_000_00, promised=200_00), Lending((1.0,), (0.0,), kept_back=0.02), Plan(), certain(ALWAYS, 4)
    )
    assert found.lent[0].tolist() == [804_00, 1_020_08, 1_040_48, 1_061_29]
    assert found.interest[0].tolist() == [4_00 + 16_08, 20_40, 20_81, 21_23]


def test_a_fee_of_an_instalment_comes_with_it_and_is_no_part_of_the_rate():
    lending = Lending((1.0,), (0.01,), fees=(0.02,))
    found = project(position(cash=1_000_00), lending, Plan(), certain(ALWAYS, 4))
    assert found.lent[0].tolist() == [1_000_00, 1_030_00, 1_060_90, 1_092_73]
    assert lending.annual_rate == pytest.approx(12)
    assert lending.at(24).earned == pytest.approx([0.04])


money = st.integers(0, 10**7)
shares = st.floats(0, 1)


@st.composite
def positions(draw) -> Position:
    dues = {}
    for stage in range(5):
        cells = [tuple(draw(st.lists(money, min_size=MONTHS + 1, max_size=MONTHS + 1))) for _ in range(2)]
        dues[stage] = Due(cells[0], cells[1], draw(money), draw(money))
    return position(
        MONTHS,
        dues,
        cash=draw(money),
        reserve=draw(money),
        promised=draw(money),
        to_share=draw(money),
        costs=draw(money),
        written_off_after=draw(st.none() | st.integers(0, 20)),
    )


@st.composite
def lendings(draw) -> Lending:
    weights = draw(st.lists(st.integers(1, 9), min_size=1, max_size=18))
    return Lending(
        tuple(weight / sum(weights) for weight in weights),
        tuple(draw(st.floats(0, 0.03)) for _ in weights),
        demand=draw(money),
        fees=tuple(draw(st.floats(0, 0.03)) for _ in weights),
        kept_back=draw(st.floats(0, 0.05)),
    )


@settings(max_examples=60, deadline=None)
@given(positions(), lendings(), st.floats(0, 3), st.integers(0, 99), st.sampled_from([None, -20.0, 0.0, 30.0]))
def test_no_cent_is_lost_or_made_on_the_way(start, lending, arrears, seed, growth):
    draws = drawn(Payments(), [5] * (MONTHS + 1), 7, seed)
    plan = Plan(arrears, {3: 5_000_00, 5: -7_000_00}, growth)
    found = project(start, lending, plan, draws)
    lent, principal = found.lent.sum(axis=1), found.principal.sum(axis=1)
    gone = found.written_off.sum(axis=1)
    assert (found.portfolio[:, -1] == start.portfolio + start.promised + lent - principal - gone).all()
    left = start.costs * MONTHS + start.promised + start.to_share + 2_000_00
    assert (found.cash[:, -1] == start.cash + principal + found.interest.sum(axis=1) - lent - left).all()
    assert (found.lent <= found.lendable).all()
    assert (found.lent >= 0).all()
    assert (found.at_risk >= 0).all()
    assert (found.at_risk <= found.portfolio).all()


@settings(max_examples=60, deadline=None)
@given(positions(), lendings(), shares, shares, st.integers(0, 99), st.sampled_from([None, 0.0, 30.0]))
def test_whoever_recovers_more_has_never_lent_less(start, lending, one, other, seed, growth):
    draws = drawn(Payments(), [5] * (MONTHS + 1), 7, seed)
    better, worse = (
        np.cumsum(project(start, lending, Plan(arrears, growth=growth), draws).lent, axis=1)
        for arrears in sorted((one * 2, other * 2))
    )
    cents_of_rounding = 4 * MONTHS * MONTHS
    assert (better >= worse - cents_of_rounding).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), shares, shares, st.integers(0, 99))
def test_where_fewer_fall_into_arrears_no_share_is_smaller(number, one, other, seed):
    draws = drawn(Payments(), [number] * 5, 9, seed)
    more, fewer = (draws.shares(arrears * 3) for arrears in sorted((one, other)))
    assert (more >= fewer - 1e-12).all()


def test_a_fund_without_a_past_is_told_by_the_prior_and_a_long_past_narrows_the_band():
    assert Payments().expected == pytest.approx(PRIOR)
    assert sum(Payments().shares) == pytest.approx(1)
    long = Payments(paid=(900, 50, 20, 5), passed=(100, 40, 15, 8), instalments=1000, loans=200)
    young, old = (drawn(payments, [100] * 25, 400, 1).rates[0] for payments in (Payments(), long))
    assert old.std() < young.std() / 2
    assert old.mean() == pytest.approx(0.9, abs=0.03)


def test_a_stage_is_judged_by_those_alone_that_could_have_passed_through_it():
    rows = [(10, 0, 3), (10, OPEN, 2), (40, 1, 4), (40, OPEN, 1), (400, 4, 1), (400, 3, 1), (0, OPEN, 9)]
    found = observed(rows, 6)
    assert found.paid == (3, 4, 0, 1)
    assert found.passed == (9, 3, 2, 1)
    assert (found.instalments, found.loans) == (12, 6)
    assert found.design_effect == pytest.approx(1.3)


def test_the_band_holds_eight_of_ten():
    values = np.arange(1001).reshape(-1, 1)
    assert band(values) == [(100.0, 500.0, 900.0)]


def test_a_month_ends_on_the_day_of_the_next_month():
    start = date(2026, 1, 31)
    assert [month_of(start, day) for day in (start, date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31))] == [
        1,
        1,
        2,
        2,
    ]


def lent_out(house: House) -> list:
    """Three loans: one pays, one stopped after two instalments, one never paid."""
    loans = [house.disbursed("12000.00") for _ in range(3)]
    for number, due in enumerate(loans[0].instalments[:4]):
        with on(due.due):
            house.repay(loans[0], str(house.fund.money(due.principal + due.interest)))
            if number < 2:
                house.repay(loans[1], str(house.fund.money(due.principal + due.interest)))
    return loans


def test_a_fund_is_projected_from_its_own_figures(house):
    lent_out(house)
    with on(150):
        told = projection(house.session, house.fund, Supposed())
        again = projection(house.session, house.fund, Supposed())
        other = projection(house.session, house.fund, Supposed(), seed=1)
        assert told == again
        assert told["today"] != other["today"]
        owed = house.fund.balances(house.session)[LOANS]
        assert told["assumptions"]["portfolio"].minor == owed
        assert checked_books(house.session, house.fund.id, clock.today()) == []
    assert len(told["today"]) == 24
    basis = told["basis"]
    assert basis["loans"] == 3
    assert basis["instalments"] == 12
    assert sum(row["on_time"] + row["open"] for row in basis["months"]) == 12
    assert told["assumptions"]["annual_rate"] == "18.00"
    assert told["assumptions"]["demand"].minor == 36_000_00 // 12
    first = told["today"][0]
    assert first["lendable"]["low"].minor <= first["lendable"]["median"].minor <= first["lendable"]["high"].minor
    assert first["until"] == date(2026, 9, 2)


def test_a_fund_that_never_lent_is_projected_by_what_its_regulations_offer(house):
    told = projection(house.session, house.fund, Supposed())
    assert told["basis"]["instalments"] == 0
    assert told["assumptions"]["term_months"] == 13
    assert told["today"][0]["lendable"]["median"] == lempiras("100000.00")


def test_what_is_supposed_stands_beside_what_goes_on(house):
    lent_out(house)
    supposed = Supposed(
        rate=Decimal(30),
        arrears=Decimal(0),
        growth=None,
        reserve=lempiras("5000.00"),
        added=read_added(["2:50000.00", "3:-1000"], "HNL"),
    )
    with on(150):
        told = projection(house.session, house.fund, supposed)
    assert told["supposed"][0]["lendable"]["median"] != told["today"][0]["lendable"]["median"]
    assert told["supposed"][1]["lendable"]["low"].minor > told["today"][1]["lendable"]["high"].minor
    rows = list(csv.DictReader(io.StringIO(table(told).decode())))
    assert len(rows) == 48
    assert rows[24]["line"] == "supposed"
    assert rows[0]["lendable_median"] == str(told["today"][0]["lendable"]["median"])


def test_money_comes_in_one_of_the_months_that_are_told():
    for text in ("0:5", "25:5"):
        with pytest.raises(Invalid, match=r"projection\.month_out_of_range"):
            read_added([text], "HNL")
    assert read_added(["24:-5.10"], "HNL") == ((24, Money(-510, "HNL")),)


def seed_fund(session):
    return open_fund(
        session,
        COORDINATOR,
        code="SEM",
        name="Semilla",
        centre="CSEM",
        host="ADEL",
        trustee="Banco de Prueba",
        trustee_account="1",
        currency="HNL",
        units=["HN17"],
        reserve=lempiras("0.00"),
        kind="seed_capital",
    )


def test_a_fund_that_gives_is_not_projected(session):
    with pytest.raises(Refused, match=r"fund\.gives_no_loans"):
        projection(session, seed_fund(session), Supposed())


def test_the_dashboard_says_what_portfolio_and_books_say(house):
    lent_out(house)
    with on(150):
        told = dashboard(house.session, house.fund)
        row = at_risk(house.session, COORDINATOR, clock.today(), filters={"fund": house.fund.id})[0]
        balance = house.fund.balances(house.session)
    last = told["at_risk"][-1]
    assert len(told["at_risk"]) == 13
    assert last["principal"] == row["principal"]
    assert last["amount"] == row["at_risk"][1]["amount"]
    assert last["percent"] == row["at_risk"][1]["percent"]
    assert last["principal"].minor == balance[LOANS]
    flows = {flow["month"]: flow for flow in told["flows"]}
    assert flows[date(2026, 3, 1)]["disbursed"] == lempiras("36000.00")
    paid = sum(flow["recovered"].minor for flow in told["flows"])
    assert paid == balance["1102"]


def test_the_api_tells_it_and_refuses_what_cannot_be_supposed(client, build_house):
    house, _ = build_house(lambda house: house.disbursed())
    there = f"/funds/{house.fund.id}/projection"
    told = client.get(COORDINATOR, f"{there}?arrears=200&rate=24&growth=-5&reserve=1000.00&contribution=6:50000.00")
    assert told.status == 200
    assert len(told.body["supposed"]) == 24
    assert told.body["paths"] == 400
    plain = client.get(COORDINATOR, there)
    assert plain.body["supposed"] == []
    for wrong in ("arrears=lots", "rate=-1", "contribution=6", "contribution=30:5.00", "reserve=1,000", "seed=x"):
        assert client.get(COORDINATOR, f"{there}?{wrong}").status == 422, wrong
    assert client.get(COORDINATOR, f"{there}?contribution=30:5.00").code == "projection.month_out_of_range"
    assert client.get(TECHNICIAN, there).status == 403
    paper = client.get(OFFICER, f"{there}/table?arrears=150")
    assert paper.headers["Content-Type"].startswith("text/csv")
    assert paper.content.count(b"\n") == 49
    board = client.get(OFFICER, f"/funds/{house.fund.id}/dashboard")
    assert board.body["at_risk"][-1]["principal"]["amount"] == "10000.00"


def test_an_operator_asks_for_it(build_house, run):  # noqa: F811
    build_house(lambda house: house.disbursed())
    told = run("projection", "FON", "--arrears", "150", "--contribution", "3:5000")
    assert len(told.splitlines()) == 26
    assert "rests on 0 instalments of 0 loans" in told
    assert len(run("projection", "FON", "--csv").splitlines()) == 25
    with pytest.raises(AssertionError, match=r"month_out_of_range"):
        run("projection", "FON", "--contribution", "99:1")

"""What was found on site, what follows from it, and how the scorecard rates it."""

import re
from datetime import date
from importlib import import_module
from typing import Any

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from services.credit.models import Appraisal
from services.credit.queries.room import room
from services.credit.rules import regulations
from services.credit.rules.appraisal import (
    KINDS,
    Debt,
    Figures,
    Line,
    Sums,
    agreed_sums,
    assess,
    demands,
    largest_amount,
    share_of_surplus,
)
from services.credit.rules.business_days import NO_HOLIDAYS
from services.credit.rules.products import Product, read_products
from services.credit.rules.schedules import schedule
from services.credit.rules.scorecard import COMPUTED, read_scorecard, score
from services.credit.use_cases.appraise_application import appraise_application
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from shared import files
from shared.kernel import Invalid, clock
from tests.credit.house import (
    CHAIR,
    COORDINATOR,
    LEDA,
    OFFICER,
    PARAMETERS,
    SECRETARY,
    TECHNICIAN,
    URL,
    WOMAN,
    House,
    lempiras,
    names,
    product,
)
from tests.credit.test_api_walk import APPRAISAL, money
from tests.credit.test_printed import text_of
from tests.credit.test_withdrawal import reported, withdraw

START = date(2026, 3, 5)
CARD: dict[str, Any] = {
    "source": "art. 12",
    "minimum": 60,
    "criteria": [
        {
            "code": "share_of_surplus",
            "name": "Parte del excedente",
            "weight": 60,
            "bands": [{"up_to": 50, "points": 100}, {"up_to": 70, "points": 50}, {"points": 0}],
        },
        {
            "code": "records",
            "name": "Lleva cuentas",
            "weight": 40,
            "choices": [{"code": "yes", "name": "Sí", "points": 100}, {"code": "no", "name": "No", "points": 0}],
        },
    ],
}
SALES, GOODS, HOME = "sales", "cost_of_goods", "household_expense"


def lent(**changes: Any) -> Product:
    return read_products(product(**changes))[0]


def lines(sales: int = 12_000_00, goods: int = 5_000_00, home: int = 2_000_00) -> tuple[Line, ...]:
    return (Line(SALES, "Pan", sales), Line(GOODS, "Harina", goods), Line(HOME, "Comida", home))


def appraise(house: House, **found: Any) -> Any:
    application = found.pop("application", None) or house.submitted()
    given_ = {
        "visited_on": clock.today(),
        "recommendation": "approve",
        "amount": lempiras("10000.00"),
        "instalments": 12,
        "grace": 0,
        "figures": Figures(lines(), (Debt("Banco", 3_000_00, 500_00),)),
    }
    by = found.pop("by", OFFICER)
    return appraise_application(house.session, by, application_id=application.id, **(given_ | found))


# What follows from the figures


def test_the_sums_of_a_month_follow_from_the_lines():
    figures = Figures(lines(), (Debt("Banco", 3_000_00, 500_00), Debt("Comadre", 800_00, 100_00)))
    assert figures.sums == Sums(12_000_00, 7_000_00, 600_00)
    assert figures.sums.surplus == 4_400_00
    assert figures.owed == 3_800_00


def test_sales_and_cost_of_goods_move_with_the_season_and_the_rest_does_not():
    season = (200, *([100] * 10), 0)
    figures = Figures(lines(), season=season)
    january, february, december = (figures.surpluses[month] for month in (0, 1, 11))
    assert january == 2 * 12_000_00 - 2 * 5_000_00 - 2_000_00
    assert february == 12_000_00 - 5_000_00 - 2_000_00
    assert december == -2_000_00
    assert figures.sums == Sums(12_000_00, 7_000_00, 0)


@given(
    st.lists(st.builds(Line, st.sampled_from(KINDS), st.just("x"), st.integers(0, 10**9)), min_size=1, max_size=8),
    st.lists(st.integers(0, 400), min_size=12, max_size=12),
)
def test_the_average_month_never_promises_more_than_the_year_brings(found: list[Line], season: list[int]):
    figures = Figures(tuple(found), season=tuple(season))
    assert figures.sums.surplus * 12 <= sum(figures.surpluses)
    assert sum(figures.surpluses) - figures.sums.surplus * 12 < 24
    assert Figures.read(figures.written()) == figures


def test_sums_that_the_lines_contradict_are_refused_and_missing_ones_are_named():
    figures = Figures(lines())
    assert agreed_sums(figures, {"income": 12_000_00, "expense": None, "debts": 0}) == figures.sums
    with pytest.raises(Invalid, match=r"appraisal\.sum_contradicted") as refused:
        agreed_sums(figures, {"income": 12_000_01})
    assert (refused.value.pointer, refused.value.facts["derived"]) == ("/monthly_income", "12000.00")
    with pytest.raises(Invalid, match=r"appraisal\.sum_missing") as refused:
        agreed_sums(None, {"income": 1, "expense": 1, "debts": None})
    assert refused.value.pointer == "/monthly_debts"


def test_an_instalment_takes_its_part_of_the_surplus_and_bad_months_are_named():
    season = (100, 100, 100, 60, 60, *([100] * 7))
    figures = Figures(lines(), (Debt("Banco", 3_000_00, 500_00),), {"cash": 10_000_00, "equipment": 13_000_00}, season)
    terms = lent().terms(10_000_00, 12, START)
    rows = schedule(terms)
    found = assess(figures.sums, figures, terms)
    highest = max(row.payment for row in rows)
    assert found.share_of_surplus == -(-highest * 100 // figures.sums.surplus)
    net = figures.sums.income - figures.sums.expense
    assert found.debt_service_coverage == net * 100 // (500_00 + highest)
    assert found.equity == 20_000_00
    assert found.leverage == 65, "3,000 owed and 10,000 lent over 20,000"
    # A month of 60 %: 7,200 - 3,000 - 2,000 - 500 = 1,700, more than the instalment of 916.80.
    assert found.uncovered == ()
    worse = Figures(lines(sales=9_000_00), figures.debts, None, season)
    bad = assess(worse.sums, worse, terms)
    assert [(one.month, one.surplus) for one in bad.uncovered] == [
        (date(2026, 4, 1), -100_00),
        (date(2026, 5, 1), -100_00),
    ]
    assert (bad.equity, bad.leverage) == (None, None)


def test_what_is_owed_above_what_she_has_has_no_leverage():
    figures = Figures(lines(), (Debt("Banco", 30_000_00, 500_00),), {"cash": 1_00})
    found = assess(figures.sums, figures, lent().terms(10_000_00, 12, START))
    assert (found.equity, found.leverage) == (1_00 - 30_000_00, None)


def test_weekly_instalments_add_up_and_quarterly_ones_are_earned_in_three_months():
    weekly = lent(unit="weeks", shortest=1, longest=100).terms(10_000_00, 20, START)
    due = demands(weekly, schedule(weekly))
    assert [each.month.month for each in due] == [3, 4, 5, 6, 7]
    assert sum(each.payment for each in due) == sum(row.payment for row in schedule(weekly))
    quarterly = lent(every=3).terms(10_000_00, 4, START)
    assert [each.months for each in demands(quarterly, schedule(quarterly))][:2] == [(5, 4, 3), (8, 7, 6)]
    sums = Sums(3_000_00, 2_000_00, 0)
    payment = max(row.payment for row in schedule(quarterly))
    assert share_of_surplus(sums, demands(quarterly, schedule(quarterly))) == -(-payment * 100 // 3_000_00)


def test_where_nothing_is_left_nothing_is_offered():
    due = demands(terms := lent().terms(10_000_00, 12, START), schedule(terms))
    assert share_of_surplus(Sums(1, 1, 0), due) is None
    assert largest_amount(Sums(1, 1, 0), lent(), 12, 0, 70, START, NO_HOLIDAYS) is None


@given(st.integers(100_00, 6_000_00), st.integers(3, 24), st.integers(10, 100), st.integers(0, 2))
def test_the_offered_amount_fits_and_no_larger_one_does(surplus: int, instalments: int, share: int, grace: int):
    sums, kind = Sums(surplus, 0, 0), lent()
    found = largest_amount(sums, kind, instalments, grace, share, START, NO_HOLIDAYS)

    def taken(amount: int) -> int:
        terms = kind.terms(amount, instalments, START, grace)
        return share_of_surplus(sums, demands(terms, schedule(terms))) or 0

    if found is None:
        assert taken(kind.minimum) > share
        return
    assert kind.minimum <= found <= kind.maximum
    assert taken(found) <= share
    assert found == kind.maximum or taken(found + 1_00) > share


# The scorecard


def test_points_are_the_weighted_mean_rounded_down():
    card = read_scorecard(CARD)
    rated = score(card, dict.fromkeys(COMPUTED, 51), {"records": "yes"})
    assert rated is not None
    assert (rated.points, rated.enough) == ((60 * 50 + 40 * 100) // 100, True)
    assert [(part.code, part.value, part.answer, part.points) for part in rated.parts] == [
        ("share_of_surplus", 51, None, 50),
        ("records", None, "Sí", 100),
    ]
    unknown = score(card, dict.fromkeys(COMPUTED), {"records": "no"})
    assert unknown is not None
    assert (unknown.points, unknown.enough) == (0, False)


@given(st.integers(-100, 1000), st.sampled_from(["yes", "no"]))
def test_a_score_lies_between_nothing_and_a_hundred(value: int, answer: str):
    rated = score(read_scorecard(CARD), dict.fromkeys(COMPUTED, value), {"records": answer})
    assert rated is not None
    assert 0 <= rated.points <= 100


def test_without_a_scorecard_there_is_no_score():
    assert score(regulations.read(PARAMETERS).scorecard, {}, {}) is None


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ({}, "appraisal.answer_missing"),
        ({"records": "maybe"}, "appraisal.answer_missing"),
        ({"records": "yes", "x": "y"}, "appraisal.answer_unknown"),
    ],
)
def test_answers_are_those_the_scorecard_asks_for(answers, code):
    with pytest.raises(Invalid, match=re.escape(code)):
        score(read_scorecard(CARD), dict.fromkeys(COMPUTED, 1), answers)


@pytest.mark.parametrize(
    "wrong",
    [
        {"criteria": []},
        {"minimum": 101},
        {"source": " "},
        {"more": 1},
        {"criteria": [CARD["criteria"][0] | {"bands": [{"up_to": 5, "points": 1}]}]},
        {"criteria": [CARD["criteria"][0] | {"bands": [{"up_to": 5, "points": 1}] * 2 + [{"points": 0}]}]},
        {"criteria": [CARD["criteria"][0] | {"code": "invented"}]},
        {"criteria": [CARD["criteria"][1] | {"weight": 0}]},
        {"criteria": [CARD["criteria"][1] | {"name": ""}]},
        {"criteria": [CARD["criteria"][1]] * 2},
        {"criteria": [CARD["criteria"][1] | {"choices": [{"code": "a", "name": "A", "points": 101}]}]},
    ],
)
def test_a_scorecard_that_leaves_values_without_points_is_refused(wrong):
    with pytest.raises(Invalid, match=r"regulations\.(contradictory|unreadable|field_unknown|field_missing)"):
        regulations.read(PARAMETERS | {"scorecard": CARD | wrong})


@pytest.mark.parametrize("wrong", [{"share": 0}, {"share": 101}, {"share": "70"}, {"source": ""}, {"other": 1}])
def test_the_share_of_the_surplus_is_read_strictly(wrong):
    with pytest.raises(Invalid, match=r"regulations\.(contradictory|unreadable|field_unknown|field_missing)"):
        regulations.read(PARAMETERS | {"capacity": {"share": 60, "source": "art. 11"} | wrong})


# The appraisal in the file


def test_an_appraisal_keeps_its_detail_and_how_its_score_came_about(house: House):
    house.adopt(scorecard=CARD)
    application = appraise(house, answers={"records": "yes"})
    kept = house.session.scalars(select(Appraisal).where(Appraisal.application_id == application.id)).one()
    assert (kept.monthly_income, kept.monthly_expense, kept.monthly_debts) == (12_000_00, 7_000_00, 500_00)
    assert kept.detail == Figures(lines(), (Debt("Banco", 3_000_00, 500_00),))
    assert kept.score is not None
    assert (kept.score["points"], kept.score["minimum"], kept.score["source"]) == (100, 60, "art. 12")


def test_under_the_least_score_an_approval_is_recommended_only_with_a_reason(house: House):
    house.adopt(scorecard=CARD)
    poor = {"answers": {"records": "no"}, "figures": Figures(lines(sales=8_400_00))}
    with pytest.raises(Invalid, match=r"appraisal\.reason_needed") as refused:
        appraise(house, **poor)
    assert refused.value.facts == {"points": 30, "minimum": 60}
    assert appraise(house, **poor, recommendation="refuse").appraisal.score_reason == ""
    kept = appraise(house, **poor, score_reason="Tiene pedidos firmes")
    assert kept.appraisal.score_reason == "Tiene pedidos firmes"


def test_loans_paid_back_count(house: House):
    bands = [{"up_to": 0, "points": 0}, {"points": 100}]
    history = {"code": "loans_settled", "name": "Préstamos pagados", "weight": 1, "bands": bands}
    house.adopt(scorecard={"source": "art. 12", "minimum": 0, "criteria": [history]})
    loan = house.disbursed()
    house.repay(loan, str(house.fund.money(loan.outstanding)))
    again = appraise(house, application=house.submitted(enterprise_id=loan.enterprise_id))
    first = appraise(house)
    assert (again.appraisal.score["points"], first.appraisal.score["points"]) == (100, 0)


def test_the_score_is_in_the_motion_and_the_minutes_and_the_figures_are_not(house: House):
    house.adopt(scorecard=CARD)
    meeting = house.opened(appraise(house, answers={"records": "yes"}))
    house.vote(meeting, by=(CHAIR,))
    shown = room(house.session, CHAIR, meeting, reads_minutes=True)["agenda"][0]
    assert shown["score"] == {"points": 100, "minimum": 60}
    assert "monthly_income" not in str(shown)
    house.vote(meeting, by=(SECRETARY, WOMAN, LEDA))
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    acta = close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    said = text_of(files.read(house.session, acta.file_id))
    assert "100 de 100; el reglamento pide 60" in said
    assert "12,000" not in said


def test_the_names_of_lenders_and_products_are_erased_when_she_withdraws_and_the_amounts_stay(house: House):
    application = appraise(house, score_reason="Porque sí")
    house.convened(application)
    withdraw(house, application.enterprise_id)
    kept = application.appraisal.detail
    assert kept is not None
    assert (kept.named, kept.sums.income, application.appraisal.score_reason) == (False, 12_000_00, "")
    assert reported(house)["erased"]["texts"] == 3


# Through the API

FIGURES = {
    "lines": [
        {"kind": "sales", "what": "Pan", "amount": money("12000.00")},
        {"kind": "cost_of_goods", "amount": money("7000.00")},
    ],
    "debts": [{"lender": "Banco", "balance": money("3000.00"), "monthly_payment": money("500.00")}],
    "assets": {name: money("1000.00") for name in ("cash", "stock", "receivables", "equipment")},
}
DETAILED = {name: value for name, value in APPRAISAL.items() if not name.startswith("monthly_")} | {"figures": FIGURES}


def test_an_assessment_is_shown_with_the_largest_amount_and_keeps_nothing(build_house, client):
    _, application = build_house(
        lambda house: house.submitted(), scorecard=CARD, capacity={"share": 50, "source": "art. 11"}
    )
    path = f"/applications/{application.id}"
    answers = [{"criterion": "records", "choice": "no"}]
    told = client.post(OFFICER, f"{path}/assessment", DETAILED | {"answers": answers})
    assert told.status == 200, told.body
    assert (told.body["monthly_income"], told.body["monthly_surplus"]) == (money("12000.00"), money("4500.00"))
    assert told.body["largest_amount"] == money("20000.00")
    assert told.body["score"]["points"] == 60
    assert (told.body["equity"], told.body["leverage"]) == (money("1000.00"), 1100)
    assert client.get(OFFICER, path).body["appraisals"] == []
    poor = {"figures": FIGURES | {"lines": FIGURES["lines"][:1]}}
    poor["figures"]["lines"] = [{"kind": "sales", "amount": money("1500.00")}]
    told = client.post(OFFICER, f"{path}/assessment", DETAILED | poor | {"answers": answers}).body
    assert told["largest_amount"] == money("5453.00")
    assert told["largest_share"] == 50


def test_the_file_shows_the_detail_to_who_may_open_it(build_house, client):
    _, application = build_house(lambda house: house.submitted())
    path = f"/applications/{application.id}"
    season = [100] * 6 + [20] * 6
    body = DETAILED | {"figures": FIGURES | {"season": season}}
    done = client.post(TECHNICIAN, f"{path}/appraisals", body)
    assert done.status == 201, done.body
    shown = client.get(COORDINATOR, path).body["appraisals"][0]
    assert shown["figures"]["season"] == season
    assert shown["figures"]["lines"][1] == {"kind": "cost_of_goods", "what": "", "amount": money("7000.00")}
    assert shown["monthly_income"] == money("7200.00")
    assert shown["uncovered_months"][0]["month"] == "2026-07-01"


def test_the_questions_are_those_of_the_edition_in_force(build_house, client):
    _, application = build_house(lambda house: house.submitted(), scorecard=CARD)
    asked = client.get(TECHNICIAN, f"/applications/{application.id}/scorecard").body
    assert [question["code"] for question in asked["questions"]] == ["records"]
    assert (asked["minimum"], asked["largest_share"]) == (60, 70)
    assert client.get(CHAIR, f"/applications/{application.id}/scorecard").status == 403


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"monthly_income": money("1.00")}, "appraisal.sum_contradicted"),
        ({"figures": None}, "appraisal.sum_missing"),
        ({"figures": FIGURES | {"season": [100] * 11}}, "field.list_size"),
        ({"figures": FIGURES | {"lines": []}}, "field.list_size"),
        (
            {"figures": FIGURES | {"lines": [{"kind": "sales", "amount": {"amount": "1.00", "currency": "USD"}}]}},
            "fund.other_currency",
        ),
        ({"visited_on": "2026-03-06"}, "appraisal.visit_in_future"),
        ({"amount": money("20000.01")}, "application.amount_over_maximum"),
    ],
)
def test_what_an_appraisal_refuses_names_the_field(build_house, client, body, code):
    _, application = build_house(lambda house: house.submitted())
    told = client.post(OFFICER, f"/applications/{application.id}/appraisals", DETAILED | body)
    assert (told.status, told.code) == (422, code)


def test_a_draft_of_what_lies_before_the_committee_is_refused(build_house, client):
    def step(house: House) -> Any:
        application = house.appraised()
        house.convened(application)
        return application

    _, application = build_house(step)
    told = client.post(OFFICER, f"/applications/{application.id}/assessment", DETAILED)
    assert (told.status, told.code) == (409, "application.is_on_agenda")


def test_the_migration_goes_back_and_forth_and_older_appraisals_are_still_read(build_house, database, client):
    _, application = build_house(lambda house: house.appraised())
    step = import_module("services.credit.migrations.versions.0011_appraisals")
    with (
        database.engine.connect().execution_options(csem_write=True) as connection,
        connection.begin(),
        Operations.context(MigrationContext.configure(connection)),
    ):
        step.downgrade()
        step.upgrade()
    shown = client.get(COORDINATOR, f"/applications/{application.id}").body["appraisals"][0]
    assert (shown["figures"], shown["score"], shown["score_reason"]) == (None, None, "")
    assert (shown["monthly_surplus"], shown["share_of_surplus"]) == (money("2500.00"), 37)

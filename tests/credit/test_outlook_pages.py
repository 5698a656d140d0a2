"""The dashboard of a fund and its projection, without JavaScript."""

from services.credit.queries.portfolio import at_risk
from services.portal.pages.credit import charts
from shared.kernel import clock
from tests.credit.closing import on
from tests.credit.house import COORDINATOR, House
from tests.credit.seeding import seed_house
from tests.credit.test_pages import town  # noqa: F401 - a fixture
from tests.portal.conftest import text_of


def test_a_president_sees_the_fund_at_a_glance(town):  # noqa: F811
    with town.database.transaction() as session:
        house = House.build(session, reserve="1000.00")
        loan = house.disbursed("12000.00")
        first = loan.instalments[0]
        with on(first.due):
            house.repay(loan, str(house.fund.money(first.principal + first.interest)))
    with on(100):
        page = town.signed_in("fidelia", "trust_fund_member").get(f"/credit/funds/{house.fund.id}/dashboard")
        with town.database.reading() as session:
            row = at_risk(session, COORDINATOR, clock.today(), filters={"fund": house.fund.id})[0]
    told = text_of(page)
    assert f"{row['principal'].decimal:,}" in told
    assert "88,000.00" in told
    assert "87,000.00" in told
    assert "100.00 %" in told
    assert "12,000.00" in told
    assert page.text.count('role="img" aria-labelledby') == 3
    assert page.text.count("<desc") == 3
    assert "<script" not in page.text.split("<main")[1]


def test_what_if_is_a_form_whose_address_can_be_shared(town):  # noqa: F811
    with town.database.transaction() as session:
        house = House.build(session)
        house.disbursed("12000.00")
    coordinator = town.signed_in("coralia", "coordinator")
    here = f"/credit/funds/{house.fund.id}/projection"
    plain = coordinator.get(here)
    assert "0 cuotas de 0 préstamos" in text_of(plain)
    assert "stroke-dasharray" not in plain.text
    asked = "arrears=150&rate=24&contribution=50%2C000&contribution_month=6&reserve=5000&growth=10"
    both = coordinator.get(f"{here}?{asked}")
    assert both.status_code == 200
    assert "stroke-dasharray" in both.text
    assert "Como se supone" in text_of(both)
    assert 'value="50,000"' in both.text
    file = coordinator.get(f"{here}.csv?{asked}")
    assert file.headers["Content-Type"].startswith("text/csv")
    assert file.text.count("supposed") == 24
    gone = coordinator.get(f"{here}?contribution=5000&contribution_month=2&leaves=yes")
    assert gone.status_code == 200
    for wrong in ("arrears=muchas", "contribution=x", "contribution=5&contribution_month=30", "reserve=mil"):
        refused = coordinator.get(f"{here}?{wrong}")
        assert refused.status_code == 422, wrong
        assert "<desc" in refused.text, wrong
    beyond = coordinator.get(f"{here}?contribution=5&contribution_month=30")
    assert 'id="field-contribution-month-error"' in beyond.text
    assert town.signed_in("tecla", "technician").get(here).status_code == 403


def test_a_fund_that_gives_says_that_it_does_not_lend(town):  # noqa: F811
    with town.database.transaction() as session:
        house = seed_house(session)
    coordinator = town.signed_in("coralia", "coordinator")
    there = f"/credit/funds/{house.fund.id}"
    assert "no presta lo que regresa" in text_of(coordinator.get(f"{there}/projection"))
    assert coordinator.get(f"{there}/dashboard").text.count("<desc") == 2


def test_a_drawing_of_nothing_stands_on_its_line():
    drawn = charts.bars("Nada", "", ["01/26", "02/26"], [("a", [0.0, 0.0]), ("b", [0.0, -1.0])])
    assert all(height == 0 for bars in drawn.bars for _, _, _, height in bars.rects)
    lines = charts.lines("Nada", "", [], [("", [], [])])
    assert lines.lines[0].points == ""


def test_marks_are_round_and_reach_above_the_highest():
    for highest in (0.3, 1, 7, 42, 99.9, 100, 12_345):
        drawn = charts.lines("", "", ["a", "b"], [("", [0, highest], [])])
        marks = [float(label.replace(",", "")) for _, label in drawn.rows]
        assert marks[-1] >= highest
        assert marks[-1] <= highest * 4
        assert all(charts.HEIGHT >= y >= 0 for y, _ in drawn.rows)

"""A woman who sells her coffee in January, February and March pays then: the days are agreed at the appraisal, lie in
the motion and become the schedule.
"""

from datetime import date
from typing import Any

import pytest

from services.credit.models import Application
from services.credit.queries import appraisals
from services.credit.queries.funds import quote
from services.credit.queries.room import room
from services.credit.rules import contracts, regulations
from services.credit.rules.products import Product
from services.credit.tables import holidays_on
from services.credit.use_cases.appraise_application import appraise_application
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.portal.pages.credit.appraisals import days_of
from shared import files
from shared.kernel import Invalid, clock
from tests.credit.closing import on
from tests.credit.house import CHAIR, OFFICER, PARAMETERS, TODAY, URL, House, lempiras, names, product
from tests.credit.test_printed import text_of

DAY = TODAY.date()
HARVEST = [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]
COFFEE = product(agreed_dates_within=400, method="equal_principal", annual_rate="12")


@pytest.fixture
def house(session: Any) -> House:
    return House.build(session, products=COFFEE)


def appraised(house: House, dates: list[date] = HARVEST) -> Application:
    application = house.submitted("9000.00", instalments=3)
    return appraise_application(
        house.session,
        OFFICER,
        application_id=application.id,
        visited_on=clock.today(),
        monthly_income=lempiras("9000.00"),
        monthly_expense=lempiras("6000.00"),
        monthly_debts=lempiras("500.00"),
        recommendation="approve",
        amount=lempiras("9000.00"),
        instalments=3,
        grace=0,
        due_dates=dates,
    )


def approved(house: House) -> Application:
    application = appraised(house)
    meeting = house.opened(application)
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    return application


def test_the_days_are_in_the_motion_and_become_the_schedule(house: House):
    application = appraised(house)
    meeting = house.opened(application)
    [item] = room(house.session, CHAIR, meeting, reads_minutes=True)["agenda"]
    assert item["due_dates"] == ["2027-01-31", "2027-02-28", "2027-03-31"]
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    acta = close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    assert "Fechas de pago acordadas" in text_of(files.read(house.session, acta.file_id))
    loan = house.disburse(application)
    assert [(one.due, one.principal) for one in loan.instalments] == [(day, 3000_00) for day in HARVEST]
    terms = contracts.read(loan.terms, loan.principal, loan.disbursed_on, holidays_on)
    assert terms.calendar == tuple(HARVEST)


def test_what_she_can_pay_is_measured_on_the_days_that_were_agreed(house: House):
    """Until January eleven months are earned: 9,000 x 12 % x 325 / 360 days and a third of the principal."""
    shown = appraisals.shown(house.fund, "working-capital", appraised(house).appraisal)
    assert shown["instalment"] == lempiras("3975.00")
    assert shown["due_dates"] == [day.isoformat() for day in HARVEST]


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        (HARVEST[:2], "application.due_dates_count"),
        (HARVEST[::-1], "application.due_dates_wrong"),
        ([HARVEST[0], HARVEST[0], HARVEST[1]], "application.due_dates_wrong"),
        ([DAY, *HARVEST[:2]], "application.due_dates_wrong"),
        ([*HARVEST[:2], date(2027, 6, 1)], "application.due_dates_wrong"),
    ],
)
def test_days_that_do_not_fit_are_refused(house: House, dates: list[date], code: str):
    with pytest.raises(Invalid) as found:
        appraised(house, dates)
    assert (found.value.code, found.value.pointer) == (code, "/due_dates")


def test_a_product_that_leaves_no_days_free_refuses_them(session: Any):
    with pytest.raises(Invalid) as found:
        appraised(House.build(session))
    assert found.value.code == "application.due_dates_not_free"


def test_paid_out_after_the_first_agreed_day_it_is_agreed_anew(house: House):
    application = approved(house)
    with on(date(2027, 2, 1)), pytest.raises(Invalid) as found:
        house.disburse(application)
    assert found.value.code == "application.due_dates_wrong"


def test_nobody_agrees_days_and_frees_the_first_one_too():
    lent = Product.read(COFFEE[0] | {"longest_first_period": 60})
    with pytest.raises(Invalid, match="first_due_not_free"):
        lent.terms(9000_00, 3, DAY, first_due=date(2026, 4, 1), due_dates=HARVEST)


def test_only_schedules_that_go_by_dates_leave_them_free():
    for wrong in ({"engine": "cumulative"}, {"calendar": ["01-31"]}, {"shortest_first_period": 500}):
        with pytest.raises(Invalid) as found:
            regulations.read(PARAMETERS | {"products": [COFFEE[0] | wrong]})
        assert found.value.pointer == "/parameters/products/0/agreed_dates_within"


def test_a_quote_is_made_for_days_that_would_be_agreed(house: House):
    asked = {"product": "working-capital", "amount": "9000.00", "instalments": 3, "start": DAY}
    told = quote(house.session, house.fund, **asked, due_dates=HARVEST)
    assert [row["due"] for row in told["items"]] == HARVEST


def test_days_are_written_one_in_a_line_in_either_way():
    assert days_of("2027-01-31\n28/2/2027, 31/03/2027") == ["2027-01-31", "2027-02-28", "2027-03-31"]
    assert days_of("enero\n1/2") == ["enero", "1/2"]

"""Of a loan it is told how often its borrower was visited at her workplace, as training tells of it."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models import CopyAssistance, Loan
from services.credit.queries.loans import detail
from shared.events.registry import EntrepreneurWithdrawn
from shared.events.training import AssistanceGiven
from shared.kernel import uuid7
from tests.credit.house import OFFICER, TODAY, House
from tests.credit.test_eligibility import tell

DAY = TODAY.date()


def visit(house: House, loan: Loan, days_ago: int, visit_id: UUID | None = None) -> None:
    event = AssistanceGiven(
        assistance_id=uuid7(),
        visit_id=visit_id or uuid7(),
        loan_id=loan.id,
        enterprise_id=loan.enterprise_id,
        given_on=DAY - timedelta(days=days_ago),
        minutes=90,
    )
    tell(house, event, event.assistance_id)


def test_visits_are_counted_with_the_last_one(session: Session) -> None:
    house = House.build(session)
    loan = house.disbursed()
    assert detail(session, OFFICER, loan)["assistance"] is None
    again = uuid7()
    visit(house, loan, 9)
    visit(house, loan, 2, again)
    visit(house, loan, 2, again)
    assert detail(session, OFFICER, loan)["assistance"] == {
        "visits": 2,
        "minutes": 180,
        "last_on": DAY - timedelta(days=2),
    }


def test_of_who_withdrew_no_visit_is_kept_and_none_comes_back(session: Session) -> None:
    house = House.build(session)
    loan = house.disbursed()
    visit(house, loan, 9)
    gone = EntrepreneurWithdrawn(entrepreneur_id=uuid7(), enterprise_ids=[loan.enterprise_id])
    tell(house, gone, gone.entrepreneur_id, replaying=True)
    visit(house, loan, 1)
    assert CopyAssistance.of_loan(session, loan.id) is None

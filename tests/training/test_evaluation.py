"""What trainings came to: enterprises 6 and 12 months later, against those that wait; what is too few to tell."""

import json
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training import cli
from services.training.models import CopyCreditDay, CopyStanding, TrainingGroup
from services.training.queries.evaluation import evaluation
from services.training.rules.learning.results import Course, Standing, late_ones, later, measured, sales_moved
from services.training.subscriptions import SUBSCRIPTIONS
from services.training.use_cases.complete_group import complete_group
from shared.bus.envelope import Envelope
from shared.database import Database
from shared.events.credit import InstalmentOverdue
from shared.events.registry import EnterpriseChanged, EnterpriseMerged, SalesOfYear
from shared.kernel import Money, clock, uuid7
from tests.training.house import (
    SAN_LORENZO,
    STRANGER,
    TRAINER,
    facts,
    lend,
    number,
    register_many,
    tell,
    withdraw,
    woman_of,
)
from tests.training.test_learning import form

ENDED = date(2026, 3, 5)
HALF_A_YEAR_ON = datetime(2026, 9, 6, 15, 0, tzinfo=UTC)


def change(session: Session, enterprise: int, day: date, **changed: Any) -> None:
    """The registry tells, on a day, that an enterprise changed."""
    event = EnterpriseChanged(facts=facts(enterprise, **changed))
    envelope = Envelope(
        source="registry",
        log_id=number(1),
        position=1,
        id=uuid7(),
        type=event.type,
        subject=number(enterprise),
        time=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        data=event.payload(),
    )
    SUBSCRIPTIONS.handle(session, envelope)


@pytest.fixture
def trained(session: Session) -> TrainingGroup:
    """Eight enterprises whose women completed a training; six others with the need registered after wait for one."""
    group = form(session)
    register_many(session, 11, 6)
    women = [woman_of(enterprise) for enterprise in range(1, 9)]
    complete_group(session, TRAINER, group_id=group.id, version=None, completed_on=ENDED, entrepreneur_ids=women)
    return group


def results(session: Session, months: int = 6, by: Any = TRAINER, **filters: Any) -> dict[str, Any]:
    found = evaluation(session, by, filters)["results"]
    return next(one for one in found if one["months"] == months)


def test_jobs_are_compared_with_those_who_wait(session: Session, trained: TrainingGroup) -> None:
    for enterprise in range(1, 9):
        change(session, enterprise, date(2026, 7, 1), jobs_women=3 if enterprise > 4 else 2)
    for enterprise in range(11, 17):
        change(session, enterprise, date(2026, 7, 1), jobs_women=2 if enterprise > 14 else 1)
    with clock.frozen(HALF_A_YEAR_ON):
        told = results(session)
    jobs = told["measures"][0]
    assert (told["enterprises"], told["known"], jobs["pairs"], jobs["compared"]) == (8, 8, 8, 6)
    assert (jobs["before"], jobs["after"], jobs["change"]) == (1, 2.5, 1.5)
    assert jobs["waiting"]["difference"] == pytest.approx(1.5 - 1 / 3)
    assert jobs["waiting"]["low"] < jobs["waiting"]["difference"] < jobs["waiting"]["high"]


def test_what_is_told_after_the_months_does_not_count(session: Session, trained: TrainingGroup) -> None:
    for enterprise in range(1, 9):
        change(session, enterprise, date(2026, 9, 6), jobs_women=9)
    with clock.frozen(HALF_A_YEAR_ON):
        assert results(session)["measures"][0]["change"] == 0
        assert results(session, 12)["groups"] == 0
    assert results(session)["groups"] == 0, "half a year has not passed"


def test_loans_arrears_and_sales_are_told_of_five_or_more(session: Session, trained: TrainingGroup) -> None:
    for enterprise in range(1, 7):
        lend(session, enterprise, [], disbursed_on=date(2026, 4, 1))
        low = Money.parse("1000.00", "HNL")
        change(session, enterprise, date(2026, 3, 5), sales=SalesOfYear(low=low))
        change(session, enterprise, date(2026, 8, 1), sales=SalesOfYear(low=Money.parse("2000.00", "HNL")))
    for enterprise in range(1, 7):
        loan = number(9_000 + enterprise)
        late = InstalmentOverdue(
            loan_id=loan,
            enterprise_id=number(enterprise),
            municipality=SAN_LORENZO,
            instalment=1,
            due_on=date(2026, 5, 1),
            days_late=1,
            arrears_since=date(2026, 5, 1),
        )
        tell(session, late, loan)
    with clock.frozen(HALF_A_YEAR_ON):
        told = results(session)
    loan_measure = told["measures"][2]
    assert (loan_measure["before"], loan_measure["after"]) == (0, 0.75)
    assert told["sales"] == {"rose": 6, "same": 0, "fell": 0}
    assert told["arrears"] == {"borrowers": 6, "late": 6}


def test_two_records_of_one_enterprise_are_one(session: Session, trained: TrainingGroup) -> None:
    tell(session, EnterpriseMerged(survivor_id=number(1), absorbed_id=number(2)), number(1))
    with clock.frozen(HALF_A_YEAR_ON):
        assert results(session)["enterprises"] == 7


def test_only_her_own_territory_and_what_she_asks_for(session: Session, trained: TrainingGroup) -> None:
    with clock.frozen(HALF_A_YEAR_ON):
        assert results(session, by=STRANGER)["groups"] == 0
        assert results(session, unit="HN1701")["groups"] == 0
        assert results(session, chain="fishing")["groups"] == 1
        assert results(session, chain="textiles")["groups"] == 0


def test_who_withdrew_takes_her_enterprise_along(session: Session, trained: TrainingGroup) -> None:
    lend(session, 1, [])
    withdraw(session, 1)
    gone = number(1)
    for entity in (CopyStanding, CopyCreditDay):
        assert session.scalars(select(entity).where(entity.enterprise_id == gone)).all() == []
    change(session, 1, date(2026, 7, 1))
    assert session.get(CopyStanding, (gone, date(2026, 7, 1))) is None


def course(jobs: int, *, sales: tuple[int, int] = (1, 1), loan: bool = False, late: bool = False) -> Course:
    return Course(Standing(1, False, sales[0], False), Standing(jobs, False, sales[1], loan), late)


def test_fewer_than_five_are_told_of_in_nothing() -> None:
    assert measured([course(2)] * 4, []) == []
    alone = measured([course(2)] * 5, [course(1)] * 4)
    assert [(one.compared, one.waiting) for one in alone] == [(None, None)] * 3
    assert sales_moved([course(1)] * 4) is None
    assert sales_moved([course(1)] * 6 + [course(1, sales=(1, 2))]) is None
    assert late_ones([course(1, loan=True)] * 6 + [course(1, loan=True, late=True)]) is None
    assert late_ones([course(1, loan=True)] * 6) == {"borrowers": 6, "late": 0}


def test_months_end_where_the_month_ends() -> None:
    assert later(date(2025, 8, 31), 6) == date(2026, 2, 28)
    assert later(date(2026, 3, 5), 12) == date(2027, 3, 5)


def test_the_command_says_what_the_api_says(database: Database) -> None:
    with database.transaction() as session:
        group = form(session)
        women = [woman_of(enterprise) for enterprise in range(1, 9)]
        ended: dict[str, Any] = {"group_id": group.id, "version": None, "completed_on": ENDED}
        complete_group(session, TRAINER, **ended, entrepreneur_ids=women)
    place = SimpleNamespace(service=lambda _name: SimpleNamespace(database=database))
    with clock.frozen(HALF_A_YEAR_ON):
        done = CliRunner().invoke(cli.group, ["evaluation"], obj=place, catch_exceptions=False)
        with database.reading() as session:
            expected = evaluation(session, TRAINER, {})
    assert json.loads(done.output) == json.loads(json.dumps(expected, default=str))
    assert expected["results"][0]["known"] == 8

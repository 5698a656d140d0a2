"""Borrowers are stood beside at their workplace: who waits, what is planned, each visit, and what came of it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.training.models import Assistance, CopyLoan
from services.training.queries.assistance import list_assistance, show_assistance, waiting
from services.training.subscriptions import SUBSCRIPTIONS
from services.training.use_cases.assist_borrower import end_assistance, note_visit, plan_assistance
from shared import history
from shared.bus.replay import canonical
from shared.bus.tables import event_log
from shared.events.training import AssistanceGiven
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound, Refused, Stale, clock
from tests.training.house import STRANGER, TRAINER, lend, number, register, withdraw
from tests.training.test_groups import events

pytestmark = pytest.mark.both_databases

LOAN = 9_001
TODAY = date(2026, 3, 5)


@pytest.fixture(autouse=True)
def _borrowers(session: Session) -> None:
    for enterprise, day in ((1, 20), (2, 10)):
        register(session, enterprise)
        lend(session, enterprise, ["market", "quality"], disbursed_on=date(2026, 2, day))


def plan(session: Session, loan: int = LOAN, **changed: Any) -> Assistance:
    told = {"kind": "on_site_training", "topics": ["market", "quality"], "goal": "Vender más", "planned_minutes": 600}
    told |= {"begins_on": TODAY}
    return plan_assistance(session, changed.pop("by", TRAINER), loan_id=number(loan), **(told | changed))


def visit(session: Session, made: Assistance, **changed: Any) -> Assistance:
    told = {"visit_id": uuid4(), "day": TODAY, "minutes": 90, "topics": ["market"], "done": "Se revisaron los precios"}
    return note_visit(session, changed.pop("by", TRAINER), assistance_id=made.id, **(told | changed))


def end(session: Session, made: Assistance, **changed: Any) -> Assistance:
    told = {"version": None, "ended_on": TODAY, "outcome": "reached"}
    return end_assistance(session, TRAINER, assistance_id=made.id, **(told | changed))


def test_credit_hears_of_each_visit_once(session: Session) -> None:
    made = plan(session)
    visit_id = uuid4()
    visit(session, made, visit_id=visit_id)
    visit(session, made, visit_id=visit_id)
    heard = select(event_log.c.data).where(event_log.c.type == AssistanceGiven.type)
    (told,) = session.scalars(heard)
    assert told == {
        "assistance_id": str(made.id),
        "visit_id": str(visit_id),
        "loan_id": str(number(LOAN)),
        "enterprise_id": str(made.enterprise_id),
        "given_on": TODAY.isoformat(),
        "minutes": 90,
    }


def who_waits(session: Session, caller: Caller = TRAINER) -> list[UUID]:
    return [row["loan_id"] for row in waiting(session, caller, {}, limit=50, after=None).rows]


def test_who_waits_longest_stands_first_until_her_first_visit(session: Session) -> None:
    assert who_waits(session) == [number(9_002), number(9_001)]
    first = waiting(session, TRAINER, {}, limit=1, after=None)
    assert (first.rows[0]["days"], first.rows[0]["needs"]) == (23, ["market", "quality"])
    assert [row["loan_id"] for row in waiting(session, TRAINER, {}, limit=1, after=first.next).rows] == [number(9_001)]
    made = plan(session)
    rows = {row["loan_id"]: row["assistance_id"] for row in waiting(session, TRAINER, {}, limit=9, after=None).rows}
    assert rows == {number(9_001): made.id, number(9_002): None}, "a plan alone is no visit"
    visit(session, made)
    assert who_waits(session) == [number(9_002)]
    assert who_waits(session, STRANGER) == []


def test_visits_and_hours_add_up_and_the_end_says_what_came_of_it(session: Session) -> None:
    made = plan(session)
    visit(session, made)
    visit(session, made, minutes=60, topics=["quality", "market"])
    end(session, made, outcome="partly", lessons="Falta el empaque")
    shown = show_assistance(session, TRAINER, made.id)
    assert (shown["visits"], shown["minutes"], shown["planned_minutes"]) == (2, 150, 600)
    assert (shown["outcome"], shown["lessons"], shown["ended_on"]) == ("partly", "Falta el empaque", TODAY)
    assert sorted(one["topics"] for one in shown["made"]) == [["market"], ["quality", "market"]]
    assert [entry["action"] for entry in history.of(session, made.id)] == ["plan", "visit", "visit", "end"]
    assert "Se revisaron" not in str(history.of(session, made.id)), "no words about her in the history"
    rows = list_assistance(session, TRAINER, {"state": "ended"}, limit=9, after=None).rows
    assert [row["id"] for row in rows] == [made.id]
    with pytest.raises(Refused, match=r"assistance\.ended"):
        visit(session, made)
    assert plan(session).id != made.id, "another plan may follow"


def test_a_visit_sent_again_is_noted_once(session: Session) -> None:
    made, once = plan(session), uuid4()
    for _ in range(2):
        visit(session, made, visit_id=once)
    assert show_assistance(session, TRAINER, made.id)["visits"] == 1
    with pytest.raises(Refused, match=r"assistance\.visit_differs"):
        visit(session, made, visit_id=once, minutes=30)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"begins_on": date(2026, 2, 19)}, "assistance.before_loan"),
        ({"topics": ["market", "market"]}, "assistance.topic_twice"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(session: Session, changed: Any, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        plan(session, **changed)
    assert refused.value.code == code


def test_what_cannot_have_been_is_refused(session: Session) -> None:
    with pytest.raises(NotFound, match=r"assistance\.unknown_loan"):
        plan(session, 1)
    with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
        plan(session, by=STRANGER)
    made = plan(session)
    with pytest.raises(Refused, match=r"assistance\.planned_already"):
        plan(session)
    with pytest.raises(Refused, match=r"assistance\.no_visit"):
        end(session, made)
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(Invalid, match=r"assistance\.day_out_of_range"):
            visit(session, made, day=day)
    with pytest.raises(Invalid, match=r"assistance\.other_topic"):
        visit(session, made, topics=["formalization"])
    with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
        visit(session, made, by=STRANGER)
    with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
        show_assistance(session, STRANGER, made.id)
    visit(session, made)
    with clock.frozen(clock.now() + timedelta(days=3)):
        visit(session, made, day=TODAY + timedelta(days=2))
        with pytest.raises(Invalid, match=r"assistance\.end_out_of_range"):
            end(session, made)
    with pytest.raises(Stale):
        end(session, made, version=made.version + 1)


def test_who_withdrew_waits_no_more_and_the_words_about_her_are_gone(session: Session) -> None:
    made = plan(session)
    visit(session, made)
    withdraw(session, 1)
    assert who_waits(session) == [number(9_002)]
    shown = show_assistance(session, TRAINER, made.id)
    assert (shown["goal"], shown["made"][0]["done"], shown["minutes"]) == ("", "", 90)
    (told,) = events(session, "erasure-completed")
    assert (told["erased"]["assistance_words"], "assistance_days" in told["kept"]) == (1, True)
    lend(session, 1, ["market"], loan=9_500)
    assert who_waits(session) == [number(9_002)], "nothing brings her back"


def test_the_same_events_again_make_the_same_loans(session: Session) -> None:
    first = canonical(session, SUBSCRIPTIONS.copy_tables)
    session.execute(delete(CopyLoan))
    for table in SUBSCRIPTIONS.copy_tables:
        if table.name == "copy_need":
            session.execute(table.delete().where(table.c.origin == "loan"))
    for enterprise, day in ((1, 20), (2, 10)):
        lend(session, enterprise, ["market", "quality"], disbursed_on=date(2026, 2, day))
    assert canonical(session, SUBSCRIPTIONS.copy_tables) == first
    assert len(session.scalars(select(CopyLoan)).all()) == 2

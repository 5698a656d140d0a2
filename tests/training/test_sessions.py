"""Sessions are planned, moved and cancelled; what they were before, who changed it and why stays."""

from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from services.training.cli import group as cli
from services.training.models import TrainingGroup, TrainingSession
from services.training.queries.sessions import list_sessions, show_session
from services.training.rules.timetable import Timetable
from services.training.use_cases.complete_group import complete_group
from services.training.use_cases.plan_session import cancel_session, close_session, move_session
from shared import history
from shared.database import Database
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound, Refused, Stale, clock, uuid7
from tests.training.house import COORDINATOR, STRANGER, TRAINER, lend, number, register, woman_of
from tests.training.lessons import FIRST, SECOND, at, form_group, mark, plan

pytestmark = pytest.mark.both_databases


@pytest.fixture
def group(session: Session) -> TrainingGroup:
    return form_group(session)


def move(session: Session, planned: TrainingSession, day: date = SECOND, **changed: Any) -> TrainingSession:
    told = {"first_day": day, "starts": "08:00", "ends": "12:00", "place": "Casa comunal", "reason": "Llueve"}
    by, version = changed.pop("by", TRAINER), changed.pop("version", None)
    return move_session(session, by, session_id=planned.id, version=version, **(told | changed))


def listed(session: Session, caller: Caller = TRAINER, **filters: Any) -> list[str]:
    return [row["title"] for row in list_sessions(session, caller, filters, limit=50, after=None).rows]


def test_a_moved_session_shows_what_it_was_what_it_is_who_moved_it_and_why(
    session: Session, group: TrainingGroup
) -> None:
    planned = plan(session, group)
    move(session, planned, by=COORDINATOR, place="Escuela Morazán")
    shown = show_session(session, TRAINER, planned.id)
    assert (shown["first_day"], shown["place"], shown["sequence"]) == (SECOND, "Escuela Morazán", 1)
    first, second = shown["revisions"]
    assert (first["action"], first["first_day"], first["before"]) == ("plan", FIRST, None)
    assert (second["action"], second["by_name"], second["reason"]) == ("move", COORDINATOR.name, "Llueve")
    assert (second["before"]["first_day"], second["before"]["place"]) == (FIRST, "Casa comunal")
    assert (second["first_day"], second["place"]) == (SECOND, "Escuela Morazán")
    assert [entry["action"] for entry in history.of(session, planned.id)] == ["plan", "move"]


def test_a_workshop_announced_for_14_and_15_may_and_reported_for_29_and_30_july_shows_both() -> None:
    """Montevideo in the seeds: 001 announces it, 003 reports when it was held."""

    def days(first: date, last: date) -> Timetable:
        return Timetable.of(first, last, "09:00", "17:00", "Montevideo", longest=14)

    workshop = TrainingSession.plan(
        uuid7(),
        ("workshop", uuid7()),
        "",
        "From Awareness to Action",
        days(date(2009, 5, 14), date(2009, 5, 15)),
        None,
        TRAINER,
    )
    workshop.move(days(date(2009, 7, 29), date(2009, 7, 30)), None, "Se reprogramó", COORDINATOR)
    told = [(one.action, one.first_day, one.last_day, one.by_name) for one in workshop.revisions]
    assert told == [
        ("plan", date(2009, 5, 14), date(2009, 5, 15), TRAINER.name),
        ("move", date(2009, 7, 29), date(2009, 7, 30), COORDINATOR.name),
    ]
    assert workshop.minutes == 2 * 8 * 60


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"last_day": FIRST - timedelta(days=1)}, "session.ends_before"),
        ({"last_day": FIRST + timedelta(days=14)}, "session.too_many_days"),
        ({"ends": "08:00"}, "session.no_time"),
        ({"minutes": 241}, "session.too_many_minutes"),
        ({"first_day": date(2026, 3, 4)}, "session.before_group"),
        ({"starts": "11:59", "ends": "13:00"}, "session.clash"),
    ],
)
def test_what_cannot_be_is_refused(session: Session, group: TrainingGroup, changed: Any, code: str) -> None:
    plan(session, group, title="La primera")
    with pytest.raises(Invalid) as refused:
        plan(session, group, **({"starts": "13:00", "ends": "15:00", "title": "Otra"} | changed))
    if code == "session.clash":
        assert refused.value.facts == {"title": "La primera", "day": FIRST}
    assert refused.value.code == code


def test_one_session_may_begin_when_the_other_ends_and_a_cancelled_one_is_in_nobodys_way(
    session: Session, group: TrainingGroup
) -> None:
    first = plan(session, group)
    plan(session, group, starts="12:00", ends="13:00", title="Después")
    cancel_session(session, TRAINER, session_id=first.id, version=None, reason="No hay local")
    plan(session, group, title="En su lugar")


def test_the_hours_of_teaching_may_be_fewer_than_the_time_it_takes_and_a_move_keeps_them(
    session: Session, group: TrainingGroup
) -> None:
    planned = plan(session, group, ends="16:00", minutes=360)
    assert move(session, planned, ends="16:00").minutes == 360
    assert move(session, planned, day=SECOND, ends="12:00").minutes == 240, "no more than the time it has now"


def test_a_session_is_changed_by_whom_it_concerns_and_who_saw_it_as_it_is(
    session: Session, group: TrainingGroup
) -> None:
    planned = plan(session, group)
    with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
        move(session, planned, by=STRANGER)
    with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
        show_session(session, STRANGER, planned.id)
    with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
        plan(session, group, by=STRANGER)
    with pytest.raises(Stale):
        move(session, planned, version=planned.version + 1)
    with pytest.raises(NotFound, match=r"session\.unknown"):
        cancel_session(session, TRAINER, session_id=uuid7(), version=None, reason="x")
    with pytest.raises(Invalid, match=r"session\.nothing_changed"):
        move(session, planned, day=FIRST)


def test_what_was_cancelled_or_attended_is_moved_no_more(session: Session, group: TrainingGroup) -> None:
    planned = plan(session, group)
    cancel_session(session, TRAINER, session_id=planned.id, version=None, reason="No hay local")
    assert show_session(session, TRAINER, planned.id)["revisions"][-1]["action"] == "cancel"
    with pytest.raises(Refused, match=r"session\.cancelled"):
        move(session, planned)
    held = plan(session, group)
    with clock.frozen(at(FIRST)):
        mark(session, held, 1)
        for change in (
            lambda: move(session, held),
            lambda: cancel_session(session, TRAINER, session_id=held.id, version=None, reason="x"),
        ):
            with pytest.raises(Refused, match=r"session\.attended_already"):
                change()


def test_attendance_is_closed_once_after_the_session_when_somebody_is_marked(
    session: Session, group: TrainingGroup
) -> None:
    planned = plan(session, group, last_day=FIRST + timedelta(days=1))

    def close() -> TrainingSession:
        return close_session(session, TRAINER, session_id=planned.id, version=None)

    with clock.frozen(at(FIRST)):
        with pytest.raises(Refused, match=r"session\.nobody_marked"):
            close()
        mark(session, planned, 1)
        with pytest.raises(Refused, match=r"session\.not_over"):
            close()
    with clock.frozen(at(SECOND)):
        assert (close().state, planned.closed_by_name) == ("closed", TRAINER.name)
        with pytest.raises(Refused, match=r"session\.closed"):
            close()


def test_a_group_whose_training_ended_has_no_further_session(session: Session, group: TrainingGroup) -> None:
    complete_group(
        session, TRAINER, group_id=group.id, version=None, completed_on=clock.today(), entrepreneur_ids=[woman_of(1)]
    )
    with pytest.raises(Refused, match=r"session\.group_completed"):
        plan(session, group)


def test_the_list_has_what_comes_by_its_days_and_what_was_the_latest_first(
    session: Session, group: TrainingGroup
) -> None:
    for title, day in (("Segunda", SECOND), ("Primera", FIRST)):
        plan(session, group, day, title=title)
    assert listed(session) == ["Primera", "Segunda"]
    assert listed(session, when="past") == []
    assert listed(session, STRANGER) == []
    with clock.frozen(at(SECOND + timedelta(days=1))):
        assert listed(session, when="past") == ["Segunda", "Primera"]
        assert listed(session, group_id=group.id) == ["Primera", "Segunda"], "of one group all of them"
    page = list_sessions(session, TRAINER, {}, limit=1, after=None)
    assert [row["title"] for row in list_sessions(session, TRAINER, {}, limit=1, after=page.next).rows] == ["Segunda"]


def test_the_commands_do_what_the_pages_do(database: Database) -> None:
    with database.transaction() as opened:
        form_group(opened)
    place = SimpleNamespace(service=lambda _name: SimpleNamespace(database=database))

    def run(*words: str) -> str:
        return CliRunner().invoke(cli, ("sessions", *words), obj=place).output.strip()

    made = run("plan", "1", "--title", "Costos", "--on", "2026-03-10", "--place", "Casa comunal")
    session_id = made.split()[0]
    moved = run("move", session_id, "--on", "2026-03-17", "--place", "Casa comunal", "--reason", "Llueve")
    assert moved == "1  2026-03-17  Costos"
    assert "2026-03-17 08:00-12:00" in run("list")
    assert "There is no group 9" in run("plan", "9", "--title", "x", "--on", "2026-03-10", "--place", "x")
    with clock.frozen(at(SECOND)):
        assert run("mark", session_id, str(woman_of(1)), "present", "--minutes", "192") == "present  192"
        assert run("close", session_id) == "closed"
        told = run("hours", "1")
    assert told.splitlines()[0] == "240 min, 1 x, 80 %"
    assert f"{woman_of(1)}     192   80.0 %  x" in told


def test_the_commands_of_assistance_do_what_the_pages_do(database: Database) -> None:
    with database.transaction() as opened:
        register(opened, 3)
        lend(opened, 3, ["market"])
    place = SimpleNamespace(service=lambda _name: SimpleNamespace(database=database))

    def run(*words: str) -> str:
        return CliRunner().invoke(cli, ("assistance", *words), obj=place).output.strip()

    assert run("waiting") == f"{number(9_003)}  2026-02-20    13  market"
    plan_id = run("plan", str(number(9_003)), "--topic", "market", "--goal", "Vender", "--minutes", "300")
    assert run("visit", plan_id, "--minutes", "60", "--topic", "market", "--done", "Precios") == "60"
    assert run("waiting") == ""
    assert run("end", plan_id, "--outcome", "reached") == "ended"

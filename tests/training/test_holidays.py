"""Public holidays of three countries; whoever plans on one is warned, and says that the day is kept."""

import csv
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session

from services.training.cli import group as cli
from services.training.models import TrainingGroup
from services.training.queries.sessions import show_session
from services.training.reference.holidays import TABLE, holidays
from services.training.use_cases.plan_activity import move_activity, plan_activity
from services.training.use_cases.plan_session import move_session
from shared import history, places
from shared.database import Database
from shared.kernel import Invalid, clock
from tests.training.house import COORDINATOR, TRAINER
from tests.training.lessons import FIRST, at, form_group, plan

pytestmark = pytest.mark.both_databases
GOOD_FRIDAY = date(2026, 4, 3)
WORKSHOP = {"kind": "workshop", "unit": "HN17", "city": "Nacaome", "title": "Taller ficticio", "topics": ""}
PLACES = {"capacity": 20, "gender_module": False}


@pytest.fixture
def group(session: Session) -> TrainingGroup:
    return form_group(session)


def names(unit: str, day: date, starts: str = "08:00", ends: str = "17:00") -> list[str]:
    return [one.en for one in holidays(unit, day, day, starts=starts, ends=ends)]


@pytest.mark.parametrize("unit", ["GT0101", "SV1401", "HN1709"])
@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 4, 2), "Maundy Thursday"),
        (GOOD_FRIDAY, "Good Friday"),
        (date(2026, 4, 4), "Holy Saturday"),
        (date(2027, 3, 26), "Good Friday"),
        (date(2026, 9, 15), "Independence Day"),
        (date(2027, 1, 1), "New Year"),
        (date(2026, 12, 25), "Christmas"),
    ],
)
def test_holy_week_moves_with_easter_and_the_three_countries_share_some_days(unit: str, day: date, name: str) -> None:
    assert names(unit, day) == [name]


@pytest.mark.parametrize(
    ("unit", "day", "name"),
    [
        ("GT1901", date(2026, 6, 29), "Army Day"),  # 30 June is a Tuesday: the Monday before
        ("GT1901", date(2026, 6, 30), None),
        ("GT1901", date(2027, 10, 20), "Revolution Day"),  # the constitutional court keeps it where it is
        ("GT1901", date(2026, 5, 10), "Mother's Day (of working mothers)"),
        ("GT0101", date(2026, 8, 15), "Assumption"),
        ("GT1901", date(2026, 8, 15), None),  # the festivity of the capital alone
        ("SV1401", date(2026, 8, 6), "Feast of the Divine Saviour"),
        ("SV1014", date(2026, 8, 3), "August festivities"),
        ("SV1014", date(2026, 8, 5), "August festivities"),
        ("SV1401", date(2026, 8, 5), None),
        ("SV1401", date(2026, 11, 2), "All Souls"),
        ("SV1401", date(2026, 6, 17), "Father's Day"),
        ("HN1709", date(2026, 4, 14), "Day of the Americas"),
        ("HN1709", date(2026, 4, 20), "Day of the Americas (moved to the Monday after)"),
        ("HN1709", date(2026, 10, 8), "Morazán week"),
        ("HN1709", date(2026, 10, 12), None),
        ("HN1709", date(2014, 10, 1), None),  # before Decreto 78-2015
    ],
)
def test_each_country_and_the_two_capitals_have_their_own(unit: str, day: date, name: str | None) -> None:
    assert names(unit, day) == ([name] if name else [])


@pytest.mark.parametrize(
    ("unit", "day", "morning", "afternoon"),
    [
        ("GT1901", date(2026, 12, 24), False, True),
        ("GT1901", date(2026, 12, 31), False, True),
        ("HN1709", date(2026, 10, 7), False, True),
        ("HN1709", date(2026, 10, 10), True, False),
    ],
)
def test_half_a_day_is_half_a_day(unit: str, day: date, morning: bool, afternoon: bool) -> None:
    assert bool(names(unit, day, "08:00", "12:00")) == morning
    assert bool(names(unit, day, "12:00", "16:00")) == afternoon
    assert bool(names(unit, day, "11:00", "13:00"))


def test_every_holiday_has_its_names_its_law_and_a_place_that_exists() -> None:
    with Path(TABLE).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(row["name_es"] and row["name_en"] and row["source"] for row in rows)
    assert {row["place"] for row in rows} <= set(places.names())


def test_who_plans_a_session_on_a_holiday_is_warned_and_keeps_the_day_by_saying_so(
    session: Session, group: TrainingGroup
) -> None:
    with clock.frozen(at(FIRST)):
        with pytest.raises(Invalid, match=r"day\.holiday") as warned:
            plan(session, group, GOOD_FRIDAY)
        assert warned.value.facts == {"day": GOOD_FRIDAY, "name": "Viernes Santo"}
        assert warned.value.pointer == "/on_holiday"
        kept = plan(session, group, GOOD_FRIDAY, on_holiday=True)
        told = [(one.day, one.es) for one in show_session(session, TRAINER, kept.id)["holidays"]]
        assert told == [(GOOD_FRIDAY, "Viernes Santo")]
        written = history.of(session, kept.id)[0]["after"]
    assert written["holidays"] == [GOOD_FRIDAY.isoformat()]


def test_a_session_of_several_days_meets_every_holiday_among_them_and_a_move_is_warned_too(
    session: Session, group: TrainingGroup
) -> None:
    with clock.frozen(at(FIRST)):
        planned = plan(session, group)
        told: dict[str, Any] = {"starts": "08:00", "ends": "12:00", "place": "Casa comunal", "reason": "Llueve"}
        days = {"first_day": date(2026, 4, 1), "last_day": date(2026, 4, 6)}
        with pytest.raises(Invalid, match=r"day\.holiday"):
            move_session(session, TRAINER, session_id=planned.id, version=None, **told, **days)
        move_session(session, TRAINER, session_id=planned.id, version=None, **told, **days, on_holiday=True)
        assert len(show_session(session, TRAINER, planned.id)["holidays"]) == 3


def test_what_is_over_is_written_down_without_a_warning(session: Session, group: TrainingGroup) -> None:
    with clock.frozen(at(date(2026, 4, 7))):
        plan(session, group, GOOD_FRIDAY)


def test_a_workshop_of_two_days_is_warned_of_its_second_one(session: Session) -> None:
    with clock.frozen(at(FIRST)):
        before_it = date(2026, 4, 13)
        with pytest.raises(Invalid, match=r"day\.holiday"):
            plan_activity(session, COORDINATOR, starts_on=before_it, **WORKSHOP, **PLACES)
        planned = plan_activity(session, COORDINATOR, starts_on=date(2026, 4, 15), **WORKSHOP, **PLACES)
        moved: dict[str, Any] = {"version": None, "starts_on": before_it, "reason": "Sede"}
        assert move_activity(session, COORDINATOR, planned.id, **moved, on_holiday=True).starts_on == before_it
        again = plan_activity(session, COORDINATOR, starts_on=date(2026, 4, 15), **WORKSHOP, **PLACES)
        with pytest.raises(Invalid, match=r"day\.holiday"):
            move_activity(session, COORDINATOR, again.id, **moved)


def test_the_command_keeps_the_day_by_its_option(database: Database) -> None:
    with database.transaction() as opened:
        form_group(opened)
    place = SimpleNamespace(service=lambda _name: SimpleNamespace(database=database))
    told = ("sessions", "plan", "1", "--title", "Costos", "--on", "2026-04-03", "--place", "Casa comunal")
    assert isinstance(CliRunner().invoke(cli, told, obj=place).exception, Invalid)
    assert "2026-04-03  Costos" in CliRunner().invoke(cli, (*told, "--on-holiday"), obj=place).output

"""The calendar feed: what a calendar program reads, and who it is shown to."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import icalendar
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from services.training.models import CalendarLink, TrainingGroup, TrainingSession
from services.training.queries.sessions import calendar_row, entries, list_calendars, opened_calendar
from services.training.rules.icalendar import Entry, feed
from services.training.rules.timetable import Timetable
from services.training.use_cases.plan_session import cancel_session, move_session
from services.training.use_cases.share_calendar import revoke_calendar, share_calendar
from shared.identity import Caller
from shared.kernel import Forbidden, NotFound, Refused, clock
from tests.training.house import STRANGER, TECHNICIAN, TRAINER
from tests.training.lessons import FIRST, SECOND, at, form_group, plan

pytestmark = pytest.mark.both_databases

KEY = b"k" * 32
_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=200)


def entry(**changed: Any) -> Entry:
    timetable = Timetable(FIRST, FIRST, "08:00", "12:00", changed.pop("place", "Casa comunal"))
    known = {"id": uuid4(), "sequence": 0, "changed_at": at(FIRST), "title": "Costos", "description": "Grupo 1"}
    return Entry(**({"timetable": timetable} | known | changed))


def read(content: bytes) -> list[Any]:
    return list(icalendar.Calendar.from_ical(content).walk("VEVENT"))


def say(code: str, **facts: Any) -> str:
    return f"{code} {' '.join(map(str, facts.values()))}"


@pytest.fixture
def group(session: Session) -> TrainingGroup:
    return form_group(session)


@pytest.fixture
def planned(session: Session, group: TrainingGroup) -> TrainingSession:
    return plan(session, group)


def shown(session: Session, link: CalendarLink, of: Caller = TRAINER) -> list[Any]:
    return read(feed("CSEM", entries(session, link, of.scope, say)))


def test_a_calendar_program_reads_when_where_and_what() -> None:
    one = entry()
    (event,) = read(feed("CSEM", [one]))
    assert event["DTSTART"].dt == datetime(2026, 3, 10, 14, tzinfo=UTC)
    assert event["DTEND"].dt == datetime(2026, 3, 10, 18, tzinfo=UTC)
    assert (event["UID"], event["SEQUENCE"], event["STATUS"]) == (str(one.id), 0, "CONFIRMED")
    assert (event["SUMMARY"], event["LOCATION"]) == ("Costos", "Casa comunal")


def test_a_session_of_two_days_repeats_daily() -> None:
    two = Timetable(FIRST, FIRST + timedelta(days=1), "08:00", "12:00", "x")
    (event,) = read(feed("CSEM", [entry(timetable=two)]))
    assert dict(event["RRULE"]) == {"FREQ": ["DAILY"], "COUNT": [2]}


@given(_TEXT, _TEXT, _TEXT)
def test_every_text_comes_back_as_it_was_and_no_line_is_longer_than_75_octets(
    title: str, place: str, description: str
) -> None:
    content = feed("CSEM", [entry(title=title, place=place, description=f"{description}\n{title}")])
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
    content.decode()
    (event,) = read(content)
    assert (event["SUMMARY"], event["LOCATION"]) == (title, place)
    assert event["DESCRIPTION"] == f"{description}\n{title}"


def test_a_moved_session_keeps_its_uid_and_its_sequence_grows(
    session: Session, group: TrainingGroup, planned: TrainingSession
) -> None:
    link = share_calendar(session, TRAINER, language="es")
    (before,) = shown(session, link)
    told = {"first_day": SECOND, "starts": "13:00", "ends": "15:00", "place": "Escuela", "reason": "Nadie lo lee aquí"}
    move_session(session, TRAINER, session_id=planned.id, version=None, **told)
    (after,) = shown(session, link)
    assert (before["UID"], before["SEQUENCE"]) == (str(planned.id), 0)
    assert (after["UID"], after["SEQUENCE"]) == (str(planned.id), 1)
    assert after["DTSTART"].dt == at(SECOND, 13).astimezone(UTC)
    assert f"calendar.moved {FIRST} {FIRST} Casa comunal" in after["DESCRIPTION"]
    assert group.name in after["DESCRIPTION"]
    assert "Nadie lo lee" not in after["DESCRIPTION"], "why is not for whoever has the address"
    cancel_session(session, TRAINER, session_id=planned.id, version=None, reason="x")
    (gone,) = shown(session, link)
    assert (gone["SEQUENCE"], gone["STATUS"]) == (2, "CANCELLED")


def test_a_calendar_shows_the_territory_of_who_made_it_or_one_group(
    session: Session, group: TrainingGroup, planned: TrainingSession
) -> None:
    assert shown(session, share_calendar(session, STRANGER, language="es"), STRANGER) == []
    assert len(shown(session, share_calendar(session, TECHNICIAN, language="en"), TECHNICIAN)) == 1
    of_one = share_calendar(session, TRAINER, language="es", group_id=group.id)
    assert len(shown(session, of_one)) == 1
    assert shown(session, of_one, STRANGER) == [], "her territory is another one now"
    with pytest.raises(Forbidden, match=r"permission\.outside_scope"):
        share_calendar(session, STRANGER, language="es", group_id=group.id)
    assert planned.unit == group.municipality


def test_an_address_is_read_until_its_last_day_or_until_its_owner_takes_it_back(session: Session) -> None:
    link = share_calendar(session, TRAINER, language="es")
    token = calendar_row(session, link, KEY)["token"]
    assert opened_calendar(session, token, KEY) is link
    assert [row["id"] for row in list_calendars(session, TRAINER, KEY)] == [link.id]
    assert list_calendars(session, TECHNICIAN, KEY) == []

    def refused(text: str = token, key: bytes = KEY) -> bool:
        with pytest.raises(NotFound, match=r"calendar\.not_shown"):
            opened_calendar(session, text, key)
        return True

    assert refused(key=b"x" * 32)
    assert refused("B" + token[1:])
    assert refused("no")
    with clock.frozen(at(link.expires_on + timedelta(days=1))):
        assert refused()
    with pytest.raises(NotFound, match=r"calendar\.unknown"):
        revoke_calendar(session, TECHNICIAN, link.id)
    revoke_calendar(session, TRAINER, link.id)
    assert refused()
    with pytest.raises(Refused, match=r"calendar\.revoked_already"):
        revoke_calendar(session, TRAINER, link.id)

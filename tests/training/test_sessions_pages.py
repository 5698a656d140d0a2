"""The pages and the API of sessions: planned, moved, attended on a phone and through the printed sheet, in a calendar."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import icalendar
import pytest
from sqlalchemy import select

from services.portal.models import Account
from services.portal.use_cases.change_account import change_account
from services.portal.use_cases.open_account import open_account
from services.training.app import build
from services.training.models import AttendanceMark, TrainingGroup
from services.training.use_cases.plan_session import close_session
from shared.kernel import clock
from shared.service import Service
from shared.testing import fill, settings_of
from shared.web import Peers
from tests.portal.conftest import PASSWORD, SETUP, Browser, Portal, built, text_of
from tests.training.house import TODAY, TRAINER, lend, register, woman_of
from tests.training.lessons import FIRST, at, form_group, mark, plan
from tests.training.test_api import Registry

PLANNED = {"title": "Costos y precios", "first_day": "2026-03-10", "starts": "08:00", "ends": "12:00", "place": "Casa"}


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with built("sqlite", tmp_path) as found:
        settings = settings_of("training", tmp_path)
        peers = Peers(settings, found.keys["training"], {"registry": Registry().web, "portal": found.web})
        service = build(settings, found.keys["training"], peers)
        fill(service.database, "training")
        found.apps["training"] = service.web
        found.apps["training service"] = service
        with service.database.transaction() as session:
            form_group(session)
            register(session, 50)
            lend(session, 50, ["market"])
        yield found
        service.database.dispose()


@pytest.fixture
def trainer(portal: Portal) -> Browser:
    return portal.signed_in("trainer", units=("HN17",))


@pytest.fixture
def group(portal: Portal) -> str:
    """The address of the group."""
    service: Service = portal.apps["training service"]
    with service.database.reading() as session:
        return f"/training/groups/{session.scalar(select(TrainingGroup.id))}"


@pytest.fixture
def planned(portal: Portal) -> str:
    """The address of a session of the group."""
    service: Service = portal.apps["training service"]
    with service.database.transaction() as session:
        made = plan(session, session.scalars(select(TrainingGroup)).one())
        return f"/training/sessions/{made.id}"


@pytest.fixture
def held(portal: Portal) -> str:
    """The address of a session of today."""
    service: Service = portal.apps["training service"]
    with service.database.transaction() as session:
        made = plan(session, session.scalars(select(TrainingGroup)).one(), TODAY.date())
        return f"/training/sessions/{made.id}"


def marks(portal: Portal) -> list[AttendanceMark]:
    service: Service = portal.apps["training service"]
    with service.database.reading() as session:
        return list(session.scalars(select(AttendanceMark).order_by(AttendanceMark.marked_at)))


def test_a_session_is_planned_moved_and_shows_both(trainer: Browser, group: str) -> None:
    empty = trainer.get("/training/sessions")
    assert "No hay sesiones planificadas" in text_of(empty)
    trainer.get(f"{group}/sessions/new")
    refused = trainer.post(f"{group}/sessions/new", PLANNED | {"ends": "07:00"})
    assert (refused.status_code, 'value="Costos y precios"' in refused.text) == (422, True)
    assert "La hora de fin debe ser posterior" in text_of(refused)
    made = trainer.post(f"{group}/sessions/new", PLANNED)
    assert made.status_code == 303
    address = str(made.headers["Location"])
    version = re.findall(r'name="version" value="(\d+)"', trainer.get(address).text)[0]
    moved = PLANNED | {"first_day": "2026-03-17", "reason": "Se inundó el camino", "version": version}
    assert trainer.post(f"{address}/move", moved, page=address).status_code == 303
    told = text_of(trainer.get(address))
    assert "Antes: 10 mar 2026, 08:00–12:00, Casa. Motivo: Se inundó el camino" in told
    assert "Movida" in text_of(trainer.get("/training/sessions"))
    assert "Costos y precios" in text_of(trainer.get(group))
    stale = trainer.post(f"{address}/move", moved | {"first_day": "2026-03-24"}, page=address)
    assert (stale.status_code, "mientras tanto" in text_of(stale)) == (412, True)


def test_a_holiday_is_told_on_the_page_and_kept_by_ticking_so(trainer: Browser, group: str) -> None:
    form = PLANNED | {"first_day": "2026-09-15"}
    assert "aunque sea feriado" not in trainer.get(f"{group}/sessions/new").text
    warned = trainer.post(f"{group}/sessions/new", form)
    assert (warned.status_code, 'name="on_holiday"' in warned.text) == (422, True)
    assert "es feriado: Independencia, 15 sept 2026" in text_of(warned)
    made = trainer.post(f"{group}/sessions/new", form | {"on_holiday": "yes"})
    assert made.status_code == 303
    told = text_of(trainer.get(str(made.headers["Location"])))
    assert "Cae en día feriado. 15 de septiembre de 2026: Independencia" in told


def test_attendance_is_taken_on_the_page_once_and_the_rule_proposes_who_completed(
    portal: Portal, trainer: Browser, group: str, held: str
) -> None:
    page = trainer.get(f"{held}/attendance").text
    women = re.findall(r'name="women" value="([0-9a-f-]{36})"', page)
    assert len(women) == 8
    form = {"women": women, **dict(re.findall(r'name="((?:was|seen|mark)-[0-9a-f-]{36})" value="([^"]*)"', page))}
    first, second = women[:2]
    said = {
        f"status-{first}": "present",
        f"hours-{first}": "",
        f"status-{second}": "present",
        f"hours-{second}": "1,5",
    }
    wrong = trainer.post(f"{held}/attendance", form | said | {f"hours-{second}": "9"}, page=f"{held}/attendance")
    assert (wrong.status_code, "entre 1 y 240 minutos" in text_of(wrong)) == (422, True)
    assert 'value="9"' in wrong.text, "what she typed stands"
    done = trainer.post(f"{held}/attendance", form | said, page=f"{held}/attendance")
    assert done.status_code == 303
    assert [(mark.status, mark.minutes) for mark in marks(portal)] == [("present", 240), ("present", 90)]
    version = re.findall(r'name="version" value="(\d+)"', trainer.get(held).text)[0]
    assert trainer.post(f"{held}/closing", {"version": version}, page=held).status_code == 303
    shown = trainer.get(group)
    assert "Horas impartidas: 4. Sesiones: 1." in text_of(shown)
    assert re.findall(r'name="women" value="([0-9a-f-]{36})" checked', shown.text) == [first]


def test_a_mark_of_a_phone_is_answered_and_one_of_another_group_is_refused_in_words(
    portal: Portal, trainer: Browser, held: str
) -> None:
    sent = {"mark_id": "0190c1e0-0000-7000-8000-000000000001", "status": "present", "way": "offline"}
    for _ in range(2):
        made = trainer.post(
            f"{held}/marks",
            sent | {"woman": str(woman_of(1)), "marked_ms": "1773154800000"},
            page=f"{held}/attendance",
        )
        assert (made.status_code, made.json) == (200, {"stands": True, "contradicts": False})
    other = trainer.post(f"{held}/marks", sent | {"woman": str(woman_of(50))}, page=f"{held}/attendance")
    assert other.status_code == 422
    assert "no está en el grupo 1" in other.json["said"]
    junk = {"woman": "x", "mark_id": "1", "marked_ms": "-9", "hours": "mucho"}
    assert trainer.post(f"{held}/marks", sent | junk, page=f"{held}/attendance").status_code == 422
    assert len(marks(portal)) == 1


def test_the_sheet_is_printed_and_its_codes_mark_without_signing_in(
    portal: Portal, trainer: Browser, planned: str
) -> None:
    trainer.get(planned)
    assert trainer.post(f"{planned}/sheets").status_code == 303
    address = re.findall(rf"{planned}/sheets/[0-9a-f-]{{36}}", trainer.get(planned).text)[0]
    pdf = trainer.get(address)
    assert (pdf.status_code, pdf.data[:5]) == (200, b"%PDF-")
    token = re.findall(rb"/attendance/([A-Za-z0-9_-]{48})", pdf.data)[0].decode()
    stranger = portal.browser()
    early = stranger.get(f"/attendance/{token}")
    assert (early.status_code, "La sesión no ha empezado" in text_of(early)) == (200, True)
    with clock.frozen(at(FIRST)):
        page = stranger.get(f"/attendance/{token}")
        assert "Fila 1" in text_of(page)
        assert "Marta" not in page.text
        mark_id = re.findall(r'name="mark_id" value="([^"]+)"', page.text)[0]
        missing = stranger.post(f"/attendance/{token}", {"mark_id": mark_id}, page=f"/attendance/{token}")
        assert missing.status_code == 422
        form = {"mark_id": mark_id, "status": "present", "hours": "4"}
        assert "quedó anotada" in text_of(stranger.post(f"/attendance/{token}", form, page=f"/attendance/{token}"))
        assert [mark.way for mark in marks(portal)] == ["sheet"]
    for nowhere in ("x", "A" * 48):
        assert stranger.get(f"/attendance/{nowhere}").status_code == 404


def test_a_calendar_is_read_without_signing_in_until_it_is_made_void(
    portal: Portal, trainer: Browser, planned: str
) -> None:
    trainer.get("/training/calendar")
    assert trainer.post("/training/calendar", {"group_id": ""}).status_code == 303
    page = trainer.get("/training/calendar").text
    address = re.findall(r"/calendar/[A-Za-z0-9_-]{48}\.ics", page)[0]
    feed = portal.browser().get(address)
    assert feed.content_type == "text/calendar; charset=utf-8"
    assert "Set-Cookie" not in feed.headers
    (event,) = icalendar.Calendar.from_ical(feed.data).walk("VEVENT")
    assert event["UID"] == planned.rpartition("/")[2]
    revoke = re.findall(r'action="(/training/calendar/[0-9a-f-]{36}/revocation)"', page)[0]
    assert trainer.post(revoke, page="/training/calendar").status_code == 303
    gone = portal.browser().get(address)
    assert (gone.status_code, gone.content_type) == (404, "text/plain; charset=utf-8")
    assert portal.browser().get("/calendar/x.ics").status_code == 404


def test_a_calendar_shows_the_territory_of_its_maker_today_and_nothing_once_she_works_there_no_more(
    portal: Portal, trainer: Browser, planned: str
) -> None:
    trainer.get("/training/calendar")
    trainer.post("/training/calendar", {"group_id": ""})
    address = re.findall(r"/calendar/[A-Za-z0-9_-]{48}\.ics", trainer.get("/training/calendar").text)[0]

    def events(**changed: Any) -> int | None:
        """How many sessions are read once her account was changed; None where no calendar is."""
        with portal.database.transaction() as session:
            her = session.scalars(select(Account).where(Account.username == "maria")).one()
            told = {
                "name": her.name,
                "roles": ["trainer"],
                "units": ["HN17"],
                "centre": "",
                "seat": None,
                "active": True,
            }
            change_account(session, SETUP, account_id=her.id, version=None, **(told | changed))
        feed = portal.browser().get(address)
        if feed.status_code == 404:
            return None
        return len(icalendar.Calendar.from_ical(feed.data).walk("VEVENT"))

    with portal.database.transaction() as session:
        open_account(session, SETUP, username="admin", name="Ada", roles=["admin"], units=["*"], password=PASSWORD)
    assert events() == 1
    assert events(units=["GT01"]) == 0
    assert events(units=["HN"], roles=["coordinator"]) == 1
    assert events(roles=["cashier"]) is None
    assert events(active=False) is None
    assert events() == 1


def test_a_calendar_is_not_shown_while_nobody_says_where_its_maker_works(
    portal: Portal, trainer: Browser, planned: str
) -> None:
    trainer.get("/training/calendar")
    trainer.post("/training/calendar", {"group_id": ""})
    token = re.findall(r"/calendar/([A-Za-z0-9_-]{48})\.ics", trainer.get("/training/calendar").text)[0]
    service: Service = portal.apps["training service"]
    alone = build(service.settings, portal.keys["training"], Peers(service.settings, portal.keys["training"], {}))
    asked = {"Authorization": f"Bearer {portal.keys['portal'].service_token()}"}
    answer = alone.web.test_client().get(f"/api/training/v1/calendar-links/{token}/calendar", headers=asked)
    alone.database.dispose()
    assert (answer.status_code, answer.json["code"]) == (503, "calendar.not_now")


def test_a_borrower_is_planned_for_and_visited(trainer: Browser) -> None:
    page = trainer.get("/training/assistance")
    assert "Pescadería 50" in text_of(page)
    loan = re.findall(r"/training/assistance/loans/[0-9a-f-]{36}", page.text)[0]
    form = trainer.get(loan)
    assert re.search(r'name="topics" value="market" checked', form.text), "what the appraisal found"
    sent = {"kind": "on_site_training", "topics": ["market"], "goal": "", "hours": "10", "begins_on": "2026-03-05"}
    refused = trainer.post(loan, sent, page=loan)
    assert refused.status_code == 422
    made = trainer.post(loan, sent | {"goal": "Vender más"}, page=loan)
    address = str(made.headers["Location"])
    page = trainer.get(address)
    visit_id = re.findall(r'name="visit_id" value="([^"]+)"', page.text)[0]
    visit = {"visit_id": visit_id, "day": "2026-03-05", "hours": "1.5", "topics": ["market"], "done": "Precios"}
    assert trainer.post(f"{address}/visits", visit, page=address).status_code == 303
    assert "Horas: 1.5. Visitas: 1." in text_of(trainer.get(address))
    assert "Nadie espera" in text_of(trainer.get("/training/assistance"))
    version = re.findall(r'name="version" value="(\d+)"', trainer.get(address).text)[0]
    end = {"version": version, "ended_on": "2026-03-05", "outcome": "reached", "lessons": ""}
    assert trainer.post(f"{address}/end", end, page=address).status_code == 303
    assert "Se alcanzó la meta" in text_of(trainer.get(address))


def test_each_role_finds_what_is_hers(portal: Portal, group: str, planned: str) -> None:
    pages = ("/training/sessions", planned, f"{planned}/attendance", "/training/assistance", "/training/calendar")
    auditor = portal.signed_in("auditor", username="aurora")
    for page in pages:
        shown = auditor.get(page)
        assert (page, shown.status_code) == (page, 200)
    assert "Anotar la asistencia" not in text_of(auditor.get(f"{planned}/attendance"))
    assert auditor.get(f"{group}/sessions/new").status_code == 403
    planner = portal.signed_in("planner", username="estrella")
    assert {planner.get(page).status_code for page in pages} == {403}
    elsewhere = portal.signed_in("trainer", username="gloria", units=("GT01",))
    assert {elsewhere.get(page).status_code for page in pages[1:3]} == {403}
    assert portal.browser().get(planned).status_code == 303


def test_diplomas_begin_with_the_hours_of_the_roll(portal: Portal, trainer: Browser, group: str) -> None:
    service: Service = portal.apps["training service"]
    with service.database.transaction() as session:
        mine = session.scalars(select(TrainingGroup)).one()
        planned = plan(session, mine, TODAY.date())
        first, *others = [member.entrepreneur_id for member in mine.members]
        mark(session, planned, first, minutes=90)
        for woman in others:
            mark(session, planned, woman)
        close_session(session, TRAINER, session_id=planned.id, version=None)
        mine.complete(clock.today(), others)

    page = trainer.get(f"/training/diplomas/new?group={group.rpartition('/')[2]}").text

    assert re.search(r'name="hours"[^>]*value="4\.0"|value="4\.0"[^>]*name="hours"', page)
    assert re.search(rf'name="hours-{first}"[^>]*value="1\.5"|value="1\.5"[^>]*name="hours-{first}"', page)

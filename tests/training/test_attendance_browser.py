"""Attendance on a phone: marks made without a line stay on it and are sent once each when the line is back."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect
from sqlalchemy import select

from services.training.app import build
from services.training.models import AttendanceMark, TrainingGroup
from services.training.use_cases.confirm_group import rename_group
from services.training.use_cases.plan_session import close_session, move_session
from services.training.use_cases.print_sheet import issue_sheet
from shared import links
from shared.service import Service
from shared.testing import fill, settings_of
from shared.web import Peers
from tests.portal.conftest import PASSWORD, Portal, built
from tests.portal.screen import WIDTHS, chromium, overflows, served, violations
from tests.training.house import TODAY, TRAINER, lend, register, woman_of
from tests.training.lessons import SECOND, form_group, mark, plan
from tests.training.test_api import Registry

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Portal, Service, str]]:
    with built("sqlite", tmp_path) as portal:
        settings = settings_of("training", tmp_path)
        service = build(
            settings, portal.keys["training"], Peers(settings, portal.keys["training"], {"registry": Registry().web})
        )
        fill(service.database, "training")
        portal.apps["training"] = service.web
        portal.open("trini", "trainer", units=("HN17",), name="Trini Capacitadora")
        with served(portal.web) as address:
            yield portal, service, address
        service.database.dispose()


@pytest.fixture
def session_id(house: tuple[Portal, Service, str]) -> str:
    with house[1].database.transaction() as session:
        return str(plan(session, form_group(session), TODAY.date()).id)


def phone(browser: Browser, address: str, width: int = 360, **more: Any) -> BrowserContext:
    context = browser.new_context(base_url=address, viewport={"width": width, "height": 800}, **more)
    context.add_cookies([{"name": "language", "value": "es", "url": address}])
    return context


def sign_in(page: Page) -> None:
    page.goto("/sign-in")
    page.fill("[name=username]", "trini")
    page.fill("[name=password]", PASSWORD)
    page.click('form[action="/sign-in"] .actions button')
    page.wait_for_url("**/")


def tick(page: Page, woman: int, status: str) -> None:
    page.check(f'[data-woman="{woman_of(woman)}"] [value={status}]')


def kept(service: Service) -> list[tuple[Any, str, str, bool]]:
    with service.database.reading() as session:
        rows = session.scalars(
            select(AttendanceMark).order_by(AttendanceMark.entrepreneur_id, AttendanceMark.marked_at)
        )
        return [(row.entrepreneur_id, row.status, row.way, row.stands) for row in rows]


def test_marks_made_without_a_line_are_sent_once_each_when_it_is_back(
    browser: Browser, house: tuple[Portal, Service, str], session_id: str
) -> None:
    _, service, address = house
    context = phone(browser, address)
    page = context.new_page()
    sign_in(page)
    page.goto(f"/training/sessions/{session_id}/attendance")
    context.set_offline(True)
    tick(page, 1, "present")
    tick(page, 2, "absent")
    tick(page, 3, "excused")
    expect(page.get_by_role("status")).to_contain_text("No hay señal")
    assert kept(service) == []
    context.set_offline(False)
    expect(page.get_by_role("status")).to_have_text("Todo está enviado.")
    noted = [
        (woman_of(1), "present", "offline", True),
        (woman_of(2), "absent", "offline", True),
        (woman_of(3), "excused", "offline", True),
    ]
    assert kept(service) == noted
    page.reload()
    expect(page.locator(f'[data-woman="{woman_of(2)}"] [value=absent]')).to_be_checked()
    assert kept(service) == noted, "nothing is sent a second time"
    assert page.evaluate("localStorage.length") == 0
    context.close()


def test_marks_survive_a_closed_page_and_one_whose_answer_was_lost_is_noted_once(
    browser: Browser, house: tuple[Portal, Service, str], session_id: str
) -> None:
    _, service, address = house
    context = phone(browser, address)
    page = context.new_page()
    sign_in(page)
    page.goto(f"/training/sessions/{session_id}/attendance")

    def lose_the_answer(route: Any) -> None:
        route.fetch()
        route.abort()

    page.route("**/marks", lose_the_answer)
    tick(page, 1, "present")
    expect(page.get_by_role("status")).to_contain_text("No hay señal")
    assert len(kept(service)) == 1, "it arrived, and the phone does not know"
    page.close()
    again = context.new_page()
    again.goto(f"/training/sessions/{session_id}/attendance")
    expect(again.get_by_role("status")).to_have_text("Todo está enviado.")
    assert len(kept(service)) == 1
    context.close()


def test_a_mark_that_is_refused_says_why_and_is_not_kept(
    browser: Browser, house: tuple[Portal, Service, str], session_id: str
) -> None:
    _, service, address = house
    context = phone(browser, address)
    page = context.new_page()
    sign_in(page)
    page.goto(f"/training/sessions/{session_id}/attendance")
    with service.database.transaction() as session:
        from services.training.models import TrainingSession

        found = session.scalars(select(TrainingSession)).one()
        mark(session, found, 8)
        close_session(session, TRAINER, session_id=found.id, version=None)
    tick(page, 1, "present")
    expect(page.locator("[data-refused]")).to_contain_text("La asistencia está cerrada")
    assert len(kept(service)) == 1
    assert page.evaluate("localStorage.length") == 0
    context.close()


NO_LINE = "No hay señal: esta es la lista"


def keep_list(page: Page, session_id: str) -> None:
    page.goto(f"/training/sessions/{session_id}/attendance")
    page.get_by_role("button", name="Guardar esta lista en este teléfono").click()
    expect(page.locator("[data-keep-state]")).to_contain_text("Está en este teléfono hasta el")


def opens_without_a_line(context: BrowserContext, session_id: str) -> bool:
    context.set_offline(True)
    page = context.new_page()
    try:
        page.goto(f"/training/sessions/{session_id}/attendance")
    except Error:
        return False
    else:
        return NO_LINE in page.inner_text("main")
    finally:
        page.close()
        context.set_offline(False)


def stores(page: Page) -> list[str]:
    names: list[str] = page.evaluate("caches.keys()")
    return names


def test_a_kept_list_opens_again_without_a_line_and_each_mark_is_sent_once(
    browser: Browser, house: tuple[Portal, Service, str], session_id: str
) -> None:
    _, service, address = house
    context = phone(browser, address)
    page = context.new_page()
    sign_in(page)
    keep_list(page, session_id)
    page.close()
    context.set_offline(True)
    page = context.new_page()
    page.goto(f"/training/sessions/{session_id}/attendance")
    expect(page.locator("[data-old]")).to_contain_text(NO_LINE)
    assert page.evaluate("getComputedStyle(document.querySelector('.top')).backgroundColor") != "rgba(0, 0, 0, 0)"
    _picture(page, "kept", 360)
    tick(page, 1, "present")
    page.reload()
    expect(page.locator(f'[data-woman="{woman_of(1)}"] [value=present]')).to_be_checked()
    tick(page, 2, "excused")
    expect(page.locator("[data-line]")).to_contain_text("No hay señal")
    assert kept(service) == []
    context.set_offline(False)
    expect(page.locator("[data-line]")).to_have_text("Todo está enviado.")
    page.reload()
    expect(page.locator("[data-old]")).to_be_hidden()
    expect(page.locator(f'[data-woman="{woman_of(2)}"] [value=excused]')).to_be_checked()
    assert kept(service) == [
        (woman_of(1), "present", "offline", True),
        (woman_of(2), "excused", "offline", True),
    ]
    context.close()


def test_two_phones_without_a_line_note_all_and_the_later_mark_stands(
    browser: Browser, house: tuple[Portal, Service, str], session_id: str
) -> None:
    _, service, address = house
    phones = [phone(browser, address) for _ in range(2)]
    pages = []
    for context in phones:
        page = context.new_page()
        sign_in(page)
        keep_list(page, session_id)
        context.set_offline(True)
        page.reload()
        pages.append(page)
    for minutes, page, status in zip((40, 20), pages, ("absent", "present"), strict=True):
        page.clock.set_fixed_time(TODAY - timedelta(minutes=minutes))
        tick(page, 1, status)
    for context, page in reversed(list(zip(phones, pages, strict=True))):
        context.set_offline(False)
        expect(page.locator("[data-line]")).to_have_text("Todo está enviado.")
    assert sorted(kept(service)) == [
        (woman_of(1), "absent", "offline", False),
        (woman_of(1), "present", "offline", True),
    ]
    for context in phones:
        context.close()


def test_a_list_that_nobody_kept_does_not_open_without_a_line(
    browser: Browser, house: tuple[Portal, Service, str], session_id: str
) -> None:
    _, service, address = house
    context = phone(browser, address)
    page = context.new_page()
    sign_in(page)
    with service.database.transaction() as session:
        group = session.scalars(select(TrainingGroup)).one()
        other = str(plan(session, group, TODAY.date(), title="Otra", starts="13:00", ends="15:00").id)
    keep_list(page, session_id)
    page.goto(f"/training/sessions/{other}/attendance")
    page.goto(f"/training/sessions/{session_id}")
    assert not opens_without_a_line(context, other)
    assert opens_without_a_line(context, session_id)
    context.close()


def test_what_was_kept_goes_with_the_sign_out_and_marks_wait_for_their_account(
    browser: Browser, house: tuple[Portal, Service, str], session_id: str
) -> None:
    _, service, address = house
    context = phone(browser, address)
    page = context.new_page()
    sign_in(page)
    keep_list(page, session_id)
    page.route("**/marks", lambda route: route.abort())
    tick(page, 1, "present")
    page.goto("/")
    page.click("details.menu summary")
    page.click('form[action="/sign-out"] button')
    page.wait_for_url("**/sign-in?left=1")
    assert stores(page) == []
    assert not opens_without_a_line(context, session_id)
    assert str(woman_of(1)) in page.evaluate("JSON.stringify(localStorage)"), "an id, and no name"
    page.unroute("**/marks")
    sign_in(page)
    page.goto(f"/training/sessions/{session_id}/attendance")
    expect(page.locator("[data-line]")).to_have_text("Todo está enviado.")
    assert len(kept(service)) == 1
    context.close()


def test_who_is_signed_out_by_the_house_has_no_list_left(
    browser: Browser, house: tuple[Portal, Service, str], session_id: str
) -> None:
    _, _, address = house
    context = phone(browser, address)
    page = context.new_page()
    sign_in(page)
    keep_list(page, session_id)
    context.clear_cookies()
    page.goto(f"/training/sessions/{session_id}/attendance")
    assert "/sign-in?next=" in page.url
    assert stores(page) == []
    assert not opens_without_a_line(context, session_id)
    context.close()


def test_a_kept_list_is_removed_on_request_and_by_itself_when_its_hours_are_over(
    browser: Browser, house: tuple[Portal, Service, str], session_id: str
) -> None:
    _, _, address = house
    context = phone(browser, address)
    page = context.new_page()
    sign_in(page)
    keep_list(page, session_id)
    page.get_by_role("button", name="Quitarla de este teléfono").click()
    expect(page.locator("[data-keep-state]")).to_have_text("Ya no está en este teléfono.")
    assert not opens_without_a_line(context, session_id)
    page.evaluate("document.querySelector('[data-keep]').dataset.hours = '0'")
    page.get_by_role("button", name="Guardar esta lista en este teléfono").click()
    expect(page.locator("[data-keep-state]")).to_contain_text("Está en este teléfono")
    page.wait_for_timeout(50)
    assert not opens_without_a_line(context, session_id)
    assert stores(page) == []
    context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_nothing_is_cut_off(
    browser: Browser, house: tuple[Portal, Service, str], session_id: str, width: int
) -> None:
    portal, service, address = house
    with service.database.transaction() as session:
        group = session.scalars(select(TrainingGroup)).one()
        rename_group(session, TRAINER, group_id=group.id, version=None, name="Las Salineras")
        other = plan(session, group, SECOND, title="Registro de ventas y gastos")
        moved = {"first_day": SECOND, "starts": "13:00", "ends": "16:00", "place": "Escuela Morazán"}
        move_session(session, TRAINER, session_id=other.id, version=None, reason="Se inundó el camino", **moved)
        register(session, 50)
        lend(session, 50, ["market", "quality"])
        women = [woman_of(woman) for woman in range(1, 9)]
        from uuid import UUID

        sheet = issue_sheet(session, TRAINER, session_id=UUID(session_id), members=women)
        from services.training.models import TrainingSession

        found = session.get_one(TrainingSession, UUID(session_id))
        mark(session, found, 1)
        mark(session, found, 1, "absent")
        mark(session, found, 2, "excused")
        token = links.signed(sheet.rows[0].id, sheet.expires_on, portal.keys["training"].secret("training links 1"))
        pages = {
            "sessions": "/training/sessions",
            "session": f"/training/sessions/{other.id}",
            "held": f"/training/sessions/{session_id}",
            "attendance": f"/training/sessions/{session_id}/attendance",
            "plan": f"/training/groups/{group.id}/sessions/new",
            "group": f"/training/groups/{group.id}",
            "calendar": "/training/calendar",
            "assistance": "/training/assistance",
            "row": f"/attendance/{token}",
        }
    context = phone(browser, address, width, bypass_csp=True)
    page = context.new_page()
    sign_in(page)
    wrong = {}
    for name, path in pages.items():
        page.goto(path)
        _picture(page, name, width)
        wrong[name] = violations(page) + (["it is wider than the window"] if overflows(page) else [])
    context.close()
    assert {name: found for name, found in wrong.items() if found} == {}


def _picture(page: Page, name: str, width: int) -> None:
    import os

    if os.environ.get("PICS"):
        page.screenshot(path=f"{os.environ['PICS']}/{name}-{width}.png", full_page=True)

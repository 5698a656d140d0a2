"""The workspace in a browser: dragged with the mouse, moved by keyboard, without JavaScript, refused in place."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from services.training.app import build
from services.training.models import Placement
from services.training.use_cases.keep_round import add_venue, plan_round
from services.training.use_cases.move_woman import move_woman
from services.training.use_cases.propose_placement import propose_placement
from shared.service import Service
from shared.testing import fill, settings_of
from shared.web import Peers
from tests.portal.conftest import PASSWORD, Portal, built
from tests.portal.screen import WIDTHS, chromium, overflows, served, violations
from tests.training.house import TRAINER, woman_of
from tests.training.round_house import ROUND, answered, members, note, venue, women
from tests.training.test_api import Registry

pytestmark = pytest.mark.browser

House = tuple[Portal, Service, str]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("workspace")
    with built("sqlite", folder) as portal:
        settings = settings_of("training", folder)
        peers = Peers(settings, portal.keys["training"], {"registry": Registry().web})
        service = build(settings, portal.keys["training"], peers)
        fill(service.database, "training")
        portal.apps["training"] = service.web
        with service.database.transaction() as session:
            women(session)
            note(session, 1, slots=["sat-am"])
        portal.open("trini", "trainer", units=("HN17",), name="Trini Capacitadora")
        with served(portal.web) as address:
            yield portal, service, address
        service.database.dispose()


@pytest.fixture
def placement(house: House) -> Placement:
    """A first answer of two groups, of which the second is open on Sundays."""
    with house[1].database.transaction() as session:
        return answered(session)


def groups_of(house: House, placement: Placement) -> dict[int, set[Any]]:
    with house[1].database.transaction() as session:
        return members(session, session.get_one(Placement, placement.id))


def desk(browser: Browser, house: House, width: int = 1280, **more: Any) -> BrowserContext:
    context = browser.new_context(base_url=house[2], viewport={"width": width, "height": 900}, **more)
    context.add_cookies([{"name": "language", "value": "es", "url": house[2]}])
    page = context.new_page()
    page.goto("/sign-in")
    page.fill("[name=username]", "trini")
    page.fill("[name=password]", PASSWORD)
    page.click('form[action="/sign-in"] .actions button')
    page.wait_for_url("**/")
    return context


def opened(context: BrowserContext, placement: Placement) -> Page:
    page = context.pages[0]
    page.goto(f"/training/placements/{placement.id}")
    return page


def column(page: Page, number: int | str) -> Any:
    return page.locator(f'[data-group="{number}"]')


def card(page: Page, woman: Any) -> Any:
    return page.locator(f'[data-woman="{woman}"]')


def larger_to_smaller(house: House, placement: Placement) -> tuple[int, int]:
    """The numbers of the group with most women and of the one with fewest."""
    sizes = {number: len(inside) for number, inside in groups_of(house, placement).items()}
    return max(sizes, key=lambda number: sizes[number]), min(sizes, key=lambda number: sizes[number])


def test_a_woman_is_dragged_to_another_group_and_the_effect_is_told_in_place(
    browser: Browser, house: House, placement: Placement
) -> None:
    big, small = larger_to_smaller(house, placement)
    before = groups_of(house, placement)
    woman = next(one for one in sorted(before[big]) if one != woman_of(1))
    context = desk(browser, house)
    page = opened(context, placement)
    card(page, woman).drag_to(column(page, small).locator("ul"))
    expect(page.locator("[data-live]")).to_contain_text("Movida")
    expect(column(page, small).locator(f'[data-woman="{woman}"]')).to_be_visible()
    expect(column(page, small).locator("[data-count]")).to_have_text(str(len(before[small]) + 1))
    assert woman in groups_of(house, placement)[small]
    page.locator("[data-undo] button").click()
    expect(column(page, big).locator(f'[data-woman="{woman}"]')).to_be_visible()
    assert groups_of(house, placement) == before, "the last move is taken back"
    context.close()


def test_a_refusal_is_said_in_place_and_she_stays_where_she_was(
    browser: Browser, house: House, placement: Placement
) -> None:
    before = groups_of(house, placement)
    small = min(before, key=lambda number: len(before[number]))
    woman = min(before[small])
    context = desk(browser, house)
    page = opened(context, placement)
    card(page, woman).drag_to(column(page, "").locator("ul"))
    expect(page.locator("[data-live]")).to_contain_text("quedaría con menos de 5 mujeres")
    expect(column(page, small).locator(f'[data-woman="{woman}"]')).to_be_visible()
    assert groups_of(house, placement) == before
    context.close()


def test_by_keyboard_alone_she_is_chosen_moved_and_the_focus_stays_with_her(
    browser: Browser, house: House, placement: Placement
) -> None:
    big, small = larger_to_smaller(house, placement)
    woman = next(one for one in sorted(groups_of(house, placement)[big]) if one != woman_of(1))
    context = desk(browser, house)
    page = opened(context, placement)
    card(page, woman).locator("input").focus()
    page.keyboard.press("Space")
    page.locator("#move-to").focus()
    page.keyboard.type(f"{small}.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-live]")).to_contain_text("Movida")
    expect(column(page, small).locator(f'[data-woman="{woman}"] input')).to_be_focused()
    assert woman in groups_of(house, placement)[small]
    context.close()


def test_what_somebody_changed_meanwhile_is_not_overwritten(
    browser: Browser, house: House, placement: Placement
) -> None:
    big, small = larger_to_smaller(house, placement)
    mine, hers = [one for one in sorted(groups_of(house, placement)[big]) if one != woman_of(1)][:2]
    context = desk(browser, house)
    page = opened(context, placement)
    with house[1].database.transaction() as session:
        move_woman(session, TRAINER, placement_id=placement.id, version=None, entrepreneur_id=hers, to=small)
    card(page, mine).drag_to(column(page, small).locator("ul"))
    page.locator("[data-live] a").click()
    expect(column(page, small).locator(f'[data-woman="{hers}"]')).to_be_visible()
    assert mine in groups_of(house, placement)[big]
    context.close()


def test_without_javascript_the_form_does_the_same(browser: Browser, house: House, placement: Placement) -> None:
    big, small = larger_to_smaller(house, placement)
    woman = next(one for one in sorted(groups_of(house, placement)[big]) if one != woman_of(1))
    context = desk(browser, house, width=360, java_script_enabled=False)
    page = opened(context, placement)
    page.check(f'[data-woman="{woman}"] input')
    page.select_option("#move-to", str(small))
    page.click(".mover button")
    expect(page.locator("main")).to_contain_text("Movida")
    assert woman in groups_of(house, placement)[small]
    page.click("[data-undo] button")
    expect(page.locator("main")).to_contain_text("El último cambio se deshizo")
    context.close()


def test_the_workspace_keeps_to_the_rules_of_access_at_each_width_in_both_languages(
    browser: Browser, house: House, placement: Placement
) -> None:
    for width in WIDTHS:
        context = desk(browser, house, width=width)
        for language in ("es", "en"):
            context.add_cookies([{"name": "language", "value": language, "url": house[2]}])
            page = opened(context, placement)
            assert violations(page) == [], (width, language)
            assert not overflows(page), (width, language)
        context.close()


def test_the_improvement_shows_how_far_it_is_and_is_ended(browser: Browser, house: House) -> None:
    with house[1].database.transaction() as session:
        made = plan_round(session, TRAINER, units=["HN17"], told=ROUND)
        add_venue(session, TRAINER, round_id=made.id, told=venue())
        session.refresh(made, ["venues"])
        placement = propose_placement(session, TRAINER, round_id=made.id)
    context = desk(browser, house)
    page = opened(context, placement)
    expect(page.locator("progress")).to_be_visible()
    expect(page.locator("[data-mover]")).to_have_count(0)
    page.get_by_role("button", name="Dejar de buscar y conservar estos grupos").click()
    expect(page.locator("[data-mover]")).to_be_visible()
    expect(page.locator("progress")).to_have_count(0)
    context.close()

"""The pages of training: from the board to a formed group, refusals beside their fields, everything in Spanish."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

from services.portal.app import HERE
from services.portal.pages.training import area as pages
from services.training.app import build
from shared.events.vocabulary import CHAINS, NEEDS
from shared.i18n import Catalogue
from shared.testing import fill, settings_of
from shared.web import Peers
from tests.portal.conftest import Browser, Portal, built, text_of
from tests.training.house import register, register_many
from tests.training.test_api import Registry

ASKED = {"unit": "HN17", "topics": "quality", "minimum": "5", "maximum": "20", "reach_km": "10"}


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def portal(tmp_path: Path, registry: Registry) -> Iterator[Portal]:
    with built("sqlite", tmp_path) as found:
        settings = settings_of("training", tmp_path)
        peers = Peers(settings, found.keys["training"], {"registry": registry.web})
        service = build(settings, found.keys["training"], peers)
        fill(service.database, "training")
        found.apps["training"] = service.web
        with service.database.transaction() as session:
            register_many(session, 1, 7)
            register(session, 40, north_km=60)
        yield found
        service.database.dispose()


@pytest.fixture
def trainer(portal: Portal) -> Browser:
    return portal.signed_in("trainer", units=("HN17",))


def propose(browser: Browser, **changed: str) -> str:
    """The address of the groups of a round begun in one step, no longer improved."""
    browser.get("/training/rounds/begin")
    answer = browser.post("/training/rounds/begin", ASKED | changed)
    assert answer.status_code == 303, text_of(answer)
    address = str(answer.headers["Location"])
    browser.get(address)
    browser.post(f"{address}/stop", {})
    return address


def form(browser: Browser, name: str, address: str = "") -> str:
    """The address of a formed group."""
    address = address or propose(browser)
    browser.get(f"{address}/groups/1")
    formed = browser.post(f"{address}/groups/1/confirmation", {"name": name})
    assert formed.status_code == 303, text_of(formed)
    return str(formed.headers["Location"]).removesuffix("/invitations")


def test_the_board_leads_to_groups_with_place_and_topic_filled_in(trainer: Browser) -> None:
    board = trainer.get("/training")
    assert "Pesca" in text_of(board)
    assert "/training/rounds/begin?need=quality" in board.text
    page = trainer.get("/training/rounds/begin?need=quality&unit=HN1709")
    assert re.search(r'name="topics" value="quality"[^>]* checked', page.text)
    assert not re.search(r'name="topics" value="food_safety"[^>]* checked', page.text), "one topic meets the need"
    assert '<option value="HN1709" selected>' in page.text


def test_from_a_few_words_to_a_formed_group(trainer: Browser) -> None:
    address = propose(trainer)
    told = text_of(trainer.get(address))
    for said in ("San Lorenzo, por confirmar", "Mujeres ubicadas", "de 8 con la necesidad"):
        assert said in told
    shown = trainer.get(f"{address}/groups/1")
    assert "Marta 1 Inventada" in text_of(shown)
    assert "Pescadería 1" in text_of(shown)
    group = trainer.get(form(trainer, "Las Salineras", address))
    assert "El grupo está formado. Su número es 1." in text_of(group)
    assert "Marta 7 Inventada" in text_of(group)
    assert "Las Salineras" in text_of(trainer.get("/training/groups"))
    assert "Formado" in text_of(trainer.get(address))
    assert "7 en grupos" in text_of(trainer.get("/training"))


def test_a_round_without_venues_has_them_suggested(trainer: Browser) -> None:
    trainer.get("/training/rounds/new")
    days = {"name": "Ronda", "begins_on": "2026-03-10", "ends_on": "2026-06-30", "budget": "5"}
    address = str(trainer.post("/training/rounds/new", ASKED | days).headers["Location"])
    assert "Sugerir sedes donde las mujeres esperan" in text_of(trainer.get(address))
    assert trainer.post(f"{address}/venues/suggested", {}).status_code == 303
    assert "San Lorenzo, por confirmar" in text_of(trainer.get(address))


def test_the_end_of_a_training_is_noted_with_who_completed_it(trainer: Browser) -> None:
    group = form(trainer, "Las Salineras")
    page = trainer.get(group).text
    women = re.findall(r'name="women" value="([0-9a-f-]{36})" checked', page)
    assert len(women) == 7, "all of them, unless somebody is unticked"
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    sent = {"seen": seen, "completed_on": "2026-03-05", "women": women[:6]}
    refused = trainer.post(f"{group}/completion", sent | {"women": []})
    assert (refused.status_code, "Marque al menos a una mujer" in text_of(refused)) == (422, True)
    assert f'value="{women[0]}" checked' not in refused.text, "what she typed stands"
    assert trainer.post(f"{group}/completion", sent, page=group).status_code == 303
    shown = text_of(trainer.get(group))
    assert "La capacitación terminó el" in shown
    assert (shown.count("No la terminó"), shown.count("La terminó")) == (1, 6)
    assert "¿Quiénes la terminaron?" not in shown


def test_everybody_left_out_is_listed_with_her_reason(trainer: Browser) -> None:
    listed = text_of(trainer.get(f"{propose(trainer)}/left-out?reason=too_far"))
    assert "Marta 40 Inventada" in listed
    assert "La sede más cercana, San Lorenzo, por confirmar, está a" in listed


def test_a_wrong_number_is_told_beside_its_field_and_nothing_typed_is_lost(trainer: Browser) -> None:
    trainer.get("/training/rounds/begin")
    refused = trainer.post("/training/rounds/begin", ASKED | {"maximum": "cuarenta", "reach_km": "7,5"})
    assert refused.status_code == 422
    assert 'value="cuarenta"' in refused.text
    assert re.search(r'href="#[a-z-]*maximum"', refused.text)
    assert 'value="7,5"' in refused.text
    assert re.search(r'name="topics" value="quality"[^>]* checked', refused.text)


def test_where_nobody_has_the_need_the_page_says_what_to_do(trainer: Browser) -> None:
    trainer.get("/training/rounds/begin")
    refused = trainer.post("/training/rounds/begin", ASKED | {"topics": "formalization"})
    assert refused.status_code == 409
    assert "Elija otros temas" in text_of(refused)


def test_all_my_territory_is_her_own(trainer: Browser) -> None:
    assert "San Lorenzo, Valle" in text_of(trainer.get(f"{propose(trainer, unit='')}/groups/1"))


def test_a_place_that_is_not_hers_is_refused(trainer: Browser) -> None:
    trainer.get("/training/rounds/begin")
    assert trainer.post("/training/rounds/begin", ASKED | {"unit": "GT01"}).status_code == 403
    assert "ningún país, departamento ni municipio con el código HN99" in text_of(trainer.get("/training?unit=HN99"))


def test_a_group_that_was_formed_meanwhile_says_so(trainer: Browser) -> None:
    address = propose(trainer)
    form(trainer, "", address)
    again = trainer.post(f"{address}/groups/1/confirmation", {"name": "Otra"}, page="/training/rounds/begin")
    assert again.status_code == 409
    assert "El grupo 1 ya está formado" in text_of(again)


def test_a_name_is_changed_by_who_saw_the_present_one(trainer: Browser) -> None:
    group = form(trainer, "<b>Uno</b>")
    assert "<b>Uno</b>" not in trainer.get(group).text
    assert trainer.post(group, {"name": "Las Salineras", "version": "1"}, page=group).status_code == 303
    assert "Las Salineras" in text_of(trainer.get(group))
    empty = trainer.post(group, {"name": " ", "version": "2"}, page=group)
    assert empty.status_code == 422


def test_a_name_that_was_changed_meanwhile_is_shown_and_what_was_typed_can_be_saved_over_it(trainer: Browser) -> None:
    group = form(trainer, "Uno")
    trainer.post(group, {"name": "Las Salineras", "version": "1"}, page=group)

    stale = trainer.post(group, {"name": "Tercera", "version": "1"}, page=group)

    assert stale.status_code == 412
    assert "Ahora se llama «Las Salineras»" in text_of(stale)
    assert 'value="Tercera"' in stale.text
    (version,) = re.findall(r'name="version" value="(\d+)"', stale.text)
    assert trainer.post(group, {"name": "Tercera", "version": version}, page=group).status_code == 303
    assert "Tercera" in text_of(trainer.get(group))


def test_names_that_the_registry_does_not_give_are_told_as_such(trainer: Browser, registry: Registry) -> None:
    group = form(trainer, "Las Salineras")
    registry.away = True
    assert "Nombres que no se pueden mostrar: 7." in text_of(trainer.get(group))


def test_each_role_finds_what_is_hers(portal: Portal, trainer: Browser) -> None:
    address = propose(trainer)
    auditor = portal.signed_in("auditor", username="aurora")
    shown = auditor.get(f"{address}/groups/1")
    assert shown.status_code == 200
    assert "Formar este grupo" not in text_of(shown)
    assert auditor.get("/training/rounds/begin").status_code == 403
    reviewer = portal.signed_in("csr_reviewer", username="rosa")
    assert [reviewer.get(page).status_code for page in ("/training", "/training/groups", address)] == [403, 403, 403]
    assert 'href="/training"' not in reviewer.get("/help").text
    assert portal.signed_in("cashier", username="carla").get("/training").status_code == 403
    elsewhere = portal.signed_in("trainer", username="gloria", units=("GT01",))
    assert elsewhere.get(address).status_code == 403
    assert portal.browser().get("/training").status_code == 303


def test_empty_pages_say_what_to_do_first(portal: Portal) -> None:
    far = portal.signed_in("trainer", username="gloria", units=("GT01",))
    for page in ("/training", "/training/rounds", "/training/groups"):
        assert 'class="empty"' in far.get(page).text


def texts() -> set[str]:
    """Every text of the pages of training."""
    found: set[str] = set()
    options = {"extensions": "jinja2.ext.i18n", "trim_blocks": "true", "lstrip_blocks": "true"}
    for path in (HERE / "templates" / "training").glob("*.html"):
        with path.open("rb") as source:
            told = [text for _, _, text, _ in babel_extract(source, ("_",), [], options)]
        found |= {text if isinstance(text, str) else text[0] for text in told if text}
    for path in Path(pages.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", "") == "_"
                and isinstance(node.args[0], ast.Constant)
            ):
                found.add(str(node.args[0].value))
    return found


def test_every_text_has_its_spanish_and_the_catalogue_holds_no_other() -> None:
    catalogue = Catalogue([HERE / "locale"])
    assert {text for text in texts() if not catalogue.knows(text, "es")} <= {
        "Total",
        "%(km)s km",
        "no",
        "No",
        "Diplomas",
    }
    with (HERE / "locale" / "training.es.po").open("rb") as file:
        kept = {str(message.id) for message in read_po(file) if message.id}
    assert kept - texts() == set()


def test_every_code_has_its_word() -> None:
    assert set(CHAINS) == set(pages.CHAINS)
    assert set(NEEDS) == set(pages.NEEDS)


def test_refusals_of_the_service_have_a_sentence_in_both_languages() -> None:
    folder = HERE.parent / "training" / "locale"
    found = {}
    for language in ("es", "en"):
        with (folder / f"{language}.po").open("rb") as file:
            found[language] = {str(m.id): str(m.string) for m in read_po(file) if m.id}
    assert found["es"].keys() == found["en"].keys()
    assert all(found["es"][code] != found["en"][code] for code in found["es"])

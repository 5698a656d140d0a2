"""The pages of rounds: from an empty list to a formed group and its invitations, in Spanish, without JavaScript."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from services.training.app import build
from shared.testing import fill, settings_of
from shared.web import Peers
from tests.portal.conftest import Browser, Portal, built, text_of
from tests.training.house import register, register_many, woman_of
from tests.training.test_api import Registry

ROUND = {
    "name": "Ronda de marzo", "unit": "HN17", "begins_on": "2026-03-10", "ends_on": "2026-06-30", "topics": "quality",
    "minimum": "5", "maximum": "8", "reach_km": "15", "budget": "5",
}  # fmt: skip
VENUE = {
    "name": "Casa del Mar", "municipality": "HN1709", "slots": ["sat-am", "sun-am"], "care-sat-am": "3",
    "rooms-0-name": "Grande", "rooms-0-seats": "8", "facilitators-0-name": "Ana Enseña",
    "facilitators-0-topics": ["quality"],
}  # fmt: skip


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with built("sqlite", tmp_path) as found:
        settings = settings_of("training", tmp_path)
        peers = Peers(settings, found.keys["training"], {"registry": Registry().web})
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


def set_up(browser: Browser) -> str:
    """The address of a round with a venue."""
    browser.get("/training/rounds/new")
    made = browser.post("/training/rounds/new", ROUND)
    assert made.status_code == 303, text_of(made)
    address = str(made.headers["Location"])
    browser.get(f"{address}/venues/new")
    added = browser.post(f"{address}/venues/new", VENUE)
    assert added.status_code == 303, text_of(added)
    return address


def answered(browser: Browser) -> str:
    """The address of a placement whose improvement was ended."""
    address = set_up(browser)
    browser.get(address)
    made = browser.post(f"{address}/placements", {})
    placement = str(made.headers["Location"])
    browser.get(placement)
    browser.post(f"{placement}/stop", {})
    return placement


def test_an_empty_list_says_what_to_do_first(trainer: Browser) -> None:
    told = text_of(trainer.get("/training/rounds"))
    assert "Aún no hay ninguna ronda" in told
    assert "Crear una ronda" in told
    trainer.get("/training/rounds/new")
    address = trainer.post("/training/rounds/new", ROUND).headers["Location"]
    assert "Aún no se conoce ninguna sede" in text_of(trainer.get(address))


def test_the_form_of_a_round_says_what_is_wrong_and_keeps_what_was_typed(trainer: Browser) -> None:
    trainer.get("/training/rounds/new")
    refused = trainer.post("/training/rounds/new", ROUND | {"minimum": "diez", "ends_on": "2026-03-01"})
    assert refused.status_code == 422
    assert 'value="diez"' in refused.text
    refused = trainer.post("/training/rounds/new", ROUND | {"ends_on": "2026-03-01"})
    assert "no puede terminar antes de empezar" in text_of(refused)


def test_a_venue_is_typed_changed_and_removed(trainer: Browser) -> None:
    address = set_up(trainer)
    shown = trainer.get(address)
    told = text_of(shown)
    for said in ("Casa del Mar", "San Lorenzo", "sábado (mañana)", "Ana Enseña"):
        assert said in told
    venue = re.search(r'href="(/training/rounds/[0-9a-f-]+/venues/[0-9a-f-]{36})"', shown.text)[1]
    form = trainer.get(venue)
    assert 'value="Casa del Mar"' in form.text
    version = form.text.partition('name="version" value="')[2].partition('"')[0]
    changed = VENUE | {"version": version, "name": "Casa Nueva", "slots": []}
    refused = trainer.post(venue, changed)
    assert "Marque al menos un horario" in text_of(refused)
    assert trainer.post(venue, changed | {"slots": ["sat-am"]}).status_code == 303
    stale = trainer.post(venue, changed | {"slots": ["sat-am"]}, page=venue)
    assert stale.status_code == 412
    version = trainer.get(venue).text.partition('name="version" value="')[2].partition('"')[0]
    assert trainer.post(venue, VENUE | {"version": version, "remove": "yes"}).status_code == 303
    assert "Aún no se conoce ninguna sede" in text_of(trainer.get(address))


def test_how_a_woman_can_come_is_noted_on_her_page(trainer: Browser) -> None:
    address = set_up(trainer)
    listed = trainer.get(f"{address}/women")
    assert "Marta 1 Inventada" in text_of(listed)
    assert "Quien no dijo nada cuenta como libre a toda hora" in text_of(listed)
    page = f"{address}/women/{woman_of(1)}"
    assert "Marta 1 Inventada" in text_of(trainer.get(page))
    told = {"version": "0", "slots": ["sat-am"], "languages": ["es"], "children": "2", "priority": "1"}
    assert "Escriba" in text_of(trainer.post(page, told | {"children": "dos"}))
    assert trainer.post(page, told | {"together": str(woman_of(2))}).status_code == 303
    again = trainer.get(page).text
    assert re.search(r'value="sat-am" checked', again)
    assert re.search(rf'name="together" value="{woman_of(2)}" checked', again)
    assert trainer.post(page, told, page=page).status_code == 412, "somebody else noted it meanwhile"
    assert "Marta 1 Inventada" not in text_of(trainer.get(f"{address}/women?told=false"))


def test_many_women_are_noted_by_the_table_or_none_with_every_mistake(trainer: Browser) -> None:
    address = f"{set_up(trainer)}/women"
    table = trainer.get(f"{address}/table.csv")
    assert table.data.startswith(b"\xef\xbb\xbfentrepreneur_id;name;")
    assert b"Marta 1 Inventada" in table.data

    def send(content: bytes) -> object:
        page = trainer.get(address)
        return trainer.post(address, {"file": (BytesIO(content), "mujeres.csv")}, page=page.text)

    wrong = send(table.data.replace(b";;es;0;1", b";;es;muchos;1", 1))
    assert wrong.status_code == 422
    assert "No se anotó nada" in text_of(wrong)
    assert "muchos" in text_of(wrong)
    assert "Elija el archivo" in text_of(trainer.post(address, {}))
    assert send(table.data.replace(b";;es;0;1", b";sat-am;es;1;1")).status_code == 303
    assert "Mujeres: 8." in text_of(trainer.get(address))


def test_from_the_workspace_to_a_formed_group_and_its_invitations(trainer: Browser) -> None:
    placement = answered(trainer)
    shown = trainer.get(placement)
    told = text_of(shown)
    for said in ("7", "de 8 con la necesidad", "Dónde se reúnen los grupos", "Ninguna sede a su alcance", "Ana Enseña"):
        assert said in told
    assert "<svg" in shown.text
    left = text_of(trainer.get(f"{placement}/left-out"))
    assert "Marta 40 Inventada" in left
    assert re.search(r"La sede más cercana, Casa del Mar, está a [\d,.]+ km", left)
    group = trainer.get(f"{placement}/groups/1")
    version = group.text.partition('name="version" value="')[2].partition('"')[0]
    moved = {"version": version, "woman": str(woman_of(1)), "to": "", "from": "1"}
    assert trainer.post(f"{placement}/moves", moved).status_code == 303
    assert "Movida. Ubicadas, según prioridad: -1." in text_of(trainer.get(f"{placement}/groups/1"))
    assert "Último cambio" in text_of(trainer.get(placement))
    version = trainer.get(placement).text.partition('name="version" value="')[2].partition('"')[0]
    trainer.post(f"{placement}/undo", {"version": version})
    assert "El último cambio se deshizo." in text_of(trainer.get(placement))
    trainer.get(f"{placement}/groups/1")
    formed = trainer.post(f"{placement}/groups/1/confirmation", {"name": "Las Salineras"})
    assert formed.status_code == 303, text_of(formed)
    invitations = str(formed.headers["Location"])
    assert "Marta 1 Inventada" in text_of(trainer.get(invitations))
    trainer.post(invitations, {"woman": str(woman_of(1)), "state": "declined"})
    assert "Dijo que no" in text_of(trainer.get(invitations))
    assert "Formado" in text_of(trainer.get(placement))


def test_a_move_that_breaks_a_condition_is_refused_with_a_sentence(trainer: Browser) -> None:
    placement = answered(trainer)
    page = trainer.get(f"{placement}/left-out").text
    version = page.partition('name="version" value="')[2].partition('"')[0]
    trainer.post(f"{placement}/moves", {"version": version, "woman": str(woman_of(40)), "to": "1", "out": "yes"})
    assert "está más lejos de lo que una mujer viaja en esta ronda" in text_of(trainer.get(f"{placement}/left-out"))


def test_the_sources_of_needs_have_their_page(trainer: Browser) -> None:
    told = text_of(trainer.get("/training/sources"))
    assert "Ella lo dijo" in told
    assert "Pesos vigentes desde el" in told


def test_who_only_reads_sees_no_buttons_that_change_anything(portal: Portal, trainer: Browser) -> None:
    placement = answered(trainer)
    auditor = portal.signed_in("auditor", username="auditora")
    shown = auditor.get(placement)
    assert shown.status_code == 200
    assert "/stop" not in shown.text
    assert 'name="to"' not in auditor.get(f"{placement}/groups/1").text
    auditor.get(placement)
    assert auditor.post(f"{placement}/moves", {"woman": str(woman_of(1)), "to": ""}).status_code == 403

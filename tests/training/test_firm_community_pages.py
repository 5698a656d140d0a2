"""The community on the pages of a firm: read and written through its link, seen first by a moderator."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from shared.kernel import clock
from tests.portal.conftest import Browser, Portal, built, text_of
from tests.training.stories_house import FIRM, House, stories_house

SCRIPT = '<script>alert(1)</script><img src=x onerror="alert(2)">'
QUEUE = "/training/community/firms"


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Portal, House]]:
    with built("sqlite", tmp_path) as portal, stories_house(tmp_path, portal.keys) as house:
        portal.apps["training"] = house.service.web
        yield portal, house


@pytest.fixture
def base(both: tuple[Portal, House]) -> str:
    """The address of the firm's own pages."""
    until = (clock.today() + timedelta(days=30)).isoformat()
    made = both[1].team.made("/sme-links", {"sme_id": str(FIRM), "expires_on": until})
    return f"/sme/{made['token']}"


@pytest.fixture
def owner(both: tuple[Portal, House]) -> Browser:
    return both[0].browser()


@pytest.fixture
def moderator(both: tuple[Portal, House]) -> Browser:
    return both[0].signed_in("coordinator", username="marta", units=("HN17",))


def version(page: TestResponse) -> str:
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found, text_of(page)
    return found[1]


def waiting(moderator: Browser) -> tuple[str, str]:
    """The address of what waits first, and its version."""
    page = moderator.get(QUEUE)
    found = re.search(rf'action="({QUEUE}/[0-9a-f-]+)"', page.text)
    assert found, text_of(page)
    return found[1], version(page)


def test_a_firm_asks_and_is_answered_once_a_moderator_let_it_be_shown(
    base: str, owner: Browser, moderator: Browser
) -> None:
    room = f"{base}/community"
    assert "Todavía no hay temas abiertos" in text_of(owner.get(room))
    told = {"title": f"Cartón {SCRIPT}", "text": f"{SCRIPT} https://example.org/a"}
    assert owner.post(room, told, page=room).status_code == 303
    own = owner.get(room)
    assert "Alguien lo lee antes de mostrarlo" in text_of(own)
    assert "1 texto de una empresa por leer" in text_of(moderator.get("/"))
    assert "Cartón" not in text_of(moderator.get("/training/community"))
    address, seen = waiting(moderator)
    for page in (own, moderator.get(QUEUE)):
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
    moderator.get(QUEUE)
    assert moderator.post(address, {"outcome": "shown", "version": seen}).status_code == 303
    topic = re.search(rf'href="({room}/[0-9a-f-]+)"', owner.get(room).text)
    assert topic is not None
    there = topic[1].replace(room, "/training/community")
    shown = moderator.get(there)
    assert "Comercial Secreta · Empresa" in text_of(shown)
    assert "Las empresas leen este tema" in text_of(shown)
    assert moderator.post(f"{there}/posts", {"text": "Nosotras lo juntamos"}).status_code == 303
    assert "1 tema que usted sigue tiene algo nuevo" in text_of(owner.get(base))
    read = owner.get(topic[1])
    assert "Nosotras lo juntamos" in text_of(read)
    assert "Marta" not in read.text, "who wrote is told by role"
    body = read.text.split('class="told"')[1].split("</p>")[0]
    assert "<script" not in body
    assert re.findall(r'<a href="([^"]*)"', body) == ["https://example.org/a"]
    assert "tiene algo nuevo" not in text_of(owner.get(base))
    assert owner.post(topic[1], {"text": " "}, page=topic[1]).status_code == 422
    assert owner.post(topic[1], {"text": "Gracias"}, page=topic[1]).status_code == 303
    owner.get(room)
    assert owner.post(f"{room}/silence").status_code == 303
    moderator.get(there)
    moderator.post(f"{there}/posts", {"text": "De nada"})
    assert "tiene algo nuevo" not in text_of(owner.get(base))
    assert 'name="follows" value="yes"' in owner.get(topic[1]).text
    assert owner.post(f"{topic[1]}/following", {"follows": "yes"}).status_code == 303
    assert 'name="follows" value="yes"' not in owner.get(topic[1]).text


def test_what_is_declined_needs_a_reason_that_the_firm_reads_and_may_be_taken_back(
    base: str, owner: Browser, moderator: Browser
) -> None:
    room = f"{base}/community"
    owner.post(room, {"title": "Aviso", "text": "Llamen a Zutana"}, page=room)
    address, seen = waiting(moderator)
    without = moderator.post(address, {"outcome": "declined", "version": seen})
    field = f"reason-{address.rpartition('/')[2]}"
    assert (without.status_code, f'href="#field-{field}"' in without.text) == (422, True)
    told = {"outcome": "declined", "version": seen, field: "Nombra a una persona"}
    assert moderator.post(address, told).status_code == 303
    assert "Nada de lo que escribieron" in text_of(moderator.get(QUEUE))
    page = owner.get(room)
    assert "Nombra a una persona" in text_of(page)
    back = re.search(rf'action="({room}/contributions/[0-9a-f-]+/withdrawal)"', page.text)
    assert back is not None
    assert owner.post(back[1], {"version": "1"}).status_code == 412
    assert owner.post(back[1], {"version": version(page)}).status_code == 303
    assert "Zutana" not in owner.get(room).text


def test_a_moderator_opens_a_topic_to_firms_of_her_territory(
    both: tuple[Portal, House], base: str, owner: Browser, moderator: Browser
) -> None:
    told = {"space": "responsibility", "title": "Agua", "text": "¿Cuánto gastan?"}
    here = moderator.post("/training/community/new", told, page="/training/community/new").location
    assert owner.get(f"{base}/community/{here.rpartition('/')[2]}").status_code == 404
    form = moderator.get(here).text.split(f'action="{here}/firms"')[1]
    seen = re.findall(r'name="version" value="(\d+)"', form)[0]
    abroad = moderator.post(f"{here}/firms", {"firms_unit": "GT", "version": seen})
    assert abroad.status_code == 403
    moderator.get(here)
    assert moderator.post(f"{here}/firms", {"firms_unit": "HN17", "version": seen}).status_code == 303
    assert '<option value="HN17" selected' in moderator.get(here).text
    assert "¿Cuánto gastan?" in text_of(owner.get(f"{base}/community/{here.rpartition('/')[2]}"))
    trainer = both[0].signed_in("trainer", username="trini", units=("HN17",))
    assert trainer.get(QUEUE).status_code == 403
    assert "firms_unit" not in trainer.get(here).text


def test_a_firm_that_writes_too_much_is_told_so_on_its_page(base: str, owner: Browser) -> None:
    room = f"{base}/community"
    for turn in range(5):
        assert owner.post(room, {"title": f"Tema {turn}", "text": "x"}, page=room).status_code == 303
    refused = owner.post(room, {"title": "Uno más", "text": "Lo que escribí"}, page=room)
    assert refused.status_code == 409
    assert "Espere un rato" in text_of(refused)
    assert "Lo que escribí" in refused.text, "what was typed is not lost"

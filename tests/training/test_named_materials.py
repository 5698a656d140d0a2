"""Materials of the library that the community shares and case stories name: never shown to who may not read them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from shared.testing import person
from tests.portal.conftest import Portal, built, text_of
from tests.training.csr_house import refusal
from tests.training.house import COORDINATOR
from tests.training.stories_house import NEW, STORY, House, StoryDesk, stories_house

MATERIAL = {
    "unit": "HN17",
    "title": "Guía ficticia de residuos",
    "kind": "booklet",
    "topics": ["costing"],
    "dimensions": [],
    "chains": [],
    "language": "es",
    "author": "Red CSEM",
    "year": 2025,
    "licence": "cc_by",
    "summary": "Cómo separar en un taller pequeño.",
    "link": "https://example.org/guia",
}
CASHIER = person("cashier", scope="GT01", subject="cashier", name="Cuca Cajera")
ABROAD = person("trainer", scope="GT01", subject="abroad", name="Ceci Capacitadora")


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Portal, House]]:
    with built("sqlite", tmp_path) as portal, stories_house(tmp_path, portal.keys) as house:
        portal.apps["training"] = house.service.web
        yield portal, house


@pytest.fixture
def house(both: tuple[Portal, House]) -> House:
    return both[1]


def material(house: House, reach: str = "team", **changed: Any) -> str:
    """A material of Valle that so many see."""
    made = house.team.made("/library", MATERIAL | changed)
    reached(house, made["id"], reach)
    return str(made["id"])


def reached(house: House, one: str, reach: str) -> None:
    coordinator = house.desk(COORDINATOR)
    found = coordinator.get(f"/library/{one}").json
    if found["reach"] != reach:
        answer = coordinator.send("POST", f"/library/{one}/reach", {"reach": reach}, found["version"])
        assert answer.status_code == 200, answer.text


def archived(house: House, one: str) -> None:
    found = house.team.get(f"/library/{one}").json
    answer = house.desk(COORDINATOR).send("POST", f"/library/{one}/archiving", {"why": "Vieja"}, found["version"])
    assert answer.status_code == 200, answer.text


def shared(desk: StoryDesk, one: str) -> Any:
    told = {"space": "training", "material_id": one, "about": "Sirve para empezar"}
    return desk.send("POST", "/community/resource-materials", told)


def titles(desk: StoryDesk, path: str = "/community/resources") -> list[str]:
    return [row["title"] for row in desk.get(path).json["items"]]


def test_a_shared_material_is_seen_by_who_may_read_it_as_long_as_she_may(house: House) -> None:
    one = material(house, "network")
    made = shared(house.team, one)
    assert (made.status_code, made.json["title"], made.json["material"]["id"]) == (201, MATERIAL["title"], one)
    abroad, cashier = house.desk(ABROAD), house.desk(CASHIER)
    assert titles(abroad) == [MATERIAL["title"]]
    assert titles(cashier) == [], "who does not work with the library reads what is public"
    assert MATERIAL["title"] not in cashier.get("/community/resources", text="residuos").text
    reached(house, one, "public")
    assert titles(cashier) == [MATERIAL["title"]]
    reached(house, one, "team")
    assert titles(abroad) == titles(cashier) == []
    assert titles(house.team) == [MATERIAL["title"]]
    erased = house.team.send("DELETE", f"/library/{one}", None, house.team.get(f"/library/{one}").json["version"])
    assert refusal(erased) == (409, "library.used_stays")


def test_what_one_may_not_read_is_not_shared(house: House) -> None:
    own, public = material(house), material(house, "public", title="Para todas")
    assert refusal(shared(house.team, own)) == (422, "community.material_of_team")
    abroad, cashier = house.desk(ABROAD), house.desk(CASHIER)
    for who, what in ((abroad, own), (abroad, str(uuid4())), (cashier, material(house, "network"))):
        assert refusal(shared(who, what)) == (422, "library.not_offered")
    assert shared(cashier, public).status_code == 201
    archived(house, public)
    assert refusal(shared(house.team, public)) == (422, "library.not_offered")
    assert titles(cashier) == [], "what is archived left the open library"
    assert titles(house.team) == ["Para todas"]


def test_a_story_shows_everybody_the_public_materials_that_it_names(house: House) -> None:
    public, network, own = (material(house, reach, title=reach) for reach in ("public", "network", "team"))
    story = house.published(material_ids=[public, network, own])["id"]
    told = house.public(f"/story-library/{story}")
    assert [one["title"] for one in told.json["materials"]] == ["public"]
    assert network not in told.text
    assert own not in told.text
    path = f"/network-stories/{story}"
    assert [one["title"] for one in house.desk(CASHIER).get(path).json["materials"]] == ["public"]
    assert [one["title"] for one in house.desk(ABROAD).get(path).json["materials"]] == ["public", "network"]
    assert len(house.team.get(path).json["materials"]) == 3
    archived(house, public)
    assert house.public(f"/story-library/{story}").json["materials"] == []
    auditor = house.desk(person("csr_reviewer", scope="HN", subject="other", name="Otra Revisora"))
    assert [one["readable"] for one in auditor.get(f"/case-stories/{story}").json["materials"]] == [True] * 3


def test_a_story_names_materials_once_and_keeps_those_that_were_archived(house: House) -> None:
    first, second = material(house, title="Una"), material(house, title="Otra")
    twice = house.team.send("POST", "/case-stories", NEW | {"material_ids": [first, first]})
    assert refusal(twice) == (422, "story.material_twice")
    made = house.team.made("/case-stories", NEW | {"material_ids": [second, first]})
    assert [one["title"] for one in made["materials"]] == ["Otra", "Una"]
    archived(house, first)
    path = f"/case-stories/{made['id']}"
    told = STORY | {"material_ids": [first, second]}
    changed = house.team.send("PUT", path, told, made["version"])
    assert [one["title"] for one in changed.json["materials"]] == ["Una", "Otra"]
    assert changed.json["version"] > made["version"], "a second person who saves meanwhile is told"
    assert changed.json["worded_on"] == made["worded_on"]
    emptied = house.team.send("PUT", path, STORY, changed.json["version"])
    assert emptied.json["materials"] == []
    again = house.team.send("PUT", path, told, emptied.json["version"])
    assert refusal(again) == (422, "library.not_offered")


def test_pages_link_materials_and_never_a_restricted_one(both: tuple[Portal, House]) -> None:
    portal, house = both
    public, own = material(house, "public", title="Guía abierta"), material(house, title="Guía del equipo")
    story = house.published(material_ids=[public, own])["id"]
    anybody = portal.browser().get(f"/stories/{story}")
    assert "Guía abierta" in anybody.text
    assert 'href="https://example.org/guia"' in anybody.text
    assert "Guía del equipo" not in anybody.text
    trainer = portal.signed_in("trainer", username="trini", units=("HN17",))
    assert f'href="/training/library/{own}"' in trainer.get(f"/stories/{story}").text
    assert "Guía del equipo" in text_of(trainer.get(f"/training/stories/{story}"))
    page = "/training/community/resources"
    assert f'value="{public}"' in trainer.get(page).text
    assert f'value="{own}"' not in trainer.get(page).text
    told = {"shared_space": "training", "material_id": public, "about": "Para empezar"}
    assert trainer.post(page, told, page=page).status_code == 303
    cashier = portal.signed_in("cashier", username="cuca", units=("GT01",))
    assert re.search(r'href="https://example\.org/guia"[^>]*>Guía abierta', cashier.get(page).text)
    wrong = trainer.post(page, told | {"material_id": str(uuid4())}, page=page)
    assert (wrong.status_code, 'href="#field-material-id"' in wrong.text) == (422, True)


def test_a_story_is_given_its_materials_on_its_form(both: tuple[Portal, House]) -> None:
    portal, house = both
    one = material(house, title="Guía del equipo")
    story = house.team.made("/case-stories", NEW)["id"]
    trainer = portal.signed_in("trainer", username="trini", units=("HN17",))
    here = f"/training/stories/{story}/text"
    page = trainer.get(here).text
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version is not None
    form = {"area": "environment", "sector": "trade", "unit": "HN17", "year": "2025", "es-title": "Agua"}
    assert trainer.post(here, form | {"version": version[1], "material_ids": one}).status_code == 303
    assert "Guía del equipo" in text_of(trainer.get(f"/training/stories/{story}"))
    assert re.search(rf'value="{one}"[^>]*checked', trainer.get(here).text)

"""The inventory's search, its conditions, saved lists, the history of a record and the dashboard, as people use them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from services.portal.pages.registry import board, conditions, record_history
from services.registry.api.filter_schemas import FilterQuery
from services.registry.rules.inventory import Profile
from shared.testing import database_of
from tests.portal.conftest import Browser, built, text_of
from tests.registry.house import COORDINATOR, enterprise, open_house
from tests.registry.test_pages import Pages


@contextmanager
def two_records(home: Path) -> Iterator[Pages]:
    with built("sqlite", home) as portal, database_of("registry", home, "sqlite") as database:
        house = open_house(database, portal.keys, home)
        portal.apps["registry"] = house.service.web
        house.register(name="Quesillos «La Esperanza»")
        house.register(
            name="Tejidos del Sol",
            municipality="HN0601",
            chain="crafts",
            point=None,
            owner=enterprise()["owner"] | {"given_names": "Yesenia", "surnames": "Vásquez", "id_number": None},
        )
        yield Pages(portal, house)
        house.database.dispose()


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    """Nothing in here changes these two records."""
    with two_records(tmp_path_factory.mktemp("finding")) as found:
        yield found


@pytest.fixture
def pages_to_change(tmp_path: Path) -> Iterator[Pages]:
    with two_records(tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def rosa(pages: Pages) -> Browser:
    return pages.signed_in("coordinator", username="rosa", units=("HN",))


def listed(page: Any) -> set[str]:
    return set(re.findall(r'<a href="/registry/enterprises/[0-9a-f-]{36}">([^<]+)</a>', page.text))


def test_the_page_offers_every_filter_of_the_api_and_no_other() -> None:
    assert {one.name for one in conditions.CONDITIONS} == set(FilterQuery().fields) - {"ids"}


def test_the_history_has_a_word_for_everything_that_a_record_says() -> None:
    told = Profile("x", "HN1709", None, None).to_json()
    assert set(told) <= set(record_history.FIELDS)


def test_a_search_box_finds_by_anything_and_keeps_the_conditions(rosa: Browser) -> None:
    assert listed(rosa.get("/registry?q=jessenia+basques")) == {"Tejidos del Sol"}
    assert listed(rosa.get("/registry?q=98765432")) == {"Quesillos «La Esperanza»", "Tejidos del Sol"}
    page = rosa.get("/registry?q=esperansa&need=credit&chain=dairy&chain=honey")
    assert listed(page) == {"Quesillos «La Esperanza»"}
    box = page.text.partition('class="search"')[2].partition("</form>")[0]
    assert re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', box) == [
        ("need", "credit"),
        ("chain", "dairy"),
        ("chain", "honey"),
    ]


def test_each_condition_is_told_and_taken_away_alone(rosa: Browser) -> None:
    page = rosa.get("/registry?chain=dairy,crafts&municipality=HN17&sort=-changed")
    assert listed(page) == {"Quesillos «La Esperanza»"}
    chips = page.text.partition('class="chips"')[2].partition("</ul>")[0]
    assert [text.strip() for text in re.findall(r"</span>([^<]+)<span", chips)] == [
        "Lugar: Valle",
        "Cadena de valor: Lácteos",
        "Cadena de valor: Artesanías",
    ]
    without = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', chips)]
    assert without[0] == "?chain=dairy&chain=crafts&sort=-changed"
    assert listed(rosa.get(f"/registry{without[0]}")) == {"Quesillos «La Esperanza»", "Tejidos del Sol"}
    assert without[1] == "?chain=crafts&municipality=HN17&sort=-changed"


def test_a_condition_that_cannot_be_is_told_at_its_field(rosa: Browser) -> None:
    page = rosa.get("/registry?jobs_from=muchas")
    assert "Personas que trabajan, al menos:" in text_of(page)
    assert 'value="muchas"' in page.text


def test_each_role_is_offered_what_it_may_read(pages: Pages) -> None:
    viewer = pages.signed_in("leda_viewer", username="adel", units=("HN",)).get("/registry")
    assert viewer.status_code == 200
    for name in ("q", "people", "sales_band", "loan", "accompaniment", "taken_back"):
        assert f'name="{name}"' not in viewer.text
    assert 'name="chain"' in viewer.text
    assert "sort=name" not in viewer.text


def test_how_many_are_found_is_told_in_words_to_who_is_told_no_small_count(pages: Pages, rosa: Browser) -> None:
    viewer = pages.signed_in("leda_viewer", username="adel3", units=("HN",))
    for place in ("/registry", "/registry/exports/new"):
        assert "Menos de 5" in text_of(viewer.get(place))
        assert "Menos de 5" not in text_of(rosa.get(place))
    assert "2 emprendimientos" in text_of(rosa.get("/registry"))
    assert len(re.findall(r'<a href="/registry/enterprises/[0-9a-f-]{36}">', viewer.get("/registry").text)) == 2


def test_an_address_that_is_no_text_is_no_list_to_save(rosa: Browser) -> None:
    for query in ("chain=%ff", "chain=\xff"):  # the second as a byte that a browser would not send
        answer = rosa.get("/registry/views/new", environ_overrides={"QUERY_STRING": query})
        assert answer.status_code == 400


def test_a_list_is_saved_opened_and_removed(rosa: Browser) -> None:
    page = rosa.get("/registry?place_state=missing&sort=name")
    save = page.text.partition('action="/registry/views/new"')[2].partition("</form>")[0]
    query = "&".join(f"{name}={value}" for name, value in re.findall(r'name="(\w+)" value="([^"]+)"', save))
    naming = f"/registry/views/new?{query}"
    refused = rosa.post("/registry/views/new", {"name": "", "query": naming.partition("?")[2]}, page=naming)
    assert refused.status_code == 422
    assert "Nombre de la lista:" in text_of(refused)
    kept = rosa.post("/registry/views/new", {"name": "Sin punto", "query": naming.partition("?")[2]}, page=naming)
    assert (kept.status_code, kept.headers["Location"]) == (303, "/registry?place_state=missing&sort=name")
    page = rosa.get(kept.headers["Location"])
    assert "La lista quedó guardada como «Sin punto»." in text_of(page)
    assert listed(page) == {"Tejidos del Sol"}
    mine = rosa.get("/registry/views")
    drop = re.search(r'action="(/registry/views/[0-9a-f-]+/drop)"', mine.text)
    assert drop
    assert rosa.post(drop[1], {"version": "1"}).status_code == 303
    assert "Todavía no hay listas guardadas" in text_of(rosa.get("/registry/views"))
    assert "Guardar esta lista" not in text_of(rosa.get("/registry?q=esperanza"))


def test_a_record_tells_who_changed_what_from_what_to_what(pages_to_change: Pages) -> None:
    pages = pages_to_change
    rosa = pages.signed_in("coordinator", username="rosa", units=("HN",))
    shown = pages.house.call("GET", "/enterprises?q=esperanza").json["items"][0]
    path = f"/enterprises/{shown['id']}"
    version = shown["version"]
    for change in (
        {"municipality": "HN1706", "needs": ["market"], "formal": True},
        *({"jobs_men": number} for number in range(2, 7)),
        {"sales": {"amount": "900.00", "currency": "HNL"}, "products": [{"name": "Crema"}]},
    ):
        version = pages.house.call("PATCH", path, COORDINATOR, version=version, json=change).json["version"]
    page = rosa.get(f"/registry{path}")
    told = text_of(page)
    assert "Ficha cambiada : ventas al mes, productos" in told
    assert "Queso" not in told
    assert f'href="/registry{path}/history"' in page.text
    whole = text_of(rosa.get(f"/registry{path}/history"))
    assert "Ventas al mes antes: L12,500.00 → ahora: L900.00" in whole
    assert "Productos antes: Queso (L60.00) → ahora: Crema" in whole
    assert "Municipio antes: San Lorenzo, Valle → ahora: Goascorán, Valle" in whole
    assert "Necesidades antes: Crédito, Calidad y certificación → ahora: Acceso a mercados" in whole
    assert "Formalizado antes: No → ahora: Sí" in whole
    assert "HN1706" not in whole
    reader = pages.signed_in("credit_officer", username="oficial", units=("HN",))
    assert reader.get(f"/registry{path}/history").status_code == 403


def test_every_figure_of_the_dashboard_leads_to_its_list(pages: Pages, rosa: Browser) -> None:
    page = rosa.get("/registry/dashboard")
    links = [
        (link.replace("&amp;", "&"), int(count))
        for link, count in re.findall(r'<a href="\.\.(/registry\?[^"]+)">(\d+)</a>', page.text)
    ]
    assert len(links) >= 6
    for link, count in links:
        assert len(listed(rosa.get(link))) == count, link
    assert "<meter" in page.text
    viewer = pages.signed_in("leda_viewer", username="adel2", units=("HN",)).get("/registry/dashboard")
    assert "menos de 5" in text_of(viewer)
    assert not re.findall(r'<a href="\.\.(/registry\?[^"]+)">(\d+)</a>', viewer.text)
    assert pages.signed_in("trainer", username="formadora", units=("HN",)).get("/registry/dashboard").status_code == 403
    assert board.GROUPS

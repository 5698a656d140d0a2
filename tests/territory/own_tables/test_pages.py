"""Own tables on the pages of the portal: chosen step by step, kept, shared, taken away."""

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.house import House
from services import portal
from services.portal.pages.territory import own_table_words
from shared.i18n import Catalogue
from tests.house import opened_house
from tests.portal.conftest import text_of
from tests.territory.conftest import register
from tests.territory.test_pages import browser

NEW = "/territory/own-tables/new"
CHOSEN = "measure=enterprises&units=HN17&rows=place&columns=chain&chart=bars"
KEPT = {"measure": "enterprises", "units": "HN17", "rows": "place", "columns": "chain", "chart": "stacked"}


@pytest.fixture
def gulf(tmp_path: Path) -> Iterator[House]:
    with opened_house(tmp_path, "portal", "territory") as opened:
        with opened.service("territory").database.transaction() as session:
            register(session, 12, links=["production"])
            register(session, 8, "HN1701", chain="cashew", links=["marketing"])
            register(session, 2, "HN1703")
        yield opened


def options(page: str, name: str) -> list[str]:
    """What may be chosen in a field."""
    found = re.search(rf'<select[^>]* name="{name}".*?</select>', page, re.DOTALL)
    return re.findall(r'<option value="([^"]*)"', found[0]) if found else []


def test_an_empty_list_says_what_to_do_first(gulf: House) -> None:
    page = browser(gulf, "planner").get("/territory/own-tables")

    assert "Todavía no tiene ninguna tabla" in text_of(page)
    assert f'href="{NEW}"' in page.text


def test_each_answer_leaves_only_what_goes_with_it(gulf: House) -> None:
    planner = browser(gulf, "planner")
    first = planner.get(NEW).text
    loans = planner.get(f"{NEW}?measure=loans&rows=place&units=HN17").text
    chain = planner.get(f"{NEW}?measure=enterprises&rows=chain&units=HN17").text

    assert options(first, "columns") == []
    assert options(loans, "columns") == ["", "month", "year", "loan_state"]
    assert options(chain, "columns") == ["", "place", "month", "year", "link"]
    assert options(chain, "link") == ["", "inputs", "production", "processing", "marketing", "support_services"]
    assert "lines" not in options(chain, "chart")


def test_a_planner_chooses_sees_keeps_changes_and_removes_her_table(gulf: House) -> None:
    planner = browser(gulf, "planner")
    page = planner.get(f"{NEW}?{CHOSEN}")
    assert page.status_code == 200
    assert "<svg" in page.text
    assert "reservado" in text_of(page)

    refused = planner.post(NEW, KEPT | {"title": ""}, page=NEW)
    assert refused.status_code == 422
    assert "Hay un problema" in text_of(refused)
    done = planner.post(NEW, KEPT | {"title": "Cadenas de Valle", "shared": "yes"}, page=NEW)
    assert done.status_code == 303
    kept = done.headers["Location"]
    assert "Cadenas de Valle" in text_of(planner.get(kept))
    assert "Cadenas de Valle" in text_of(planner.get("/territory/own-tables"))

    change = planner.get(f"{kept}/change")
    version = re.findall(r'name="version" value="(\d+)"', change.text)[0]
    told = KEPT | {"title": "Mujeres de Valle", "measure": "women", "version": version}
    assert planner.post(f"{kept}/change", told, page=f"{kept}/change").status_code == 303
    assert "Mujeres ocupadas" in text_of(planner.get(kept))
    stale = planner.post(f"{kept}/change", told, page=f"{kept}/change")
    assert stale.status_code == 412

    listed = planner.get("/territory/own-tables").text
    version = re.findall(r'name="version" value="(\d+)"', listed)[0]
    assert planner.post(f"{kept}/remove", {"version": version}, page="/territory/own-tables").status_code == 303
    assert planner.get(kept).status_code == 404


def test_another_reads_what_is_shared_and_makes_one_like_it(gulf: House) -> None:
    planner = browser(gulf, "planner")
    kept = planner.post(NEW, KEPT | {"title": "De todas", "shared": "yes"}, page=NEW).headers["Location"]
    alone = planner.post(NEW, KEPT | {"title": "Solo mía"}, page=NEW).headers["Location"]
    reader = browser(gulf, "technician")

    page = reader.get(kept)
    assert "Compartida por Planner" in text_of(page)
    assert "/change" not in page.text
    assert "/remove" not in page.text
    (copy,) = re.findall(rf'href="({NEW}\?[^"]*)"', page.text)
    assert reader.get(html.unescape(copy)).status_code == 200
    assert reader.get(alone).status_code == 404
    assert browser(gulf, "leda_viewer", units=("HN06",)).get(kept).status_code == 404


@pytest.mark.parametrize(("form", "begins"), [("pdf", b"%PDF"), ("png", b"\x89PNG"), ("svg", b"<svg"), ("xlsx", b"PK")])
def test_a_table_is_taken_away_before_it_is_kept(gulf: House, form: str, begins: bytes) -> None:
    file = browser(gulf, "planner").get(f"/territory/own-tables/document?{CHOSEN}&format={form}")

    assert file.status_code == 200
    assert file.data.startswith(begins)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("measure=loans&rows=chain&columns=need&units=HN17", 200),
        ("measure=enterprises&rows=chain&units=HN17,HN1701", 422),
        ("measure=sales&rows=chain", 422),
        ("measure=enterprises&rows=place&units=zz", 422),
        ("measure=enterprises&rows=place&units=GT01", 403),
    ],
)
def test_an_address_that_was_put_together_by_hand_is_answered(gulf: House, query: str, status: int) -> None:
    assert browser(gulf, "planner").get(f"{NEW}?{query}").status_code == status


def test_every_choice_has_its_word_in_spanish() -> None:
    catalogue = Catalogue([Path(portal.__file__).parent / "locale"])
    words = [words for name, words in own_table_words.EVERY.items() if name != "ONLY_WORDS"]
    for choices in (*words, *own_table_words.ONLY_WORDS.values()):
        for word in choices.values():
            text = word[0] if isinstance(word, tuple) else word
            assert catalogue.knows(text, "es"), text

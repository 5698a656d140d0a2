"""The pages of stories and of the community: written, read, agreed to; what a stranger sends does no harm."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from services.portal.rules.linked_text import parts
from shared.kernel import clock
from tests.portal.conftest import Browser, Portal, built, text_of
from tests.training.stories_house import FIRM, NOTED, PDF, House, stories_house

SCRIPT = "<script>alert(1)</script>"
FORM = {
    "subject": f"sme:{FIRM}",
    "area": "environment",
    "sector": "trade",
    "unit": "HN17",
    "year": "2025",
    "firm_name": "Tienda Ficticia",
    "es-title": f"El agua {SCRIPT}",
    "es-situation": "Se perdía.\n\nMucho.",
    "es-done": "Un tanque.",
    "es-result": "La mitad.",
    "es-lessons": "Medir.",
    "es-figures-2-what": "Agua",
    "es-figures-2-value": "12",
    "es-figures-2-source": "Recibos",
}


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Portal, House]]:
    with built("sqlite", tmp_path) as portal, stories_house(tmp_path, portal.keys) as house:
        portal.apps["training"] = house.service.web
        yield portal, house


@pytest.fixture
def trainer(both: tuple[Portal, House]) -> Browser:
    return both[0].signed_in("trainer", units=("HN17",))


def version_in(browser: Browser, page: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', browser.get(page).text)
    assert found is not None
    return found[1]


def test_a_story_is_written_agreed_to_and_read_by_everybody(both: tuple[Portal, House], trainer: Browser) -> None:
    portal, house = both
    assert "Escribir un relato" in text_of(trainer.get("/training/stories"))
    made = trainer.post("/training/stories/new", FORM, page="/training/stories/new")
    assert made.status_code == 303, text_of(made)
    here = made.location
    for path, fields in (
        ("pictures", {"seen_es": "Un tanque", "seen_en": "A tank", "picture": (BytesIO(NOTED), "f.jpg")}),
        ("submission", {}),
    ):
        answer = trainer.post(f"{here}/{path}", fields | {"version": version_in(trainer, here)}, page=here)
        assert answer.status_code == 303, text_of(answer)
    story = {"id": here.rpartition("/")[2]}
    house.reviewer.step(story, "review")
    house.reviewer.step(story, "conclusion", {"outcome": "approved", "recommendations": "Bien"})
    said = {f"agreed_{purpose}": "yes" for purpose in ("text", "web", "name", "person", "pictures")}
    paper = {"said_on": clock.today().isoformat(), "paper": (BytesIO(PDF), "papel.pdf")} | said
    answer = trainer.post(f"{here}/consents", paper, page=here)
    assert answer.status_code == 303, text_of(answer)
    house.coordinator.step(story, "publication")
    anybody = portal.browser()
    assert "El agua" in text_of(anybody.get("/stories"))
    shown = anybody.get(f"/stories/{story['id']}")
    assert SCRIPT not in shown.text
    assert "&lt;script&gt;" in shown.text
    assert "script-src 'self'" in shown.headers["Content-Security-Policy"]
    picture = re.search(r'src="(/stories/[^"]+/pictures/[^"]+)"', shown.text)
    assert picture is not None
    sent = anybody.get(picture[1])
    assert (sent.status_code, sent.content_type) == (200, "image/jpeg")
    assert "no-store" in sent.headers["Cache-Control"]
    taken = {"purposes": ["pictures"], "told_on": clock.today().isoformat()}
    assert trainer.post(f"{here}/consent-withdrawals", taken, page=here).status_code == 303
    assert anybody.get(picture[1]).status_code == 404, "the address that somebody kept leads nowhere"
    assert "<img" not in anybody.get(f"/stories/{story['id']}").text


def test_what_was_typed_wrong_stays_and_is_said_beside_its_field(trainer: Browser) -> None:
    wrong = FORM | {"year": "mucho", "es-figures-2-source": ""}
    refused = trainer.post("/training/stories/new", wrong, page="/training/stories/new")
    assert refused.status_code == 422
    for said in ('href="#field-year"', 'href="#field-es-figures-2-source"', 'value="mucho"', "Un tanque."):
        assert said in refused.text, said


def test_an_owner_answers_each_question_through_her_link(both: tuple[Portal, House]) -> None:
    portal, house = both
    story = house.approved()
    address = f"/story/{house.link(story)}"
    browser = portal.browser()
    page = browser.get(address)
    assert (page.headers["Cache-Control"], page.headers["X-Robots-Tag"]) == ("no-store", "noindex")
    assert "checked" not in page.text, "nothing is answered for her"
    seen = re.search(r'name="seen" value="(\w+)"', page.text)
    assert seen is not None
    told = {"seen": seen[1], "asked": ["text", "web", "name", "person"], "text": "yes", "web": "no", "name": "no"}
    half = browser.post(address, told, page=address)
    assert (half.status_code, 'href="#field-person"' in half.text) == (422, True)
    assert browser.post(address, told | {"person": "no"}, page=address).status_code == 303
    assert house.team.get(f"/case-stories/{story['id']}").json["allowed"]["text"] is True
    closed = portal.browser().get("/story/" + "A" * 48)
    assert (closed.status_code, "no está abierto" in text_of(closed)) == (404, True)


def test_a_visitor_reads_only_what_is_on_the_web_and_a_member_all(both: tuple[Portal, House]) -> None:
    portal, house = both
    story = house.published(says={"web": "no"})
    address = f"/stories/{story['id']}"
    assert portal.browser().get(address).status_code == 404
    member = portal.signed_in("cashier", username="carla", units=("GT01",))
    assert "Solo en la red" in text_of(member.get(address))
    assert "Solo en la red" in text_of(member.get("/stories"))


def test_an_empty_library_and_an_empty_community_say_so(both: tuple[Portal, House], trainer: Browser) -> None:
    assert "todavía está vacía" in text_of(both[0].browser().get("/stories"))
    assert "Todavía nadie ha preguntado nada" in text_of(trainer.get("/training/community"))
    assert "Todavía no hay nada compartido" in text_of(trainer.get("/training/community/resources"))


def opened(browser: Browser, text: str) -> str:
    told = {"space": "credit", "title": f"Mora {SCRIPT}", "text": text}
    made = browser.post("/training/community/new", told, page="/training/community/new")
    assert made.status_code == 303, text_of(made)
    return str(made.location)


def test_what_a_member_writes_is_text_and_only_plain_addresses_are_links(trainer: Browser) -> None:
    here = opened(trainer, f'{SCRIPT} javascript:alert(1) <a href="x" onclick=y> https://example.org/a?b=1&c="q ok')
    shown = trainer.get(here).text
    body = shown.split('class="told"')[1].split("</p>")[0]
    assert "<script" not in body
    assert re.findall(r'<a href="([^"]*)"', body) == ["https://example.org/a?b=1&amp;c="]
    assert 'rel="noopener noreferrer nofollow ugc"' in body
    assert SCRIPT not in trainer.get("/training/community").text


def test_members_reply_hide_and_hear_what_is_new(both: tuple[Portal, House], trainer: Browser) -> None:
    portal, _house = both
    here = opened(trainer, "¿Qué les ha funcionado?")
    moderator = portal.signed_in("coordinator", username="marta", units=("SV",))
    sent = {"text": "Llamar antes", "file": (BytesIO(PDF), "guía.pdf")}
    assert moderator.post(f"{here}/posts", sent, page=here).status_code == 303
    assert "1 tema que usted sigue tiene algo nuevo" in text_of(trainer.get("/"))
    page = trainer.get(here)
    assert "guía.pdf" in page.text
    assert "tiene algo nuevo" not in text_of(trainer.get("/")), "what she read is no news"
    refused = trainer.post(f"{here}/posts", {"text": " "}, page=here)
    assert (refused.status_code, 'href="#field-text"' in refused.text) == (422, True)
    post = re.search(rf'action="({here}/posts/[0-9a-f-]+)/reports"', page.text)
    assert post is not None
    reason = {f"report-{post[1].rpartition('/')[2]}": "Dice dónde vive"}
    assert trainer.post(f"{post[1]}/reports", reason, page=here).status_code == 303
    assert "1 aviso sobre un mensaje por resolver" in text_of(moderator.get("/"))
    judged = moderator.get("/training/community/reports").text
    report = re.search(r'action="(/training/community/reports/([0-9a-f-]+))"', judged)
    assert report is not None
    without = moderator.post(report[1], {"outcome": "hidden"}, page="/training/community/reports")
    assert (without.status_code, f'href="#field-reason-{report[2]}"' in without.text) == (422, True)
    told = {"outcome": "hidden", f"reason-{report[2]}": "Dice dónde vive alguien"}
    assert moderator.post(report[1], told, page="/training/community/reports").status_code == 303
    assert "Llamar antes" not in trainer.get(here).text
    assert "Llamar antes" in moderator.get(here).text
    assert trainer.get("/training/community/reports").status_code == 403


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ver https://a.org.", [("ver ", False), ("https://a.org", True), (".", False)]),
        ("(http://a.org/x)", [("(", False), ("http://a.org/x", True), (")", False)]),
        ("javascript:alert(1)", [("javascript:alert(1)", False)]),
        ("https://a.org/<b>", [("https://a.org/", True), ("<b>", False)]),
        ("https://", [("https://", False)]),
        ("", []),
    ],
)
def test_addresses_are_found_in_plain_text(text: str, found: list[tuple[str, bool]]) -> None:
    assert parts(text) == found
    assert "".join(part for part, _is_address in parts(text)) == text

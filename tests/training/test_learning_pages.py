"""The pages of tests and surveys: from a questionnaire to what was learned; a woman answers without an account."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.training.app import build
from shared.testing import fill, settings_of
from shared.web import Peers
from tests.portal.conftest import Browser, Portal, built, text_of
from tests.training.test_api import Registry
from tests.training.test_learning import QUESTIONS, form

WRITTEN = {"code": "costos", "title": "Costos y precios", "purpose": "knowledge", "questions": QUESTIONS}
RIGHT = {"answer_1": "2", "answer_2": "1", "answer_3": "5"}
WRONG = {"answer_1": "1", "answer_2": "1", "answer_3": "2"}


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with built("sqlite", tmp_path) as found:
        settings = settings_of("training", tmp_path)
        peers = Peers(settings, found.keys["training"], {"registry": Registry().web})
        service = build(settings, found.keys["training"], peers)
        fill(service.database, "training")
        found.apps["training"] = service.web
        with service.database.transaction() as session:
            form(session)
        yield found
        service.database.dispose()


@pytest.fixture
def trainer(portal: Portal) -> Browser:
    return portal.signed_in("trainer", units=("HN17",))


def options(page: str, name: str) -> list[str]:
    part = page.partition(f'name="{name}"')[2].partition("</select>")[0]
    return [value for value in re.findall(r'value="([^"]+)"', part) if value]


def ask(browser: Browser, moment: str = "before") -> str:
    """The page of a measurement of the only group with the only questionnaire."""
    if "/training/questionnaires/new" in browser.get("/training/measurements/new").text:
        browser.get("/training/questionnaires/new")
        assert browser.post("/training/questionnaires/new", WRITTEN).status_code == 303
    page = browser.get("/training/measurements/new").text
    sent = {"group_id": options(page, "group_id")[0], "instrument_id": options(page, "instrument_id")[0]}
    answer = browser.post("/training/measurements/new", sent | {"moment": moment, "closes_on": "2026-04-01"})
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["Location"])


def links(browser: Browser, measurement: str) -> list[str]:
    """The path of the group's link, then those of the women."""
    found = re.findall(r'href="http://[^/]+(/answer/[^"]+)"', browser.get(measurement).text)
    return list(dict.fromkeys(found))


def close(browser: Browser, measurement: str) -> None:
    version = browser.get(measurement).text.partition('name="version" value="')[2].partition('"')[0]
    assert browser.post(f"{measurement}/closing", {"version": version}, page=measurement).status_code == 303


def test_from_a_questionnaire_to_what_was_learned(portal: Portal, trainer: Browser) -> None:
    opened = []
    for moment, answers in (("before", WRONG), ("after", RIGHT)):
        measurement = ask(trainer, moment)
        opened.append(measurement)
        for link in links(trainer, measurement)[1:7]:
            woman = portal.browser()
            woman.get(link)
            done = woman.post(link, answers | {"doing": "hand_in"})
            assert "Sus respuestas están entregadas" in text_of(done)
        assert "6 de 8" in text_of(trainer.get(measurement))
    listed = trainer.get("/training/learning")
    (questionnaire, *_) = re.findall(r'href="(/training/questionnaires/[0-9a-f-]{36}\?[^"]+)"', listed.text)
    waiting = text_of(trainer.get(questionnaire))
    assert "Mediciones que todavía reciben respuestas: 2" in waiting
    assert "puntos porcentuales" not in waiting
    for moment in opened:
        close(trainer, moment)
    told = text_of(trainer.get(questionnaire))
    for said in (
        "+50 puntos porcentuales",
        "entre las 6 mujeres",
        "sin grupo de comparación",
        "6, el 75 %",
        "Cambio relativo",
        "Ganancia normalizada",
        "Tamaño del efecto",
    ):
        assert said in told


def test_a_woman_answers_with_her_code_saves_and_goes_on(portal: Portal, trainer: Browser) -> None:
    measurement = ask(trainer)
    page = trainer.get(measurement).text
    code, group_link = re.findall(r"<code>(\w{6})</code>", page)[0], links(trainer, measurement)[0]
    woman = portal.browser()
    assert "Escriba el código" not in text_of(woman.get(group_link)), "nothing is wrong before she typed anything"
    wrong = woman.post(group_link, {"code": "ZZZZZZ"})
    assert (wrong.status_code, "Nadie de este grupo tiene ese código" in text_of(wrong)) == (422, True)
    again = woman.post(group_link, {"code": "ZZZZZZ", "answer_1": "2", "doing": "save"})
    assert re.search(r'name="answer_1" value="2"', again.text), "what she typed goes on with the right code"
    assert "¿Cuánto cuesta la docena?" in text_of(woman.post(group_link, {"code": code.lower()}))
    kept = woman.post(group_link, {"code": code, "answer_1": "2", "doing": "save"})
    assert "Está guardado" in text_of(kept)
    later = portal.browser()
    later.get(group_link)
    assert re.search(r'name="answer_1" value="2" checked', later.post(group_link, {"code": code}).text)
    lacking = later.post(group_link, {"code": code, "answer_1": "2", "doing": "hand_in"})
    assert "Preguntas sin responder: 2, 3" in text_of(lacking)
    odd = later.post(group_link, {"code": code, **RIGHT, "answer_4": "muchas", "doing": "hand_in"})
    assert (odd.status_code, "La respuesta 4 debe ser un número" in text_of(odd)) == (422, True)
    assert 'value="muchas"' in odd.text, "what she typed stands"
    assert "entregadas" in text_of(later.post(group_link, {"code": code, **RIGHT, "doing": "hand_in"}))


def test_a_link_that_is_over_says_so(portal: Portal, trainer: Browser) -> None:
    measurement = ask(trainer)
    _, mine, other = links(trainer, measurement)[:3]
    (revoke, *_) = re.findall(rf'action="({measurement}/sheets/[^"]+)"', trainer.get(measurement).text)
    assert trainer.post(revoke, {}, page=measurement).status_code == 303
    woman = portal.browser()
    gone = woman.get(mine)
    assert (gone.status_code, "Pida otro a su centro" in text_of(gone)) == (404, True)
    for path in ("/answer/xyz", "/answer/" + "A" * 48, "/answer/" + "A" * 60):
        assert woman.get(path).status_code == 404
    woman.get(other)
    version = trainer.get(measurement).text.partition('name="version" value="')[2].partition('"')[0]
    assert trainer.post(f"{measurement}/closing", {"version": version}, page=measurement).status_code == 303
    assert woman.post(other, RIGHT | {"doing": "hand_in"}, page="/sign-in").status_code == 404
    again = trainer.post(f"{measurement}/closing", {"version": version}, page="/training/measurements/new")
    assert again.status_code == 412


def test_answering_needs_no_account_no_script_and_is_kept_by_no_cache(portal: Portal, trainer: Browser) -> None:
    link = links(trainer, ask(trainer))[1]
    page = portal.browser().get(link)
    assert page.headers["Cache-Control"] == "no-store"
    assert 'method="post"' in page.text
    assert "Marta" not in page.text, "nobody's name stands in it"


def test_wrong_input_is_told_beside_its_field(trainer: Browser) -> None:
    trainer.get("/training/questionnaires/new")
    refused = trainer.post("/training/questionnaires/new", WRITTEN | {"questions": "¿Cuánto?\n- 1\n- 2"})
    assert (refused.status_code, "La pregunta 1 necesita de 2 a 8 opciones" in text_of(refused)) == (422, True)
    assert "Costos y precios" in refused.text
    ask(trainer)
    page = trainer.get("/training/measurements/new").text
    sent = {"group_id": options(page, "group_id")[0], "instrument_id": options(page, "instrument_id")[0]}
    again = trainer.post("/training/measurements/new", sent | {"moment": "before", "closes_on": "2026-04-01"})
    assert (again.status_code, "ya tiene esta medición" in text_of(again)) == (409, True)


def test_a_questionnaire_of_the_house_is_a_beginning(trainer: Browser) -> None:
    begun = trainer.get("/training/questionnaires/new?from=costos-precios")
    assert "¿Cuál de estos gastos es un costo fijo?" in begun.text
    assert 'value="costos-precios"' in begun.text


def test_each_role_finds_what_is_hers(portal: Portal, trainer: Browser) -> None:
    measurement = ask(trainer)
    auditor = portal.signed_in("auditor", username="aurora")
    assert auditor.get("/training/learning").status_code == 200
    assert auditor.get(measurement).status_code == 403, "links and codes are for who works with the group"
    assert portal.signed_in("trainer", username="gloria", units=("GT01",)).get(measurement).status_code == 403
    reviewer = portal.signed_in("csr_reviewer", username="rosa")
    assert [reviewer.get(page).status_code for page in ("/training/learning", "/training/questionnaires")] == [403, 403]


def test_empty_pages_say_what_to_do_first(trainer: Browser) -> None:
    for page in ("/training/learning", "/training/questionnaires", "/training/measurements/new"):
        assert 'class="empty"' in trainer.get(page).text


def test_four_levels_are_told_of_a_territory(portal: Portal, trainer: Browser) -> None:
    told = text_of(trainer.get("/training/evaluation"))
    assert told.count("De esto todavía no se preguntó nada") == 3
    assert "Todavía no hay nada que decir" in told
    for link in links(trainer, ask(trainer, "later"))[1:7]:
        woman = portal.browser()
        woman.get(link)
        woman.post(link, RIGHT | {"doing": "hand_in"})
    told = text_of(trainer.get("/training/evaluation?unit=HN17&chain=fishing"))
    assert told.count("De esto todavía no se preguntó nada") == 2
    assert "Costos y precios" in told
    assert "ningún país, departamento ni municipio con el código HN99" in text_of(
        trainer.get("/training/evaluation?unit=HN99")
    )

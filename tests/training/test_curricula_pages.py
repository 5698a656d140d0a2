"""The pages of curricula: written, talked over, accepted through links, chosen for a group and taught."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from services.training.app import build
from services.training.models import TrainingGroup
from shared.service import Service
from shared.testing import fill, settings_of
from shared.web import Peers
from tests.portal.conftest import Browser, Portal, built, text_of
from tests.training.house import woman_of
from tests.training.lessons import form_group
from tests.training.test_api import Registry

NEW = {"title": "Costos y precios", "topic": "costing", "type": "fishing", "language": "es", "unit": "HN17"}
MODULE: dict[str, Any] = {
    "title": "Lo que cuesta producir",
    "objectives": "Calcular el costo de una libra.",
    "methods": ["own_numbers"],
    "hours": "4",
    "links": "Hoja de costos https://ejemplo.org/costos",
}


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with built("sqlite", tmp_path) as found:
        settings = settings_of("training", tmp_path)
        peers = Peers(settings, found.keys["training"], {"registry": Registry().web})
        service = build(settings, found.keys["training"], peers)
        fill(service.database, "training")
        found.apps["training"] = service.web
        found.apps["training service"] = service
        with service.database.transaction() as session:
            form_group(session)
        yield found
        service.database.dispose()


@pytest.fixture
def trainer(portal: Portal) -> Browser:
    return portal.signed_in("trainer", units=("HN17",))


@pytest.fixture
def group(portal: Portal) -> str:
    service: Service = portal.apps["training service"]
    with service.database.reading() as session:
        return str(session.scalar(select(TrainingGroup.id)))


def hidden(page: str, name: str = "version") -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, name
    return found[1]


def base_of(page: str) -> str:
    found = re.search(r"/training/curriculum-versions/[0-9a-f-]{36}", page)
    assert found
    return found[0]


def begun(trainer: Browser) -> str:
    """The address of a curriculum with one module, in draft."""
    trainer.get("/training/curricula/new")
    where = str(trainer.post("/training/curricula/new", NEW).headers["Location"])
    base = base_of(trainer.get(where).text)
    form = trainer.get(f"{base}/modules/new").text
    answer = trainer.post(f"{base}/modules/new", MODULE | {"version": hidden(form)})
    assert answer.status_code == 303, text_of(answer)
    return where


def proposed(trainer: Browser) -> str:
    where = begun(trainer)
    page = trainer.get(where).text
    assert trainer.post(f"{base_of(page)}/proposal", {"version": hidden(page)}).status_code == 303
    return where


def linked(trainer: Browser, where: str, group: str) -> str:
    """The path of a woman's link."""
    base = base_of(trainer.get(where).text)
    trainer.get(f"{base}/links/new?voice=entrepreneur&group_id={group}")
    told = {"voice": "entrepreneur", "group_id": group, "entrepreneur_id": str(woman_of(1))}
    answer = trainer.post(f"{base}/links/new", told | {"expires_on": "2026-04-01"})
    assert answer.status_code == 303, text_of(answer)
    found = re.findall(r'href="http://[^/]+(/curriculum/[^"]+)"', trainer.get(where).text)
    return str(found[0])


def test_a_curriculum_is_begun_and_its_first_module_written(trainer: Browser) -> None:
    assert "Todavía no hay ningún plan de estudios" in trainer.get("/training/curricula").text
    page = trainer.get(begun(trainer)).text
    assert "Lo que cuesta producir" in page
    assert 'href="https://ejemplo.org/costos"' in page
    assert "Costos y precios" in trainer.get("/training/curricula").text


def test_what_was_typed_wrong_stays_and_is_said_beside_its_field(trainer: Browser) -> None:
    trainer.get("/training/curricula/new")
    answer = trainer.post("/training/curricula/new", NEW | {"topic": ""})
    assert answer.status_code == 422
    assert 'value="Costos y precios"' in answer.text
    base = base_of(trainer.get(begun(trainer)).text)
    form = trainer.get(f"{base}/modules/new").text
    wrong = MODULE | {"version": hidden(form), "hours": "0.4", "title": "Otro"}
    answer = trainer.post(f"{base}/modules/new", wrong)
    assert answer.status_code == 422
    assert 'value="Otro"' in answer.text
    assert 'href="#field-hours"' in answer.text
    answer = trainer.post(f"{base}/modules/new", wrong | {"hours": "1", "links": "sin dirección"})
    assert 'href="#field-links"' in answer.text


def test_two_who_write_at_the_same_time_are_told(trainer: Browser) -> None:
    where = begun(trainer)
    page = trainer.get(where).text
    base, seen = base_of(page), hidden(page)
    form = trainer.get(f"{base}/modules/new").text
    trainer.post(f"{base}/modules/new", MODULE | {"version": hidden(form), "title": "Segundo"})
    trainer.get(where)
    answer = trainer.post(f"{base}/proposal", {"version": seen})
    assert answer.status_code == 412
    assert "Alguien cambió" in answer.text


def test_a_module_has_files_that_are_pdf_or_pictures(trainer: Browser) -> None:
    where = begun(trainer)
    page = trainer.get(where).text
    module = re.search(rf"{base_of(page)}/modules/[0-9a-f-]{{36}}", page)
    assert module
    form = trainer.get(module[0]).text
    sent = {"version": hidden(form), "file": (BytesIO(b"no pdf"), "hoja.pdf")}
    answer = trainer.post(f"{module[0]}/files", sent)
    assert (answer.status_code, "no es PDF" in answer.text) == (422, True)
    sent = {"version": hidden(form), "file": (BytesIO(b"%PDF-1.7 x\n%%EOF"), "hoja.pdf")}
    answer = trainer.post(f"{module[0]}/files", sent)
    assert answer.status_code == 303, text_of(answer)
    page = trainer.get(where).text
    kept = re.search(rf'href="({module[0]}/files/[0-9a-f-]+)"', page)
    assert kept
    assert trainer.get(kept[1]).data.startswith(b"%PDF")


def test_a_woman_reads_contributes_accepts_and_asks_without_an_account(
    portal: Portal, trainer: Browser, group: str
) -> None:
    where = proposed(trainer)
    link = linked(trainer, where, group)
    phone = portal.browser()
    page = phone.get(link).text
    assert "Lo que cuesta producir" in page
    assert "Marta" not in page
    answer = phone.post(f"{link}/contributions", {"text": ""})
    assert (answer.status_code, 'href="#field-text"' in answer.text) == (422, True)
    assert phone.post(f"{link}/contributions", {"text": "Falta el flete", "module_id": ""}).status_code == 303
    phone.get(link)
    assert phone.post(f"{link}/asked-subjects", {"subject": "Primeros auxilios"}).status_code == 303
    phone.get(link)
    assert phone.post(f"{link}/acceptance", {"content_hash": hidden(page, "content_hash")}).status_code == 303
    page = phone.get(link).text
    assert "Usted aceptó esta versión." in page
    assert "Primeros auxilios" in page
    seen = trainer.get(where).text
    assert "Falta el flete" in seen
    assert "Marta 1 Inventada" in seen
    assert "Primeros auxilios" in trainer.get("/training/asked-subjects").text


def test_a_link_that_is_over_says_so(portal: Portal) -> None:
    phone = portal.browser()
    assert phone.get(f"/curriculum/{'A' * 48}").status_code == 404
    assert phone.get("/curriculum/short").status_code == 404


def test_a_group_chooses_accepts_and_is_taught_a_module(portal: Portal, trainer: Browser, group: str) -> None:
    where = proposed(trainer)
    page = trainer.get(where).text
    base, content = base_of(page), hidden(page, "content_hash")
    version = base.rpartition("/")[2]
    shown = trainer.get(f"/training/groups/{group}").text
    assert "Elegir un plan de estudios" in shown
    assert trainer.post(f"/training/groups/{group}/curriculum", {"version_id": version}).status_code == 303
    shown = text_of(trainer.get(f"/training/groups/{group}"))
    assert "Falta que acepten para este grupo: Persona experta, Docente, Emprendedora" in shown
    assert 'name="module_id"' not in trainer.get(f"/training/groups/{group}/sessions/new").text
    assert trainer.post(f"{base}/acceptances", {"accept_as": "teacher", "content_hash": content}).status_code == 303
    technician = portal.signed_in("technician", username="tecla", units=("HN17",))
    technician.get(where)
    assert technician.post(f"{base}/acceptances", {"accept_as": "expert", "content_hash": content}).status_code == 303
    link = linked(trainer, where, group)
    phone = portal.browser()
    phone.get(link)
    assert phone.post(f"{link}/acceptance", {"content_hash": content}).status_code == 303
    form = trainer.get(f"/training/groups/{group}/sessions/new").text
    module = re.search(r'<option value="([0-9a-f-]{36})">1\. Lo que', form)
    assert module
    told = {"title": "Costos", "first_day": "2026-03-10", "starts": "08:00", "ends": "12:00", "place": "Casa"}
    answer = trainer.post(f"/training/groups/{group}/sessions/new", told | {"module_id": module[1]})
    assert answer.status_code == 303, text_of(answer)
    assert "Lo que cuesta producir" in trainer.get(str(answer.headers["Location"])).text


def test_a_subject_is_noted_and_answered(trainer: Browser, group: str) -> None:
    trainer.get("/training/asked-subjects/new")
    told = {"subject": "Computación", "group_id": group, "women": "4", "source": "session", "asked_on": "2026-03-01"}
    assert trainer.post("/training/asked-subjects/new", told).status_code == 303
    page = trainer.get("/training/asked-subjects/answer?subject=Computaci%C3%B3n")
    assert "San Lorenzo" in page.text
    answer = trainer.post(
        "/training/asked-subjects/answer", {"subject": "Computación", "state": "taken_up", "answer": "x"}
    )
    assert (answer.status_code, 'href="#field-curriculum-id"' in answer.text) == (422, True)
    declined = {"subject": "Computación", "state": "declined", "answer": "No hay equipos"}
    assert trainer.post("/training/asked-subjects/answer", declined).status_code == 303
    assert "No hay equipos" in trainer.get("/training/asked-subjects").text


def test_a_strategy_is_written_down_and_holds(trainer: Browser) -> None:
    assert "Punto de partida" in trainer.get("/training/strategies").text
    trainer.get("/training/strategies/new")
    told = {"unit": "HN17", "type": "fishing", "need": "quality", "form": "on_site", "methods": ["demonstration"]}
    told |= {"hours": "20", "smallest": "6", "largest": "4", "decided_by": "Reunión técnica", "source": "x"}
    answer = trainer.post("/training/strategies/new", told | {"since": "2026-03-05"})
    assert (answer.status_code, 'href="#field-largest"' in answer.text) == (422, True)
    answer = trainer.post("/training/strategies/new", told | {"since": "2026-03-05", "largest": "12"})
    assert answer.status_code == 303, text_of(answer)
    assert "Reunión técnica" in trainer.get(str(answer.headers["Location"])).text


def test_who_reads_only_sees_no_forms_and_others_nothing(portal: Portal, trainer: Browser) -> None:
    where = begun(trainer)
    auditor = portal.signed_in("auditor", username="auditora", units=("HN17",))
    page = auditor.get(where)
    assert page.status_code == 200
    assert "<form" not in page.text.partition("<main")[2].partition("</main>")[0]
    cashier = portal.signed_in("cashier", username="flor", units=("HN17",))
    for path in (where, "/training/curricula", "/training/strategies", "/training/asked-subjects"):
        assert cashier.get(path).status_code == 403

"""The pages of the library, of trainers, licences and learning centres: from an empty house to each of them full."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from services.training.app import build
from shared.kernel import clock
from shared.testing import fill, settings_of
from shared.web import Peers
from tests.portal.conftest import Browser, Portal, built, text_of

MATERIAL = {
    "title": "Costos para pescadoras",
    "kind": "module",
    "language": "es",
    "author": "Centro Inventado",
    "year": "2024",
    "licence": "cc_by",
    "summary": "Cuánto cuesta una libra de curvina",
    "topics": "costing",
    "chains": "fishing",
    "unit": "HN17",
}
TRAINER = {"name": "Fabiola Inventada", "topics": "food_safety", "languages": "es", "units": "HN17", "unit": "HN17"}
PDF = b"%PDF-1.7\nhola\n%%EOF\n"


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with built("sqlite", tmp_path) as found:
        settings = settings_of("training", tmp_path)
        service = build(settings, found.keys["training"], Peers(settings, found.keys["training"], {}))
        fill(service.database, "training")
        found.apps["training"] = service.web
        yield found
        service.database.dispose()


@pytest.fixture
def coordinator(portal: Portal) -> Browser:
    return portal.signed_in("coordinator", units=("HN17",))


def version(browser: Browser, address: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', browser.get(address).text)
    assert found is not None
    return found[1]


def sent(browser: Browser, page: str, part: str = "", /, **fields: Any) -> str:
    """Where a form led that must have worked; it carries the version that the page has now."""
    here = browser.get(page).text
    known = re.search(r'name="version" value="(\d+)"', here)
    answer = browser.post(f"{page}{part}", fields | ({"version": known[1]} if known else {}), page=page)
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["Location"])


def test_an_empty_house_says_what_to_do_first(coordinator: Browser) -> None:
    assert "Agregue el primer material" in text_of(coordinator.get("/training/library"))
    assert "Agregue a la primera" in text_of(coordinator.get("/training/trainers"))
    assert "Abra abajo la primera" in text_of(coordinator.get("/training/licences"))
    assert "Anote abajo la primera" in text_of(coordinator.get("/training/centres"))
    assert "no hay nada publicado" in text_of(coordinator.get("/library"))


def test_a_material_from_its_description_to_the_open_library(coordinator: Browser, portal: Portal) -> None:
    here = sent(coordinator, "/training/library/new", **MATERIAL)
    assert "No file yet" not in text_of(coordinator.get(here))
    wrong = coordinator.post(f"{here}/files", {"version": "1", "file": (BytesIO(b"MZ"), "x.exe")}, page=here)
    assert wrong.status_code == 422
    assert "Guárdelo como uno de ellos" in text_of(wrong)
    sent(coordinator, here, "/files", file=(BytesIO(PDF), "costos.pdf"))
    sent(coordinator, here, "/files", file=(BytesIO(PDF + b"2%%EOF"), "costos.pdf"), note="Precios de hoy")
    shown = text_of(coordinator.get(here))
    assert "Precios de hoy" in shown
    assert coordinator.get(f"{here}/files/1").data == PDF
    sent(coordinator, here, "/reach", reach="public")
    assert "lo decidió" in text_of(coordinator.get(here))
    found = text_of(coordinator.get("/training/library?text=PESCAD&topic=costing"))
    assert "Costos para pescadoras" in found
    assert "Ningún material responde" in text_of(coordinator.get("/training/library?text=zzz"))
    anybody = portal.browser() if hasattr(portal, "browser") else coordinator
    shelf = anybody.get("/library?text=curvina")
    assert "Costos para pescadoras" in text_of(shelf)
    address = re.search(r'href="(/library/[0-9a-f-]+/file)"', shelf.text)
    assert address is not None
    assert anybody.get(address[1]).data.endswith(b"2%%EOF")
    sent(coordinator, here, "/archiving", why="Hay otro mejor")
    assert "Hay otro mejor" in text_of(coordinator.get(here))
    sent(coordinator, here, "/restoring")


def test_nothing_typed_is_lost_and_each_error_leads_to_its_field(coordinator: Browser) -> None:
    coordinator.get("/training/library/new")
    answer = coordinator.post("/training/library/new", MATERIAL | {"year": "2999", "kind": ""})
    assert answer.status_code == 422
    assert 'href="#field-kind"' in answer.text
    assert "Cuánto cuesta una libra de curvina" in answer.text
    coordinator.get("/training/trainers/new")
    answer = coordinator.post("/training/trainers/new", TRAINER | {"name": ""})
    assert answer.status_code == 422
    assert 'href="#field-name"' in answer.text


def test_a_changed_material_is_shown_as_it_is_now_to_who_sends_an_old_version(coordinator: Browser) -> None:
    here = sent(coordinator, "/training/library/new", **MATERIAL)
    sent(coordinator, f"{here}/change", **MATERIAL | {"title": "Ahora"})
    old = coordinator.post(f"{here}/change", MATERIAL | {"title": "Antes", "version": "1"}, page=f"{here}/change")
    assert old.status_code == 412
    assert 'value="Antes"' in old.text
    assert 'name="version" value="2"' in old.text


def test_a_trainer_earns_a_licence_and_its_number_tells_whether_it_counts(coordinator: Browser) -> None:
    her = sent(coordinator, "/training/trainers/new", **TRAINER)
    today = clock.today()
    told = {"name": "Edición inventada", "level": "facilitator", "topics": "food_safety", "unit": "HN17"}
    days = {"starts_on": (today - timedelta(days=30)).isoformat(), "ends_on": today.isoformat()}
    edition = sent(coordinator, "/training/licences", **told, **days)
    one = sent(coordinator, edition, trainer_id=her.rpartition("/")[2])
    for number in range(5):
        sent(coordinator, one, "/hours", **{"hours-on": str(today - timedelta(days=number)), "hours-hours": "8"})
    wrong = coordinator.post(f"{one}/tests", {"tests-on": str(today), "tests-percent": "140"}, page=one)
    assert wrong.status_code == 422
    assert 'href="#field-tests-percent"' in wrong.text
    sent(coordinator, one, "/tests", **{"tests-on": str(today), "tests-percent": "90"})
    criteria = re.findall(r'name="(mark-[a-z]+)" value="4"', coordinator.get(one).text)
    assert len(criteria) == 6
    for _ in range(2):
        sent(coordinator, one, "/observations", **{"observations-on": str(today)} | dict.fromkeys(criteria, "4"))
    assert "Cumplió todo" in text_of(coordinator.get(one))
    licence = sent(coordinator, one, "/licence")
    number = re.search(r"L\d{4}-[0-9A-Z]{8}", coordinator.get(licence).text)
    assert number is not None
    told_ = text_of(coordinator.get(f"/verify/licence?number={number[0].lower()}"))
    assert "Vigente" in told_
    assert "Fabiola" not in told_
    paper = coordinator.get(f"{licence}/document")
    assert paper.data.startswith(b"%PDF")
    assert f"{licence}/document" in coordinator.get(licence).text
    sent(coordinator, licence, "/suspension", **{"suspension-reason": "Se revisa una queja"})
    assert f"{licence}/document" not in coordinator.get(licence).text
    assert coordinator.get(f"{licence}/document").headers["Location"].endswith(licence)
    assert "Solo se imprime una que vale" in text_of(coordinator.get(licence))
    assert "Se revisa una queja" in text_of(coordinator.get(licence))
    assert "Suspendida" in text_of(coordinator.get(f"/verify/licence?number={number[0]}"))
    sent(coordinator, licence, "/giving-back")
    early = coordinator.post(f"{licence}/renewal", {"version": version(coordinator, licence)}, page=licence)
    assert early.status_code == 409
    assert "Se puede renovar desde" in text_of(early)
    assert coordinator.get("/verify/licence?number=L2026-AAAAAAAA").status_code == 404
    assert coordinator.get("/verify/licence?number=<b>").status_code == 422
    assert number[0] in text_of(coordinator.get(her))


def test_a_learning_centre_its_agreement_its_paper_and_the_renewal(coordinator: Browser) -> None:
    told = {"name": "Universidad Inventada", "learning_kind": "university", "unit": "HN17", "phone": "+504 2700 0000"}
    here = sent(coordinator, "/training/centres", **told)
    today = clock.today()
    agreed = {
        "title": "Convenio de aulas",
        "purpose": "Aulas los sábados",
        "contribution": "in_kind",
        "signed_on": str(today - timedelta(days=300)),
        "ends_on": str(today + timedelta(days=30)),
        "side-0": "partner",
        "what-0": "Presta un aula",
    }
    sent(coordinator, here, "/agreements", **agreed)
    listed = coordinator.get("/training/centres").text
    assert "Convenio de aulas" in listed, "it ends soon"
    agreement = re.search(r"/agreements/([0-9a-f-]{36})/paper", coordinator.get(here).text)
    assert agreement is not None
    base = f"{here}/agreements/{agreement[1]}"
    assert coordinator.post(f"{base}/paper", {}, page=here).status_code == 422
    answer = coordinator.post(f"{base}/paper", {"file": (BytesIO(PDF), "convenio.pdf")}, page=here)
    assert answer.status_code == 303, text_of(answer)
    assert coordinator.get(f"/training/agreements/{agreement[1]}/paper").data == PDF
    row = re.search(
        rf'{agreement[1]}/renewal"[^>]*>.*?name="version" value="(\d+)"', coordinator.get(here).text, re.DOTALL
    )
    assert row is not None
    early = {f"signed-{agreement[1]}": str(date(2000, 1, 1)), "version": row[1]}
    assert coordinator.post(f"{base}/renewal", early, page=here).status_code == 422
    renewal = {f"signed-{agreement[1]}": str(today), "version": row[1]}
    assert coordinator.post(f"{base}/renewal", renewal, page=here).status_code == 303
    shown = text_of(coordinator.get(here))
    assert "Renovado" in shown
    assert shown.count("Presta un aula") == 2, "its obligations stay"
    assert "Convenio de aulas" not in text_of(coordinator.get("/training/centres"))


def test_a_centre_that_is_renamed_among_the_partners_keeps_its_telephone(coordinator: Browser) -> None:
    told = {"name": "Universidad Inventada", "learning_kind": "university", "unit": "HN17", "phone": "+504 2700 0000"}
    here = sent(coordinator, "/training/centres", **told)
    among = f"/training/csr/partners/{here.rpartition('/')[2]}"
    page = coordinator.get(among).text
    version = re.search(r'name="version" value="(\d+)"', page)
    kind = re.search(r'<select id="field-kind".*?<option value="(\w+)" selected>', page, re.DOTALL)
    assert version is not None
    assert kind is not None
    changed = {"version": version[1], "unit": "HN17", "name": "Universidad Ficticia", "kind": kind[1]}
    assert coordinator.post(among, changed).status_code == 303
    shown = text_of(coordinator.get(here))
    assert "Universidad Ficticia" in shown
    assert "+504 2700 0000" in shown


def test_who_only_reads_is_offered_nothing_to_change(portal: Portal) -> None:
    auditor = portal.signed_in("auditor", units=("HN",))
    for page in ("/training/library", "/training/trainers", "/training/licences", "/training/centres"):
        shown = auditor.get(page)
        assert shown.status_code == 200
        assert "Agregar" not in text_of(shown)
    assert auditor.get("/training/library/new").status_code == 403
    planner = portal.signed_in("planner", username="pilar", units=("HN",))
    assert planner.get("/training/library").status_code == 403

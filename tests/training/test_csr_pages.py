"""The pages of workshops, dialogues, partners and the annual report; the public form without an account."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.training.app import build
from shared.testing import fill, settings_of
from shared.web import Peers
from tests.portal.conftest import Browser, Portal, built, text_of
from tests.training.csr_house import written_on

WORKSHOP = {"title": "Taller ficticio", "city": "Nacaome", "unit": "HN17", "starts_on": "2026-03-03", "capacity": "20"}
FIRM = {
    "firm": "Panadería Ficticia",
    "sector": "manufacturing",
    "size": "micro",
    "unit": "HN1709",
    "city": "San Lorenzo",
}


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
def trainer(portal: Portal) -> Browser:
    return portal.signed_in("trainer", units=("HN17",))


def planned(browser: Browser, **changed: str) -> str:
    """The address of a new workshop."""
    browser.get("/training/csr/workshops/new")
    answer = browser.post("/training/csr/workshops/new", WORKSHOP | changed)
    assert answer.status_code == 303, text_of(answer)
    return str(answer.headers["Location"])


def version(browser: Browser, address: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', browser.get(address).text)
    assert found is not None
    return found[1]


def sent(browser: Browser, address: str, part: str, /, **fields: str) -> None:
    answer = browser.post(f"{address}/{part}", fields | {"version": version(browser, address)}, page=address)
    assert answer.status_code == 303, text_of(answer)


def test_a_workshop_on_a_holiday_is_kept_by_ticking_so(trainer: Browser) -> None:
    trainer.get("/training/csr/workshops/new")
    warned = trainer.post("/training/csr/workshops/new", WORKSHOP | {"starts_on": "2026-04-01"})
    assert (warned.status_code, "es feriado: Jueves Santo, 2 abr 2026" in text_of(warned)) == (422, True)
    here = planned(trainer, starts_on="2026-04-01", on_holiday="yes")
    assert "2 de abril de 2026: Jueves Santo" in text_of(trainer.get(here))


def test_an_empty_house_says_what_to_do_first(trainer: Browser) -> None:
    assert "Planifique uno" in text_of(trainer.get("/training/csr"))
    assert "Llegan con las inscripciones" in text_of(trainer.get("/training/csr/smes"))
    assert "Anote abajo la primera" in text_of(trainer.get("/training/csr/partners"))
    assert "Anote abajo el primero" in text_of(trainer.get("/training/csr/dialogues"))
    assert "no se realizó ningún taller" in text_of(trainer.get("/training/csr/report"))


def test_from_a_plan_to_the_roll_and_the_report(trainer: Browser) -> None:
    here = planned(trainer, gender_module="yes")
    shown = text_of(trainer.get(here))
    for said in ("Sesión interactiva: mapa de partes interesadas", "Interactiva", "Se imparte", "de 20 lugares"):
        assert said in shown
    people = f"{here}/participants"
    for name in ("Ana Inventada", "Berta Inventada"):
        answer = trainer.post(people, FIRM | {"name": name, "sex": "woman"}, page=people)
        assert answer.status_code == 303, text_of(answer)
    listed = trainer.get(f"{here}/roll/1").text
    ids = re.findall(r'name="listed" value="([0-9a-f-]{36})"', listed)
    answer = trainer.post(f"{here}/roll/1", {"listed": ids, "present": ids[:1]}, page=f"{here}/roll/1")
    assert answer.status_code == 303, text_of(answer)
    assert f'value="{ids[0]}" checked' in trainer.get(f"{here}/roll/1").text
    sent(trainer, here, "holding")
    shown = text_of(trainer.get(here))
    assert "Realizada" in shown
    assert "Cancelar la actividad" not in shown, "what was held stays as it was"
    report = text_of(trainer.get("/training/csr/report"))
    assert "reservado" in report
    assert "Ana" not in report
    assert trainer.get("/training/csr/report.pdf").data.startswith(b"%PDF")
    assert trainer.get("/training/csr/report.xlsx").data.startswith(b"PK")


def test_the_diplomas_of_a_workshop_are_issued_on_its_page(trainer: Browser) -> None:
    here = planned(trainer)
    page, people = f"{here}/diplomas", f"{here}/participants"
    assert page not in trainer.get(here).text, "first it is held"
    assert "cuando en la página del taller consta que se realizó" in text_of(trainer.get(page))
    for name in ("Ana Inventada", "Berta Inventada"):
        assert trainer.post(people, FIRM | {"name": name, "sex": "woman"}, page=people).status_code == 303
    for day in (1, 2):
        roll = f"{here}/roll/{day}"
        ids = re.findall(r'name="listed" value="([0-9a-f-]{36})"', trainer.get(roll).text)
        trainer.post(roll, {"listed": ids, "present": ids[: 3 - day]}, page=roll)
    sent(trainer, here, "holding")
    assert page in trainer.get(here).text
    shown = text_of(trainer.get(page))
    for said in ("El taller tuvo 11.7 horas", "80 %", "Ganado", "Pocas horas", "Solo a"):
        assert said in shown
    asked = {"kind": "attendance", "language": "es", "title": "Taller ficticio"}
    refused = trainer.post(page, asked | {"title": "x" * 121}, page=page)
    assert (refused.status_code, 'href="#field-title"' in refused.text) == (422, True)
    done = trainer.post(page, asked, page=page)
    assert done.status_code == 303, text_of(done)
    batch = text_of(trainer.get(done.headers["Location"]))
    assert "Ana Inventada" in batch
    assert "Asistió a 5.3 horas; se necesitan 9.4" in batch
    one = re.search(r"/training/diplomas/[0-9a-f-]{36}", trainer.get(page).text)
    assert one is not None
    shown = trainer.get(one[0])
    assert f'href="{here}"' in shown.text
    assert "como está hoy en la lista del taller" in text_of(shown)
    assert "Diplomas de los talleres" in text_of(trainer.get("/training/csr/report"))
    ana = re.search(r"(/participants/[0-9a-f-]{36})/forgetting", trainer.get(people).text)
    assert ana is not None
    form = here + ana[1]
    assert 'value="Ana Inventada"' in trainer.get(form).text
    wrong = trainer.post(form, {"name": "Ana", "sex": "woman", "email": "ana"}, page=form)
    assert (wrong.status_code, 'href="#field-email"' in wrong.text) == (422, True)
    assert trainer.post(form, {"name": "Ana Corregida", "sex": "woman"}, page=form).status_code == 303
    assert "Ana Corregida" in text_of(trainer.get(people))
    assert trainer.get(f"{people}/01890000-0000-7000-8000-000000000000").status_code == 404
    trainer.post(here + ana[0], {}, page=people)
    assert "Su nombre se borró porque lo pidió" in text_of(trainer.get(one[0]))
    assert "Nombre borrado" in text_of(trainer.get("/training/diplomas"))


def test_what_was_typed_wrong_is_said_beside_its_field_and_stays(trainer: Browser) -> None:
    trainer.get("/training/csr/workshops/new")
    refused = trainer.post("/training/csr/workshops/new", WORKSHOP | {"capacity": "muchos", "starts_on": "mañana"})
    assert refused.status_code == 422
    assert 'value="muchos"' in refused.text
    assert 'href="#field-capacity"' in refused.text
    assert 'href="#field-starts-on"' in refused.text
    here = planned(trainer)
    people = f"{here}/participants"
    refused = trainer.post(people, FIRM | {"name": "Ana", "sex": "woman", "sector": ""}, page=people)
    assert (refused.status_code, 'href="#field-sector"' in refused.text) == (422, True)
    assert 'value="Panadería Ficticia"' in refused.text
    answer = trainer.post(f"{here}/roll/3", {}, page=here)
    assert answer.status_code in {404, 422}


def test_a_moved_workshop_shows_every_date_that_was_announced(trainer: Browser) -> None:
    here = planned(trainer, starts_on="2026-05-14")
    sent(trainer, here, "dates", starts_on="2026-07-29", reason="La sede estaba ocupada")
    shown = text_of(trainer.get(here))
    assert "La sede estaba ocupada" in shown
    assert "14 may 2026" in shown
    assert "29 de julio de 2026" in shown


def public_form(portal: Portal, trainer: Browser) -> str:
    """The address of the public form of a workshop."""
    here = planned(trainer, starts_on="2026-03-20")
    sent(trainer, here, "registration", until="2026-03-18")
    found = re.search(r'href="[^"]*(/register/[A-Za-z0-9_-]{48})"', trainer.get(here).text)
    assert found is not None
    return found[1]


REGISTRATION = FIRM | {"name": "Dora Inventada", "sex": "woman", "agreed": "yes"}


def test_a_firm_registers_without_an_account(portal: Portal, trainer: Browser) -> None:
    address = public_form(portal, trainer)
    visitor = portal.browser()
    page = visitor.get(address)
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] == "same-origin", "the address is a key, and nobody else learns it"
    assert page.headers["Cache-Control"] == "no-store"
    assert "Taller ficticio" in text_of(page)
    done = visitor.post(address, REGISTRATION)
    assert (done.status_code, "Su inscripción está hecha" in text_of(done)) == (200, True)
    workshop = re.search(r"/training/csr/workshops/[0-9a-f-]{36}", trainer.get("/training/csr").text)
    assert workshop is not None
    assert "Dora Inventada" in text_of(trainer.get(f"{workshop[0]}/participants"))


def test_the_public_form_keeps_what_was_typed_and_asks_for_agreement(portal: Portal, trainer: Browser) -> None:
    address = public_form(portal, trainer)
    visitor = portal.browser()
    visitor.get(address)
    refused = visitor.post(address, REGISTRATION | {"agreed": "", "email": "dora"})
    assert refused.status_code == 422
    assert 'value="Dora Inventada"' in refused.text
    assert 'href="#field-email"' in refused.text
    refused = visitor.post(address, REGISTRATION | {"agreed": ""})
    assert (refused.status_code, "Marque la casilla" in text_of(refused)) == (422, True)


def test_an_address_that_is_over_says_so_and_takes_nothing(portal: Portal, trainer: Browser) -> None:
    address = public_form(portal, trainer)
    visitor = portal.browser()
    visitor.get(address)
    with written_on("2026-03-19"):
        page = visitor.get(address)
        assert (page.status_code, "Esta inscripción no está abierta" in text_of(page)) == (404, True)
        assert visitor.post(address, REGISTRATION).status_code == 404
    assert visitor.get("/register/nada").status_code == 404


def test_a_dialogue_from_its_outcome_to_a_commitment_that_was_kept(trainer: Browser) -> None:
    trainer.get("/training/csr/dialogues")
    begun = {"title": "Mirada del congreso", "dialogue_kind": "parliamentarians", "dialogue_unit": "HN17"}
    answer = trainer.post(
        "/training/csr/dialogues", begun | {"city": "Nacaome", "starts_on": "2026-03-04", "days": "1"}
    )
    assert answer.status_code == 303, text_of(answer)
    here = str(answer.headers["Location"])
    told = {"parliament-institutions": "1", "parliament-women": "7", "parliament-men": "9"}
    sent(trainer, here, "outcome", conclusions="Seguir el diálogo", **told)
    assert "Seguir el diálogo" in text_of(trainer.get(here))
    sent(trainer, here, "commitments", what="Llevarlo al pleno", owner="Congreso ficticio", due_on="2026-03-04")
    assert "Compromisos pendientes" in text_of(trainer.get("/training/csr/dialogues"))
    page = trainer.get(here).text
    commitment = re.search(r"/commitments/([0-9a-f-]{36})", page)
    assert commitment is not None
    which = commitment[1]
    note = {f"day-{which}": "2026-03-05", f"state-{which}": "kept", f"note-{which}": "Se leyó", "version": "1"}
    late = note | {f"day-{which}": "2026-03-06"}
    refused = trainer.post(f"{here}/commitments/{which}", late, page=here)
    assert (refused.status_code, f'href="#field-day-{which}"' in refused.text) == (422, True)
    assert trainer.post(f"{here}/commitments/{which}", note, page=here).status_code == 303
    assert "Se leyó" in text_of(trainer.get(here))
    assert "Compromisos pendientes" not in text_of(trainer.get("/training/csr/dialogues"))


def test_partners_join_and_agree(trainer: Browser) -> None:
    trainer.get("/training/csr/partners")
    partner = {"partner_name": "Ministerio ficticio", "partner_kind": "government_international", "partner_unit": "HN"}
    assert trainer.post("/training/csr/partners", partner).status_code == 303
    page = trainer.get("/training/csr/partners").text
    which = re.findall(r'name="partner_ids" value="([0-9a-f-]{36})"', page)
    agreement = {"title": "Convenio ficticio", "purpose": "x", "contribution": "in_kind", "agreement_unit": "HN17"}
    agreement |= {"signed_on": "2026-03-01", "partner_ids": which[0]}
    assert trainer.post("/training/csr/agreements", agreement, page="/training/csr/partners").status_code == 303
    assert "Convenio ficticio" in text_of(trainer.get("/training/csr/partners"))
    here = planned(trainer)
    sent(trainer, here, "partners", partner_id=which[0])
    assert "Ministerio ficticio" in text_of(trainer.get(here))
    assert "Convenio ficticio" in text_of(trainer.get(f"/training/csr/partners/{which[0]}"))


def test_who_reviews_sees_no_person_and_who_only_reads_reports_is_led_to_them(portal: Portal, trainer: Browser) -> None:
    here = planned(trainer)
    reviewer = portal.signed_in("csr_reviewer", username="rosa", units=("HN17",))
    assert 'href="/training/csr"' in reviewer.get("/help").text
    shown = reviewer.get(here)
    assert (shown.status_code, "/participants" in shown.text, "Planificar" in text_of(shown)) == (200, False, False)
    assert reviewer.get(f"{here}/participants").status_code == 403
    leda = portal.signed_in("leda_viewer", username="lola", units=("HN17",))
    assert leda.get("/training/csr").headers["Location"] == "/training/csr/report"
    assert "28 de febrero de 2026" in text_of(leda.get("/training/csr/report"))
    assert leda.get("/training/csr/report?as_of=2026-02-27").status_code == 422
    assert leda.get(here).status_code == 403


def test_every_page_is_there_in_english(portal: Portal, trainer: Browser) -> None:
    here = planned(trainer)
    portal.open("english", "coordinator", units=("HN17",), language="en")
    english = portal.browser("en")
    english.sign_in("english")
    for address, said in (
        ("/training/csr", "Plan a workshop"),
        (here, "Interactive session: map of stakeholders"),
        ("/training/csr/dialogues", "Write a dialogue down"),
        ("/training/csr/partners", "Write an institution down"),
        ("/training/csr/smes", "There is no firm yet"),
        ("/training/csr/report", "Annual report of social responsibility 2026"),
    ):
        assert said in text_of(english.get(address)), address

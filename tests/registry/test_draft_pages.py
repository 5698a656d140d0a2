"""The pages of the field form, its tokens and the submissions that wait, as people use them; and the commands."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.csem import main
from deploy.demonstration.drafts import receive_drafts
from deploy.house import House as Deployed
from services.registry.intake import xlsform
from shared.identity import Caller
from tests.portal.conftest import Browser, text_of
from tests.registry.own_form import document
from tests.registry.test_drafts import new_token, sent, tidy, waiting, with_another_elsewhere
from tests.registry.test_files_kept import work
from tests.registry.test_own_form import LEVELS
from tests.registry.test_pages import Pages, pages

__all__ = ["pages"]


def made_token(browser: Browser, name: str = "Inventario Oriente") -> str:
    """The secret as the page shows it, once."""
    answer = browser.post("/registry/forms/tokens", {"form": name}, page="/registry/forms")
    assert answer.status_code == 200, text_of(answer)
    found = re.search(r"<pre>([^<]+)</pre>", answer.text)
    assert found
    return found[1]


def test_the_form_is_downloaded_with_how_to_put_it_on_kobo(pages: Pages) -> None:
    browser = pages.signed_in("technician")
    assert 'href="/registry/forms"' in browser.get("/registry/imports").text
    page = browser.get("/registry/forms")
    assert "Cómo ponerlo en KoboToolbox" in text_of(page)
    assert "Las claves las crea la coordinadora de su centro." in text_of(page)
    assert browser.get("/registry/forms/csem_emprendimiento.xlsx").get_data().startswith(b"PK")
    assert browser.post("/registry/forms/tokens", {"form": "x"}, page="/registry/imports/new").status_code == 403


def test_a_coordinator_makes_a_token_that_is_shown_once_and_revokes_it(pages: Pages) -> None:
    browser = pages.signed_in("coordinator", units=("SV",))
    wrong = browser.post("/registry/forms/tokens", {"form": " "}, page="/registry/forms")
    assert (wrong.status_code, "Nombre del formulario:" in text_of(wrong)) == (422, True)
    secret = made_token(browser)
    shown = text_of(browser.last) if browser.last else ""
    assert "Se muestra solo esta vez." in shown
    assert "/api/registry/v1/hooks/kobo" in shown
    assert "X-CSEM-Form-Token" in shown
    listed = browser.get("/registry/forms")
    assert (secret in listed.text, f"…{secret[-4:]}" in listed.text, "El Salvador" in listed.text) == (
        False,
        True,
        True,
    )
    assert sent(pages.house, secret)["outcome"] == "waiting"
    revoke = re.search(r'action="(/registry/forms/tokens/[^"]+/revoke)"', listed.text)
    assert revoke
    assert browser.post(revoke[1], page="/registry/forms").status_code == 303
    assert "Retirada" in text_of(browser.get("/registry/forms"))


def test_a_submission_is_looked_at_and_accepted(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsform, "rubric_levels", lambda: LEVELS)
    browser = pages.signed_in("technician", units=("SV",))
    assert "Aquí no hay envíos" in text_of(browser.get("/registry/drafts"))
    sent(pages.house, new_token(pages.house))
    assert "1 envío por revisar" in text_of(browser.get("/"))
    queue = browser.get("/registry/drafts")
    assert "Rosa" not in queue.text
    [draft] = waiting(pages.house)
    place = f"/registry/drafts/{draft['id']}"
    assert place in queue.text
    shown = text_of(browser.get(place))
    for told in (
        "Se hace de él una ficha nueva.",
        "Rosa",
        "+503 7210-5398",
        "Español, Náhuat (pipil)",
        "1050 Elaboración de productos lácteos",
        "queso, libra, 2.50 USD, 120 al mes, ene, feb, dic",
        "Comprador, Tienda Ana, 30 %",
        "Número tributario: hecho",
        "Calidad: 3",
    ):
        assert told in shown, told
    answer = browser.post(f"{place}/accept", {"version": draft["version"]}, page=place)
    assert answer.status_code == 303
    work(pages.house)
    assert "Deshacer esta importación" in text_of(browser.get(answer.headers["Location"]))
    assert "Ver su importación" in text_of(browser.get(place))
    assert "Importado" in text_of(browser.get("/registry/drafts?state=accepted"))


def test_a_change_of_a_record_is_shown_beside_what_it_says_today(pages: Pages) -> None:
    pages.house.report(json.dumps([document()]).encode())
    sent(pages.house, new_token(pages.house), direccion="Otra dirección", relaciones=[{"rel_lado": "comprador"}])
    [draft] = waiting(pages.house)
    shown = text_of(pages.signed_in("coordinator").get(f"/registry/drafts/{draft['id']}"))
    assert "Dirección Caserío Inventado, frente a la ceiba Otra dirección" in shown
    assert "Rosa" not in shown.partition("Qué cambiaría")[2]


def test_a_rejection_needs_its_reason_and_a_draft_edited_meanwhile_is_looked_at_again(pages: Pages) -> None:
    browser, token = pages.signed_in("technician"), new_token(pages.house)
    sent(pages.house, token)
    [draft] = waiting(pages.house)
    place = f"/registry/drafts/{draft['id']}"
    without = browser.post(f"{place}/reject", {"version": draft["version"], "reason": ""}, page=place)
    assert (without.status_code, "Por qué:" in text_of(without)) == (422, True)
    sent(pages.house, token, nombre_neg="Quesos corregidos")
    late = browser.post(f"{place}/reject", {"version": draft["version"], "reason": "Prueba"}, page=place)
    assert late.status_code == 303
    again = browser.get(place)
    assert "Mientras tanto fue corregido en el campo." in text_of(again)
    version = waiting(pages.house)[0]["version"]
    done = browser.post(f"{place}/reject", {"version": version, "reason": "Envío de prueba"}, page=place)
    assert done.status_code == 303
    assert "Lo que decía se borra a los 30 días." in text_of(browser.get("/registry/drafts"))
    assert "Envío de prueba" in text_of(browser.get(place))
    tidy(pages.house)


def test_what_cannot_be_kept_says_where_to_put_it_right(pages: Pages) -> None:
    sent(pages.house, new_token(pages.house), nombres=None)
    [draft] = waiting(pages.house)
    page = pages.signed_in("technician").get(f"/registry/drafts/{draft['id']}")
    assert "Corríjalo en KoboToolbox" in text_of(page)
    assert "/accept" not in page.text


def test_who_does_not_review_is_told_so(pages: Pages) -> None:
    browser = pages.signed_in("leda_viewer")
    assert browser.get("/registry/drafts").status_code == 403
    assert browser.get("/registry/forms").status_code == 403


def test_the_commands_write_the_form_and_list_what_waits(tmp_path: Path) -> None:
    house = Deployed({"CSEM_HOME": str(tmp_path / "home"), "CSEM_LOG_FORMAT": "console"})
    written = CliRunner().invoke(main, ["registry", "xlsform", str(tmp_path / "form.xlsx")], obj=house)
    assert written.exit_code == 0
    assert (tmp_path / "form.xlsx").read_bytes().startswith(b"PK")
    assert "Versión csem-" in written.stderr
    assert CliRunner().invoke(main, ["registry", "drafts"], obj=house).stdout == ""
    receive_drafts(house, Caller.operator("prueba"))
    told = CliRunner().invoke(main, ["registry", "drafts"], obj=house)
    assert (told.exit_code, told.stdout.count("San Lorenzo, Valle")) == (0, 2)
    assert "Amapola" not in told.output
    house.dispose()


def test_what_is_decided_by_who_works_in_both_places_has_no_button_here(pages: Pages) -> None:
    house, token = pages.house, new_token(pages.house)
    house.report(json.dumps([document()]).encode())
    with_another_elsewhere(house, house.call("GET", f"/enterprises/{house.enterprise_id()}").json["owners"][0]["id"])
    sent(house, token, direccion="Otra dirección")
    place = f"/registry/drafts/{waiting(house)[0]['id']}"
    browser = pages.signed_in("technician", units=("SV",))
    page = browser.get(place)
    assert "Ella tiene también un emprendimiento fuera de su territorio." in text_of(page)
    assert (f"{place}/accept" in page.text, f"{place}/reject" in page.text) == (False, True)
    assert browser.post(f"{place}/accept", {"version": "1"}, page=place).status_code == 403

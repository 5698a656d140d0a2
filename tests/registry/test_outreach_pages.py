"""The pages of campaigns and fairs."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.kernel import clock
from shared.testing import database_of
from tests.portal.conftest import Browser, built, text_of, token_in
from tests.registry.house import open_house
from tests.registry.test_campaigns import campaign
from tests.registry.test_fairs import AFTER, DURING, came, change, fair, invited, sold
from tests.registry.test_institutions import PDF, institution, made
from tests.registry.test_pages import Pages


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[Pages]:
    with built("sqlite", tmp_path) as portal, database_of("registry", tmp_path, "sqlite") as database:
        house = open_house(database, portal.keys, tmp_path)
        portal.apps["registry"] = house.service.web
        yield Pages(portal, house)
        house.database.dispose()


def version_in(page: str) -> str:
    found = re.search(r'name="version" value="([0-9]+)"', page)
    assert found
    return found[1]


def send(browser: Browser, path: str, content: bytes) -> Any:
    form = {"csrf_token": token_in(browser.get(path).text), "file": (io.BytesIO(content), "cuña.pdf")}
    return browser.client.post(f"{path}/files", data=form, content_type="multipart/form-data")


def test_a_campaign_is_written_down_and_nothing_typed_is_lost(pages: Pages) -> None:
    partner = made(pages.house, "/institutions", institution())["id"]
    browser = pages.signed_in("technician")
    assert "Todavía no hay campañas" in text_of(browser.get("/registry/outreach"))
    there = "/registry/campaigns/new"
    form = {
        "title": "Radio de prueba",
        "channel": "radio",
        "begins_on": "2026-03-01",
        "municipalities": "San Lorenzo, Valle\nNunca Jamás",
        "partners": partner,
        "currency": "HNL",
        "reached-women": "120",
        "costs-0-what": "Cuñas",
        "costs-0-amount": "1,250.50",
        "costs-0-source": "Presupuesto",
        "costs-2-what": "Transporte",
        "costs-2-amount": "mucho",
        "costs-2-source": "ADEL",
    }
    refused = browser.post(there, form, page=there)
    assert refused.status_code == 422
    for typed in ("Nunca Jamás", "1,250.50", "mucho", "Radio de prueba"):
        assert typed in refused.text
    assert "field-costs-2-amount-error" in refused.text
    form |= {"municipalities": "San Lorenzo, Valle", "costs-2-amount": "99"}
    without = browser.post(there, form, page=there)
    assert "cómo se contó o se estimó" in text_of(without)
    saved = browser.post(there, form | {"reached_how": "Audiencia de la emisora"}, page=there)
    assert saved.status_code == 303
    shown = text_of(browser.get(saved.headers["Location"]))
    for told in ("L1,349.50", "San Lorenzo, Valle", "Municipalidad de prueba", "Audiencia de la emisora", "Transporte"):
        assert told in shown
    edit = f"{saved.headers['Location']}/edit"
    version = version_in(browser.get(edit).text)
    again = form | {"reached_how": "Otra cuenta", "version": version}
    assert browser.post(edit, again, page=edit).status_code == 303
    late = browser.post(edit, again, page=edit)
    assert late.status_code == 412
    assert "Radio de prueba" in text_of(browser.get("/registry/outreach?channel=radio"))


def test_a_record_is_found_by_name_and_linked_to_its_campaign(pages: Pages) -> None:
    found = made(pages.house, "/campaigns", campaign())
    enterprise = pages.house.register()["id"]
    browser = pages.signed_in("technician")
    there = f"/registry/campaigns/{found['id']}/records"
    assert "Ningún registro de su territorio" in text_of(browser.get(f"{there}?q=nadie"))
    assert "Quesillos «La Esperanza»" in text_of(browser.get(f"{there}?q=esperanza"))
    form = {"enterprise_id": enterprise, "kind": "brought_in"}
    assert browser.post(there, form).status_code == 303
    again = browser.post(there, form, page=there)
    assert (again.status_code, "ya está unido" in text_of(again)) == (409, True)
    shown = browser.get(there)
    assert "La trajo" in text_of(shown)
    assert "L1,250.50 por cada uno" in text_of(browser.get(f"/registry/campaigns/{found['id']}"))
    shown = browser.get(there)
    taken = {"kind": "brought_in", "version": version_in(shown.text)}
    assert browser.post(f"{there}/{enterprise}/unlink", taken).status_code == 303
    assert "Todavía ninguno" in text_of(browser.get(there))
    of_her = f"/registry/enterprises/{enterprise}/outreach"
    assert f'href="{of_her}"' in browser.get(f"/registry/enterprises/{enterprise}").text
    browser.post(of_her, {"campaign_id": found["id"], "kind": "validated"}, page=of_her)
    assert "Radio comunitaria de prueba" in text_of(browser.get(of_her))
    browser.post(of_her, {"campaign_id": "", "kind": "validated"}, page=of_her)
    assert "Elija uno de la lista." in text_of(browser.get(of_her))


def test_an_activity_and_a_file_are_added_and_taken_out(pages: Pages) -> None:
    path = f"/registry/campaigns/{made(pages.house, '/campaigns', campaign())['id']}"
    browser = pages.signed_in("coordinator")
    form = {
        "what": "Charla en la universidad",
        "held_on": clock.today().isoformat(),
        "municipality": "San Lorenzo, Valle",
    }
    wrong = browser.post(f"{path}/activities", form | {"women": "3", "young_women": "4", "how": "Lista"}, page=path)
    assert wrong.status_code == 422
    assert "Las jóvenes se cuentan también entre las mujeres" in text_of(wrong)
    assert browser.post(f"{path}/activities", form | {"women": "31", "how": "Lista"}, page=path).status_code == 303
    shown = browser.get(path)
    assert "Charla en la universidad" in text_of(shown)
    drop = re.search(r"/activities/[0-9a-f-]{36}/drop", shown.text)
    assert drop
    assert browser.post(path + drop[0], {"version": version_in(shown.text)}).status_code == 303
    assert "Charla en la universidad" not in text_of(browser.get(path))
    assert "Envíe un PDF" in text_of(send(browser, path, b"<html>"))
    assert browser.post(f"{path}/files", {}, page=path).status_code == 422
    assert send(browser, path, PDF).status_code == 303
    shown = browser.get(path)
    kept = re.search(r"/registry/campaigns/[0-9a-f-]{36}/files/[0-9a-f-]{36}", shown.text)
    assert kept
    assert browser.get(kept[0]).get_data() == PDF
    assert browser.post(f"{kept[0]}/erase", {"version": version_in(shown.text)}, page=path).status_code == 303
    assert "No hay ninguno guardado." in text_of(browser.get(path))


def test_a_fair_goes_from_its_announcement_to_its_closing(pages: Pages) -> None:
    browser = pages.signed_in("technician")
    there = "/registry/fairs/new"
    form = {
        "name": "Feria de prueba",
        "municipality": "San Lorenzo, Valle",
        "begins_on": "2026-03-10",
        "ends_on": "2026-03-09",
    }
    assert "no puede terminar antes de empezar" in text_of(browser.post(there, form, page=there))
    saved = browser.post(there, form | {"ends_on": "2026-03-11"}, page=there)
    assert saved.status_code == 303
    path = saved.headers["Location"]
    pages.house.register()
    invite = browser.get(f"{path}/invite?q=quesillos").text
    found = re.search(r'name="enterprise_id" value="([0-9a-f-]{36})"', invite)
    assert found
    assert browser.post(f"{path}/invite", {"enterprise_id": found[1]}).status_code == 303
    assert browser.post(f"{path}/invite", {"enterprise_id": found[1]}, page=f"{path}/invite").status_code == 409
    stand = re.search(r"/registry/fair-stands/[0-9a-f-]{36}", browser.get(path).text)
    assert stand
    for state in ("confirmed", "took_part"):
        page = browser.get(stand[0]).text
        assert browser.post(f"{stand[0]}/state", {"state": state, "version": version_in(page)}).status_code == 303
    assert "1 puesto sin sus ventas" in text_of(browser.get(path))
    refused = browser.post(f"{path}/close", {"version": version_in(browser.get(f"{path}/close").text)})
    assert (refused.status_code, "Falta anotar las ventas" in text_of(refused)) == (409, True)
    version = version_in(browser.get(stand[0]).text)
    both = {"version": version, "sales": "850", "sales_unknown": "yes", "women": "2"}
    wrong = browser.post(stand[0], both)
    assert (wrong.status_code, "pero no las dos cosas" in text_of(wrong)) == (422, True)
    assert browser.post(stand[0], both | {"sales_unknown": ""}).status_code == 303
    assert browser.post(f"{path}/close", {"version": version_in(browser.get(f"{path}/close").text)}).status_code == 303
    closed = browser.get(path)
    assert "L850.00" in text_of(closed)
    assert browser.post(f"{path}/reopen", {"version": version_in(closed.text)}).status_code == 303
    assert browser.get(f"{path}/participants.csv").get_data().startswith("\ufeffPuesto;".encode())


def test_the_home_names_a_fair_that_is_to_be_closed(pages: Pages) -> None:
    made(pages.house, "/fairs", fair())
    browser = pages.signed_in("coordinator")
    assert "1 feria terminó y falta cerrarla" in text_of(browser.get("/"))
    assert "Feria de la mujer de prueba" in text_of(browser.get("/registry/fairs?state=to_close"))


def test_who_sees_no_names_is_shown_totals_and_nothing_to_write(pages: Pages) -> None:
    found = made(pages.house, "/fairs", fair())["id"]
    came(pages.house, found)
    with clock.frozen(DURING):
        change(pages.house, invited(pages.house, found), {"place": "B-7"})
    path = f"/registry/campaigns/{made(pages.house, '/campaigns', campaign())['id']}"
    browser = pages.signed_in("leda_viewer")
    shown = browser.get(f"/registry/fairs/{found}")
    assert shown.status_code == 200
    for hidden in ("Quesillos", "850.00", "/registry/fair-stands/", "B-7"):
        assert hidden not in shown.text
    assert "/edit" not in browser.get(path).text
    assert "/registry/outreach" in browser.get("/registry").text
    for forbidden in (f"{path}/records", "/registry/campaigns/new", f"/registry/fairs/{found}/participants.csv"):
        assert browser.get(forbidden).status_code == 403


def test_a_stand_of_a_closed_fair_is_read_and_one_that_changed_meanwhile_is_shown_again(pages: Pages) -> None:
    found = made(pages.house, "/fairs", fair())["id"]
    stand = came(pages.house, found)
    browser = pages.signed_in("coordinator")
    path = f"/registry/fair-stands/{stand['id']}"
    version = version_in(browser.get(path).text)
    change(pages.house, stand, sold("900.00"))
    late = browser.post(path, {"version": version, "sales": "777"})
    assert late.status_code == 412
    assert 'value="777"' in late.text
    with clock.frozen(AFTER):
        current = pages.house.call("GET", f"/fairs/{found}").json["version"]
        assert pages.house.call("PUT", f"/fairs/{found}/closing", version=current).status_code == 200
    assert '<form method="post" action="/registry/fair-stands' not in browser.get(path).text
    assert "L900.00" in text_of(browser.get(path))
    wrong = browser.post(f"{path}/uninvite", {"version": current}, page="/registry/campaigns/new")
    assert wrong.status_code in {409, 412}

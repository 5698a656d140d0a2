"""The pages of fairs: from the list to a group, its lists and the results; in a browser too."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, jsonify, request
from playwright.sync_api import Page

from services.training.app import build
from services.training.use_cases.plan_session import plan_session
from services.training.use_cases.prepare_fair import note_readiness, prepare_fair
from shared.service import Service
from shared.testing import fill, settings_of
from shared.web import Peers
from tests.portal.conftest import PASSWORD, Browser, Portal, built, text_of
from tests.portal.screen import WIDTHS, chromium, overflows, served, violations
from tests.training.house import TRAINER, number, register_many, woman_of
from tests.training.test_fairs import ALL_READY, FAIR, ITEMS, announce, go, summed

PAGE = f"/training/fairs/{FAIR}"


class Inventory:
    """A registry that knows the names of enterprises and what was sold."""

    def __init__(self) -> None:
        self.web = Flask("registry")
        self.web.add_url_rule("/api/registry/v1/enterprises", view_func=self._enterprises)
        self.web.add_url_rule("/api/registry/v1/fairs/<fair>/sums", view_func=self._sums, methods=["POST"])

    def _enterprises(self) -> Any:
        return jsonify({"items": [self._row(one) for one in request.args["ids"].split(",")]})

    def _row(self, enterprise: str) -> dict[str, Any]:
        value = UUID(enterprise).int
        owner = {"id": str(woman_of(value)), "given_names": f"Marta {value}", "surnames": "Inventada"}
        return {"id": enterprise, "name": f"Pescadería {value}", "owners": [owner]}

    def _sums(self, fair: str) -> Any:
        del fair
        return jsonify({"items": [summed(True, 5, "5000.00", 5), summed(False, 9, "4500.00", 9)]})


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    with built("sqlite", tmp_path) as found:
        settings = settings_of("training", tmp_path)
        peers = Peers(settings, found.keys["training"], {"registry": Inventory().web})
        service = build(settings, found.keys["training"], peers)
        fill(service.database, "training")
        found.apps["training"] = service.web
        found.apps["training service"] = service
        with service.database.transaction() as session:
            announce(session)
            register_many(session, 1, 6)
            go(session, 1, 2, 3, 4, 5, 6)
        yield found
        service.database.dispose()


@pytest.fixture
def trainer(portal: Portal) -> Browser:
    return portal.signed_in("trainer", units=("HN17",))


def begin(portal: Portal, begins: date = date(2026, 3, 3)) -> None:
    service: Service = portal.apps["training service"]
    with service.database.transaction() as session:
        announce(session, begins)


def test_a_group_gets_ready_and_the_results_stand_side_by_side(portal: Portal, trainer: Browser) -> None:
    assert "Feria de prueba" in text_of(trainer.get("/training/fairs"))
    page = trainer.get(PAGE)
    chosen = re.findall(r'name="enterprise_ids" value="([^"]+)"', page.text)
    assert len(chosen) == 6
    nobody = trainer.post(f"{PAGE}/preparations", {"name": "Las del muelle"}, page=PAGE)
    assert nobody.status_code == 422
    assert "Elija al menos un emprendimiento." in text_of(nobody)
    assert 'value="Las del muelle"' in nobody.text, "what she typed stays"
    made = trainer.post(f"{PAGE}/preparations", {"enterprise_ids": chosen[:5], "name": "Las del muelle"}, page=PAGE)
    assert made.status_code == 303
    group = str(made.headers["Location"])
    late = {"enterprise_ids": chosen[5:], "group": group.rpartition("/")[2]}
    assert trainer.post(f"{PAGE}/preparations", late, page=PAGE).headers["Location"] == group
    shown = trainer.get(group)
    assert "0 de 6 emprendimientos" in text_of(shown)
    listed = re.findall(rf'href="({group}/enterprises/[^"]+)"', shown.text)[0]
    form = trainer.get(listed)
    version = re.findall(r'name="version" value="(\d+)"', form.text)[0]
    empty = trainer.post(listed, {"version": version, "items": list(ITEMS)}, page=listed)
    assert empty.status_code == 422
    noted = {f"item-{item}": "ready" for item in ITEMS} | {"version": version, "items": list(ITEMS)}
    assert trainer.post(listed, noted, page=listed).status_code == 303
    again = trainer.post(listed, noted | {"item-stand": "missing"}, page=listed)
    assert again.status_code == 412
    assert "Mientras tanto, alguien anotó algo en esta lista." in text_of(again)
    assert "1 de 6 emprendimientos" in text_of(trainer.get(group))
    begin(portal)
    over = text_of(trainer.get(PAGE))
    assert "Tenían todo listo" in over
    assert "nadie sorteó quién se preparaba" in over
    assert "Prepararse en grupo" not in over
    assert "La feria ya comenzó." in text_of(trainer.get(group))
    refused = trainer.post(listed, noted | {"version": "2"}, page=group)
    assert refused.status_code == 409


def test_who_reads_finds_no_form_and_who_is_elsewhere_nothing(portal: Portal) -> None:
    auditor = portal.signed_in("auditor", username="aurora")
    assert "Prepararse en grupo" not in text_of(auditor.get(PAGE))
    assert auditor.post(f"{PAGE}/preparations", {"enterprise_ids": ["x"]}, page=PAGE).status_code == 403
    planner = portal.signed_in("planner", username="estrella")
    assert planner.get("/training/fairs").status_code == 403
    elsewhere = portal.signed_in("trainer", username="gloria", units=("GT01",))
    assert "No hay ninguna feria próxima" in text_of(elsewhere.get("/training/fairs"))
    assert elsewhere.get(PAGE).status_code == 403
    assert portal.browser().get(PAGE).status_code == 303


def _furnish(portal: Portal) -> dict[str, str]:
    service: Service = portal.apps["training service"]
    with service.database.transaction() as session:
        made = prepare_fair(session, TRAINER, fair_id=FAIR, enterprise_ids=[number(one) for one in (1, 2, 3)])
        for enterprise, items in ((1, ALL_READY), (2, {ITEMS[0]: "ready", ITEMS[1]: "missing"})):
            told = {"preparation_id": made.id, "enterprise_id": number(enterprise), "version": None}
            note_readiness(session, TRAINER, items=items, **told)
        plan_session(
            session,
            TRAINER,
            group_id=made.group_id,
            title="Precios y presentación",
            first_day=date(2026, 3, 12),
            starts="08:00",
            ends="12:00",
            place="Casa comunal",
        )
        announce(session, date(2026, 3, 2), fair_id=number(901), name="Feria pasada")
        group = f"/training/fair-preparations/{made.id}"
    past = f"/training/fairs/{number(901)}"
    return {
        "fairs": "/training/fairs",
        "fair": PAGE,
        "group": group,
        "list": f"{group}/enterprises/{number(2)}",
        "past": past,
    }


@pytest.mark.browser
@pytest.mark.parametrize("language", ["es", "en"])
def test_axe_finds_nothing_and_nothing_is_cut_off(portal: Portal, language: str) -> None:
    pages = _furnish(portal)
    portal.open("trini", "trainer", units=("HN17",), name="Trini Capacitadora")
    wrong = {}
    with chromium() as browser, served(portal.web) as address:
        context = browser.new_context(base_url=address, bypass_csp=True)
        context.add_cookies([{"name": "language", "value": language, "url": address}])
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("[name=username]", "trini")
        page.fill("[name=password]", PASSWORD)
        page.click('form[action="/sign-in"] .actions button')
        page.wait_for_url("**/")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            for name, path in pages.items():
                page.goto(path)
                _picture(page, f"fair-{name}-{language}", width)
                wrong[name, width] = violations(page) + (["wider than the window"] if overflows(page) else [])
    assert {one: found for one, found in wrong.items() if found} == {}


def _picture(page: Page, name: str, width: int) -> None:
    import os

    if os.environ.get("PICS"):
        page.screenshot(path=f"{os.environ['PICS']}/{name}-{width}.png", full_page=True)

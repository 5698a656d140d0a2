"""Small firms, their diagnoses and plans for the tests of social responsibility."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from services.training.app import build
from services.training.models import Sme
from services.training.reference import csr
from services.training.use_cases import diagnose
from shared.identity import Caller
from shared.kernel import clock
from shared.service import Service
from shared.testing import fill, headers, person, settings_of
from shared.tokens import Keyring
from shared.web import Peers
from tests.portal.conftest import Portal, built
from tests.training.house import TRAINER, number

ROOT = "/api/training/v1"
REVIEWER = person("csr_reviewer", scope="HN", subject="reviewer", name="Hortensia Revisora")
ACTION: dict[str, Any] = {
    "gap": "E2",
    "line": "Cuidar el agua",
    "action": "Separar los residuos y entregarlos cada semana",
    "quick_win": True,
    "business_case": "Se paga menos por el tren de aseo",
    "responsible": "Encargada de bodega",
    "begins_on": "2026-03-10",
    "ends_on": "2026-04-10",
    "resources": "Tres barriles",
    "measure": "Kilos entregados al mes",
    "baseline": "0",
    "target": "40",
}
CONTENT: dict[str, Any] = {
    "mission": "Vender café con respeto",
    "vision": "Ser ejemplo en Valle",
    "values": ["Honradez"],
    "committee": ["Gerencia", "Bodega"],
    "lines": ["Cuidar el agua"],
    "communication": "Un cartel cada mes",
    "actions": [ACTION, ACTION | {"gap": "E1", "action": "Anotar los recibos de agua", "quick_win": False}],
}


def write_sme(session: Session, place: int, **changed: Any) -> Sme:
    """A firm at home in Valle, small, in trade."""
    facts: dict[str, Any] = {"unit": "HN17", "name": f"Empresa {place} de prueba", "sector": "trade", "size": "small"}
    told = {"city": "San Lorenzo", "recorded_by": "x", "recorded_by_name": "x", "recorded_at": clock.now()}
    sme = Sme(id=number(70_000 + place), **told)
    sme.tell(**(facts | changed))
    session.add(sme)
    session.flush()
    return sme


def diagnosed(session: Session, sme: Sme, level: int | str = 2, by: Caller = TRAINER, **changed: Any) -> UUID:
    """A diagnosis of the firm, handed in, with the same answer everywhere but in `changed` areas."""
    begun = diagnose.begin_diagnosis(session, by, sme_id=sme.id, form="full", mode="assisted")
    for area in csr.instrument().areas:
        said = {"answer": str(changed.get(area.code, level)), "evidence": ""}
        answers = {one.code: said for one in area.asked_of("full", sme.size, sme.sector)}
        diagnose.answer_area(session, by, diagnosis_id=begun.id, version=None, area=area.code, answers=answers)
    diagnose.hand_in_diagnosis(session, by, diagnosis_id=begun.id, version=None)
    return begun.id


class Speaker:
    """Somebody who calls the API of training."""

    def __init__(self, web: Flask, spoken: dict[str, str]) -> None:
        self._web, self._headers = web.test_client(), spoken

    def get(self, path: str, **query: Any) -> TestResponse:
        return self._web.get(ROOT + path, headers=self._headers, query_string=query)

    def send(self, method: str, path: str, body: Any = None, version: int | None = None) -> TestResponse:
        more = {} if version is None else {"If-Match": f'"{version}"'}
        return self._web.open(ROOT + path, method=method, headers={**self._headers, **more}, json=body or {})

    def post(self, path: str, body: Any = None, version: int | None = None) -> TestResponse:
        return self.send("POST", path, body, version)

    def put(self, path: str, body: Any, version: int | None = None) -> TestResponse:
        return self.send("PUT", path, body, version)


@contextmanager
def training(home: Path, keys: dict[str, Keyring]) -> Iterator[Service]:
    """The service with six firms in Valle and one in Guatemala."""
    settings = settings_of("training", home)
    service = build(settings, keys["training"], Peers(settings, keys["training"], {}))
    fill(service.database, "training")
    with service.database.transaction() as session:
        for place in range(6):
            write_sme(session, place)
        write_sme(session, 9, unit="GT01")
    yield service
    service.database.dispose()


def speaking(service: Service, keys: dict[str, Keyring]) -> Callable[[Caller], Speaker]:
    return lambda caller: Speaker(service.web, headers(keys, caller))


def executed(team: Speaker, reviewer: Speaker, plan_id: str, begins_on: date) -> dict[str, Any]:
    """The plan, written, handed in, accepted and begun."""
    version = team.get(f"/csr-plans/{plan_id}").json["version"]
    for by, method, path, body in (
        (team, "PUT", "", CONTENT),
        (team, "POST", "/submission", None),
        (reviewer, "POST", "/review", None),
        (reviewer, "POST", "/conclusion", {"outcome": "accepted", "recommendations": "Muy bien"}),
        (team, "POST", "/key-aspects", {"actions": [1]}),
        (team, "POST", "/execution", {"begins_on": begins_on.isoformat()}),
    ):
        answer = by.send(method, f"/csr-plans/{plan_id}{path}", body, version)
        assert answer.status_code == 200, answer.text
        version = answer.json["version"]
    found: dict[str, Any] = answer.json
    return found


@contextmanager
def csr_portal(home: Path) -> Iterator[tuple[Portal, Service]]:
    """A portal with the service of training behind it: two diagnosed firms, and others that are not."""
    with built("sqlite", home) as portal, training(home, portal.keys) as service:
        portal.apps["training"] = service.web
        with service.database.transaction() as session:
            for place in (0, 1):
                firm = session.get(Sme, number(70_000 + place))
                assert firm is not None
                diagnosed(session, firm, 1 + place, environment=0)
        yield portal, service


def link_of(service: Service, portal: Portal, firm: int) -> str:
    """The path of a firm's own pages."""
    until = (clock.today() + timedelta(days=30)).isoformat()
    team = speaking(service, portal.keys)(TRAINER)
    made = team.post("/sme-links", {"sme_id": str(number(70_000 + firm)), "expires_on": until})
    return f"/sme/{made.json['token']}"

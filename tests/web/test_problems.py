"""Every answer that says no is a problem document, in the language of who asked; every request has its trace."""

import json
from typing import Any
from uuid import UUID

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from shared import logs
from shared.settings import Settings
from shared.web import Peers
from tests.web.conftest import Fair
from tests.web.sample import ROOT, new_stall

NOWHERE = f"{ROOT}/stalls/01990c1e-0000-7000-8000-000000000000"
KINDS: list[tuple[int, str, str, dict[str, Any]]] = [
    (401, "GET", f"{ROOT}/stalls", {"headers": {"Authorization": ""}}),
    (403, "POST", f"{ROOT}/stalls/01990c1e-0000-7000-8000-000000000000/payments", {}),
    (404, "GET", NOWHERE, {}),
    (404, "GET", "/nothing", {}),
    (405, "DELETE", f"{ROOT}/stalls", {}),
    (412, "PUT", NOWHERE, {"headers": {"If-Match": "x"}}),
    (413, "POST", f"{ROOT}/stalls", {"data": b"x" * 1_100_000, "content_type": "application/json"}),
    (415, "POST", f"{ROOT}/stalls", {"data": b"x", "content_type": "text/plain"}),
    (422, "POST", f"{ROOT}/stalls", {"json": {}}),
    (428, "PUT", NOWHERE, {}),
    (500, "GET", f"{ROOT}/places/x/defect", {}),
]


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize(
    ("status", "method", "path", "more"), KINDS, ids=[f"{kind[0]} {kind[2][-12:]}" for kind in KINDS]
)
def test_a_refusal_is_a_problem_document_in_the_callers_language(
    fair: Fair, status: int, method: str, path: str, more: dict[str, Any], language: str
):
    headers = fair.headers("coordinator") | more.get("headers", {}) | {"Accept-Language": language}
    told = {name: value for name, value in more.items() if name != "headers"}
    answer = fair.client().open(path, method=method, headers=headers, **told)
    problem = answer.json
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert answer.headers["Content-Language"] == language
    assert problem["status"] == status
    assert problem["type"] == f"urn:csem:problem:{problem['code']}"
    assert problem["detail"] not in {"", problem["code"]}
    assert problem["title"] not in {"", f"status.{status}"}
    assert problem["trace"] == answer.headers["X-Trace-Id"]
    catalogue = fair.app.extensions["catalogue"]
    assert problem["title"] == catalogue.sentence(f"status.{status}", {}, language)


def test_every_mistake_in_a_body_is_told_with_its_place(fair: Fair):
    body = new_stall(
        seats="12", covered="yes", opens_on="7/11", site={"lon": 200, "lat": "x"}, organizers=["x"], more=1
    )
    answer = fair.client().post(f"{ROOT}/stalls", json=body, headers=fair.headers())
    assert {(error["pointer"], error["code"]) for error in answer.json["errors"]} == {
        ("/seats", "field.not_integer"),
        ("/covered", "field.not_boolean"),
        ("/opens_on", "field.not_day"),
        ("/site/lon", "field.out_of_range"),
        ("/site/lat", "field.not_number"),
        ("/organizers/0", "field.not_id"),
        ("/more", "field.unknown"),
    }
    assert all(error["detail"] != error["code"] for error in answer.json["errors"])
    facts = {error["pointer"]: error.get("facts") for error in answer.json["errors"]}
    assert facts["/site/lon"] == {"minimum": -180, "maximum": 180}
    assert facts["/seats"] is None
    assert fair.stalls() == 0


def test_a_defect_tells_nothing_of_the_inside(fair: Fair):
    answer = fair.client().get(f"{ROOT}/places/x/defect")
    assert (answer.status_code, answer.json["code"]) == (500, "http.500")
    assert not {"ZeroDivisionError", "Traceback", "sample.py"} & set(answer.text.split())


def test_a_database_that_is_away_is_503_and_worth_another_try(fair: Fair, monkeypatch: pytest.MonkeyPatch):
    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("gone"))

    monkeypatch.setattr(type(fair.database), "reading", away)
    answer = fair.client().get(f"{ROOT}/stalls", headers=fair.headers())
    assert (answer.status_code, answer.json["code"]) == (503, "service.busy")
    assert answer.headers["Retry-After"] == "2"
    assert fair.client().get("/readyz").status_code == 503
    assert fair.client().get("/livez").status_code == 200


def test_two_who_write_the_same_key_at_once_are_told_so(fair: Fair, monkeypatch: pytest.MonkeyPatch):
    taken = fair.register()
    monkeypatch.setattr("tests.web.sample.uuid7", lambda: UUID(taken["id"]))
    answer = fair.client().post(f"{ROOT}/stalls", json=new_stall(), headers=fair.headers())
    assert (answer.status_code, answer.json["code"]) == (409, "changed_meanwhile")
    assert fair.stalls() == 1


def test_a_method_that_is_not_possible_tells_the_possible_ones(fair: Fair):
    answer = fair.client().delete(f"{ROOT}/stalls", headers=fair.headers())
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_who_sends_a_trace_gets_it_back_and_others_get_a_new_one(fair: Fair):
    trace = "0af7651916cd43dd8448eb211c80319c"
    sent = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    assert fair.client().get(f"{ROOT}/stalls", headers=fair.headers(**sent)).headers["X-Trace-Id"] == trace
    traces = {fair.client().get(f"{ROOT}/stalls", headers=fair.headers()).headers["X-Trace-Id"] for _ in range(3)}
    assert len(traces) == 3
    for wrong in ("", "x", f"01-{trace}-b7ad6b7169203331-01", f"00-{trace.upper()}-b7ad6b7169203331-01"):
        answer = fair.client().get(f"{ROOT}/stalls", headers=fair.headers(traceparent=wrong))
        assert answer.headers["X-Trace-Id"] != trace


def test_a_call_to_another_service_carries_the_trace_and_a_service_token(fair: Fair, tmp_path):
    heard = []

    def other(environ: dict[str, Any], start: Any) -> list[bytes]:
        heard.append((environ["HTTP_TRACEPARENT"].split("-")[1], environ["HTTP_AUTHORIZATION"].removeprefix("Bearer ")))
        start("200 OK", [("Content-Type", "application/json")])
        return [b"{}"]

    settings = Settings.read("credit", {"CSEM_HOME": str(tmp_path)})
    peers = Peers(settings, fair.keys["credit"], {"registry": other})
    with logs.tracing(None) as trace:
        assert peers.client("registry").get("/enterprises").json() == {}
    assert heard[0][0] == trace
    assert fair.keys["portal"].verify(heard[0][1]).subject == "credit"


def test_a_log_line_holds_the_trace_and_neither_the_query_nor_the_token(fair: Fair, capsys: pytest.CaptureFixture[str]):
    before = structlog.get_config()
    logs.configure("json")
    try:
        answer = fair.client().get(f"{ROOT}/stalls?q=Do%C3%B1a+Rosa", headers=fair.headers())
    finally:
        structlog.configure(**before)
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (line["operation"], line["status"], line["trace"]) == (
        "stalls.list_stalls",
        200,
        answer.headers["X-Trace-Id"],
    )
    assert "Rosa" not in str(line)
    assert "Bearer" not in str(line)


def test_a_record_outside_the_territory_is_refused_and_not_changed(fair: Fair):
    stall = fair.register(municipality="HN1709")
    outside = fair.headers("coordinator", scope="SV", **{"If-Match": '"1"'})
    path = f"{ROOT}/stalls/{stall['id']}"
    for method in ("GET", "PUT", "DELETE"):
        answer = fair.client().open(path, method=method, json=new_stall() if method == "PUT" else None, headers=outside)
        assert (answer.status_code, answer.json["code"]) == (403, "permission.outside_scope")
    elsewhere = fair.client().post(f"{ROOT}/stalls", json=new_stall(), headers=outside)
    assert elsewhere.status_code == 403
    assert fair.stalls() == 1


def test_a_post_that_only_reads_keeps_nothing(fair: Fair):
    answer = fair.client().post(f"{ROOT}/stalls/count", json=new_stall(), headers=fair.headers("technician"))
    # PostgreSQL refuses the write of a handler that said it only reads; SQLite forgets it.
    assert answer.status_code == (200 if fair.database.is_sqlite else 500)
    assert fair.payments() == 0

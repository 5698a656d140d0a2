"""The feed over HTTP, and what a person does about parked events: the API of the portal's page and `csem events`."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from click.testing import CliRunner

from deploy import csem
from shared import history
from shared.bus import cli, feed, parked, resource, subscriber
from shared.bus.envelope import Envelope, MalformedError
from shared.bus.sources import FeedAwayError, HttpFeed
from shared.identity import Caller
from shared.kernel import uuid7
from shared.testing import headers, keyrings, person
from shared.web import create_app
from tests.bus.house import OPERATOR, House, Switch, eventually
from tests.bus.toy import changed, registered


@pytest.fixture
def keys(tmp_path: Path):
    return keyrings(tmp_path / "keys")


@pytest.fixture
def app(house: House, keys, tmp_path: Path):
    """The application of the toy service, whose own log is the registry's: one application is enough for both ends."""
    return lambda database: create_app(
        "registry",
        database=database,
        keyring=keys["registry"],
        resources=[resource.resource, resource.sources],
        locale=tmp_path,
        internal=[feed.blueprint(database, "registry", keys["registry"])],
    )


def asking(app, token: Callable[[], str]) -> HttpFeed:
    class Auth(httpx.Auth):
        def auth_flow(self, request):
            request.headers["Authorization"] = f"Bearer {token()}"
            yield request

    client = httpx.Client(base_url="http://registry/internal", transport=httpx.WSGITransport(app=app), auth=Auth())
    return HttpFeed(client)


def test_the_feed_over_http_gives_what_the_log_holds_and_repairs_a_gap(house: House, app, keys):
    enterprise = uuid7()
    for n in range(7):
        house.record(changed(enterprise, n))
    log_of = house.number()
    over_http = asking(app(house.registry), keys["territory"].service_token)
    assert over_http.head() == house.head()
    page = over_http.read(2, 3)
    assert page.events == log_of[2:5]
    assert page.head == house.head()
    house.listen(feed=over_http)
    eventually(lambda: house.trail(enterprise) == list(range(7)))


def test_the_feed_is_for_services_only(house: House, app, keys):
    client = app(house.registry).test_client()
    for path in ("/internal/events", "/internal/events/head"):
        assert client.get(path).status_code == 401
        assert client.get(path, headers={"Authorization": "Bearer nonsense"}).status_code == 401
        for caller in (person("admin"), person("auditor"), Caller.operator("ana")):
            assert client.get(path, headers=headers(keys, caller)).status_code == 403
    client = asking(app(house.registry), lambda: "expired")
    with pytest.raises(FeedAwayError):
        client.head()


@pytest.mark.parametrize(
    "query", ["after=-1", "after=x", "after=99999999999999999999", "limit=1001", "after=1.5", "after=٣"]
)
def test_the_feed_refuses_what_is_no_position(house: House, app, keys, query: str):
    bearer = {"Authorization": f"Bearer {keys['credit'].service_token()}"}
    answer = app(house.registry).test_client().get(f"/internal/events?{query}", headers=bearer)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"


def test_an_answer_that_is_no_page_of_events_counts_as_the_feed_being_away():
    for body in (
        b"",
        b"<html>",
        b"[]",
        b'{"head": 1}',
        b'{"log_id": "x", "head": 1, "events": []}',
        b'{"events": [1]}',
    ):
        transport = httpx.MockTransport(lambda _request, body=body: httpx.Response(200, content=body))
        with pytest.raises(FeedAwayError):
            HttpFeed(httpx.Client(base_url="http://x", transport=transport)).read(0, 10)


def test_an_envelope_is_a_cloudevent_and_comes_back_as_it_was(house: House):
    house.record(registered(uuid7(), 3))
    event = house.number()[0]
    document = json.loads(event.to_bytes())
    assert document["specversion"] == "1.0"
    assert document["source"] == "/csem/registry"
    assert document["type"] == "org.csem.registry.enterprise-registered.v1"
    assert document["datacontenttype"] == "application/json"
    assert document["traceparent"].startswith("00-")
    assert all(name.isalnum() and name.islower() for name in document)
    assert Envelope.from_bytes(event.to_bytes()) == event
    for broken in (
        {"position": 0},
        {"position": True},
        {"source": "elsewhere"},
        {"id": "x"},
        {"data": []},
        {"time": None},
    ):
        with pytest.raises(MalformedError):
            Envelope.from_json(document | broken)


def test_the_trace_of_a_request_reaches_the_handler_in_the_other_service(house: House):
    from shared import logs

    seen = []

    def remember(session, event, envelope):
        seen.append(logs.trace_id())

    enterprise = uuid7()
    house.subscriptions = replace(house.subscriptions, copies={type(changed(enterprise, 1)): remember}, reactions={})
    house.listen()
    house.relay()
    with logs.tracing("00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"):
        house.record(changed(enterprise, 1))
    eventually(lambda: seen == ["ab" * 16])


@pytest.fixture
def parked_house(house: House):
    enterprise = uuid7()
    house.record(changed(enterprise, 1, activity="poison"))
    house.record(changed(enterprise, 2))
    house.relay()
    house.listen()
    eventually(lambda: house.taken(2))
    house.stop()
    house.enterprise = enterprise
    return house


def test_the_api_lists_shows_retries_and_discards_and_writes_who_did_it_into_the_history(
    parked_house: House, app, keys
):
    house = parked_house
    client = app(house.toy).test_client()
    admin, auditor = headers(keys, person("admin", name="Ana")), headers(keys, person("auditor"))
    listed = client.get("/api/registry/v1/parked-events", headers=auditor).json["items"]
    assert [(row["position"], row["state"]) for row in listed] == [(1, "failing"), (2, "held")]
    assert client.get("/api/registry/v1/parked-events?limit=1", headers=auditor).headers["Link"]
    one = client.get("/api/registry/v1/parked-events/registry/1", headers=auditor).json
    assert one["envelope"]["data"]["facts"]["chain"] == "coffee"
    assert one["envelope"]["data"]["facts"]["point"] is None
    assert client.get("/api/registry/v1/parked-events/registry/9", headers=auditor).status_code == 404
    assert (
        client.get("/api/registry/v1/parked-events/registry/99999999999999999999", headers=auditor).status_code == 404
    )
    assert client.post("/api/registry/v1/parked-events/registry/1/retry", headers=auditor).status_code == 403
    assert client.get("/api/registry/v1/parked-events", headers=headers(keys, person("technician"))).status_code == 403
    assert client.post("/api/registry/v1/parked-events/registry/2/retry", headers=admin).status_code == 409
    assert client.post("/api/registry/v1/parked-events/registry/1/retry", headers=admin).status_code == 204
    discard = "/api/registry/v1/parked-events/registry/1/discard"
    assert client.post(discard, json={}, headers=admin).status_code == 422
    assert client.post(discard, json={"reason": "twice"}, headers=admin).status_code == 204
    listed = client.get("/api/registry/v1/parked-events?discarded=true", headers=auditor).json["items"]
    assert [(row["state"], row["discarded_by"]) for row in listed] == [("discarded", "Ana"), ("failing", None)]
    source = client.get("/api/registry/v1/event-sources", headers=auditor).json["items"][0]
    assert (source["position"], source["parked"], source["stopped"]) == (2, 1, None)
    with house.toy.reading() as session:
        assert [entry["action"] for entry in history.of(session, _id(one))] == ["retry", "discard"]


def test_csem_events_shows_retries_discards_and_replays(parked_house: House):
    house = parked_house
    loops = house.listen().loops
    house.stop()
    opened = SimpleNamespace(database=house.toy, worker=SimpleNamespace(loops=loops))

    def events(*words: str):
        return CliRunner().invoke(cli.group, words, obj=lambda name: opened, catch_exceptions=False)

    assert "failing" in events("parked", "registry").output
    assert [row["state"] for row in json.loads(events("parked", "registry", "--json").output)] == ["failing", "held"]
    shown = events("show", "registry", "registry", "1").output
    assert "this event is poison" in shown
    assert "-87.2" not in shown
    assert "parked 2" in events("status", "registry").output
    assert events("retry", "registry", "registry", "1").exit_code == 0
    house.cure()
    house.listen()
    eventually(lambda: house.trail(house.enterprise) == [1, 2])
    house.stop()
    before = house.copies()
    assert events("parked", "registry").output == "nothing is parked\n"
    assert events("replay", "registry").output == "registry   2 events\n"
    assert house.copies() == before
    assert events("discard", "registry", "registry", "1").exit_code == 2
    known = house.head().log_id
    opened.database = house.registry
    assert events("new-log", "registry", "--yes").exit_code == 0
    assert house.head().log_id != known


def test_csem_events_replay_says_in_a_sentence_that_a_source_is_away(parked_house: House):
    feed = Switch(parked_house.consumer().feeds["registry"])
    with parked_house.toy.transaction() as session:
        parked.discard(session, OPERATOR, "registry", 1, reason="twice")
        parked.discard(session, OPERATOR, "registry", 2, reason="twice")
    feed.away = True
    loops = subscriber.loops(parked_house.consumer(feed), parked_house.bus)
    opened = SimpleNamespace(database=parked_house.toy, worker=SimpleNamespace(loops=loops))
    for language, sentence in (("es", "registry no responde"), ("en", "registry does not answer")):
        said = CliRunner().invoke(
            csem.main, ["events", "replay", "registry"], obj=lambda name: opened, env={"LANG": language}
        )
        assert said.exit_code == 1
        assert sentence in said.output


def _id(row):
    from uuid import UUID

    return UUID(row["id"])

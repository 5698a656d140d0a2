"""The table of permissions: every operation, every role, inside and outside the territory."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from shared.identity import ROLES, Caller, Scope
from shared.settings import SERVICES
from shared.web import Operation, operations_of
from tests.contracts.conftest import Everything
from tests.contracts.factories import OWN_TABLE, Records, furnished
from tests.house import opened_house
from tests.web.attack import path_of
from tests.web.corpus import valid_body

ELSEWHERE = "GT01"
"""The demonstration's women live on the Gulf of Fonseca."""

_PERIOD = {"begins_on": "2026-11-07", "ends_on": "2026-11-07"}
_LEMPIRA = {"amount": "1.00", "currency": "HNL"}
_VENUE = {"name": "x", "municipality": "HN1709", "slots": [], "rooms": [], "facilitators": []}
SENT = {
    "accompaniments.change": {"closed_on": "2026-11-07"},
    "campaigns.change": {"title": "x", "channel": "radio", "currency": "HNL", "municipalities": ["HN1709"], **_PERIOD},
    "campaigns.hold": {"what": "x", "held_on": "2026-11-07", "municipality": "HN1709"},
    "centres.change": {"name": "x", "country": "HN", "municipalities": ["HN1709"]},
    "fairs.change": {"name": "x", "municipality": "HN1709", **_PERIOD},
    "opportunities.change": {"kind": "finance", "title": "x", "source": "x", "conditions": {"units": ["HN"]}},
    "studies.change": {
        "title": "x",
        "subject": "x",
        "institution_id": "01890000-0000-7000-8000-000000000000",
        "municipalities": ["HN1709"],
        **_PERIOD,
    },
    "proposals.rewrite": {
        **dict.fromkeys(("title", "text", "organization"), "x"),
        "unit": "HN1709",
        "women_total": 1,
        "women_direct": 1,
        "costs": [{"year": 2027, "item": "x", "measure": "x", "quantity": 1, "unit_cost": _LEMPIRA}],
        "financing": [{"source": "other", "amount": _LEMPIRA}],
    },
    "own-tables.change": {"title": "x", "definition": OWN_TABLE},
    "smes.change": {"unit": "HN17", "name": "x", "sector": "other", "size": "micro"},
    "csr_workshops.give": {"title": "x", "address": "https://example.org/x"},
    "workshop_diplomas.issue": {"kind": "attendance"},
    "community.share_link": {"space": "training", "title": "x", "address": "https://example.org/x"},
    "csr_partners.change": {"unit": "HN17", "name": "x", "kind": "private_sector"},
    "curriculum_versions.accept": {"voice": "expert", "content_hash": "0" * 64},
    "links_of_versions.make": {"voice": "expert", "name": "x", "expires_on": "2026-12-07"},
    "library_materials.change": {
        **dict.fromkeys(("title", "author"), "x"),
        "unit": "HN17",
        "kind": "module",
        "language": "es",
        "licence": "own",
    },
    "trainers.change": {"unit": "HN17", "name": "x", "topics": ["costing"], "languages": ["es"], "units": ["HN17"]},
    "rounds.add_place": _VENUE,
    "rounds.change_place": _VENUE,
    "training_sessions.move": {
        "first_day": "2026-12-07",
        "starts": "08:30",
        "ends": "11:30",
        "place": "x",
        "reason": "x",
    },
    "enterprises.own": {"owner_id": "01890000-0000-7000-8000-000000000000"},
}
"""Bodies of operations that need more than their required fields to be read."""

ASKED = {"funds.quote": {"product": "x", "amount": "1000.00", "instalments": "12"}}
"""Query parameters, likewise."""

SEEN_EVERYWHERE = {"people.list_people", "library_materials.list"}
"""Who works in the whole network belongs to every territory, and so does a material that it shares."""


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Records]:
    with opened_house(tmp_path_factory.mktemp("demo")) as house, furnished(house) as found:
        yield found


def ask(
    everything: Everything, service: str, operation: Operation, path: str, headers: dict[str, str], **more: str
) -> TestResponse:
    """The answer to a request that has everything the operation needs to be read, and `more` parameters."""
    client = everything.house.service(service).web.test_client()
    told = headers | {"If-Match": '"1"', "Idempotency-Key": f"key-{uuid4()}"}
    body: dict[str, Any] = {}
    if operation.upload:
        form = valid_body(operation.body) if operation.body else {}
        body = {"data": form | {"file": (BytesIO(b"x"), "x.csv")}, "content_type": "multipart/form-data"}
    elif operation.body:
        body = {"json": SENT.get(operation.name, valid_body(operation.body))}
    query = ASKED.get(operation.name, valid_body(operation.query) if operation.query else {}) | more
    return client.open(f"/api/{service}/v1{path}", method=operation.method, headers=told, query_string=query, **body)


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_of_an_api_is_a_declared_operation(everything: Everything, service: str):
    web = everything.house.service(service).web
    prefix = f"/api/{service}/v1"
    declared = {(prefix + operation.path, operation.method) for operation in operations_of(web)}
    routed = {
        (rule.rule, method)
        for rule in web.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.rule != f"{prefix}/openapi.json"
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert routed == declared


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_but_what_is_public_answers_without_a_token(everything: Everything, service: str):
    for operation in operations_of(everything.house.service(service).web):
        answer = ask(everything, service, operation, path_of(operation), {})
        if operation.public:
            assert answer.json.get("code") != "token.missing", operation.name
        else:
            assert (answer.status_code, answer.json["code"]) == (401, "token.missing"), operation.name


@pytest.mark.parametrize("service", SERVICES)
def test_each_role_may_do_what_is_declared_and_nothing_else(everything: Everything, service: str):
    """A parameter that no operation knows is refused behind the door, before the work is begun."""
    wrong = []
    for operation in operations_of(everything.house.service(service).web):
        for role in ROLES:
            answer = ask(everything, service, operation, path_of(operation), everything.headers(role), nobody_knows="x")
            refused = answer.status_code == 403 and answer.json["code"] == "permission.role_missing"
            may = operation.public or role in operation.allow
            if refused == may or answer.status_code >= 500:
                wrong.append(f"{operation.name} as {role}: {answer.status_code} {answer.text[:200]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("service", SERVICES)
def test_a_person_without_any_role_may_do_nothing(everything: Everything, service: str):
    nobody = Caller("nobody", "Nadie", frozenset(), Scope.of("*"))
    headers = {"Authorization": f"Bearer {everything.portal.sign(nobody, seconds=60)}"}
    for operation in operations_of(everything.house.service(service).web):
        if not operation.public:
            assert ask(everything, service, operation, path_of(operation), headers).status_code == 403, operation.name


@pytest.mark.parametrize("service", SERVICES)
def test_a_record_of_another_territory_is_refused_to_every_role(records: Records, service: str):
    wrong, tried = [], 0
    for operation in operations_of(records.everything.house.service(service).web):
        path = records.path(service, operation)
        if not operation.scoped or operation.public or path is None or "<" not in operation.path:
            continue
        for role in sorted(operation.allow - {"service"}):
            headers = records.everything.headers(role, scope=ELSEWHERE)
            answer = ask(records.everything, service, operation, path, headers)
            tried += 1
            if answer.status_code not in {403, 404}:
                wrong.append(f"{operation.name} as {role}: {answer.status_code} {answer.text[:160]}")
    assert not wrong, "\n".join(wrong)
    assert tried or service == "portal"


@pytest.mark.parametrize("service", SERVICES)
def test_the_same_record_is_shown_inside_the_territory(records: Records, service: str):
    """So that the refusals above are for the territory and for nothing else."""
    wrong = []
    for operation in operations_of(records.everything.house.service(service).web):
        path = records.path(service, operation)
        if operation.method != "GET" or path is None or "<" not in operation.path or not operation.scoped:
            continue
        roles = sorted(operation.allow - {"service"})
        answers = [
            ask(records.everything, service, operation, path, records.everything.headers(role, scope=("HN", "SV")))
            for role in roles
        ]
        if all(answer.status_code in {401, 403} for answer in answers):
            wrong.append(f"{operation.name}: {answers[0].status_code} {answers[0].text[:200]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("service", SERVICES)
def test_lists_and_counts_tell_nothing_of_another_territory(records: Records, service: str):
    wrong = []
    known = set(records.ids(service).values()) - {"1", "quality", "community"}
    for operation in operations_of(records.everything.house.service(service).web):
        if not operation.scoped or operation.public or operation.method != "GET" or "<" in operation.path:
            continue
        for role in sorted(operation.allow - {"service"}):
            headers = records.everything.headers(role, scope=ELSEWHERE)
            answer = ask(records.everything, service, operation, operation.path, headers)
            told = answer.get_data().decode(errors="replace")
            if answer.status_code >= 500 or any(item in told for item in known):
                wrong.append(f"{operation.name} as {role}: {answer.status_code} {told[:200]}")
            listed = operation.paged and operation.name not in SEEN_EVERYWHERE
            if listed and answer.status_code == 200 and answer.json["items"]:
                wrong.append(f"{operation.name} as {role}: {len(answer.json['items'])} rows")
    assert not wrong, "\n".join(wrong)

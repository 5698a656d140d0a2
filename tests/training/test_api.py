"""The training API: who may do what where, names only as the registry shows them, clear refusals."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask, jsonify, request
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from services.training import cli
from services.training.app import build
from services.training.models import CopyEnterprise
from shared.identity import ROLES
from shared.service import Service
from shared.testing import fill, headers, person, settings_of
from shared.tokens import Keyring
from shared.web import Peers, operations_of
from tests.training.house import COORDINATOR, STRANGER, TRAINER, number, register, register_many, woman_of

ROOT = "/api/training/v1"
ASKED = {"units": ["HN17"], "topics": ["quality"], "minimum": 5, "maximum": 20, "improve": False}


class Registry:
    """A registry that shows the names of all but one enterprise, to whoever asks with her own token."""

    def __init__(self) -> None:
        self.asked_with: list[str] = []
        self.away = False
        self.web = Flask("registry")
        self.web.add_url_rule("/api/registry/v1/enterprises", view_func=self._list)

    def _list(self) -> Any:
        self.asked_with.append(request.headers["Authorization"])
        if self.away:
            return "", 503
        ids = request.args["ids"].split(",")
        return jsonify({"items": [self._row(one) for one in ids if one != str(number(8))]})

    def _row(self, enterprise: str) -> dict[str, Any]:
        value = int(enterprise.replace("-", ""), 16)
        owner = {"id": str(woman_of(value)), "given_names": f"Marta {value}", "surnames": "Inventada"}
        return {"id": enterprise, "name": f"Pescadería {value}", "owners": [owner]}


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def service(tmp_path: Path, keys: dict[str, Keyring], registry: Registry) -> Iterator[Service]:
    settings = settings_of("training", tmp_path)
    peers = Peers(settings, keys["training"], {"registry": registry.web})
    built = build(settings, keys["training"], peers)
    fill(built.database, "training")
    with built.database.transaction() as session:
        register_many(session, 1, 8)
        register(session, 40, north_km=60)
    yield built
    built.database.dispose()


class Speaker:
    """Somebody who calls the API."""

    def __init__(self, web: FlaskClient, headers_: dict[str, str]) -> None:
        self._web, self._headers = web, headers_

    def get(self, path: str, **query: Any) -> TestResponse:
        return self._web.get(ROOT + path, headers=self._headers, query_string=query)

    def post(self, path: str, body: Any = None) -> TestResponse:
        return self._web.post(ROOT + path, headers=self._headers, json={} if body is None else body)

    def patch(self, path: str, body: Any, version: str | None) -> TestResponse:
        more = {"If-Match": version} if version else {}
        return self._web.patch(ROOT + path, headers={**self._headers, **more}, json=body)


@pytest.fixture
def trainer(service: Service, keys: dict[str, Keyring]) -> Speaker:
    return Speaker(service.web.test_client(), headers(keys, TRAINER))


def speaker(service: Service, keys: dict[str, Keyring], caller: Any, **extra: str) -> Speaker:
    return Speaker(service.web.test_client(), headers(keys, caller, **extra))


def test_from_need_to_group(trainer: Speaker) -> None:
    needs = trainer.get("/needs").json["items"]
    assert needs == [
        {
            "chain": "fishing",
            "need": "quality",
            "women": 9,
            "enterprises": 9,
            "borrowers": 0,
            "in_groups": 0,
            "waiting": 9,
        }
    ]
    made = trainer.post("/rounds/begun", ASKED)
    assert made.status_code == 201
    placement = made.json
    assert (placement["placed"], placement["left_out"], len(placement["groups"])) == (8, 1, 1)
    assert placement["reasons"] == [{"reason": "too_far", "women": 1}]
    group = trainer.post(f"/placements/{placement['id']}/groups/1/confirmation", {"name": "Las Salineras"})
    assert (group.status_code, group.json["name"], group.json["women"]) == (201, "Las Salineras", 8)
    assert trainer.get("/groups").json["items"][0]["id"] == group.json["id"]
    assert trainer.get("/needs").json["items"][0]["waiting"] == 1


def test_the_defaults_are_told_and_used(trainer: Speaker) -> None:
    placement = trainer.post("/rounds/begun", {"units": ["HN17"], "topics": ["quality"], "improve": False})
    assert placement.status_code == 201
    asked = placement.json["asked"]
    assert (asked["minimum"], asked["maximum"], asked["reach_km"]) == (8, 25, 15)


def test_names_come_from_the_registry_in_the_name_of_who_asks(trainer: Speaker, registry: Registry) -> None:
    placement = trainer.post("/rounds/begun", ASKED).json
    shown = trainer.get(f"/placements/{placement['id']}/groups/1").json
    names = {member["enterprise_id"]: (member["name"], member["enterprise_name"]) for member in shown["members"]}
    assert names[str(number(1))] == ("Marta 1 Inventada", "Pescadería 1")
    assert names[str(number(8))] == (None, None), "the registry does not show this one to her"
    assert registry.asked_with == [trainer._headers["Authorization"]]
    out = trainer.get(f"/placements/{placement['id']}/left-out").json["items"]
    assert (out[0]["name"], out[0]["reason"], out[0]["facts"]) == (
        "Marta 40 Inventada",
        "too_far",
        {"metres": out[0]["facts"]["metres"], "venue": placement["groups"][0]["venue"]},
    )


def test_while_the_registry_is_away_the_group_is_shown_without_names(trainer: Speaker, registry: Registry) -> None:
    placement = trainer.post("/rounds/begun", ASKED).json
    registry.away = True
    shown = trainer.get(f"/placements/{placement['id']}/groups/1")
    assert shown.status_code == 200
    assert {member["name"] for member in shown.json["members"]} == {None}


def test_a_point_never_leaves_the_service(service: Service, trainer: Speaker) -> None:
    placement = trainer.post("/rounds/begun", ASKED).json
    answers = [
        trainer.get("/needs"),
        trainer.get(f"/placements/{placement['id']}"),
        trainer.get(f"/placements/{placement['id']}/groups/1"),
        trainer.get(f"/placements/{placement['id']}/left-out"),
        trainer.get(f"/placements/{placement['id']}/women"),
    ]
    for answer in answers:
        assert "-87.447" not in answer.text
        assert "13.42" not in answer.text, "the venue stands within a kilometre of the middle, on nobody"
    rough = trainer.get(f"/placements/{placement['id']}/points").json["points"]
    with service.database.reading() as session:
        exact = {tuple(row) for row in session.execute(select(CopyEnterprise.lon, CopyEnterprise.lat))}
    assert len(rough) == placement["considered"]
    assert not {(one["lon"], one["lat"]) for one in rough} & exact


@pytest.mark.parametrize(
    ("changed", "status", "pointer"),
    [
        ({"units": []}, 422, "/units"),
        ({"units": ["HN99"]}, 422, "/units"),
        ({"units": "HN17"}, 422, "/units"),
        ({"units": ["' OR 1=1"]}, 422, "/units/0"),
        ({"topics": ["gold"]}, 422, "/topics/0"),
        ({"topics": []}, 422, "/topics"),
        ({"minimum": 3.5}, 422, "/minimum"),
        ({"minimum": 25}, 422, "/minimum"),
        ({"maximum": 61}, 422, "/maximum"),
        ({"reach_km": "10"}, 422, "/reach_km"),
        ({"reach_km": 0}, 422, "/reach_km"),
        ({"surprise": 1}, 422, "/surprise"),
        ({"units": ["HN06"]}, 403, None),
        ({"topics": ["formalization"]}, 409, None),
    ],
)
def test_a_wrong_question_is_refused_with_its_field_and_keeps_nothing(
    trainer: Speaker, changed: dict[str, Any], status: int, pointer: str | None
) -> None:
    refused = trainer.post("/rounds/begun", ASKED | changed)
    assert refused.status_code == status
    assert refused.content_type == "application/problem+json"
    assert len(refused.json["detail"]) > 20
    if pointer:
        assert refused.json["errors"][0]["pointer"] == pointer
    assert trainer.get("/rounds").json["items"] == []


def test_refusals_speak_both_languages(service: Service, keys: dict[str, Keyring]) -> None:
    wrong = ASKED | {"topics": ["formalization"]}
    spanish = speaker(service, keys, TRAINER, **{"Accept-Language": "es"}).post("/rounds/begun", wrong).json["detail"]
    english = speaker(service, keys, TRAINER, **{"Accept-Language": "en"}).post("/rounds/begun", wrong).json["detail"]
    assert spanish.startswith("En el territorio de la ronda nadie")
    assert english.startswith("Nobody in the territory")


def test_lists_come_in_pages(trainer: Speaker, service: Service) -> None:
    for _ in range(3):
        trainer.post("/rounds/begun", ASKED)
    first = trainer.get("/rounds", limit=2)
    assert len(first.json["items"]) == 2
    after = first.headers["Link"].split("after=")[1].split(">")[0].split("&")[0]
    second = trainer.get("/rounds", limit=2, after=after)
    assert len(second.json["items"]) == 1
    assert {row["id"] for row in first.json["items"]}.isdisjoint(row["id"] for row in second.json["items"])
    placement = trainer.get(f"/rounds/{second.json['items'][0]['id']}").json["placements"][0]
    left = trainer.get(f"/placements/{placement['id']}/left-out", limit=1, reason="too_far")
    assert len(left.json["items"]) == 1


def test_a_group_is_renamed_by_who_saw_its_version(trainer: Speaker) -> None:
    placement = trainer.post("/rounds/begun", ASKED).json
    group = trainer.post(f"/placements/{placement['id']}/groups/1/confirmation").json
    path = f"/groups/{group['id']}"
    assert trainer.patch(path, {"name": "Otra"}, None).status_code == 428
    assert trainer.patch(path, {"name": "Otra"}, '"99"').status_code == 412
    assert trainer.patch(path, {"name": " "}, '"1"').status_code == 422
    renamed = trainer.patch(path, {"name": "Otra"}, '"1"')
    assert (renamed.status_code, renamed.json["name"], renamed.json["version"]) == (200, "Otra", 2)
    assert trainer.get(path).json["name"] == "Otra"
    again = trainer.post(f"/placements/{placement['id']}/groups/1/confirmation")
    assert (again.status_code, again.json["code"]) == (409, "placement.group_formed")


def test_every_role_may_do_what_is_declared_and_nothing_else(service: Service, keys: dict[str, Keyring]) -> None:
    team = speaker(service, keys, TRAINER)
    placement = team.post("/rounds/begun", ASKED).json
    group = team.post(f"/placements/{placement['id']}/groups/1/confirmation").json
    paths = ["/needs", "/rounds", f"/placements/{placement['id']}", f"/placements/{placement['id']}/groups/1"]
    paths += [f"/placements/{placement['id']}/left-out", "/groups", f"/groups/{group['id']}"]
    declared = {operation.name: operation for operation in operations_of(service.web)}
    assert all(operation.allow or operation.public for operation in declared.values())
    for role in set(ROLES) - {"service"}:
        who = speaker(service, keys, person(role, scope="HN17"))
        team_member = role in {"trainer", "technician", "coordinator"}
        reader = team_member or role in {"network_coordinator", "auditor"}
        for path in paths:
            assert who.get(path).status_code == (200 if reader else 403), (role, path)
        assert who.post("/rounds/begun", ASKED | {"units": ["GT01"]}).status_code == 403
        confirmed = who.post(f"/placements/{placement['id']}/groups/1/confirmation")
        assert confirmed.status_code == (409 if team_member else 403), role


def test_another_territory_sees_nothing_of_it(service: Service, keys: dict[str, Keyring], trainer: Speaker) -> None:
    placement = trainer.post("/rounds/begun", ASKED).json
    group = trainer.post(f"/placements/{placement['id']}/groups/1/confirmation").json
    far = speaker(service, keys, STRANGER)
    for path in ("/needs", "/rounds", "/groups"):
        assert far.get(path).json["items"] == []
    for path in (f"/placements/{placement['id']}", f"/groups/{group['id']}", f"/placements/{placement['id']}/left-out"):
        assert far.get(path).status_code == 403
    assert far.patch(f"/groups/{group['id']}", {"name": "Mía"}, '"1"').status_code == 403
    assert speaker(service, keys, COORDINATOR).get(f"/groups/{group['id']}").status_code == 200


def test_without_a_token_nothing_is_said(service: Service) -> None:
    client = service.web.test_client()
    assert client.get(f"{ROOT}/groups").status_code == 401
    assert client.post(f"{ROOT}/rounds/begun", json=ASKED).status_code == 401


class House:
    """What a command gets: the composed services."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def service(self, name: str) -> Service:
        assert name == "training"
        return self._service


def test_the_commands_propose_and_confirm(service: Service) -> None:
    runner, house = CliRunner(), House(service)
    listed = runner.invoke(cli.group, ["needs", "--json"], obj=house)
    assert '"women": 9' in listed.output
    told = runner.invoke(cli.group, ["needs", "--unit", "HN17"], obj=house).output
    assert told.split()[:4] == ["Value", "chain", "Need", "Women"]
    assert "Quality" in told
    wish = ["propose", "--unit", "HN17", "--topic", "quality", "--minimum", "5", "--first-only"]
    proposed = runner.invoke(cli.group, wish, obj=house)
    assert proposed.exit_code == 0
    assert "San Lorenzo, por confirmar" in proposed.output
    placement_id = proposed.output.split(":")[0]
    formed = runner.invoke(cli.group, ["round", "form", placement_id, "1", "--name", "Las Salineras"], obj=house)
    assert "Las Salineras" in formed.output
    as_json = runner.invoke(cli.group, [*wish, "--json"], obj=house)
    assert '"in_groups": 8' in as_json.output


def test_a_command_with_a_wrong_option_says_so(service: Service) -> None:
    runner, house = CliRunner(), House(service)
    topic = ["--topic", "quality"]
    assert runner.invoke(cli.group, ["propose", "--unit", "HN17", *topic, "--maximum", "61"], obj=house).exit_code == 2
    assert runner.invoke(cli.group, ["propose", *topic], obj=house).exit_code == 2
    assert runner.invoke(cli.group, ["round", "form", "no-id", "1"], obj=house).exit_code == 2

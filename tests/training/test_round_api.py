"""The API and the commands of rounds: the same steps, the same numbers, clear refusals."""

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from services.training import cli
from shared.service import Service
from shared.tokens import Keyring
from tests.training.house import STRANGER, woman_of
from tests.training.test_api import Speaker, registry, service, speaker, trainer

__all__ = ["registry", "service", "trainer"]

ROUND = {
    "name": "Ronda de marzo", "units": ["HN17"], "begins_on": "2026-03-10", "ends_on": "2026-06-30",
    "topics": ["quality"], "minimum": 5, "maximum": 8,
}  # fmt: skip
VENUE = {
    "name": "Casa del Mar", "municipality": "HN1709", "slots": ["sat-am", "sun-am"],
    "rooms": [{"name": "Grande", "seats": 8}], "child_care": [{"slot": "sat-am", "places": 3}],
    "facilitators": [{"name": "Ana Enseña", "topics": ["quality"], "languages": ["es"]}],
}  # fmt: skip


class House:
    """A house of one service, as the commands see it."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def service(self, name: str) -> Service:
        assert name == "training"
        return self._service


def test_from_a_round_to_an_invitation(trainer: Speaker) -> None:
    made = trainer.post("/rounds", ROUND)
    assert (made.status_code, made.json["reach_km"], made.json["placements"]) == (201, 15, [])
    address = f"/rounds/{made.json['id']}"
    assert trainer.post(f"{address}/venues", VENUE).json["facilitators"][0]["slots"] == ["sat-am", "sun-am"]
    assert trainer.get(f"{address}/women", told="false").json["items"][0]["name"].startswith("Marta")
    found = trainer.post(f"{address}/placements", {"improve": False})
    assert (found.status_code, found.json["state"], found.json["placed"], found.json["left_out"]) == (
        201,
        "ready",
        8,
        1,
    )
    placement = f"/placements/{found.json['id']}"
    (left,) = trainer.get(f"{placement}/left-out").json["items"]
    assert (left["reason"], left["entrepreneur_id"]) == ("too_far", str(woman_of(40)))
    assert 59_000 < left["facts"]["metres"] < 61_000
    formed = trainer.post(f"{placement}/groups/1/confirmation")
    assert (formed.status_code, formed.json["women"]) == (201, 8)
    group = f"/groups/{formed.json['id']}"
    answered = trainer.post(f"{group}/invitations/{woman_of(1)}", {"state": "accepted"})
    assert (answered.status_code, answered.json["state"]) == (200, "accepted")
    again = trainer.post(f"{placement}/groups/1/confirmation")
    assert (again.status_code, again.json["code"]) == (409, "placement.group_formed")
    assert trainer.get("/needs").json["items"][0]["in_groups"] == 8


def test_a_move_needs_the_version_that_was_seen_and_says_what_it_breaks(trainer: Speaker) -> None:
    address = f"/rounds/{trainer.post('/rounds', ROUND).json['id']}"
    trainer.post(f"{address}/venues", VENUE)
    found = trainer.post(f"{address}/placements", {"improve": False})
    moves, body = f"/placements/{found.json['id']}/moves", {"entrepreneur_id": str(woman_of(40)), "to": 1}
    assert trainer.post(moves, body).status_code == 428
    refused = matched(trainer, moves, body, found.headers["ETag"])
    assert (refused.status_code, refused.json["code"]) == (409, "placement.broken.too_many")
    assert "8" in refused.json["detail"]
    out = matched(trainer, moves, body | {"entrepreneur_id": str(woman_of(1)), "to": None}, found.headers["ETag"])
    assert (out.status_code, out.json["moves"][0]["gained"][0]) == (201, -1)
    late = matched(trainer, moves, body, found.headers["ETag"])
    assert late.status_code == 412


def matched(trainer: Speaker, path: str, body: Any, etag: str) -> Any:
    held = {**trainer._headers, "If-Match": etag}
    return trainer._web.post(f"/api/training/v1{path}", headers=held, json=body)


def test_what_a_round_can_be_made_of_is_told_in_the_language_of_who_asks(
    service: Service, keys: dict[str, Keyring], trainer: Speaker
) -> None:
    told = trainer.get("/rounds/choices").json
    assert {one["code"]: one["name"] for one in told["topics"]}["costing"] in {"Costos y precios", "Costs and prices"}
    assert told["defaults"]["minimum"] == 8
    assert "por confirmar" in told["source"]


def test_a_wrong_round_is_refused_beside_its_field_and_a_foreign_one_altogether(
    service: Service, keys: dict[str, Keyring], trainer: Speaker
) -> None:
    refused = trainer.post("/rounds", ROUND | {"topics": ["magia"]})
    assert (refused.status_code, refused.json["errors"][0]["pointer"]) == (422, "/topics/0")
    assert trainer.post("/rounds", ROUND | {"units": ["GT01"]}).status_code == 403
    made = trainer.post("/rounds", ROUND).json["id"]
    assert speaker(service, keys, STRANGER).get(f"/rounds/{made}").status_code == 403


def test_the_commands_take_the_same_steps_to_the_same_numbers(service: Service, tmp_path: Path) -> None:
    runner, house = CliRunner(), House(service)

    def run(*words: str) -> str:
        told = runner.invoke(cli.group, ["round", *words], obj=house)
        assert told.exit_code == 0, told.output
        return told.output.strip()

    days = ("--from", "2026-03-10", "--until", "2026-06-30", "--minimum", "5", "--maximum", "8")
    made = run("plan", "Ronda", "--unit", "HN17", "--topic", "quality", *days)
    (tmp_path / "venue.json").write_text(json.dumps(VENUE))
    run("venue", made, str(tmp_path / "venue.json"))
    table = f"entrepreneur_id;slots;languages;children;priority\n{woman_of(1)};sat-am;es;1;2\n"
    (tmp_path / "women.csv").write_text(table)
    assert run("women", str(tmp_path / "women.csv")) == "1"
    told = run("answer", made, "--first-only")
    assert "8 / 9" in told
    assert "too_far" in told
    placement = told.split(":")[0]
    assert json.loads(run("placement", placement, "--json"))["placed"] == 8
    assert run("move", placement, str(woman_of(2))).startswith("[-1,")
    assert "Las Salineras" in run("form", placement, "1", "--name", "Las Salineras")
    assert made in run("list")
    assert json.loads(run("show", made))["venues"][0]["name"] == "Casa del Mar"
    (tmp_path / "women.csv").write_text(table.replace("sat-am", "lunes"))
    wrong = runner.invoke(cli.group, ["round", "women", str(tmp_path / "women.csv")], obj=house)
    assert (wrong.exit_code, "table.unknown_slots" in wrong.output) == (1, True)

"""Fairs: who goes there, who gets ready in which group, what each has ready, and what may be told of the results."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner
from flask import Flask, jsonify, request
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from deploy.demonstration.fairs import get_ready
from services.training.app import build
from services.training.cli import group
from services.training.models import CopyFairStand, FairReadiness, GroupMember
from services.training.queries.fairs import prepared_for, show_fair, show_preparation
from services.training.reference.fairs import checklist
from services.training.rules.fair_readiness import ITEM_STATES, NOT_NEEDED, READY, readiness, results
from services.training.use_cases.prepare_fair import note_readiness, prepare_fair, take_into_preparation
from shared.events.registry import EnterpriseMerged, FairPlanned, FairStandMoved
from shared.kernel import Forbidden, Invalid, NotFound, Refused, Stale
from shared.service import Service
from shared.testing import fill, headers, settings_of
from shared.tokens import Keyring
from shared.web import Peers
from tests.training.house import (
    CHOLUTECA,
    SAN_LORENZO,
    STRANGER,
    TECHNICIAN,
    TODAY,
    TRAINER,
    number,
    register,
    register_many,
    tell,
    withdraw,
    woman_of,
)
from tests.training.lessons import form_group

FAIR = number(900)
ITEMS = checklist(TODAY.date()).items
ALL_READY = dict.fromkeys(ITEMS, READY)
ROOT = "/api/training/v1"


def announce(session: Session, begins: date = date(2026, 3, 20), **changed: Any) -> None:
    told = {"fair_id": FAIR, "name": "Feria de prueba", "municipality": SAN_LORENZO, "begins_on": begins}
    event = FairPlanned(**(told | {"ends_on": begins} | changed))
    tell(session, event, event.fair_id)


def go(session: Session, *enterprises: int, state: str | None = "confirmed") -> None:
    for one in enterprises:
        event = FairStandMoved(fair_id=FAIR, enterprise_id=number(one), state=state)
        tell(session, event, event.enterprise_id)


@pytest.fixture
def going(session: Session) -> Session:
    """A fair in two weeks, to which enterprises 1 to 6 go, the fifth from elsewhere, the sixth invited only."""
    announce(session)
    register_many(session, 1, 4)
    register(session, 5, municipality=CHOLUTECA)
    register(session, 6)
    go(session, 1, 2, 3, 4, 5)
    go(session, 6, state="invited")
    return session


def test_a_group_is_formed_of_all_of_her_territory_who_go_there(going: Session) -> None:
    form_group(going, 20)
    before = show_fair(going, TRAINER, FAIR)
    assert (before["signed_up"], before["confirmed"], before["preparing"]) == (5, 4, 0)
    assert {row["enterprise_id"] for row in before["free"]} == {number(one) for one in (1, 2, 3, 4, 6)}
    made = prepare_fair(going, TRAINER, fair_id=FAIR)
    found = show_preparation(going, TRAINER, made.id)
    assert (found["group_name"], len(found["enterprises"]), found["prepared"]) == ("Feria de prueba", 5, 0)
    members = going.scalars(select(GroupMember.entrepreneur_id).where(GroupMember.group_id == made.group_id))
    assert set(members) == {woman_of(one) for one in (1, 2, 3, 4, 6)}
    after = show_fair(going, TRAINER, FAIR)
    assert (after["preparing"], after["free"], len(after["preparations"])) == (5, [], 1)


def test_women_of_another_group_get_ready_too(session: Session) -> None:
    form_group(session)
    announce(session)
    go(session, 1, 2)
    prepare_fair(session, TRAINER, fair_id=FAIR)
    prepare_other = [row["enterprise_id"] for row in show_fair(session, TRAINER, FAIR)["free"]]
    assert prepare_other == []


def test_nobody_gets_ready_twice_and_nobody_who_does_not_go(going: Session) -> None:
    prepare_fair(going, TRAINER, fair_id=FAIR, enterprise_ids=[number(1), number(2)])
    for wrong in (number(1), number(5), number(77)):
        with pytest.raises(Invalid, match=r"fair_preparation\.not_going"):
            prepare_fair(going, TRAINER, fair_id=FAIR, enterprise_ids=[wrong])
    prepare_fair(going, TRAINER, fair_id=FAIR)
    with pytest.raises(Refused, match=r"fair_preparation\.nobody_left"):
        prepare_fair(going, TRAINER, fair_id=FAIR)


def test_who_signs_up_later_is_taken_in(going: Session) -> None:
    made = prepare_fair(going, TRAINER, fair_id=FAIR)
    register(going, 7, partners=2)
    go(going, 7)
    take_into_preparation(going, TRAINER, preparation_id=made.id, enterprise_ids=[number(7)])
    assert len(show_preparation(going, TRAINER, made.id)["enterprises"]) == 6
    with pytest.raises(Invalid, match=r"fair_preparation\.not_going"):
        take_into_preparation(going, TRAINER, preparation_id=made.id, enterprise_ids=[number(7)])


def test_a_fair_that_has_begun_is_prepared_no_more(going: Session) -> None:
    made = prepare_fair(going, TRAINER, fair_id=FAIR, enterprise_ids=[number(1)])
    announce(going, TODAY.date())
    with pytest.raises(Refused, match=r"fair_preparation\.fair_begun"):
        prepare_fair(going, TRAINER, fair_id=FAIR)
    with pytest.raises(Refused, match=r"fair_preparation\.fair_begun"):
        take_into_preparation(going, TRAINER, preparation_id=made.id, enterprise_ids=[number(2)])
    with pytest.raises(Refused, match=r"fair_preparation\.fair_begun"):
        note(going, made.id, 1, ALL_READY)


def note(session: Session, preparation: UUID, enterprise: int, items: dict[str, str], **more: Any) -> FairReadiness:
    told = {"preparation_id": preparation, "enterprise_id": number(enterprise), "version": None} | more
    return note_readiness(session, told.pop("by", TRAINER), items=items, **told)


def test_what_is_ready_is_noted_thing_by_thing(going: Session) -> None:
    made = prepare_fair(going, TRAINER, fair_id=FAIR)
    note(going, made.id, 1, {ITEMS[0]: READY, ITEMS[1]: "under_way"})
    first = note(going, made.id, 1, {ITEMS[1]: NOT_NEEDED})
    assert first.items == {ITEMS[0]: READY, ITEMS[1]: NOT_NEEDED}
    note(going, made.id, 2, ALL_READY)
    rows = {row["listed_id"]: row for row in show_preparation(going, TRAINER, made.id)["enterprises"]}
    assert (rows[number(1)]["ready"], rows[number(1)]["of"], rows[number(1)]["prepared"]) == (2, len(ITEMS), False)
    assert rows[number(2)]["prepared"]
    assert prepared_for(going, FAIR) == {number(2)}


def test_wrong_notes_are_refused(going: Session) -> None:
    made = prepare_fair(going, TRAINER, fair_id=FAIR)
    with pytest.raises(Invalid, match=r"fair_preparation\.not_on_the_list"):
        note(going, made.id, 1, {"fireworks": READY})
    with pytest.raises(Invalid, match=r"fair_preparation\.not_a_state"):
        note(going, made.id, 1, {ITEMS[0]: "perhaps"})
    with pytest.raises(NotFound, match=r"fair_preparation\.unknown_enterprise"):
        note(going, made.id, 5, ALL_READY)
    with pytest.raises(Stale):
        note(going, made.id, 1, ALL_READY, version=99)


def test_a_stranger_sees_and_changes_nothing(going: Session) -> None:
    made = prepare_fair(going, TRAINER, fair_id=FAIR)
    for attempt in (
        lambda: show_fair(going, STRANGER, FAIR),
        lambda: show_preparation(going, STRANGER, made.id),
        lambda: note(going, made.id, 1, ALL_READY, by=STRANGER),
        lambda: take_into_preparation(going, STRANGER, preparation_id=made.id, enterprise_ids=[number(5)]),
        lambda: prepare_fair(going, STRANGER, fair_id=FAIR),
    ):
        with pytest.raises(Forbidden):
            attempt()
    with pytest.raises(NotFound):
        show_fair(going, TRAINER, uuid4())


def test_a_merged_enterprise_stands_once_and_keeps_what_it_had_ready(going: Session) -> None:
    made = prepare_fair(going, TRAINER, fair_id=FAIR)
    note(going, made.id, 2, ALL_READY)
    tell(going, EnterpriseMerged(survivor_id=number(1), absorbed_id=number(2)), number(1))
    assert show_fair(going, TRAINER, FAIR)["signed_up"] == 4
    assert prepared_for(going, FAIR) == {number(1), number(2)}


def test_who_withdraws_is_forgotten_and_who_was_invited_by_mistake_too(going: Session) -> None:
    made = prepare_fair(going, TRAINER, fair_id=FAIR)
    note(going, made.id, 1, ALL_READY)
    withdraw(going, 1)
    go(going, 1)
    go(going, 6, state=None)
    assert {row.enterprise_id for row in going.scalars(select(CopyFairStand))} == {number(n) for n in (2, 3, 4, 5)}
    assert going.scalar(select(FairReadiness).where(FairReadiness.enterprise_id == number(1))) is None
    assert number(1) not in {row["listed_id"] for row in show_preparation(going, TRAINER, made.id)["enterprises"]}


@given(st.dictionaries(st.sampled_from([*ITEMS, "other"]), st.sampled_from(ITEM_STATES)))
def test_everything_is_ready_or_open_and_never_both(noted: dict[str, str]) -> None:
    found = readiness(checklist(TODAY.date()), noted)
    assert found.ready + len(found.open) == found.of == len(ITEMS)
    assert found.complete == all(noted.get(item) in {READY, NOT_NEEDED} for item in ITEMS)


def summed(named: bool, took_part: int, sales: str | None, told: int | None) -> dict[str, Any]:
    money = None if sales is None else {"amount": sales, "currency": "HNL"}
    return {
        "named": named,
        "took_part": took_part,
        "sales_told": told,
        "sales": money,
        "orders": None,
        "contacts": None,
    }


def test_both_sides_stand_beside_each_other_or_there_is_no_comparison() -> None:
    found = results([summed(True, 6, "100.01", 6), summed(False, 5, "50.00", 5)])
    assert found["compared"]
    assert [str(row["sales_each"]) for row in found["rows"]] == ["16.67", "10.00"]
    alone = results([summed(True, 6, None, None), summed(False, 2, None, None)])
    assert not alone["compared"]
    assert [row["took_part"] for row in alone["rows"]] == [None, None], "six of eight would tell the two"
    assert results([]) == {"rows": [], "compared": False}


class Inventory:
    """A registry that sums what was sold."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.away = False
        self.web = Flask("registry")
        self.web.add_url_rule("/api/registry/v1/enterprises", view_func=lambda: jsonify({"items": []}))
        self.web.add_url_rule("/api/registry/v1/fairs/<fair>/sums", view_func=self._sums, methods=["POST"])

    def _sums(self, fair: str) -> Any:
        if self.away:
            return "", 503
        self.asked = request.json["enterprise_ids"] if request.json else []
        assert fair == str(FAIR)
        return jsonify({"items": [summed(True, 5, "5000.00", 5), summed(False, 9, "4500.00", 9)]})


@pytest.fixture
def inventory() -> Inventory:
    return Inventory()


@pytest.fixture
def service(tmp_path: Path, keys: dict[str, Keyring], inventory: Inventory) -> Iterator[Service]:
    settings = settings_of("training", tmp_path)
    built = build(settings, keys["training"], Peers(settings, keys["training"], {"registry": inventory.web}))
    fill(built.database, "training")
    with built.database.transaction() as session:
        announce(session)
        register_many(session, 1, 4)
        go(session, 1, 2, 3, 4)
    yield built
    built.database.dispose()


def test_from_the_list_of_fairs_to_the_results(
    service: Service, keys: dict[str, Keyring], inventory: Inventory
) -> None:
    web, mine = service.web.test_client(), headers(keys, TRAINER)
    (row,) = web.get(f"{ROOT}/fairs", headers=mine).json["items"]
    assert (row["id"], row["signed_up"], row["preparing"]) == (str(FAIR), 4, 0)
    made = web.post(f"{ROOT}/fairs/{FAIR}/preparations", headers=mine, json={})
    assert made.status_code == 201, made.json
    one = made.json["enterprises"][0]
    path = f"{ROOT}/fair-preparations/{made.json['id']}/enterprises/{one['listed_id']}"
    body = {"items": [{"item": item, "state": READY} for item in ITEMS]}
    assert web.put(path, headers=mine, json=body).status_code == 428
    stale = web.put(path, headers=mine | {"If-Match": '"7"'}, json=body)
    assert stale.status_code == 412
    noted = web.put(path, headers=mine | {"If-Match": f'"{one["version"]}"'}, json=body)
    assert (noted.status_code, noted.json["prepared"]) == (200, 1)
    assert not web.get(f"{ROOT}/fairs/{FAIR}/results", headers=mine).json["over"]
    with service.database.transaction() as session:
        announce(session, date(2026, 3, 3))
    told = web.get(f"{ROOT}/fairs/{FAIR}/results", headers=mine).json
    assert (told["over"], told["known"], told["compared"]) == (True, True, True)
    assert [row["sales_each"]["amount"] for row in told["rows"]] == ["1000.00", "500.00"]
    assert inventory.asked == [one["listed_id"]]
    (row,) = web.get(f"{ROOT}/fairs?when=past", headers=mine).json["items"]
    assert row["preparing"] == 4
    inventory.away = True
    assert not web.get(f"{ROOT}/fairs/{FAIR}/results", headers=mine).json["known"]


def command(service: Service, *words: object) -> str:
    """What a command told, which must have worked."""
    place = SimpleNamespace(service=lambda _name: service)
    done = CliRunner().invoke(group, ["fairs", *map(str, words)], obj=place, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_a_fair_is_prepared_by_command(service: Service) -> None:
    assert str(FAIR) in command(service, "list")
    preparation = command(service, "prepare", FAIR).split()[0]
    command(service, "note", preparation, number(1), ITEMS[0], READY)
    assert f"1/{len(ITEMS)}" in command(service, "show", preparation)
    assert "Feria de prueba" in command(service, "show", preparation, "--json")


def test_a_fair_and_what_came_of_it_are_told_by_command_in_ids_and_sums(service: Service, inventory: Inventory) -> None:
    preparation = command(service, "prepare", FAIR, "--enterprise", number(1)).split()[0]
    told = json.loads(command(service, "of", FAIR))
    assert [one["id"] for one in told["preparations"]] == [preparation]
    assert {one["enterprise_id"] for one in told["free"]} == {str(number(one)) for one in (2, 3, 4)}
    assert not json.loads(command(service, "results", FAIR))["over"]
    for item in ITEMS:
        command(service, "note", preparation, number(1), item, READY)
    with service.database.transaction() as session:
        announce(session, date(2026, 3, 3))
    came = json.loads(command(service, "results", FAIR))
    assert (came["over"], came["known"], came["compared"]) == (True, True, True)
    assert inventory.asked == [str(number(1))], "the registry is asked for a sum of who had everything ready"
    inventory.away = True
    assert not json.loads(command(service, "results", FAIR))["known"]


def test_a_technician_of_two_departments_sees_both(going: Session) -> None:
    assert show_fair(going, TECHNICIAN, FAIR)["signed_up"] == 5


class Spoken:
    """Somebody of the demonstration, who speaks with training alone."""

    username = "trainer"

    def __init__(self, service: Service, keys: dict[str, Keyring]) -> None:
        self._web, self._headers = service.web.test_client(), headers(keys, TRAINER)

    def get(self, service: str, path: str) -> Any:
        assert service == "training"
        return self._web.get(ROOT + path, headers=self._headers).json

    def post(self, service: str, path: str, body: Any) -> Any:
        assert service == "training"
        made = self._web.post(ROOT + path, headers=self._headers, json=body)
        assert made.status_code == 201, made.json
        return made.json

    def change(self, service: str, method: str, path: str, version: int, body: Any) -> Any:
        assert (service, method) == ("training", "PUT")
        told = self._headers | {"If-Match": f'"{version}"'}
        changed = self._web.put(ROOT + path, headers=told, json=body)
        assert changed.status_code == 200, changed.json
        return changed.json


def test_the_demonstration_gets_ready(service: Service, keys: dict[str, Keyring]) -> None:
    trainer: Any = Spoken(service, keys)
    waited: list[bool] = []
    with service.database.transaction() as session:
        announce(session, date(2026, 4, 9))
    get_ready(trainer, str(FAIR), 4, lambda reached: waited.append(reached()))
    assert waited == [True]
    (group,) = trainer.get("training", f"/fairs/{FAIR}")["preparations"]
    assert (group["enterprises"], group["prepared"]) == (3, 1)

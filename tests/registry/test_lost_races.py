"""PostgreSQL ends one of two that wait on each other: a merge that loses is begun again, or says that it may be."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text

from services.registry import duplicates
from services.registry.api import duplicates as api
from services.registry.models import Enterprise, Entrepreneur
from services.registry.use_cases import merge_certain
from tests.registry.house import House
from tests.registry.pairs import digest, merge, pair_of, twice, undo

_WAITS = text(
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN "
    "(SELECT pid FROM pg_stat_get_activity(NULL) WHERE datid = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)


@contextmanager
def rival(house: House, enterprise_id: str, woman_id: str) -> Iterator[None]:
    """Somebody who holds the enterprise, and wants the woman as soon as another waits for it: never the one that is
    ended.
    """
    held = threading.Event()

    def go() -> None:
        with house.database.transaction() as session:
            session.execute(text("SET LOCAL deadlock_timeout = '1min'"))
            session.execute(select(Enterprise.id).where(Enterprise.id == UUID(enterprise_id)).with_for_update())
            held.set()
            until = time.monotonic() + 20
            while not session.scalar(_WAITS):
                assert time.monotonic() < until, "nobody came to wait for it"
                time.sleep(0.01)
            session.execute(select(Entrepreneur.id).where(Entrepreneur.id == UUID(woman_id)).with_for_update())

    hand = threading.Thread(target=go)
    hand.start()
    assert held.wait(20)
    yield
    hand.join(30)
    assert not hand.is_alive()


def counted(monkeypatch: pytest.MonkeyPatch, place: Any, name: str) -> list[str]:
    """How often something was begun."""
    act: Callable[..., Any] = getattr(place, name)
    begun: list[str] = []

    def counting(*args: Any, **options: Any) -> Any:
        begun.append(name)
        return act(*args, **options)

    monkeypatch.setattr(place, name, counting)
    return begun


def test_a_merge_that_loses_a_deadlock_is_made_all_the_same(
    postgresql_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = postgresql_house
    one, other = twice(house)
    pair, begun = pair_of(house), counted(monkeypatch, api, "merge_women")
    with rival(house, other["id"], one["owners"][0]["id"]):
        made = merge(house, pair)
    assert (made.status_code, len(begun)) == (201, 2), made.json
    assert len(house.call("GET", "/duplicates/merges").json["items"]) == 1


def test_undoing_a_merge_that_loses_a_deadlock_restores_both_records(
    postgresql_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = postgresql_house
    one, other = twice(house)
    before = digest(house)
    made, begun = merge(house, pair_of(house)).json, counted(monkeypatch, api, "undo_merge")
    with rival(house, other["id"], one["owners"][0]["id"]):
        undone = undo(house, made)
    assert (undone.status_code, len(begun)) == (200, 2), undone.json
    assert digest(house) == before


def test_merging_what_is_certain_goes_on_after_a_lost_deadlock(
    postgresql_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = postgresql_house
    one, other = twice(house)
    begun = counted(monkeypatch, merge_certain, "merge_if_certain")
    with rival(house, other["id"], one["owners"][0]["id"]):
        told = duplicates.merge_all_certain(house.directly(), house.context.sealer)
    assert (told, len(begun)) == ({"merged": 1, "passed_over": 0}, 2)


def test_a_merge_that_never_gets_its_turn_is_refused_in_words(
    postgresql_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = postgresql_house
    twice(house)
    pair, before = pair_of(house), digest(house)

    def always_loses(session: Any, *_args: Any, **_options: Any) -> None:
        session.execute(text("DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = 'serialization_failure'; END $$"))

    monkeypatch.setattr(api, "merge_women", always_loses)
    refused = merge(house, pair)
    assert (refused.status_code, refused.json["code"], refused.headers["Retry-After"]) == (503, "service.busy", "2")
    assert "No se cambió nada" in refused.json["detail"]
    assert digest(house) == before

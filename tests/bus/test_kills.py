"""Processes are killed with SIGKILL at the worst places; what comes after is as if nothing had been."""

import threading
import time
from collections.abc import Iterator

import pytest

from shared.bus import broker, parked
from shared.bus.broker import Broker
from shared.kernel import uuid7
from shared.testing import RABBITMQ
from tests.bus.house import House, eventually, killed
from tests.bus.proxy import Proxy
from tests.bus.toy import changed, registered

IN_MEMORY = "memory:// lives and dies with its process: there is no broker that could go away alone"


def process_of_all(house: House, failpoints: str = ""):
    """Relay and listener in one process: the only way with memory://, and a possible one with a broker."""
    return house.spawn("relay", "listen", failpoints=failpoints)


@pytest.mark.parametrize(
    "place", ["inbox.begun", "inbox.taken", "inbox.uncommitted", "inbox.committed", "ear.acknowledging"]
)
def test_a_consumer_killed_at_any_step_between_message_and_acknowledgement_applies_once(house: House, place: str):
    enterprise, recorded = uuid7(), 0
    doomed = process_of_all(house, f"{place}=kill")
    # What is published before the queue exists comes by the feed and is never acknowledged: go on until one is.
    while doomed.is_alive() and recorded < 100:
        house.record(registered(enterprise, recorded))
        recorded += 1
        doomed.join(0.2)
    assert killed(doomed)
    process_of_all(house)
    house.record(registered(enterprise, recorded))
    eventually(lambda: house.taken(recorded + 1))
    assert house.trail(enterprise) == list(range(recorded + 1))
    assert house.visits() == recorded + 1
    assert house.parked() == []


@pytest.mark.parametrize("place", ["relay.numbered", "relay.published"])
def test_a_relay_killed_between_giving_a_position_and_remembering_that_it_was_published(house: House, place: str):
    house.listen(poll=60)
    enterprise = uuid7()
    for n in range(5):
        house.record(changed(enterprise, n))
    assert killed(house.spawn("relay", failpoints=f"{place}=kill"))
    assert house.head().position == 5
    house.record(changed(enterprise, 5))
    house.relay()
    eventually(lambda: house.taken(6))
    assert house.trail(enterprise) == [0, 1, 2, 3, 4, 5]


def test_a_handler_that_kills_its_process_is_parked_after_three_tries_and_holds_nobody_else(house: House):
    deadly, good = uuid7(), uuid7()
    house.record(changed(deadly, 1, activity="deadly"))
    house.number()
    for _ in range(3):
        assert killed(house.spawn("listen"))
    house.cure()
    house.record(changed(good, 1))
    house.record(changed(deadly, 2))
    house.number()
    house.listen()
    eventually(lambda: house.trail(good) == [1])
    assert house.parked() == [(1, "failing"), (3, "held")]
    with house.toy.reading() as session:
        row = parked.shown(session, "registry", 1)
    assert (row["attempts"], row["error"]) == (3, "its handler ended the process each time it was tried")
    eventually(lambda: house.trail(deadly) == [1, 2])
    assert house.parked() == []


def test_one_that_kills_its_process_in_the_middle_of_a_batch_is_found_by_trying_one_by_one(house: House):
    deadly, good = uuid7(), uuid7()
    house.record(changed(good, 1))
    house.record(changed(deadly, 1, activity="deadly"))
    house.record(changed(good, 2))
    house.number()
    assert killed(house.spawn("listen"))
    assert house.trail(good) == []
    assert killed(house.spawn("listen"))
    assert house.trail(good) == [1]
    assert house.cursor()["tries"] == 1


def test_a_retry_that_kills_its_process_is_counted(house: House):
    enterprise = uuid7()
    house.record(changed(enterprise, 1, activity="poison"))
    house.number()
    house.listen()
    eventually(lambda: house.parked() == [(1, "failing")])
    house.stop()
    assert killed(house.spawn("listen", failpoints="parked.attempted=kill"))
    with house.toy.reading() as session:
        row = parked.shown(session, "registry", 1)
    assert row["attempts"] == 2
    house.cure()
    house.listen()
    eventually(lambda: house.trail(enterprise) == [1])


def test_a_replay_killed_half_way_leaves_the_old_copies(house: House):
    enterprise = uuid7()
    for n in range(5):
        house.record(changed(enterprise, n))
    house.number()
    worker = house.listen()
    eventually(lambda: house.taken(5))
    worker.stop()
    before = house.copies()
    assert killed(house.spawn("replay", failpoints="replay.dropped=kill"))
    assert house.copies() == before
    again = house.spawn("replay")
    again.join(20)
    assert again.exitcode == 0
    assert house.copies() == before


@pytest.mark.not_with("memory", "two processes cannot share memory://; two sets of threads do in test_delivery")
def test_two_processes_take_turns_and_survive_the_kill_of_one(house: House):
    house.relay()
    first, _ = house.spawn("listen"), house.spawn("listen")
    enterprise = uuid7()
    for n in range(30):
        house.record(registered(enterprise, n))
        if n == 15:
            eventually(lambda: house.taken(5))
            first.kill()
    eventually(lambda: house.taken(30))
    assert house.trail(enterprise) == list(range(30))
    assert house.visits() == 30


@pytest.fixture
def proxy(bus: Broker) -> Iterator[Proxy]:
    """A way to the broker that can be cut."""
    with Proxy("127.0.0.1", 5672) as made:
        yield made


@pytest.mark.not_with("memory", IN_MEMORY)
def test_events_recorded_while_the_broker_is_down_arrive_and_more_when_it_is_back(house: House, proxy: Proxy):
    through = Broker(RABBITMQ.replace("127.0.0.1:5672", f"127.0.0.1:{proxy.port}"), house.bus.prefix)
    enterprise = uuid7()
    proxy.cut()
    house.spawn("relay", "listen", bus=through)
    house.record(changed(enterprise, 1))
    eventually(lambda: house.trail(enterprise) == [1], "an event with no broker since the start")
    proxy.mend()
    house.record(changed(enterprise, 2))
    eventually(lambda: house.trail(enterprise) == [1, 2])
    eventually(lambda: proxy.connections >= 2, "relay and ear to come back to the broker")
    proxy.cut()
    for n in (3, 4, 5):
        house.record(changed(enterprise, n))
    eventually(lambda: house.trail(enterprise) == [1, 2, 3, 4, 5], "events while the broker is away again")
    proxy.mend()
    eventually(lambda: proxy.connections >= 2)
    house.record(changed(enterprise, 6))
    eventually(lambda: house.trail(enterprise) == [1, 2, 3, 4, 5, 6])


@pytest.mark.not_with("memory", "memory:// forgetting its queues is a case of test_delivery")
def test_a_broker_whose_queue_was_deleted_costs_latency_and_no_event(house: House):
    import kombu

    house.listen(poll=0.3)
    house.relay()
    enterprise = uuid7()
    house.record(changed(enterprise, 1))
    eventually(lambda: house.trail(enterprise) == [1])
    with kombu.Connection(RABBITMQ) as connection:
        house.bus.queue("toy", "registry")(connection.default_channel).delete()
        house.bus.exchange(connection.default_channel).delete()
    for n in range(2, 6):
        house.record(changed(enterprise, n))
    eventually(lambda: house.trail(enterprise) == [1, 2, 3, 4, 5])


@pytest.mark.not_with("memory", "memory:// has no heartbeats")
def test_the_heartbeat_is_answered_while_a_handler_runs(house: House, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(broker, "HEARTBEAT", 1)
    dropped = []
    monkeypatch.setattr("shared.bus.lane.Lane.deaf", lambda lane: dropped.append(lane))
    house.listen(poll=60)
    house.relay()
    enterprise = uuid7()
    house.record(changed(enterprise, 1, activity="slow"))
    eventually(lambda: house.trail(enterprise) == [1])
    assert dropped == []


@pytest.mark.not_with("sqlite", "a SQLite file is always there")
def test_relay_and_consumer_wait_for_a_database_that_is_not_up_yet(house: House):
    from shared.bus.relay import Relay
    from shared.bus.sources import LocalFeed
    from shared.bus.subscriber import loops
    from shared.bus.subscriptions import Consumer
    from shared.database import Database
    from shared.service import Worker

    with Proxy("127.0.0.1", 5432) as proxy:
        proxy.cut()
        away = [
            Database(f"postgresql://postgres@127.0.0.1:{proxy.port}/{database.engine.url.database}")
            for database in (house.registry, house.toy)
        ]
        consumer = Consumer(away[1], house.subscriptions, {"registry": LocalFeed(away[0], "registry")})
        worker = Worker([*loops(consumer, house.bus, poll_seconds=0.3), Relay(away[0], house.bus, "registry")])
        house.workers.append(worker)
        worker.start()
        enterprise = uuid7()
        house.record(changed(enterprise, 1))
        time.sleep(1)
        assert house.trail(enterprise) == []
        proxy.mend()
        eventually(lambda: house.trail(enterprise) == [1])
        proxy.cut()
        house.record(changed(enterprise, 2))
        proxy.mend()
        eventually(lambda: house.trail(enterprise) == [1, 2])
        house.stop()
        for database in away:
            database.dispose()
    assert not [thread for thread in threading.enumerate() if thread.name.endswith("relay")]

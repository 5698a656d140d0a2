"""Every event that was recorded is applied, once, in the order of its source, whatever the broker does with messages."""

import contextlib
import random
import threading
from collections.abc import Sequence

import pytest

from shared.bus import broker, inbox, log
from shared.bus.envelope import Envelope
from shared.bus.lane import Lane
from shared.bus.locks import Turn
from shared.kernel import uuid7
from tests.bus.house import House, Mischief, Switch, eventually
from tests.bus.toy import changed, registered, settled


def test_events_of_one_subject_are_applied_in_the_order_they_were_recorded(house: House):
    house.listen()
    house.relay()
    enterprises = [uuid7() for _ in range(4)]

    def record_all(enterprise):
        for n in range(25):
            house.record(changed(enterprise, n))

    writers = [threading.Thread(target=record_all, args=(enterprise,)) for enterprise in enterprises]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    eventually(lambda: house.taken(100))
    assert [house.trail(enterprise) for enterprise in enterprises] == [list(range(25))] * 4


def test_positions_follow_one_another_without_a_gap_though_transactions_are_rolled_back(house: House):
    enterprise = uuid7()
    for n in range(6):
        with contextlib.suppress(ZeroDivisionError), house.registry.transaction() as session:
            log.append(session, changed(enterprise, n), subject=enterprise)
            assert 1 // (1 - n % 2)
    numbered = house.number()
    assert [event.position for event in numbered] == [1, 2, 3]
    assert [event.data["facts"]["jobs_women"] for event in numbered] == [0, 2, 4]


def test_a_commit_is_seen_by_the_consumer_without_waiting_for_a_poll(house: House):
    house.listen(poll=60)
    house.relay()
    house.record(changed(uuid7(), 0))
    eventually(lambda: house.taken(1))
    first = uuid7()
    house.record(changed(first, 1))
    eventually(lambda: house.trail(first) == [1], seconds=0.9)


def test_a_message_sent_twice_is_applied_once(house: House):
    house.listen(poll=60)
    house.relay(Mischief(house.bus, lambda event: [event, event]))
    enterprise = uuid7()
    for n in range(20):
        house.record(changed(enterprise, n))
    eventually(lambda: house.taken(20) and house.dropped("duplicate") >= 20)
    assert house.trail(enterprise) == list(range(20))


def test_a_lost_message_is_filled_from_the_feed(house: House):
    house.listen(poll=60)
    house.relay(Mischief(house.bus, lambda event: [] if event.position in {3, 4, 9} else [event]))
    enterprise = uuid7()
    for n in range(12):
        house.record(changed(enterprise, n))
    eventually(lambda: house.taken(12))
    assert house.trail(enterprise) == list(range(12))


def test_the_last_message_lost_is_found_by_polling(house: House):
    house.listen(poll=0.3)
    house.relay(Mischief(house.bus, lambda event: []))
    enterprise = uuid7()
    house.record(changed(enterprise, 1))
    eventually(lambda: house.trail(enterprise) == [1])


def test_late_and_shuffled_messages_are_put_in_order(house: House):
    waiting: list[Envelope] = []

    def shuffle(event: Envelope) -> Sequence[Envelope]:
        waiting.append(event)
        if len(waiting) < 10:
            return []
        late = random.Random(7).sample(waiting, len(waiting))
        waiting.clear()
        return late

    house.listen(poll=60)
    house.relay(Mischief(house.bus, shuffle))
    enterprise = uuid7()
    for n in range(30):
        house.record(changed(enterprise, n))
    eventually(lambda: house.taken(30))
    assert house.trail(enterprise) == list(range(30))


def test_a_body_that_is_not_json_is_dropped_and_the_others_go_on(house: House):
    house.listen(poll=60)
    house.relay()
    with house.bus.connected() as connection:
        for body in (b"\xff\xfe not json", b"[]", b"{}", b'{"source": "/csem/registry", "position": "7"}'):
            channel = connection.default_channel
            message = channel.prepare_message(body, content_type="application/json", content_encoding="utf-8")
            channel.basic_publish(message, exchange=house.bus.exchange.name, routing_key="org.csem.registry.x.v1")
    enterprise = uuid7()
    house.record(changed(enterprise, 1))
    eventually(lambda: house.trail(enterprise) == [1])
    eventually(lambda: house.dropped("malformed") == 4)


def test_an_event_of_an_unknown_type_is_skipped_and_the_cursor_moves(house: House):
    from sqlalchemy import func, select, update

    from shared.bus.tables import event_log

    enterprise = uuid7()
    house.record(changed(enterprise, 1))
    house.record(changed(enterprise, 2))
    with house.registry.transaction() as session:
        first = select(func.min(event_log.c.seq)).scalar_subquery()
        newer = update(event_log).where(event_log.c.seq == first)
        session.execute(newer.values(type="org.csem.registry.enterprise-dreamt.v3", data={"dream": 1}))
    house.listen()
    house.relay()
    eventually(lambda: house.trail(enterprise) == [2])
    assert house.parked() == []
    assert house.taken(2)


def test_while_the_feed_is_away_what_follows_without_a_gap_is_applied_and_a_gap_waits(house: House):
    feed = Switch(house.consumer().feeds["registry"])
    house.listen(feed=feed, poll=0.2)
    house.relay(Mischief(house.bus, lambda event: [] if event.position == 4 else [event]))
    enterprise = uuid7()
    house.record(changed(enterprise, 1))
    eventually(lambda: house.taken(1))
    feed.away = True
    for n in (2, 3, 4, 5):
        house.record(changed(enterprise, n))
    eventually(lambda: house.taken(3))
    asked = feed.asked
    eventually(lambda: feed.asked > asked + 1, "the feed to be asked again")
    assert house.trail(enterprise) == [1, 2, 3]
    feed.away = False
    eventually(lambda: house.trail(enterprise) == [1, 2, 3, 4, 5])


def test_what_the_broker_has_brought_is_not_asked_of_the_feed(house: House):
    feed = Switch(house.consumer().feeds["registry"])
    lane = Lane(house.consumer(feed), "registry", poll_seconds=60, batch=10)
    turn, stop = Turn(house.toy, inbox.TURN), threading.Event()
    enterprise = uuid7()
    for n in range(45):
        house.record(changed(enterprise, n))
    events = house.number()
    assert lane.step(turn, stop)
    assert house.trail(enterprise) == list(range(10))
    asked = feed.asked
    for event in events[10:35]:
        lane.hear(event, lambda: None)
    while not house.taken(35):
        assert lane.step(turn, stop)
    assert feed.asked == asked
    while lane.step(turn, stop):
        pass
    turn.close()
    assert house.trail(enterprise) == list(range(45))


def test_a_poll_that_is_due_waits_while_the_broker_brings_full_batches(house: House):
    feed = Switch(house.consumer().feeds["registry"])
    lane = Lane(house.consumer(feed), "registry", poll_seconds=0, batch=10)
    turn, stop = Turn(house.toy, inbox.TURN), threading.Event()
    enterprise = uuid7()
    assert not lane.step(turn, stop)
    asked = feed.asked
    for n in range(30):
        house.record(changed(enterprise, n))
    for event in house.number():
        lane.hear(event, lambda: None)
    while not house.taken(30):
        assert lane.step(turn, stop)
    assert feed.asked == asked
    assert not lane.step(turn, stop)
    turn.close()
    assert feed.asked == asked + 1


def test_a_position_beyond_the_head_of_the_feed_is_dropped_and_counted(house: House):
    house.listen(poll=60)
    house.relay()
    enterprise = uuid7()
    house.record(changed(enterprise, 1))
    eventually(lambda: house.taken(1))
    with house.bus.connected() as connection:
        invented = house.number()[0]
        from dataclasses import replace

        house.bus.publish(connection.default_channel, replace(invented, position=99, id=uuid7()))
    eventually(lambda: house.dropped("beyond_head") == 1)
    house.record(changed(enterprise, 2))
    eventually(lambda: house.trail(enterprise) == [1, 2])


def test_a_new_consumer_is_built_from_the_first_event(house: House):
    enterprise = uuid7()
    house.record(registered(enterprise, 0))
    for n in range(1, 30):
        house.record(changed(enterprise, n))
    house.relay()
    eventually(lambda: house.head().position == 30)
    house.listen(batch=7)
    eventually(lambda: house.taken(30))
    assert house.trail(enterprise) == list(range(30))
    assert house.visits() == 1


def test_batches_end_where_they_end_and_nothing_falls_between_them(house: House):
    enterprise, other = uuid7(), uuid7()
    for n in range(10):
        house.record(changed(enterprise, n, activity="poison" if n in {2, 3} else "C"))
        house.record(changed(other, n))
    house.number()
    house.listen(batch=3)
    eventually(lambda: house.taken(20))
    assert house.trail(other) == list(range(10))
    assert house.trail(enterprise) == [0, 1]
    house.cure()
    eventually(lambda: house.trail(enterprise) == list(range(10)))


def test_two_consumers_at_once_apply_each_event_once(house: House):
    house.listen(poll=0.3)
    house.listen(poll=0.3)
    house.relay()
    enterprise = uuid7()
    for n in range(60):
        house.record(registered(enterprise, n))
    eventually(lambda: house.taken(60))
    assert house.trail(enterprise) == list(range(60))
    assert house.visits() == 60


def test_two_relays_at_once_number_and_publish_like_one(house: House):
    house.listen(poll=0.3)
    first = house.relay()
    house.relay()
    enterprise = uuid7()
    for n in range(40):
        house.record(changed(enterprise, n))
        if n == 20:
            first.stop()
    eventually(lambda: house.taken(40))
    assert house.trail(enterprise) == list(range(40))


def test_what_refers_to_something_of_another_source_makes_a_stub_of_it(two_sources: House):
    house = two_sources
    enterprise = uuid7()
    house.record(settled(enterprise), database=house.credit)
    with house.credit.transaction() as session:
        from shared.bus.relay import number

        number(session)
    house.listen()
    eventually(lambda: house.taken(1, "credit"))
    assert house.trail(enterprise) == []
    house.relay()
    house.record(registered(enterprise, 5))
    eventually(lambda: house.trail(enterprise) == [5])
    assert '"loans_settled": 1' in house.copies()


@pytest.mark.not_with("rabbitmq", "test_a_broker_whose_queue_was_deleted_costs_latency_and_no_event in test_kills")
def test_a_broker_that_forgets_its_queues_costs_latency_and_no_event(house: House):
    house.listen(poll=0.3)
    house.relay()
    enterprise = uuid7()
    house.record(changed(enterprise, 1))
    eventually(lambda: house.trail(enterprise) == [1])
    broker.forget_memory()
    house.record(changed(enterprise, 2))
    eventually(lambda: house.trail(enterprise) == [1, 2])

"""Copies can be rebuilt from history; a log that is another one is refused until somebody accepts it."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, insert, select, update

from shared import history
from shared.bus import log, parked
from shared.bus.replay import replay
from shared.bus.sources import LocalFeed
from shared.bus.tables import event_log, event_log_state
from shared.kernel import Refused, uuid7
from tests.bus.house import OPERATOR, House, Switch, eventually
from tests.bus.toy import changed, copy_enterprise, registered, settled, withdrawn


def test_a_replay_rebuilds_identical_copies_and_reactions_do_not_run_again(house: House):
    enterprises = [uuid7() for _ in range(5)]
    for n in range(40):
        house.record((registered if n < 5 else changed)(enterprises[n % 5], n))
    house.record(withdrawn(enterprises[0]))
    house.relay()
    house.listen()
    eventually(lambda: house.taken(41))
    before = house.copies()
    with house.toy.transaction() as session:
        session.execute(update(copy_enterprise).values(trail=[666]))
    assert replay(house.consumer()) == {"registry": 41}
    assert house.copies() == before
    assert house.visits() == 5
    assert before.count("\n") == 3


def test_a_replay_gives_the_same_copies_whichever_source_came_first(two_sources: House):
    house = two_sources
    enterprise = uuid7()
    house.record(settled(enterprise), database=house.credit)
    with house.credit.transaction() as session:
        from shared.bus.relay import number

        number(session)
    house.record(registered(enterprise, 1))
    house.number()
    house.listen()
    eventually(lambda: house.taken(1) and house.taken(1, "credit"))
    house.stop()
    before = house.copies()
    assert replay(house.consumer()) == {"credit": 1, "registry": 1}
    assert house.copies() == before


def test_a_replay_refuses_while_an_event_is_parked(house: House):
    house.record(changed(uuid7(), 1, activity="poison"))
    house.relay()
    house.listen()
    eventually(lambda: house.parked() == [(1, "failing")])
    with pytest.raises(Refused, match=r"events\.parked_first"):
        replay(house.consumer())


def test_a_replay_leaves_out_what_was_discarded(house: House):
    enterprise = uuid7()
    house.record(changed(enterprise, 1, activity="poison"))
    house.record(changed(enterprise, 2))
    house.relay()
    house.listen()
    eventually(lambda: house.taken(2))
    with house.toy.transaction() as session:
        parked.discard(session, OPERATOR, "registry", 1, reason="never was")
    eventually(lambda: house.trail(enterprise) == [2])
    house.cure()
    before = house.copies()
    replay(house.consumer())
    assert house.copies() == before


def test_a_replay_that_fails_leaves_the_old_copies(house: House):
    enterprise = uuid7()
    house.record(changed(enterprise, 1))
    house.relay()
    house.listen()
    eventually(lambda: house.taken(1))
    house.stop()
    before = house.copies()

    def fails(session, event, envelope):
        raise ValueError("a new handler with a fault")

    house.subscriptions = replace(house.subscriptions, copies={type(changed(enterprise, 1)): fails})
    with pytest.raises(ValueError, match="with a fault"):
        replay(house.consumer())
    assert house.copies() == before


def test_a_point_blanked_in_the_log_stays_blank_in_a_replay_and_position_id_and_type_stay(house: House):
    hers, other = uuid7(), uuid7()
    house.record(registered(hers, 1))
    house.record(registered(other, 1))
    house.relay()
    house.listen()
    eventually(lambda: house.taken(2))
    assert house.copies().count("-87.2") == 2
    before = house.number()
    with house.registry.transaction() as session:
        assert log.blank_personal(session, {hers}) == 1
    with house.registry.transaction() as session:
        assert log.blank_personal(session, {hers}) == 0
    after = house.number()
    assert [(event.position, event.id, event.type) for event in after] == [
        (event.position, event.id, event.type) for event in before
    ]
    assert after[0].data["facts"]["point"] is None
    assert after[1].data == before[1].data
    replay(house.consumer())
    assert house.copies().count("-87.2") == 1


def test_a_log_with_another_identity_stops_its_consumer_loudly_until_it_is_accepted(house: House, capfd):
    enterprise = uuid7()
    house.record(registered(enterprise, 1))
    house.relay()
    house.listen()
    eventually(lambda: house.taken(1))
    with house.registry.transaction() as session:
        log.renew(session)
    house.record(changed(enterprise, 2))
    eventually(lambda: house.cursor()["stopped"], "the consumer to stop")
    heard: list[str] = []
    eventually(lambda: heard.append(capfd.readouterr().err) or "another log" in "".join(heard), "it to be said")
    assert house.trail(enterprise) == [1]
    with pytest.raises(Refused, match=r"events\.other_log"):
        replay(house.consumer())
    assert replay(house.consumer(), accept_other_log=True) == {"registry": 0}
    eventually(lambda: house.trail(enterprise) == [1, 2])
    assert house.visits() == 1
    assert house.cursor()["stopped"] is None


def test_a_log_restored_without_a_new_identity_is_noticed_because_it_is_shorter(house: House):
    enterprise = uuid7()
    for n in range(3):
        house.record(changed(enterprise, n))
    house.relay()
    house.listen()
    eventually(lambda: house.taken(3))
    house.stop()
    with house.registry.transaction() as session:
        session.execute(delete(event_log).where(event_log.c.position == 3))
        session.execute(update(event_log_state).values(head=2))
    house.listen()
    eventually(lambda: house.cursor()["stopped"], "the consumer to stop")
    assert "the log ends at 2" in house.cursor()["stopped"]


def test_a_source_that_shows_its_old_log_again_is_taken_from_again(house: House):
    enterprise = uuid7()
    house.record(changed(enterprise, 1))
    house.relay()
    house.listen()
    eventually(lambda: house.taken(1))
    old = house.head().log_id
    with house.registry.transaction() as session:
        log.renew(session)
    eventually(lambda: house.cursor()["stopped"])
    with house.registry.transaction() as session:
        session.execute(update(event_log_state).values(log_id=old))
    house.record(changed(enterprise, 2))
    eventually(lambda: house.trail(enterprise) == [1, 2])
    assert house.cursor()["stopped"] is None


def test_a_stray_message_of_another_log_is_dropped_while_the_feed_shows_the_one_that_is_followed(house: House):
    enterprise = uuid7()
    house.listen()
    house.relay()
    house.record(changed(enterprise, 1))
    eventually(lambda: house.taken(1))
    stray = replace(house.number()[0], log_id=uuid7(), position=2, id=uuid7())
    with house.bus.connected() as connection:
        house.bus.publish(connection.default_channel, stray)
    eventually(lambda: house.dropped("other_log") == 1)
    house.record(changed(enterprise, 2))
    eventually(lambda: house.trail(enterprise) == [1, 2])


def test_what_is_parked_under_positions_of_the_old_log_goes_when_another_is_accepted(house: House):
    enterprise = uuid7()
    house.record(changed(enterprise, 1, activity="poison"))
    house.relay()
    house.listen()
    eventually(lambda: house.parked() == [(1, "failing")])
    with house.registry.transaction() as session:
        log.renew(session)
    eventually(lambda: house.cursor()["stopped"])
    house.cure()
    replay(house.consumer(), accept_other_log=True)
    eventually(lambda: house.trail(enterprise) == [1])
    assert house.parked() == []


def test_what_was_discarded_stays_out_of_a_restored_log_whatever_stands_in_its_place(house: House):
    first, second = uuid7(), uuid7()
    house.record(changed(first, 1, activity="poison"))
    house.record(changed(second, 2))
    house.record(changed(second, 3, activity="poison"))
    house.relay()
    house.listen()
    eventually(lambda: house.parked() == [(1, "failing"), (3, "failing")])
    house.stop()
    with house.toy.transaction() as session:
        parked.discard(session, OPERATOR, "registry", 1, reason="never was")
        parked.discard(session, OPERATOR, "registry", 3, reason="never was")
    with house.registry.transaction() as session:
        session.execute(delete(event_log).where(event_log.c.position == 3))
        log.renew(session)
    house.record(changed(second, 4))
    house.number()
    house.cure()
    replay(house.consumer(), accept_other_log=True)
    house.listen()
    eventually(lambda: house.taken(3))
    house.stop()
    assert house.trail(first) == []
    assert house.trail(second) == [2, 4]
    before = house.copies()
    assert replay(house.consumer()) == {"registry": 2}
    assert house.copies() == before


def test_the_reason_of_a_discard_under_the_old_log_is_forgotten_with_her_too(house: House):
    hers = uuid7()
    house.record(changed(hers, 1, activity="poison"))
    house.relay()
    house.listen()
    eventually(lambda: house.parked() == [(1, "failing")])
    house.stop()
    with house.toy.transaction() as session:
        discarded = parked.shown(session, "registry", 1)["id"]
        parked.discard(session, OPERATOR, "registry", 1, reason="she lives elsewhere")
    with house.registry.transaction() as session:
        log.renew(session)
    replay(house.consumer(), accept_other_log=True)
    house.record(withdrawn(hers))
    house.number()
    house.listen()
    eventually(lambda: house.taken(2))
    with house.toy.reading() as session:
        assert [entry["after"] for entry in history.of(session, discarded)] == [None]


def test_a_replay_refuses_while_a_source_is_away_and_leaves_the_old_copies(house: House):
    enterprise = uuid7()
    house.record(changed(enterprise, 1))
    house.number()
    house.listen()
    eventually(lambda: house.taken(1))
    house.stop()
    before = house.copies()
    feed = Switch(LocalFeed(house.registry, "registry"))
    feed.away = True
    with pytest.raises(Refused, match=r"events\.feed_away") as refused:
        replay(house.consumer(feed))
    assert refused.value.facts == {"source": "registry"}
    assert house.copies() == before


def test_the_feed_shows_only_what_has_a_position(house: House):
    enterprise = uuid7()
    house.record(changed(enterprise, 1))
    feed = LocalFeed(house.registry, "registry")
    assert feed.read(0, 10).events == []
    house.number()
    assert [event.position for event in feed.read(0, 10).events] == [1]


def test_a_log_is_not_rewritten_by_a_second_event_with_the_same_id(house: House):
    from sqlalchemy.exc import IntegrityError

    house.record(changed(uuid7(), 1))
    with house.registry.reading() as session:
        row = dict(session.execute(select(event_log)).mappings().one())
    del row["seq"]
    with pytest.raises(IntegrityError), house.registry.transaction() as session:
        session.execute(insert(event_log).values(row))

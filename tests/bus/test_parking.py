"""What cannot be applied is set aside and seen; its subject waits behind it, nobody else does."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, update
from sqlalchemy.exc import PendingRollbackError

from shared import history
from shared.bus import inbox, parked, parking
from shared.bus.failures import told
from shared.bus.replay import replay
from shared.bus.tables import event_log, event_parked
from shared.kernel import NotFound, Refused, clock, uuid7
from tests.bus.house import OPERATOR, House, eventually
from tests.bus.toy import changed, copy_enterprise, registered, settled, withdrawn


@pytest.fixture
def with_poison(house: House):
    """Positions 1-4: poison about one enterprise, then one more about it, and two about another."""
    poisoned, good = uuid7(), uuid7()
    house.record(changed(poisoned, 1, activity="poison"))
    house.record(changed(good, 1))
    house.record(changed(poisoned, 2))
    house.record(changed(good, 2))
    house.relay()
    return house, poisoned, good


def test_poison_is_parked_and_its_subject_held_while_others_go_on(with_poison):
    house, poisoned, good = with_poison
    house.listen()
    eventually(lambda: house.taken(4))
    assert house.trail(good) == [1, 2]
    assert house.trail(poisoned) == []
    assert house.parked() == [(1, "failing"), (3, "held")]
    with house.toy.reading() as session:
        row = parked.shown(session, "registry", 1)
    assert "this event is poison" in row["error"]
    assert "_misbehave" in row["error"]
    assert row["envelope"]["data"]["facts"]["jobs_women"] == 1


def test_the_error_of_a_parked_event_repeats_nothing_of_the_row_that_was_written(house: House):
    def write_half_a_row(session, event, envelope):
        told = event.facts
        row = {"enterprise_id": told.enterprise_id, "trail": [], "lon": str(told.point.lon), "loans_settled": None}
        session.execute(insert(copy_enterprise).values(row))

    enterprise = uuid7()
    house.subscriptions = replace(house.subscriptions, copies={type(changed(enterprise, 1)): write_half_a_row})
    house.record(changed(enterprise, 1))
    house.relay()
    house.listen()
    eventually(lambda: house.parked() == [(1, "failing")])
    with house.toy.reading() as session:
        error = parked.shown(session, "registry", 1)["error"]
    assert error.startswith("IntegrityError")
    assert "loans_settled" in error
    assert "-87.2" not in error
    assert str(enterprise) not in error
    if not house.toy.is_sqlite:
        assert "NotNullViolation: 23502: null value in column" in error


def test_an_error_that_repeats_another_one_of_the_database_is_told_by_its_kind_only():
    error = PendingRollbackError("Original exception was: DETAIL:  Failing row contains (…, -87.2)")
    assert told(error) == "PendingRollbackError"
    assert told(ValueError("this event is poison")) == "ValueError('this event is poison')"


def test_nothing_of_a_failed_handler_is_kept(with_poison):
    house, poisoned, _ = with_poison
    house.listen()
    eventually(lambda: house.taken(4))
    assert str(poisoned) not in house.copies()


def test_what_is_parked_is_tried_again_by_itself_and_then_what_was_held_in_order(with_poison):
    house, poisoned, _ = with_poison
    house.listen()
    eventually(lambda: house.tries("poison") >= 2, "a second attempt")
    house.cure()
    eventually(lambda: house.trail(poisoned) == [1, 2])
    assert house.parked() == []


def test_attempts_back_off_and_end_after_some_hours(house: House):
    now = clock.now()
    with clock.frozen(now):
        waits = [parking.next_attempt(attempts) for attempts in range(1, parking.AUTOMATIC_ATTEMPTS + 1)]
    assert waits[:4] == [now + timedelta(seconds=seconds) for seconds in (1, 2, 4, 8)]
    assert waits[-2] == now + timedelta(hours=1)
    assert waits[-1] is None


def test_a_retry_by_hand_makes_the_first_of_a_subject_due_and_refuses_the_others(with_poison):
    house, poisoned, _ = with_poison
    house.listen()
    eventually(lambda: house.taken(4))
    house.stop()
    with house.toy.transaction() as session, pytest.raises(Refused, match=r"events\.held_behind") as refused:
        parked.retry(session, OPERATOR, "registry", 3)
    assert refused.value.facts == {"position": 3, "first": 1}
    house.cure()
    with house.toy.transaction() as session:
        parked.retry(session, OPERATOR, "registry", 1)
    house.listen()
    eventually(lambda: house.trail(poisoned) == [1, 2])


def test_a_discarded_event_is_remembered_and_what_was_held_behind_it_goes_on(with_poison):
    house, poisoned, _ = with_poison
    house.listen()
    eventually(lambda: house.taken(4))
    with house.toy.transaction() as session:
        parked.discard(session, OPERATOR, "registry", 1, reason="registered twice")
    eventually(lambda: house.trail(poisoned) == [2])
    assert house.parked() == []
    assert house.parked(with_discarded=True) == [(1, "discarded")]
    with house.toy.transaction() as session, pytest.raises(Refused, match=r"events\.discarded_already"):
        parked.retry(session, OPERATOR, "registry", 1)
    with house.toy.transaction() as session, pytest.raises(NotFound, match=r"events\.not_parked"):
        parked.retry(session, OPERATOR, "registry", 4)


def test_a_discard_needs_a_reason(with_poison):
    house, _, _ = with_poison
    house.listen()
    eventually(lambda: house.taken(4))
    with house.toy.transaction() as session, pytest.raises(Refused, match=r"events\.reason_missing"):
        parked.discard(session, OPERATOR, "registry", 1, reason=" ")


def test_a_withdrawal_is_not_held_behind_a_parked_event_and_clears_what_waits_about_her(house: House):
    hers, other, woman = uuid7(), uuid7(), uuid7()
    house.record(registered(hers, 0))
    house.record(changed(hers, 1, activity="poison"))
    house.record(changed(hers, 2))
    house.record(changed(other, 1, activity="poison"))
    house.record(withdrawn(hers, who=woman), subject=hers)
    house.relay()
    house.listen()
    eventually(lambda: house.taken(5))
    assert str(hers) not in house.copies()
    assert house.parked() == [(4, "failing")]
    house.cure()
    eventually(lambda: house.parked() == [])
    assert str(hers) not in house.copies()
    assert house.parked(with_discarded=True) == [(2, "discarded"), (3, "discarded")]
    with house.toy.reading() as session:
        row = parked.shown(session, "registry", 2)
    assert (row["envelope"], row["error"], row["discarded_by"]) == ({}, "", "withdrawal")
    house.stop()
    before = house.copies()
    assert replay(house.consumer()) == {"registry": 3}
    assert house.copies() == before


def test_of_a_discarded_event_about_a_woman_who_withdrew_only_the_fact_stays(house: House):
    hers = uuid7()
    house.record(changed(hers, 1, activity="poison"))
    house.relay()
    house.listen()
    eventually(lambda: house.parked() == [(1, "failing")])
    with house.toy.transaction() as session:
        parked.discard(session, OPERATOR, "registry", 1, reason="she lives elsewhere")
    house.record(withdrawn(hers))
    eventually(lambda: house.taken(2))
    with house.toy.reading() as session:
        row = parked.shown(session, "registry", 1)
        remembered = history.of(session, row["id"])
        assert history.broken_at(session, row["id"]) is None
    assert (row["envelope"], row["error"], row["discard_reason"]) == ({}, "", None)
    assert (row["state"], row["discarded_by"]) == ("discarded", OPERATOR.name)
    assert [(entry["action"], entry["after"]) for entry in remembered] == [("discard", None)]


def test_a_withdrawal_that_does_not_say_of_whom_is_parked_and_clears_what_waits_once_it_can_be_read(house: House):
    hers, other, woman = uuid7(), uuid7(), uuid7()
    house.record(registered(hers, 0))
    house.record(changed(hers, 1, activity="poison"))
    house.record(withdrawn(hers, who=woman))
    house.record(changed(other, 1))
    house.number()
    with house.registry.transaction() as session:
        unreadable = update(event_log).where(event_log.c.position == 3)
        session.execute(unreadable.values(data={"entrepreneur_id": str(woman), "enterprise_ids": None}))
    house.listen()
    eventually(lambda: house.trail(other) == [1])
    assert house.parked() == [(2, "failing"), (3, "failing")]
    house.stop()
    with house.toy.transaction() as session:
        envelope = parked.shown(session, "registry", 3)["envelope"]
        readable = envelope | {"data": withdrawn(hers, who=woman).payload()}
        session.execute(update(event_parked).where(event_parked.c.position == 3).values(envelope=readable))
        parked.retry(session, OPERATOR, "registry", 3)
    house.listen()
    eventually(lambda: house.parked() == [])
    assert str(hers) not in house.copies()
    assert house.parked(with_discarded=True) == [(2, "discarded")]


def test_an_error_of_the_database_is_not_blamed_on_the_event(house: House):
    enterprise = uuid7()
    house.record(changed(enterprise, 1, activity="away"))
    house.relay()
    house.listen()
    eventually(lambda: house.tries("away") >= 2, "another attempt")
    assert house.parked() == []
    house.cure()
    eventually(lambda: house.trail(enterprise) == [1])


def test_an_error_of_the_database_that_never_ends_is_parked_all_the_same(house: House):
    enterprise, other = uuid7(), uuid7()
    house.record(changed(enterprise, 1, activity="away"))
    house.record(changed(other, 1))
    house.relay()
    house.listen()
    eventually(lambda: house.trail(other) == [1])
    eventually(lambda: house.parked() == [(1, "failing")])
    with house.toy.reading() as session:
        row = parked.shown(session, "registry", 1)
    assert "OperationalError" in row["error"]
    assert "_misbehave" in row["error"]
    assert row["attempts"] >= inbox.MAXIMUM_TRIES


def test_a_reaction_that_fails_is_tried_again_with_its_copy_and_starts_its_work_once(house: House):
    enterprise = uuid7()
    house.record(registered(enterprise, 1, activity="poison"))
    house.relay()
    house.listen()
    eventually(lambda: house.parked() == [(1, "failing")])
    assert house.visits() == 0
    house.cure()
    eventually(lambda: house.trail(enterprise) == [1])
    assert house.visits() == 1


def test_a_payload_that_the_schema_refuses_is_parked(house: House):
    enterprise = uuid7()
    house.record(changed(enterprise, 1))
    with house.registry.transaction() as session:
        session.execute(update(event_log).values(data={"facts": {"jobs_women": "many"}}))
    house.relay()
    house.listen()
    eventually(lambda: house.parked() == [(1, "failing")])


def test_a_handler_that_ends_the_transaction_it_was_called_in_is_told_so(house: House):
    def ends(session, event, envelope):
        session.rollback()

    enterprise = uuid7()
    house.record(changed(enterprise, 1))
    event = house.number()[0]
    broken = replace(house.subscriptions, copies={type(changed(enterprise, 1)): ends}, reactions={})
    with pytest.raises(RuntimeError, match="ended the transaction"), house.toy.transaction() as session:
        inbox.try_handling(session, broken, event)


def test_parked_events_of_one_source_do_not_hold_the_same_subject_of_another(two_sources: House):
    house = two_sources
    enterprise = uuid7()
    house.record(changed(enterprise, 1, activity="poison"))
    house.record(settled(enterprise), database=house.credit)
    house.number()
    with house.credit.transaction() as session:
        from shared.bus.relay import number

        number(session)
    house.listen()
    eventually(lambda: house.taken(1) and house.taken(1, "credit"))
    assert '"loans_settled": 1' in house.copies()

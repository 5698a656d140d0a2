"""Who changed what: a chain that shows when somebody touched it."""

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import update

from shared import history
from shared.database import Database
from shared.kernel import Money, uuid7
from shared.testing import person

ROSA = person("coordinator", subject="rosa")


@pytest.fixture
def database(open_database: Callable[[str], Database]) -> Database:
    return open_database("sample")


def write(database: Database, subject: UUID, number: int = 3) -> None:
    for n in range(number):
        facts = {
            "name": f"Doña {n}",
            "seats": n,
            "fee": Money(n * 50, "HNL"),
            "on": date(2026, 1, n + 1),
            "at": [0.1, -87.25],
        }
        with database.transaction() as session:
            history.record(session, ROSA, subject=subject, kind="stall", action="change", before=None, after=facts)


def broken(database: Database, subject: UUID) -> int | None:
    with database.reading() as session:
        return history.broken_at(session, subject)


def test_each_change_is_told_in_order_with_who_made_it(database: Database):
    subject = uuid7()
    write(database, subject)
    with database.reading() as session:
        told = history.of(session, subject)
    assert [(entry["number"], entry["caller"], entry["after"]["name"]) for entry in told] == [
        (1, "rosa", "Doña 0"),
        (2, "rosa", "Doña 1"),
        (3, "rosa", "Doña 2"),
    ]
    assert told[1]["after"]["fee"] == {"minor": 50, "currency": "HNL"}
    assert broken(database, subject) is None


def test_the_chains_of_two_subjects_do_not_touch(database: Database):
    one, other = uuid7(), uuid7()
    write(database, one, 2)
    write(database, other, 1)
    with database.reading() as session:
        assert [len(history.of(session, subject)) for subject in (one, other)] == [2, 1]


@pytest.mark.parametrize(
    "change",
    [
        {"after": {"name": "Otra"}},
        {"before": {"name": "Otra"}},
        {"caller": "carmen"},
        {"action": "delete"},
        {"kind": "loan"},
        {"facts_hash": "0" * 64},
        {"hash": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_entry_that_was_changed_afterwards_breaks_the_chain(database: Database, change: dict):
    subject = uuid7()
    write(database, subject)
    entries = history.entries
    with database.transaction() as session:
        session.execute(update(entries).where(entries.c.subject == subject, entries.c.number == 2).values(**change))
    assert broken(database, subject) == 2


def test_an_entry_that_was_taken_away_breaks_the_chain(database: Database):
    subject = uuid7()
    write(database, subject)
    with database.transaction() as session:
        session.execute(history.entries.delete().where(history.entries.c.number == 2))
    assert broken(database, subject) == 3


def test_after_an_erasure_the_chain_is_whole_and_nothing_of_the_facts_is_left(database: Database):
    subject = uuid7()
    write(database, subject)
    with database.transaction() as session:
        assert history.erase(session, subject) == 3
    assert broken(database, subject) is None
    write(database, subject, 1)
    with database.reading() as session:
        told = history.of(session, subject)
    assert [(entry["before"], entry["after"], entry["salt"]) for entry in told[:3]] == [(None, None, None)] * 3
    assert "Doña" not in str(told[:3])
    assert broken(database, subject) is None


def test_two_women_with_the_same_facts_cannot_be_told_apart_or_together_by_their_hashes(database: Database):
    one, other = uuid7(), uuid7()
    write(database, one, 1)
    write(database, other, 1)
    with database.reading() as session:
        hashes = {history.of(session, subject)[0]["facts_hash"] for subject in (one, other)}
    assert len(hashes) == 2


def test_an_entry_whose_salt_was_taken_away_may_hold_no_facts(database: Database):
    subject = uuid7()
    write(database, subject)
    with database.transaction() as session:
        here = (history.entries.c.subject == subject, history.entries.c.number == 2)
        session.execute(update(history.entries).where(*here).values(salt=None, after={"amount": "9"}))
    assert broken(database, subject) == 2


def test_every_broken_chain_of_a_service_is_told_once_with_its_first_broken_entry(database: Database):
    subjects = sorted(uuid7() for _ in range(5))
    for subject in subjects:
        write(database, subject)
    with database.transaction() as session:
        for subject, number in ((subjects[1], 2), (subjects[1], 3), (subjects[3], 1)):
            here = (history.entries.c.subject == subject, history.entries.c.number == number)
            session.execute(update(history.entries).where(*here).values(caller="carmen"))
    with database.reading() as session:
        assert list(history.broken(session)) == [(subjects[1], 2), (subjects[3], 1)]
        assert history.count(session) == 15

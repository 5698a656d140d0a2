"""Connections to PostgreSQL that are kept: found dead before they are used, read-only where nothing may be written."""

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from shared.database import Database
from shared.testing import postgresql_url

pytestmark = pytest.mark.services


@pytest.fixture
def database() -> Iterator[Database]:
    with postgresql_url() as url:
        opened = Database(url)
        with opened.transaction() as session:
            session.execute(text("CREATE TABLE things (name text)"))
        yield opened
        opened.dispose()


def kill_all_connections(database: Database) -> None:
    """What a restart of the server does to the connections that rest in the pool."""
    killer = Database(database.url)
    with killer.reading() as session:
        session.execute(
            text(
                "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        ).all()
    killer.dispose()


def use_both_kinds(database: Database) -> int:
    with database.transaction() as session:
        session.execute(text("INSERT INTO things VALUES ('one')"))
    with database.reading() as session:
        return session.execute(text("SELECT count(*) FROM things")).scalar_one()


def test_connections_that_the_server_ended_are_replaced_without_an_error(database: Database) -> None:
    use_both_kinds(database)
    kill_all_connections(database)
    assert use_both_kinds(database) == 2


def test_after_a_long_rest_the_server_is_asked(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    use_both_kinds(database)
    monkeypatch.setattr("shared.postgresql._LONG_REST_SECONDS", -1)
    monkeypatch.setattr("shared.postgresql._something_to_read", lambda _descriptor: False)
    kill_all_connections(database)
    assert use_both_kinds(database) == 2


def test_a_write_while_reading_is_refused(database: Database) -> None:
    with pytest.raises(InternalError, match="read-only"), database.reading() as session:
        session.execute(text("INSERT INTO things VALUES ('never')"))
    assert use_both_kinds(database) == 1


def test_a_reading_begins_no_transaction_and_sees_what_others_commit_meanwhile(database: Database) -> None:
    with database.reading() as session:
        before = session.execute(text("SELECT count(*) FROM things")).scalar_one()
        writing = threading.Thread(target=use_both_kinds, args=(database,))
        writing.start()
        writing.join()
        assert session.execute(text("SELECT count(*) FROM things")).scalar_one() == before + 1


def test_both_kinds_of_connections_are_given_back(database: Database) -> None:
    for _ in range(50):
        use_both_kinds(database)
    assert use_both_kinds(database) == 51

"""How long a money request waits for its twin: five seconds, set in the same statement that claims the key."""

import pytest
from sqlalchemy import text

from shared.testing import database_of
from shared.web import idempotency


def claim(session, key: str):
    return idempotency.claim(session, subject="s", key=key, operation="o", print_="p")


@pytest.mark.services
def test_a_claim_limits_the_wait_of_its_own_transaction_only(tmp_path) -> None:
    with database_of("bench", tmp_path, "postgresql") as database:
        with database.transaction() as session:
            assert claim(session, "key-0001") is None
            assert session.execute(text("SHOW lock_timeout")).scalar_one() == "5s"
        with database.transaction() as session:
            assert session.execute(text("SHOW lock_timeout")).scalar_one() == "0"


@pytest.mark.services
def test_a_twin_in_flight_is_refused_after_the_wait(tmp_path, monkeypatch) -> None:
    with database_of("bench", tmp_path, "postgresql") as database, database.transaction() as first:
        assert claim(first, "key-0001") is None
        with (
            pytest.raises(idempotency.Refused, match=r"idempotency\.in_flight"),
            database.transaction() as second,
        ):
            claim(second, "key-0001")


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def test_a_key_that_is_known_gives_its_answer(tmp_path, kind: str) -> None:
    answer = idempotency.Answer(201, '"1"', '{"id":"ñ"}')
    with database_of("bench", tmp_path, kind) as database:
        with database.transaction() as session:
            assert claim(session, "key-0001") is None
            idempotency.keep(session, subject="s", key="key-0001", answer=answer)
        with database.transaction() as session:
            assert claim(session, "key-0001") == answer

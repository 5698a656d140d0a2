"""The same money request sent twice has one effect and one answer."""

import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Integer, String, Table, Text, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from shared.database import UtcDateTime, platform
from shared.kernel import Invalid, Refused, clock

WAIT_SECONDS = 5
_LOCK_NOT_AVAILABLE = "55P03"
KEY = r"[A-Za-z0-9_.:-]{8,100}"

answers = Table(
    "idempotency_answer",
    platform,
    Column("subject", String(100), primary_key=True),
    Column("key", String(100), primary_key=True),
    Column("operation", String(100), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("status", Integer),
    Column("etag", String(20)),
    Column("body", Text),
    Column("at", UtcDateTime, nullable=False),
)

# Made once: what is in the way of every money request is not built anew for each.
_patience = select(func.set_config("lock_timeout", f"{WAIT_SECONDS}s", True)).cte("patience")
_claimed = [answers.c[name] for name in ("subject", "key", "operation", "fingerprint", "at")]
# `preserve_rowcount`: without it psycopg's count is gone once the result is closed, and every key would seem new.
_COUNTED = {"preserve_rowcount": True}
_CLAIM_ON_POSTGRESQL = (
    postgresql.insert(answers)
    .from_select(
        [column.name for column in _claimed],
        select(*(bindparam(f"its_{column.name}", type_=column.type) for column in _claimed)).select_from(_patience),
        include_defaults=False,
    )
    .on_conflict_do_nothing()
    .execution_options(**_COUNTED)
)
_CLAIM_ON_SQLITE = sqlite.insert(answers).inline().on_conflict_do_nothing().execution_options(**_COUNTED)
_KEEP = update(answers).where(answers.c.subject == bindparam("its_subject"), answers.c.key == bindparam("its_key"))


_turn = threading.Condition()
_in_flight: set[tuple[str, str, str]] = set()


@contextmanager
def turn(database: str, subject: str, key: str) -> Iterator[None]:
    """One of several twins in this process at a time; raises `Refused` when the others take longer than some seconds.

    On SQLite, where one process is the house, nothing else can tell a twin from any other writer. Twins of other
    processes meet in `claim`.
    """
    mine = (database, subject, key)
    with _turn:
        if not _turn.wait_for(lambda: mine not in _in_flight, WAIT_SECONDS):
            raise Refused("idempotency.in_flight")
        _in_flight.add(mine)
    try:
        yield
    finally:
        with _turn:
            _in_flight.discard(mine)
            _turn.notify_all()


@dataclass(frozen=True)
class Answer:
    """The answer that was given the first time."""

    status: int
    etag: str | None
    body: str


def fingerprint(operation: str, path: Mapping[str, Any], body: bytes) -> str:
    """What makes two requests the same: the operation, its path and the bytes of its body."""
    told = "\0".join([operation, *(f"{name}={value}" for name, value in sorted(path.items()))])
    return hashlib.sha256(told.encode() + b"\0" + body).hexdigest()


def claim(session: Session, *, subject: str, key: str, operation: str, print_: str) -> Answer | None:
    """The stored answer, or None when the key is now ours (until the transaction ends). A twin that is still in
    flight is waited for; raises `Refused` after some seconds, `Invalid` when the key was used for something else.
    """
    on_postgresql = session.get_bind().dialect.name == "postgresql"
    row = {"subject": subject, "key": key, "operation": operation, "fingerprint": print_, "at": clock.now()}
    try:
        if on_postgresql:
            claimed = session.execute(_CLAIM_ON_POSTGRESQL, {f"its_{name}": value for name, value in row.items()})
        else:
            claimed = session.execute(_CLAIM_ON_SQLITE, row)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise Refused("idempotency.in_flight") from error
        raise
    if claimed.rowcount == 1:  # type: ignore[attr-defined]
        return None
    known = session.execute(select(answers).where(answers.c.subject == subject, answers.c.key == key)).mappings().one()
    if known["fingerprint"] != print_:
        raise Invalid("idempotency.key_reused", pointer="")
    if known["body"] is None:
        raise Refused("idempotency.answer_erased")
    return Answer(known["status"], known["etag"], known["body"])


def keep(session: Session, *, subject: str, key: str, answer: Answer) -> None:
    """Store the answer in the transaction of its effect."""
    told = {"status": answer.status, "etag": answer.etag, "body": answer.body}
    session.execute(_KEEP, told | {"its_subject": subject, "its_key": key})


def expire_answers(session: Session, before: datetime) -> int:
    """Blank the stored answers from before a moment; returns how many. Their keys stay, so that a request sent again
    after years still has no second effect.
    """
    old = (answers.c.at < before, answers.c.body.is_not(None))
    blanked = session.execute(update(answers).where(*old).values(body=None, etag=None))
    return int(blanked.rowcount)  # type: ignore[attr-defined]


def forget_answers(session: Session, mention: str) -> int:
    """Blank the stored answers that mention an id (a woman withdrew); returns how many. Their keys stay, so that the
    same request sent again still has no second effect.
    """
    mentioning = answers.c.body.contains(mention, autoescape=True)
    blanked = session.execute(update(answers).where(mentioning).values(body=None, etag=None))
    return int(blanked.rowcount)  # type: ignore[attr-defined]

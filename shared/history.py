"""Who changed what, before and after; each entry carries the hash of the entry before it on the same subject."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Column, Integer, String, Table, Uuid, bindparam, func, select, update
from sqlalchemy.orm import Session

from shared.database import Json, UtcDateTime, insert_many, platform
from shared.identity import Caller
from shared.kernel import clock

entries = Table(
    "history",
    platform,
    Column("subject", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("caller", String(100), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("action", String(40), nullable=False),
    Column("before", Json),
    Column("after", Json),
    Column("facts_hash", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("salt", String(32)),
)

# Made once: every change asks for it.
_LAST = (
    select(entries.c.number, entries.c.hash)
    .where(entries.c.subject == bindparam("its_subject"))
    .order_by(entries.c.number.desc())
    .limit(1)
)


def record(
    session: Session,
    caller: Caller,
    *,
    subject: UUID,
    kind: str,
    action: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one entry; call it while the subject's row is locked."""
    last = session.execute(_LAST, {"its_subject": subject}).first()
    number, previous = (last.number + 1, last.hash) if last else (1, "")
    entry = _entry(caller.subject, subject, kind, action, before, after, clock.now())
    insert_many(session, entries, [_linked(entry, number, previous)])


@dataclass(frozen=True, slots=True)
class First:
    """The first entry on a subject."""

    subject: UUID
    kind: str
    action: str
    after: Mapping[str, Any]


def first_entries(caller: str, firsts: Iterable[First], at: datetime) -> list[dict[str, Any]]:
    """The rows of the first entry on each of many subjects that come to be in one transaction: nobody wrote any before.
    They are written by who makes the subjects.
    """
    made = (_entry(caller, one.subject, one.kind, one.action, None, one.after, at) for one in firsts)
    return [_linked(entry, 1, "") for entry in made]


def of(session: Session, subject: UUID) -> list[dict[str, Any]]:
    """The entries on `subject`, oldest first."""
    rows = session.execute(select(entries).where(entries.c.subject == subject).order_by(entries.c.number))
    return [dict(row) for row in rows.mappings()]


def has_done(session: Session, caller: Caller, subject: UUID, *actions: str) -> bool:
    """Whether the caller did one of these things to `subject`."""
    hers = (entries.c.subject == subject, entries.c.caller == caller.subject, entries.c.action.in_(actions))
    return session.execute(select(entries.c.number).where(*hers).limit(1)).first() is not None


def broken_at(session: Session, subject: UUID) -> int | None:
    """The number of the first entry that is not as it was written, or None when the chain is whole as far as it goes:
    entries taken from its end leave no gap. Of an erased entry (its salt is gone with its facts) only its place in
    the chain can be told.
    """
    previous = ""
    for entry in of(session, subject):
        if not _is_as_written(entry) or entry["hash"] != _link(previous, entry):
            return int(entry["number"])
        previous = entry["hash"]
    return None


def broken(session: Session) -> Iterator[tuple[UUID, int]]:
    """Every subject whose chain is not whole, with the number of its first entry that is not as it was written."""
    for subject in session.scalars(select(entries.c.subject).distinct().order_by(entries.c.subject)).all():
        number = broken_at(session, subject)
        if number is not None:
            yield subject, number


def count(session: Session) -> int:
    """How many entries there are, of all subjects."""
    return session.execute(select(func.count()).select_from(entries)).scalar_one()


def erase(session: Session, subject: UUID) -> int:
    """Blank the facts of every entry on `subject` (a woman withdrew); the chain of hashes stays whole. Returns how
    many entries were blanked.
    """
    session.execute(update(entries).where(entries.c.subject == subject).values(before=None, after=None, salt=None))
    blanked = select(func.count()).select_from(entries).where(entries.c.subject == subject)
    return session.execute(blanked).scalar_one()


def _is_as_written(entry: Mapping[str, Any]) -> bool:
    if entry["salt"] is None:
        return entry["before"] is None and entry["after"] is None
    return bool(entry["facts_hash"] == _facts_hash(entry["salt"], entry["before"], entry["after"]))


def _facts_hash(salt: str, before: Any, after: Any) -> str:
    """Salted: without its salt, a hash cannot be tried against guesses of a name or a document's number."""
    facts = orjson.dumps({"before": before, "after": after}, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(salt.encode() + facts).hexdigest()


def _link(previous: str, entry: Mapping[str, Any]) -> str:
    at: datetime = entry["at"]
    told = [previous, entry["subject"].hex, entry["number"], at.isoformat(), entry["caller"], entry["kind"]]
    told += [entry["action"], entry["facts_hash"]]
    return hashlib.sha256(orjson.dumps(told)).hexdigest()


def _entry(
    caller: str,
    subject: UUID,
    kind: str,
    action: str,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
    at: datetime,
) -> dict[str, Any]:
    """All of an entry but its place in the chain."""
    facts = _plain({"before": before, "after": after})
    salt = secrets.token_hex(16)
    return {
        "subject": subject,
        "at": at,
        "caller": caller,
        "kind": kind,
        "action": action,
        "salt": salt,
        "facts_hash": _facts_hash(salt, facts["before"], facts["after"]),
        "before": facts["before"],
        "after": facts["after"],
    }


def _linked(entry: dict[str, Any], number: int, previous: str) -> dict[str, Any]:
    """The entry at its place: after the one whose hash is `previous`."""
    placed = entry | {"number": number}
    return placed | {"hash": _link(previous, placed)}


def _plain(value: Any) -> Any:
    """The facts as plain JSON values."""
    return orjson.loads(orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z))

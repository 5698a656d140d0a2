"""The registry in its canonical form: the same records are the same bytes, whatever way they came to be."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from services.registry.models import Consent, Enterprise, Entity, Entrepreneur, OfferedProduct, Owner, Submission, Tag

# Beside the columns that say something: how often and when a row was touched, a sealed text (its nonce is drawn anew;
# the fingerprint beside it says the same), and the numbers of products, which are values of their enterprise. A tier
# follows from profiles, and the day of a check from its steps: neither is of the record itself, no form carries them.
_NOT_SAID = frozenset({"version", "created_at", "changed_at", "sealed", "id_sealed", "tier", "checked_on"})
_RECORDS: tuple[type[Entity], ...] = (Entrepreneur, Consent, Enterprise, Owner, Tag, OfferedProduct, Submission)


def digest(session: Session) -> str:
    """SHA-256 of the canonical form of all records; to be asked for inside of a transaction, so that they are all of
    one moment.
    """
    hashed = hashlib.sha256()
    for line in canonical_lines(session):
        hashed.update(line)
    return hashed.hexdigest()


def canonical_lines(session: Session) -> Iterator[bytes]:
    """One line for each row of the women, their answers, enterprises, products and submissions, in a fixed order."""
    for entity in _RECORDS:
        table = Entity.metadata.tables[entity.__tablename__]
        rows = session.execute(select(table).order_by(*_order(table)).execution_options(yield_per=1000))
        for row in rows.mappings():
            yield canonical(table.name, row)


def canonical(kind: str, row: Mapping[Any, Any]) -> bytes:
    """A row as one line of JSON."""
    left_out = _NOT_SAID | ({"id"} if kind == OfferedProduct.__tablename__ else frozenset())
    said = {str(name): value for name, value in row.items() if str(name) not in left_out}
    option = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
    return orjson.dumps({"kind": kind, **said}, option=option)


def _order(table: Table) -> list[Any]:
    if table.name == OfferedProduct.__tablename__:
        return [table.c.enterprise_id, table.c.rank]
    return list(table.primary_key)

"""The registry in its canonical form: the same records are the same bytes, whatever way they came to be.

Of every record of the inventory all that it says is in it: women with their answers, enterprises with their owners,
links, needs and markets, products, suppliers and buyers, steps of formalization, and the field forms they came from.
Left out is what says nothing of them: how often and when a row was touched (versions, moments), who wrote an answer
down and which import brought a form (the history tells that), what is derived anew from the rest (what is searched and
sorted by) or follows from profiles and checks, which have rows of their own (the tier and the
latest levels, the day of a check), the numbers of parts, which are values of their record, and a form that is only our
own export's repetition of a record's id.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from services.registry.models import (
    Consent,
    Enterprise,
    Entity,
    Entrepreneur,
    FormalStep,
    OfferedProduct,
    Owner,
    Submission,
    Tag,
    TradePartner,
)
from services.registry.queries.records import OWN_IDENTITY
from services.registry.sealing import Sealer, step_key

_RECORDS: tuple[type[Entity], ...] = (
    Entrepreneur,
    Consent,
    Enterprise,
    Owner,
    Tag,
    OfferedProduct,
    TradePartner,
    FormalStep,
    Submission,
)
_SEALED = frozenset({"sealed", "id_sealed", "number_sealed"})
_DERIVED = frozenset({"search_text", "search_marks", "sort_name", "tier", "profiled", "checked_on"})
_NOT_SAID = _SEALED | _DERIVED | {"version", "created_at", "changed_at"}
_NOT_SAID_OF: Mapping[str, frozenset[str]] = {
    OfferedProduct.__tablename__: frozenset({"id"}),
    TradePartner.__tablename__: frozenset({"id"}),
    Consent.__tablename__: frozenset({"id", "recorded_by", "recorded_at"}),
    Submission.__tablename__: frozenset({"import_id", "taken_at"}),
}
_ORDER: Mapping[str, tuple[str, ...]] = {
    OfferedProduct.__tablename__: ("enterprise_id", "rank"),
    TradePartner.__tablename__: ("enterprise_id", "rank"),
    Consent.__tablename__: ("entrepreneur_id", "id"),
}


def digest(session: Session, sealer: Sealer | None = None) -> str:
    """SHA-256 of the canonical form of all records; to be asked for inside of a transaction, so that they are all of
    one moment. With the `sealer` what is sealed is opened, so that registries with different keys compare; without it
    the keyed fingerprints speak for what is sealed.
    """
    hashed = hashlib.sha256()
    for line in canonical_lines(session, sealer):
        hashed.update(line)
    return hashed.hexdigest()


def canonical_lines(session: Session, sealer: Sealer | None = None) -> Iterator[bytes]:
    """One line for each row of what records are made of, in a fixed order."""
    for entity in _RECORDS:
        table = Entity.metadata.tables[entity.__tablename__]
        rows = session.execute(select(table).order_by(*_order(table)).execution_options(yield_per=1000))
        for row in rows.mappings():
            if table.name != Submission.__tablename__ or not row["identity"].startswith(OWN_IDENTITY):
                yield canonical(table.name, row, sealer)


def canonical(kind: str, row: Mapping[Any, Any], sealer: Sealer | None = None) -> bytes:
    """A row as one line of JSON."""
    left_out = _NOT_SAID | _NOT_SAID_OF.get(kind, frozenset())
    said = {str(name): value for name, value in row.items() if str(name) not in left_out}
    if sealer is not None:
        said = {name: value for name, value in said.items() if not name.endswith("fingerprint")}
        said |= _opened(row, sealer)
    option = orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z
    return orjson.dumps({"kind": kind, **said}, option=option)


def _opened(row: Mapping[Any, Any], sealer: Sealer) -> dict[str, str | None]:
    """What the sealed columns of a row hold."""
    opened: dict[str, str | None] = {}
    for name in _SEALED.intersection(map(str, row)):
        content = row[name]
        opened[name] = None if content is None else sealer.opened(content, _belongs_to(name, row)).decode()
    return opened


def _belongs_to(name: str, row: Mapping[Any, Any]) -> bytes:
    if name == "number_sealed":
        return step_key(row["enterprise_id"], row["step"])
    key: bytes = row["id"].bytes if name == "id_sealed" else row["identity"].encode()
    return key


def _order(table: Table) -> list[Any]:
    order = _ORDER.get(table.name)
    return list(table.primary_key) if order is None else [table.c[name] for name in order]

"""All the rows that say something of some records, so that a merge can be looked at and taken back exactly."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Table, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from services.registry.models import CopyLoan, Enterprise, Entity
from services.registry.models.remembered import plain, value_of
from services.registry.models.searching import find_again, forget_records
from services.registry.use_cases.undo_import import COMPARED, parts_of, pointing

Rows = dict[str, dict[str, Any]]
"""Rows by their table and key, each column as a plain JSON value."""

Of = Mapping[str, Collection[UUID]]
"""Ids of records by their kind: `entrepreneur`, `enterprise`."""

_APART = frozenset({"import_change", *COMPARED})
_PARTS_THAT_STAND_ALONE = ("submission", "enterprise_profile", "validation_step")
"""Parts of a record that are not described anew with it: what was imported, how it was profiled and checked."""
_OF_ALL_OWNERS = frozenset({"search_text", "search_marks", "sort_name"})
"""What an enterprise is found by follows from its owners, others than the two women among them: it is never kept."""
_COUNTED = frozenset({"version", "created_at", "changed_at"})
_SETTLED = frozenset({"derived_municipality", "place_state", "place_boundaries", "snapped_m"})
_PLACE = ("municipality", "lon", "lat")


def rows_of(session: Session, records: Of) -> Rows:
    """The rows of these records and of their parts, which have no life of their own."""
    found: Rows = {}
    for kind, ids in records.items():
        columns = [_tables()[kind].c.id, *(column for column in parts_of(kind) if column.table.name not in _APART)]
        for column in columns:
            table = _tables()[column.table.name]
            for row in session.execute(select(table).where(column.in_(ids))).mappings():
                left_out = _OF_ALL_OWNERS if table.name == "enterprise" else frozenset[str]()
                values = {name: plain(value) for name, value in row.items() if name not in left_out}
                found[_key(table, values)] = values
    return found


def standing_on(session: Session, records: Of) -> set[str]:
    """What of others' work names these records: rows of other tables, and loans."""
    found = set()
    for kind, ids in records.items():
        for table, column in pointing(kind):
            if table.name not in _APART and table.name not in records and column.foreign_keys:
                for row in session.execute(select(*table.primary_key).where(column.in_(ids))).mappings():
                    found.add(_key(table, {name: plain(value) for name, value in row.items()}))
    loans = select(CopyLoan.loan_id).where(CopyLoan.enterprise_id.in_(records.get("enterprise", ())))
    return found | {f"copy_loan {loan}" for loan in session.scalars(loans)}


def lead_over(session: Session, kind: str, gone: UUID, stays: UUID) -> list[dict[str, Any]]:
    """Whatever names a record names the one that stays from now on; comes back with what was changed. What is there
    for that one already (and can be there once only) stays where it is.
    """
    changed = []
    columns = [_tables()[name].c.get(f"{kind}_id") for name in _PARTS_THAT_STAND_ALONE]
    parts = [(column.table, column) for column in columns if column is not None]
    for table, column in (*pointing(kind), *parts):
        if table.name in _APART or table.name in {"entrepreneur", "enterprise"} or not column.foreign_keys:
            continue
        for row in session.execute(select(*table.primary_key).where(column == gone)).mappings().all():
            try:
                with session.begin_nested():
                    session.execute(update(table).where(_is(table, dict(row))).values({column.name: stays}))
            except IntegrityError:
                continue
            key = {name: plain(value) for name, value in row.items()}
            if column.name in key:
                key[column.name] = str(stays)
            changed.append({"table": table.name, "key": key, "column": column.name, "was": str(gone), "is": str(stays)})
    return changed


def lead_back(session: Session, changed: Iterable[Mapping[str, Any]]) -> None:
    """What `lead_over` changed names again what it named, as far as it is still there."""
    for one in changed:
        table = _tables()[one["table"]]
        here = and_(_is(table, _read(table, one["key"])), table.c[one["column"]] == UUID(one["is"]))
        session.execute(update(table).where(here).values({one["column"]: UUID(one["was"])}))


def differing(then: Rows, now: Rows) -> Iterator[str]:
    """The tables in which something is otherwise now. How often a row was touched, and what was settled of its place,
    does not count.
    """
    for key in sorted({*then, *now}):
        if _said(then.get(key)) != _said(now.get(key)):
            yield key.partition(" ")[0]


def put_back(session: Session, before: Rows, now: Rows) -> None:
    """Have the rows stand as they stood. A version only rises; where a point did not move, its place stays as it was
    settled last.
    """
    order = [table.name for table in Entity.metadata.sorted_tables]
    enterprises = [UUID(row["id"]) for key, row in {**before, **now}.items() if key.startswith("enterprise ")]
    forget_records(session, enterprises)

    def place(key: str) -> int:
        return order.index(key.partition(" ")[0])

    for key in sorted(now.keys() - before.keys(), key=place, reverse=True):
        table = _tables()[key.partition(" ")[0]]
        session.execute(delete(table).where(_is(table, _read(table, _key_of(table, now[key])))))
    for key in sorted(before, key=place):
        table = _tables()[key.partition(" ")[0]]
        values, there = before[key], now.get(key)
        if there is None:
            session.execute(insert(table).values(_read(table, values)))
            continue
        kept = {"version"}
        if table.name == "enterprise" and all(values[name] == there[name] for name in _PLACE):
            kept |= _SETTLED
        back = {name: value for name, value in values.items() if name not in kept}
        if "version" in there:
            back["version"] = there["version"] + 1
        session.execute(update(table).where(_is(table, _read(table, _key_of(table, there)))).values(_read(table, back)))
    session.expire_all()
    find_again(session, enterprises)
    for enterprise in session.scalars(select(Enterprise).where(Enterprise.id.in_(enterprises))):
        enterprise.heed_consents()
    session.flush()


def _said(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if row is None else {k: v for k, v in row.items() if k not in _COUNTED and k not in _SETTLED}


def _tables() -> Mapping[str, Table]:
    return Entity.metadata.tables


def _key(table: Table, values: Mapping[str, Any]) -> str:
    return f"{table.name} {json.dumps(_key_of(table, values), sort_keys=True)}"


def _key_of(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    return {column.name: values[column.name] for column in table.primary_key}


def _read(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value_of(value, table.c[name].type) for name, value in values.items() if name in table.c}


def _is(table: Table, key: Mapping[str, Any]) -> ColumnElement[bool]:
    return and_(*(column == key[column.name] for column in table.primary_key))

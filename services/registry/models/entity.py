"""What every entity of the registry stands on."""

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from sqlalchemy import String, Table
from sqlalchemy.orm import DeclarativeBase

from shared.database import COLUMN_TYPES, new_metadata

BYTEWISE = String(200).with_variant(String(200, collation="C"), "postgresql")
"""A text that both databases sort alike, by its bytes, and find the beginning of by its index."""


class Entity(DeclarativeBase):
    """An entity of the registry; its columns keep moments in UTC, ids and JSON on both databases."""

    metadata = new_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = dict(COLUMN_TYPES)


Row = TypeVar("Row", bound=Entity)


def rows_of(row: type[Row], known: Iterable[Row], column: str, wanted: Iterable[str]) -> list[Row]:
    """One row for each value of `column` that is wanted, in their order; those known already stay as they are."""
    there = {getattr(one, column): one for one in known}
    return [there.get(value) or row(**{column: value}) for value in sorted(set(wanted))]


def table_of(entity: type[Entity]) -> Table:
    """The table in which an entity is kept, to write many rows at once."""
    return Entity.metadata.tables[entity.__tablename__]

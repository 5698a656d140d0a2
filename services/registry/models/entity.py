"""What every entity of the registry stands on."""

from typing import Any, ClassVar

from sqlalchemy import String, Table
from sqlalchemy.orm import DeclarativeBase

from shared.database import COLUMN_TYPES, new_metadata

BYTEWISE = String(200).with_variant(String(200, collation="C"), "postgresql")
"""A text that both databases sort alike, by its bytes, and find the beginning of by its index."""


class Entity(DeclarativeBase):
    """An entity of the registry; its columns keep moments in UTC, ids and JSON on both databases."""

    metadata = new_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = dict(COLUMN_TYPES)


def table_of(entity: type[Entity]) -> Table:
    """The table in which an entity is kept, to write many rows at once."""
    return Entity.metadata.tables[entity.__tablename__]

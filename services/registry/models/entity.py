"""What every entity of the registry stands on."""

from typing import Any, ClassVar

from sqlalchemy import Table
from sqlalchemy.orm import DeclarativeBase

from shared.database import COLUMN_TYPES, new_metadata


class Entity(DeclarativeBase):
    """An entity of the registry; its columns keep moments in UTC, ids and JSON on both databases."""

    metadata = new_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = dict(COLUMN_TYPES)


def table_of(entity: type[Entity]) -> Table:
    """The table in which an entity is kept, to write many rows at once."""
    return Entity.metadata.tables[entity.__tablename__]

"""What every entity of training stands on."""

from typing import Any, ClassVar

from sqlalchemy.orm import DeclarativeBase

from shared.database import COLUMN_TYPES, new_metadata


class Entity(DeclarativeBase):
    """An entity of training; its columns keep moments in UTC, ids and JSON on both databases."""

    metadata = new_metadata()
    type_annotation_map: ClassVar[dict[Any, Any]] = dict(COLUMN_TYPES)

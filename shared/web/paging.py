"""Lists by keyset: a page begins after the last row of the one before, whatever was added meanwhile."""

import base64
import binascii
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, literal, tuple_
from sqlalchemy.orm import Session

from shared.incoming import check_text
from shared.kernel import Invalid

DEFAULT_LIMIT = 50
MAX_LIMIT = 200


@dataclass(frozen=True)
class Page:
    """Some rows of a list and, where there are more, the cursor that the next page begins after."""

    rows: Sequence[Any]
    next: str | None = None


def keyset_page(
    session: Session,
    statement: Select[*tuple[Any, ...]],
    *,
    keys: Sequence[ColumnElement[Any]],
    limit: int,
    after: str | None,
    descending: bool = False,
) -> Page:
    """The page of `statement` after the cursor `after`. `keys` are labelled columns of the selection that together
    are unique and never null; the rows come as mappings.
    """
    if after:
        position = tuple_(
            *(literal(value, key.type) for key, value in zip(keys, cursor_values(after, keys), strict=True))
        )
        here = tuple_(*keys)
        statement = statement.where(here < position if descending else here > position)
    order = [key.desc() if descending else key.asc() for key in keys]
    result = session.execute(statement.order_by(*order).limit(limit + 1))
    names = list(result.keys())
    rows = [dict(zip(names, row, strict=True)) for row in result]
    if len(rows) <= limit:
        return Page(rows)
    return Page(rows[:limit], cursor_of(rows[limit - 1], keys))


def cursor_of(row: Mapping[Any, Any], keys: Sequence[ColumnElement[Any]]) -> str:
    """The cursor that the page after `row` begins after."""
    values = [row[key.key] for key in keys]
    plain = [value.isoformat() if isinstance(value, date | datetime) else value for value in values]
    text = json.dumps([value.hex if isinstance(value, UUID) else value for value in plain])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def cursor_values(cursor: str, keys: Sequence[ColumnElement[Any]]) -> list[Any]:
    """The values of `keys` that a cursor tells; refuses what is no cursor of such a list."""
    try:
        values = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True))
        if not isinstance(values, list) or len(values) != len(keys):
            raise ValueError(cursor)
        return [_typed(value, key) for value, key in zip(values, keys, strict=True)]
    except (Invalid, ValueError, TypeError, OverflowError, binascii.Error, RecursionError):
        raise Invalid("query.cursor", pointer="/after") from None


def _typed(value: Any, key: ColumnElement[Any]) -> Any:
    """The value of a cursor as its column's type; anybody may write a cursor, so nothing in it is believed."""
    wanted = key.type.python_type
    if wanted in {UUID, datetime, date}:
        return _read_text(value, wanted)
    if type(value) is not wanted:
        raise TypeError(value)
    if isinstance(value, int) and not -(2 ** _bits(key)) <= value < 2 ** _bits(key):
        raise ValueError(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(value)
    if isinstance(value, str):
        check_text(value)
    return value


def _read_text(value: Any, wanted: type[Any]) -> Any:
    if type(value) is not str:
        raise TypeError(value)
    if wanted is UUID:
        return UUID(hex=value)
    if wanted is date:
        return date.fromisoformat(value)
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment.astimezone(UTC)


def _bits(key: ColumnElement[Any]) -> int:
    return 63 if isinstance(key.type, BigInteger) else 31

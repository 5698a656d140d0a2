"""Lists that go out whole."""

from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from shared.kernel import Refused

MOST = 10_000
"""Rows of a table that goes out."""


def all_rows(session: Session, statement: Select[Any]) -> list[dict[str, Any]]:
    """Every row; refuses more than a table takes, so that none is left out unsaid."""
    rows = session.execute(statement.limit(MOST + 1)).mappings().all()
    if len(rows) > MOST:
        raise Refused("list.too_long", most=MOST)
    return [dict(row) for row in rows]

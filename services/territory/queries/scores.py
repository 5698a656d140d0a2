"""What people judged chains to be worth: which scores there are, and which of them hold in a place."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.territory.models import ChainScore
from services.territory.queries.around import require_seen, seen_by
from shared import history, places
from shared.identity import Caller
from shared.kernel import NotFound
from shared.web import Page, keyset_page

_SHOWN = ("id", "version", "unit", "chain", "criterion", "score", "evidence", "scored_by_name", "scored_at")


def list_scores(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The scores of the caller's territory and of the departments and countries around it, the latest first."""
    columns = [getattr(ChainScore, name).label(name) for name in _SHOWN]
    told = {name: filters[name] for name in ("unit", "chain", "criterion") if filters.get(name)}
    conditions = [getattr(ChainScore, name) == value for name, value in told.items()]
    statement = select(*columns).where(seen_by(caller, ChainScore.unit), *conditions)
    return keyset_page(session, statement, keys=columns[:1], limit=limit, after=after, descending=True)


def show_score(session: Session, caller: Caller, score_id: UUID) -> dict[str, Any]:
    """One of them, with what it was before, the latest first; refuses one that is neither of the caller's territory nor
    of what it lies in.
    """
    found = session.get(ChainScore, score_id)
    if found is None:
        raise NotFound("chain_score.unknown")
    require_seen(caller, found.unit)
    entries = history.of(session, score_id)[::-1]
    said = [{"at": entry["at"], **{name: entry["after"][name] for name in ("score", "evidence", "by")}}
            for entry in entries]  # fmt: skip
    return score_row(found) | {"history": said}


def score_row(score: ChainScore) -> dict[str, Any]:
    """One score."""
    return {name: getattr(score, name) for name in _SHOWN}


def holding_scores(session: Session, units: Sequence[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """By chain and criterion the score that holds in these units: that of the smallest unit around all of them."""
    table = ChainScore
    columns = [getattr(table, name).label(name) for name in _SHOWN]
    statement = select(*columns).where(table.unit.in_(places.around_all(units)), table.score.is_not(None))
    rows = session.execute(statement.order_by(func.length(table.unit))).mappings()
    return {(row["chain"], row["criterion"]): dict(row) for row in rows}

"""Training strategies: as they were decided, and which of them are in force."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import TrainingStrategy
from services.training.queries.scope import check_scope, check_units, near, within
from services.training.reference import curricula as reference
from services.training.reference import rounds
from services.training.rules.strategies import Strategy, in_force
from shared.database import labelled
from shared.events.vocabulary import CHAINS, NEEDS
from shared.identity import Caller
from shared.kernel import clock
from shared.web.paging import Page, keyset_page

_STRATEGY = (
    *("id", "unit", "type", "need", "since", "form", "methods", "minutes", "smallest", "largest"),
    *("decided_by", "source", "note", "recorded_by_name", "recorded_at"),
)
_TOLD = ("form", "methods", "minutes", "smallest", "largest", "source")


def list_strategies(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The strategies decided in the caller's territory and in what it lies in, the latest decided first."""
    columns = labelled(TrainingStrategy, *_STRATEGY)
    statement = select(*columns).where(near(caller, TrainingStrategy.unit))
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(TrainingStrategy.unit, [unit]))
    for name in ("type", "need"):
        if value := filters.get(name):
            statement = statement.where(getattr(TrainingStrategy, name) == value)
    return keyset_page(session, statement, keys=columns[:1], limit=limit, after=after, descending=True)


def show_strategy(made: TrainingStrategy) -> dict[str, Any]:
    """One strategy as it was decided."""
    return {name: getattr(made, name) for name in _STRATEGY}


def strategies_in_force(
    session: Session, caller: Caller, *, unit: str, day: date | None = None, chain: str | None = None
) -> list[dict[str, Any]]:
    """For each chain (or one, or a family of chains, or any) and need, the strategy in force at a place on a day, today
    where none is named; where nobody has decided yet, what the network begins with (`decided_by` is None then).
    """
    check_units([unit], pointer="/unit")
    check_scope(caller, [unit])
    wanted = day or clock.today()
    rows = session.scalars(
        select(TrainingStrategy)
        .where(TrainingStrategy.unit.in_(sorted({unit[:2], unit[:4], unit})))
        .order_by(TrainingStrategy.id)
    )
    decided = [*reference.starting_strategies(), *(_decided(row, place) for place, row in enumerate(rows, start=1))]
    families = rounds.policy(wanted).families
    found = []
    for one in [chain] if chain else CHAINS:
        for need in NEEDS:
            family = one.removeprefix("family:") if one.startswith("family:") else families.get(one)
            best = in_force(decided, chain=one, family=family, need=need, unit=unit, day=wanted)
            if best is not None:
                found.append({"chain": one, **_shown(best)})
    return found


def _decided(row: TrainingStrategy, order: int) -> Strategy:
    facts = {name: getattr(row, name) for name in (*_TOLD, "decided_by", "note", "id")}
    return Strategy(row.unit, row.type, row.need, row.since, order, facts)


def _shown(best: Strategy) -> dict[str, Any]:
    nobody = {"decided_by": None, "note": "", "id": None}
    told = {name: getattr(best, name) for name in ("unit", "type", "need", "since")}
    return nobody | told | dict(best.facts)

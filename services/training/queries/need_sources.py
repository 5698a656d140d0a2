"""Where the needs of a territory are known from."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import CopyOwner
from services.training.queries.learners import sources
from services.training.queries.scope import check_scope, check_units
from services.training.reference.rounds import policy
from services.training.rules.needs import points
from shared.identity import EVERYWHERE, Caller
from shared.places import COUNTRY, units_at


def needs_by_source(session: Session, caller: Caller, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By need and origin: women, the latest day it was told, and the least and the most points that it weighs. A woman
    who is known to have a need from two sources counts in both.
    """
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        check_scope(caller, [unit])
    told = sources(session, [unit] if unit else _mine(caller), policy())
    owners = _owners(session)
    women: dict[tuple[str, str], set[UUID]] = defaultdict(set)
    latest: dict[tuple[str, str], date] = {}
    weighs: dict[tuple[str, str], list[int]] = defaultdict(list)
    for enterprise_id, found in told.items():
        for source in found:
            worth, key = points(source, policy().weights), (source.need, source.origin)
            if worth and owners[enterprise_id]:
                women[key] |= owners[enterprise_id]
                latest[key] = max(latest.get(key, source.since), source.since)
                weighs[key].append(worth)
    return [
        {
            "need": need,
            "origin": origin,
            "women": len(women[need, origin]),
            "latest": latest[need, origin],
            "least": min(weighs[need, origin]),
            "most": max(weighs[need, origin]),
        }
        for need, origin in sorted(women)
    ]


def _mine(caller: Caller) -> list[str]:
    units = caller.scope.units
    return units_at(COUNTRY) if EVERYWHERE in units else sorted(units)


def _owners(session: Session) -> dict[UUID, set[UUID]]:
    owners: dict[UUID, set[UUID]] = defaultdict(set)
    for row in session.execute(select(CopyOwner.enterprise_id, CopyOwner.entrepreneur_id)):
        owners[row.enterprise_id].add(row.entrepreneur_id)
    return owners

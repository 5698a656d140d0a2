"""What some enterprises sold at a fair and what the others did, as sums."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.registry.models import Fair, Stand
from shared.kernel import COUNTRY_CURRENCY, Money, NotFound

LEAST = 5
"""A sum over fewer would tell of each of them (docs/decisions/0024)."""
_KNOWN = {"sales": Stand.sales_minor, "orders": Stand.orders, "contacts": Stand.contacts}


def fair_sums(session: Session, fair_id: UUID, enterprise_ids: Collection[UUID]) -> list[dict[str, Any]]:
    """Two rows, of those named and of the others who took part: how many they are, how many told their sales, and the
    sums. What fewer than five of either told is withheld of both: the fair's own sum would tell the one from the other.
    """
    fair = session.get(Fair, fair_id)
    if fair is None:
        raise NotFound("fair.unknown")
    named = Stand.enterprise_id.in_(sorted(enterprise_ids))
    rows = session.execute(
        select(
            named.label("named"),
            func.count().label("took_part"),
            *(func.count(column).label(f"{name}_told") for name, column in _KNOWN.items()),
            *(func.sum(column).label(name) for name, column in _KNOWN.items()),
        )
        .where(Stand.fair_id == fair_id, Stand.state == "took_part")
        .group_by(named)
    ).mappings()
    found = {bool(row["named"]): row for row in rows}
    shown = {name for name in _KNOWN if all(row[f"{name}_told"] >= LEAST for row in found.values())}
    return [_row(is_named, found.get(is_named), fair, shown) for is_named in (True, False)]


def _row(named: bool, row: Any, fair: Fair, shown: Collection[str]) -> dict[str, Any]:
    sums = {name: int(row[name]) if row is not None and name in shown else None for name in _KNOWN}
    sales = None if sums["sales"] is None else Money(sums["sales"], COUNTRY_CURRENCY[fair.municipality[:2]])
    return {
        **sums,
        "named": named,
        "took_part": 0 if row is None else int(row["took_part"]),
        "sales_told": None if sales is None else int(row["sales_told"]),
        "sales": sales,
    }

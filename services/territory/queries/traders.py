"""Who trades around some units: as their neighbours meet them, of whom they buy, to whom they were introduced."""

from collections.abc import Sequence
from math import cos, radians
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from services.territory import reference
from services.territory.models import CopyEnterprise, CopyLink, CopyMerged, CopyNeed, CopyTrade, Introduction
from services.territory.queries.figures import inside
from services.territory.queries.views import Selection
from services.territory.rules.analysis.metres import EARTH_M
from services.territory.rules.introductions import Supplied, Trader
from services.territory.rules.templates import ChainEdition, placed
from shared.identity import EVERYWHERE, Caller
from shared.kernel import COUNTRY_CURRENCY
from shared.merged import standing_for

_E = CopyEnterprise
DEPARTMENT = 4
"""Digits of a department's code."""


def territory_of(session: Session, caller: Caller, selection: Selection, reach_m: float) -> tuple[str, ...]:
    """Where suppliers may be: the caller's own territory, as far as it lies in the departments of the units or in those
    of the same countries where somebody is within reach.
    """
    near = tuple(sorted({*selection.departments, *_departments_near(session, selection, reach_m)}))
    own = caller.scope.units
    whole = near if EVERYWHERE in own else [department for department in near if caller.scope.covers(department)]
    return (*whole, *sorted(unit for unit in own if len(unit) > DEPARTMENT and unit.startswith(near)))


def _departments_near(session: Session, selection: Selection, reach_m: float) -> set[str]:
    """The departments with an enterprise in the box around those of the units, their municipal centres too, and
    `reach_m` more to each side; the centre of her municipality stands for who has no point.
    """
    known, countries = reference.municipalities(), tuple({unit[:2] for unit in selection.units})
    extremes = (func.min(_E.lon), func.max(_E.lon), func.min(_E.lat), func.max(_E.lat))
    asked = session.execute(select(*extremes).where(_E.counted, inside(_E.municipality, selection.units))).one()
    centres = [known[code] for code in selection.municipalities]
    lons = [value for value in (*asked[:2], *(one.lon for one in centres)) if value is not None]
    lats = [value for value in (*asked[2:], *(one.lat for one in centres)) if value is not None]
    north = float(np.degrees(reach_m / EARTH_M))
    east = north / cos(radians(max(map(abs, lats)) + north))
    west, south = min(lons) - east, min(lats) - north
    east, north = max(lons) + east, max(lats) + north
    seated = [code for code, one in known.items() if west <= one.lon <= east and south <= one.lat <= north]
    within = or_(
        and_(_E.lon.between(west, east), _E.lat.between(south, north)),
        and_(_E.lon.is_(None), _E.municipality.in_(seated)),
    )
    found = select(_E.municipality).where(_E.counted, inside(_E.municipality, countries), within).distinct()
    return {code[:DEPARTMENT] for code in session.scalars(found)}


def traders(session: Session, units: Sequence[str], edition: ChainEdition) -> list[Trader]:
    """The enterprises of these units, as they stand in their chains."""
    counted = and_(_E.counted, inside(_E.municipality, units))
    links = _gathered(session, CopyLink, CopyLink.link, counted)
    needs = _gathered(session, CopyNeed, CopyNeed.need, counted)
    columns = (_E.id, _E.municipality, _E.chain, _E.activity, _E.lon, _E.lat, _E.sales_low_minor, _E.sales_high_minor,
               _E.sales_currency)  # fmt: skip
    rows = session.execute(select(*columns).where(counted, _E.municipality.in_(reference.municipalities())))
    return [_trader(row, links.get(row.id, ()), needs.get(row.id, ()), edition) for row in rows]


def _trader(row: Any, links: Sequence[str], needs: Sequence[str], edition: ChainEdition) -> Trader:
    """The enterprise of a row; the centre of her municipality where she has no point, the lower limit of her sales
    where the band is open.
    """
    where = placed(row.chain, links, row.activity, edition.classes)
    point = reference.municipalities()[row.municipality] if row.lon is None else row
    currency, low = COUNTRY_CURRENCY[row.municipality[:2]], row.sales_low_minor
    high = low if row.sales_high_minor is None else row.sales_high_minor
    return Trader(
        id=row.id,
        municipality=row.municipality,
        chain=where.chain,
        links=tuple(sorted(where.links)),
        activity=row.activity,
        needs=frozenset(needs),
        lon=point.lon,
        lat=point.lat,
        located=row.lon is not None,
        currency=currency,
        sales_minor=(low + high) // 2 if row.sales_currency == currency else None,
    )


def _gathered(session: Session, table: Any, column: Any, counted: Any) -> dict[UUID, list[str]]:
    rows: dict[UUID, list[str]] = {}
    for enterprise, code in session.execute(select(table.enterprise_id, column).join(_E, _E.id == table.enterprise_id)
                                            .where(counted).order_by(table.enterprise_id, column)):  # fmt: skip
        rows.setdefault(enterprise, []).append(code)
    return rows


def supplied_by_whom(session: Session, units: Sequence[str]) -> dict[UUID, Supplied]:
    """Of whom each enterprise buys, by what it says and by what those who sell to it say."""
    partner = standing_for(CopyMerged, CopyTrade.partner_id).label("partner")
    rows: Any = session.execute(
        select(CopyTrade.enterprise_id, CopyTrade.side, partner, CopyTrade.share)
        .join(_E, _E.id == CopyTrade.enterprise_id)
        .where(_E.counted, inside(_E.municipality, units), or_(CopyTrade.side == "supplier", partner.is_not(None)))
    )
    partners: dict[UUID, set[UUID]] = {}
    share: dict[UUID, int] = {}
    elsewhere: set[UUID] = set()
    for enterprise, side, other, part in rows:
        if side == "buyer":
            partners.setdefault(other, set()).add(enterprise)
        elif other is None:
            elsewhere.add(enterprise)
        else:
            partners.setdefault(enterprise, set()).add(other)
            share[enterprise] = share.get(enterprise, 0) + (part or 0)
    return {
        one: Supplied(frozenset(partners.get(one, ())), share.get(one, 0), one in elsewhere)
        for one in {*partners, *elsewhere}
    }


def marked_pairs(session: Session, units: Sequence[str]) -> list[tuple[UUID, UUID, str, str]]:
    """Buyer, supplier, input and mark of each introduction that was followed up in these units."""
    buyer, supplier = (standing_for(CopyMerged, column) for column in (Introduction.buyer_id, Introduction.supplier_id))
    statement = select(buyer, supplier, Introduction.item, Introduction.mark).where(inside(Introduction.unit, units))
    return [(row[0], row[1], row[2], row[3]) for row in session.execute(statement)]

"""Whom to introduce to whom: from the copies, by the criteria in force."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from services.territory import reference
from services.territory.models import CopyEnterprise, CopyMerged, Introduction
from services.territory.models.introductions import DECLINED
from services.territory.queries import criteria
from services.territory.queries.figures import as_of, inside
from services.territory.queries.placing import in_chain
from services.territory.queries.traders import marked_pairs, supplied_by_whom, territory_of, traders
from services.territory.queries.views import Selection
from services.territory.rules.analysis.linkages import NOBODY_NEAR, Linkages, Offers, link
from services.territory.rules.introductions import (
    Offer,
    Trader,
    assumed_sales,
    demands,
    sold_by,
    supplies,
)
from shared.identity import Caller
from shared.kernel import Money, NotFound, Refused
from shared.merged import standing_for
from shared.web import Page, keyset_page

_E = CopyEnterprise
PASSED_OVER = "declined"
"""Why somebody is left whose introductions within reach were declined."""
MOST_TRADERS = 20_000
"""Enterprises whose lacks are matched at once."""
MOST = 500
"""So many pairs, and so many of those left, are told at once."""
_MARKED = (
    *("id", "version", "unit", "buyer_id", "supplier_id", "item", "mark", "note", "marked_by_name", "marked_at"),
)


Pair: TypeAlias = tuple[str, str, str]
"""The municipalities of buyer and supplier, and the input."""


@dataclass(frozen=True)
class Found:
    """`pairs` and `left` as rows, at most `MOST` of each, of `pairs_in_all` and `left_in_all`."""

    pairs: list[dict[str, Any]]
    left: list[dict[str, Any]]
    pairs_in_all: int
    left_in_all: int
    wanted: list[Money]
    matched: list[Money]
    criteria: criteria.Criteria
    as_of: datetime | None


def introductions(session: Session, caller: Caller, selection: Selection, *, chain: str | None, language: str) -> Found:
    """Who of the units lacks an input that her chain needs, matched with those who sell it near her in the caller's
    territory, pairs in order of place and distance; refuses a whole country at once, and as many as one has. However
    far that territory goes, only the departments within reach of the units are read.
    """
    pairs, left, wanted, known = _found(session, caller, selection, chain, language)
    return Found(
        pairs[:MOST], left[:MOST], len(pairs), len(left), _sums([(one.trader.currency, one.value) for one in wanted]),
        _sums([(row["value"].currency, row["value"].minor) for row in pairs]), known, as_of(session).time,
    )  # fmt: skip


def possible_pairs(
    session: Session, caller: Caller, selection: Selection, *, chain: str | None, language: str
) -> list[Pair]:
    """The same pairs, all of them, by where they are; refuses what `introductions` refuses."""
    pairs, _, _, _ = _found(session, caller, selection, chain, language)
    return [(row["buyer_municipality"], row["supplier_municipality"], row["item"]) for row in pairs]


def places_of_marked(session: Session, selection: Selection, mark: str, *, chain: str | None) -> list[Pair]:
    """The pairs of the units of which this became, by where both are now; of enterprises that are still counted."""
    buyer, supplier = aliased(_E), aliased(_E)
    statement = (
        select(buyer.municipality, supplier.municipality, Introduction.item)
        .select_from(Introduction)
        .join(buyer, buyer.id == standing_for(CopyMerged, Introduction.buyer_id))
        .join(supplier, supplier.id == standing_for(CopyMerged, Introduction.supplier_id))
        .where(Introduction.mark == mark, buyer.counted, supplier.counted)
        .where(inside(buyer.municipality, selection.units))
    )
    if chain is not None:
        statement = statement.where(in_chain(chain, buyer))
    return [(row[0], row[1], row[2]) for row in session.execute(statement)]


def _found(
    session: Session, caller: Caller, selection: Selection, chain: str | None, language: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[Offer], criteria.Criteria]:
    """All pairs, all who are left, what was wanted, and by which criteria."""
    if any(len(unit) < 4 for unit in selection.units):
        raise Refused("introductions.too_wide")
    asked = select(func.count()).where(_E.counted, inside(_E.municipality, selection.units))
    if (session.scalar(asked) or 0) > MOST_TRADERS:
        raise Refused("introductions.too_many", most=MOST_TRADERS)
    known, edition = criteria.judging(session, "introductions", selection.units), reference.chain_edition()
    territory = territory_of(session, caller, selection, known.values["reach_m"])
    everybody = traders(session, territory, edition)
    marked = marked_pairs(session, territory)
    hers = [one for one in everybody if one.municipality.startswith(selection.units)]
    hers = [one for one in hers if chain is None or one.chain == chain]
    sold, assumed = {one.id: sold_by(one, edition) for one in everybody}, assumed_sales(everybody, known.values)
    settled = {(buyer, item) for buyer, _, item, mark in marked if mark != DECLINED}
    wanted = demands(hers, supplied_by_whom(session, territory), sold, settled, edition, known.values, assumed)
    offered = supplies(everybody, sold, known.values, assumed)
    declined = [(buyer, supplier, item) for buyer, supplier, item, mark in marked if mark == DECLINED]
    found = _matched(wanted, offered, declined, known.values)
    names = {code: one.names[language] for code, one in edition.inputs.items()}
    return _pairs(found, wanted, offered, names), _left(found, wanted, declined, names), wanted, known


def list_marked(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The introductions followed up in the caller's territory, the latest pair first."""
    columns = [getattr(Introduction, name).label(name) for name in _MARKED]
    conditions = [caller.scope.condition(Introduction.unit)]
    if units := filters.get("unit"):
        conditions.append(inside(Introduction.unit, units))
    if mark := filters.get("mark"):
        conditions.append(Introduction.mark == mark)
    statement = select(*columns).where(*conditions)
    return keyset_page(session, statement, keys=columns[:1], limit=limit, after=after, descending=True)


def show_marked(session: Session, caller: Caller, introduction_id: UUID) -> dict[str, Any]:
    """One of them; refuses one outside the caller's territory."""
    found = session.get(Introduction, introduction_id)
    if found is None:
        raise NotFound("introduction.unknown")
    caller.require_scope(found.unit)
    return marked_row(found)


def marked_row(introduction: Introduction) -> dict[str, Any]:
    """One introduction that was followed up."""
    return {name: getattr(introduction, name) for name in _MARKED}


def input_names(language: str) -> dict[str, str]:
    """What chains buy, by code."""
    return {code: one.names[language] for code, one in reference.chain_edition().inputs.items()}


def _matched(
    wanted: Sequence[Offer],
    offered: Sequence[Offer],
    declined: Collection[tuple[UUID, UUID, str]],
    values: Mapping[str, Any],
) -> Linkages:
    everybody = sorted({one.trader.id for one in (*wanted, *offered)})
    who = {enterprise: number for number, enterprise in enumerate(everybody)}
    goods = sorted({(one.item, one.trader.currency) for one in (*wanted, *offered)})
    what = {item: number for number, item in enumerate(goods)}
    barred = {
        (who[buyer], who[supplier], number)
        for buyer, supplier, item in declined
        if buyer in who and supplier in who
        for (code, _), number in what.items()
        if code == item
    }

    def rows(offers: Sequence[Offer]) -> Offers:
        return Offers(
            np.array([who[one.trader.id] for one in offers], dtype=np.int64),
            np.array([what[one.item, one.trader.currency] for one in offers], dtype=np.int64),
            np.array([one.value for one in offers], dtype=np.int64),
            np.array([one.trader.lon for one in offers], dtype=float),
            np.array([one.trader.lat for one in offers], dtype=float),
        )

    return link(rows(wanted), rows(offered), reach_m=values["reach_m"], nearest=values["nearest"], barred=barred)


def _pairs(
    found: Linkages, wanted: Sequence[Offer], offered: Sequence[Offer], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    made = found.introductions
    rows = []
    for demand, supply, value, metres in zip(*(getattr(made, name).tolist() for name in made.__slots__), strict=True):
        buyer, supplier = wanted[demand], offered[supply]
        rows.append(
            {
                **_side("buyer", buyer.trader),
                **_side("supplier", supplier.trader),
                "item": buyer.item,
                "item_name": names[buyer.item],
                "value": Money(value, buyer.trader.currency),
                "estimated": buyer.estimated or supplier.estimated,
                "metres": metres,
                "exact": buyer.trader.located and supplier.trader.located,
                "why": buyer.why,
                "seeks_market": "market" in supplier.trader.needs,
            }
        )
    return sorted(rows, key=lambda row: (row["buyer_municipality"], row["metres"], row["item"], str(row["buyer_id"])))


def _side(name: str, trader: Trader) -> dict[str, Any]:
    told = {"id": trader.id, "municipality": trader.municipality, "chain": trader.chain}
    return {f"{name}_{key}": value for key, value in told.items()}


def _left(
    found: Linkages,
    wanted: Sequence[Offer],
    declined: Collection[tuple[UUID, UUID, str]],
    names: Mapping[str, str],
) -> list[dict[str, Any]]:
    passed_over = {(buyer, item) for buyer, _, item in declined}
    rows = []
    for offer, lacking, why in zip(wanted, found.unmet.tolist(), found.why.tolist(), strict=True):
        if lacking:
            declined_all = why == NOBODY_NEAR and (offer.trader.id, offer.item) in passed_over
            rows.append(
                {
                    **_side("buyer", offer.trader),
                    "item": offer.item,
                    "item_name": names[offer.item],
                    "value": Money(lacking, offer.trader.currency),
                    "reason": PASSED_OVER if declined_all else why,
                }
            )
    return sorted(rows, key=lambda row: (row["buyer_municipality"], row["item"], str(row["buyer_id"])))


def _sums(values: Sequence[tuple[str, int]]) -> list[Money]:
    currencies = sorted({currency for currency, _ in values})
    return [Money(sum(minor for of, minor in values if of == currency), currency) for currency in currencies]

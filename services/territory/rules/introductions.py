"""Who lacks which input of her chain, and who sells it: what is matched when people are introduced to each other."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any
from uuid import UUID

from services.territory.rules.templates import ChainEdition, sells

ELSEWHERE, UNTOLD = "elsewhere", "untold"
"""Why somebody lacks an input: she buys of people outside the inventory, or names nobody she buys from."""


@dataclass(frozen=True, slots=True)
class Trader:
    """An enterprise as its neighbours trade with it: `sales_minor` in the middle of a year's band, None where nobody
    knows; `located`: the point is hers, else the centre of her municipality.
    """

    id: UUID
    municipality: str
    chain: str
    links: tuple[str, ...]
    activity: str
    needs: frozenset[str]
    lon: float
    lat: float
    located: bool
    currency: str
    sales_minor: int | None


@dataclass(frozen=True, slots=True)
class Supplied:
    """Of whom an enterprise buys: those in the inventory, which part of its purchases these sell, and whether it buys
    of others too.
    """

    partners: frozenset[UUID] = frozenset()
    share: int = 0
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A trader who lacks (or sells) an input, about how much of it in minor units a year. `estimated`: from the sales
    of others, because nobody knows hers.
    """

    trader: Trader
    item: str
    value: int
    estimated: bool
    why: str = ""


NOBODY = Supplied()


def sold_by(trader: Trader, edition: ChainEdition) -> frozenset[str]:
    """The inputs that an enterprise sells, by code."""
    named = (code for code, one in edition.inputs.items() if sells(one, trader.activity, trader.chain, trader.links))
    return frozenset(named)


def required_by(trader: Trader, edition: ChainEdition) -> tuple[str, ...]:
    """What the links at which an enterprise stands buy, by code, without what it sells itself."""
    template, own = edition.chains[trader.chain], sold_by(trader, edition)
    wanted = (code for link in trader.links for code in template.requires.get(link, ()))
    return tuple(code for code in dict.fromkeys(wanted) if code not in own)


def demands(
    traders: Sequence[Trader],
    supplied: Mapping[UUID, Supplied],
    sold: Mapping[UUID, frozenset[str]],
    settled: Collection[tuple[UUID, str]],
    edition: ChainEdition,
    values: Mapping[str, Any],
    assumed: Mapping[UUID, int],
) -> list[Offer]:
    """The inputs that each trader lacks: required at her links, sold by none of those she buys of (`sold` says what
    they sell), and not `settled` by an introduction already.

    Their value is what she may spend on them: `purchases` of a year's sales, without the share that enterprises of the
    inventory sell her already, in equal parts for each input she lacks.
    """
    found = []
    for trader in traders:
        known = supplied.get(trader.id, NOBODY)
        met = frozenset().union(*(sold.get(partner, frozenset()) for partner in known.partners))
        lacking = [code for code in required_by(trader, edition) if code not in met]
        open_ = [code for code in lacking if (trader.id, code) not in settled]
        part = values["purchases"] * (100 - min(known.share, 100)) / 100
        found += _offers(trader, open_, len(lacking), part, assumed, ELSEWHERE if known.elsewhere else UNTOLD)
    return [offer for offer in found if offer.value > 0]


def supplies(
    traders: Sequence[Trader],
    sold: Mapping[UUID, frozenset[str]],
    values: Mapping[str, Any],
    assumed: Mapping[UUID, int],
) -> list[Offer]:
    """What each trader could sell to new buyers: `sellable` of a year's sales, in equal parts for each input."""
    found = []
    for trader in traders:
        codes = sorted(sold[trader.id])
        found += _offers(trader, codes, len(codes), values["sellable"], assumed, "")
    return [offer for offer in found if offer.value > 0]


def assumed_sales(traders: Sequence[Trader], values: Mapping[str, Any]) -> dict[UUID, int]:
    """A year's sales, in minor units, for those of whom nobody knows: the median of their chain and currency, where
    fewer than `few` tell theirs that of their currency, and with as few there what the criteria assume.
    """
    told: dict[tuple[str, str], list[int]] = {}
    for trader in traders:
        if trader.sales_minor is not None:
            for group in ("", trader.chain):
                told.setdefault((trader.currency, group), []).append(trader.sales_minor)
    middle = {group: int(median(sales)) for group, sales in told.items() if len(sales) >= values["few"]}

    def of(trader: Trader) -> int:
        wide = middle.get((trader.currency, ""), values["assumed_sales_minor"][trader.currency])
        return int(middle.get((trader.currency, trader.chain), wide))

    return {trader.id: of(trader) for trader in traders if trader.sales_minor is None}


def _offers(
    trader: Trader, codes: Sequence[str], among: int, part: float, assumed: Mapping[UUID, int], why: str
) -> list[Offer]:
    sales = assumed.get(trader.id, 0) if trader.sales_minor is None else trader.sales_minor
    value = int(sales * part / max(among, 1))
    return [Offer(trader, code, value, trader.sales_minor is None, why) for code in codes]

"""The value chains of a place as an analysis: who stands at each link, what holds it back, what is bought outside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sqlalchemy.orm import Session

from services.territory.queries.choropleths import Speak
from services.territory.queries.criteria import Criteria, judging
from services.territory.queries.inventory import Known, known
from services.territory.queries.views import Selection
from services.territory.rules.access import sees_levels
from services.territory.rules.analysis.cells import UNKNOWN, Bools, Ints, added
from services.territory.rules.analysis.chain_map import (
    NO_REFERENCE,
    ChainMap,
    Inventory,
    Limits,
    Presence,
    map_chains,
    needed,
)
from services.territory.rules.analysis.enough import levels_of_enough, of_enough
from services.territory.rules.analysis.leakage import Leakage, leaking
from services.territory.rules.chains import ABSENT, MISSING, PRESENT
from services.territory.rules.comparison import comparable
from services.territory.rules.link_diagrams import Line, Node, draw_chain, draw_chains
from services.territory.rules.templates import Supply
from shared.events.vocabulary import CHAINS, LINKS, SUBJECTS
from shared.identity import Caller
from shared.kernel import CURRENCIES, Money

KIND = "chain_map"
FLOW = [LINKS.index(link) for link in ("inputs", "production", "processing", "marketing")]
"""The links that goods pass, in order."""
HERE, AROUND = 0, 1


@dataclass(frozen=True)
class Analysed:
    """The chains of a place, compared with the country around it (with the countries, where it lies in several).
    `comparable`: of which chains [C] the caller may be told what is usual there; `least`: of how many enterprises of a
    municipality she is told levels, sales and purchases, None: of every one.
    """

    known: Known
    here: Bools
    found: ChainMap
    leakage: Leakage
    criteria: Criteria
    comparable: Bools
    least: int | None

    @property
    def enterprises(self) -> int:
        return int(self.here.sum())


def analysed(session: Session, caller: Caller, selection: Selection) -> Analysed:
    """The chains of the place that is selected, of this moment, as the caller may be told them."""
    told = known(session, selection.units)
    here = told.within(selection.units)
    criteria = judging(session, KIND, selection.units)
    comparison = judging(session, "comparison", tuple(dict.fromkeys(unit[:2] for unit in selection.units)))
    least = None if sees_levels(caller.roles) else max(criteria.values["few"], comparison.values["few"])
    may_compare = _comparable(told, caller, comparison)
    if least is not None:
        told = _of_enough(told, least)
    return Analysed(
        told,
        here,
        mapped(told, np.where(here, HERE, AROUND), criteria),
        _leakage(told, here, told.inside(selection.units)),
        criteria,
        may_compare,
        least,
    )


def _comparable(told: Known, caller: Caller, comparison: Criteria) -> Bools:
    """Of which chains she may be told what is usual in the country: judged by what lies outside of all her territory,
    by enterprises and women alike.
    """
    limits, shape = comparison.values, (len(told.units), len(CHAINS))
    hers = np.array([caller.scope.covers(unit) for unit in told.units], dtype=bool)
    outside = [unit[:4] for unit, own in zip(told.units, hers.tolist(), strict=True) if not own]
    cell = told.told.unit * shape[1] + told.told.chain
    may = [
        comparable(
            added(cell, shape[0] * shape[1], count).reshape(shape)[~hers],
            outside,
            few=limits["few"],
            least=limits["departments"],
        )
        for count in (None, told.told.jobs_women)
    ]
    return may[0] & may[1]


def _of_enough(told: Known, few: int) -> Known:
    """The same with levels, sales and purchases only where `few` of a chain in a municipality, at the same links, tell
    theirs: whatever places are asked for, what is told of them gives nothing of fewer by subtraction.
    """
    rows, trades = told.told, told.trades
    cell = rows.unit * len(CHAINS) + rows.chain
    group = rows.at @ (1 << np.arange(len(LINKS)))
    alike = (cell * (1 << len(LINKS)) + group) * len(CURRENCIES) + rows.currency
    sold = of_enough(alike, rows.sales_low != UNKNOWN, few=few)
    buying = np.zeros(len(told), dtype=bool)
    buying[trades.row[trades.supplies & (trades.share > 0) & (trades.unit != UNKNOWN)]] = True
    shown = replace(
        rows,
        levels=levels_of_enough(cell, rows.levels, few=few, groups=group),
        sales_low=np.where(sold, rows.sales_low, UNKNOWN),
        sales_high=np.where(sold, rows.sales_high, UNKNOWN),
    )
    kept = of_enough(cell, buying, few=few)[trades.row]
    return replace(told, told=shown, trades=replace(trades, supplies=trades.supplies & kept))


def mapped(told: Known, group: Ints, criteria: Criteria, country: ArrayLike = (0, 0)) -> ChainMap:
    """The chains of groups of rows (numbered from 0; `country` of each: what it is compared with)."""
    inventory = Inventory(group.astype(np.int64), *(getattr(told.told, name) for name in Inventory.__slots__[1:]))
    needs = needed(told.edition.chains, CHAINS, LINKS)
    limits = Limits(**criteria.values)
    return map_chains(inventory, needs, country, currencies=len(CURRENCIES), flow=FLOW, limits=limits)


def chain_rows(analysis: Analysed, speak: Speak, language: str, chain: str | None = None) -> list[dict[str, Any]]:
    """A row for every chain with an enterprise there (or for the one that is named), the most women first."""
    told, totals = analysis.known, analysis.found.totals
    present = [c for c in range(len(CHAINS)) if totals.firms[HERE, c] and chain in {None, CHAINS[c]}]
    by_class = _of_class(told, analysis.here)
    sold = _selling(analysis, [*told.edition.inputs.values(), *told.edition.services.values()])
    rows = [_chain(analysis, c, by_class[c], sold, speak, language) for c in present]
    return sorted(rows, key=lambda row: (-row["jobs_women"], row["chain"]))


def _chain(
    analysis: Analysed, c: int, by_class: tuple[int, int], sold: dict[str, int], speak: Speak, language: str
) -> dict[str, Any]:
    found, template = analysis.found, analysis.known.edition.chains[CHAINS[c]]
    return {
        "chain": template.code,
        "name": template.names[language],
        **_presence(found.totals, HERE, c),
        "unlinked": int(found.unlinked[HERE, c]),
        "chain_of_class": by_class[0],
        "links_of_class": by_class[1],
        "completeness": _number(found.completeness[HERE, c]),
        "weighted_completeness": _number(found.weighted[HERE, c], 2) if analysis.comparable[c] else None,
        "judgement": str(found.bottlenecks.why[HERE, c]),
        "links": [_link(analysis, c, at, sold, speak, language) for at in range(len(LINKS))],
        "services": [_supply(analysis.known.edition.services[code], sold, language) for code in template.services],
        "leakage": _leaks(analysis, c),
    }


def _link(analysis: Analysed, c: int, at: int, sold: dict[str, int], speak: Speak, language: str) -> dict[str, Any]:
    found, link = analysis.found, LINKS[at]
    template = analysis.known.edition.chains[CHAINS[c]]
    state = MISSING if found.missing[HERE, c, at] else PRESENT if found.links.firms[HERE, c, at] else ABSENT
    inputs = [_supply(analysis.known.edition.inputs[code], sold, language) for code in template.requires.get(link, ())]
    row = {
        "link": link,
        "needed": link in template.needs,
        "state": state,
        "examples": template.links[link][language],
        **_presence(found.links, HERE, c, at),
        "balance": _balance(analysis, c, at),
        "bottleneck": bool(found.bottlenecks.link[HERE, c] == at),
        "sure": bool(found.bottlenecks.link[HERE, c] == at and found.bottlenecks.sure[HERE, c]),
        "narrow": bool(found.bottlenecks.narrow[HERE, c, at]),
        "levels": [_level(analysis, c, at, subject) for subject in range(len(SUBJECTS))],
        "inputs": inputs,
    }
    return row | {"reasons": list(_reasons(row, speak))}


def _balance(analysis: Analysed, c: int, at: int) -> float | None:
    """With one decimal, and not where the country would be told of too few."""
    told = analysis.found.bottlenecks
    if not analysis.comparable[c] or told.why[HERE, c] == NO_REFERENCE:
        return None
    return _number(told.balance[HERE, c, at], 1)


def _reasons(row: dict[str, Any], speak: Speak) -> Iterator[str]:
    """Why somebody should look at this link, in words."""
    link = speak(f"link.{row['link']}")
    if row["state"] == MISSING:
        yield speak("chain_map.missing", link=link, examples=row["examples"])
    if row["bottleneck"]:
        code = "chain_map.bottleneck" if row["sure"] else "chain_map.bottleneck_unsure"
        if row["balance"] is None:
            yield speak(f"{code}_untold", link=link)
        else:
            yield speak(code, link=link, percent=round(100 * row["balance"]))
    if row["narrow"]:
        yield speak("chain_map.narrow", link=link, number=row["enterprises"])
    lacking = [one["name"] for one in row["inputs"] if not one["sellers"]]
    if row["state"] == PRESENT and lacking:
        yield speak("chain_map.bought_outside", link=link, items=", ".join(lacking))


def _presence(grid: Presence, *cell: int) -> dict[str, Any]:
    return {
        "enterprises": int(grid.firms[cell]),
        "jobs_women": int(grid.jobs_women[cell]),
        "jobs_men": int(grid.jobs_men[cell]),
        "women_share": _number(grid.women_share[cell]),
        "sales": [_sales(grid, cell, k) for k in range(len(CURRENCIES)) if grid.sales.known[(*cell, k)]],
    }


def _sales(grid: Presence, cell: tuple[int, ...], k: int) -> dict[str, Any]:
    """Sales of a year; `middle` and `high` are not known where a band is open above."""
    at, open_above = (*cell, k), int(grid.sales.open[(*cell, k)])
    low, high = int(grid.sales.low[at]), int(grid.sales.high[at])
    return {
        "low": Money(low, CURRENCIES[k]),
        "middle": None if open_above else Money((low + high) // 2, CURRENCIES[k]),
        "high": None if open_above else Money(high, CURRENCIES[k]),
        "known": int(grid.sales.known[at]),
        "open": open_above,
    }


def _level(analysis: Analysed, c: int, at: int, subject: int) -> dict[str, Any]:
    means, cell = analysis.found.levels, (HERE, c, at, subject)
    return {
        "subject": SUBJECTS[subject],
        **{name: _number(getattr(means, name)[cell]) for name in ("mean", "low", "high")},
        "known": int(means.n[cell]),
        "coverage": _number(means.coverage[cell]),
        "few": bool(means.few[cell]),
    }


def _supply(supply: Supply, sold: dict[str, int], language: str) -> dict[str, Any]:
    return {"code": supply.code, "name": supply.names[language], "sellers": sold[supply.code]}


def _selling(analysis: Analysed, supplies: Sequence[Supply]) -> dict[str, int]:
    return {one.code: int((analysis.known.selling(one) & analysis.here).sum()) for one in supplies}


def _of_class(told: Known, here: Bools) -> list[tuple[int, int]]:
    """By chain, how many stand in it, and at its links, because the class of their activity says so."""
    counts = [added(told.told.chain[here & by], len(CHAINS)) for by in (told.chain_of_class, told.links_of_class)]
    return list(zip(*(count.tolist() for count in counts), strict=True))


def _leakage(told: Known, here: Bools, inner: Bools) -> Leakage:
    """By chain, what the enterprises here buy outside of the place: the units here are one, all others are outside."""
    rows, trades = np.flatnonzero(here), told.trades
    number = np.full(len(told), -1, dtype=np.int64)
    number[rows] = np.arange(len(rows))
    bought = trades.supplies & here[trades.row]
    unit = trades.unit[bought]
    seller = np.where(unit < 0, unit, np.where(inner[np.maximum(unit, 0)], HERE, AROUND))
    home = np.full(len(rows), HERE, dtype=np.int64)
    return leaking(told.told.chain[rows], len(CHAINS), home, number[trades.row[bought]], seller, trades.share[bought])


def _leaks(analysis: Analysed, c: int) -> dict[str, Any]:
    leakage = analysis.leakage
    withheld = analysis.least is not None and not leakage.n[c]
    return {
        "enterprises": int(leakage.of[c]),
        "known": int(leakage.n[c]),
        **{
            name: None if withheld else _number(getattr(leakage, name)[c])
            for name in ("share", "coverage", "least", "most")
        },
    }


def _number(value: Any, decimals: int | None = None) -> float | None:
    if np.isnan(value):
        return None
    return float(value) if decimals is None else round(float(value), decimals)


def drawing_of(row: dict[str, Any], title: str, speak: Speak) -> str:
    """One chain from link to link: an SVG with the figures of its table."""
    nodes = {one["link"]: _node(one, speak) for one in row["links"]}
    flow = [LINKS[at] for at in FLOW]
    beside = [node for link, node in nodes.items() if link not in flow]
    about = speak("chain_map.drawing_about")
    return draw_chain(f"chain-{row['chain']}", f"{row['name']}: {title}", about, [nodes[link] for link in flow], beside)


def drawing_of_all(rows: Sequence[dict[str, Any]], title: str, speak: Speak) -> str:
    """All chains, link by link; empty without any."""
    if not rows:
        return ""
    lines = [Line(row["name"], [_node(one, speak) for one in row["links"]]) for row in rows]
    links = [speak(f"link.{link}") for link in LINKS]
    return draw_chains("chains", speak("chain_map.drawing", place=title), speak("chain_map.all_about"), links, lines)


def _node(link: dict[str, Any], speak: Speak) -> Node:
    women, enterprises = link["jobs_women"], link["enterprises"]
    told = speak("chain_map.women_in", women=women, enterprises=enterprises)
    if not enterprises:
        told = speak("chain_map.lacking") if link["state"] == MISSING else speak("chain_map.nobody")
    elif link["bottleneck"]:
        told = speak("chain_map.held_back", told=told)
    return Node(speak(f"link.{link['link']}"), told, link["state"], women, link["bottleneck"])

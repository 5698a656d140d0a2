"""Whom credit and training do not reach yet of those who could use them, by chain and place."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from services.territory.queries import criteria
from services.territory.queries.analyses.analysis import Analysis, Row, Table, Words, named, plain, written
from services.territory.queries.inventory import Known, known
from services.territory.queries.served import TOPICS, Served, served
from services.territory.queries.views import Selection
from services.territory.rules.access import sees_levels
from services.territory.rules.analysis.cells import UNKNOWN, Bools, Ints
from services.territory.rules.analysis.gaps import CreditGap, Reach, credit_gap, training_gap
from shared.events.vocabulary import CHAINS, NEEDS, SUBJECTS
from shared.identity import Caller
from shared.kernel import CURRENCIES

REACHED = {
    "here": "count", "asked": "count", "could_use": "count", "reached": "count", "left": "count",
    "penetration": "percent", "low_share": "percent", "high_share": "percent", "flag": "text",
}  # fmt: skip
CREDIT = {"chain": "text", "granted": "count", **REACHED, "besides": "count"}
TRAINING = {"chain": "text", "topic": "text", **REACHED}
MONEY = {
    "chain": "text", "currency": "text", "could_use": "count", "told_wanted": "count", "wanted": "number",
    "estimate": "number", "approved": "number", "disbursed": "number", "left_money": "number", "flag": "text",
}  # fmt: skip
CELLS = {
    "place": "text", "chain": "text", "here": "count", "could_use": "count", "reached": "count", "left": "count",
    **{f"left_{topic}": "count" for topic in TOPICS}, "flag": "text",
}  # fmt: skip
_SUBJECT = {"formalization": "certifications"}
"""The subject of a profile that tells a topic's weakness; each of the others has its own name."""
_CENTS = 100


@dataclass(frozen=True)
class _Found:
    """By unit and chain (cell = unit · chains + chain): credit, and training [cells, TOPICS]."""

    credit: CreditGap
    training: Reach


@dataclass(frozen=True)
class _Telling:
    """What may be told: of fewer than `few` who could use something nothing, but to who may open profiles."""

    few: int
    open: bool

    def tells(self, number: int) -> bool:
        return self.open or number >= self.few


def unmet(session: Session, caller: Caller, selection: Selection, asked: Mapping[str, Any], words: Words) -> Analysis:
    """Who could use credit (says so, is weak in it, or applied) and training in each topic (says so, or is weak in it),
    whom it reached, and who is left, by chain and by place; of credit the money that is left, too.
    """
    judged = criteria.judging(session, "unmet", selection.units)
    everything = known(session, selection.units)
    rows, chain = everything.within(selection.units), asked.get("chain")
    if chain:
        rows = rows & (everything.told.chain == CHAINS.index(chain))
    telling = _Telling(judged.values["few"], sees_levels(caller.roles))
    reached = served(session, everything)
    whole = _found(everything, rows, reached, np.zeros(len(everything), dtype=np.int64), 1, judged)
    cells = _found(everything, rows, reached, _unit(everything, selection), len(selection.shown), judged)
    tables = [
        Table("credit", CREDIT, _credit(whole, telling, words)),
        Table("money", MONEY, _money(whole, telling, words)),
        Table("training", TRAINING, _training(whole, telling, words)),
        Table("cells", CELLS, _cells(cells, selection, telling, words)),
    ]
    n, asked_of = int(rows.sum()), int(whole.credit.disbursed.known.sum())
    return Analysis(
        "unmet", _answer(whole, n, selection, telling, words), tables,
        n=n, coverage=asked_of / n if n else None, criteria=judged,
        notes=[words("unmet.note_who", level=judged.values["weakness_to"]), words("unmet.note_money")]
        + ([] if telling.open else [words("potential.note_few", few=judged.values["few"])]),
        values=_values(cells, selection, telling) if n else {},
        shows=words("unmet.shows"),
    )  # fmt: skip


def _found(
    everything: Known, rows: Bools, reached: Served, unit: Ints, units: int, judged: criteria.Criteria
) -> _Found:
    few, told = judged.values["few"], everything.told
    cell = unit[rows] * len(CHAINS) + told.chain[rows]
    count = units * len(CHAINS)
    needs, levels = reached.needs[rows], told.levels[rows]
    says = needs.any(axis=1)

    def weak(need: str) -> tuple[Bools, Bools]:
        """Whether it is known that she could use it, and whether she could."""
        level = levels[:, SUBJECTS.index(_SUBJECT.get(need, need))]
        low = (level != UNKNOWN) & (level <= judged.values["weakness_to"])
        return says | (level != UNKNOWN), needs[:, NEEDS.index(need)] | low

    asked, needing = weak("credit")
    applied = reached.applied[rows]
    credit = credit_gap(
        cell, count, asked | applied, needing | applied, reached.asked[rows], reached.approved[rows],
        reached.disbursed[rows], reached.currency[rows], currencies=len(CURRENCIES),
        pool=np.arange(count) % len(CHAINS) if units > 1 else np.zeros(count, dtype=np.int64), few=few,
    )  # fmt: skip
    topics = [weak(topic) for topic in TOPICS]
    told_of, could = (np.column_stack([one[side] for one in topics]) for side in (0, 1))
    return _Found(credit, training_gap(cell, count, told_of, could, reached.trained[rows], few=few))


def _unit(everything: Known, selection: Selection) -> Ints:
    """The place of each enterprise among the units shown; 0 where it is in none."""
    shown = {code: number for number, code in enumerate(selection.shown)}
    of = [shown.get(selection.unit_of(code), 0) for code in everything.units]
    return np.array(of, dtype=np.int64)[everything.told.unit]


def _reach(found: Reach, at: Any, telling: _Telling, words: Words) -> Row:
    """What credit or a topic reaches of those who could use it."""
    potential = int(found.potential[at])
    tells = telling.tells(potential)
    counts = {"could_use": found.potential, "reached": found.reached, "left": found.gap, "besides": found.beyond}
    shares = {"penetration": found.penetration, "low_share": found.low, "high_share": found.high}
    return {
        "here": int(found.enterprises[at]),
        "asked": int(found.known[at]),
        "covered": plain(found.coverage[at], 3),
        **{name: int(values[at]) if tells else None for name, values in counts.items()},
        **{name: plain(values[at], 3) if tells else None for name, values in shares.items()},
        "flag": words("flag.few") if found.few[at] else "",
    }


def _chain(number: int, words: Words) -> Row:
    return {"chain": words.chain(CHAINS[number]), "code": CHAINS[number]}


def _credit(found: _Found, telling: _Telling, words: Words) -> list[Row]:
    """By chain, those left by credit first."""
    paid, granted = found.credit.disbursed, found.credit.approved.reached
    rows = []
    for number in np.flatnonzero(paid.enterprises).tolist():
        row = _chain(number, words) | _reach(paid, number, telling, words)
        rows.append(row | {"granted": None if row["could_use"] is None else int(granted[number])})
    return sorted(rows, key=lambda row: (-(row["left"] or 0), row["code"]))


def _money(found: _Found, telling: _Telling, words: Words) -> list[Row]:
    """By chain and currency, in units of the currency."""
    money, rows = found.credit.money, []
    for number, currency in np.argwhere(money.potential).tolist():
        at = (number, currency)
        tells = telling.tells(int(money.potential[at]))
        amounts = {"estimate": money.estimate, "approved": money.approved, "disbursed": money.disbursed,
                   "left_money": money.gap}  # fmt: skip
        rows.append(
            _chain(number, words)
            | {
                "currency": CURRENCIES[currency],
                "could_use": int(money.potential[at]) if tells else None,
                "told_wanted": int(money.told[at]) if tells else None,
                "wanted": _amount(money.wanted[at]) if telling.tells(int(money.told[at])) else None,
                **{name: _amount(values[at]) if tells else None for name, values in amounts.items()},
                "flag": words("unmet.flag_pool") if money.from_pool[at] else "",
            }
        )
    return sorted(rows, key=lambda row: (row["currency"], -(row["left_money"] or 0), row["code"]))


def _amount(minor: Any) -> float | None:
    return None if int(minor) == UNKNOWN else int(minor) / _CENTS


def _training(found: _Found, telling: _Telling, words: Words) -> list[Row]:
    """By chain and topic, those left by training first."""
    rows = [
        _chain(number, words)
        | {"topic": words(f"topic.{topic}"), **_reach(found.training, (number, place), telling, words)}
        for number in np.flatnonzero(found.training.enterprises[:, 0]).tolist()
        for place, topic in enumerate(TOPICS)
    ]
    return sorted(rows, key=lambda row: -(row["left"] or 0))


def _cells(found: _Found, selection: Selection, telling: _Telling, words: Words) -> list[Row]:
    """By place and chain, those left by credit first, then by training."""
    paid, training, rows = found.credit.disbursed, found.training, []
    for cell in np.flatnonzero(paid.enterprises).tolist():
        unit, number = divmod(cell, len(CHAINS))
        topics = {
            f"left_{topic}": int(training.gap[cell, place])
            if telling.tells(int(training.potential[cell, place]))
            else None
            for place, topic in enumerate(TOPICS)
        }
        reached = _reach(paid, cell, telling, words)
        told = {name: reached[name] for name in ("here", "could_use", "reached", "left", "flag")}
        rows.append({"chain": words.chain(CHAINS[number]), **told, **topics, **named(selection.shown[unit])})
    return sorted(rows, key=lambda row: (-(row["left"] or 0), -sum(row[f"left_{topic}"] or 0 for topic in TOPICS)))


def _values(found: _Found, selection: Selection, telling: _Telling) -> dict[str, int | None]:
    """Enterprises that credit does not reach, by unit."""
    shape = (len(selection.shown), len(CHAINS))
    potential, left = (part.reshape(shape).sum(axis=1) for part in
                       (found.credit.disbursed.potential, found.credit.disbursed.gap))  # fmt: skip
    told = zip(selection.shown, potential.tolist(), left.tolist(), strict=True)
    return {unit: gap if telling.tells(could) or not could else None for unit, could, gap in told}


def _answer(found: _Found, n: int, selection: Selection, telling: _Telling, words: Words) -> str:
    if not n:
        return words("empty", place=selection.title)
    paid, training = found.credit.disbursed, found.training
    could, reached = int(paid.potential.sum()), int(paid.reached.sum())
    if not could and not training.potential.any():
        return words("unmet.nobody", place=selection.title, n=n)
    facts: Mapping[str, Any] = {"place": selection.title, "could": could, "reached": reached, "left": could - reached}
    told = words("unmet.credit", **facts) if telling.tells(could) else words("unmet.few", place=selection.title)
    gaps = training.gap.sum(axis=0)
    most = int(np.argmax(gaps))
    of = int(training.potential[:, most].sum())
    if gaps[most] and telling.tells(of):
        told += " " + words("unmet.training", topic=words(f"topic.{TOPICS[most]}"), left=int(gaps[most]), could=of)
    sums = _sums(found) if telling.tells(could) else []
    return f"{told} {words('unmet.money', amounts='; '.join(sums))}" if sums else told


def _sums(found: _Found) -> Sequence[str]:
    """The money that is left, by currency, where all of it is known or estimated."""
    gap = found.credit.money.gap
    known = [number for number in range(len(CURRENCIES)) if (gap[:, number] != UNKNOWN).all()]
    sums = {CURRENCIES[number]: int(gap[:, number].sum()) for number in known}
    return [f"{currency} {written(minor / _CENTS, 0)}" for currency, minor in sums.items() if minor]

"""Which chains can innovate and grow, how sure that is, and what keeps their levels low."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from services.territory.queries import criteria
from services.territory.queries.analyses.analysis import Analysis, Row, Table, Words, named, plain, written
from services.territory.queries.inventory import Known, known
from services.territory.queries.views import Selection
from services.territory.rules.access import sees_levels
from services.territory.rules.analysis.cells import Bools, Ints, added
from services.territory.rules.analysis.enough import levels_of_enough, profiles_of_enough
from services.territory.rules.analysis.potential import Gap, Potential, gap_list
from services.territory.rules.analysis.potential import potential as worked_out
from shared.events.vocabulary import CHAINS, SUBJECTS
from shared.identity import Caller

INDEX = {
    "here": "count", "profiled": "count", "covered": "percent", "index": "number", "low": "number", "high": "number",
}  # fmt: skip
RANKS = {"rank": "count", "rank_low": "count", "rank_high": "count", "sure": "percent"}
LEVELS = {
    "chain": "text", "subject": "text", "mean": "number", "low": "number", "high": "number", "profiled": "count",
    "here": "count", "covered": "percent", "flag": "text",
}  # fmt: skip
GAPS = {
    "chain": "text", "subject": "text", "weak": "count", "women": "count", "profiled": "count", "here": "count",
    "weak_share": "percent", "demand": "text",
}  # fmt: skip
CHAIN = {"chain": "text", **INDEX, **RANKS, "flag": "text"}
CELLS = {"place": "text", "chain": "text", **INDEX, "flag": "text"}
_SURE = 1.96
"""Errors to each side in which 95 of 100 indices lie."""


def potential(
    session: Session, caller: Caller, selection: Selection, asked: Mapping[str, Any], words: Words
) -> Analysis:
    """The index of each chain with its interval and the chances of its rank, by unit too; its levels by subject; and
    the gaps, where levels are low. Who may not open profiles is told levels, indices and gaps of municipalities with
    `few`, and of a larger place what these add up to: so nothing of fewer comes of two answers.
    """
    chain = asked.get("chain")
    judged = criteria.judging(session, "potential", selection.units)
    everything = known(session, selection.units)
    rows = everything.within(selection.units)
    if chain:
        rows = rows & (everything.told.chain == CHAINS.index(chain))
    open_ = sees_levels(caller.roles)
    comparison = criteria.judging(session, "comparison", list(dict.fromkeys(unit[:2] for unit in selection.units)))
    few = max(judged.values["few"], comparison.values["few"])
    levels, profiles = (everything.told.levels,) * 2 if open_ else _of_enough(everything, judged, few)
    nowhere = np.zeros(len(everything), dtype=np.int64)
    whole = _potential(everything, profiles, rows, nowhere, 1, judged)
    cells = _potential(everything, profiles, rows, _unit(everything, selection), len(selection.shown), judged)
    told = whole if open_ else _potential(everything, levels, rows, nowhere, 1, judged)
    chains = _chains(whole, words, open_=open_)
    return Analysis(
        "potential", _answer(chains, selection, words),
        [
            Table("chains", CHAIN, chains),
            Table("cells", CELLS, _cells(cells, selection, words, open_=open_)),
            Table("levels", LEVELS, _levels(told, words, open_=open_)),
            Table("gaps", GAPS, _gaps(everything, rows, judged, words, least=None if open_ else few)),
        ],
        n=int(rows.sum()),
        coverage=float(whole.profiled.sum() / rows.sum()) if rows.any() else None,
        criteria=judged,
        notes=[words("potential.note_weights"), words("potential.note_profiled"), words("note.chains_placed")]
        + ([] if open_ else [words("potential.note_few", few=few)]),
        values=_values(cells, chains, chain, selection, open_=open_),
        shows=words("potential.shows", chain=words.chain(chain or (chains[0]["code"] if chains else CHAINS[0]))),
    )  # fmt: skip


def _of_enough(everything: Known, judged: criteria.Criteria, few: int) -> tuple[Ints, Ints]:
    """The levels of each row that may be told by subject, and those of which an index may be made."""
    told, weights = everything.told, judged.values["weights"]
    cell = told.unit * len(CHAINS) + told.chain
    levels = levels_of_enough(cell, told.levels, few=few)
    return levels, profiles_of_enough(cell, levels, [weights[subject] > 0 for subject in SUBJECTS], few=few)


def _potential(
    everything: Known, levels: Ints, rows: Bools, unit: Ints, units: int, judged: criteria.Criteria
) -> Potential:
    values, told = judged.values, everything.told
    return worked_out(
        unit[rows], told.chain[rows], levels[rows],
        shape=(units, len(CHAINS)), weights=[values["weights"][subject] for subject in SUBJECTS], few=values["few"],
        concentration=values["concentration"], draws=values["draws"], seed=values["seed"],
    )  # fmt: skip


def _unit(everything: Known, selection: Selection) -> Ints:
    """The place of each enterprise among the units shown; 0 where it is in none."""
    shown = {code: number for number, code in enumerate(selection.shown)}
    return np.array([shown.get(selection.unit_of(code), 0) for code in everything.units], dtype=np.int64)[
        everything.told.unit
    ]


def _index(found: Potential, at: tuple[int, int], words: Words, *, open_: bool) -> Row:
    few = bool(found.few[at])
    index, error = (float("nan") if few and not open_ else float(told[at]) for told in (found.index, found.error))
    return {
        "here": int(found.levels.of[at]),
        "profiled": int(found.profiled[at]),
        "covered": plain(found.coverage[at], 3),
        "index": plain(index, 1),
        "low": plain(max(index - _SURE * error, 0), 1) if np.isfinite(index) else None,
        "high": plain(min(index + _SURE * error, 100), 1) if np.isfinite(index) else None,
        "flag": words("flag.few") if few else "",
        "few": few,
    }


def _chains(found: Potential, words: Words, *, open_: bool) -> list[Row]:
    odds, rows = found.odds, []
    for number in np.flatnonzero(found.levels.of[0]).tolist():
        row = {"chain": words.chain(CHAINS[number]), "code": CHAINS[number]}
        row |= _index(found, (0, number), words, open_=open_)
        ranked = row["index"] is not None
        rank, low, high = (int(part[0, number]) if ranked else None for part in (odds.median, odds.low, odds.high))
        sure = plain(odds.chance[0, number, 0], 3) if ranked else None
        rows.append({**row, "rank": rank, "rank_low": low, "rank_high": high, "sure": sure})
    return sorted(rows, key=lambda row: (row["few"], row["index"] is None, -(row["index"] or 0), row["code"]))


def _cells(found: Potential, selection: Selection, words: Words, *, open_: bool) -> list[Row]:
    rows = [
        named(selection.shown[unit])
        | {"chain": words.chain(CHAINS[chain]), **_index(found, (unit, chain), words, open_=open_)}
        for unit, chain in np.argwhere(found.levels.of).tolist()
    ]
    return sorted(rows, key=lambda row: (row["few"], row["index"] is None, -(row["index"] or 0)))


def _levels(found: Potential, words: Words, *, open_: bool) -> list[Row]:
    told, rows = found.levels, []
    for chain in np.flatnonzero(told.of[0]).tolist():
        for number, subject in enumerate(SUBJECTS):
            at = (0, chain, number)
            shown = open_ or not told.few[at]
            rows.append(
                {
                    "chain": words.chain(CHAINS[chain]),
                    "code": CHAINS[chain],
                    "subject": words(f"subject.{subject}"),
                    **{name: plain(getattr(told, name)[at]) if shown else None for name in ("mean", "low", "high")},
                    "profiled": int(told.n[at]),
                    "here": int(told.of[0, chain]),
                    "covered": plain(told.coverage[at], 3),
                    "flag": words("flag.few") if told.few[at] else "",
                }
            )
    return rows


def _gaps(everything: Known, rows: Bools, judged: criteria.Criteria, words: Words, *, least: int | None) -> list[Row]:
    """The gaps of the place; with `least`, what those of its municipalities add up to in which so many are weak."""
    nowhere = np.zeros(len(everything), dtype=np.int64)
    unit, units = (nowhere, 1) if least is None else (everything.told.unit, len(everything.units))
    found = gaps_of(everything, rows, unit, units, judged.values["weakness_to"])
    of = added(everything.told.chain[rows], len(CHAINS)).tolist()
    together: dict[tuple[int, int], Gap] = {}
    for gap in found:
        if gap.weak >= (least or 1):
            before = together.get((gap.chain, gap.subject), Gap(0, gap.chain, gap.subject, 0, 0, 0, of[gap.chain]))
            together[gap.chain, gap.subject] = replace(
                before, weak=before.weak + gap.weak, women=before.women + gap.women, known=before.known + gap.known
            )
    return [
        {
            "chain": words.chain(CHAINS[gap.chain]),
            "code": CHAINS[gap.chain],
            "subject": words(f"subject.{SUBJECTS[gap.subject]}"),
            "weak": gap.weak,
            "women": gap.women,
            "profiled": gap.known,
            "here": gap.enterprises,
            "weak_share": plain(gap.share, 3),
            "demand": words("demand.credit" if SUBJECTS[gap.subject] == "credit" else "demand.training"),
        }
        for gap in sorted(together.values(), key=lambda gap: (-gap.women, -gap.weak, gap.chain, gap.subject))
    ]


def gaps_of(everything: Known, rows: Bools, unit: Ints, units: int, weakness_to: int) -> Sequence[Gap]:
    """Where the levels of these rows are low, by unit, chain and subject."""
    told = everything.told
    shape = (units, len(CHAINS))
    columns = (unit[rows], told.chain[rows], told.levels[rows], told.jobs_women[rows])
    return gap_list(*columns, shape=shape, weakness_to=weakness_to)


def _values(
    found: Potential, chains: list[Row], chain: str | None, selection: Selection, *, open_: bool
) -> dict[str, int | None]:
    if not chains:
        return {}
    number = CHAINS.index(chain or chains[0]["code"])
    index = np.where(found.few[:, number] & (not open_), np.nan, found.index[:, number])
    shown = zip(selection.shown, index.tolist(), strict=True)
    return {unit: round(value) if np.isfinite(value) else None for unit, value in shown}


def _answer(rows: list[Row], selection: Selection, words: Words) -> str:
    if not rows:
        return words("empty", place=selection.title)
    best = rows[0]
    if best["index"] is None or best["few"]:
        return words("potential.none", place=selection.title, n=sum(row["profiled"] for row in rows))
    return words(
        "potential.answer", chain=best["chain"], place=selection.title, index=written(best["index"], 0),
        low=written(best["low"], 0), high=written(best["high"], 0), n=best["profiled"],
        sure=written(100 * best["sure"], 0),
    )  # fmt: skip

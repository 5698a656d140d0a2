"""Which value chain to promote: a matrix of weighted criteria, with the evidence of each score and how sure it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from services.territory.queries import criteria
from services.territory.queries.analyses.analysis import Analysis, Row, Table, Words, listed, plain, written
from services.territory.queries.analyses.evidence import Evidence, evidence_of
from services.territory.queries.inventory import Known, known
from services.territory.queries.scores import holding_scores
from services.territory.queries.views import Selection
from services.territory.rules.analysis.cells import Bools, Floats, added
from services.territory.rules.analysis.selection import GROUPS, Criterion, select
from services.territory.rules.analysis.selection import Selection as Matrix
from services.territory.rules.selecting import CANDIDATES, CRITERIA, HIGHEST, score_of, weighted
from shared.events.vocabulary import CHAINS
from shared.identity import Caller

RANKED = {
    "chain": "text", "here": "count", "points": "number", "points_low": "number", "points_high": "number",
    "evident": "percent", "rank": "count", "rank_low": "count", "rank_high": "count", "sure": "percent",
}  # fmt: skip
PARTS = {"chain": "text", **dict.fromkeys(GROUPS, "number"), "behind": "text"}
REASONS = {
    "chain": "text", "group": "text", "criterion": "text", "weight": "percent", "points": "number",
    "evidence": "text", "told_by": "text",
}  # fmt: skip
LACKING = {"criterion": "text", "group": "text", "weight": "percent", "of_chains": "text"}


@dataclass(frozen=True)
class _Judged:
    """The chains in question, numbered as `CHAINS`; what each has by data and by people; the matrix of it."""

    chains: Sequence[int]
    weights: Sequence[Criterion]
    found: Matrix
    scores: Floats
    evidence: Evidence
    people: Mapping[tuple[str, str], Mapping[str, Any]]
    measured: Bools


def selection(
    session: Session, caller: Caller, selected: Selection, asked: Mapping[str, Any], words: Words
) -> Analysis:
    """The chains that are there by their weighted score from 0 to 4, with the chances of their ranks; every score with
    its evidence (of one chain, where one is asked for); and what nobody has scored yet. Data go before people: a
    person's score stands where data say nothing. Without all of the evidence a chain has limits and no rank.
    """
    judged = criteria.judging(session, "selection", selected.units)
    everything = known(session, selected.units)
    rows = everything.within(selected.units)
    here = added(everything.told.chain[rows], len(CHAINS))
    matrix = _matrix(session, caller, selected, judged, everything)
    ranked, chain = _ranked(matrix, here.tolist(), words), asked.get("chain")
    return Analysis(
        "selection", _answer(ranked, matrix, selected, words),
        [
            Table("chains", RANKED, ranked),
            Table("parts", PARTS, ranked),
            Table("evidence", REASONS, [row for row in _reasons(matrix, words) if chain in {None, row["code"]}]),
            Table("lacking", LACKING, _lacking(matrix, words)),
        ],
        n=int(rows.sum()),
        coverage=None,
        criteria=judged,
        notes=[words("selection.note_scores"), words("selection.note_steps", few=judged.values["few"]),
               words("selection.note_missing")],
        values=_values(everything, rows, selected, chain or (ranked[0]["code"] if ranked else None)),
        shows=words("selection.shows", chain=words.chain(chain or (ranked[0]["code"] if ranked else CHAINS[0]))),
    )  # fmt: skip


def _matrix(
    session: Session, caller: Caller, selected: Selection, judged: criteria.Criteria, everything: Known
) -> _Judged:
    values, weights = judged.values, weighted(judged.values["weights"])
    evidence = evidence_of(session, caller, selected, everything, judged)
    people = holding_scores(session, selected.units)
    chains = [number for number in np.flatnonzero(evidence.here).tolist() if CHAINS[number] in CANDIDATES]
    scores = np.full((len(chains), len(CRITERIA)), np.nan)
    for column, code in enumerate(CRITERIA):
        if code in evidence.values:
            scores[:, column] = score_of(evidence.values[code][chains], values["steps"][code])
    measured = np.isfinite(scores)
    for line, number in enumerate(chains):
        for column, code in enumerate(CRITERIA):
            told = people.get((CHAINS[number], code))
            if told and not measured[line, column]:
                scores[line, column] = told["score"]
    doubt = np.where(measured, values["doubt_measured"], values["doubt_scored"])
    found = select(
        weights, scores, np.isfinite(scores), doubt, scale=(0, HIGHEST),
        concentration=values["concentration"], draws=values["draws"], seed=values["seed"],
    )  # fmt: skip
    return _Judged(chains, weights, found, scores, evidence, people, measured)


def _ranked(matrix: _Judged, here: Sequence[int], words: Words) -> list[Row]:
    """Those with a rank first; the others by the least that they can have."""
    found, rows = matrix.found, []
    for line, number in enumerate(matrix.chains):
        ranked = bool(np.isfinite(found.score[line]))
        odds = (int(part[0, line]) if ranked else None for part in (found.odds.median, found.odds.low, found.odds.high))
        ahead = [
            words.chain(CHAINS[matrix.chains[other]]) for other in np.flatnonzero(found.dominates[:, line]).tolist()
        ]
        rows.append(
            {
                "chain": words.chain(CHAINS[number]),
                "code": CHAINS[number],
                "here": here[number],
                "points": plain(found.score[line]),
                "points_low": plain(found.least[line]),
                "points_high": plain(found.most[line]),
                **{group: plain(found.by_group[line, place]) for place, group in enumerate(GROUPS)},
                "evident": plain(found.coverage[line], 3),
                **dict(zip(("rank", "rank_low", "rank_high"), odds, strict=True)),
                "sure": plain(found.odds.chance[0, line, 0], 3) if ranked else None,
                "behind": ", ".join(ahead),
            }
        )
    return sorted(rows, key=lambda row: (row["points"] is None, -(row["points"] or row["points_low"]), row["code"]))


def _reasons(matrix: _Judged, words: Words) -> list[Row]:
    """Every score that there is, with what says so."""
    total, rows = sum(one.weight for one in matrix.weights), []
    for line, number in enumerate(matrix.chains):
        for column, criterion in enumerate(matrix.weights):
            if not np.isfinite(matrix.scores[line, column]):
                continue
            told = matrix.people.get((CHAINS[number], criterion.code))
            if matrix.measured[line, column]:
                why, who = matrix.evidence.said(criterion.code, number, words), words("selection.data")
            else:
                why, who = (told["evidence"], told["scored_by_name"]) if told else ("", "")
            rows.append(
                {
                    "chain": words.chain(CHAINS[number]),
                    "code": CHAINS[number],
                    "group": words(f"group.{criterion.group}"),
                    "criterion": words(f"criterion.{criterion.code}"),
                    "weight": plain(criterion.weight / total, 3),
                    "points": plain(matrix.scores[line, column], 0),
                    "evidence": why,
                    "told_by": who,
                }
            )
    return rows


def _lacking(matrix: _Judged, words: Words) -> list[Row]:
    """The criteria with a weight that somebody has to score, and for which chains; the heaviest first."""
    total, rows = sum(one.weight for one in matrix.weights), []
    for column, criterion in enumerate(matrix.weights):
        missing = [
            words.chain(CHAINS[number])
            for line, number in enumerate(matrix.chains)
            if criterion.weight and not np.isfinite(matrix.scores[line, column])
        ]
        if missing:
            rows.append(
                {
                    "criterion": words(f"criterion.{criterion.code}"),
                    "group": words(f"group.{criterion.group}"),
                    "weight": plain(criterion.weight / total, 3),
                    "of_chains": ", ".join(missing),
                }
            )
    return sorted(rows, key=lambda row: -(row["weight"] or 0))


def _answer(ranked: Sequence[Row], matrix: _Judged, selected: Selection, words: Words) -> str:
    if not ranked:
        return words("empty", place=selected.title)
    first = ranked[0]
    if first["points"] is None:
        certain = [row for row in ranked if all(row["points_low"] > other["points_high"] for other in ranked
                                                if other is not row)]  # fmt: skip
        missing = int((matrix.found.missing & np.array([one.weight > 0 for one in matrix.weights])).sum())
        facts = {"place": selected.title, "missing": missing}
        if certain and len(ranked) > 1:
            return words("selection.certain", chain=certain[0]["chain"], **facts)
        best = sorted(ranked, key=lambda row: -row["points_high"])[:3]
        return words("selection.unranked", chains=listed([row["chain"] for row in best], words), **facts)
    facts = {name: written(first[name]) for name in ("points", "points_low", "points_high")}
    of = sum(row["points"] is not None for row in ranked)
    told = words(
        "selection.answer", chain=first["chain"], place=selected.title, points=facts["points"], chains=of,
        sure=written(100 * first["sure"], 0),
    )  # fmt: skip
    return told if of == len(ranked) else f"{told} {words('selection.others', number=len(ranked) - of)}"


def _values(everything: Known, rows: Bools, selected: Selection, chain: str | None) -> dict[str, int | None]:
    """Women at work in the chain, by unit."""
    if chain is None:
        return {}
    told = everything.told
    own = rows & (told.chain == CHAINS.index(chain))
    women = added(told.unit[own], len(everything.units), told.jobs_women[own])
    counted = dict(zip(everything.units, women.tolist(), strict=True))
    sums: dict[str, int | None] = dict.fromkeys(selected.shown, 0)
    for municipality in selected.municipalities:
        unit = selected.unit_of(municipality)
        sums[unit] = (sums[unit] or 0) + counted[municipality]
    return sums

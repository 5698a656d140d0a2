"""How good the data of a territory are, and which records to visit first."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.territory.models import CopyEnterprise, CopyLink, CopyMarket, CopyNeed, CopyProfile, CopyTrade
from services.territory.queries import criteria
from services.territory.queries.analyses.analysis import Analysis, Row, Table, Words, named, plain, written
from services.territory.queries.figures import inside
from services.territory.queries.views import Selection
from services.territory.rules.access import TECHNICAL_TEAM
from services.territory.rules.analysis.cells import UNKNOWN
from services.territory.rules.analysis.quality import ASPECTS, Quality, Records, data_quality
from shared.events.vocabulary import CHAINS
from shared.identity import Caller
from shared.kernel import clock

_E = CopyEnterprise
_PARTS: Mapping[str, Any] = {"links": CopyLink, "needs": CopyNeed, "markets": CopyMarket, "trade": CopyTrade}
FIELDS = (*_PARTS, "sales", "started")
SHARES = {
    "here": "count", "score": "number", **dict.fromkeys(ASPECTS, "percent"), "median_m": "number",
    "median_months": "number", "stale": "count", "flag": "text",
}  # fmt: skip
ABSENT = {"part": "text", "lacking": "percent"}
VISITS = {"record": "text", "place": "text", "chain": "text", "lacks": "text", "months": "count"}


def quality(session: Session, caller: Caller, selection: Selection, asked: Mapping[str, Any], words: Words) -> Analysis:
    """By unit and by chain: how many are located, profiled, validated, precise, recent, filled in and without
    contradiction, and a score of it; for the technical team the records that lack the most, to be visited first.
    """
    judged = criteria.judging(session, "quality", selection.units)
    found = _rows(session, selection, asked.get("chain"))
    records = _records(found)
    unit = _numbers([selection.unit_of(row.municipality) for row in found], selection.shown)
    chain = _numbers([row.chain for row in found], CHAINS)
    none = np.zeros(len(found), dtype=np.int64)
    whole = _judged(none, 1, records, judged)
    units, chains = (
        _judged(cell, len(names), records, judged) for cell, names in ((unit, selection.shown), (chain, CHAINS))
    )
    places = [named(code) for code in selection.shown]
    named_chains = [{"chain": words.chain(code), "code": code} for code in CHAINS]
    visits = _visits(found, records, judged, words) if caller.has(*TECHNICAL_TEAM) else []
    return Analysis(
        "quality", _answer(whole, visits, selection, words),
        [
            Table("units", {"place": "text", **SHARES}, _shares(units, places, words)),
            Table("chains", {"chain": "text", **SHARES}, _shares(chains, named_chains, words)),
            Table("absent", ABSENT, _absent(whole, words)),
            Table("visits", VISITS, visits),
        ],
        n=len(found), coverage=None, criteria=judged,
        notes=[
            words("quality.note_precise", metres=judged.values["precise_m"]),
            words("quality.note_recent", months=judged.values["stale_after_months"]),
        ],
        values={code: round(score) if np.isfinite(score) else None
                for code, score in zip(selection.shown, units.score.tolist(), strict=True)} if found else {},
        shows=words("quality.shows"),
    )  # fmt: skip


def _rows(session: Session, selection: Selection, chain: str | None) -> Sequence[Any]:
    columns = (_E.id, _E.municipality, _E.chain, _E.place_state, _E.lon, _E.accuracy_m, _E.validation, _E.recorded_on,
               _E.sales_low_minor, _E.started_year, CopyProfile.assessed_on)  # fmt: skip
    told = (exists().where(table.enterprise_id == _E.id).label(name) for name, table in _PARTS.items())
    statement = select(*columns, *told).outerjoin(CopyProfile, CopyProfile.enterprise_id == _E.id)
    statement = statement.where(_E.counted, inside(_E.municipality, selection.units))
    if chain:
        statement = statement.where(_E.chain == chain)
    known = set(selection.municipalities)
    return [row for row in session.execute(statement.order_by(_E.id)) if row.municipality in known]


def _records(found: Sequence[Any]) -> Records:
    today = clock.today()
    present = [[*(getattr(row, name) for name in _PARTS), row.sales_low_minor is not None, row.started_year is not None]
               for row in found]  # fmt: skip
    return Records(
        np.array([row.lon is not None for row in found], dtype=bool),
        np.array([row.assessed_on is not None for row in found], dtype=bool),
        np.array([row.validation in ("verified", "validated") for row in found], dtype=bool),
        np.array([_accuracy(row) for row in found], dtype=float),
        np.array([_months(row, today) for row in found], dtype=np.int64),
        np.array(present, dtype=bool).reshape(len(found), len(FIELDS)),
        np.array([row.place_state == "contradicted" for row in found], dtype=bool),
    )


def _accuracy(row: Any) -> float:
    return float(UNKNOWN) if row.lon is None or row.accuracy_m is None else float(row.accuracy_m)


def _months(row: Any, today: date) -> int:
    """Whole months since somebody saw it last."""
    seen = max(day for day in (row.recorded_on, row.assessed_on) if day is not None)
    months = (today.year - seen.year) * 12 + today.month - seen.month - (today.day < seen.day)
    return max(int(months), 0)


def _numbers(codes: Sequence[str], names: Sequence[str]) -> Any:
    place = {name: number for number, name in enumerate(names)}
    return np.array([place[code] for code in codes], dtype=np.int64)


def _judged(cell: Any, cells: int, records: Records, judged: criteria.Criteria) -> Quality:
    values = judged.values
    weights = [values["weights"][aspect] for aspect in ASPECTS]
    limits = {name: values[name] for name in ("precise_m", "stale_after_months", "few")}
    return data_quality(cell, cells, records, weights=weights, **limits)


def _shares(found: Quality, names: Sequence[Row], words: Words) -> list[Row]:
    """The worst first."""
    rows = [
        names[number]
        | {
            "here": int(found.n[number]),
            "score": plain(found.score[number], 0),
            **{aspect: plain(found.aspects[number, place], 3) for place, aspect in enumerate(ASPECTS)},
            "median_m": plain(found.median_m[number], 1),
            "median_months": plain(found.median_months[number], 1),
            "stale": int(found.stale[number]),
            "flag": words("flag.few") if found.few[number] else "",
        }
        for number in np.flatnonzero(found.n).tolist()
    ]
    return sorted(rows, key=lambda row: (row["score"], row["code"]))


def _absent(found: Quality, words: Words) -> list[Row]:
    shares = zip(FIELDS, found.absent[0].tolist(), strict=True)
    rows = [{"part": words(f"part.{name}"), "lacking": plain(share, 3)} for name, share in shares]
    return sorted(rows, key=lambda row: -(row["lacking"] or 0)) if found.n[0] else []


def _visits(found: Sequence[Any], records: Records, judged: criteria.Criteria, words: Words) -> list[Row]:
    """The records that lack the most; of these the oldest first."""
    rows = []
    for number, row in enumerate(found):
        lacks = _lacks(records, number, judged.values)
        if lacks:
            told = {"record": str(row.id)[-6:], "code": str(row.id), "chain": words.chain(row.chain)}
            rows.append(
                {
                    **named(row.municipality),
                    **told,
                    "lacks": ", ".join(words(f"lacks.{code}") for code in lacks),
                    "months": int(records.months[number]),
                    "much": len(lacks),
                }
            )
    return sorted(rows, key=lambda row: (-row["much"], -row["months"], row["code"]))[: judged.values["visits"]]


def _lacks(told: Records, row: int, limits: Mapping[str, Any]) -> list[str]:
    known = {
        "contradicted": told.contradicted[row],
        "located": not told.located[row],
        "precise": told.located[row] and not 0 <= told.accuracy_m[row] <= limits["precise_m"],
        "validated": not told.validated[row],
        "profiled": not told.profiled[row],
        "recent": told.months[row] > limits["stale_after_months"],
        "filled": not told.present[row].all(),
    }
    return [code for code, lacking in known.items() if lacking]


def _answer(found: Quality, visits: Sequence[Row], selection: Selection, words: Words) -> str:
    if not found.n[0]:
        return words("empty", place=selection.title)
    facts = {"place": selection.title, "n": int(found.n[0]), "score": written(found.score[0], 0)}
    worst = ASPECTS[int(np.nanargmin(found.aspects[0]))]
    share = written(100 * float(np.nanmin(found.aspects[0])), 0)
    told = words("quality.answer", **facts, aspect=words(f"aspect.{worst}"), share=share)
    return f"{told} {words('quality.visit')}" if visits else told

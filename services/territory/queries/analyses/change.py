"""What a change between two days is made of: shift-share by chain and by unit."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from services.territory.queries import criteria
from services.territory.queries.analyses.analysis import Analysis, Row, Table, Words, named, plain
from services.territory.queries.analyses.counts import cells, known_start, recorded_until, started_until
from services.territory.queries.views import Selection
from services.territory.rules.analysis.change import Parts, ShiftShare, shift_share
from shared.events.vocabulary import CHAINS
from shared.identity import Caller
from shared.kernel import Invalid, clock

BY = ("recorded", "started")
"""By the day the inventory took an enterprise in, or by the year in which it began."""
PARTS = ("change", "national", "mix", "competitive")
COLUMNS = {"before": "count", "after": "count"} | dict.fromkeys(PARTS, "number") | {"flag": "text"}
OF_CHAIN = {key: kind for key, kind in COLUMNS.items() if key != "competitive"}
"""Over all units what goes beyond a chain adds up to nothing."""


def change(session: Session, caller: Caller, selection: Selection, asked: Mapping[str, Any], words: Words) -> Analysis:
    """The change of the selection's enterprises or women's jobs between two days, by chain and by unit: with the whole
    selection, with the chains it has, and beyond both. The parts add up to the change, of every row and of all.

    Only what is in the inventory today is counted, as it is today. The whole is the selection and never the country:
    of days that a reader chooses, one told after the other, the few of a day in between could be subtracted. Refuses a
    last day before the first or after today.
    """
    del caller
    since, until = _days(asked)
    by, measure = asked["by"], asked["measure"]
    until_day = recorded_until if by == "recorded" else _started
    before, after = (
        cells(session, selection.units, measure, until_day(day)).shown_as(selection) for day in (since, until)
    )
    known = criteria.judging(session, "comparison", selection.units)
    few = known.values["few"]
    found = shift_share(before, after)
    by_chain, by_unit = found.cells.summed(0), found.cells.summed(1)
    chains: list[Row] = [
        {"chain": words.chain(code), "code": code}
        | _row(by_chain, number, before[:, number], after[:, number], few, words)
        for number, code in enumerate(CHAINS)
        if before[:, number].any() or after[:, number].any()
    ]
    units: list[Row] = [
        named(unit) | _row(by_unit, number, before[number], after[number], few, words)
        for number, unit in enumerate(selection.shown)
        if before[number].any() or after[number].any()
    ]
    chains.sort(key=lambda row: (-row["change"], row["code"]))
    units.sort(key=lambda row: (-row["competitive"], row["code"]))
    days = (since.isoformat(), until.isoformat()) if by == "recorded" else (str(since.year), str(until.year))
    facts = {"place": selection.title, "since": days[0], "until": days[1]}
    return Analysis(
        "change", _answer(found, units, facts, by, words),
        [Table("chains", {"chain": "text"} | OF_CHAIN, chains), Table("units", {"place": "text"} | COLUMNS, units)],
        n=int(after.sum()), coverage=known_start(session, selection.units) if by == "started" else None,
        criteria=known,
        notes=[
            *(words(f"change.note_{one}") for one in (by, "parts", *(["women"] if measure == "women" else []))),
            words("note.chains_placed"),
        ],
        values={unit: int(count) for unit, count in zip(selection.shown, after.sum(axis=1).tolist(), strict=True)},
        shows=words(f"measure.{measure}"),
    )  # fmt: skip


def _days(asked: Mapping[str, Any]) -> tuple[date, date]:
    today = clock.today()
    until = asked.get("until") or today
    since = asked.get("since") or until - timedelta(days=365)
    if until > today:
        raise Invalid("analysis.day_to_come", pointer="/until")
    if since >= until:
        raise Invalid("analysis.days_reversed", pointer="/since")
    return since, until


def _started(day: date) -> Any:
    return started_until(day.year)


def _row(parts: Parts, number: int, before: Any, after: Any, few: int, words: Words) -> Row:
    told: Row = {name: plain(getattr(parts, name)[number]) for name in PARTS}
    counts = {"before": int(before.sum()), "after": int(after.sum())}
    return {**counts, **told, "flag": words("flag.few") if before.sum() < few else ""}


def _answer(found: ShiftShare, units: list[Row], facts: dict[str, str], by: str, words: Words) -> str:
    if not found.n_before and not found.n_after:
        return words("empty", place=facts["place"])
    numbers = {"before": int(found.n_before), "after": int(found.n_after)}
    said = words(f"change.answer_{by}", **facts, **numbers)
    ahead = next((row for row in units if row["competitive"] > 0 and not row["flag"]), None)
    if ahead is None:
        return said
    more = f"{ahead['competitive']:+,.1f}"
    return f"{said} {words('change.ahead', place=ahead['place'], more=more)}"

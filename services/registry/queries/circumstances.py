"""Of some women, how many are of which age, people and language, are disabled, head a household: sums only."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import Entrepreneur
from services.registry.rules.inventory import Person
from shared.kernel import Invalid

LEAST = 5
"""Of fewer women nothing is summed: it would tell of each of them (docs/decisions/0024)."""
DIMENSIONS = ("age", "people", "language", "disability", "head_of_household")
UNKNOWN = "unknown"
_AT_ONCE = 500


def circumstance_sums(
    session: Session, women: Mapping[UUID, Sequence[int]], day: date, age_from: Sequence[int]
) -> list[dict[str, Any]]:
    """For each dimension its codes, how many of these women have each, and the sums of their amounts; a woman without a
    record, who withdrew or did not say counts as unknown. Ages in whole years on `day`, in bands that begin at
    `age_from`. A woman counts once in each dimension but languages, where in each that she speaks. Refuses fewer than
    five women.
    """
    if len(women) < LEAST:
        raise Invalid("circumstances.too_few", pointer="/women", least=LEAST)
    known = {row.id: row for row in _rows(session, sorted(women))}
    sums: dict[str, dict[str, list[int]]] = {name: defaultdict(list) for name in DIMENSIONS}
    for woman, amounts in women.items():
        for name, codes in _codes(known.get(woman), day, age_from).items():
            for code in codes:
                held = sums[name][code] or [0] * (1 + len(amounts))
                sums[name][code] = [before + more for before, more in zip(held, (1, *amounts), strict=True)]
    return [
        {
            "name": name,
            "rows": [{"code": code, "women": row[0], "sums": row[1:]} for code, row in sorted(found.items())],
        }
        for name, found in sums.items()
    ]


def _rows(session: Session, ids: Sequence[UUID]) -> Iterable[Any]:
    columns = (
        Entrepreneur.id,
        Entrepreneur.born_on,
        Entrepreneur.people,
        Entrepreneur.languages,
        Entrepreneur.difficulties,
        Entrepreneur.head_of_household,
    )
    for start in range(0, len(ids), _AT_ONCE):
        wanted = select(*columns).where(Entrepreneur.id.in_(ids[start : start + _AT_ONCE]))
        yield from session.execute(wanted)


def _codes(row: Any, day: date, age_from: Sequence[int]) -> dict[str, list[str]]:
    """What she counts as in each dimension."""
    if row is None:
        return {name: [UNKNOWN] for name in DIMENSIONS}
    disabled = Person("", "", difficulties=row.difficulties).disabled
    return {
        "age": [_band(row.born_on, day, age_from)],
        "people": [row.people or UNKNOWN],
        "language": sorted(set(row.languages)) or [UNKNOWN],
        "disability": [_yes(disabled)],
        "head_of_household": [_yes(row.head_of_household)],
    }


def _yes(value: bool | None) -> str:
    return UNKNOWN if value is None else "yes" if value else "no"


def _band(born: date | None, day: date, age_from: Sequence[int]) -> str:
    """The lower age of her band, or `under` the lowest one."""
    if born is None:
        return UNKNOWN
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    lows = [low for low in age_from if low <= age]
    return str(max(lows)) if lows else "under"

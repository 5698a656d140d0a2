"""What a schedule asks for in each calendar year, and in all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Year:
    """What falls due in a calendar year, in cents by name; `balance` is the principal that falls due after it."""

    year: int
    instalments: int
    amounts: Mapping[str, int]
    balance: int


@dataclass(frozen=True, slots=True)
class Summed:
    """The years of a schedule, first to last, the sums of them all, and the principal left after each instalment."""

    years: tuple[Year, ...]
    total: Mapping[str, int]
    balances: tuple[int, ...]


def by_year(rows: Iterable[tuple[date, Mapping[str, int]]]) -> Summed:
    """The sums of some instalments, each with its due date and its amounts in cents, of which one is `principal`."""
    rows = list(rows)
    found: dict[int, Counter[str]] = defaultdict(Counter)
    counted, total = Counter[int](), Counter[str]()
    for due, amounts in rows:
        found[due.year].update(amounts)
        total.update(amounts)
        counted[due.year] += 1
    left, years = total["principal"], []
    for year, amounts in sorted(found.items()):
        left -= amounts["principal"]
        years.append(Year(year, counted[year], dict(amounts), left))
    paid = accumulate(amounts["principal"] for _, amounts in rows)
    return Summed(tuple(years), dict(total), tuple(total["principal"] - cents for cents in paid))

"""The figures of a territory: one table of counts by unit and subject, added up from municipalities, and protected.

A figure's key is `(unit, table, …)`: `("HN1709", "all")`, `("HN17", "chain", "coffee")`,
`("HN17", "chain", "coffee", "processing")`, `("HN1709", "need", "market")`, `("HN1709", "loans", "open")`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from services.territory.rules.disclosure import is_small, withheld
from services.territory.rules.dominance import Dominance, top
from services.territory.rules.doubles import AtLeast, Key, Sum
from services.territory.rules.told_of_enough import BY_CHAIN_OF_ENOUGH, OF_ENOUGH, of_few

ADDITIVE = ("chain", "formal", "home", "validation", "training")
"""Tables whose entries add up to `all`: every enterprise has exactly one of them."""
OVERLAPPING = ("link", "need")
"""Tables in which an enterprise may stand several times."""
TOTALS = ("all", "applications", "loans")
WITHOUT_WOMEN = ("men", "placed", "accompaniments", "applications", "loans", "chain_loans", "introductions")
"""Tables in which no women are counted, only enterprises, men, applications, loans or introductions."""
DEPARTMENTAL = ("chain_need", "chain_training", "chain_loans", "introductions", *BY_CHAIN_OF_ENOUGH)
"""Tables of chains that are published of departments only: of a municipality nearly all of them would be withheld."""
OF_MONEY = (("loans",), ("loans", "open"))
"""Tables that tell an amount: what was paid out, and what is still owed of it."""
PUBLIC = ("groups",)
"""Tables that count no women and no enterprises: how many training groups there are is no secret."""


@dataclass(frozen=True)
class Count:
    """How many enterprises (applications, loans), how many women work in them, and amounts in minor units by currency
    (None where they are withheld; of levels their points, of purchases the percent bought inside and outside).
    `largest`: how many work in the few largest, and `largest_amounts`: what the few largest have of each currency,
    where somebody asked; they decide what is withheld and are never told.
    """

    number: int = 0
    women: int = 0
    amounts: Mapping[str, int] | None = field(default_factory=dict)
    largest: tuple[float, ...] = field(default=(), compare=False)
    largest_amounts: Mapping[str, tuple[float, ...]] = field(default_factory=dict, compare=False)

    def __add__(self, other: "Count") -> "Count":
        amounts = None
        if self.amounts is not None and other.amounts is not None:
            amounts = dict(self.amounts)
            for currency, minor in other.amounts.items():
                amounts[currency] = amounts.get(currency, 0) + minor
        borrowers = dict(self.largest_amounts)
        for currency, some in other.largest_amounts.items():
            borrowers[currency] = top(borrowers.get(currency, ()), some)
        largest = top(self.largest, other.largest)
        return Count(self.number + other.number, self.women + other.women, amounts, largest, borrowers)

    def amounts_point_at_few(self, rule: Dominance) -> bool:
        """Whether the amounts are of few loans, or one or two borrowers have nearly all of a currency."""
        dominated = (
            rule.holds(minor, self.largest_amounts.get(currency, ()))
            for currency, minor in (self.amounts or {}).items()
        )
        return is_small(self.number) or any(dominated)


NOTHING = Count()


@dataclass(frozen=True)
class Figures:
    """Counts by key; those in `hidden` are withheld. A key without a count counts nothing."""

    counts: Mapping[Key, Count]
    hidden: frozenset[Key] = frozenset()

    def get(self, *key: str) -> Count | None:
        """The count, or None where it is withheld."""
        return None if key in self.hidden else self.counts.get(key, NOTHING)

    def entries(self, *prefix: str) -> list[str]:
        """What stands one step under a key: the chains of a unit, for example, in order."""
        size = len(prefix)
        every = {*self.counts, *self.hidden}
        return sorted({key[size] for key in every if len(key) == size + 1 and key[:size] == prefix})

    def stored(self) -> dict[str, Any]:
        """As JSON; what is withheld is null and nothing more."""
        told: dict[str, Any] = {"/".join(key): None for key in self.hidden}
        for key, count in self.counts.items():
            if key not in self.hidden:
                amounts = None if count.amounts is None else dict(count.amounts)
                told["/".join(key)] = [count.number, count.women, amounts]
        return told

    @classmethod
    def from_stored(cls, told: Mapping[str, Any]) -> "Figures":
        shown = {tuple(key.split("/")): Count(*value) for key, value in told.items() if value is not None}
        return cls(shown, frozenset(tuple(key.split("/")) for key, value in told.items() if value is None))

    def __or__(self, other: "Figures") -> "Figures":
        return Figures({**self.counts, **other.counts}, self.hidden | other.hidden)


def added_up(counts: Iterable[tuple[Key, Count]], *, whole: str | None = None) -> Figures:
    """Figures of municipalities with those of their departments, and of all together under the name `whole`."""
    total: dict[Key, Count] = defaultdict(Count)
    for (unit, *rest), count in counts:
        for level in (unit, unit[:4], whole):
            if level:
                total[level, *rest] += count
    return Figures(dict(total))


def joined(figures: Figures, into: Mapping[str, str]) -> Figures:
    """The figures with those of larger units beside them, `into` telling the larger unit of each: a sum is withheld
    wherever one of its parts is, so that it tells nothing that its parts do not.
    """
    counts: dict[Key, Count] = defaultdict(Count)
    hidden = {(into[key[0]], *key[1:]) for key in figures.hidden if key[0] in into}
    for (unit, *rest), count in figures.counts.items():
        if unit in into and into[unit] != unit and (into[unit], *rest) not in hidden:
            counts[into[unit], *rest] += count
    return Figures({**figures.counts, **counts}, figures.hidden | hidden)


def protected(figures: Figures, department: str, dominance: Dominance | None = None) -> Figures:
    """The figures of a department and its municipalities with small counts withheld, those whose women one or two
    enterprises employ nearly all (by `dominance`), and what would reveal them. Amounts of which one or two borrowers
    have nearly all are left out, and with them what would reveal them.
    """
    counts = {
        key: count for key, count in figures.counts.items() if key[0].startswith(department) and _is_published(key)
    }
    for unit in {key[0] for key in counts}:
        for total in TOTALS:
            counts.setdefault((unit, total), NOTHING)
    sensitive = (
        (key, count.number, count.women) for key, count in counts.items() if key[1] not in {*PUBLIC, *OF_ENOUGH}
    )
    dominated = frozenset(
        key for key, count in counts.items() if dominance and dominance.holds(count.women, count.largest)
    )
    hidden = _hidden(department, tuple(sorted(sensitive)), dominated)
    if dominance:
        for key in list(_amounts_withheld(counts, hidden, department, dominance)):
            counts[key] = replace(counts[key], amounts=None)
    hidden |= of_few(counts, hidden, department, dominance)
    return Figures(counts, hidden)


def _is_published(key: Key) -> bool:
    return key[1] not in DEPARTMENTAL or len(key[0]) == len("HN17")


def _amounts_withheld(
    counts: Mapping[Key, Count], hidden: frozenset[Key], department: str, rule: Dominance
) -> Iterator[Key]:
    """Of which loans no amount is told. Who takes the amounts of municipalities from their department's learns what the
    others have together: where that points at few, the municipality with the least is withheld with them, and where
    none is left the department.
    """
    for rest in OF_MONEY:
        whole = (department, *rest)
        parts = {key: one for key, one in counts.items() if key[1:] == rest and key != whole and one.number}
        apart = {key for key, one in parts.items() if key in hidden or one.amounts_point_at_few(rule)}
        told = whole in counts and whole not in hidden and not counts[whole].amounts_point_at_few(rule)
        while told and apart and sum((parts[key] for key in apart), NOTHING).amounts_point_at_few(rule):
            left = [(sum((one.amounts or {}).values()), key) for key, one in parts.items() if key not in apart]
            told = bool(left)
            apart |= {min(left)[1]} if left else set()
        yield from apart
        if whole in counts and not told:
            yield whole


@lru_cache(maxsize=64)
def _hidden(department: str, counts: tuple[tuple[Key, int, int], ...], dominated: frozenset[Key]) -> frozenset[Key]:
    """Which of these counts (enterprises, women) to withhold; remembered, because many ask for the same."""
    units = sorted({key[0] for key, _, _ in counts})
    subjects = sorted({key[1:] for key, _, _ in counts})
    relations = _relations(department, units, subjects)
    everywhere: dict[Key, int] = dict.fromkeys(
        ((unit, *rest) for unit in units for rest in subjects if _is_published((unit, *rest))), 0
    )
    numbers = everywhere | {key: number for key, number, _ in counts}
    women = {key: 0 for key in everywhere if key[1] not in WITHOUT_WOMEN}
    women |= {key: number for key, _, number in counts if key in women}
    return withheld([numbers, women], relations, dominated)


def sums(department: str, *keys: Iterable[Key]) -> list[Sum]:
    """How the figures of a department and its municipalities add up, those of `keys`."""
    every = {key for some in keys for key in some}
    units, subjects = sorted({key[0] for key in every}), sorted({key[1:] for key in every})
    return [one for one in _relations(department, units, subjects) if isinstance(one, Sum)]


def _relations(department: str, units: Sequence[str], subjects: Sequence[Key]) -> list[Sum | AtLeast]:
    parts = [unit for unit in units if len(unit) > len(department)]
    found: list[Sum | AtLeast] = [
        Sum((department, *rest), tuple((part, *rest) for part in parts))
        for rest in subjects
        if parts and rest[0] not in DEPARTMENTAL
    ]
    for unit in units:
        found += _relations_inside(unit, [rest for rest in subjects if _is_published((unit, *rest))])
    return found


def _relations_inside(unit: str, subjects: Sequence[Key]) -> list[Sum | AtLeast]:
    """What holds between the figures of one unit. Each loan comes from an approved application, and as a rule each
    opens an accompaniment.
    """

    def under(*prefix: str) -> tuple[Key, ...]:
        return tuple(
            (unit, *rest) for rest in subjects if len(rest) == len(prefix) + 1 and rest[: len(prefix)] == prefix
        )

    found: list[Sum | AtLeast] = [Sum((unit, "all"), under(table)) for table in ADDITIVE]
    found += [Sum((unit, total), under(total)) for total in ("applications", "loans", "men", "placed")]
    found += _of_chains(unit, subjects, under)
    for link in sorted({rest[2] for rest in subjects if len(rest) == 3 and rest[0] == "chain"}):
        at_link = tuple((unit, *rest) for rest in subjects if len(rest) == 3 and rest[2] == link)
        found.append(Sum((unit, "link", link), at_link))
    for table in OVERLAPPING:
        found += _overlapping(table, (unit, "all"), under(table))
    for chain in (rest[1] for rest in subjects if len(rest) == 2 and rest[0] == "chain"):
        found += _overlapping("chain", (unit, "chain", chain), under("chain", chain))
    for source in (("applications", "approved"), ("accompaniments",)):
        if source in subjects and ("loans",) in subjects:
            found += _overlapping(source[0], (unit, *source), ((unit, "loans"),))
    return [one for one in found if isinstance(one, AtLeast) or one.parts]


def _of_chains(unit: str, subjects: Sequence[Key], under: Callable[..., tuple[Key, ...]]) -> Iterator[Sum | AtLeast]:
    """What holds between the tables that tell chains apart and those they are told of."""
    yield AtLeast("placed inside", ((unit, "all"),), (unit, "placed"))
    yield from (AtLeast("placed inside", ((unit, "chain", key[2]),), key) for key in under("placed"))
    for table, whole in (("chain_need", "need"), ("chain_training", "training")):
        for entry in sorted({rest[1] for rest in subjects if rest[0] == table}):
            parts = under(table, entry)
            yield Sum((unit, whole, entry), parts)
            yield from (AtLeast(f"{table} inside", ((unit, "chain", key[3]),), key) for key in parts)
    for chain in sorted({rest[2] for rest in subjects if rest[0] == "chain_training"}):
        known = tuple((unit, *rest) for rest in subjects if rest[0] == "chain_training" and rest[2] == chain)
        yield Sum((unit, "chain", chain), known)
    yield Sum((unit, "loans"), under("chain_loans"))
    for chain in sorted({rest[1] for rest in subjects if rest[0] == "introductions"}):
        yield Sum((unit, "introductions", chain), under("introductions", chain))


def _overlapping(table: str, total: Key, parts: tuple[Key, ...]) -> list[Sum | AtLeast]:
    """A total whose parts may overlap (an enterprise stands at two links): it is at least the largest of them and, if
    each enterprise has a part at all, at most all of them together.
    """
    if not parts:
        return []
    return [*(AtLeast(f"{table} inside", (total,), part) for part in parts), AtLeast(f"{table} all", parts, total)]

"""Tables of a donor report: what is told of whom, and what is withheld so that nobody can be worked out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEAST = 5
"""Law of the house (docs/decisions/0009)."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """Of some women: how many, who completed a training, at how many sessions they were and for how many minutes, how
    many were tested before and after, and the sum of the changes in hundredths of a percentage point.
    """

    women: int
    completed: int = 0
    sessions: int = 0
    minutes: int = 0
    tested: int = 0
    gained: int = 0

    def and_(self, other: "Amounts") -> "Amounts":
        return Amounts(*(mine + more for mine, more in zip(self.all, other.all, strict=True)))

    @property
    def all(self) -> tuple[int, ...]:
        return self.women, self.completed, self.sessions, self.minutes, self.tested, self.gained

    @property
    def gain(self) -> float | None:
        """The mean change of the share of right answers, in percentage points."""
        return self.gained / 100 / self.tested if self.tested else None


NOBODY = Amounts(0)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table; None is withheld. `gain` is also None where nobody was tested twice."""

    code: str
    women: int | None
    completed: int | None
    sessions: int | None
    minutes: int | None
    gain: float | None


def total_line(total: Amounts) -> Line:
    """The line of all women together."""
    done = {""} if _splits_badly(total) else set[str]()
    return _lines({"": total}, set(), done, set(), few=not _fit(total.women))[0]


def table(cells: Mapping[str, Amounts], total: Amounts, *, adds_up: bool) -> list[Line]:
    """The lines of one dimension, in the order given. Lines of 1 to 4 women are withheld, and with them the smallest
    others until at least two are, who together are five or more; likewise who completed, who did not, and who was
    tested among those told. Where lines do not add up (languages), each stands alone, and what it leaves of the total
    is no small count either.
    """
    if not adds_up:
        alone = {code for code, one in cells.items() if not (_fit(one.women) and _fit(total.women - one.women))}
        done = {code for code, one in cells.items() if _splits_badly(one) or not _fit(one.tested)}
        return _lines(cells, alone, done, done)
    hidden = _hidden({code: one.women for code, one in cells.items()}, set())
    by_completed = _hidden({code: one.completed for code, one in cells.items()}, hidden)
    by_lacking = _hidden({code: one.women - one.completed for code, one in cells.items()}, by_completed)
    by_tested = _hidden({code: one.tested for code, one in cells.items()}, hidden)
    return _lines(cells, hidden, by_lacking, by_tested)


def _fit(count: int) -> bool:
    return not 0 < count < LEAST


def _splits_badly(one: Amounts) -> bool:
    return not (_fit(one.completed) and _fit(one.women - one.completed))


def _hidden(counts: Mapping[str, int], already: set[str]) -> set[str]:
    """The codes withheld of a column whose sum is known."""
    hidden = already | {code for code, count in counts.items() if not _fit(count)}
    rest = sorted((count, code) for code, count in counts.items() if code not in hidden and count)
    while hidden and rest and (len(hidden) < 2 or sum(counts[code] for code in hidden) < LEAST):
        hidden.add(rest.pop(0)[1])
    return hidden


def _lines(
    cells: Mapping[str, Amounts], hidden: set[str], by_completed: set[str], by_tested: set[str], *, few: bool = False
) -> list[Line]:
    lines: list[Line] = []
    for code, one in cells.items():
        if few or code in hidden:
            lines.append(Line(code, None, None, None, None, None))
            continue
        completed = None if code in by_completed else one.completed
        gain = None if code in by_tested or not _fit(one.tested) else one.gain
        lines.append(Line(code, one.women, completed, one.sessions, one.minutes, gain))
    return lines


def counted(rows: Sequence[tuple[str, Amounts]]) -> dict[str, Amounts]:
    """The amounts of women by a code of theirs, the largest first."""
    found: dict[str, Amounts] = {}
    for code, one in rows:
        found[code] = found.get(code, NOBODY).and_(one)
    return dict(sorted(found.items(), key=lambda cell: (-cell[1].women, cell[0])))

"""The way of a proposal from its text to what was carried out, and how its costs are made up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

PROPOSED, SUBMITTED, DEBATED = "proposed", "submitted", "debated"
INCLUDED, BUDGETED, EXECUTED, REJECTED = "included", "budgeted", "executed", "rejected"
PATH = (PROPOSED, SUBMITTED, DEBATED, INCLUDED, BUDGETED, EXECUTED)
STATES = (*PATH, REJECTED)
STEPS = STATES[1:]
CLOSED = frozenset({EXECUTED, REJECTED})
WITH_AMOUNT = frozenset({BUDGETED, EXECUTED})
"""Steps that carry an amount: what was approved, and what was spent."""
NEEDED = {
    DEBATED: ("act",),
    INCLUDED: ("act",),
    BUDGETED: ("act", "amount"),
    EXECUTED: ("amount",),
    REJECTED: ("reason",),
}
"""What a step cannot be recorded without."""


@dataclass(frozen=True)
class Step:
    """A recorded step: the state it led to, on which day; `amount` in minor units. One that `corrects` says where the
    proposal really stands.
    """

    state: str
    day: date
    amount: int | None = None
    corrects: bool = False


def next_states(state: str) -> tuple[str, ...]:
    """Where a proposal may go from `state`: one step along the path, or, once it was submitted, to its rejection."""
    if state in CLOSED:
        return ()
    onward = PATH[PATH.index(state) + 1]
    return (onward,) if state == PROPOSED else (onward, REJECTED)


def standing(steps: Iterable[Step]) -> list[Step]:
    """The steps that count, in their order: a correction stands in place of the step of its state and of all that came
    after it.
    """
    counted: list[Step] = []
    for step in steps:
        if step.corrects:
            counted = counted[: [one.state for one in counted].index(step.state)]
        counted.append(step)
    return counted


def last_amount(steps: Sequence[Step], state: str) -> int | None:
    """The amount of the step that led to `state` and counts, in minor units; None where there is none."""
    return next((step.amount for step in reversed(steps) if step.state == state), None)


def line_cost(quantity: int, unit_cost: int) -> int:
    """What so many units cost, in the minor units of `unit_cost`."""
    return quantity * unit_cost


def by_year(lines: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The sum of each year of (year, amount) pairs, in the order of years."""
    sums: dict[int, int] = {}
    for year, amount in lines:
        sums[year] = sums.get(year, 0) + amount
    return sorted(sums.items())

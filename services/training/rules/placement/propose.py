"""The doors of placement: a first answer, a better one, how much better one can be, and what would place more women.

All of it is pure: the same round, start, seed and budget give the same answer.
"""

from collections.abc import Iterator, Mapping
from uuid import UUID

from services.training.rules.placement.answer import Answer, Bound, Progress, Relaxation
from services.training.rules.placement.round import Cell, Group, Round


def propose(round_: Round) -> Answer:
    """A first answer at once; every reason in it is true of it."""
    raise NotImplementedError


def improve(
    round_: Round,
    start: tuple[Group, ...],
    *,
    seed: int,
    budget: int,
    keep: Mapping[UUID, Cell] | None = None,
) -> Iterator[Progress]:
    """Better and better groups, from `start` on (of this round, or of one that has changed since); stop reading to cancel.

    `budget` counts iterations. `keep` says in which cell confirmed women are: before match and travel, as few of them
    as possible are moved. The last progress is the best.
    """
    raise NotImplementedError


def explain(round_: Round, groups: tuple[Group, ...]) -> Answer:
    """The groups, made such that nobody can simply be added, their worth, and a reason for everybody left out."""
    raise NotImplementedError


def bound(round_: Round, *, budget: int) -> Bound:
    """What no answer can surpass, proven; tighter with a larger budget of iterations."""
    raise NotImplementedError


def relaxations(round_: Round, answer: Answer, *, seed: int, budget: int, at_most: int = 10) -> Iterator[Relaxation]:
    """Changes and what each would place, found by solving again with that change and the same budget; not in order.

    What the budget would have placed without any change is not counted. Keep the `at_most` best.
    """
    raise NotImplementedError

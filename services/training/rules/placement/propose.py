"""The doors of placement: a first answer, a better one, why somebody is left out, and how much better it could be.

All of it is pure: the same round, start, seed and budget give the same answer. What would place more women is told by
`relaxations.py`, and whether an answer is what it says by `checking_reasons.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from services.training.rules.placement.answer import Answer, Bound, Progress
from services.training.rules.placement.bound import most_placed
from services.training.rules.placement.cells import field_of
from services.training.rules.placement.checking import worth
from services.training.rules.placement.drafted import as_told, continued, drafted
from services.training.rules.placement.greedy import first_draft, settle
from services.training.rules.placement.improve import better
from services.training.rules.placement.programme import Solve, by_highs
from services.training.rules.placement.reasons import left_out
from services.training.rules.placement.round import Cell, Group, Round


def propose(round_: Round) -> Answer:
    """A first answer at once; every reason in it is true of it."""
    return explain(round_, first_draft(field_of(round_)).groups())


def replan(round_: Round, groups: Sequence[Group], keep: Mapping[UUID, Cell]) -> tuple[Group, ...]:
    """First groups that go on from those formed before, as far as the round still allows them: who can stay stays,
    others are seated where there is room.
    """
    draft = continued(field_of(round_), groups, keep)
    settle(draft)
    return draft.groups()


def improve(
    round_: Round,
    start: Sequence[Group],
    *,
    seed: int,
    budget: int,
    keep: Mapping[UUID, Cell] | None = None,
    solve: Solve = by_highs,
) -> Iterator[Progress]:
    """Better and better groups, from `start` on (of this round, or of one that has changed since).

    `budget` counts iterations; who stops reading cancels. `keep` says in which cell confirmed women are: directly after
    how many are placed, as few of them as possible are moved. The last progress is the best.
    """
    draft = drafted(field_of(round_), start, keep)
    for iteration, best in enumerate(better(draft, seed=seed, budget=budget, solve=solve), start=1):
        yield Progress(iteration, budget, best.worth(), best.groups())


def explain(round_: Round, groups: Sequence[Group]) -> Answer:
    """What groups that keep the conditions are worth, and a reason for everybody left out of them."""
    draft = as_told(field_of(round_, least=1), groups)
    placed = {woman for group in groups for woman in group.women}
    without = tuple(one for one in left_out(draft) if one.woman not in placed)
    return Answer(tuple(sorted(groups, key=lambda one: (one.cell, one.room))), worth(round_, groups), without)


def bound(round_: Round, *, budget: int) -> Bound:
    """What no answer can surpass, proven; tighter with a larger budget of iterations where the round is small."""
    return Bound(most_placed(field_of(round_), nodes=budget))

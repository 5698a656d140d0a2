"""Where better groups are looked for: in this process, beside it with CP-SAT, or piece by piece on a dask cluster."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from services.training.rules.placement import propose as placing
from services.training.rules.placement.answer import Progress
from services.training.rules.placement.checking import worth
from services.training.rules.placement.cpsat import by_cpsat
from services.training.rules.placement.pieces import Piece, answered, divided, joined
from services.training.rules.placement.programme import Solve, by_highs
from services.training.rules.placement.round import Cell, Group, Round
from shared.beside import beside

Groups = tuple[Group, ...]
Step = tuple[int, Groups | None]
"""So many iterations further; at the end of a piece, its groups."""


@dataclass(frozen=True, slots=True)
class Search:
    """By which solver (`highs`, `cpsat`), and the address of a dask scheduler where there is one."""

    solver: str = "highs"
    dask: str | None = None


@contextmanager
def solving(solver: str) -> Iterator[Solve]:
    """The solver; OR-tools, which cannot live with highspy, in a process of its own that ends with the block."""
    if solver == "highs":
        yield by_highs
        return
    with beside(by_cpsat, None) as ask:
        yield lambda programme: ask(programme).result()


def improved(
    round_: Round,
    start: Sequence[Group],
    *,
    seed: int,
    budget: int,
    search: Search,
    tell: Callable[[str], None],
    keep: Mapping[UUID, Cell] | None = None,
) -> Iterator[Progress]:
    """Better and better groups, as `propose.improve`; of a large round piece by piece, on the cluster where there is
    one. Wherever the pieces are answered the answers are the same, in the same order. `tell` hears where they are
    (`engine`, `engine_unreachable`, `engine_lost`).
    """
    pieces = divided(round_, start, seed=seed, budget=budget, keep=keep)
    if len(pieces) == 1:
        with solving(search.solver) as solve:
            yield from placing.improve(round_, start, seed=seed, budget=budget, keep=keep, solve=solve)
        return
    iteration, most = 0, sum(piece.budget for piece in pieces)
    reached = [piece.groups for piece in pieces]
    number, now, value = 0, tuple(start), worth(round_, start)
    for more, groups in _steps(pieces, search, tell):
        iteration += more
        if groups is not None:
            reached[number] = groups
            number += 1
            now = tuple(joined(round_, reached, keep))
            value = worth(round_, now)
        yield Progress(iteration, most, value, now)


def _steps(pieces: Sequence[Piece], search: Search, tell: Callable[[str], None]) -> Iterator[Step]:
    done = 0
    if search.dask is not None:
        from services.training.use_cases.search_on_engine import EngineLost, on_engine

        try:
            for step in on_engine(search.dask, search.solver, pieces, tell):
                done += step[1] is not None
                yield step
        except EngineLost as lost:
            tell(str(lost))
    yield from here(pieces[done:], search.solver)


def here(pieces: Sequence[Piece], solver: str) -> Iterator[Step]:
    """One piece after the other in this process."""
    for piece in pieces:
        groups = piece.groups
        with solving(solver) as solve:
            for groups in answered(piece, solve):  # noqa: B007 - the last is the best
                yield 1, None
        yield 0, groups

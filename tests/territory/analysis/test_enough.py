"""What may be told of enterprises of which few may not, whatever is subtracted from what."""

from collections import Counter
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from services.territory.rules.analysis.enough import levels_of_enough, of_enough, profiles_of_enough

FEW = 3
ROWS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(-1, 4), st.integers(-1, 4)), min_size=1, max_size=40
)


def columns(rows: list[tuple[int, int, int, int]]) -> tuple[Any, Any, Any]:
    cell, group, *levels = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return cell, group, np.column_stack(levels)


@given(ROWS)
def test_a_cell_is_told_whole_or_not_at_all_and_never_of_a_few(rows: list[tuple[int, int, int, int]]) -> None:
    cell, _, levels = columns(rows)
    told = levels_of_enough(cell, levels, few=FEW)

    for subject in range(2):
        known = Counter(cell[levels[:, subject] >= 0].tolist())
        assert Counter(cell[told[:, subject] >= 0].tolist()) == {one: n for one, n in known.items() if n >= FEW}
    assert (told[told >= 0] == levels[told >= 0]).all()


@given(ROWS)
def test_of_a_cell_with_a_small_group_no_group_is_told(rows: list[tuple[int, int, int, int]]) -> None:
    cell, group, levels = columns(rows)
    told = levels_of_enough(cell, levels, few=FEW, groups=group)

    for subject in range(2):
        known = levels[:, subject] >= 0
        groups = Counter(zip(cell[known].tolist(), group[known].tolist(), strict=True))
        small = {one for (one, _), n in groups.items() if n < FEW}
        assert (told[:, subject] >= 0).tolist() == [
            bool(there) and one not in small for there, one in zip(known, cell.tolist(), strict=True)
        ]


@given(ROWS)
def test_an_index_beside_the_levels_says_nothing_of_the_few_with_half_a_profile(
    rows: list[tuple[int, int, int, int]],
) -> None:
    cell, _, levels = columns(rows)
    enough = levels_of_enough(cell, levels, few=FEW)
    told = profiles_of_enough(cell, enough, [True, True], few=FEW)

    for one in set(cell[(told >= 0).any(axis=1)].tolist()):
        here = enough[cell == one]
        full = (here >= 0).all(axis=1).sum()
        assert full >= FEW
        for subject in range(2):
            besides = (here[:, subject] >= 0).sum() - full
            assert besides == 0 or besides >= FEW


def test_nobody_is_told_of_where_nobody_is() -> None:
    assert of_enough([], np.array([], dtype=bool), few=FEW).tolist() == []
    assert levels_of_enough([], np.empty((0, 2), dtype=np.int64), few=FEW).shape == (0, 2)

"""Shift-share against exact fractions, and that its parts add up whatever comes and goes."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from services.territory.rules.analysis.change import Parts, ShiftShare, shift_share

some = settings(max_examples=80)
Table = NDArray[np.int64]


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Table, Table]:
    shape = draw(array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=6))
    counts = st.one_of(st.just(0), st.integers(0, 40))
    return draw(arrays(np.int64, shape, elements=counts)), draw(arrays(np.int64, shape, elements=counts))


def _by_hand(before: Table, after: Table, unit: int, chain: int) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    """National, mix, competitive and homothetic part of one cell, from the textbook."""
    total, total_now = int(before.sum()), int(after.sum())
    of_chain, of_chain_now = int(before[:, chain].sum()), int(after[:, chain].sum())
    cell, cell_now = int(before[unit, chain]), int(after[unit, chain])
    if of_chain == 0:
        return Fraction(0), Fraction(cell_now), Fraction(0), Fraction(0)
    g, g_chain = Fraction(total_now - total, total), Fraction(of_chain_now - of_chain, of_chain)
    if cell == 0:
        return Fraction(0), Fraction(0), Fraction(cell_now), Fraction(cell_now)
    ahead = Fraction(cell_now - cell, cell) - g_chain
    even = Fraction(int(before[unit].sum()) * of_chain, total)
    return cell * g, cell * (g_chain - g), cell * ahead, even * ahead


@some
@given(pairs())
def test_every_cell_is_what_the_textbook_computes(tables: tuple[Table, Table]) -> None:
    before, after = tables
    cells = shift_share(before, after).cells

    for unit, chain in np.ndindex(before.shape):
        national, mix, competitive, homothetic = _by_hand(before, after, unit, chain)
        assert cells.national[unit, chain] == pytest.approx(float(national), abs=1e-9)
        assert cells.mix[unit, chain] == pytest.approx(float(mix), abs=1e-9)
        assert cells.competitive[unit, chain] == pytest.approx(float(competitive), abs=1e-9)
        assert cells.homothetic[unit, chain] == pytest.approx(float(homothetic), abs=1e-9)


@some
@given(pairs())
def test_the_parts_add_up_to_the_change_of_each_cell_unit_chain_and_the_whole(tables: tuple[Table, Table]) -> None:
    before, after = tables
    found = shift_share(before, after)
    change = after - before

    for parts, expected in (
        (found.cells, change),
        (found.cells.summed(1), change.sum(axis=1)),
        (found.cells.summed(0), change.sum(axis=0)),
        (found.cells.summed(), change.sum()),
    ):
        assert parts.change == pytest.approx(expected, abs=1e-9)
        assert parts.national + parts.mix + parts.competitive == pytest.approx(expected, abs=1e-9)
        assert parts.homothetic + parts.allocation == pytest.approx(parts.competitive, abs=1e-9)


@some
@given(pairs())
def test_the_mix_of_the_whole_and_the_competitive_part_of_a_chain_are_nothing(tables: tuple[Table, Table]) -> None:
    before, after = tables
    found = shift_share(before, after)

    assert found.cells.summed(0).competitive == pytest.approx(np.zeros(before.shape[1]), abs=1e-9)
    if before.sum():
        assert found.cells.summed().mix == pytest.approx(0, abs=1e-9)
        assert found.cells.summed().national == pytest.approx(after.sum() - before.sum(), abs=1e-9)


@some
@given(pairs(), st.integers(1, 20))
def test_counting_in_other_units_scales_every_part(tables: tuple[Table, Table], times: int) -> None:
    before, after = tables
    once, often = shift_share(before, after).cells, shift_share(before * times, after * times).cells

    for part in Parts.__slots__:
        assert getattr(often, part) == pytest.approx(times * getattr(once, part), abs=1e-8)


@some
@given(arrays(np.int64, (4, 3), elements=st.integers(0, 40)), st.integers(1, 5))
def test_where_all_grow_alike_there_is_only_the_national_part(before: Table, times: int) -> None:
    cells = shift_share(before, before * times).cells

    assert cells.national == pytest.approx(before * (times - 1), abs=1e-9)
    for part in (cells.mix, cells.competitive, cells.homothetic, cells.allocation):
        assert part == pytest.approx(np.zeros(before.shape), abs=1e-9)


def _known() -> ShiftShare:
    """Columns: a chain that goes on, one that is new, one that vanishes, one that never was."""
    return shift_share([[50, 0, 10, 0], [50, 0, 0, 0]], [[80, 6, 0, 0], [40, 0, 0, 0]])


def test_chains_that_come_and_go_are_named_and_belong_to_the_mix() -> None:
    found = _known()

    assert (found.new, found.vanished) == ((1,), (2,))
    assert found.growth == pytest.approx(16 / 110)
    assert found.chain_growth == pytest.approx([0.2, np.nan, -1, np.nan], nan_ok=True)
    assert found.cells.mix[0, 1] == 6
    assert found.cells.national[:, 1].tolist() == [0, 0]
    assert found.cells.mix[0, 2] == pytest.approx(10 * (-1 - 16 / 110))
    assert not found.cells.competitive[:, 1:].any()
    assert found.cells.competitive[:, 0] == pytest.approx([20, -20])
    assert (found.n_before, found.n_after) == (110, 126)


def test_a_chain_that_is_new_to_a_unit_only_is_its_own_success() -> None:
    cells = shift_share([[0, 10], [20, 10]], [[8, 10], [20, 10]]).cells

    assert cells.competitive[0, 0] == cells.homothetic[0, 0] == 8
    assert (cells.national[0, 0], cells.mix[0, 0], cells.allocation[0, 0]) == (0, 0, 0)


def test_a_few_before_are_marked() -> None:
    assert shift_share([[4, 5]], [[8, 10]]).small.tolist() == [[True, False]]


def test_where_nothing_was_before_everything_is_new() -> None:
    found = shift_share(np.zeros((2, 2)), [[3, 0], [1, 0]])

    assert found.growth is None
    assert found.new == (0,)
    assert found.cells.mix.tolist() == [[3, 0], [1, 0]]
    assert not found.cells.national.any()
    assert not found.cells.competitive.any()


@pytest.mark.parametrize("nothing", [np.zeros((0, 3)), np.zeros((3, 0)), np.zeros((2, 2))])
def test_of_nothing_nothing_changes(nothing: NDArray[np.float64]) -> None:
    found = shift_share(nothing, nothing)

    assert (found.growth, found.new, found.vanished, found.n_after) == (None, (), (), 0)
    assert all(not getattr(found.cells, part).any() for part in Parts.__slots__)


def test_one_unit_alone_has_no_competitive_part() -> None:
    cells = shift_share([[10, 30]], [[20, 15]]).cells

    assert cells.competitive.tolist() == [[0, 0]]
    assert cells.national + cells.mix == pytest.approx(cells.change)


@pytest.mark.parametrize("wrong", [[[1.0, -1.0]], [[1.0, float("nan")]], [[1.0]], [1.0, 1.0]])
def test_what_is_no_pair_of_tables_is_refused(wrong: list[list[float]]) -> None:
    with pytest.raises(ValueError):
        shift_share([[1.0, 1.0]], wrong)
    with pytest.raises(ValueError):
        shift_share(wrong, [[1.0, 1.0]])

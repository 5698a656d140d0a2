"""How good the data of a unit are, against the same counted one record at a time."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.territory.rules.analysis.quality import ASPECTS, Records, data_quality, medians

WEIGHTS = [2, 2, 2, 1, 2, 1, 2]


def drawn(n, seed=1, fields=4):
    generator = np.random.default_rng(seed)
    located = generator.random(n) < 0.8
    return Records(
        located,
        generator.random(n) < 0.5,
        generator.random(n) < 0.6,
        np.where(located & (generator.random(n) < 0.9), generator.choice([3.0, 10.0, 25.0, 25.5, 400.0], n), -1),
        generator.integers(0, 40, n),
        generator.random((n, fields)) < 0.7,
        generator.random(n) < 0.1,
    )


def judged(cell, cells, records, weights=WEIGHTS, few=5, precise_m=25):
    return data_quality(cell, cells, records, precise_m=precise_m, stale_after_months=24, weights=weights, few=few)


def test_a_point_is_precise_up_to_the_metres_that_the_edition_says():
    told = drawn(60, 7)
    points = told.located.sum()
    for metres in (2, 10, 25, 26, 400):
        found = judged(np.zeros(60, dtype=int), 1, told, precise_m=metres)
        within = (told.located & (told.accuracy_m >= 0) & (told.accuracy_m <= metres)).sum()
        assert found.aspects[0, ASPECTS.index("precise")] == pytest.approx(within / points)


@given(st.integers(0, 60), st.integers(0, 10**6))
def test_every_aspect_is_the_share_that_counting_one_by_one_gives(n, seed):
    told, cell = drawn(n, seed), np.random.default_rng(seed).integers(0, 4, n)
    found = judged(cell, 4, told)
    for one in range(4):
        mine = cell == one
        size, points = mine.sum(), (mine & told.located).sum()
        if not size:
            assert np.isnan(found.score[one])
            continue
        metres = told.accuracy_m[mine & told.located]
        shares = [
            points / size,
            told.profiled[mine].mean(),
            told.validated[mine].mean(),
            ((metres >= 0) & (metres <= 25)).mean() if points else np.nan,
            (told.months[mine] <= 24).mean(),
            told.present[mine].mean(),
            (~told.contradicted[mine]).mean(),
        ]
        assert found.aspects[one] == pytest.approx(shares, abs=1e-12, nan_ok=True)
        weights = np.where(np.isnan(shares), 0, WEIGHTS)
        assert found.score[one] == pytest.approx(100 * np.nansum(shares * weights) / weights.sum(), abs=1e-9)
        measured = metres[metres >= 0]
        assert found.accuracy_unknown[one] == points - len(measured)
        assert found.median_months[one] == np.median(told.months[mine])
        assert found.stale[one] == (told.months[mine] > 24).sum()
        assert found.absent[one] == pytest.approx(1 - told.present[mine].mean(axis=0), abs=1e-12)
        assert found.few[one] == (size < 5)


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(-1e6, 1e6)), max_size=40))
def test_medians_are_those_of_numpy(rows):
    cell, values = np.array([row[0] for row in rows], dtype=int), np.array([row[1] for row in rows], dtype=float)
    found = medians(cell, 4, values)
    for one in range(4):
        mine = values[cell == one]
        assert found[one] == pytest.approx(np.median(mine), abs=1e-9) if len(mine) else np.isnan(found[one])


def test_perfect_records_score_a_hundred_and_the_worst_nothing():
    yes, no = np.ones(6, dtype=bool), np.zeros(6, dtype=bool)
    good = Records(yes, yes, yes, np.full(6, 4.0), np.zeros(6, dtype=int), np.ones((6, 3), dtype=bool), no)
    bad = Records(yes, no, no, np.full(6, 90.0), np.full(6, 25), np.zeros((6, 3), dtype=bool), yes)
    zeros = np.zeros(6, dtype=int)
    assert judged(zeros, 1, good).score == pytest.approx([100], abs=1e-9)
    assert judged(zeros, 1, bad, weights=[0, 1, 1, 1, 1, 1, 1]).score == pytest.approx([0], abs=1e-9)


def test_a_better_record_never_lowers_the_score():
    told, cell = drawn(30), np.zeros(30, dtype=int)
    before = judged(cell, 1, told).score[0]
    assert judged(cell, 1, replace(told, validated=told.validated | (np.arange(30) < 15))).score[0] > before
    assert judged(cell, 1, replace(told, contradicted=np.zeros(30, dtype=bool))).score[0] > before


def test_without_points_the_score_says_nothing_of_precision():
    told = replace(drawn(8), located=np.zeros(8, dtype=bool), accuracy_m=np.full(8, -1.0))
    found = judged(np.zeros(8, dtype=int), 1, told, weights=[0, 0, 0, 5, 0, 0, 1])
    assert np.isnan(found.aspects[0, ASPECTS.index("precise")])
    assert found.score[0] == pytest.approx(100 * (~told.contradicted).mean())
    assert np.isnan(found.median_m[0])


def test_real_submissions_of_the_field_are_precise_where_their_accuracy_says(reference_data):
    import pandas as pd

    told = pd.read_csv(reference_data / "field_forms" / "kobo_export_xml_values.csv", sep=";")
    precision = told.filter(like="_gps_precision").iloc[:, 0]
    located = precision.notna().to_numpy()
    n = len(told)
    yes = np.ones(n, dtype=bool)
    records = Records(
        located,
        yes,
        yes,
        precision.fillna(-1).to_numpy(),
        np.zeros(n, dtype=int),
        yes[:, None],
        np.zeros(n, dtype=bool),
    )
    found = judged(np.zeros(n, dtype=int), 1, records)
    assert (found.n[0], found.accuracy_unknown[0]) == (150, 150 - 138 - (150 - located.sum()))
    assert found.aspects[0, ASPECTS.index("precise")] == pytest.approx(88 / 138)


@pytest.mark.parametrize(
    "wrong",
    [
        {"accuracy_m": [np.nan]},
        {"accuracy_m": [-5.0]},
        {"months": [-1]},
        {"present": [True]},
        {"validated": [1]},
        {"located": [True, False]},
    ],
)
def test_records_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError):
        judged([0], 1, replace(drawn(1), **{name: np.array(values) for name, values in wrong.items()}))


def test_a_weight_for_each_aspect_is_expected():
    with pytest.raises(ValueError, match="weights"):
        judged([0], 1, drawn(1), weights=[1, 1])

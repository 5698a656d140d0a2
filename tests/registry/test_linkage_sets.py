"""How well duplicates are found where it is known who is who: one policy for every set."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.registry import tables
from services.registry.rules.linkage.blocking import candidate_pairs
from services.registry.rules.linkage.traits import traits_of
from tests.registry.linkage_sets import estimated, febrl, invented, measure, variant

POLICY = tables.duplicate_policy_on(date(2026, 3, 2))
SEEDS = st.integers(10_000, 10**9)


@pytest.mark.parametrize(("number", "least"), [(1, 0.995), (2, 0.995), (3, 0.995)])
def test_the_public_sets_are_linked_and_nothing_is_merged_wrongly(
    number: int, least: float, reference_data: Path
) -> None:
    figures = measure(febrl(reference_data, number), POLICY)
    assert figures.f1 >= least, figures
    assert figures.automatic_precision == 1
    assert figures.automatic >= 200
    assert not figures.found.left_out


@given(SEEDS)
@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_other_people_with_other_mistakes_are_linked_as_well(reference_data: Path, seed: int) -> None:
    figures = measure(variant(reference_data, seed, people=500, slips=3), POLICY)
    assert figures.f1 >= 0.99
    assert figures.automatic_precision == 1


@given(SEEDS)
@settings(max_examples=2, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_records_with_half_their_fields_wrong_are_still_never_merged_wrongly(reference_data: Path, seed: int) -> None:
    figures = measure(variant(reference_data, seed, people=500, slips=8), POLICY)
    assert figures.precision >= 0.99
    assert figures.recall >= 0.8
    assert figures.automatic_precision == 1


@given(SEEDS)
@settings(max_examples=3)
def test_in_an_inventory_with_sisters_twins_and_daughters_none_is_merged_with_another(seed: int) -> None:
    known = invented(1_500, seed)
    figures = measure(known, POLICY)
    assert figures.automatic_precision == 1
    assert figures.automatic_recall >= 0.4
    assert figures.recall >= 0.97
    assert figures.precision >= 0.75


@pytest.mark.parametrize("people", [1_000, 5_000])
def test_a_record_is_compared_with_few_however_many_there_are(people: int) -> None:
    known = invented(people, seed=2)
    blocks = candidate_pairs([traits_of(candidate) for candidate in known.candidates], POLICY.limits.block_cap)
    assert len(blocks.pairs) <= len(known.candidates) * POLICY.limits.block_cap
    compared = {(one, other) for one, other in blocks}
    assert len(known.same & compared) >= 0.99 * len(known.same)


def test_the_weights_are_near_what_the_public_sets_say_of_themselves(reference_data: Path) -> None:
    found = estimated([febrl(reference_data, number) for number in (1, 2, 3)], POLICY)
    frequent = {outcome: m for outcome, m in found.items() if m >= 0.05}
    assert len(frequent) >= 15
    for outcome, m in frequent.items():
        assert m / 2 <= POLICY.weights[outcome].m <= m * 2, outcome

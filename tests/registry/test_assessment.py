"""Score and tier of an enterprise, and when a check counts no more, computed without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.rules.assessment import assess
from services.registry.rules.evidence import Kept, file_kept
from services.registry.rules.rubrics import DIMENSIONS, HIGHEST, SUBJECTS, WHOLE, Rubric
from services.registry.rules.validation import counts_until, is_stale, latest_stale
from services.registry.tables import network_rubric_on
from shared.events import vocabulary
from shared.kernel import Invalid
from tests.shared.test_photographs import HEAD, JPEG, PNG, SECRET, chunk, exif, segment

NETWORK = network_rubric_on(date(2026, 5, 1)).rubric
LEVELS = st.fixed_dictionaries({subject: st.integers(0, HIGHEST) for subject in SUBJECTS})


@st.composite
def rubrics(draw: st.DrawFn) -> Rubric:
    cuts = sorted(draw(st.lists(st.integers(0, WHOLE), min_size=6, max_size=6)))
    weights = [end - start for start, end in zip([0, *cuts], [*cuts, WHOLE], strict=True)]
    told = NETWORK.to_json() | {
        "weights": dict(zip(SUBJECTS, weights, strict=True)),
        "minimums": draw(LEVELS),
        "strategic_from": draw(st.integers(0, 100)),
    }
    return Rubric.from_json(told)


@given(LEVELS, rubrics())
def test_the_parts_add_up_to_a_score_from_0_to_100(levels: dict[str, int], rubric: Rubric) -> None:
    rubric.require_whole()
    found = assess(levels, rubric)
    assert all(term.part == levels[term.subject] * rubric.weights[term.subject] <= term.most for term in found.terms)
    assert 0 <= found.score == sum(term.part for term in found.terms) <= sum(term.most for term in found.terms) == 100


@given(LEVELS, rubrics(), st.sampled_from(SUBJECTS))
def test_a_higher_level_never_lowers_score_or_tier(levels: dict[str, int], rubric: Rubric, subject: str) -> None:
    better = levels | {subject: min(HIGHEST, levels[subject] + 1)}
    before, after = assess(levels, rubric), assess(better, rubric)
    assert after.score >= before.score
    assert set(after.lacking) <= set(before.lacking)
    assert before.tier == "emerging" or after.tier == "strategic"


@given(LEVELS, rubrics())
def test_the_tier_is_strategic_when_nothing_is_missing_and_nothing_is_lacking(
    levels: dict[str, int], rubric: Rubric
) -> None:
    found = assess(levels, rubric)
    assert (found.tier == "strategic") == (found.missing == 0 and not found.lacking)
    assert set(found.lacking) == {s for s in SUBJECTS if levels[s] < rubric.minimums[s]}
    assert found.missing == max(0, rubric.strategic_from - found.score)
    assert Rubric.from_json(rubric.to_json()) == rubric


def test_a_high_score_without_room_to_grow_stays_emerging_and_says_which_condition_is_lacking() -> None:
    levels = dict.fromkeys(SUBJECTS, HIGHEST)
    assert assess(levels, NETWORK).tier == "strategic"
    found = assess(levels | {"scaling": 2}, NETWORK)
    assert (found.score, found.tier, found.lacking, found.missing) == (90, "emerging", ("scaling",), 0)


def test_the_network_s_rubric_says_every_level_in_both_languages() -> None:
    NETWORK.require_whole()
    words = [level for subject in SUBJECTS for level in NETWORK.levels[subject]]
    assert len(words) == len(SUBJECTS) * (HIGHEST + 1)
    assert all(word["es"] and word["en"] and word["es"] != word["en"] for word in words)
    assert {*DIMENSIONS, "innovation", "scaling"} == set(SUBJECTS)
    assert {assess(dict.fromkeys(SUBJECTS, n), NETWORK).tier for n in (0, 4)} == set(vocabulary.TIERS)


def test_weights_that_do_not_add_up_and_a_level_that_is_none_are_refused() -> None:
    with pytest.raises(Invalid, match=r"rubric.weights_sum"):
        Rubric.from_json(NETWORK.to_json() | {"weights": dict.fromkeys(SUBJECTS, 3)}).require_whole()
    with pytest.raises(ValueError, match="no level 5"):
        assess(dict.fromkeys(SUBJECTS, 5), NETWORK)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 60), st.integers(-70, 70))
def test_a_check_counts_until_its_last_day_and_no_stale_one_is_overlooked(on: date, months: int, days: int) -> None:
    last = counts_until(on, months)
    assert not is_stale(on, months, last)
    assert is_stale(on, months, last + timedelta(days=1))
    today = last + timedelta(days=days)
    assert on <= latest_stale(today, months) or not is_stale(on, months, today)


SCAN = JPEG[JPEG.index(b"\xff\xda") : -2]


def test_a_photograph_is_kept_without_where_it_was_taken_wherever_that_is_written() -> None:
    table = segment(0xDB, b"\x02" + b"\xff\xd9" * 32)
    whole = JPEG[:HEAD] + table + JPEG[HEAD:-2] + SCAN + JPEG[-2:]
    between = JPEG[:HEAD] + table + exif(1) + JPEG[HEAD:-2] + exif(1) + SCAN + JPEG[-2:]
    assert file_kept(between) == Kept("image/jpeg", whole)
    assert file_kept(PNG[:33] + chunk(b"eXIf", SECRET) + PNG[33:]) == Kept("image/png", PNG)


@pytest.mark.parametrize("content", [JPEG[:30], PNG[:40], b"\xff\xd8\xff", b"GIF89a", b"<svg/>", b"", JPEG[:44]])
def test_what_is_broken_off_or_something_else_is_not_kept(content: bytes) -> None:
    assert file_kept(content) is None


@given(st.binary(max_size=60))
def test_no_bytes_break_the_reading_of_a_photograph(noise: bytes) -> None:
    for head in (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"):
        found = file_kept(head + noise)
        assert found is None or found.content.startswith(head[:2])

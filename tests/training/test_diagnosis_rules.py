"""What diagnoses come to: exact scores, the published percentages, and benchmarks that tell of nobody alone."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.training.reference import csr
from services.training.rules.diagnosis.benchmark import ALL, Standing, benchmark, members_of, publishable, summarise
from services.training.rules.diagnosis.instrument import AREAS, BOTTOM_LINES, CORE_SUBJECTS
from services.training.rules.diagnosis.radar import Line, radar
from services.training.rules.diagnosis.scoring import changes, score

INSTRUMENT = csr.instrument()
FIRM: dict[str, Any] = {"form": "full", "size": "small", "sector": "manufacturing"}
GUADALAJARA = {
    "internal_public": (536, 67),
    "public_policy": (520, 65),
    "suppliers": (520, 65),
    "marketing": (504, 63),
    "governance": (496, 62),
    "community": (376, 47),
    "environment": (320, 40),
}
"""By area, the points that twenty enterprises have together of 800, and the percentage the workshop published."""


def spread(points: int, places: int, most: int) -> list[int]:
    """`points` over so many places, none with more than `most`, unevenly."""
    given = []
    for left in range(places, 0, -1):
        given.append(min(most, max(points - (left - 1) * most, points - points // 2 if left % 3 else 0)))
        points -= given[-1]
    assert points == 0
    return given


def workshop() -> list[Standing]:
    """Twenty enterprises whose answers to ten indicators an area come to the published totals."""
    answers: list[dict[str, str]] = [{} for _ in range(20)]
    for area in INSTRUMENT.areas:
        levels = spread(GUADALAJARA[area.code][0], 200, 4)
        for place, level in enumerate(levels):
            answers[place % 20][area.indicators[place // 20].code] = str(level)
    scores = [score(INSTRUMENT, one, **FIRM) for one in answers]
    return [Standing({"workshop": ("g",)}, {area: one.of(area) for area in AREAS}) for one in scores]


def test_the_benchmark_of_the_workshop_of_guadalajara_is_reproduced_exactly():
    standings = workshop()
    found = benchmark(standings, AREAS, smallest=5, confidence=0.95)
    for area, (points, percent) in GUADALAJARA.items():
        summary = found[area][ALL]
        assert summary is not None
        assert summary.enterprises == 20
        assert summary.mean == Fraction(points, 800)
        assert summary.mean * 100 == percent
        assert summary.low is not None
        assert summary.high is not None
        assert summary.low < float(summary.mean) < summary.high


def test_seven_areas_of_ten_indicators_each_are_tied_to_iso_26000_and_the_triple_result():
    assert tuple(area.code for area in INSTRUMENT.areas) == AREAS
    every = [one for area in INSTRUMENT.areas for one in area.indicators]
    assert [len(area.indicators) for area in INSTRUMENT.areas] == [10] * 7
    assert len({one.code for one in every}) == 70
    assert {one.core_subject for one in every} == set(CORE_SUBJECTS)
    assert {one.bottom_line for one in every} == set(BOTTOM_LINES)
    assert sum(one.gender for one in every) >= 7
    assert all(one.words[language] and one.evidence[language] for one in every for language in ("es", "en"))
    assert len({one.words["es"] for one in every} | {one.words["en"] for one in every}) == 140


def test_the_short_form_asks_the_smallest_three_things_of_each_area():
    for area in INSTRUMENT.areas:
        short = area.asked_of("short", "micro", "trade")
        assert len(short) == 3
        every = {one.code for one in area.asked_of("full", "micro", "trade")}
        assert {one.code for one in short} <= every


def test_size_and_sector_decide_what_is_asked():
    environment = INSTRUMENT.area("environment")
    assert environment is not None
    asked = {one.code for one in environment.asked_of("full", "micro", "information_technology")}
    assert not asked & {"E3", "E5", "E9"}
    assert {one.code for one in environment.asked_of("full", "medium", "manufacturing")} >= {"E3", "E5", "E9"}


def test_what_does_not_apply_is_left_out_and_what_is_not_known_counts_as_nothing():
    found = score(INSTRUMENT, {"G1": "4", "G2": "na", "G3": "unknown", "G4": "3"}, **FIRM)
    area = found.areas[0]
    assert found.of("governance") == Fraction(7, 12)
    assert (area.asked, area.answered, area.unknown, area.not_applicable) == (10, 4, 1, 1)
    assert found.coverage == Fraction(4, 70)
    assert found.of("community") is None
    assert found.overall == Fraction(7, 12), "an area without a score is not in the mean"


def test_an_area_of_which_nothing_applies_has_no_score():
    area = INSTRUMENT.areas[0]
    found = score(INSTRUMENT, {one.code: "na" for one in area.indicators}, **FIRM)
    assert found.of(area.code) is None
    assert found.overall is None
    assert found.areas[0].answered == 10


def test_scores_are_fractions_without_rounding():
    third = {"G1": "1", "G2": "0", "G3": "3"}
    assert score(INSTRUMENT, third, **FIRM).of("governance") == Fraction(1, 3)


@pytest.mark.parametrize(
    ("value", "stage"),
    [
        (Fraction(0), "awareness"),
        (Fraction(1, 5) - Fraction(1, 10**9), "awareness"),
        (Fraction(1, 5), "beginning"),
        (Fraction(2, 5), "practice"),
        (Fraction(3, 5), "management"),
        (Fraction(4, 5), "example"),
        (Fraction(1), "example"),
    ],
)
def test_the_stage_of_learning_begins_exactly_at_its_threshold(value: Fraction, stage: str):
    assert INSTRUMENT.stage(value).code == stage


def test_the_lens_of_gender_sees_its_own_indicators_alone():
    lens = [one.code for area in INSTRUMENT.areas for one in area.indicators if one.gender]
    found = score(INSTRUMENT, {**dict.fromkeys(lens, "4"), "G1": "0"}, **FIRM)
    assert found.gender == 1


def test_what_changed_between_two_diagnoses_is_told_area_by_area():
    before = score(INSTRUMENT, {"G1": "1", "E1": "2"}, **FIRM)
    after = score(INSTRUMENT, {"G1": "3", "C1": "4"}, **FIRM)
    told = {one.code: one.points for one in changes(before, after)}
    assert told["governance"] == Fraction(1, 2)
    assert told["environment"] is None
    assert told[None] == Fraction(7, 8) - Fraction(3, 8)


def test_quartiles_and_interval_are_those_of_the_textbook():
    found = summarise([Fraction(one, 10) for one in (1, 2, 3, 4, 10)], 0.95)
    assert (found.lower_quartile, found.median, found.upper_quartile) == (
        Fraction(2, 10),
        Fraction(3, 10),
        Fraction(4, 10),
    )
    assert found.mean == Fraction(4, 10)
    # Student's t of 4 degrees of freedom is 2.776445; the deviation is 0.353553.
    assert found.low == pytest.approx(max(0.0, 0.4 - 2.776445 * 0.353553 / 5**0.5), abs=1e-5)
    assert found.high == pytest.approx(0.4 + 2.776445 * 0.353553 / 5**0.5, abs=1e-5)
    alone = summarise([Fraction(1, 2)], 0.95)
    assert (alone.low, alone.high) == (None, None)


def firms(*groups: tuple[str, str, str, int]) -> list[Standing]:
    """So many enterprises of a sector, a country and a workshop ("" for none)."""
    return [
        Standing(
            {"sector": (sector,), "country": (country,), "workshop": (shop,) if shop else ()},
            {"governance": Fraction(place % 5, 5)},
        )
        for sector, country, shop, count in groups
        for place in range(count)
    ]


def test_a_group_of_few_is_withheld_with_the_one_from_which_it_would_follow():
    members = members_of(firms(("trade", "HN", "", 9), ("tourism", "HN", "", 6), ("energy", "HN", "", 3)))
    shown = publishable(members, 5)
    assert ("sector", "energy") not in shown
    assert ("sector", "tourism") not in shown, "all less trade and tourism would be energy"
    assert ("sector", "trade") in shown
    assert ALL in shown


def test_a_workshop_of_few_does_not_follow_from_its_country():
    members = members_of(
        firms(("trade", "HN", "a", 6), ("trade", "HN", "b", 3), ("trade", "SV", "c", 6), ("trade", "SV", "d", 7))
    )
    shown = publishable(members, 5)
    assert ("workshop", "b") not in shown
    assert ("workshop", "a") not in shown or ("country", "HN") not in shown


def test_who_went_to_no_workshop_does_not_follow_from_who_did():
    members = members_of(firms(("trade", "HN", "a", 8), ("trade", "HN", "", 2)))
    shown = publishable(members, 5)
    assert not {ALL, ("workshop", "a")} <= shown


def test_fewer_than_five_enterprises_are_not_told_of_at_all():
    found = benchmark(firms(("trade", "HN", "", 4)), ["governance"], smallest=5, confidence=0.95)
    assert set(found["governance"].values()) == {None}
    assert benchmark([], ["governance"], smallest=5, confidence=0.95) == {"governance": {ALL: None}}


_FIRMS = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.sampled_from(["", "1", "2"])), max_size=40
)


@given(_FIRMS)
@settings(max_examples=150, deadline=None)
def test_no_small_group_follows_from_any_sum_or_difference_of_two_that_are_shown(rows: list[tuple[str, str, str]]):
    members = members_of(firms(*[(sector, country, shop, 1) for sector, country, shop in rows]))
    shown = [members[group] for group in publishable(members, 5)]
    few = {those for those in members.values() if 0 < len(those) < 5}
    assert not few & set(shown)
    for one in shown:
        for other in shown:
            assert not (other < one and len(one - other) < 5)
            assert one - other not in few or not other < one
            for third in shown:
                if other < one and third < one - other:
                    assert one - other - third not in few


def test_the_radar_draws_what_it_tells_and_escapes_names():
    drawn = radar("Áreas", "a: 50%", [f"Área {place}" for place in range(7)], [Line("<Empresa>", [0.5] * 6 + [None])])
    assert "&lt;Empresa&gt;" in drawn
    assert drawn.count("<circle") == 6, "no mark where there is no score"
    assert drawn.count("</text>") == 4 + 7 + 1

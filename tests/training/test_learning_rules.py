"""How large a change is and how sure: golden figures, SciPy as the oracle, and questionnaires read as written."""

import math
from random import Random

import pytest
from scipy import stats

from services.training.rules.learning.change import against_waiting, gain, paired_means, paired_shares
from services.training.rules.learning.distributions import fair_two_sided, t_quantile, t_two_sided
from services.training.rules.learning.questionnaire import (
    AGREEMENT,
    CHOICE,
    NUMBER,
    TEXT,
    Item,
    answered,
    marked,
    missing,
    written,
)
from shared.kernel import Invalid

SLEEP_FIRST = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_SECOND = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
"""Hours of sleep gained by ten patients under two drugs: Student, Biometrika 6 (1908) 20."""

QUESTIONS = """¿Cuánto cuesta la docena?
- 24
* 30
- 49

Una mujer puede dirigir una cooperativa.
[acuerdo]

¿Cuántas horas durmió?
[número]

¿Qué cambiaría?
[texto]
"""


def test_thirty_per_cent_more_is_fifteen_points_and_29_hundredths_of_what_was_left() -> None:
    knowledge = gain(290 / 590, 377 / 590)
    assert knowledge.relative == pytest.approx(0.300, abs=5e-4)
    assert knowledge.points == pytest.approx(14.7, abs=0.05)
    assert knowledge.normalised == pytest.approx(0.29, abs=1e-12)
    perception = gain(29 / 59, 40 / 59)
    assert perception.relative == pytest.approx(0.379, abs=5e-4)


def test_a_gain_from_nothing_or_from_all_is_no_share() -> None:
    assert gain(0, 0.5).relative is None
    assert gain(1, 0.5).normalised is None


def test_students_own_figures() -> None:
    told = paired_means(SLEEP_FIRST, SLEEP_SECOND)
    assert told.t == pytest.approx(4.0621, abs=5e-5)
    assert told.p == pytest.approx(0.002833, abs=5e-7)
    assert told.low == pytest.approx(0.7001, abs=5e-5)
    assert told.high == pytest.approx(2.4599, abs=5e-5)
    assert told.pairs == 10


@pytest.mark.parametrize("seed", range(30))
def test_paired_means_agree_with_scipy(seed: int) -> None:
    chance = Random(seed)
    size = chance.choice([2, 3, 10, 59, 590])
    before = [chance.gauss(50, 20) for _ in range(size)]
    after = [value + chance.gauss(5, 15) for value in before]
    told, oracle = paired_means(before, after), stats.ttest_rel(after, before)
    interval = oracle.confidence_interval(0.95)
    assert told.t == pytest.approx(oracle.statistic, rel=1e-9)
    assert told.p == pytest.approx(oracle.pvalue, rel=1e-9, abs=1e-12)
    assert told.low == pytest.approx(interval.low, rel=1e-9)
    assert told.high == pytest.approx(interval.high, rel=1e-9)


@pytest.mark.parametrize("df", [1, 2, 5, 9, 30, 589, 10_000])
def test_students_t_agrees_with_scipy(df: int) -> None:
    assert t_quantile(0.95, df) == pytest.approx(stats.t.ppf(0.975, df), rel=1e-9)
    for t in (0.0, 0.1, 1.0, 2.262, 8.0, -3.0):
        assert t_two_sided(t, df) == pytest.approx(2 * stats.t.sf(abs(t), df), rel=1e-9)


def test_mcnemars_test_is_exact() -> None:
    for gained in range(0, 40, 3):
        for lost in range(0, 40, 4):
            expected = stats.binomtest(gained, gained + lost).pvalue if gained + lost else 1
            assert fair_two_sided(gained, lost) == pytest.approx(expected, rel=1e-9)


def shares(both: int, lost: int, gained: int, neither: int) -> tuple[list[bool], list[bool]]:
    counts = {(True, True): both, (True, False): lost, (False, True): gained, (False, False): neither}
    pairs = [pair for pair, count in counts.items() for _ in range(count)]
    return [before for before, _ in pairs], [after for _, after in pairs]


def test_a_change_of_opinion_is_told_with_its_interval() -> None:
    told = paired_shares(*shares(both=27, lost=2, gained=13, neither=17))
    assert (told.before, told.after, told.pairs) == (29, 40, 59)
    assert told.gain.points == pytest.approx(18.644, abs=1e-3)
    assert told.p == pytest.approx(stats.binomtest(2, 15).pvalue, rel=1e-9)
    up, down = 14 / 61, 3 / 61
    reach = stats.norm.ppf(0.975) * math.sqrt((up + down - (up - down) ** 2) / 61)
    assert told.low == pytest.approx(100 * (up - down - reach), rel=1e-9)
    assert told.high == pytest.approx(100 * (up - down + reach), rel=1e-9)
    assert told.low < told.gain.points < told.high
    assert told.effect == pytest.approx(2 * math.asin(math.sqrt(40 / 59)) - 2 * math.asin(math.sqrt(29 / 59)))


def test_the_interval_of_a_change_holds_the_truth_as_often_as_it_says() -> None:
    chance = Random(7)
    weights, truth, held = (0.4, 0.1, 0.3, 0.2), 100 * (0.3 - 0.1), 0
    for _ in range(2_000):
        drawn = chance.choices(range(4), weights, k=30)
        told = paired_shares(*shares(*(drawn.count(cell) for cell in range(4))))
        held += told.low <= truth <= told.high
    assert 0.93 <= held / 2_000 <= 0.98


def test_one_pair_has_no_interval_and_equal_changes_no_test() -> None:
    one = paired_means([1.0], [2.0])
    assert (one.difference, one.low, one.t, one.p, one.effect) == (1.0, None, None, None, None)
    equal = paired_means([1.0, 2.0], [2.0, 3.0])
    assert (equal.low, equal.high, equal.t, equal.effect) == (1.0, 1.0, None, None)


def test_lists_of_different_lengths_are_no_pairs() -> None:
    with pytest.raises(ValueError, match="zip"):
        paired_means([1.0], [1.0, 2.0])


def test_who_waits_is_compared_with_welchs_interval() -> None:
    trained, waiting = [3.0, 5.0, 4.0, 6.0, 8.0, 2.0], [1.0, 2.0, 0.0, 3.0]
    told = against_waiting(trained, waiting)
    assert told is not None
    oracle = stats.ttest_ind(trained, waiting, equal_var=False)
    assert told.difference == pytest.approx(4.6666667 - 1.5)
    assert told.low <= oracle.confidence_interval().low, "rounding down widens it"
    assert told.low == pytest.approx(told.difference - stats.t.ppf(0.975, math.floor(oracle.df)) * _error(oracle, told))
    assert against_waiting([1.0], waiting) is None
    assert against_waiting([1.0, 1.0], [2.0, 2.0]) is None


def _error(oracle: object, told: object) -> float:
    return float(told.difference / oracle.statistic)  # type: ignore[attr-defined]


def test_a_questionnaire_is_read_as_it_is_written() -> None:
    items = written(QUESTIONS.replace("\n", "\r\n"), "knowledge")
    assert [item.kind for item in items] == [CHOICE, AGREEMENT, NUMBER, TEXT]
    assert items[0] == Item(CHOICE, "¿Cuánto cuesta la docena?", ("24", "30", "49"), 2)
    assert [Item.read(item.kept()) for item in items] == items


@pytest.mark.parametrize(
    ("text", "purpose", "code"),
    [
        ("", "knowledge", "instrument.questions"),
        ("\n\n".join(["¿Qué?\n[texto]"] * 61), "perception", "instrument.questions"),
        ("- 24\n* 30", "knowledge", "instrument.question_text"),
        ("¿" + "a" * 501 + "?\n[acuerdo]", "perception", "instrument.question_text"),
        ("¿Cuánto?", "knowledge", "instrument.question_kind"),
        ("¿Cuánto?\n[quizás]", "knowledge", "instrument.question_kind"),
        ("¿Cuánto?\n[número]\n* 1\n- 2", "knowledge", "instrument.question_kind"),
        ("¿Cuánto?\n- 24\n- 30", "knowledge", "instrument.question_options"),
        ("¿Cuánto?\n* 24\n* 30", "knowledge", "instrument.question_options"),
        ("¿Cuánto?\n* 24\n- 24", "knowledge", "instrument.question_options"),
        ("¿Cuánto?\n* 24", "knowledge", "instrument.question_options"),
        ("¿Cuánto?\n[número]", "knowledge", "instrument.measures_nothing_choice"),
        ("¿Cuánto?\n[número]", "satisfaction", "instrument.measures_nothing_agreement"),
    ],
)
def test_what_cannot_be_asked_is_refused(text: str, purpose: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        written(text, purpose)
    assert refused.value.code == code


def test_answers_are_read_by_what_is_asked() -> None:
    items = written(QUESTIONS, "knowledge")
    answers = answered(items, {1: "2", 2: " 5 ", 3: "7,5", 4: "Nada"})
    assert answers == {"1": 2, "2": 5, "3": 7.5, "4": "Nada"}
    assert (marked(items, answers), missing(items, answers)) == (1.0, [])
    assert (marked(items, {}), missing(items, {})) == (0.0, [1, 2])
    assert answered(items, {1: " "}) == {}
    assert marked(items[1:], {}) is None


@pytest.mark.parametrize(
    ("number", "value", "code"),
    [
        (0, "1", "answer.unknown_question"),
        (5, "1", "answer.unknown_question"),
        (1, "4", "answer.not_a_choice"),
        (1, "dos", "answer.not_a_choice"),
        (2, "6", "answer.not_a_choice"),
        (3, "1e3", "answer.not_a_number"),
        (4, "a" * 1_001, "answer.too_long"),
    ],
)
def test_an_answer_that_cannot_be_is_refused(number: int, value: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        answered(written(QUESTIONS, "knowledge"), {number: value})
    assert refused.value.code == code

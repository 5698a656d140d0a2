"""The rules of a report's first page: which three findings and asks are told, and never of a withheld figure."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.territory.rules.chains import ChainRow, LinkRow
from services.territory.rules.findings import (
    HEADLINES,
    Limits,
    Reading,
    Standing,
    asks,
    findings,
    headlines,
    percent,
    shares,
)

LIMITS = Limits(points=10, change=10, asked_by=30)
COUNTS = st.one_of(st.none(), st.integers(0, 500))


def standing(**known: int | None) -> Standing:
    needs = {name: known.pop(name) for name in ("credit", "training", "market") if name in known}
    return Standing({"enterprises": 100, **known}, needs)


def codes(said: Any) -> list[str]:
    return [one.code for one in said]


def chain(women: int | None, *missing: str) -> ChainRow:
    links = tuple(
        LinkRow(link, 0, 0, "missing" if link in missing else "absent", "x") for link in ("inputs", "marketing")
    )
    return ChainRow("coffee", "Café", women, women, links)


@pytest.mark.parametrize(
    ("before", "told"), [(90, ["finding.grew"]), (91, []), (111, []), (112, ["finding.shrank"]), (None, []), (0, [])]
)
def test_a_change_is_told_from_the_limit_on(before: int | None, told: list[str]) -> None:
    found = codes(findings(Reading(standing(), LIMITS, before=standing(enterprises=before))))

    assert [code for code in found if code != "finding.nothing"] == told


def test_the_furthest_share_is_told_on_either_side() -> None:
    here = standing(formal=20, validated=35, in_training=90)
    around = standing(enterprises=1000, formal=400, validated=400, in_training=300)

    assert codes(findings(Reading(here, LIMITS, around=around))) == [
        "finding.below.formal", "finding.above.in_training", "finding.part",
    ]  # fmt: skip


@pytest.mark.parametrize("below", [0, 1])
def test_what_lies_exactly_at_a_limit_is_told_and_what_lies_just_below_is_not(below: int) -> None:
    around = standing(enterprises=1000, formal=200)
    grown = Reading(standing(enterprises=110 - below), LIMITS, before=standing(enterprises=100))
    apart = Reading(standing(formal=30 - below), LIMITS, around=around)
    asking = Reading(standing(market=30 - below), LIMITS)

    assert ("finding.grew" in codes(findings(grown))) is not bool(below)
    assert ("finding.above.formal" in codes(findings(apart))) is not bool(below)
    assert ("finding.need.market" in codes(findings(asking))) is not bool(below)
    assert ("ask.market" in codes(asks(asking))) is not bool(below)


def test_of_a_chain_that_lacks_nothing_the_next_one_is_told() -> None:
    reading = Reading(standing(women=200), LIMITS, chains=[chain(120), chain(60, "marketing")])

    assert codes(findings(reading))[:2] == ["finding.main_chain", "finding.missing_link"]
    assert asks(reading)[0].facts["link"] == "marketing"


@pytest.mark.parametrize("women", [None, 0])
def test_a_chain_whose_women_may_not_be_told_is_passed_over(women: int | None) -> None:
    reading = Reading(standing(women=200), LIMITS, chains=[chain(women, "inputs"), chain(60, "marketing")])

    main, missing, *_ = findings(reading)
    assert (main.code, main.facts["women"]) == ("finding.main_chain", 60)
    assert (missing.code, missing.facts["link"]) == ("finding.missing_link", "marketing")


def test_a_headline_tells_by_how_much_it_changed_since_and_what_stands_around() -> None:
    reading = Reading(
        standing(enterprises=110, women=4, loans=None), LIMITS,
        before=standing(enterprises=100, women=9, loans=3), around=standing(enterprises=900),
    )  # fmt: skip

    told = {one.code: one for one in headlines(reading)}
    assert (told["enterprises"].change, told["women"].change, told["loans"].change) == (10, -5, None)
    assert (told["enterprises"].around, told["women"].around) == (900, None)


def test_proposals_come_first_among_the_asks() -> None:
    states = {"submitted": 1, "debated": 2, "included": 1, "budgeted": 4, "rejected": 9}

    told = asks(Reading(standing(informal=90), LIMITS, proposals=states))

    assert codes(told) == ["ask.decide", "ask.budget", "ask.carry_out"]
    assert told[0].facts == {"number": 3}


@pytest.mark.parametrize(("informal", "told"), [(50, "ask.register"), (51, "ask.formalise"), (None, "ask.register")])
def test_formalising_is_asked_for_where_more_than_half_are_not(informal: int | None, told: str) -> None:
    assert codes(asks(Reading(standing(informal=informal), LIMITS))) == [told]


def test_nobody_asks_for_what_more_have_than_want() -> None:
    assert codes(asks(Reading(standing(credit=10, loans=10, training=9, in_training=8), LIMITS))) == ["ask.training"]


@given(
    here=st.dictionaries(st.sampled_from([*HEADLINES, "informal"]), COUNTS),
    around=st.dictionaries(st.sampled_from([*HEADLINES, "informal"]), COUNTS),
    needs=st.dictionaries(st.sampled_from(["credit", "market", "training"]), COUNTS),
)
def test_one_to_three_are_always_told_and_no_fact_is_unknown(here: Any, around: Any, needs: Any) -> None:
    reading = Reading(Standing(here, needs), LIMITS, around=Standing(around), before=Standing(around))

    for told in (findings(reading), asks(reading)):
        assert 1 <= len(told) <= 3
        assert all(value is not None for one in told for value in one.facts.values())
    assert len(headlines(reading)) == 6


@given(withheld=st.sampled_from([*HEADLINES]), number=st.integers(5, 500))
def test_what_is_withheld_changes_nothing_that_is_said(withheld: str, number: int) -> None:
    """Whatever number hides behind a withheld figure, the page is the same: it does not come in."""
    hidden = Standing({withheld: None, **{name: number for name in HEADLINES if name != withheld}})

    assert headlines(Reading(hidden, LIMITS, before=hidden))[HEADLINES.index(withheld)].change is None
    assert withheld not in {name for name, _, _ in shares(Reading(hidden, LIMITS, around=hidden))}


def test_percent_of_nothing_is_unknown() -> None:
    assert percent(3, 0) is None
    assert percent(None, 5) is None
    assert percent(1, 4) == 25

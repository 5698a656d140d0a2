"""A committee decides only when enough seats and every constituency are there, free of conflict."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.credit.rules.quorum import (
    CHOICES,
    CONSTITUENCIES,
    MAJORITIES,
    Member,
    Rule,
    outcome,
    quorum,
    voting_quorum,
)

RULE = Rule(seats=3)
WOMEN, CSEM, LEDA = CONSTITUENCIES


def member(seat, constituency, choice=None, **facts):
    return Member(seat, constituency, facts.pop("present", True), choice=choice, **facts)


def test_three_seats_of_three_constituencies_make_a_quorum():
    assert quorum([member("a", WOMEN), member("b", CSEM), member("c", LEDA)], RULE).reached


def test_enough_seats_without_one_constituency_make_none():
    state = quorum([member("a", WOMEN), member("b", WOMEN), member("c", LEDA)], RULE)
    assert (state.present, state.missing, state.reached) == (3, (CSEM,), False)


def test_every_constituency_with_too_few_seats_makes_none():
    roll = [member("a", WOMEN), member("b", CSEM), member("c", LEDA), member("d", WOMEN, present=False)]
    assert not quorum(roll, Rule(seats=4)).reached


def test_a_recused_member_leaves_the_quorum_of_the_item():
    roll = [member("a", WOMEN), member("b", CSEM, recused=True), member("c", LEDA), member("d", WOMEN)]
    assert quorum(roll, RULE).missing == (CSEM,)


def test_a_decision_stands_on_votes_not_on_chairs():
    roll = [member("a", WOMEN, "approve"), member("b", CSEM, "approve"), member("c", LEDA)]
    assert quorum(roll, RULE).reached
    assert not voting_quorum(roll, RULE).reached


@pytest.mark.parametrize(
    ("choices", "majority", "expected"),
    [
        ("approve approve refuse", "simple", "approved"),
        ("approve refuse refuse", "simple", "refused"),
        ("approve refuse defer", "simple", "deferred"),
        ("defer defer approve", "simple", "deferred"),
        ("approve approve refuse", "two_thirds", "approved"),
        ("approve approve approve refuse refuse", "two_thirds", "deferred"),
        ("approve approve approve", "unanimous", "approved"),
        ("approve approve refuse", "unanimous", "deferred"),
        ("approve approve -  -  -", "absolute", "deferred"),
        ("approve approve approve - -", "absolute", "approved"),
    ],
)
def test_the_majority_the_regulations_ask_for_decides(choices, majority, expected):
    roll = [
        member(str(number), CONSTITUENCIES[number % 3], None if choice == "-" else choice)
        for number, choice in enumerate(choices.split())
    ]
    assert outcome(roll, Rule(seats=1, majority=majority)) == expected


@pytest.mark.parametrize(("chair", "expected"), [("approve", "approved"), ("refuse", "refused")])
def test_on_a_tie_the_chair_decides(chair, expected):
    other = "refuse" if chair == "approve" else "approve"
    roll = [
        member("a", WOMEN, chair, chair=True),
        member("b", CSEM, other),
        member("c", LEDA, other),
        member("d", WOMEN, chair),
    ]
    assert outcome(roll, RULE) == expected
    assert outcome(roll, replace(RULE, casting_vote=False)) == "deferred"


def test_a_tie_without_the_chair_voting_defers():
    roll = [member("a", WOMEN, "approve"), member("b", CSEM, "refuse"), member("c", LEDA, chair=True, recused=True)]
    assert outcome(roll, RULE) == "deferred"


def test_a_recused_vote_never_counts():
    roll = [member("a", WOMEN, "approve", recused=True), member("b", CSEM, "refuse"), member("c", LEDA, "refuse")]
    assert outcome(roll, RULE) == "refused"


rolls = st.lists(
    st.builds(
        Member,
        seat=st.uuids().map(str),
        constituency=st.sampled_from(CONSTITUENCIES),
        present=st.booleans(),
        recused=st.booleans(),
        choice=st.sampled_from([None, *CHOICES]),
    ),
    max_size=9,
)
rules = st.builds(Rule, seats=st.integers(1, 5), majority=st.sampled_from(MAJORITIES), casting_vote=st.booleans())


@settings(max_examples=150)
@given(rolls, rules)
def test_recusing_one_more_never_makes_a_quorum(roll, rule):
    for number, one in enumerate(roll):
        without = [*roll[:number], replace(one, recused=True), *roll[number + 1 :]]
        assert quorum(roll, rule).reached or not quorum(without, rule).reached


@settings(max_examples=150)
@given(rolls, rules)
def test_an_approval_always_has_more_votes_for_than_against_or_the_chair(roll, rule):
    if outcome(roll, rule) == "approved":
        votes = [one.choice for one in roll if one.choice and not one.recused]
        assert votes.count("approve") >= votes.count("refuse")
        assert votes.count("approve") >= 1


@settings(max_examples=100)
@given(rolls, rules)
def test_one_more_vote_for_never_turns_an_approval_around(roll, rule):
    more = Member("new", WOMEN, present=True, choice="approve")
    if outcome(roll, rule) == "approved" and rule.majority != "absolute":
        assert outcome([*roll, more], rule) == "approved"

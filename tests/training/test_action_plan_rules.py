"""The steps of an action plan and its traffic light."""

from datetime import date, timedelta

import pytest

from services.training.rules import action_plans as rules
from services.training.rules.action_plans import Span, Standing
from shared.kernel import Invalid, Refused

BEGIN = date(2026, 1, 31)
POLICY = {"amber_after_days": 7, "red_after_days": 21}


def light(today: date, state: str = rules.IN_EXECUTION, **facts: object) -> rules.Light:
    return rules.light(Standing(state, BEGIN, **facts), today, months=(1, 2, 3, 6), **POLICY)  # type: ignore[arg-type]


def test_a_month_after_the_thirty_first_is_the_last_day_of_the_month():
    assert rules.months_after(BEGIN, 1) == date(2026, 2, 28)
    assert rules.months_after(date(2026, 11, 15), 2) == date(2027, 1, 15)
    assert rules.months_after(date(2027, 8, 31), 6) == date(2028, 2, 29)


def test_a_check_in_turns_the_light_with_its_delay():
    due = date(2026, 2, 28)
    assert light(due - timedelta(days=1)) == rules.Light(rules.GREEN)
    assert light(due) == rules.Light(rules.GREEN, (), (1,))
    assert light(due + timedelta(days=7)).colour == rules.GREEN
    assert light(due + timedelta(days=8)) == rules.Light(rules.AMBER, ("check_in_late",), (1,))
    assert light(due + timedelta(days=22)).colour == rules.RED
    assert light(due + timedelta(days=22), checked_in=[1]) == rules.Light(rules.GREEN)


def test_a_key_action_turns_the_light_when_it_is_late_or_stuck():
    last, today = date(2026, 2, 1), date(2026, 2, 20)
    assert light(today, key_actions=[(last, rules.UNDER_WAY)]) == rules.Light(rules.AMBER, ("action_late",))
    assert light(today, key_actions=[(last, rules.DONE)]).colour == rules.GREEN
    assert light(today, key_actions=[(date(2026, 6, 1), rules.STUCK)]) == rules.Light(rules.AMBER, ("action_stuck",))
    assert light(date(2026, 2, 27), key_actions=[(last, rules.NOT_BEGUN)]).colour == rules.RED


def test_a_plan_that_is_not_carried_out_has_no_light_and_a_closed_one_that_of_its_end():
    far = date(2027, 1, 1)
    assert {light(far, state).colour for state in rules.STATES[:6]} == {rules.GREY}
    assert light(far, rules.VERIFIED).colour == rules.GREEN
    assert light(far, rules.ABANDONED).colour == rules.RED


@pytest.mark.parametrize("before", rules.STATES)
@pytest.mark.parametrize("after", rules.STATES)
def test_a_plan_takes_the_steps_of_its_life_and_no_others(before: str, after: str):
    path = [
        (rules.DRAFT, rules.SUBMITTED),
        (rules.SUBMITTED, rules.IN_REVIEW),
        (rules.IN_REVIEW, rules.RETURNED),
        (rules.RETURNED, rules.SUBMITTED),
        (rules.IN_REVIEW, rules.ACCEPTED),
        (rules.ACCEPTED, rules.KEY_SELECTED),
        (rules.KEY_SELECTED, rules.IN_EXECUTION),
        (rules.IN_EXECUTION, rules.VERIFIED),
    ]
    may = (before, after) in path or (after == rules.ABANDONED and before not in rules.CLOSED)
    if may:
        rules.require_step(before, after)
    else:
        with pytest.raises(Refused, match=r"plan\.not_now"):
            rules.require_step(before, after)


def test_actions_lie_within_six_months_of_the_first():
    first = Span(date(2026, 1, 10), date(2026, 2, 1))
    rules.require_within([first, Span(date(2026, 3, 1), date(2026, 7, 10))], 6)
    rules.require_within([], 6)
    with pytest.raises(Invalid, match=r"plan\.too_long") as late:
        rules.require_within([first, Span(date(2026, 3, 1), date(2026, 7, 11))], 6)
    assert late.value.pointer == "/actions/1/ends_on"
    with pytest.raises(Invalid, match=r"plan\.ends_before_it_begins"):
        rules.require_within([Span(date(2026, 3, 1), date(2026, 2, 1))], 6)

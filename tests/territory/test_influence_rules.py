"""The way of proposals and the indicators of influence, as rules: properties that hold whatever is recorded."""

from datetime import date, timedelta
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.territory.rules.access import may_record, may_write
from services.territory.rules.influence import Course, HeldSeat, grouped, outcome, paces, seats_on, still_at
from services.territory.rules.proposals import (
    CLOSED,
    PATH,
    PROPOSED,
    REJECTED,
    STATES,
    STEPS,
    WITH_AMOUNT,
    Step,
    by_year,
    next_states,
    standing,
)

FIRST = date(2026, 1, 1)


@st.composite
def ways(draw: st.DrawFn) -> list[Step]:
    """What may be recorded of a proposal: forward steps, and corrections to states it has been at."""
    day, steps = FIRST, [Step(PROPOSED, FIRST)]
    for _ in range(draw(st.integers(0, 9))):
        counted = standing(steps)
        onward = next_states(counted[-1].state)
        back = [step.state for step in counted]
        if onward and draw(st.booleans()):
            state, corrects = draw(st.sampled_from(onward)), False
        else:
            state, corrects = draw(st.sampled_from(back)), True
            day = counted[back.index(state) - 1].day if back.index(state) else FIRST
        day += timedelta(days=draw(st.integers(0, 400)))
        amount = draw(st.integers(0, 10**12)) if state in WITH_AMOUNT else None
        steps.append(Step(state, day, amount, corrects))
    return steps


@st.composite
def courses(draw: st.DrawFn) -> Course:
    return Course(
        unit=draw(st.sampled_from(["HN1709", "HN1701", "GT0101"])),
        year=draw(st.sampled_from([2025, 2026])),
        organization=draw(st.sampled_from(["Red A", "Red B"])),
        currency=draw(st.sampled_from(["HNL", "GTQ"])),
        asked=draw(st.integers(1, 10**12)),
        steps=standing(draw(ways())),
    )


@given(ways())
def test_what_counts_of_a_proposal_goes_forward_without_a_gap_and_never_back_in_time(steps: list[Step]) -> None:
    counted = standing(steps)
    states = [step.state for step in counted]
    assert states[0] == PROPOSED
    assert states[-1] == steps[-1].state, "the last record says where it stands"
    without_rejection = states[:-1] if states[-1] == REJECTED else states
    assert without_rejection == list(PATH[: len(without_rejection)])
    days = [step.day for step in counted]
    assert days == sorted(days)


@given(ways())
def test_correcting_the_last_step_to_itself_changes_nothing_but_the_record(steps: list[Step]) -> None:
    last = standing(steps)[-1]
    same = Step(last.state, last.day, last.amount, corrects=True)
    assert [(one.state, one.day, one.amount) for one in standing([*steps, same])] == [
        (one.state, one.day, one.amount) for one in standing(steps)
    ]


def test_nothing_follows_the_end_and_nothing_is_rejected_that_was_not_submitted() -> None:
    assert all(next_states(state) == () for state in CLOSED)
    assert next_states(PROPOSED) == ("submitted",)
    assert all(REJECTED in next_states(state) for state in PATH[1:-1])


@given(st.lists(courses(), max_size=12))
def test_the_groups_of_a_dimension_add_up_to_all_of_each_currency(found: list[Course]) -> None:
    for by in ("unit", "year", "organization"):
        for (_, currency), together in grouped(found, None).items():
            parts = [outcome(group) for (_, of), group in grouped(found, by).items() if of == currency]
            whole = outcome(together)
            for name in ("proposals", "submitted", "included", "budgeted", "executed", "rejected", "asked", "approved",
                         "asked_of_budgeted", "approved_of_executed", "spent"):  # fmt: skip
                assert sum(getattr(part, name) for part in parts) == getattr(whole, name)


@given(st.lists(courses(), max_size=12))
def test_fewer_reach_each_further_state_and_shares_are_what_they_say(found: list[Course]) -> None:
    told = outcome(found)
    assert told.proposals >= told.submitted >= told.included >= told.budgeted >= told.executed
    if told.submitted:
        assert told.inclusion_rate == told.included / told.submitted
        assert 0 <= told.inclusion_rate <= 1
    else:
        assert told.inclusion_rate is None
    assert (told.approved_share is None) == (told.budgeted == 0)
    assert sum(still_at(found).values()) == len(found)


@given(st.lists(courses(), max_size=12))
def test_the_pace_of_a_step_is_the_median_of_those_who_took_it(found: list[Course]) -> None:
    for pace in paces(found):
        took = []
        for one in found:
            states = [step.state for step in one.steps]
            if pace.state in states:
                at = states.index(pace.state)
                took.append((one.steps[at].day - one.steps[at - 1].day).days)
        assert (pace.n, pace.days) == (len(took), median(took) if took else None)
        assert not took or pace.days >= 0


@given(st.lists(st.tuples(st.booleans(), st.integers(-400, 400), st.none() | st.integers(0, 400)), max_size=20))
def test_only_titular_seats_of_the_day_are_counted(seats: list[tuple[bool, int, int | None]]) -> None:
    held = [
        HeldSeat(
            "a", titular, FIRST + timedelta(days=begin), None if last is None else FIRST + timedelta(days=begin + last)
        )
        for titular, begin, last in seats
    ]
    expected = sum(titular and begin <= 0 and (last is None or begin + last >= 0) for titular, begin, last in seats)
    assert seats_on(FIRST, held, {"a": 30, "b": 9}) == {"a": (expected, 30), "b": (0, 9)}


@given(st.lists(st.tuples(st.integers(2020, 2030), st.integers(0, 10**12)), max_size=30))
def test_the_years_add_up_to_all_of_the_costs(lines: list[tuple[int, int]]) -> None:
    years = by_year(lines)
    assert sum(amount for _, amount in years) == sum(amount for _, amount in lines)
    assert [year for year, _ in years] == sorted({year for year, _ in lines})


@pytest.mark.parametrize("state", STEPS)
def test_each_role_records_what_is_hers(state: str) -> None:
    assert may_record({"coordinator"}, state, own=False)
    assert may_record({"planner"}, state, own=False) == (state in {"submitted", "debated", "included", "rejected"})
    for role in ("organization", "technician"):
        assert may_record({role}, state, own=True) == (state == "submitted")
        assert not may_record({role}, state, own=False)
    for role in ("auditor", "leda_viewer"):
        assert not may_record({role}, state, own=True)
    assert not may_write({"planner"}, own=True)
    assert STATES[0] not in STEPS

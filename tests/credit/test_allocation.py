"""A repayment is spread oldest instalment first, in the regulations' order, and never loses a cent."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.credit.rules.allocation import COMPONENTS, Owed, Part, allocate
from shared.kernel import Invalid, Refused

FIRST = Owed(1, due=True, penalty=5_00, fee=2_00, interest=20_00, principal=100_00)
SECOND = Owed(2, due=True, interest=18_00, principal=102_00)
FUTURE = Owed(3, due=False, interest=16_00, principal=104_00)


def test_the_oldest_instalment_is_paid_before_the_next():
    assert allocate(130_00, [SECOND, FIRST]) == [
        Part(1, penalty=5_00, fee=2_00, interest=20_00, principal=100_00),
        Part(2, interest=3_00),
    ]


def test_within_an_instalment_the_regulations_order_is_kept():
    assert allocate(25_00, [FIRST], ("principal", "interest", "fee", "penalty")) == [Part(1, principal=25_00)]
    assert allocate(25_00, [FIRST]) == [Part(1, penalty=5_00, fee=2_00, interest=18_00)]


def test_an_instalment_whose_day_has_not_come_is_paid_in_advance_where_the_regulations_allow_it():
    assert allocate(267_00, [FIRST, SECOND, FUTURE])[-1] == Part(3, interest=16_00, principal=4_00)


def test_payment_in_advance_is_refused_where_the_regulations_do_not_allow_it():
    with pytest.raises(Refused) as refusal:
        allocate(267_00, [FIRST, SECOND, FUTURE], advance=False)
    assert refusal.value.code == "repayment.not_yet_due"
    assert refusal.value.facts["due"] == "247.00"


def test_more_than_all_that_is_owed_is_refused():
    with pytest.raises(Refused) as refusal:
        allocate(367_01, [FIRST, SECOND, FUTURE])
    assert refusal.value.code == "repayment.above_outstanding"
    assert refusal.value.facts["outstanding"] == "367.00"


@pytest.mark.parametrize("amount", [0, -1])
def test_an_amount_that_is_not_positive_is_refused(amount):
    with pytest.raises(Invalid) as refusal:
        allocate(amount, [FIRST])
    assert refusal.value.code == "repayment.amount_not_positive"


def test_an_order_that_forgets_a_component_is_refused():
    with pytest.raises(Invalid) as refusal:
        allocate(1, [FIRST], ("principal", "interest", "fee"))
    assert refusal.value.code == "regulations.allocation_order_incomplete"


cents = st.integers(0, 50_000)
debts = st.lists(st.tuples(st.booleans(), cents, cents, cents, cents), min_size=1, max_size=8).map(
    lambda items: [Owed(number, *item) for number, item in enumerate(items, start=1)]
)


@settings(max_examples=100)
@given(debts, st.permutations(COMPONENTS), st.data())
def test_the_parts_sum_to_the_amount_and_none_pays_more_than_is_owed(owed, order, data):
    outstanding = sum(item.total for item in owed)
    if not outstanding:
        return
    amount = data.draw(st.integers(1, outstanding))
    parts = allocate(amount, owed, order)
    assert sum(part.total for part in parts) == amount
    by_number = {item.number: item for item in owed}
    for part in parts:
        assert all(getattr(part, name) <= getattr(by_number[part.number], name) for name in COMPONENTS)


@settings(max_examples=100)
@given(debts, st.permutations(COMPONENTS), st.data())
def test_nothing_is_paid_of_an_instalment_while_an_older_one_owes(owed, order, data):
    outstanding = sum(item.total for item in owed)
    if not outstanding:
        return
    parts = allocate(data.draw(st.integers(1, outstanding)), owed, order)
    paid = {part.number: part.total for part in parts}
    touched = [item for item in owed if item.total and item.number <= max(paid)]
    assert all(paid[item.number] == item.total for item in touched[:-1])


@settings(max_examples=100)
@given(debts, st.permutations(COMPONENTS), st.data())
def test_within_an_instalment_a_later_component_waits_for_an_earlier_one(owed, order, data):
    outstanding = sum(item.total for item in owed)
    if not outstanding:
        return
    parts = allocate(data.draw(st.integers(1, outstanding)), owed, order)
    last, item = parts[-1], next(item for item in owed if item.number == parts[-1].number)
    open_ = [name for name in order if getattr(last, name) < getattr(item, name)]
    if open_:
        later = order[order.index(open_[0]) + 1 :]
        assert all(getattr(last, name) == 0 for name in later)


@settings(max_examples=60)
@given(debts, st.data())
def test_paying_in_two_goes_pays_what_paying_at_once_does(owed, data):
    outstanding = sum(item.total for item in owed)
    if outstanding < 2:
        return
    first = data.draw(st.integers(1, outstanding - 1))
    left = {part.number: part for part in allocate(first, owed)}
    rest = [
        Owed(o.number, o.due, *(getattr(o, n) - getattr(left.get(o.number, Part(0)), n) for n in COMPONENTS))
        for o in owed
    ]
    second = data.draw(st.integers(1, outstanding - first))
    together: dict[int, int] = {}
    for part in [*allocate(first, owed), *allocate(second, rest)]:
        together[part.number] = together.get(part.number, 0) + part.total
    assert together == {part.number: part.total for part in allocate(first + second, owed)}

"""Money is exact, ids are in order, the clock can be held still."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel import CURRENCIES, Invalid, Money, Refused, clock, uuid7

currencies = st.sampled_from(CURRENCIES)
minors = st.integers(-(10**17) + 1, 10**17 - 1)


@given(minors, currencies)
def test_money_written_and_read_again_is_the_same_money(minor: int, currency: str):
    money = Money(minor, currency)
    assert Money.parse(str(money), currency) == money
    assert Decimal(str(money)) == money.decimal == Decimal(minor) / 100


@given(minors, minors, currencies)
def test_sums_and_differences_are_exact(one: int, other: int, currency: str):
    a, b = Money(one, currency), Money(other, currency)
    assert (a + b) - b == a
    assert a - a == Money.zero(currency)
    assert -a == Money.zero(currency) - a
    assert (a < b) == (one < other)
    assert (a >= b) == (one >= other)
    assert Money.total([a, b, -a], currency) == b


@given(minors, minors)
def test_two_currencies_are_never_taken_together(one: int, other: int):
    quetzals, dollars = Money(one, "GTQ"), Money(other, "USD")
    for together in (lambda: quetzals + dollars, lambda: quetzals - dollars, lambda: quetzals < dollars):
        with pytest.raises(Invalid, match=r"money\.currencies_differ"):
            together()
    assert quetzals != dollars


@pytest.mark.parametrize("text", ["0", "7", "1250.00", "0.5", "-3.25", "000000000000001.00", "999999999999999.99"])
def test_an_amount_is_digits_with_at_most_two_decimals(text: str):
    assert Money.parse(text, "HNL").decimal == Decimal(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        ".",
        "1.",
        ".5",
        "1.005",
        "1,00",
        "1 000",
        "1_000",
        "+1",
        "--1",
        "1e3",
        "NaN",
        "\uff11",
        "\u0661",
        "1\u00b2",
        "0x1",
        "1\n",
    ],
)
def test_anything_else_is_refused_instead_of_repaired(text: str):
    with pytest.raises(Invalid, match=r"money\.malformed"):
        Money.parse(text, "HNL")


@given(st.text(max_size=30))
def test_any_text_is_either_money_to_the_cent_or_refused(text: str):
    try:
        money = Money.parse(text, "USD")
    except Invalid:
        return
    assert money.decimal == Decimal(text)


def test_a_currency_of_another_region_is_refused():
    with pytest.raises(Invalid, match=r"money\.unknown_currency"):
        Money(1, "EUR")


def test_only_zero_is_no_money():
    assert not Money.zero("GTQ")
    assert Money(1, "GTQ")
    assert Money(-1, "GTQ")
    assert str(Money(-5, "GTQ")) == "-0.05"


def test_ids_of_one_process_are_unique_and_in_order():
    made = [uuid7() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {(item.version, item.variant) for item in made} == {(7, "specified in RFC 4122")}


def test_ids_made_by_threads_at_once_are_unique():
    with ThreadPoolExecutor(8) as pool:
        made = [item for batch in pool.map(lambda _: [uuid7() for _ in range(2_000)], range(8)) for item in batch]
    assert len(set(made)) == 16_000


def test_an_id_tells_the_millisecond_it_was_made():
    before = clock.now()
    told = datetime.fromtimestamp((uuid7().int >> 80) / 1000, UTC)
    assert abs(told - before) < timedelta(seconds=5)


def test_the_clock_is_held_still_and_let_go_again():
    moment = datetime(2026, 3, 1, 2, tzinfo=UTC)
    with clock.frozen(moment):
        assert clock.now() == moment
        with clock.frozen(moment + timedelta(days=1)):
            assert clock.now() == moment + timedelta(days=1)
        assert clock.now() == moment
    assert clock.now() > moment


def test_the_day_is_the_local_one_of_the_three_countries():
    with clock.frozen(datetime(2026, 3, 1, 5, 59, tzinfo=UTC)):
        assert clock.today() == date(2026, 2, 28)
    with clock.frozen(datetime(2026, 3, 1, 6, tzinfo=UTC)):
        assert clock.today() == date(2026, 3, 1)


def test_a_refusal_tells_its_code_and_its_facts():
    assert str(Refused("committee.no_quorum", present=3, needed=4)) == "committee.no_quorum (present=3, needed=4)"
    assert str(Refused("changed_meanwhile")) == "changed_meanwhile"

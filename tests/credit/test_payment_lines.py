"""What a file of payments says is read as it is, or not at all; and each line has one verdict."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.credit.rules.collection import NEXT_STEPS, Followed, promise_state, todo, urgency
from services.credit.rules.payment_lines import (
    POSTED,
    VERDICTS,
    Layout,
    Line,
    Standing,
    guess,
    numbers_in,
    read,
    remembered,
    samples,
    verdict,
)
from shared.kernel import Invalid

HEAD = ["Fecha", "No. de transacción", "Referencia", "Nombre del pagador", "Monto", "Comisión"]
ROWS: list[list[Any]] = [
    ["Reporte de pagos", None, None, None, None, None],
    HEAD,
    ["05/03/2026", "TX-1", "FON-P-2026-0001", "María Inventada", "100.00", "2.50"],
    ["04/03/2026", 50412345678.0, "9876-5432", "Juana Inventada", 75.5, None],
    ["Total", None, None, None, "175.50", None],
]
TODAY = date(2026, 3, 5)


def test_the_columns_are_guessed_and_the_lines_read():
    layout = guess(ROWS)
    assert layout == Layout(begins=2, date=0, transaction=1, reference=2, payer=3, amount=4, charge=5)
    assert read(ROWS, layout) == [
        Line(3, date(2026, 3, 5), 100_00, 2_50, "FON-P-2026-0001", "María Inventada", "TX-1"),
        Line(4, date(2026, 3, 4), 75_50, 0, "9876-5432", "Juana Inventada", "50412345678"),
    ]
    shown = samples(ROWS, layout)
    assert (shown["titles"], shown["samples"][0][1], shown["charge"]) == (HEAD, "TX-1", 5)


def test_a_table_without_a_header_is_not_guessed():
    assert guess([["1", "2"], ["3", "4"]]) == Layout()


def changed(row: int, column: int, value: Any) -> list[list[Any]]:
    rows = [list(one) for one in ROWS]
    rows[row][column] = value
    return rows


@pytest.mark.parametrize(
    ("rows", "code", "row"),
    [
        (changed(2, 0, "ayer"), "payments.day_unreadable", 3),
        (changed(2, 1, None), "payments.transaction_missing", 3),
        (changed(2, 1, "x" * 61), "payments.transaction_missing", 3),
        (changed(2, 4, "1.250"), "payments.amount_unreadable", 3),
        (changed(3, 5, "dos"), "payments.amount_unreadable", 4),
    ],
)
def test_what_cannot_be_read_is_named_by_its_row(rows: list[list[Any]], code: str, row: int):
    with pytest.raises(Invalid) as refused:
        read(rows, guess(ROWS))
    assert (refused.value.code, refused.value.facts["row"]) == (code, row)


@pytest.mark.parametrize(
    ("layout", "code"),
    [
        (Layout(begins=2, date=0, amount=4, reference=2), "payments.column_missing"),
        (Layout(begins=2, date=0, amount=4, reference=2, transaction=2), "payments.column_twice"),
        (Layout(begins=5, date=0, amount=4, reference=2, transaction=1), "payments.no_lines"),
    ],
)
def test_a_layout_that_cannot_be_is_refused(layout: Layout, code: str):
    with pytest.raises(Invalid) as refused:
        read(ROWS, layout)
    assert refused.value.code == code


def test_a_file_that_nobody_would_look_through_is_refused():
    rows = [HEAD, *(["05/03/2026", f"T{n}", "x", "y", 1, None] for n in range(2_001))]
    with pytest.raises(Invalid) as refused:
        read(rows, guess(rows))
    assert refused.value.code == "payments.too_many"
    assert len(read(rows[:2_001], guess(rows))) == 2_000


def test_numbers_are_found_however_they_are_written():
    assert numbers_in("pago fon - p - 2026 - 0001 gracias", "") == ["FON-P-2026-0001"]
    assert numbers_in("RECIBO FON-RC-2026-0012", "FON-P-2026-0001") == ["FON-RC-2026-0012", "FON-P-2026-0001"]
    assert numbers_in("9876-5432", "abono") == []


def test_only_a_reference_that_says_enough_is_remembered():
    assert remembered("9876-5432")
    assert not remembered("pago")


def line(**facts: Any) -> Line:
    known = {"row": 3, "day": TODAY, "amount": 100_00, "charge": 0, "reference": "", "payer": "", "transaction": "T"}
    return Line(**(known | facts))


def standing(**facts: Any) -> Standing:
    return Standing(**({"earliest": date(2026, 1, 5), "takes": 500_00, "by_caller": False} | facts))


@pytest.mark.parametrize(
    ("one", "loans", "loan", "said"),
    [
        (line(), 1, standing(), "posts"),
        (line(amount=600_00), 1, standing(), "posts_with_excess"),
        (line(), 1, standing(takes=0), "all_excess"),
        (line(), 0, None, "unknown_reference"),
        (line(), 2, None, "several_loans"),
        (line(day=date(2026, 3, 6)), 1, standing(), "future_day"),
        (line(day=date(2026, 1, 4)), 1, standing(), "before_loan"),
        (line(currency="USD"), 1, standing(), "other_currency"),
        (line(currency="HNL"), 1, standing(), "posts"),
        (line(amount=-100), 1, standing(), "not_a_payment"),
        (line(charge=100_00), 1, standing(), "charge_too_high"),
        (line(), 1, standing(by_caller=True), "disburser"),
    ],
)
def test_each_line_has_one_verdict(one: Line, loans: int, loan: Standing | None, said: str):
    assert verdict(one, loans, loan, "HNL", TODAY) == said
    assert said in VERDICTS


@given(amount=st.integers(-10, 1_000), takes=st.integers(0, 1_000))
def test_whatever_the_loan_takes_money_that_came_in_is_posted(amount: int, takes: int):
    said = verdict(line(amount=amount), 1, standing(takes=takes), "HNL", TODAY)
    assert (said in POSTED) == (amount > 0)


@given(promised=st.integers(1, 1_000), paid=st.integers(0, 2_000), late=st.integers(-3, 3))
def test_a_promise_is_kept_broken_or_open(promised: int, paid: int, late: int):
    until = date(2026, 3, 5)
    state = promise_state(promised, until, paid, date.fromordinal(until.toordinal() + late))
    assert state == ("kept" if paid >= promised else "broken" if late > 0 else "open")


@pytest.mark.parametrize(
    ("followed", "what"),
    [
        (Followed(), "untouched"),
        (Followed(touched=True), "action_due"),
        (Followed(promise="broken", promised_on=date(2026, 3, 1), touched=True), "broken_promise"),
        (Followed("broken", date(2026, 3, 1), next_on=date(2026, 3, 9), touched=True), "waits"),
        (Followed("open", TODAY, touched=True), "promise_today"),
        (Followed("open", date(2026, 3, 9), next_on=TODAY, touched=True), "waits"),
        (Followed("kept", date(2026, 3, 1), next_on=TODAY, touched=True), "action_due"),
        (Followed(next_on=date(2026, 3, 6), touched=True), "waits"),
    ],
)
def test_what_is_to_be_done_today(followed: Followed, what: str):
    assert todo(followed, TODAY) == what


def test_the_most_urgent_comes_first():
    keys = [
        urgency("broken_promise", 3, 10, "HN1701", "A"),
        urgency("untouched", 90, 10, "HN1701", "B"),
        urgency("untouched", 30, 500, "HN1709", "C"),
        urgency("untouched", 30, 100, "HN1701", "D"),
        urgency("untouched", 30, 100, "HN1709", "E"),
    ]
    assert sorted(keys) == keys
    assert len(NEXT_STEPS) == 5

"""What the numbers of identity documents tell about themselves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.registry.rules.national_ids import cui_digit, dui_digit, examine, masked, normalised
from shared import places

CODES = places.municipalities()
GUATEMALAN = sorted(code[2:] for code in CODES if code.startswith("GT"))


def finding(kind: str, number: str) -> str | None:
    found = examine(kind, number, municipalities=CODES, year=2026)  # type: ignore[arg-type]
    return found.code if found else None


@pytest.mark.parametrize("number", ["000000018", "041223366", "109281599"])
def test_a_dui_with_its_digit_is_right(number: str) -> None:
    assert number[-1] == str(dui_digit(number))
    assert finding("dui", number) is None


def test_leading_zeros_that_a_spreadsheet_dropped_come_back() -> None:
    assert normalised("dui", 18.0) == "000000018"
    assert normalised("dni", 101196303610.0) == "0101196303610"
    assert normalised("dui", "00000001-8") == normalised("dui", "0000 0001–8") == "000000018"


@given(st.integers(min_value=1, max_value=99_999_999), st.integers(min_value=1, max_value=9))
def test_another_last_digit_is_always_wrong_in_a_dui(body: int, off: int) -> None:
    digits = f"{body:08d}"
    right = dui_digit(digits)
    assert finding("dui", f"{digits}{right}") is None
    assert finding("dui", f"{digits}{(right + off) % 10}") == "national_id.check_digit"


@given(st.integers(min_value=1, max_value=99_999_999), st.integers(0, 9), st.sampled_from(GUATEMALAN))
def test_a_cui_needs_its_digit_and_a_municipality_that_exists(body: int, digit: int, place: str) -> None:
    digits = f"{body:08d}"
    right = cui_digit(digits)
    expected = None if digit == right else "national_id.check_digit"
    assert finding("dpi", f"{digits}{digit}{place}") == expected
    if right < 10:
        assert finding("dpi", f"{digits}{right}9901") == "national_id.place"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("0101196303610", None),
        ("1709200381664", None),
        ("9901196303610", "national_id.place"),
        ("0199196303610", "national_id.place"),
        ("0101189903610", "national_id.year"),
        ("0101202703610", "national_id.year"),
        ("101196303610", "national_id.length"),
        ("01011963036100", "national_id.length"),
        ("01011963O3610", "national_id.characters"),
        ("٠١٠١١٩٦٣٠٣٦١٠", "national_id.characters"),
        ("0000000000000", "national_id.characters"),
        ("", "national_id.characters"),
    ],
)
def test_a_dni_has_a_municipality_a_year_and_a_sequence(number: str, code: str | None) -> None:
    assert finding("dni", number) == code


@given(st.text(max_size=30), st.sampled_from(["dui", "dpi", "dni"]))
def test_whatever_is_written_is_a_finding_or_a_number_and_never_a_failure(text: str, kind: str) -> None:
    finding(kind, normalised(kind, text))  # type: ignore[arg-type]


def test_a_mask_leaves_the_last_three_digits() -> None:
    assert masked("0101196303610") == "••••••••••610"
    assert masked("12") == "12"

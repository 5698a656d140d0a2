"""Schedules of 12 monthly instalments per second: one by one, side by side, and by a plain loop of decimals."""

import random
import time
from argparse import Namespace
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from services.credit.rules.batch import schedules, side_by_side
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import DayCount, Row, Terms, add_months

LOANS = 20_000
ROUNDS = 5
GOAL = 5
INSTALMENTS = 12
CENT = Decimal("0.01")
_RATES = [Decimal(rate) for rate in ("12", "15", "18", "21.5", "24", "30")]
_CONVENTIONS: tuple[DayCount, ...] = ("30/360", "actual/365", "actual/actual")


def invented(day_count: DayCount) -> list[Terms]:
    """Loans of 1,000 to 100,000 on 730 different days at six rates."""
    dice = random.Random(20261129)
    return [
        Terms(
            principal=dice.randrange(1_000_00, 100_000_00, 25_00),
            annual_rate=dice.choice(_RATES),
            instalments=INSTALMENTS,
            start=date(2026, 1, 1) + timedelta(days=dice.randrange(730)),
            day_count=day_count,
        )
        for _ in range(LOANS)
    ]


def decimal_loop(terms: Terms) -> list[tuple[int, date, Decimal, Decimal, Decimal]]:
    """A schedule as it is usually written: the instalment of an annuity, then interest and principal in a loop.

    It knows one way of counting days (months of a twelfth of a year), no smoothing, no grace, no multiple.
    """
    balance = Decimal(terms.principal) / 100
    rate = terms.annual_rate / 1200
    growth = (1 + rate) ** terms.instalments
    instalment = (balance * rate * growth / (growth - 1)).quantize(CENT, ROUND_HALF_EVEN)
    rows = []
    for number in range(1, terms.instalments + 1):
        interest = (balance * rate).quantize(CENT, ROUND_HALF_EVEN)
        principal = balance if number == terms.instalments else instalment - interest
        balance -= principal
        rows.append((number, add_months(terms.start, number), principal, interest, balance))
    return rows


def measure(_parts: Sequence[str], _given: Namespace) -> None:
    """Print how many schedules a second each way makes, and how many times the plain loop that is."""
    print(f"\n**Schedules of {INSTALMENTS} instalments, {LOANS:,} loans, best of {ROUNDS} rounds, taken in turn**\n")
    print("| day count | plain Decimal loop /s | ours one by one /s | ours side by side /s | times the loop |", end="")
    print(" side by side, as rows /s |\n|---|---:|---:|---:|---:|---:|")
    for day_count in _CONVENTIONS:
        terms = invented(day_count)
        _require_equal(terms)
        loop, one, side, rows = _best(
            terms,
            lambda all_: [decimal_loop(one) for one in all_],
            lambda all_: [schedule(one) for one in all_],
            lambda all_: list(side_by_side(all_)),
            schedules,
        )
        met = f"{side / loop:.1f} ({'goal' if side >= GOAL * loop else 'misses the goal of'} {GOAL})"
        print(f"| {day_count} | {loop:,.0f} | {one:,.0f} | {side:,.0f} | {met} | {rows:,.0f} |", flush=True)


def _require_equal(terms: Sequence[Terms]) -> None:
    """Stop where the schedules side by side are not those one by one."""
    one_by_one: list[list[Row]] = [schedule(one) for one in terms]
    if schedules(terms) != one_by_one:
        raise RuntimeError("the schedules side by side differ from those one by one")


def _best(terms: Sequence[Terms], *ways: Callable[[Sequence[Terms]], Any]) -> list[float]:
    """Schedules a second of each way, the best of some rounds in which they take turns."""
    found = [0.0] * len(ways)
    for _ in range(ROUNDS):
        for number, way in enumerate(ways):
            begun = time.perf_counter()
            way(terms)
            found[number] = max(found[number], len(terms) / (time.perf_counter() - begun))
    return found

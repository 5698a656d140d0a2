"""Schedules whose instalment is found from the real length of every period, then smoothed to a fair last one."""

from collections.abc import Sequence
from decimal import Decimal

from services.credit.rules.amortization import amortise
from services.credit.rules.day_counts import rate_factor
from services.credit.rules.terms import PRECISION, Period, Row, Terms

SMOOTHING_TRIES = 3


def equal_instalment(terms: Terms, periods: Sequence[Period]) -> list[Row]:
    """Declining balance, the same instalment every time; the last one differs by as little as can be had.

    The instalment is P * prod(1 + f_i) / F with F_1 = 1 and F_k = 1 + F_(k-1) * (1 + f_k), f_i being the interest
    factor of period i, so that periods of different lengths are treated alike.
    """
    factors = [rate_factor(terms, period) for period in periods]
    instalment = terms.to_multiple(_annuity(terms, factors[terms.grace_principal :]))
    rows = _with_instalment(terms, periods, factors, instalment)
    return _smoothed(terms, periods, factors, instalment, rows)


def equal_principal(terms: Terms, periods: Sequence[Period]) -> list[Row]:
    """Declining balance, the same part of the principal every time."""
    factors = [rate_factor(terms, period) for period in periods]
    portion = terms.to_multiple(Decimal(terms.principal) / (terms.instalments - terms.grace_principal))
    return amortise(
        terms,
        periods,
        charge=lambda period, balance: terms.to_cents(balance * factors[period.number - 1]),
        wanted=lambda _interest: portion,
    )


def flat(terms: Terms, periods: Sequence[Period]) -> list[Row]:
    """Interest on the first principal for every period, in equal instalments."""
    interests = [terms.to_cents(terms.principal * rate_factor(terms, period)) for period in periods]
    paying = interests[terms.grace_principal :]
    instalment = terms.to_multiple(Decimal(terms.principal + sum(paying)) / len(paying))
    return amortise(
        terms,
        periods,
        charge=lambda period, _balance: interests[period.number - 1],
        wanted=lambda interest: instalment - interest,
    )


def _annuity(terms: Terms, factors: Sequence[Decimal]) -> Decimal:
    growth, weight = Decimal(1), Decimal(0)
    for factor in factors:
        growth = PRECISION.multiply(growth, 1 + factor)
        weight = PRECISION.add(1, PRECISION.multiply(weight, 1 + factor))
    return PRECISION.divide(PRECISION.multiply(Decimal(terms.principal), growth), weight)


def _with_instalment(terms: Terms, periods: Sequence[Period], factors: Sequence[Decimal], instalment: int) -> list[Row]:
    return amortise(
        terms,
        periods,
        charge=lambda period, balance: terms.to_cents(balance * factors[period.number - 1]),
        wanted=lambda interest: instalment - interest,
        cap=instalment,
    )


def _smoothed(
    terms: Terms, periods: Sequence[Period], factors: Sequence[Decimal], instalment: int, rows: list[Row]
) -> list[Row]:
    """The rows with the instalment moved by a share of what the last one differs, while that brings it nearer."""
    difference = rows[-1].payment - instalment
    for _ in range(SMOOTHING_TRIES):
        if abs(difference) <= terms.instalments // 2:
            break
        share = terms.to_cents(Decimal(difference) / terms.instalments)
        moved = terms.to_multiple(Decimal(instalment + share))
        tried = _with_instalment(terms, periods, factors, moved)
        if abs(tried[-1].payment - moved) >= abs(difference):
            break
        instalment, rows, difference = moved, tried, tried[-1].payment - moved
    return rows

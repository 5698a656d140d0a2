"""Schedules whose instalment is found from the real length of every period, then smoothed to a fair last one."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from services.credit.rules.amortization import Wanted, agreed_portions, amortise
from services.credit.rules.day_counts import rate_factor
from services.credit.rules.terms import PRECISION, Period, Row, Terms

SMOOTHING_TRIES = 3


def equal_instalment(terms: Terms, periods: Sequence[Period]) -> list[Row]:
    """Declining balance, the same instalment every time; the last one differs by as little as can be had.

    The instalment is P * prod(1 + f_i) / F with F_1 = 1 and F_k = 1 + F_(k-1) * (1 + f_k), f_i being the interest
    factor of period i, so that periods of different lengths are treated alike. Interest that is put off is not spread.
    """
    factors = [rate_factor(terms, period) for period in periods]
    instalment = terms.to_multiple(annuity(terms, factors[terms.grace_principal :]))
    paid_at_once = replace(terms, grace_interest_payment=0) if terms.grace_interest_payment else terms
    rows = _with_instalment(paid_at_once, periods, factors, instalment)
    instalment, rows = _smoothed(paid_at_once, periods, factors, instalment, rows)
    return rows if paid_at_once is terms else _with_instalment(terms, periods, factors, instalment)


def equal_principal(terms: Terms, periods: Sequence[Period]) -> list[Row]:
    """Declining balance, the same part of the principal every time."""
    portion = terms.to_multiple(Decimal(terms.financed) / (terms.instalments - terms.grace_principal))
    return _declining(terms, periods, lambda _period, _interest: portion)


def bullet(terms: Terms, periods: Sequence[Period]) -> list[Row]:
    """The whole principal on the last day; until then only interest."""
    return _declining(terms, periods, lambda _period, _interest: 0)


def agreed_shares(terms: Terms, periods: Sequence[Period]) -> list[Row]:
    """Declining balance, the principal in the shares that the contract gives each date."""
    portions = agreed_portions(terms)
    return _declining(terms, periods, lambda period, _interest: portions[period.number - 1])


def flat(terms: Terms, periods: Sequence[Period]) -> list[Row]:
    """Interest on the first principal for every period, in equal instalments."""
    interests = [terms.to_cents(terms.financed * rate_factor(terms, period)) for period in periods]
    paying = interests[terms.grace_principal :]
    instalment = terms.to_multiple(Decimal(terms.financed + sum(paying)) / len(paying))
    return amortise(
        terms,
        periods,
        charge=lambda period, _balance: interests[period.number - 1],
        wanted=lambda _period, interest: instalment - interest,
    )


def _declining(terms: Terms, periods: Sequence[Period], wanted: Wanted) -> list[Row]:
    """The rows where interest is charged on what is still owed."""
    factors = [rate_factor(terms, period) for period in periods]
    return amortise(
        terms,
        periods,
        charge=lambda period, balance: terms.to_cents(balance * factors[period.number - 1]),
        wanted=wanted,
    )


def annuity(terms: Terms, factors: Sequence[Decimal]) -> Decimal:
    """The instalment that pays a loan back over periods of these interest factors, to 19 digits."""
    growth, weight = Decimal(1), Decimal(0)
    for factor in factors:
        growth = PRECISION.multiply(growth, 1 + factor)
        weight = PRECISION.add(1, PRECISION.multiply(weight, 1 + factor))
    return PRECISION.divide(PRECISION.multiply(Decimal(terms.financed), growth), weight)


def _with_instalment(terms: Terms, periods: Sequence[Period], factors: Sequence[Decimal], instalment: int) -> list[Row]:
    return amortise(
        terms,
        periods,
        charge=lambda period, balance: terms.to_cents(balance * factors[period.number - 1]),
        wanted=lambda _period, interest: instalment - interest,
        cap=instalment,
    )


def _smoothed(
    terms: Terms, periods: Sequence[Period], factors: Sequence[Decimal], instalment: int, rows: list[Row]
) -> tuple[int, list[Row]]:
    """The instalment moved by a share of what the last one differs, while that brings it nearer, and its rows."""
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
    return instalment, rows

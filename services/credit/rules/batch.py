"""The schedules of many loans side by side: the same cents as one by one, computed by columns.

Interest is found in floating point first. Where that lies so near to where rounding turns that it could fall on the
wrong side, the very decimals of the schedule one by one decide; so both are equal to the cent, always.
"""

import decimal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from services.credit.rules import progressive
from services.credit.rules.business_days import EVERY_DAY
from services.credit.rules.day_counts import rate_factor
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import Period, Row, Terms

Cents = NDArray[np.int64]
Days = NDArray[np.datetime64]
Floats = NDArray[np.float64]

LARGEST = 10**12
"""The largest principal, in cents, that is computed by columns."""
_METHODS = ("equal_instalment", "equal_principal", "bullet", "flat")
_SHAPE = attrgetter(
    "method",
    "engine",
    "day_count",
    "interest_period",
    "unit",
    "every",
    "instalments",
    "multiple",
    "rounding",
    "grace_principal",
    "grace_interest_payment",
    "grace_interest",
    "year_split",
)
_EPOCH = date(1970, 1, 1).toordinal()
_NEAR = 1e-9
_ULPS = 4e-16
_HALF = 0.5
_TO_NEAREST = (decimal.ROUND_HALF_EVEN, decimal.ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Lot:
    """Schedules of one length: a row for each loan, a column for each instalment; amounts in cents.

    `of` says which of the terms that were given each row belongs to.
    """

    of: Cents
    due: Days
    days: Cents
    principal: Cents
    interest: Cents
    balance: Cents

    def rows(self, number: int) -> list[Row]:
        """One of the schedules, as it comes one by one."""
        columns = (self.days, self.due, self.principal, self.interest, self.balance)
        values = zip(*(cast("list[Any]", column[number].tolist()) for column in columns), strict=True)
        return [Row(k, *row) for k, row in enumerate(values, start=1)]


def side_by_side(terms: Sequence[Terms]) -> Iterator[Lot]:
    """The schedules of all these terms, those of a kind together; what has no equal steps comes in lots of one."""
    kinds: dict[tuple[Any, ...], list[int]] = {}
    for number, one in enumerate(terms):
        if _by_columns(one):
            kinds.setdefault(_SHAPE(one), []).append(number)
        else:
            yield _lot_of_one(number, schedule(one))
    for numbers in kinds.values():
        yield _Kind([terms[number] for number in numbers]).lot(np.array(numbers))


def schedules(terms: Sequence[Terms]) -> list[list[Row]]:
    """The schedule of each of these terms, in their order."""
    found: list[list[Row]] = [[] for _ in terms]
    for lot in side_by_side(terms):
        for row, number in enumerate(lot.of.tolist()):
            found[number] = lot.rows(row)
    return found


def _by_columns(terms: Terms) -> bool:
    return (
        terms.engine == "progressive"
        and terms.method in _METHODS
        and terms.seed is None
        and terms.first_due is None
        and not terms.calendar
        and not terms.down_payment
        and (terms.business_days is EVERY_DAY or terms.business_days.shift == "none")
        and terms.principal <= LARGEST
    )


def _lot_of_one(number: int, rows: Sequence[Row]) -> Lot:
    def column(name: str) -> Cents:
        return np.array([[getattr(row, name) for row in rows]], dtype=np.int64)

    due = np.array([[row.due for row in rows]], dtype="datetime64[D]")
    return Lot(np.array([number]), due, *(column(name) for name in ("days", "principal", "interest", "balance")))


class _Kind:
    """Terms that differ in principal, rate and first day only."""

    def __init__(self, terms: Sequence[Terms]) -> None:
        self.terms, self.like = terms, terms[0]
        self.lent: Cents = np.fromiter((one.principal for one in terms), dtype=np.int64, count=len(terms))
        days = np.fromiter((one.start.toordinal() for one in terms), dtype=np.int64, count=len(terms))
        starts: Days = (days - _EPOCH).astype("datetime64[D]")
        self.dates = _dates(self.like, starts)
        self.days: Cents = np.diff(self.dates, axis=1).astype(np.int64)
        self.exact, self.which = self._factors()
        self.factors: Floats = np.array([float(factor) for factor in self.exact])[self.which]

    def lot(self, of: Cents) -> Lot:
        """All their schedules."""
        principal, interest, balance = _LAID_OUT[self.like.method](self)
        if waiting := self.like.grace_interest_payment:
            interest[:, waiting] = interest[:, : waiting + 1].sum(axis=1)
            interest[:, :waiting] = 0
        return Lot(of, self.dates[:, 1:], self.days, principal, interest, balance)

    def _factors(self) -> tuple[list[Decimal], Cents]:
        """The different interest factors, and which of them each period has."""
        rates = {rate: number for number, rate in enumerate({one.annual_rate for one in self.terms})}
        of_rate: Cents = np.fromiter(
            (rates[one.annual_rate] for one in self.terms), dtype=np.int64, count=len(self.terms)
        )
        free, alike = self.like.grace_interest, self._alike()
        marks = np.repeat(of_rate[:, None], self.like.instalments if free or not alike else 1, axis=1)
        if not alike:
            marks += self._marks() * len(rates)
        marks[:, :free] = -1
        _, first, which = np.unique(marks, return_index=True, return_inverse=True)
        exact = [self._factor(*divmod(int(at), marks.shape[1])) for at in first]
        return exact, np.broadcast_to(which.reshape(marks.shape), self.days.shape)

    def _alike(self) -> bool:
        """Whether every period bears the same interest, however long it is."""
        monthly = self.like.day_count == "30/360" and self.like.unit == "months"
        return monthly or self.like.interest_period == "as_repayment"

    def _marks(self) -> Cents:
        """A number for each period: those of the same number and rate have the same factor."""
        if self.like.day_count.startswith("actual/actual"):
            begun = self.dates[:, :-1].astype(np.int64)
            return begun * (int(self.days.max()) + 1) + self.days
        return self.days

    def _factor(self, loan: int, column: int) -> Decimal:
        start, due = (self.dates[loan, column + n].item() for n in (0, 1))
        return rate_factor(self.terms[loan], Period(column + 1, start, due))

    def interest(self, column: int, base: Cents, loans: Cents) -> Cents:
        """The interest of one period on `base`, for some of the loans."""
        value = base * self.factors[loans, column]
        cents, unsure = _rounded(value, self.like.rounding)
        for at in np.flatnonzero(unsure & (base > 0)).tolist():
            factor = self.exact[self.which[loans[at], column]]
            cents[at] = self.like.to_cents(int(base[at]) * factor)
        return cents

    def annuities(self) -> Cents:
        """The equal instalment of each loan, before it is smoothed."""
        growth, weight = np.ones(len(self.terms)), np.zeros(len(self.terms))
        for column in range(self.like.grace_principal, self.like.instalments):
            more = 1 + self.factors[:, column]
            growth, weight = growth * more, 1 + weight * more
        value = self.lent * growth / weight
        cents, unsure = _rounded(value / (self.like.multiple or 1), self.like.rounding, parts=4 * self.like.instalments)
        cents = cents * (self.like.multiple or 1)
        for at in np.flatnonzero(unsure | (cents == 0)).tolist():
            factors = [self.exact[number] for number in self.which[at, self.like.grace_principal :]]
            cents[at] = self.like.to_multiple(progressive.annuity(self.terms[at], factors))
        return cents

    def to_multiple(self, numerator: Cents, denominator: int) -> Cents:
        """A quotient rounded to the instalment's multiple, and to cents where that would make it nothing."""
        cents = _divided(numerator, denominator, self.like.rounding)
        if not self.like.multiple:
            return cents
        whole = _divided(numerator, denominator * self.like.multiple, self.like.rounding) * self.like.multiple
        return np.where(whole == 0, cents, whole)


Amounts = tuple[Cents, Cents, Cents]
Charge = Callable[[int, Cents], Cents]


def _amortised(
    like: Terms, lent: Cents, charge: Charge, pays: Callable[[Cents], Cents | int], cap: Cents | None = None
) -> Amounts:
    """Principal, interest and balance by columns: see `amortization.amortise`; interest that is put off comes after."""
    shape = (len(lent), like.instalments)
    principal, interest, balance = (np.empty(shape, dtype=np.int64) for _ in range(3))
    left, carried = lent.copy(), np.zeros_like(lent)
    for column in range(like.instalments):
        number = column + 1
        accrued = charge(column, left) + carried
        capped = cap is not None and like.grace_principal < number < like.instalments
        asked = np.minimum(accrued, cap) if capped and cap is not None else accrued
        carried = accrued - asked
        if number == like.instalments:
            paid = left
        elif number <= like.grace_principal:
            paid = np.zeros_like(left)
        else:
            paid = np.clip(pays(asked), 0, left)
        left = left - paid
        principal[:, column], interest[:, column], balance[:, column] = paid, asked, left
    return principal, interest, balance


def _equal_instalment(kind: _Kind) -> Amounts:
    """See `progressive.equal_instalment`: only those whose last instalment differs too much are tried again."""
    like = kind.like
    everyone: Cents = np.arange(len(kind.terms))
    instalment = kind.annuities()
    found = _with_instalment(kind, everyone, instalment)
    difference = _last_payment(found) - instalment
    trying = everyone
    for _ in range(progressive.SMOOTHING_TRIES):
        trying = trying[np.abs(difference[trying]) > like.instalments // 2]
        if not len(trying):
            break
        share = _divided(difference[trying], like.instalments, like.rounding)
        moved = kind.to_multiple(instalment[trying] + share, 1)
        tried = _with_instalment(kind, trying, moved)
        after = _last_payment(tried) - moved
        nearer = np.abs(after) < np.abs(difference[trying])
        trying = trying[nearer]
        instalment[trying], difference[trying] = moved[nearer], after[nearer]
        for column, new in zip(found, tried, strict=True):
            column[trying] = new[nearer]
    return found


def _with_instalment(kind: _Kind, loans: Cents, instalment: Cents) -> Amounts:
    return _amortised(
        kind.like,
        kind.lent[loans],
        lambda column, left: kind.interest(column, left, loans),
        lambda asked: instalment - asked,
        instalment,
    )


def _last_payment(found: Amounts) -> Cents:
    principal, interest, _ = found
    return principal[:, -1] + interest[:, -1]


def _declining(kind: _Kind, portion: Cents | int) -> Amounts:
    loans: Cents = np.arange(len(kind.terms))
    return _amortised(
        kind.like, kind.lent, lambda column, left: kind.interest(column, left, loans), lambda _asked: portion
    )


def _equal_principal(kind: _Kind) -> Amounts:
    return _declining(kind, kind.to_multiple(kind.lent, kind.like.instalments - kind.like.grace_principal))


def _bullet(kind: _Kind) -> Amounts:
    return _declining(kind, 0)


def _flat(kind: _Kind) -> Amounts:
    loans: Cents = np.arange(len(kind.terms))
    charged = [kind.interest(column, kind.lent, loans) for column in range(kind.like.instalments)]
    paying = charged[kind.like.grace_principal :]
    instalment = kind.to_multiple(kind.lent + np.sum(paying, axis=0), len(paying))
    return _amortised(kind.like, kind.lent, lambda column, _left: charged[column], lambda asked: instalment - asked)


_LAID_OUT: dict[str, Callable[[_Kind], Amounts]] = {
    "equal_instalment": _equal_instalment,
    "equal_principal": _equal_principal,
    "bullet": _bullet,
    "flat": _flat,
}


def _dates(like: Terms, starts: Days) -> Days:
    """The first day and every due date, a row for each loan: see `terms.planned_dates`."""
    steps = like.every * np.arange(like.instalments + 1)
    if like.unit != "months":
        by_days: Days = starts[:, None] + steps * (7 if like.unit == "weeks" else 1)
        return by_days
    months = starts.astype("datetime64[M]")
    day = starts - months.astype("datetime64[D]")
    months = months[:, None] + steps
    first = months.astype("datetime64[D]")
    last = (months + 1).astype("datetime64[D]") - first - 1
    dates: Days = first + np.minimum(day[:, None], last)
    return dates


def _rounded(value: Floats, rounding: str, parts: int = 1) -> tuple[Cents, NDArray[np.bool_]]:
    """Whole numbers, and where the true value may lie on the other side of where rounding turns; nothing is negative.

    `parts` is how many roundings of floating point lie behind each value.
    """
    below = np.floor(value)
    if rounding in _TO_NEAREST:
        turn, whole = below + _HALF, np.rint(value)
    else:
        turn, whole = np.rint(value), below if rounding == decimal.ROUND_DOWN else np.ceil(value)
    return whole.astype(np.int64), np.abs(value - turn) <= _NEAR + value * (_ULPS * parts)


def _divided(numerator: Cents, denominator: int, rounding: str) -> Cents:
    """A quotient rounded exactly, as `decimal` rounds."""
    whole, rest = np.divmod(np.abs(numerator), denominator)
    up = {
        decimal.ROUND_HALF_EVEN: (2 * rest > denominator) | ((2 * rest == denominator) & (whole % 2 == 1)),
        decimal.ROUND_HALF_UP: 2 * rest >= denominator,
        decimal.ROUND_DOWN: np.zeros_like(rest, dtype=np.bool_),
        decimal.ROUND_UP: rest > 0,
    }[rounding]
    rounded: Cents = np.sign(numerator) * (whole + up)
    return rounded

"""What a revolving fund can lend in the months to come, when what comes back is lent again.

Month by month: what falls due is paid as the recovery says (`recovery`), late parts follow in the next months; costs
leave, agreed contributions arrive, withdrawals go; what is left above the reserve is lent, on the schedules that the
fund lends on, and falls due in its turn. A fee that is kept back of it stays, to be lent in the next month. What is
never paid stays in the portfolio, at risk, until it is so old that the regulations set all of it aside: then it is
written off. Where they say no such age, it stays. Amounts are whole cents, so that no cent is lost on the way.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.credit.rules.recovery import Draws, Floats

Cents = NDArray[np.int64]

NEXT = (1, 1, 4)
"""How many months after its day, or after the stage before, a late part is paid: within 30 days, within 90, later."""
LATE_START = {1: (0, 1), 2: (1, 1), 3: (2, 3)}
"""What is late already at the start, by its stage: the queue it stands in, and the month in which it is paid."""
LOST_AFTER = {1: 6, 2: 5, 3: 3}
"""In which month it is lost, when none of it comes."""
LOST = 4
OLDEST = 12
"""How many months what is lost already at the start is late at least."""
_TAIL = 8


@dataclass(frozen=True, slots=True)
class Due:
    """What the running loans of one stage of arrears owe, in cents: `principal` and `interest` to come by month (the
    first month first, what is beyond the last one at the end), and what is overdue of both.
    """

    principal: tuple[int, ...]
    interest: tuple[int, ...]
    overdue_principal: int = 0
    overdue_interest: int = 0


@dataclass(frozen=True, slots=True)
class Position:
    """Where a fund stands, in cents. `due` is what its loans owe by their stage of arrears (0: none; 4: over 360
    days); `rescheduled` is the principal to come of rescheduled loans without arrears, by month as in `Due`; `promised`
    is approved and not paid out, `to_share` owed of its income. `costs` leave each month. What is lost is written off
    when it is so many months late (`written_off_after`), or never.
    """

    months: int
    cash: int
    reserve: int
    promised: int
    to_share: int
    costs: int
    due: dict[int, Due]
    rescheduled: tuple[int, ...]
    written_off_after: int | None = None

    @property
    def portfolio(self) -> int:
        """The principal that is owed."""
        return sum(sum(one.principal) + one.overdue_principal for one in self.due.values())


@dataclass(frozen=True, slots=True)
class Lending:
    """How the fund lends: which part of a loan falls due in each month after it, the interest of that month for each
    cent lent, what is asked for in a month (cents), and which part of what is not due is paid ahead in a month. For
    each cent lent, what of its `fees` is paid in each month after it, and what is `kept_back` of it when it is handed
    over.
    """

    principal: tuple[float, ...]
    interest: tuple[float, ...]
    demand: int = 0
    prepayment: float = 0.0
    fees: tuple[float, ...] = ()
    kept_back: float = 0.0

    @property
    def annual_rate(self) -> float:
        """The interest of a year in per cent of what is owed, on the declining balance by months."""
        owed = 1 - np.cumsum([0.0, *self.principal[:-1]])
        return float(1200 * sum(self.interest) / owed.sum())

    @property
    def earned(self) -> Floats:
        """Interest and fees of each month after a loan, for each cent lent."""
        earned = np.array(self.interest)
        earned[: len(self.fees)] += self.fees
        return earned

    def at(self, annual_rate: float) -> "Lending":
        """The same lending at another rate a year, in per cent; its fees stay."""
        now = self.annual_rate
        if now > 0:
            return replace(self, interest=tuple(part * annual_rate / now for part in self.interest))
        owed = 1 - np.cumsum([0.0, *self.principal[:-1]])
        return replace(self, interest=tuple(float(part) * annual_rate / 1200 for part in owed))


@dataclass(frozen=True, slots=True)
class Plan:
    """What is supposed: `arrears` times as much is late or lost as the past tells; `added` cents come (or go, negative)
    in a month; demand grows by `growth` per cent a year, or everything that can be lent is (None).
    """

    arrears: float = 1.0
    added: dict[int, int] = field(default_factory=dict)
    growth: float | None = None


@dataclass(frozen=True, slots=True)
class Forecast:
    """A row for each path, a column for each month, in cents; `lendable` before anything is lent, the rest after.
    `interest` is what was earned, fees included.
    """

    lendable: Cents
    lent: Cents
    principal: Cents
    interest: Cents
    cash: Cents
    portfolio: Cents
    at_risk: Cents
    written_off: Cents


def project(position: Position, lending: Lending, plan: Plan, draws: Draws) -> Forecast:
    """The futures of a fund, one for each path of `draws`."""
    run = _Run(position, lending, plan, draws)
    run.lend(np.full(draws.paths, position.promised, dtype=np.int64), 1)
    columns = [run.month(month) for month in range(1, position.months + 1)]
    return Forecast(*(np.stack(values, axis=1) for values in zip(*columns, strict=True)))


def band(values: Cents | Floats) -> list[tuple[float, float, float]]:
    """The 10th, 50th and 90th percentile of each month."""
    found = np.quantile(values, (0.1, 0.5, 0.9), axis=0)
    return [(float(low), float(median), float(high)) for low, median, high in found.T]


class _Run:
    """The money of all paths, month by month. The first axis is principal and interest, the second the path."""

    def __init__(self, position: Position, lending: Lending, plan: Plan, draws: Draws) -> None:
        self.position, self.lending, self.plan = position, lending, plan
        self.shares, self.rates = draws.shares(plan.arrears), draws.scaled(plan.arrears)
        columns = position.months + 2
        self.due = np.zeros((2, draws.paths, columns), dtype=np.int64)
        self.late = np.zeros((3, 2, draws.paths, columns + _TAIL), dtype=np.int64)
        self.lost = np.zeros((draws.paths, columns), dtype=np.int64)
        self.back: dict[int, Cents] = {}
        for stage, due in position.due.items():
            self._open(stage, due)
        self.cash = np.full(draws.paths, position.cash, dtype=np.int64)

    def _open(self, stage: int, due: Due) -> None:
        """Of loans that are late, only the part that comes back pays what is still to fall due; the rest is written off
        with what is overdue.
        """
        leaves = self._leaves(LOST_AFTER[stage]) if stage in LATE_START else self._leaves(sum(NEXT) - OLDEST)
        overdue = np.array([due.overdue_principal, due.overdue_interest], dtype=np.int64)
        to_come = np.array([due.principal, due.interest], dtype=np.int64)[:, None, :]
        if stage in LATE_START:
            queue, month = LATE_START[stage]
            self.late[queue, :, :, month] += overdue[:, None]
        else:
            self.lost[:, leaves] += overdue[0]
        returning = 1 - np.prod(1 - self.rates[stage:], axis=0) if stage else np.ones(self.rates.shape[1])
        coming = _whole(to_come * returning[None, :, None])
        self.due[:, :, 1:] += coming
        self.lost[:, leaves] += (to_come - coming)[0].sum(axis=1)
        if stage in LATE_START:
            self.back[stage] = coming[0]

    def _leaves(self, lost: int) -> int:
        """The month in which principal that is lost in the month `lost` is written off; what is lost then is as many
        months late as all the stages take. One beyond the last month where it never is.
        """
        never, age = self.position.months + 1, self.position.written_off_after
        return never if age is None else min(never, max(1, lost + max(0, age - sum(NEXT))))

    def lend(self, amount: Cents, month: int) -> None:
        """What is lent falls due from the next month on."""
        beyond = self.position.months + 1
        until = _whole(amount[:, None] * np.cumsum(self.lending.principal)[None, :])
        until[:, -1] = amount
        parts = (np.diff(until, axis=1, prepend=0), _whole(amount[:, None] * self.lending.earned[None, :]))
        first = month + 1
        inside = max(0, beyond - first)
        for kind, part in enumerate(parts):
            ends = min(beyond, first + part.shape[1])
            self.due[kind, :, first:ends] += part[:, :inside]
            self.due[kind, :, beyond] += part[:, inside:].sum(axis=1)

    def month(self, month: int) -> tuple[Cents, ...]:
        """One month passes; comes back with a column of each field of `Forecast`."""
        position, plan = self.position, self.plan
        paid = self._collect(month)
        paid[0] += self._prepay(month)
        self.cash = self.cash + paid.sum(axis=0) + plan.added.get(month, 0) - position.costs
        kept = np.zeros_like(self.cash)
        if month == 1:
            kept += self._kept_back(np.full_like(self.cash, position.promised))
            self.cash += kept - position.promised - position.to_share
        lendable = np.maximum(0, self.cash - position.reserve)
        lent = lendable if plan.growth is None else np.minimum(lendable, self._demand(month))
        self.cash = self.cash - lent + self._kept_back(lent)
        kept += self._kept_back(lent)
        self.lend(lent, month)
        portfolio = self._owed(month)
        at_risk = np.minimum(portfolio, self._at_risk(month))
        return lendable, lent, paid[0], paid[1] + kept, self.cash, portfolio, at_risk, self.lost[:, month].copy()

    def _kept_back(self, lent: Cents) -> Cents:
        """The fees that stay in the fund when so much is handed over."""
        return _whole(lent * self.lending.kept_back)

    def _demand(self, month: int) -> int:
        assert self.plan.growth is not None
        return int(self.lending.demand * (1 + self.plan.growth / 100) ** (month / 12))

    def _collect(self, month: int) -> Cents:
        """What is paid in a month of what falls due in it and of what was late; the rest moves on, or is lost."""
        waiting = self.due[:, :, month]
        total = np.zeros_like(waiting)
        for stage, queue in enumerate(NEXT):
            paid = _whole(waiting * self.shares[stage, None, :, month])
            total += paid
            self.late[stage, :, :, month + queue] += waiting - paid
            waiting = self.late[stage, :, :, month]
        paid = _whole(waiting * self.shares[3, None, :, month])
        self.lost[:, self._leaves(month)] += (waiting - paid)[0]
        return total + paid

    def _prepay(self, month: int) -> Cents:
        """What is paid ahead of principal that is not due; its interest is not asked for any more."""
        ahead = self.lending.prepayment
        if not ahead:
            return np.zeros(self.cash.size, dtype=np.int64)
        to_come = np.cumsum(self.due[:, :, month + 1 :], axis=2)
        left = _whole(to_come * (1 - ahead))
        self.due[:, :, month + 1 :] = np.diff(left, axis=2, prepend=0)
        paid: Cents = to_come[0, :, -1] - left[0, :, -1]
        return paid

    def _owed(self, month: int) -> Cents:
        after = month + 1
        waiting = self.late[:, 0, :, after:].sum(axis=(0, 2))
        owed: Cents = self.due[0, :, after:].sum(axis=1) + waiting + self.lost[:, after:].sum(axis=1)
        return owed

    def _at_risk(self, month: int) -> Cents:
        """The principal of loans of which any is overdue for more than 30 days, and of rescheduled ones: what is so
        overdue, and of what is to come the part that belongs to loans so late.
        """
        after = month + 1
        overdue = self.late[1:, 0, :, after:].sum(axis=(0, 2)) + self.lost[:, after:].sum(axis=1)
        to_come = self.due[0, :, after:].sum(axis=1)
        away = sum(
            (coming[:, month:].sum(axis=1) * self._away(stage, month) for stage, coming in self.back.items()),
            start=np.zeros(to_come.size),
        )
        away = np.minimum(away, to_come)
        late = np.zeros(to_come.size)
        if month > 1:
            late = (1 - self.shares[0, :, month - 1]) * (1 - self.shares[1, :, month])
        settled = np.minimum(sum(self.position.rescheduled[month:]), to_come - away)
        at_risk: Cents = overdue + _whole(away + settled + late * (to_come - away - settled))
        return at_risk

    def _away(self, stage: int, month: int) -> Floats:
        """Of loans that were late at the start and come back: the part that has not yet."""
        paid = self.rates[stage:]
        left, back, away = np.ones(paid.shape[1]), np.zeros(paid.shape[1]), np.zeros(paid.shape[1])
        at = LATE_START[stage][1]
        for number, share in enumerate(paid, start=stage):
            back = back + left * share
            if at > month:
                away = away + left * share
            left = left * (1 - share)
            at += NEXT[number] if number < len(NEXT) else 0
        return np.divide(away, back, out=np.zeros_like(away), where=back > 0)


def _whole(amounts: NDArray[Any]) -> Cents:
    whole: Cents = np.rint(amounts).astype(np.int64)
    return whole

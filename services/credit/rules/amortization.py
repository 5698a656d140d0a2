"""How the rows of a schedule follow from one another, whatever the method: interest first, the rest principal."""

from collections.abc import Callable, Sequence

from services.credit.rules.terms import WHOLE, Period, Row, Terms

Charge = Callable[[Period, int], int]
Wanted = Callable[[Period, int], int]


def amortise(
    terms: Terms, periods: Sequence[Period], charge: Charge, wanted: Wanted, cap: int | None = None
) -> list[Row]:
    """One row per period, all in cents.

    `charge(period, balance)` is the interest of a period, `wanted(period, interest)` the principal its instalment
    would pay. No instalment before the last pays more interest than `cap`; what is beyond it is carried on. The
    last instalment takes all that is left.
    """
    rows: list[Row] = []
    balance, carried, put_off = terms.financed, 0, 0
    for period in periods:
        accrued = charge(period, balance) + carried
        capped = cap is not None and terms.grace_principal < period.number < terms.instalments
        interest = min(accrued, cap) if capped and cap is not None else accrued
        carried = accrued - interest
        principal = _principal(terms, period, balance, wanted(period, interest))
        balance -= principal
        waiting = period.number <= terms.grace_interest_payment
        shown = 0 if waiting else interest + put_off
        put_off = put_off + interest if waiting else 0
        rows.append(Row(period.number, period.days, period.due, principal, shown, balance))
    return rows


def _principal(terms: Terms, period: Period, balance: int, wanted: int) -> int:
    if period.number == terms.instalments:
        return balance
    if period.number <= terms.grace_principal:
        return 0
    return max(0, min(balance, wanted))


def agreed_portions(terms: Terms) -> list[int]:
    """What each instalment pays of the principal where the contract agrees its shares; the last takes what is left."""
    return [terms.to_multiple(terms.financed * share / WHOLE) for share in terms.shares]

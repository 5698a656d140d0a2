"""Schedules whose instalment is found once from a nominal rate for every period, as many older contracts do."""

from collections.abc import Sequence
from decimal import Decimal

from services.credit.rules.amortization import Wanted, agreed_portions, amortise
from services.credit.rules.day_counts import PERIODS_A_YEAR, rate_factor
from services.credit.rules.terms import PRECISION, DayCount, Period, Row, Terms

# Interest by the day divides by a fixed year here: leap years count 365 days like any other.
FIXED_YEAR: dict[DayCount, DayCount] = {"actual/actual": "actual/365", "actual/actual-feb29": "actual/365"}
NOMINAL_DAYS = {"days": 1, "weeks": 7, "months": 30}


def equal_instalment(terms: Terms, periods: Sequence[Period]) -> list[Row]:
    """Declining balance; the instalment supposes months of 30 days, the interest counts the real ones."""
    paying = terms.instalments - terms.grace_principal
    instalment = terms.to_multiple(_payment(Decimal(terms.financed), _nominal_rate(terms), paying))
    return _declining(terms, periods, lambda _period, interest: instalment - interest)


def equal_principal(terms: Terms, periods: Sequence[Period]) -> list[Row]:
    """Declining balance, the same part of the principal every time, the last one taking what is left."""
    portion = terms.to_cents(Decimal(terms.financed) / (terms.instalments - terms.grace_principal))
    return _declining(terms, periods, lambda _period, _interest: portion)


def bullet(terms: Terms, periods: Sequence[Period]) -> list[Row]:
    """The whole principal on the last day; until then only interest."""
    return _declining(terms, periods, lambda _period, _interest: 0)


def agreed_shares(terms: Terms, periods: Sequence[Period]) -> list[Row]:
    """Declining balance, the principal in the shares that the contract gives each date."""
    portions = agreed_portions(terms)
    return _declining(terms, periods, lambda period, _interest: portions[period.number - 1])


def flat(terms: Terms, periods: Sequence[Period]) -> list[Row]:
    """Interest on all that was lent for the whole term, found once and spread evenly; the last takes the rest.

    A down payment lessens the instalments, not the interest.
    """
    charged = terms.instalments - terms.grace_interest
    total = terms.to_cents(terms.principal * _whole_term(terms, periods[terms.grace_interest :]))
    share = terms.to_cents(Decimal(total) / charged)
    portion = Decimal(terms.financed) / (terms.instalments - terms.grace_principal)
    principal = _whole_instalment(terms, portion, share)

    def charge(period: Period, _balance: int) -> int:
        if period.number == terms.instalments:
            return max(0, total - share * (charged - 1))
        return share if period.number > terms.grace_interest else 0

    return amortise(terms, periods, charge=charge, wanted=lambda _period, _interest: principal)


def _declining(terms: Terms, periods: Sequence[Period], wanted: Wanted) -> list[Row]:
    """The rows where interest is charged on what is still owed."""
    return amortise(
        terms,
        periods,
        charge=lambda period, balance: terms.to_cents(balance * _factor(terms, period)),
        wanted=wanted,
    )


def _whole_term(terms: Terms, charged: Sequence[Period]) -> Decimal:
    """The interest on one cent over all the periods: the nominal rate for each equal step, real days for another."""
    odd = [_factor(terms, period) for period in charged if not period.whole]
    return _nominal_rate(terms) * (len(charged) - len(odd)) + sum(odd)


def _whole_instalment(terms: Terms, portion: Decimal, share: int) -> int:
    """The principal that makes the instalment a whole multiple: both parts rounded to it, less the interest."""
    if not terms.multiple:
        return terms.to_cents(portion)
    return terms.to_multiple(portion) + terms.to_multiple(Decimal(share)) - share


def _factor(terms: Terms, period: Period) -> Decimal:
    return rate_factor(terms, period, FIXED_YEAR.get(terms.day_count))


def _nominal_rate(terms: Terms) -> Decimal:
    """The rate of one period were all months 30 days long."""
    if terms.interest_period == "as_repayment":
        return PRECISION.divide(terms.rate * terms.every, PERIODS_A_YEAR[terms.unit])
    year = 360 if terms.day_count.endswith("/360") else 365
    return PRECISION.divide(terms.rate * NOMINAL_DAYS[terms.unit] * terms.every, Decimal(year))


def _payment(principal: Decimal, rate: Decimal, instalments: int) -> Decimal:
    """The payment of an ordinary annuity."""
    if not rate:
        return principal / instalments
    growth = PRECISION.power(1 + rate, instalments)
    return PRECISION.divide(principal * rate * growth, growth - 1)

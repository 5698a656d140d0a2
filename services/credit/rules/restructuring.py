"""How often and on what terms a running loan may be changed, and what a new plan asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from services.credit.rules.business_days import NO_HOLIDAYS, Holidays
from services.credit.rules.demands import demand, rate
from services.credit.rules.fees import NO_FEE
from services.credit.rules.products import Product
from services.credit.rules.terms import Row, Terms
from shared.kernel import Invalid, Refused

CHANGES = ("reschedule", "refinance", "write_off")
"""What a committee may resolve about a running loan."""
LENDING = ("loan", "refinance")
"""The kinds of application at whose end money is lent."""
KINDS = ("loan", *CHANGES)
FARTHEST_FIRST_DUE = 366
WHOLE = 100


@dataclass(frozen=True, slots=True)
class Restructuring:
    """A loan is rescheduled or refinanced at most so many times (`most`), once `paid_before` per cent of its principal
    is paid; the interest earned and not paid becomes principal (`capitalise_interest`), or is asked for with the first
    instalment of the new plan.
    """

    most: int = 1
    capitalise_interest: bool = False
    paid_before: Decimal = Decimal(0)
    source: str = ""

    def require(self, times: int, lent: int, owed: int) -> None:
        """Refuses a loan that was changed as often as it may be, or of which too little was paid back."""
        if times >= self.most:
            raise Refused("restructuring.too_often", times=times, most=self.most)
        if (lent - owed) * WHOLE < self.paid_before * lent:
            raise Refused("restructuring.too_little_paid", percent=self.paid_before)


def read_restructuring(item: Mapping[str, Any]) -> Restructuring:
    """`paid_before` is a per cent."""
    known = {**item, "paid_before": rate(item.get("paid_before", "0"), "/restructuring/paid_before")}
    rule = Restructuring(**known)
    demand(type(rule.most) is int and 0 <= rule.most <= WHOLE, "/restructuring/most")
    demand(type(rule.capitalise_interest) is bool, "/restructuring/capitalise_interest")
    demand(rule.paid_before <= WHOLE, "/restructuring/paid_before")
    demand(type(rule.source) is str, "/restructuring/source")
    return rule


@dataclass(frozen=True, slots=True)
class Wanted:
    """The new plan that is asked for: in how many instalments, how many of them without principal, and on which day
    the first falls due, where that is said.
    """

    instalments: int
    grace: int = 0
    first_due: date | None = None

    def check(self, product: Product, day: date) -> None:
        """Refuses a plan longer than the product's, a longer grace, and a first due date not within a year."""
        product.check_length(max(self.instalments, product.shortest), self.grace)
        if self.grace >= self.instalments:
            raise Invalid("application.grace_too_long", pointer="/grace", longest=self.instalments - 1)
        latest = day + timedelta(days=FARTHEST_FIRST_DUE)
        if self.first_due is not None and not day < self.first_due <= latest:
            earliest = day + timedelta(days=1)
            raise Invalid("application.first_due_out_of_range", pointer="/first_due", earliest=earliest, latest=latest)

    def terms(self, product: Product, principal: int, start: date, holidays: Holidays = NO_HOLIDAYS) -> Terms:
        """The terms of the new plan from `start` on: rate, method and day count stay those of the contract. Agreed
        shares end with the plan they were agreed for: the rest is paid in equal parts. No fee is asked for twice.
        """
        base = replace(
            product,
            method="equal_principal" if product.shares else product.method,
            shares=(),
            longest_grace_interest_payment=0,
            longest_grace_interest=0,
            agreed_dates_within=0,
            fee=NO_FEE,
        )
        terms = base.terms(principal, self.instalments, start, self.grace, holidays=holidays)
        if self.first_due is None:
            return terms
        if terms.calendar:
            raise Invalid("application.first_due_not_free", pointer="/first_due")
        return replace(terms, first_due=self.first_due)


def rest_of(terms: Terms, principal: int, start: date, dues: Sequence[date], begun: int) -> Terms:
    """The terms of what is left of a loan once another tranche was paid out on `start`: the same dates (`dues`), of
    which `begun` instalments are past.
    """
    return replace(
        terms,
        principal=principal,
        instalments=len(dues),
        start=start,
        first_due=None,
        calendar=tuple(dues),
        fee=0,
        grace_principal=min(max(0, terms.grace_principal - begun), len(dues) - 1),
        grace_interest=min(max(0, terms.grace_interest - begun), len(dues) - 1),
        business_days=replace(terms.business_days, shift="none"),
    )


def asked_interest(rows: Sequence[Row], carried: int) -> list[int]:
    """The interest that each row asks for, in cents, once what the plan before it left is added: earned and not paid
    (`carried`) to the first; paid before it was earned (negative) taken off the first ones, as far as they go.
    """
    asked = []
    for row in rows:
        interest = max(0, row.interest + carried)
        carried = min(0, row.interest + carried)
        asked.append(interest)
    return asked

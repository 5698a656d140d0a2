"""The monthly cash-flow of a business plan, and what it says: break-even, the lowest point, the capacity to pay.

Everything is whole minor units of one currency. The figures are for planning: the schedule of a loan that is granted is
made by credit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

from services.registry.rules.plan_values import PlanBody, ProductLine, ProposedLoan

_DIGITS = 40


@dataclass(frozen=True, slots=True)
class Flow:
    """The sums of a month, of a year or of the whole plan."""

    sales: int = 0
    variable: int = 0
    fixed: int = 0
    investment: int = 0
    own: int = 0
    loan: int = 0
    interest: int = 0
    principal: int = 0

    @property
    def margin(self) -> int:
        """What sales leave once the goods themselves are paid for."""
        return self.sales - self.variable

    @property
    def operating(self) -> int:
        """Net cash of the work itself, before investment, contributions and debt."""
        return self.margin - self.fixed

    @property
    def instalment(self) -> int:
        return self.interest + self.principal

    @property
    def net(self) -> int:
        """What the cash box gains or loses."""
        return self.operating - self.investment + self.own + self.loan - self.instalment

    def __add__(self, other: "Flow") -> "Flow":
        return Flow(*(getattr(self, name) + getattr(other, name) for name in Flow.__slots__))


@dataclass(frozen=True, slots=True)
class Month:
    """One month of the plan: its number, its first day, its flow, and the cash at its end."""

    number: int
    starts_on: date
    flow: Flow
    balance: int


@dataclass(frozen=True, slots=True)
class Prudence:
    """The dated policy: which per cent of the net cash may go into instalments, and which coverage is wanted."""

    share_percent: int
    coverage_percent: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What a plan comes to. What cannot be told (nothing is sold, nothing is borrowed) is None."""

    months: tuple[Month, ...]
    years: tuple[Flow, ...]
    total: Flow
    lowest_balance: int
    lowest_in: int
    margin_percent: int | None
    """Contribution margin in per cent of sales, rounded down."""
    break_even_sales: int | None
    """Sales of an average month at which the margin pays the fixed costs."""
    break_even_units: int | None
    """Units of an average month at which it does, with the products in the proportions of the plan."""
    recovered_in: int | None
    """The first month from which the work has given back what was invested, and keeps it."""
    operating_average: int
    """Net cash before debt in an average month: of the months in which instalments fall, of all without a loan."""
    capacity: int
    """What a month can prudently pay in instalments; never less than nothing."""
    instalment: int | None
    """The highest instalment of the proposed loan."""
    coverage_percent: int | None
    """Capacity in per cent of that instalment, rounded down."""


def instalments(loan: ProposedLoan) -> list[tuple[int, int]]:
    """Interest and principal of each monthly instalment: equal ones on the declining balance, interest alone during the
    grace. The instalment is P * r / (1 - (1 + r)^-n), r being a twelfth of the annual rate; the last one pays the rest.
    """
    with localcontext() as context:
        context.prec = _DIGITS
        rate = loan.annual_rate / 1200
        paying = loan.instalments - loan.grace
        share = Decimal(1) / paying if rate == 0 else rate / (1 - (1 + rate) ** -paying)
        payment = _cents(loan.amount * share)
        balance, rows = loan.amount, []
        for number in range(1, loan.instalments + 1):
            interest = _cents(balance * rate)
            wanted = 0 if number <= loan.grace else max(payment - interest, 0)
            principal = balance if number == loan.instalments else min(wanted, balance)
            balance -= principal
            rows.append((interest, principal))
    return rows


def figures(plan: PlanBody, prudence: Prudence) -> Figures:
    """All that follows from what a plan says."""
    flows = _flows(plan)
    months = _months(plan, flows)
    total = sum_of(flows)
    lowest = min(months, key=lambda month: (month.balance, month.number))
    sold = sum(units(line, month.starts_on) for line in plan.products for month in months)
    owing = [flow for flow in flows if flow.instalment] or flows
    average = sum_of(owing).operating // len(owing)
    capacity = max(average * prudence.share_percent // 100, 0)
    highest = (
        max((interest + principal for interest, principal in instalments(plan.loan)), default=0) if plan.loan else 0
    )
    return Figures(
        months=months,
        years=tuple(sum_of(flows[start : start + 12]) for start in range(0, len(flows), 12)),
        total=total,
        lowest_balance=lowest.balance,
        lowest_in=lowest.number,
        margin_percent=total.margin * 100 // total.sales if total.sales else None,
        break_even_sales=_break_even(total, total.sales, len(flows)),
        break_even_units=_break_even(total, sold, len(flows) * 100),
        recovered_in=_recovered_in(flows),
        operating_average=average,
        capacity=capacity,
        instalment=highest or None,
        coverage_percent=capacity * 100 // highest if highest else None,
    )


def sum_of(flows: Iterable[Flow]) -> Flow:
    return sum(flows, Flow())


def units(line: ProductLine, month: date) -> int:
    """Hundredths of a unit sold in a month."""
    return line.volume * line.season[month.month - 1]


def month_after(starts_on: date, count: int) -> date:
    """The first day of the month `count` months later."""
    years, month = divmod(starts_on.month - 1 + count, 12)
    return date(starts_on.year + years, month + 1, 1)


def _flows(plan: PlanBody) -> list[Flow]:
    debt = dict(enumerate(instalments(plan.loan), plan.loan.month + 1)) if plan.loan else {}
    flows = []
    for number in range(1, plan.months + 1):
        month = month_after(plan.starts_on, number - 1)
        interest, principal = debt.get(number, (0, 0))
        flows.append(
            Flow(
                sales=sum(_hundredth(line.price * units(line, month)) for line in plan.products),
                variable=sum(_hundredth(line.unit_cost * units(line, month)) for line in plan.products),
                fixed=sum(cost.amount for cost in plan.fixed_costs if cost.first <= number),
                investment=sum(bought.amount for bought in plan.investments if bought.month == number),
                own=plan.own_contribution if number == 1 else 0,
                loan=plan.loan.amount if plan.loan and plan.loan.month == number else 0,
                interest=interest,
                principal=principal,
            )
        )
    return flows


def _months(plan: PlanBody, flows: Sequence[Flow]) -> tuple[Month, ...]:
    balance, months = 0, []
    for number, flow in enumerate(flows, 1):
        balance += flow.net
        months.append(Month(number, month_after(plan.starts_on, number - 1), flow, balance))
    return tuple(months)


def _break_even(total: Flow, sold: int, parts: int) -> int | None:
    """As much of `sold` (money, or hundredths of units) as it takes for the margin to pay the fixed costs, in one of
    `parts` equal parts of the plan, rounded up; None where a sale leaves nothing.
    """
    if total.margin <= 0:
        return None
    return -(-total.fixed * sold // (total.margin * parts))


def _recovered_in(flows: Sequence[Flow]) -> int | None:
    sums, running = [], 0
    for flow in flows:
        running += flow.operating - flow.investment
        sums.append(running)
    short = [number for number, value in enumerate(sums, 1) if value < 0]
    if not short:
        return 1
    return short[-1] + 1 if short[-1] < len(flows) else None


def _hundredth(value: int) -> int:
    """A hundredth of what is never negative, to the nearest unit, halves up."""
    return (value + 50) // 100


def _cents(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))

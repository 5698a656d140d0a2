"""What was found on site, and what follows from it: what a month leaves and can carry, and how deep in debt she is.

Amounts are cents. The forms and ratios are those of microcredit appraisal by cash flow: Joanna Ledgerwood,
*Microfinance Handbook* (World Bank, 1998), chapters 5 and 9.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import groupby
from typing import Any

from services.credit.rules.business_days import Holidays
from services.credit.rules.demands import demand
from services.credit.rules.eligibility import payment_capacity
from services.credit.rules.products import Product
from services.credit.rules.schedules import schedule
from services.credit.rules.terms import Row, Terms, planned_dates
from services.credit.rules.words import shown
from shared.kernel import Invalid

SALES, COST_OF_GOODS = "sales", "cost_of_goods"
INCOME = (SALES, "household_income")
EXPENSE = (COST_OF_GOODS, "business_expense", "household_expense")
KINDS = (*INCOME, *EXPENSE)
MONTHS = 12
USUAL = (100,) * MONTHS
"""A year whose months are all alike, in percent of a usual month."""
WHOLE_UNIT = 100
USUAL_SHARE = 70


@dataclass(frozen=True, slots=True)
class Line:
    """What one product or one expense brings or takes in a usual month."""

    kind: str
    what: str
    amount: int


@dataclass(frozen=True, slots=True)
class Debt:
    """What is owed to somebody else: what is left of it, and what is paid on it a month."""

    lender: str
    balance: int
    monthly_payment: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What comes in, goes out and is paid on other debts in an average month."""

    income: int
    expense: int
    debts: int

    @property
    def surplus(self) -> int:
        return self.income - self.expense - self.debts


@dataclass(frozen=True, slots=True)
class Figures:
    """The detail of an appraisal. `season` is each month from January on in percent of a usual one: sales and the cost
    of goods move with it, the rest does not. `assets` is what she has (cash, stock, receivables, equipment); None where
    nobody asked.
    """

    lines: tuple[Line, ...]
    debts: tuple[Debt, ...] = ()
    assets: Mapping[str, int] | None = None
    season: tuple[int, ...] = USUAL

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Figures":
        """The figures that `written` made this of."""
        return cls(
            tuple(Line(**line) for line in kept["lines"]),
            tuple(Debt(**debt) for debt in kept["debts"]),
            kept["assets"],
            tuple(kept["season"]),
        )

    def written(self) -> dict[str, Any]:
        """As the file keeps them."""
        return {
            "lines": [asdict(line) for line in self.lines],
            "debts": [asdict(debt) for debt in self.debts],
            "assets": dict(self.assets) if self.assets is not None else None,
            "season": list(self.season),
        }

    def unnamed(self) -> "Figures":
        """The amounts without the words that stand beside them."""
        lines = tuple(Line(line.kind, "", line.amount) for line in self.lines)
        debts = tuple(Debt("", debt.balance, debt.monthly_payment) for debt in self.debts)
        return Figures(lines, debts, self.assets, self.season)

    @property
    def named(self) -> bool:
        """Whether words of somebody stand beside the amounts."""
        return any(line.what for line in self.lines) or any(debt.lender for debt in self.debts)

    @property
    def sums(self) -> Sums:
        """The average month of the year: income rounded down to the cent, expense rounded up."""
        months = [self._month(percent) for percent in self.season]
        income, expense = (sum(month[side] for month in months) for side in (0, 1))
        return Sums(income // MONTHS, -(-expense // MONTHS), sum(debt.monthly_payment for debt in self.debts))

    @property
    def surpluses(self) -> tuple[int, ...]:
        """What each month of the year leaves, January first."""
        debts = self.sums.debts
        return tuple(income - expense - debts for income, expense in map(self._month, self.season))

    @property
    def owed(self) -> int:
        return sum(debt.balance for debt in self.debts)

    def _month(self, percent: int) -> tuple[int, int]:
        """What comes in and goes out in a month of so many percent of a usual one."""
        of = {kind: sum(line.amount for line in self.lines if line.kind == kind) for kind in KINDS}
        of[SALES] = of[SALES] * percent // 100
        of[COST_OF_GOODS] = -(-of[COST_OF_GOODS] * percent // 100)
        return sum(of[kind] for kind in INCOME), sum(of[kind] for kind in EXPENSE)


def agreed_sums(figures: Figures | None, given: Mapping[str, int | None]) -> Sums:
    """The three sums of an appraisal: as `given`, or as the lines make them.

    Refuses, naming the field, a sum that the lines contradict, and one that is missing where there are no lines.
    """
    derived = figures.sums if figures else None
    agreed: dict[str, int] = {}
    for name in ("income", "expense", "debts"):
        pointer, said = f"/monthly_{name}", given.get(name)
        found: int | None = getattr(derived, name) if derived else said
        if found is None:
            raise Invalid("appraisal.sum_missing", pointer=pointer)
        if said is not None and said != found:
            raise Invalid("appraisal.sum_contradicted", pointer=pointer, given=shown(said), derived=shown(found))
        agreed[name] = found
    return Sums(**agreed)


@dataclass(frozen=True, slots=True)
class Instalments:
    """What falls due in one month, and the months in which it can be earned, the due one among them."""

    month: date
    payment: int
    months: tuple[int, ...]


def demands(terms: Terms, rows: Sequence[Row]) -> tuple[Instalments, ...]:
    """A schedule by the month in which its instalments are planned to fall due: weekly ones add up, and one that falls
    due every few months is earned in all the months since the one before it.
    """
    found: list[Instalments] = []
    last = terms.start
    dated = zip(planned_dates(terms), rows, strict=True)
    for (year, month), due in groupby(dated, key=lambda pair: (pair[0].year, pair[0].month)):
        since = max(1, (year - last.year) * MONTHS + month - last.month)
        months = tuple((month - 1 - back) % MONTHS for back in range(since))
        found.append(Instalments(date(year, month, 1), sum(row.payment for _, row in due), months))
        last = found[-1].month
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Uncovered:
    """A month whose instalments are more than what was left until then."""

    month: date
    payment: int
    surplus: int


@dataclass(frozen=True, slots=True)
class Assessment:
    """What follows from the figures, the shares and ratios in whole percent.

    `share_of_surplus` is what the heaviest instalment takes of what is left (None where nothing is);
    `debt_service_coverage` is income less expense over all that is paid on debts with the new loan, in the heaviest
    month; `leverage` is what is owed with the new loan over what is her own (None where nothing is, or nobody asked).
    """

    monthly_surplus: int
    share_of_surplus: int | None
    debt_service_coverage: int
    uncovered: tuple[Uncovered, ...]
    equity: int | None
    leverage: int | None

    @property
    def computed(self) -> dict[str, int | None]:
        """What a scorecard can count by itself."""
        return {
            "share_of_surplus": self.share_of_surplus,
            "debt_service_coverage": self.debt_service_coverage,
            "uncovered_months": len(self.uncovered),
            "leverage": self.leverage,
        }


def assess(sums: Sums, figures: Figures | None, terms: Terms) -> Assessment:
    """What an appraisal amounts to, were the loan paid out on `terms`."""
    due = [each for each in demands(terms, schedule(terms)) if each.payment]
    surpluses = figures.surpluses if figures else (sums.surplus,) * MONTHS
    equity = None
    if figures and figures.assets is not None:
        equity = sum(figures.assets.values()) - figures.owed
    return Assessment(
        monthly_surplus=sums.surplus,
        share_of_surplus=share_of_surplus(sums, due),
        debt_service_coverage=min(_coverage(sums, each) for each in due),
        uncovered=tuple(_uncovered(surpluses, due)),
        equity=equity,
        leverage=_leverage(figures, equity, terms.principal),
    )


def share_of_surplus(sums: Sums, due: Iterable[Instalments]) -> int | None:
    """The greatest part of the average surplus that instalments take, in percent rounded up; None where there is no
    surplus.
    """
    shares = []
    for each in due:
        months = len(each.months)
        income, expense, debts = (amount * months for amount in (sums.income, sums.expense, sums.debts))
        shares.append(payment_capacity(income, expense, debts, each.payment).share_of_surplus)
    return max((share for share in shares if share is not None), default=None)


def largest_amount(
    sums: Sums,
    product: Product,
    instalments: int,
    grace: int,
    share: int,
    start: date,
    holidays: Holidays,
    due_dates: Sequence[date] = (),
) -> int | None:
    """The largest whole amount of the product whose heaviest instalment takes at most `share` percent of the surplus,
    in cents, found by halving; None where not even the smallest does.
    """

    def fits(units: int) -> bool:
        lent = units * WHOLE_UNIT
        terms = product.terms(lent, instalments, start, grace, due_dates=due_dates, holidays=holidays)
        taken = share_of_surplus(sums, demands(terms, schedule(terms)))
        return taken is not None and taken <= share

    least, most = -(-product.minimum // WHOLE_UNIT), product.maximum // WHOLE_UNIT
    if least > most or not fits(least):
        return None
    while least < most:
        middle = (least + most + 1) // 2
        least, most = (middle, most) if fits(middle) else (least, middle - 1)
    return least * WHOLE_UNIT


def _coverage(sums: Sums, due: Instalments) -> int:
    """Net income over debt service (Ledgerwood, p. 167), in percent; 0 where nothing is earned."""
    months = len(due.months)
    net = max(0, sums.income - sums.expense) * months
    return net * 100 // (sums.debts * months + due.payment)


def _uncovered(surpluses: Sequence[int], due: Iterable[Instalments]) -> Iterable[Uncovered]:
    for each in due:
        surplus = sum(surpluses[month] for month in each.months)
        if each.payment > surplus:
            yield Uncovered(each.month, each.payment, surplus)


def _leverage(figures: Figures | None, equity: int | None, amount: int) -> int | None:
    """Debts with the new loan over equity, in percent rounded up: the loan adds to what she owes and what she has."""
    if figures is None or equity is None or equity <= 0:
        return None
    return -(-(figures.owed + amount) * 100 // equity)


@dataclass(frozen=True, slots=True)
class CapacityLimit:
    """What part of the surplus an instalment may take, in percent: the measure of the amount that is offered."""

    share: int = USUAL_SHARE
    source: str = ""


def read_capacity(item: Mapping[str, Any]) -> CapacityLimit:
    limit = CapacityLimit(**item)
    demand(type(limit.share) is int and 1 <= limit.share <= 100, "/capacity/share")
    demand(type(limit.source) is str and bool(limit.source.strip()), "/capacity/source")
    return limit

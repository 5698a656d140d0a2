"""What a business plan says, as plain values: its texts, what is sold, what it costs, and the loan it asks for."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Self

SECTIONS = ("summary", "woman", "market", "operations", "organization", "risks", "ask")
"""In the order of the paper: summary, the woman and her enterprise, product and market, operations, organization,
risks, what is asked for.
"""
SHORTEST, LONGEST = 12, 36
STATES = ("draft", "ready", "superseded")
ALL_YEAR = (100,) * 12


@dataclass(frozen=True, slots=True)
class ProductLine:
    """One product: its price, what one unit costs to make, units in an ordinary month, and each calendar month (January
    first) in per cent of an ordinary one. Amounts are minor units.
    """

    name: str
    unit: str
    price: int
    unit_cost: int
    volume: int
    season: tuple[int, ...] = ALL_YEAR


@dataclass(frozen=True, slots=True)
class FixedCost:
    """A cost of each month, however much is sold, from the month `first` of the plan on."""

    name: str
    amount: int
    first: int = 1


@dataclass(frozen=True, slots=True)
class Investment:
    """Something bought once, in a month of the plan."""

    name: str
    amount: int
    month: int = 1


@dataclass(frozen=True, slots=True)
class ProposedLoan:
    """The loan that is asked for; the first of its monthly instalments falls in the month after it is paid out. In the
    first `grace` of them nothing but interest is paid.
    """

    amount: int
    annual_rate: Decimal
    instalments: int
    grace: int = 0
    month: int = 1


@dataclass(frozen=True, slots=True)
class PlanBody:
    """All that a version says."""

    starts_on: date
    months: int = SHORTEST
    sections: Mapping[str, str] = field(default_factory=dict)
    products: tuple[ProductLine, ...] = ()
    fixed_costs: tuple[FixedCost, ...] = ()
    investments: tuple[Investment, ...] = ()
    own_contribution: int = 0
    loan: ProposedLoan | None = None

    def lines(self) -> dict[str, Any]:
        """Everything but the texts and the calendar, as plain JSON values."""
        loan = None if self.loan is None else asdict(self.loan) | {"annual_rate": str(self.loan.annual_rate)}
        return {
            "products": [asdict(line) | {"season": list(line.season)} for line in self.products],
            "fixed_costs": [asdict(line) for line in self.fixed_costs],
            "investments": [asdict(line) for line in self.investments],
            "own_contribution": self.own_contribution,
            "loan": loan,
        }

    @classmethod
    def of(cls, starts_on: date, months: int, sections: Mapping[str, str], lines: Mapping[str, Any]) -> Self:
        """What `lines` wrote."""
        loan = lines.get("loan")
        return cls(
            starts_on=starts_on,
            months=months,
            sections=sections,
            products=_each(ProductLine, lines.get("products", ())),
            fixed_costs=_each(FixedCost, lines.get("fixed_costs", ())),
            investments=_each(Investment, lines.get("investments", ())),
            own_contribution=lines.get("own_contribution", 0),
            loan=loan and ProposedLoan(**loan | {"annual_rate": Decimal(loan["annual_rate"])}),
        )


def _each(kind: Any, rows: Sequence[Mapping[str, Any]]) -> tuple[Any, ...]:
    return tuple(kind(**{n: tuple(v) if isinstance(v, list) else v for n, v in row.items()}) for row in rows)

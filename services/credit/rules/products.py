"""The kinds of credit that a set of regulations offers."""

import decimal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.credit.rules import terms
from services.credit.rules.demands import demand
from services.credit.rules.words import shown
from shared.kernel import Invalid

_ROUNDINGS = (decimal.ROUND_HALF_EVEN, decimal.ROUND_HALF_UP, decimal.ROUND_DOWN, decimal.ROUND_UP)
_WHOLE_NUMBERS = ("minimum", "maximum", "shortest", "longest", "every", "multiple", "longest_grace")
_CHOICES: dict[str, tuple[str, ...]] = {
    "method": terms.METHODS,
    "day_count": terms.DAY_COUNTS,
    "interest_period": terms.INTEREST_PERIODS,
    "engine": terms.ENGINES,
    "unit": terms.UNITS,
    "rounding": _ROUNDINGS,
}


@dataclass(frozen=True, slots=True)
class Product:
    """One kind of credit: amounts in cents, `annual_rate` in percent, length in instalments."""

    code: str
    name: str
    minimum: int
    maximum: int
    shortest: int
    longest: int
    annual_rate: Decimal
    method: terms.Method = "equal_instalment"
    day_count: terms.DayCount = "30/360"
    interest_period: terms.InterestPeriod = "daily"
    engine: terms.Engine = "progressive"
    every: int = 1
    unit: terms.Unit = "months"
    multiple: int = 0
    rounding: str = decimal.ROUND_HALF_EVEN
    longest_grace: int = 0

    @classmethod
    def read(cls, item: Mapping[str, Any]) -> "Product":
        return cls(**{**item, "annual_rate": Decimal(str(item["annual_rate"]))})

    def check_amount(self, amount: int, pointer: str = "/amount") -> None:
        """Refuses an amount outside what the product lends."""
        if amount < self.minimum:
            raise Invalid("application.amount_under_minimum", pointer=pointer, minimum=shown(self.minimum))
        if amount > self.maximum:
            raise Invalid("application.amount_over_maximum", pointer=pointer, maximum=shown(self.maximum))

    def check_length(self, instalments: int, grace: int = 0, pointer: str = "/instalments") -> None:
        """Refuses a number of instalments, or of instalments without principal, outside what the product gives."""
        if not self.shortest <= instalments <= self.longest:
            raise Invalid(
                "application.instalments_out_of_range", pointer=pointer, shortest=self.shortest, longest=self.longest
            )
        if grace > min(self.longest_grace, instalments - 1):
            raise Invalid("application.grace_too_long", pointer="/grace", longest=self.longest_grace)

    def terms(self, principal: int, instalments: int, start: date, grace: int = 0) -> terms.Terms:
        """The terms of a loan of this product."""
        return terms.Terms(
            principal=principal,
            annual_rate=self.annual_rate,
            instalments=instalments,
            start=start,
            method=self.method,
            day_count=self.day_count,
            every=self.every,
            unit=self.unit,
            interest_period=self.interest_period,
            engine=self.engine,
            multiple=self.multiple,
            rounding=self.rounding,
            grace_principal=grace,
        )


def read_products(items: Iterable[Mapping[str, Any]]) -> tuple[Product, ...]:
    """The products of a set of regulations; refuses what contradicts itself."""
    products = tuple(Product.read(item) for item in items)
    demand(bool(products), "/products")
    codes = [product.code for product in products]
    demand(len(set(codes)) == len(codes), "/products")
    for number, product in enumerate(products):
        at = f"/products/{number}"
        for field in _WHOLE_NUMBERS:
            demand(type(getattr(product, field)) is int, f"{at}/{field}")
        for field in ("code", "name"):
            demand(type(getattr(product, field)) is str and bool(getattr(product, field)), f"{at}/{field}")
        demand(0 < product.minimum <= product.maximum, f"{at}/maximum")
        demand(1 <= product.shortest <= product.longest <= terms.LONGEST, f"{at}/longest")
        demand(0 <= product.annual_rate <= 100, f"{at}/annual_rate")
        demand(product.every >= 1 and product.multiple >= 0 and product.longest_grace >= 0, f"{at}/every")
        for field, choices in _CHOICES.items():
            demand(getattr(product, field) in choices, f"{at}/{field}")
    return products

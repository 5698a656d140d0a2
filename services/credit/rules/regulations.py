"""The signed Credit Regulations, as the parameters every decision is measured against."""

import decimal
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, get_args

from services.credit.rules import quorum, terms
from services.credit.rules.allocation import COMPONENTS, Component
from services.credit.rules.words import shown
from shared.kernel import Invalid

ELIGIBILITY_RULES = ("active", "consent_credit", "validated", "no_loan_in_force", "has_owner")
PURPOSES = ("working_capital", "inputs", "equipment", "premises", "marketing", "formalization", "other")
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


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of a fund, or recommended to it: `amount` in cents, `grace` in instalments."""

    product: str
    amount: int
    instalments: int
    grace: int
    purpose: str


@dataclass(frozen=True, slots=True)
class Parameters:
    """Everything the regulations fix, read from one dated version of them."""

    products: tuple[Product, ...]
    quorum: quorum.Rule
    purposes: tuple[str, ...] = PURPOSES
    allocation_order: tuple[Component, ...] = COMPONENTS
    payment_in_advance: bool = True
    eligibility: tuple[str, ...] = ELIGIBILITY_RULES

    def measure(self, request: Request) -> None:
        """Refuses a request outside what the regulations lend, naming the field."""
        product = self.product(request.product)
        product.check_amount(request.amount)
        product.check_length(request.instalments, request.grace)
        if request.purpose not in self.purposes:
            raise Invalid("application.purpose_not_financed", pointer="/purpose", known=", ".join(self.purposes))

    def lends(self, product: str, purpose: str) -> bool:
        """Whether the regulations know this product and finance this purpose."""
        return purpose in self.purposes and any(known.code == product for known in self.products)

    def product(self, code: str) -> Product:
        """The product with this code; refuses one the regulations do not know."""
        for product in self.products:
            if product.code == code:
                return product
        known = ", ".join(product.code for product in self.products)
        raise Invalid("application.unknown_product", pointer="/product", known=known)


def read(parameters: Mapping[str, Any]) -> Parameters:
    """The parameters of one version; refuses a set that is incomplete or contradicts itself, naming the field."""
    try:
        products = tuple(_product(dict(item)) for item in parameters["products"])
        rule = quorum.Rule(**_tuples(parameters["quorum"], "constituencies"))
        read_ = Parameters(
            products=products,
            quorum=rule,
            purposes=tuple(parameters.get("purposes", PURPOSES)),
            allocation_order=tuple(parameters.get("allocation_order", COMPONENTS)),
            payment_in_advance=parameters.get("payment_in_advance", True),
            eligibility=tuple(parameters.get("eligibility", ELIGIBILITY_RULES)),
        )
        _check(read_)
    except (KeyError, TypeError, ValueError, decimal.InvalidOperation) as problem:
        raise Invalid("regulations.incomplete", pointer="/parameters", problem=str(problem)[:120]) from problem
    return read_


def _product(item: dict[str, Any]) -> Product:
    return Product(**{**item, "annual_rate": Decimal(str(item["annual_rate"]))})


def _tuples(item: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {key: tuple(value) if key in names else value for key, value in item.items()}


def _check(parameters: Parameters) -> None:
    _demand(bool(parameters.products), "/products")
    _demand(type(parameters.payment_in_advance) is bool, "/payment_in_advance")
    _demand(bool(parameters.purposes) and set(parameters.purposes) <= set(PURPOSES), "/purposes")
    _demand(sorted(parameters.allocation_order) == sorted(get_args(Component)), "/allocation_order")
    _demand(set(parameters.eligibility) <= set(ELIGIBILITY_RULES), "/eligibility")
    rule = parameters.quorum
    _demand(type(rule.seats) is int and type(rule.casting_vote) is bool, "/quorum/seats")
    _demand(rule.seats >= 1 and rule.majority in quorum.MAJORITIES, "/quorum")
    _demand(set(rule.constituencies) <= set(quorum.CONSTITUENCIES), "/quorum/constituencies")
    codes = [product.code for product in parameters.products]
    _demand(len(set(codes)) == len(codes), "/products")
    for number, product in enumerate(parameters.products):
        at = f"/products/{number}"
        for field in _WHOLE_NUMBERS:
            _demand(type(getattr(product, field)) is int, f"{at}/{field}")
        for field in ("code", "name"):
            _demand(type(getattr(product, field)) is str and bool(getattr(product, field)), f"{at}/{field}")
        _demand(0 < product.minimum <= product.maximum, f"{at}/maximum")
        _demand(1 <= product.shortest <= product.longest <= terms.LONGEST, f"{at}/longest")
        _demand(0 <= product.annual_rate <= 100, f"{at}/annual_rate")
        _demand(product.every >= 1 and product.multiple >= 0 and product.longest_grace >= 0, f"{at}/every")
        for field, choices in _CHOICES.items():
            _demand(getattr(product, field) in choices, f"{at}/{field}")


def _demand(condition: bool, pointer: str) -> None:
    if not condition:
        raise Invalid("regulations.contradictory", pointer=f"/parameters{pointer}", field=pointer)

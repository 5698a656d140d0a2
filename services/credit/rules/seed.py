"""Seed capital: what a fund gives to start with, and the parts in which it pays it, each after the one before is shown.

A grant is given for good; a contribution is handed over without interest and comes back when that was agreed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal, get_args

from services.credit.rules.demands import demand, rate
from services.credit.rules.products import Product
from services.credit.rules.terms import LONGEST, WHOLE
from services.credit.rules.words import shown
from shared.kernel import Invalid

SeedKind = Literal["grant", "contribution"]
MOST_PARTS = 12
_WHOLE_NUMBERS = ("minimum", "maximum", "parts", "return_months")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an award: cents, and the day until which what it is for must be shown."""

    amount: int
    due_on: date


@dataclass(frozen=True, slots=True)
class SeedProduct:
    """One kind of seed capital, amounts in cents. She brings at least `own_share` per cent of what it all costs; it is
    paid in at least so many `parts`, the first at most `largest_first` per cent. A contribution comes back within
    `return_months` of the award.
    """

    code: str
    name: str
    kind: SeedKind
    minimum: int
    maximum: int
    own_share: Decimal = Decimal(0)
    parts: int = 1
    largest_first: Decimal = Decimal(WHOLE)
    return_months: int = 0

    @classmethod
    def read(cls, item: Mapping[str, Any], at: str = "") -> "SeedProduct":
        shares = {name: rate(item[name], f"{at}/{name}") for name in ("own_share", "largest_first") if name in item}
        return cls(**{**item, **shares})

    def applied_for(self) -> Product:
        """The product that an application names: one sum without interest, at once."""
        return Product(
            code=self.code,
            name=self.name,
            minimum=self.minimum,
            maximum=self.maximum,
            shortest=1,
            longest=1,
            annual_rate=Decimal(0),
            method="bullet",
            every=max(1, self.return_months),
        )

    def check(self, amount: int, own: int, parts: Sequence[Part], today: date) -> None:
        """Refuses parts that are too few, do not sum to the amount, begin too large or fall due in no order, and less
        of her own than asked for; `amount` and `own` in cents.
        """
        if own * WHOLE < self.own_share * (amount + own):
            least = -(-self.own_share * amount // (WHOLE - self.own_share))
            raise Invalid("seed.own_share_too_small", pointer="/own_contribution", least=shown(int(least)))
        if not self.parts <= len(parts) <= MOST_PARTS:
            raise Invalid("seed.parts_out_of_range", pointer="/milestones", least=self.parts, most=MOST_PARTS)
        total = sum(part.amount for part in parts)
        if total != amount:
            raise Invalid("seed.parts_other_sum", pointer="/milestones", amount=shown(amount), total=shown(total))
        largest = int(self.largest_first * amount // WHOLE)
        if parts[0].amount > largest:
            raise Invalid("seed.first_part_too_large", pointer="/milestones/0/amount", largest=shown(largest))
        if parts[0].due_on < today or any(later.due_on < before.due_on for before, later in pairwise(parts)):
            raise Invalid("seed.days_not_rising", pointer="/milestones", today=today)


@dataclass(frozen=True, slots=True)
class SeedTerms:
    """What a set of regulations gives as seed capital."""

    products: tuple[SeedProduct, ...] = ()
    source: str = ""

    def product(self, code: str) -> SeedProduct:
        """The product with this code, which an application was measured against."""
        return next(product for product in self.products if product.code == code)


def read_seed(section: Mapping[str, Any]) -> SeedTerms:
    """`{"source": …, "products": [{"code": …, "kind": "grant", …}]}`; refuses what contradicts itself."""
    demand(isinstance(section, Mapping), "/seed")
    items = enumerate(section["products"])
    products = tuple(SeedProduct.read(item, f"/seed/products/{number}") for number, item in items)
    found = SeedTerms(**{**section, "products": products})
    demand(type(found.source) is str and bool(found.source.strip()), "/seed/source")
    demand(bool(found.products), "/seed/products")
    codes = [product.code for product in found.products]
    demand(len(set(codes)) == len(codes), "/seed/products")
    for number, product in enumerate(found.products):
        _demand(product, f"/seed/products/{number}")
    return found


def _demand(product: SeedProduct, at: str) -> None:
    for name in _WHOLE_NUMBERS:
        demand(type(getattr(product, name)) is int, f"{at}/{name}")
    for name in ("code", "name"):
        demand(type(getattr(product, name)) is str and bool(getattr(product, name)), f"{at}/{name}")
    demand(product.kind in get_args(SeedKind), f"{at}/kind")
    demand(0 < product.minimum <= product.maximum, f"{at}/maximum")
    demand(1 <= product.parts <= MOST_PARTS, f"{at}/parts")
    demand(product.own_share < WHOLE, f"{at}/own_share")
    demand(0 < product.largest_first <= WHOLE, f"{at}/largest_first")
    demand(product.parts == 1 or product.largest_first < WHOLE, f"{at}/largest_first")
    demand(0 <= product.return_months <= LONGEST, f"{at}/return_months")
    demand((product.kind == "contribution") == (product.return_months > 0), f"{at}/return_months")


def motion(own: int, milestones: Iterable[tuple[str, str, int, date]]) -> str:
    """The parts as they stand in the motion, a line each: what for, how much, until when, what will show it."""
    lines = [
        f"{number}. {text} · {shown(amount)} · {due_on} · {evidence}"
        for number, (text, evidence, amount, due_on) in enumerate(milestones, start=1)
    ]
    return "\n".join([*lines, f"+ {shown(own)}"] if own else lines)

"""What stands behind a loan beside the word of who borrows, and how much of it that covers; amounts in cents."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.credit.rules.demands import demand

GUARANTOR, JOINT = "guarantor", "joint_group"
KINDS = (GUARANTOR, JOINT, "pledge", "mortgage", "savings")
OFFERED = tuple(kind for kind in KINDS if kind != JOINT)
"""What is put into a file; the joint guarantee of a group follows from the group."""
_WHOLE = 100
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Offer:
    """One guarantee and what it is worth."""

    kind: str
    value: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of an amount is covered, how much must be, and what is missing."""

    covered: int
    percent: int
    needed: int
    missing: int

    @property
    def enough(self) -> bool:
        return self.missing == 0


@dataclass(frozen=True, slots=True)
class ProductRule:
    """What one product takes as guarantee, and from which amount on what part of it must be covered, in percent."""

    product: str
    kinds: tuple[str, ...] = KINDS
    coverage: tuple[tuple[int, int], ...] = ()

    def needed(self, amount: int) -> int:
        """The percentage that must be covered of `amount`."""
        return next((percent for since, percent in reversed(self.coverage) if amount >= since), 0)


@dataclass(frozen=True, slots=True)
class Guarantees:
    """The regulations on guarantees. `counts` is what part of its value a kind covers, in percent, all of it unless
    said; `times` is how many credits one person may guarantee at the same time, any number unless said.
    """

    products: tuple[ProductRule, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    times: int | None = None
    source: str = ""

    def of(self, product: str) -> ProductRule:
        """The rule of a product; any kind and none needed where it has none."""
        return next((rule for rule in self.products if rule.product == product), ProductRule(product))

    def counted(self, kind: str, value: int) -> int:
        """What a guarantee covers, rounded down."""
        return value * self.counts.get(kind, _WHOLE) // _WHOLE

    def coverage(self, product: str, amount: int, offers: Iterable[Offer]) -> Coverage:
        """How far `offers` cover `amount`; of a kind the product does not take, nothing counts."""
        rule = self.of(product)
        covered = sum(self.counted(offer.kind, offer.value) for offer in offers if offer.kind in rule.kinds)
        needed = rule.needed(amount)
        missing = max(0, -(-amount * needed // _WHOLE) - covered)
        return Coverage(covered, covered * _WHOLE // amount, needed, missing)


def read_guarantees(item: Mapping[str, Any]) -> Guarantees:
    """`{"products": [{"product": "equipo", "kinds": […], "coverage": [[5000000, 100]]}], "counts": {"pledge": 60}}`."""
    products = tuple(
        ProductRule(
            row["product"],
            tuple(row.get("kinds", KINDS)),
            tuple((since, percent) for since, percent in row.get("coverage", ())),
        )
        for row in item.get("products", ())
    )
    rules = Guarantees(**{**item, "products": products, "counts": dict(item.get("counts", {}))})
    demand(type(rules.source) is str and bool(rules.source.strip()), "/guarantees/source")
    demand(rules.times is None or (type(rules.times) is int and rules.times >= 1), "/guarantees/times")
    demand(rules.counts.keys() <= set(KINDS), "/guarantees/counts")
    demand(all(_percent(percent, _WHOLE) for percent in rules.counts.values()), "/guarantees/counts")
    codes = [rule.product for rule in products]
    demand(len(set(codes)) == len(codes), "/guarantees/products")
    for number, rule in enumerate(products):
        at = f"/guarantees/products/{number}"
        demand(type(rule.product) is str and bool(rule.product), f"{at}/product")
        demand(bool(rule.kinds) and set(rule.kinds) <= set(KINDS), f"{at}/kinds")
        since = [amount for amount, _ in rule.coverage]
        demand(since == sorted(set(since)) and all(type(one) is int and one >= 0 for one in since), f"{at}/coverage")
        demand(all(_percent(percent, _MOST) for _, percent in rule.coverage), f"{at}/coverage")
    return rules


def _percent(number: Any, most: int) -> bool:
    return type(number) is int and 0 <= number <= most

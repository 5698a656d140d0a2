"""The signed Credit Regulations, as the parameters every decision is measured against."""

import decimal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from services.credit.rules import governance, quorum
from services.credit.rules.allocation import COMPONENTS, Component
from services.credit.rules.arrears import LateCharge, Provisioning, read_late_charge, read_provisioning
from services.credit.rules.demands import demand
from services.credit.rules.income import IncomeShares, read_income_shares
from services.credit.rules.products import Product, read_products
from shared.kernel import Invalid

ELIGIBILITY_RULES = ("active", "consent_credit", "validated", "no_loan_in_force", "has_owner")
PURPOSES = ("working_capital", "inputs", "equipment", "premises", "marketing", "formalization", "other")


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
    income_shares: IncomeShares = IncomeShares()
    late_charge: LateCharge = LateCharge()
    provisioning: Provisioning | None = None
    notice: governance.Notice = governance.Notice()
    conflicts: governance.Conflicts = governance.Conflicts()
    approvals: governance.Approvals = governance.Approvals()
    reasons: governance.Reasons = governance.Reasons()

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
        return Parameters(**{name: _SECTIONS[name](section) for name, section in parameters.items()})
    except (KeyError, TypeError, ValueError, decimal.InvalidOperation) as problem:
        raise Invalid("regulations.incomplete", pointer="/parameters", problem=str(problem)[:120]) from problem


def _quorum(item: Mapping[str, Any]) -> quorum.Rule:
    rule = quorum.Rule(**{**item, "constituencies": tuple(item.get("constituencies", quorum.CONSTITUENCIES))})
    demand(type(rule.seats) is int and type(rule.casting_vote) is bool, "/quorum/seats")
    demand(rule.seats >= 1 and rule.majority in quorum.MAJORITIES, "/quorum")
    demand(set(rule.constituencies) <= set(quorum.CONSTITUENCIES), "/quorum/constituencies")
    return rule


def _purposes(items: Any) -> tuple[str, ...]:
    demand(bool(items) and set(items) <= set(PURPOSES), "/purposes")
    return tuple(items)


def _allocation_order(items: Any) -> tuple[Component, ...]:
    demand(sorted(items) == sorted(get_args(Component)), "/allocation_order")
    return tuple(items)


def _payment_in_advance(allowed: Any) -> bool:
    demand(type(allowed) is bool, "/payment_in_advance")
    return bool(allowed)


def _eligibility(items: Any) -> tuple[str, ...]:
    demand(set(items) <= set(ELIGIBILITY_RULES), "/eligibility")
    return tuple(items)


_SECTIONS: dict[str, Callable[[Any], Any]] = {
    "products": read_products,
    "quorum": _quorum,
    "purposes": _purposes,
    "allocation_order": _allocation_order,
    "payment_in_advance": _payment_in_advance,
    "eligibility": _eligibility,
    "income_shares": read_income_shares,
    "late_charge": read_late_charge,
    "provisioning": read_provisioning,
    "notice": governance.read_notice,
    "conflicts": governance.read_conflicts,
    "approvals": governance.read_approvals,
    "reasons": governance.read_reasons,
}
"""How each section is read; it has a field of its name in `Parameters`, with what holds where it is left out."""

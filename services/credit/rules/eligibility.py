"""Whether an enterprise may be lent to, each rule that fails named; and what its owner can pay."""

from collections.abc import Iterable
from dataclasses import dataclass

VALIDATED = frozenset({"verified", "validated"})


@dataclass(frozen=True, slots=True)
class Enterprise:
    """What is known of an enterprise when it asks."""

    active: bool
    consent_credit: bool
    validation: str
    owners: int
    loans_in_force: int


def failed_rules(enterprise: Enterprise, rules: Iterable[str]) -> tuple[str, ...]:
    """The names of the regulations' `rules` that the enterprise does not meet, in their order."""
    met = {
        "active": enterprise.active,
        "consent_credit": enterprise.consent_credit,
        "validated": enterprise.validation in VALIDATED,
        "no_loan_in_force": enterprise.loans_in_force == 0,
        "has_owner": enterprise.owners > 0,
    }
    return tuple(rule for rule in rules if not met[rule])


@dataclass(frozen=True, slots=True)
class Capacity:
    """What is left of a month's income, in cents, and what part of it an instalment would take (percent)."""

    monthly_surplus: int
    share_of_surplus: int | None

    @property
    def enough(self) -> bool:
        return self.share_of_surplus is not None and self.share_of_surplus <= 100


def payment_capacity(income: int, expense: int, debts: int, monthly_payment: int) -> Capacity:
    """The capacity to pay: income less expense less other debts; the share is None where nothing is left."""
    surplus = income - expense - debts
    share = -(-monthly_payment * 100 // surplus) if surplus > 0 else None
    return Capacity(surplus, share)

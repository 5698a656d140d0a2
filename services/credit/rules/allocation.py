"""How a repayment is spread over what is owed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.credit.rules.words import shown
from shared.kernel import Invalid, Refused

Component = Literal["penalty", "fee", "interest", "principal"]
COMPONENTS: tuple[Component, ...] = ("penalty", "fee", "interest", "principal")


@dataclass(frozen=True, slots=True)
class Owed:
    """What one instalment still asks for, in cents, and whether its day has come."""

    number: int
    due: bool
    penalty: int = 0
    fee: int = 0
    interest: int = 0
    principal: int = 0

    @property
    def total(self) -> int:
        return self.penalty + self.fee + self.interest + self.principal


@dataclass(frozen=True, slots=True)
class Part:
    """What one repayment pays of one instalment, in cents."""

    number: int
    penalty: int = 0
    fee: int = 0
    interest: int = 0
    principal: int = 0

    @property
    def total(self) -> int:
        return self.penalty + self.fee + self.interest + self.principal


def allocate(
    amount: int, owed: Sequence[Owed], order: Sequence[Component] = COMPONENTS, *, advance: bool = True
) -> list[Part]:
    """The parts of `amount` (cents), oldest instalment first and within it in the regulations' `order`.

    Instalments whose day has not come are paid only where the regulations allow paying in `advance`. Refuses what is
    more than all that may be paid, so that nothing is ever taken without a debt it pays.
    """
    if amount <= 0:
        raise Invalid("repayment.amount_not_positive", pointer="/amount")
    if sorted(order) != sorted(COMPONENTS):
        raise Invalid("regulations.allocation_order_incomplete", pointer="/allocation_order")
    payable = [item for item in sorted(owed, key=lambda item: item.number) if item.due or advance]
    _check_not_too_much(amount, owed, payable)
    parts, left = [], amount
    for item in payable:
        part, left = _pay(item, left, order)
        if part.total:
            parts.append(part)
    return parts


def allocate_with_excess(
    amount: int, owed: Sequence[Owed], order: Sequence[Component] = COMPONENTS, *, advance: bool = True
) -> tuple[list[Part], int]:
    """The parts of `amount` as `allocate` makes them, and what is left of it once all that may be paid is paid."""
    excess = max(0, amount - sum(item.total for item in owed if item.due or advance))
    if 0 < amount == excess:
        return [], excess
    return allocate(amount - excess, owed, order, advance=advance), excess


def _check_not_too_much(amount: int, owed: Sequence[Owed], payable: Sequence[Owed]) -> None:
    outstanding = sum(item.total for item in owed)
    if amount > outstanding:
        raise Refused("repayment.above_outstanding", outstanding=shown(outstanding))
    due = sum(item.total for item in payable)
    if amount > due:
        raise Refused("repayment.not_yet_due", due=shown(due))


def _pay(item: Owed, left: int, order: Sequence[Component]) -> tuple[Part, int]:
    paid: dict[str, int] = {}
    for component in order:
        paid[component] = min(left, getattr(item, component))
        left -= paid[component]
    return Part(item.number, **paid), left

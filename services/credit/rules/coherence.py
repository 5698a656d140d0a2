"""Whether what is asked for serves what the plans of the territory put first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan in force: of which place, and the value chains and purposes it puts first."""

    title: str
    unit: str
    chains: tuple[str, ...]
    purposes: tuple[str, ...] = ()

    def prioritises(self, chain: str, purpose: str | None) -> bool:
        """Whether it puts first this chain and, where both name one, this purpose."""
        return chain in self.chains and (purpose is None or not self.purposes or purpose in self.purposes)


def known_of(plans: Sequence[Plan], chain: str, purpose: str | None) -> dict[str, Any] | None:
    """The titles of the plans in force, and of those that put it first (`prioritised_by`); None where no plan is
    known.
    """
    if not plans:
        return None
    first = [plan.title for plan in plans if plan.prioritises(chain, purpose)]
    return {"plans": [plan.title for plan in plans], "prioritised_by": first}

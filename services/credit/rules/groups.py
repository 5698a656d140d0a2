"""Several women who borrow side by side and answer for each other, as the regulations let them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.credit.rules.demands import demand
from shared.kernel import Invalid, Refused

LARGEST = 50


@dataclass(frozen=True, slots=True)
class Groups:
    """How many members a group has, and which products it borrows; none at all where no maximum is given. Where it is
    `all_or_none`, nobody leaves once the committee has decided on one of them.
    """

    minimum: int = 0
    maximum: int = 0
    products: tuple[str, ...] = ()
    all_or_none: bool = False
    source: str = ""

    def check_size(self, members: int) -> None:
        """Refuses where no groups are lent to, and more members than a group may have."""
        if not self.maximum:
            raise Refused("group.not_lent_to")
        if members > self.maximum:
            raise Invalid("group.too_large", pointer="/applications", maximum=self.maximum)

    def require_enough(self, members: int, name: str) -> None:
        """Refuses a group that has too few members to be decided on or paid out."""
        if members < self.minimum:
            raise Refused("credit_group.too_small", name=name, members=members, minimum=self.minimum)

    def check_product(self, product: str) -> None:
        """Refuses a product that is not lent to groups; any is where none is named."""
        if self.products and product not in self.products:
            raise Invalid("group.product_not_lent", pointer="/applications", known=", ".join(self.products))


def read_groups(item: Mapping[str, Any]) -> Groups:
    groups = Groups(**{**item, "products": tuple(item.get("products", ()))})
    demand(type(groups.minimum) is int and type(groups.maximum) is int, "/groups/maximum")
    demand(2 <= groups.minimum <= groups.maximum <= LARGEST, "/groups/minimum")
    demand(all(type(code) is str and bool(code) for code in groups.products), "/groups/products")
    demand(type(groups.all_or_none) is bool, "/groups/all_or_none")
    demand(type(groups.source) is str and bool(groups.source.strip()), "/groups/source")
    return groups

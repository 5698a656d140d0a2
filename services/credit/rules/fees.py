"""What a borrower pays once for a loan to be opened, as the regulations say."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal, get_args

from services.credit.rules.demands import demand, rate

Paid = Literal["at_disbursement", "first_instalment"]
WHOLE = 100


@dataclass(frozen=True, slots=True)
class Fee:
    """A `share` of what is lent, in percent, and an `amount` in cents: kept back when the money is handed over, or paid
    with the first instalment.
    """

    share: Decimal = Decimal(0)
    amount: int = 0
    paid: Paid = "at_disbursement"
    source: str = ""

    def of(self, principal: int) -> int:
        """The fee of a loan, in cents; half a cent counts as one."""
        share = (principal * self.share / WHOLE).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        return int(share) + self.amount

    def kept_back(self, principal: int) -> int:
        """What of a loan is kept back when it is handed over, in cents."""
        return self.of(principal) if self.paid == "at_disbursement" else 0


NO_FEE = Fee()


def read_fee(item: Mapping[str, Any], at: str, least: int) -> Fee:
    """`{"share": "2.5", "amount": 0, "paid": "at_disbursement", "source": "Art. 12"}`; refuses one that takes all of
    the `least` that is lent.
    """
    fee = Fee(**{**item, "share": rate(item.get("share", 0), f"{at}/share")})
    demand(fee.share < WHOLE, f"{at}/share")
    demand(type(fee.amount) is int and fee.amount >= 0, f"{at}/amount")
    demand(0 < fee.of(least) < least, f"{at}/amount")
    demand(fee.paid in get_args(Paid), f"{at}/paid")
    demand(type(fee.source) is str and bool(fee.source.strip()), f"{at}/source")
    return fee

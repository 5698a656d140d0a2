"""The books of a trust fund: a plain chart of accounts, double entry, every movement balanced."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from services.credit.rules.allocation import Part

Kind = Literal["asset", "liability", "equity", "income", "expense"]

CHART: dict[str, tuple[str, Kind]] = {
    "1101": ("cash_at_trustee", "asset"),
    "1102": ("cash_in_hand", "asset"),
    "1103": ("refinancing", "asset"),
    "1201": ("loans", "asset"),
    "1202": ("allowance", "asset"),
    "1301": ("interest_receivable", "asset"),
    "1302": ("charges_receivable", "asset"),
    "1401": ("seed_contributions", "asset"),
    "2101": ("overpayments", "liability"),
    "2102": ("owed_to_lenders", "liability"),
    "2201": ("income_to_share", "liability"),
    "3101": ("contributions", "equity"),
    "3201": ("results_carried", "equity"),
    "4101": ("interest_income", "income"),
    "4102": ("fee_income", "income"),
    "4103": ("penalty_income", "income"),
    "4104": ("recoveries", "income"),
    "4105": ("other_income", "income"),
    "5101": ("fund_costs", "expense"),
    "5102": ("provisions", "expense"),
    "5103": ("seed_grants", "expense"),
}
"""By code: its name and its kind. The allowance is contra to the loans: an asset whose balance is a credit. What a new
loan pays of an old one passes through `refinancing`, whose balance is nothing.
"""
ACCOUNTS = {name: code for code, (name, _) in CHART.items()}
SHARED_OUT = "income_sharing"
"""The kind of the movement that closes income and expense of a period: it earns and costs nothing itself."""
CASH_AT_TRUSTEE, CASH_IN_HAND, LOANS = ACCOUNTS["cash_at_trustee"], ACCOUNTS["cash_in_hand"], ACCOUNTS["loans"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a movement: cents, a debit positive, a credit negative."""

    account: str
    amount: int


def balanced(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines that move something; they must sum to nothing and name accounts of the chart.

    A movement that does not balance is a defect of the program, never of what somebody sent: it raises ValueError.
    """
    moving = tuple(line for line in lines if line.amount)
    if sum(line.amount for line in moving) or not moving:
        raise ValueError(f"the movement does not balance: {moving}")
    if unknown := {line.account for line in moving} - CHART.keys():
        raise ValueError(f"accounts outside the chart: {sorted(unknown)}")
    return moving


def contribution(amount: int, *, repayable: bool) -> tuple[Line, ...]:
    """A funder's money reaches the trustee: given for good, or to be paid back."""
    source = "owed_to_lenders" if repayable else "contributions"
    return balanced([Line(CASH_AT_TRUSTEE, amount), Line(ACCOUNTS[source], -amount)])


def disbursement(amount: int, paid_off: int = 0, fee: int = 0) -> tuple[Line, ...]:
    """The trustee pays a loan out, but for what of it pays another loan off and the fee that is kept back."""
    return balanced(
        [
            Line(LOANS, amount),
            Line(CASH_AT_TRUSTEE, paid_off + fee - amount),
            Line(ACCOUNTS["refinancing"], -paid_off),
            Line(ACCOUNTS["fee_income"], -fee),
        ]
    )


@dataclass(frozen=True, slots=True)
class Receivable:
    """What of a loan's interest and late charges is booked as earned and not paid yet, in cents."""

    interest: int = 0
    charges: int = 0


def repayment(
    parts: Iterable[Part],
    cash_account: str,
    receivable: Receivable = Receivable(),
    *,
    excess: int = 0,
    operator_charge: int = 0,
) -> tuple[Line, ...]:
    """A repayment comes in, to the cashier's drawer or straight to the trustee's account: interest and late charges
    pay what is `receivable` of them first, and only what is beyond it is income now. What is paid in `excess` is owed
    to the payer; what an operator of mobile money kept of it is a cost of the fund.
    """
    paid = list(parts)
    interest, penalty = sum(part.interest for part in paid), sum(part.penalty for part in paid)
    earned = min(interest, max(0, receivable.interest))
    charged = min(penalty, max(0, receivable.charges))
    return balanced(
        [
            Line(cash_account, sum(part.total for part in paid) + excess - operator_charge),
            Line(ACCOUNTS["fund_costs"], operator_charge),
            Line(ACCOUNTS["overpayments"], -excess),
            Line(LOANS, -sum(part.principal for part in paid)),
            Line(ACCOUNTS["interest_receivable"], -earned),
            Line(ACCOUNTS["charges_receivable"], -charged),
            Line(ACCOUNTS["interest_income"], earned - interest),
            Line(ACCOUNTS["fee_income"], -sum(part.fee for part in paid)),
            Line(ACCOUNTS["penalty_income"], charged - penalty),
        ]
    )


def capitalisation(interest: int, receivable: Receivable) -> tuple[Line, ...]:
    """Interest that was earned and not paid becomes principal; what of it was not booked yet is income now."""
    earned = min(interest, max(0, receivable.interest))
    return balanced(
        [
            Line(LOANS, interest),
            Line(ACCOUNTS["interest_receivable"], -earned),
            Line(ACCOUNTS["interest_income"], earned - interest),
        ]
    )


def write_off(principal: int, receivable: Receivable) -> tuple[Line, ...]:
    """A loan leaves the books: its principal at the cost of the allowance, what was receivable on it out of income."""
    return balanced(
        [
            Line(ACCOUNTS["allowance"], principal),
            Line(LOANS, -principal),
            Line(ACCOUNTS["interest_income"], receivable.interest),
            Line(ACCOUNTS["interest_receivable"], -receivable.interest),
            Line(ACCOUNTS["penalty_income"], receivable.charges),
            Line(ACCOUNTS["charges_receivable"], -receivable.charges),
        ]
    )


def recovery(amount: int, cash_account: str, *, excess: int = 0, operator_charge: int = 0) -> tuple[Line, ...]:
    """Money comes in on a loan that was written off: income, whatever of the debt it pays."""
    return balanced(
        [
            Line(cash_account, amount + excess - operator_charge),
            Line(ACCOUNTS["fund_costs"], operator_charge),
            Line(ACCOUNTS["overpayments"], -excess),
            Line(ACCOUNTS["recoveries"], -amount),
        ]
    )


def mirrored(lines: Iterable[Line]) -> tuple[Line, ...]:
    """A movement is taken back: the same lines the other way round."""
    return balanced([Line(line.account, -line.amount) for line in lines])


def refund(amount: int, cash_account: str) -> tuple[Line, ...]:
    """An overpayment goes back to who paid it, out of the drawer or from the trustee's account."""
    return balanced([Line(ACCOUNTS["overpayments"], amount), Line(cash_account, -amount)])


def accrual(interest: int) -> tuple[Line, ...]:
    """A day's interest is earned (taken back where it is negative)."""
    return balanced([Line(ACCOUNTS["interest_receivable"], interest), Line(ACCOUNTS["interest_income"], -interest)])


def late_charge(amount: int) -> tuple[Line, ...]:
    """A day's late charges are asked for (taken back where it is negative)."""
    return balanced([Line(ACCOUNTS["charges_receivable"], amount), Line(ACCOUNTS["penalty_income"], -amount)])


def provision(amount: int) -> tuple[Line, ...]:
    """The allowance grows by an amount at the cost of the result, or shrinks to its good."""
    return balanced([Line(ACCOUNTS["provisions"], amount), Line(ACCOUNTS["allowance"], -amount)])


def seed_payment(amount: int, *, given: bool) -> tuple[Line, ...]:
    """The trustee pays a part of seed capital: given for good, or to come back without interest."""
    return balanced(
        [Line(ACCOUNTS["seed_grants" if given else "seed_contributions"], amount), Line(CASH_AT_TRUSTEE, -amount)]
    )


def seed_return(amount: int, cash_account: str) -> tuple[Line, ...]:
    """A contribution of seed capital comes back."""
    return balanced([Line(cash_account, amount), Line(ACCOUNTS["seed_contributions"], -amount)])


def deposit(amount: int) -> tuple[Line, ...]:
    """The cashier's drawer is paid into the trustee's account."""
    return balanced([Line(CASH_AT_TRUSTEE, amount), Line(CASH_IN_HAND, -amount)])


def withdrawal(amount: int, interest: int, *, repayable: bool) -> tuple[Line, ...]:
    """The trustee pays a contribution back to its funder; the interest on a loan of a bank is a cost of the fund."""
    source = "owed_to_lenders" if repayable else "contributions"
    return balanced(
        [
            Line(ACCOUNTS[source], amount),
            Line(ACCOUNTS["fund_costs"], interest),
            Line(CASH_AT_TRUSTEE, -amount - interest),
        ]
    )


def bank_charge(amount: int) -> tuple[Line, ...]:
    """The trustee charges its account."""
    return balanced([Line(ACCOUNTS["fund_costs"], amount), Line(CASH_AT_TRUSTEE, -amount)])


def bank_interest(amount: int) -> tuple[Line, ...]:
    """The trustee pays interest on its account."""
    return balanced([Line(CASH_AT_TRUSTEE, amount), Line(ACCOUNTS["other_income"], -amount)])


def income_sharing(account_balances: Mapping[str, int], shared: int) -> tuple[Line, ...]:
    """Every account of income and expense is closed: `shared` is owed to those who get it, the rest is carried."""
    closing = [
        Line(code, -account_balances.get(code, 0)) for code, (_, kind) in CHART.items() if kind in {"income", "expense"}
    ]
    result = sum(line.amount for line in closing)
    rest = [Line(ACCOUNTS["income_to_share"], -shared), Line(ACCOUNTS["results_carried"], shared - result)]
    return balanced(closing + rest)


def share_payment(amount: int) -> tuple[Line, ...]:
    """The trustee pays out a share of the income."""
    return balanced([Line(ACCOUNTS["income_to_share"], amount), Line(CASH_AT_TRUSTEE, -amount)])


def drawer_difference(difference: int) -> tuple[Line, ...]:
    """What was counted in the drawer beyond the books (positive) is income, what is missing a cost of the fund."""
    other = "other_income" if difference > 0 else "fund_costs"
    return balanced([Line(CASH_IN_HAND, difference), Line(ACCOUNTS[other], -difference)])


def balances(lines: Iterable[Line]) -> dict[str, int]:
    """The balance of every account of the chart, debit positive."""
    sums: Counter[str] = Counter()
    for line in lines:
        sums[line.account] += line.amount
    return {code: sums[code] for code in CHART}


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One account of a trial balance: its balance stands as a debit or as a credit, in cents."""

    code: str
    name: str
    kind: Kind
    debit: int
    credit: int


def trial_balance(account_balances: Mapping[str, int]) -> list[TrialRow]:
    """The accounts that have a balance, in the order of the chart."""
    rows = ((code, account_balances.get(code, 0)) for code in CHART)
    return [TrialRow(code, *CHART[code], max(amount, 0), max(-amount, 0)) for code, amount in rows if amount]


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """What the fund has, what it owes, what is its own (with the result so far); in cents."""

    assets: int
    liabilities: int
    equity: int
    result: int

    @property
    def holds(self) -> bool:
        return self.assets == self.liabilities + self.equity + self.result


def balance_sheet(account_balances: Mapping[str, int]) -> BalanceSheet:
    """The sums by kind of account, each with the sign a reader expects."""
    sums: Counter[str] = Counter()
    for code, amount in account_balances.items():
        sums[CHART[code][1]] += amount
    return BalanceSheet(
        assets=sums["asset"],
        liabilities=-sums["liability"],
        equity=-sums["equity"],
        result=-sums["income"] - sums["expense"],
    )


def available(cash_at_trustee: int, committed: int, reserve: int) -> int:
    """What may still be promised: cash at the trustee less what is approved and not yet paid out, less the reserve."""
    return cash_at_trustee - committed - reserve

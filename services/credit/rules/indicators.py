"""The indicators of a portfolio, each with its formula and where it comes from. Amounts in cents; ratios are per cents
with two decimals, None where there is nothing to divide by.

Sources: CGAP, *Microfinance Consensus Guidelines: Definitions of Selected Financial Terms, Ratios, and Adjustments for
Microfinance* (3rd edition, 2003), called Guidelines below; R. Rosenberg, *Measuring Microcredit Delinquency: Ratios Can
Be Harmful to Your Health* (CGAP Occasional Paper 3, 1999).
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

RISK_DAYS = (1, 30, 60, 90, 180)


def ratio(part: int, whole: int) -> Decimal | None:
    """`part` in per cent of `whole`."""
    if whole <= 0:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Period:
    """What a fund, or all funds of one currency, had and did from one day to another.

    `opening` and `closing` are the gross portfolio on the day before the first and on the last; `at_risk` is the
    portfolio at risk over 30 days and `allowance` what is set aside, both on the last day. `collected` and `fell_due`
    are principal and interest without what was paid before its time.
    """

    opening: int
    closing: int
    at_risk: int
    allowance: int
    written_off: int
    received: int
    collected: int
    fell_due: int
    income: int
    expense: int

    @property
    def average(self) -> int:
        """The average gross portfolio: half of opening and closing (Guidelines, terms of the balance sheet)."""
        return (self.opening + self.closing) // 2

    @property
    def write_off_ratio(self) -> Decimal | None:
        """Value of loans written off in the period / average gross portfolio (Guidelines: write-off ratio)."""
        return ratio(self.written_off, self.average)

    @property
    def risk_coverage(self) -> Decimal | None:
        """Allowance for loan losses / portfolio at risk over 30 days (MicroRate and IDB, *Performance Indicators for
        Microfinance Institutions*, 2003: risk coverage ratio).
        """
        return ratio(self.allowance, self.at_risk)

    @property
    def portfolio_yield(self) -> Decimal | None:
        """Interest, fees and late charges received in cash on the loans / average gross portfolio (Guidelines: yield on
        gross portfolio); of the period as it is, not of a year.
        """
        return ratio(self.received, self.average)

    @property
    def recovery_rate(self) -> Decimal | None:
        """Principal and interest collected / principal and interest that fell due for the first time in the period,
        without what was paid before its time: the current recovery rate of Occasional Paper 3 (cash received for
        instalments that are due / instalments due for the first time under the original terms). A loan that was
        refinanced counts once: what the new loan paid off is neither cash received nor due. Above 100 where arrears of
        before came in.
        """
        return ratio(self.collected, self.fell_due)

    @property
    def self_sufficiency(self) -> Decimal | None:
        """Operational self-sufficiency: income of the fund / (financial expense + provisions for loan losses +
        operating expense), as booked in the period (Guidelines: operational self-sufficiency).
        """
        return ratio(self.income, self.expense)

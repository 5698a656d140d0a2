"""Reads the reference schedules of Apache Fineract as terms of our own and as the rows they expect."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.credit.rules.terms import Terms

METHODS = {
    ("DECLINING_BALANCE", "EQUAL_INSTALLMENTS"): "equal_instalment",
    ("DECLINING_BALANCE", "EQUAL_PRINCIPAL_PAYMENTS"): "equal_principal",
    ("FLAT", "EQUAL_INSTALLMENTS"): "flat",
}
DAY_COUNTS = {
    ("DAYS360", "DAYS30", None): "30/360",
    ("DAYS360", "ACTUAL", None): "actual/360",
    ("DAYS365", "ACTUAL", None): "actual/365",
    ("ACTUAL", "ACTUAL", None): "actual/actual",
    ("ACTUAL", "ACTUAL", "FEB_29_PERIOD_ONLY"): "actual/actual-feb29",
}


@dataclass(frozen=True)
class Case:
    id: str
    kind: str
    terms: Terms
    expected: list[tuple[date, int, int, int]]  # due date, principal, interest, balance


def cents(amount: str) -> int:
    return int(Decimal(amount).scaleb(2))


def load(path: Path) -> list[dict[str, Any]]:
    return list(json.loads(path.read_text())["cases"])


def has_down_payment(case: dict[str, Any]) -> bool:
    return case["class"].startswith("downpayment/")


def read(case: dict[str, Any]) -> Case:
    """One case as terms and rows; the row of the disbursement itself is not an instalment."""
    rows = [row for row in case["expected"]["rows"] if row["nr"] is not None]
    expected = [
        (date.fromisoformat(row["due_date"]), cents(row["principal"]), cents(row["interest"]), cents(row["balance"]))
        for row in rows
    ]
    return Case(case["id"], case["class"], terms_of(case), expected)


def terms_of(case: dict[str, Any]) -> Terms:
    loan, product = case["loan"], case["product"]
    day_count = (product.get("daysInYearType"), product.get("daysInMonthType"), product.get("daysInYearCustomStrategy"))
    daily = loan["interest_calculation_period"] == "DAILY"
    start = loan.get("repayment_start_date_type") or product.get("repaymentStartDateType")
    return Terms(
        principal=cents(case["effective"]["principal"]),
        annual_rate=Decimal(loan["annual_rate_percent"]),
        instalments=loan["number_of_repayments"],
        start=date.fromisoformat(case["effective"]["start_date"]),
        seed=date.fromisoformat(loan["submitted_on"]) if start == "SUBMITTED_ON_DATE" else None,
        method=METHODS[loan["interest_type"] or "DECLINING_BALANCE", loan["amortization_type"]],
        engine=product["loanScheduleType"].lower(),
        day_count=DAY_COUNTS[day_count],
        interest_period="daily" if daily else "as_repayment",
        every=loan["repayment_every"],
        unit=loan["repayment_unit"].lower(),
        multiple=100 * int(product.get("installmentAmountInMultiplesOf") or 0),
        grace_principal=loan["grace_principal"],
        grace_interest_payment=loan["grace_interest_payment"],
        grace_interest=loan["grace_interest_charged"],
        year_split="1-january" if product.get("interestRecognitionOnDisbursementDate") else "31-december",
        down_payment=Decimal(product["disbursedAmountPercentageForDownPayment"])
        if has_down_payment(case)
        else Decimal(0),
    )

"""What the promissory note of a loan says, and the receipt of a repayment."""

from collections.abc import Sequence
from typing import Any

from services.credit.directory import Borrower
from services.credit.documents.printed import Printed
from services.credit.models import Application, Loan, Repayment, Resolution, TrustFund
from services.credit.rules.contracts import written
from services.credit.rules.cost import Cost, cost
from services.credit.rules.terms import Row, Terms
from services.credit.rules.words import in_words, shown
from shared import places


class NotePrint(Printed):
    """The promissory note with its schedule."""

    @classmethod
    def of(
        cls,
        fund: TrustFund,
        application: Application,
        resolution: Resolution,
        terms: Terms,
        rows: Sequence[Row],
        number: str,
        borrower: Borrower,
        disbursed_by: str,
    ) -> "NotePrint":
        """The note as facts."""
        return cls(
            "note.typ",
            {
                "dated": terms.start,
                "letterhead": fund.letterhead,
                "number": number,
                "fund": fund.name,
                "trustee": fund.trustee,
                "disbursed_by": disbursed_by,
                **_debt(application, borrower),
                **_motion(resolution),
                "amount": fund.money(terms.principal),
                "amount_in_words": in_words(terms.principal, fund.currency),
                "terms": written(terms),
                "cost": _cost(fund, cost(terms, rows)),
                **_plan(terms, rows),
            },
        )


def _debt(application: Application, borrower: Borrower) -> dict[str, Any]:
    """Who owes, and what for."""
    return {
        "borrowers": [{"name": owner.name, "document": owner.document} for owner in borrower.owners],
        "enterprise": borrower.enterprise or application.number,
        "municipality": places.full_name(application.municipality),
        "purpose": application.purpose,
    }


def _motion(resolution: Resolution) -> dict[str, Any]:
    """What was resolved, and the edition of the regulations the money is lent under."""
    return {
        "resolution": resolution.number,
        "conditions": resolution.conditions,
        "regulations": resolution.lent_under.citation,
    }


def _cost(fund: TrustFund, found: Cost) -> dict[str, Any]:
    """What the credit costs a year and in all, disclosed before anybody signs."""
    return {
        "annual_percentage_rate": str(found.annual_percentage_rate),
        "effective_annual_rate": str(found.effective_annual_rate),
        "finance_charge": fund.money(found.finance_charge),
        "total": fund.money(found.total),
    }


def _plan(terms: Terms, rows: Sequence[Row]) -> dict[str, Any]:
    """The schedule and its sums."""
    amounts = ("principal", "interest", "payment", "balance")
    interest = sum(row.interest for row in rows)
    sums = {"principal": terms.principal, "interest": interest, "payment": terms.principal + interest}
    return {
        "schedule": [
            {"number": row.number, "due": row.due} | {name: shown(getattr(row, name)) for name in amounts}
            for row in rows
        ],
        "total": {name: shown(cents) for name, cents in sums.items()},
    }


class ReceiptPrint(Printed):
    """The receipt of one repayment, made when it is asked for."""

    @classmethod
    def of(cls, fund: TrustFund, loan: Loan, repayment: Repayment, borrower: Borrower, language: str) -> "ReceiptPrint":
        """The receipt as facts."""
        names = ("penalty", "fee", "interest", "principal")
        parts = [
            {name: shown(getattr(part, name)) for name in names}
            | {"instalment": part.instalment, "total": shown(sum(getattr(part, name) for name in names))}
            for part in repayment.parts
        ]
        total = {name: shown(getattr(repayment, name)) for name in names}
        return cls(
            "receipt.typ",
            {
                "dated": repayment.paid_on,
                "letterhead": fund.letterhead,
                "number": repayment.number,
                "fund": fund.name,
                "loan": loan.number,
                "borrower": borrower.name,
                "amount": fund.money(repayment.amount),
                "amount_in_words": in_words(repayment.amount, fund.currency, language),
                "paid_on": repayment.paid_on,
                "channel": repayment.channel,
                "posted_by": repayment.posted_by_name,
                "parts": parts,
                "total": total | {"total": shown(repayment.amount)},
                "outstanding": fund.money(repayment.outstanding_after),
                "settled": repayment.outstanding_after == 0,
            },
            language,
        )

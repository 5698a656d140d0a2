"""What the promissory note of a loan says, and the receipt of a repayment."""

from collections.abc import Sequence

from services.credit.directory import Borrower
from services.credit.documents.printed import Printed
from services.credit.models import Application, CreditRegulations, Loan, Repayment, Resolution, TrustFund
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
        version: CreditRegulations,
        terms: Terms,
        rows: Sequence[Row],
        number: str,
        borrower: Borrower,
        disbursed_by: str,
    ) -> "NotePrint":
        """The note as facts."""
        interest = sum(row.interest for row in rows)
        return cls(
            "note.typ",
            {
                "dated": terms.start,
                "letterhead": fund.letterhead,
                "number": number,
                "fund": fund.name,
                "trustee": fund.trustee,
                "borrowers": [{"name": owner.name, "document": owner.document} for owner in borrower.owners],
                "enterprise": borrower.enterprise or application.number,
                "municipality": places.full_name(application.municipality),
                "purpose": application.purpose,
                "resolution": resolution.number,
                "conditions": resolution.conditions,
                "regulations": {"title": version.title, "edition": version.edition},
                "amount": fund.money(terms.principal),
                "amount_in_words": in_words(terms.principal, fund.currency),
                "terms": {
                    "annual_rate": str(terms.annual_rate),
                    "method": terms.method,
                    "day_count": terms.day_count,
                    "rounding": terms.rounding,
                    "instalments": terms.instalments,
                    "every": terms.every,
                    "unit": terms.unit,
                    "grace": terms.grace_principal,
                },
                "schedule": [
                    {
                        "number": row.number,
                        "due": row.due,
                        "principal": shown(row.principal),
                        "interest": shown(row.interest),
                        "payment": shown(row.payment),
                        "balance": shown(row.balance),
                    }
                    for row in rows
                ],
                "total": {
                    "principal": shown(terms.principal),
                    "interest": shown(interest),
                    "payment": shown(terms.principal + interest),
                },
                "disbursed_by": disbursed_by,
            },
        )


class ReceiptPrint(Printed):
    """The receipt of one repayment; made when it is asked for, always the same."""

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

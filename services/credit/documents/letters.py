"""What is written to a borrower about her loan: a reminder, the certificate of its closure, the receipt of a refund."""

from datetime import date

from services.credit.directory import Borrower
from services.credit.documents.printed import Printed
from services.credit.models import Loan, OverpaymentUse, TrustFund
from services.credit.rules.allocation import COMPONENTS
from services.credit.rules.words import in_words, shown
from shared import places


class ReminderPrint(Printed):
    """The letter that reminds of what is overdue, as of a day."""

    @classmethod
    def of(cls, fund: TrustFund, loan: Loan, borrower: Borrower, day: date, officer: str) -> "ReminderPrint":
        """The letter as facts, in Spanish: it is written to the borrower."""
        due = {instalment.number: instalment.due for instalment in loan.instalments}
        late = [part for part in loan.owed(day) if part.total and due[part.number] < day]
        rows = [
            {"number": part.number, "due": due[part.number], "total": shown(part.total)}
            | {name: shown(getattr(part, name)) for name in COMPONENTS}
            for part in late
        ]
        return cls(
            "reminder.typ",
            {
                "dated": day,
                "letterhead": fund.letterhead,
                "number": loan.number,
                "fund": fund.name,
                "trustee": fund.trustee,
                "trustee_account": fund.trustee_account,
                "borrower": borrower.name,
                "enterprise": borrower.enterprise,
                "municipality": places.full_name(loan.municipality),
                "overdue": fund.money(sum(part.total for part in late)),
                "days": (day - due[late[0].number]).days,
                "instalments": rows,
                "officer": officer,
            },
        )


class ClosurePrint(Printed):
    """The certificate that a loan is paid in full."""

    @classmethod
    def of(cls, fund: TrustFund, loan: Loan, borrower: Borrower, held: int, language: str) -> "ClosurePrint":
        """The certificate as facts; what is still held for her of an overpayment is named."""
        paid = sum(getattr(item, f"paid_{name}") for item in loan.instalments for name in COMPONENTS)
        return cls(
            "closure.typ",
            {
                "dated": loan.settled_on,
                "letterhead": fund.letterhead,
                "number": loan.number,
                "fund": fund.name,
                "trustee": fund.trustee,
                "borrowers": [{"name": owner.name, "document": owner.document} for owner in borrower.owners],
                "enterprise": borrower.enterprise,
                "municipality": places.full_name(loan.municipality),
                "principal": fund.money(loan.principal),
                "principal_in_words": in_words(loan.principal, fund.currency, language),
                "disbursed_on": loan.disbursed_on,
                "settled_on": loan.settled_on,
                "paid": fund.money(paid),
                "held": fund.money(held) if held else None,
            },
            language,
        )


class RefundPrint(Printed):
    """The receipt of an overpayment that went back."""

    @classmethod
    def of(cls, fund: TrustFund, loan: Loan, use: OverpaymentUse, borrower: Borrower, language: str) -> "RefundPrint":
        """The receipt as facts."""
        return cls(
            "refund.typ",
            {
                "dated": use.used_on,
                "letterhead": fund.letterhead,
                "number": use.number,
                "fund": fund.name,
                "loan": loan.number,
                "borrower": borrower.name,
                "amount": fund.money(use.amount),
                "amount_in_words": in_words(use.amount, fund.currency, language),
                "paid_on": use.used_on,
                "channel": use.channel,
                "reason": use.reason,
                "paid_by": use.made_by_name,
            },
            language,
        )

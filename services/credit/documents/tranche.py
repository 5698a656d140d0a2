"""What the receipt of another part of a loan says: she signs that she received it, and the schedule from then on."""

from services.credit.directory import Borrower
from services.credit.documents.note import percent_cost
from services.credit.documents.printed import Printed, scheduled
from services.credit.models import Loan, LoanChange, Resolution, TrustFund
from services.credit.queries.disclosed import begun_by, cost_of_change, paper_number
from services.credit.rules.words import in_words
from shared import places


class TranchePrint(Printed):
    """The receipt of one tranche, made when it is asked for, with what the loan asked for once it was paid out."""

    @classmethod
    def of(
        cls, fund: TrustFund, loan: Loan, change: LoanChange, resolution: Resolution, borrower: Borrower, language: str
    ) -> "TranchePrint":
        """The receipt as facts."""
        rows, names = begun_by(loan, change), ("principal", "interest", "payment")
        return cls(
            "tranche.typ",
            {
                "dated": change.done_on,
                "letterhead": fund.letterhead,
                "number": paper_number(loan, change),
                "fund": fund.name,
                "loan": loan.number,
                "resolution": resolution.number,
                "borrower": borrower.name,
                "enterprise": borrower.enterprise or loan.number,
                "municipality": places.full_name(loan.municipality),
                "amount": fund.money(change.principal),
                "amount_in_words": in_words(change.principal, fund.currency, language),
                "paid_by": change.done_by_name,
                "cost": percent_cost(fund, cost_of_change(loan, change)),
                **scheduled([(row.number, row.due, {name: getattr(row, name) for name in names}) for row in rows]),
            },
            language,
        )

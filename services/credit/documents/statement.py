"""What the statement of a loan says."""

from datetime import date
from typing import Any

from services.credit.directory import Borrower
from services.credit.documents.printed import Printed
from services.credit.models import Instalment, Loan, Repayment, TrustFund
from services.credit.rules.allocation import COMPONENTS, Owed
from services.credit.rules.words import shown
from shared import places


class StatementPrint(Printed):
    """The account of one loan as of a day; made when it is asked for."""

    @classmethod
    def of(cls, fund: TrustFund, loan: Loan, borrower: Borrower, day: date, language: str) -> "StatementPrint":
        """The statement as facts."""
        owed = loan.owed(day)
        left = sum(part.total for part in owed)
        rows = [_instalment(item, part, day) for item, part in zip(loan.instalments, owed, strict=True)]
        asked = left + sum(_paid(instalment) for instalment in loan.instalments)
        return cls(
            "statement.typ",
            {
                "dated": day,
                "letterhead": fund.letterhead,
                "number": loan.number,
                "fund": fund.name,
                "borrower": borrower.name,
                "enterprise": borrower.enterprise,
                "municipality": places.full_name(loan.municipality),
                "disbursed_on": loan.disbursed_on,
                "annual_rate": loan.terms["annual_rate"],
                "method": loan.terms["method"],
                "lent": fund.money(loan.principal),
                "paid": fund.money(asked - left),
                "outstanding": fund.money(left),
                "due_now": fund.money(sum(part.total for part in owed if part.due)),
                "instalments": rows,
                "total": {
                    "asked": shown(asked),
                    "paid": shown(asked - left),
                    "owed": shown(left),
                },
                "repayments": [_repayment(repayment) for repayment in loan.repayments],
            },
            language,
        )


def _paid(instalment: Instalment) -> int:
    return sum(getattr(instalment, f"paid_{name}") for name in COMPONENTS)


def _instalment(instalment: Instalment, owed: Owed, day: date) -> dict[str, Any]:
    paid = _paid(instalment)
    return {
        "number": instalment.number,
        "due": instalment.due,
        "asked": shown(paid + owed.total),
        "paid": shown(paid),
        "owed": shown(owed.total),
        "late": owed.total > 0 and instalment.due < day,
    }


def _repayment(repayment: Repayment) -> dict[str, Any]:
    amounts = ("amount", "principal", "interest", "outstanding_after")
    return {
        "number": repayment.number,
        "paid_on": repayment.paid_on,
        **{name: shown(getattr(repayment, name)) for name in amounts},
    }

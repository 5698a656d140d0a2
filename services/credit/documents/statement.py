"""What the statement of a loan says."""

from datetime import date
from typing import Any

from services.credit.directory import Borrower
from services.credit.documents.printed import Printed
from services.credit.models import Instalment, Loan, Repayment, TrustFund
from services.credit.rules.allocation import COMPONENTS
from services.credit.rules.words import shown
from shared import places


class StatementPrint(Printed):
    """The account of one loan as of a day; made when it is asked for."""

    @classmethod
    def of(cls, fund: TrustFund, loan: Loan, borrower: Borrower, day: date, language: str) -> "StatementPrint":
        """The statement as facts."""
        owed = loan.owed(day)
        asked = sum(_asked(instalment) for instalment in loan.instalments)
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
                "paid": fund.money(asked - loan.outstanding),
                "outstanding": fund.money(loan.outstanding),
                "due_now": fund.money(sum(part.total for part in owed if part.due)),
                "instalments": [_instalment(instalment, day) for instalment in loan.instalments],
                "total": {
                    "asked": shown(asked),
                    "paid": shown(asked - loan.outstanding),
                    "owed": shown(loan.outstanding),
                },
                "repayments": [_repayment(repayment) for repayment in loan.repayments],
            },
            language,
        )


def _asked(instalment: Instalment) -> int:
    return sum(getattr(instalment, name) for name in COMPONENTS)


def _instalment(instalment: Instalment, day: date) -> dict[str, Any]:
    asked, owed = _asked(instalment), instalment.owed(day).total
    return {
        "number": instalment.number,
        "due": instalment.due,
        "asked": shown(asked),
        "paid": shown(asked - owed),
        "owed": shown(owed),
        "late": owed > 0 and instalment.due < day,
    }


def _repayment(repayment: Repayment) -> dict[str, Any]:
    amounts = ("amount", "principal", "interest", "outstanding_after")
    return {
        "number": repayment.number,
        "paid_on": repayment.paid_on,
        **{name: shown(getattr(repayment, name)) for name in amounts},
    }

"""What the statement of a loan says."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from services.credit.directory import Borrower
from services.credit.documents.printed import Printed, scheduled
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
        standing = sorted(zip(loan.instalments, owed, strict=True), key=lambda pair: (pair[0].due, pair[0].number))
        rows = [(item, _asked(item, part)) for item, part in standing if item.plan == loan.plan or _paid(item)]
        paid = sum(_paid(instalment) for instalment in loan.instalments)
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
                "withheld": fund.money(loan.withheld) if loan.withheld else None,
                "paid": fund.money(paid),
                "outstanding": fund.money(left),
                "due_now": fund.money(sum(part.total for part in owed if part.due)),
                **scheduled([(item.number, item.due, asked) for item, asked in rows]),
                "late": [item.number for item, asked in rows if asked["owed"] > 0 and item.due < day],
                "repayments": [_repayment(repayment) for repayment in loan.repayments],
                "received": _received(loan.repayments),
            },
            language,
        )


def _paid(instalment: Instalment) -> int:
    return sum(getattr(instalment, f"paid_{name}") for name in COMPONENTS)


def _asked(instalment: Instalment, owed: Owed) -> dict[str, int]:
    """What an instalment asks for, late charges included, what was paid of it and what is owed, in cents."""
    paid = _paid(instalment)
    principal, interest = (
        getattr(owed, name) + getattr(instalment, f"paid_{name}") for name in ("principal", "interest")
    )
    return {
        "principal": principal,
        "interest": interest,
        "charges": paid + owed.total - principal - interest,
        "payment": paid + owed.total,
        "paid": paid,
        "owed": owed.total,
    }


def _taken(repayment: Repayment) -> dict[str, int]:
    """What of a payment went where, in cents."""
    names = ("amount", "interest", "principal", "excess")
    return {"charges": repayment.penalty + repayment.fee, **{name: getattr(repayment, name) for name in names}}


def _repayment(repayment: Repayment) -> dict[str, Any]:
    return {
        "number": repayment.number,
        "paid_on": repayment.paid_on,
        "reversed": repayment.reversed_on is not None,
        "reversal": repayment.reverses_id is not None,
        "recovery": repayment.recovery,
        "outstanding_after": shown(repayment.outstanding_after),
        **{name: shown(cents) for name, cents in _taken(repayment).items()},
    }


def _received(repayments: Sequence[Repayment]) -> dict[str, str]:
    """What all payments sum to; a reversed one and its counter-entry sum to nothing."""
    sums = Counter[str]()
    for repayment in repayments:
        sums.update(_taken(repayment))
    return {name: shown(sums[name]) for name in ("amount", "charges", "interest", "principal", "excess")}

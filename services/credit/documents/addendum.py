"""What the addendum of a rescheduled loan says: the new schedule, what it costs anew, and the paper it replaces."""

from typing import Any

from services.credit.documents.note import Signed, percent_cost
from services.credit.documents.printed import Printed, scheduled
from services.credit.models import Loan, LoanChange, Resolution, TrustFund
from services.credit.queries.disclosed import Asked, begun_by, cost_of_change, paper_number, taken_over
from services.credit.rules.words import in_words
from shared import places


class AddendumPrint(Printed):
    """The addendum to the promissory note, made when it is asked for, with what the loan asked for once it was planned
    anew.
    """

    @classmethod
    def of(
        cls, fund: TrustFund, loan: Loan, change: LoanChange, resolution: Resolution, signed: Signed, language: str
    ) -> "AddendumPrint":
        """The addendum as facts."""
        rows = begun_by(loan, change)
        owed = taken_over(change, rows)
        earlier = [one for one in loan.changes if one.kind in {"tranche", "reschedule"} and one.id < change.id]
        replaces = paper_number(loan, earlier[-1]) if earlier else loan.number
        return cls(
            "addendum.typ",
            {
                "dated": change.done_on,
                "letterhead": fund.letterhead,
                "number": paper_number(loan, change),
                "fund": fund.name,
                "trustee": fund.trustee,
                "loan": loan.number,
                "lent_on": loan.disbursed_on,
                "replaces": replaces,
                "replaces_of": earlier[-1].done_on if earlier else loan.disbursed_on,
                "borrowers": [{"name": owner.name, "document": owner.document} for owner in signed.borrower.owners],
                "enterprise": signed.borrower.enterprise or loan.number,
                "municipality": places.full_name(loan.municipality),
                "resolution": resolution.number,
                "conditions": resolution.conditions,
                "regulations": resolution.lent_under.citation,
                "amount": fund.money(owed),
                "amount_in_words": in_words(owed, fund.currency, language),
                "owed": _owed(fund, change, rows),
                "prepaid": change.interest < 0,
                "capitalised": bool(change.principal),
                "terms": change.terms,
                "guarantees": signed.guarantees,
                "carried_out_by": signed.disbursed_by,
                "cost": percent_cost(fund, cost_of_change(loan, change)),
                "charged": any(row.charges for row in rows),
                **scheduled([(row.number, row.due, _amounts(row)) for row in rows]),
            },
            language,
        )


def _owed(fund: TrustFund, change: LoanChange, rows: list[Asked]) -> dict[str, Any]:
    """What was owed on the day, part by part."""
    return {
        "principal": fund.money(sum(row.principal for row in rows) - change.principal),
        "interest": fund.money(abs(change.interest)),
        "charges": fund.money(sum(row.charges for row in rows)),
    }


def _amounts(row: Asked) -> dict[str, int]:
    return {name: getattr(row, name) for name in ("principal", "interest", "charges", "payment")}

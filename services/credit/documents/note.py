"""What the contract and promissory note of a loan says, and the receipt of a repayment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.credit.directory import Borrower, Guarantors
from services.credit.documents.printed import Printed, scheduled
from services.credit.models import Application, Guarantee, Loan, Repayment, Resolution, TrustFund, agreement_in_force
from services.credit.rules.contracts import written
from services.credit.rules.cost import Cost, cost
from services.credit.rules.terms import Row, Terms
from services.credit.rules.words import in_words, shown
from shared import places
from shared.kernel import Money, clock


@dataclass(frozen=True)
class Signed:
    """Who signs a note: who borrows, what and who stands behind her (`guaranteed`), and who pays out."""

    borrower: Borrower
    guarantees: Sequence[Mapping[str, Any]]
    disbursed_by: str


@dataclass(frozen=True)
class PaysOff:
    """The loan that a new one pays off, and what that takes of it, in cents."""

    loan: str
    amount: int


def guaranteed(fund: TrustFund, guarantees: Sequence[Guarantee], known: Guarantors) -> list[dict[str, Any]]:
    """The guarantees of a loan as its note names them."""
    told = []
    for one in guarantees:
        women = known.members.get(one.enterprise_id, ()) if one.enterprise_id else ()
        people = [known.people[one.id], *women] if one.id in known.people else [*women]
        told.append(
            {
                "kind": one.kind,
                "description": one.description,
                "value": fund.money(one.value),
                "guarantors": [{"name": person.name, "document": person.document} for person in people],
            }
        )
    return told


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
        signed: Signed,
        pays_off: PaysOff | None = None,
    ) -> "NotePrint":
        """The note as facts; of a loan that pays another one off it says so, and what is handed out."""
        return cls(
            "note.typ",
            {
                "dated": terms.start,
                "letterhead": fund.letterhead,
                "number": number,
                "fund": fund.name,
                "trustee": fund.trustee,
                "disbursed_by": signed.disbursed_by,
                **_debt(application, signed.borrower),
                "guarantees": signed.guarantees,
                "agreement": _agreement(fund),
                **_motion(resolution),
                "amount": fund.money(terms.principal),
                "amount_in_words": in_words(terms.principal, fund.currency),
                "terms": written(terms),
                "multiple": fund.money(terms.multiple) if terms.multiple else None,
                **_lateness(fund, resolution),
                **_payments(resolution),
                "cost": percent_cost(fund, cost(terms, rows)),
                "pays_off": _pays_off(fund, terms, pays_off),
                **_fee(fund, terms, pays_off),
                **_plan(rows),
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


def _pays_off(fund: TrustFund, terms: Terms, paid: PaysOff | None) -> dict[str, Any] | None:
    """The loan that is paid off, and what is left to be handed over."""
    if paid is None:
        return None
    return {"loan": paid.loan, "amount": fund.money(paid.amount), "rest": _handed_over(fund, terms, paid)}


def _handed_over(fund: TrustFund, terms: Terms, paid: PaysOff | None) -> Money:
    """What she receives of what is lent: not what is kept back of it, nor what pays another loan off."""
    return fund.money(terms.principal - terms.withheld - (paid.amount if paid else 0))


def _agreement(fund: TrustFund) -> dict[str, Any] | None:
    """The Agreement Letter under which the trustee pays; None where there is none."""
    letter = agreement_in_force(fund, clock.today())
    return letter.citation if letter else None


def _motion(resolution: Resolution) -> dict[str, Any]:
    """What was resolved, and the edition of the regulations the money is lent under."""
    return {
        "resolution": resolution.number,
        "conditions": resolution.conditions,
        "regulations": resolution.lent_under.citation,
    }


def _lateness(fund: TrustFund, resolution: Resolution) -> dict[str, Any]:
    """What an instalment that is late will cost, as the regulations say that the money is lent under."""
    rule = resolution.lent_under.read().late_charge
    if not rule.charges:
        return {"late_charge": None}
    told = {
        "annual_rate": _percent(rule.annual_rate),
        "fixed": fund.money(rule.fixed) if rule.fixed else None,
        "after_days": rule.after_days,
        "cap": None if rule.cap is None else _percent(rule.cap),
        "days_a_year": rule.days_a_year,
    }
    return {"late_charge": told}


def _payments(resolution: Resolution) -> dict[str, Any]:
    """To what a payment goes, and whether it may come before its day."""
    rules = resolution.lent_under.read()
    return {"allocation": list(rules.allocation_order), "in_advance": rules.payment_in_advance}


def _fee(fund: TrustFund, terms: Terms, paid: PaysOff | None) -> dict[str, Any]:
    """What opening the loan costs, and how much she receives where it is kept back; nothing where nothing is asked."""
    if not terms.fee:
        return {}
    handed_over = _handed_over(fund, terms, paid) if terms.withheld else None
    return {"fee": {"amount": fund.money(terms.fee), "handed_over": handed_over}}


def _percent(hundredths: int) -> str | None:
    """A rate as it is written, without needless noughts; nothing of none."""
    return f"{Decimal(hundredths).scaleb(-2).normalize():f}" if hundredths else None


def percent_cost(fund: TrustFund, found: Cost) -> dict[str, Any]:
    """What the credit costs a year and in all, disclosed before anybody signs."""
    return {
        "annual_percentage_rate": str(found.annual_percentage_rate),
        "effective_annual_rate": str(found.effective_annual_rate),
        "finance_charge": fund.money(found.finance_charge),
        "total": fund.money(found.total),
    }


def _plan(rows: Sequence[Row]) -> dict[str, Any]:
    """The schedule, its sums by year and in all; a column of fees where one is asked."""
    fee = ("fee",) if any(row.fee for row in rows) else ()
    names = ("principal", "interest", *fee, "payment")
    return scheduled([(row.number, row.due, {name: getattr(row, name) for name in names}) for row in rows])


class ReceiptPrint(Printed):
    """The receipt of one repayment, made when it is asked for."""

    @classmethod
    def of(
        cls,
        fund: TrustFund,
        loan: Loan,
        repayment: Repayment,
        borrower: Borrower,
        language: str,
        reverses: str | None = None,
    ) -> "ReceiptPrint":
        """The receipt as facts; of a reversal it names the receipt that is taken back."""
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
                "amount_in_words": in_words(abs(repayment.amount), fund.currency, language),
                "paid_on": repayment.paid_on,
                "channel": repayment.channel,
                "posted_by": repayment.posted_by_name,
                "parts": parts,
                "total": total | {"total": shown(repayment.amount - repayment.excess)},
                "outstanding": fund.money(repayment.outstanding_after),
                "settled": repayment.outstanding_after == 0 and repayment.stands,
                "slip": repayment.slip,
                "excess": fund.money(repayment.excess) if repayment.excess else None,
                "reversed_on": repayment.reversed_on,
                "reverses": reverses,
                "reason": repayment.reason,
            },
            language,
        )

"""What stands behind an application, and behind a loan."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import Application, Guarantee, Loan, TrustFund, regulations_in_force
from services.credit.rules.guarantees import OFFERED
from services.credit.sealing import open_person
from services.credit.use_cases.bind_guarantees import coverage_of
from shared.kernel import Money, clock

_SEEN_OF_A_DOCUMENT = 3


def of_application(session: Session, application: Application) -> dict[str, Any]:
    """The guarantees in a file, how far they cover what is recommended (what is asked, until somebody has appraised
    it), and which kinds the product takes. Of a document only its end is shown.
    """
    fund = session.get_one(TrustFund, application.fund_id)
    loan = _loan(session, application)
    edition = application.edition
    appraised = bool(application.appraisals)
    amount = application.appraisal.amount if appraised else application.amount
    found = coverage_of(session, application, edition, amount) if amount else None
    rules = regulations_in_force(session, fund.id, clock.today()).read().guarantees
    return {
        "guarantees": [
            guarantee(session, one, application, loan, fund) for one in Guarantee.of(session, application.id)
        ],
        "kinds": [kind for kind in OFFERED if kind in rules.of(application.product).kinds],
        "coverage": None
        if found is None
        else {
            "amount": fund.money(amount),
            "covered": fund.money(found.covered),
            "percent": found.percent,
            "needed": found.needed,
            "missing": fund.money(found.missing),
            "enough": found.enough,
        },
    }


def guarantee(
    session: Session, row: Guarantee, application: Application, loan: Loan | None, fund: TrustFund
) -> dict[str, Any]:
    """One guarantee with who gives it, for who may open the file."""
    person = open_person(session, row.id, row.sealed) if row.sealed is not None else None
    return {
        **_plain(row, application, loan, fund.currency),
        "description": row.description,
        "guarantor_id": row.guarantor_id,
        "enterprise_id": row.enterprise_id,
        "name": person.name if person else None,
        "document": _end_of(person.document) if person else None,
        "paper": row.file_id is not None,
        "added_by_name": row.added_by_name,
    }


def of_loan(session: Session, loan: Loan) -> list[dict[str, Any]]:
    """The guarantees of a loan for everybody who may see it: of what kind, for how much, and whether they still hold;
    nothing of who gives them.
    """
    application = session.get_one(Application, loan.application_id)
    return [_plain(row, application, loan, loan.currency) for row in Guarantee.of(session, application.id)]


def _plain(row: Guarantee, application: Application, loan: Loan | None, currency: str) -> dict[str, Any]:
    state = row.standing(application, loan)
    return {
        "id": row.id,
        "kind": row.kind,
        "value": Money(row.value, currency),
        "state": state,
        "added_on": row.added_on,
        "released_on": loan.settled_on if loan and state == "released" else None,
    }


def _loan(session: Session, application: Application) -> Loan | None:
    return session.scalar(select(Loan).where(Loan.application_id == application.id))


def _end_of(document: str) -> str:
    """All but the last signs hidden, to be recognised and not copied."""
    return "•" * max(len(document) - _SEEN_OF_A_DOCUMENT, 0) + document[-_SEEN_OF_A_DOCUMENT:]

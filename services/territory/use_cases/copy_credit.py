"""Keeps what credit says of applications and loans: amounts by municipality."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.territory.models import CopyApplication, CopyLoan
from services.territory.use_cases.as_of import known, took
from shared.bus.envelope import Envelope
from shared.events.credit import (
    ApplicationDecided,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    ApprovalLapsed,
    LoanDisbursed,
    LoanSettled,
    LoanWrittenOff,
    RepaymentPosted,
    RepaymentReversed,
    TrancheDisbursed,
)

REFINANCE = "refinance"
"""The kind of application that pays a running loan off, and may ask for more."""
CHANGES = ("reschedule", "write_off")
"""The kinds of application that change a running loan: no credit is asked for."""


def copy_application(session: Session, event: ApplicationSubmitted, envelope: Envelope) -> None:
    took(session, envelope)
    if event.kind in CHANGES:
        return
    application = _application(session, event.application_id, event.enterprise_id, event.municipality)
    application.submitted_on, application.currency = event.submitted_on, event.amount.currency
    application.asked_minor = None if event.kind == REFINANCE else event.amount.minor
    session.flush()


def copy_decision(session: Session, event: ApplicationDecided, envelope: Envelope) -> None:
    took(session, envelope)
    if event.kind in CHANGES:
        return
    application = _application(session, event.application_id, event.enterprise_id, event.municipality)
    application.outcome, application.decided_on = event.outcome, event.decided_on
    if event.outcome == "approved":
        application.currency, application.approved_minor = event.amount.currency, event.amount.minor
    session.flush()


def copy_taking_back(session: Session, event: ApplicationWithdrawn, envelope: Envelope) -> None:
    """Taken back, it waits no more, and an approval it had counts no more."""
    took(session, envelope)
    if event.kind in CHANGES:
        return
    application = _application(session, event.application_id, event.enterprise_id, event.municipality)
    application.outcome = "withdrawn"
    session.flush()


def copy_lapse(session: Session, event: ApprovalLapsed, envelope: Envelope) -> None:
    """Its approval is over: it waits for another session."""
    took(session, envelope)
    application = _application(session, event.application_id, event.enterprise_id, event.municipality)
    application.outcome = "waiting"
    session.flush()


def copy_loan(session: Session, event: LoanDisbursed, envelope: Envelope) -> None:
    """What a loan lends; what of it only paid another one off was lent before."""
    took(session, envelope)
    loan = CopyLoan(
        id=event.loan_id,
        enterprise_id=event.enterprise_id if known(session, event.enterprise_id) else None,
        municipality=event.municipality,
        chain=event.chain,
        currency=event.amount.currency,
        amount_minor=event.amount.minor - (event.paid_off.minor if event.paid_off else 0),
        outstanding_minor=event.amount.minor,
        disbursed_on=event.disbursed_on,
    )
    session.merge(loan)
    session.flush()


def copy_repayment(session: Session, event: RepaymentPosted, envelope: Envelope) -> None:
    """What is still owed after it."""
    took(session, envelope)
    _loan(session, event.loan_id).outstanding_minor = event.outstanding.minor
    session.flush()


def copy_tranche(session: Session, event: TrancheDisbursed, envelope: Envelope) -> None:
    """More of a loan was paid out."""
    took(session, envelope)
    loan = _loan(session, event.loan_id)
    loan.amount_minor, loan.outstanding_minor = event.lent.minor, event.outstanding.minor
    session.flush()


def copy_write_off(session: Session, event: LoanWrittenOff, envelope: Envelope) -> None:
    """It is no part of what is lent out any more."""
    took(session, envelope)
    _loan(session, event.loan_id).outstanding_minor = 0


def copy_reversal(session: Session, event: RepaymentReversed, envelope: Envelope) -> None:
    """It is owed again; a loan that was settled by it is open again."""
    took(session, envelope)
    loan = _loan(session, event.loan_id)
    loan.outstanding_minor = event.outstanding.minor
    if not event.settled:
        loan.settled_on = None
    session.flush()


def copy_settlement(session: Session, event: LoanSettled, envelope: Envelope) -> None:
    took(session, envelope)
    loan = _loan(session, event.loan_id)
    loan.outstanding_minor, loan.settled_on = 0, event.settled_on
    session.flush()


def _loan(session: Session, loan_id: UUID) -> CopyLoan:
    """The copy of a loan. One that is not known yet was parked: raising parks this event behind it."""
    loan = session.get(CopyLoan, loan_id)
    if loan is None:
        raise LookupError(f"loan {loan_id} has not arrived")
    return loan


def _application(session: Session, application_id: UUID, enterprise_id: UUID, municipality: str) -> CopyApplication:
    """The copy of an application, begun where it is new."""
    application = session.get(CopyApplication, application_id)
    if application is None:
        asker = enterprise_id if known(session, enterprise_id) else None
        application = CopyApplication(
            id=application_id, enterprise_id=asker, municipality=municipality, outcome="waiting"
        )
        session.add(application)
    return application

"""What the registry listens for."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import CopyLoan
from services.registry.use_cases.accompany import open_accompaniment
from services.registry.use_cases.answer_arrears import visit_for_arrears
from services.registry.use_cases.copy_loans import (
    copy_loan,
    copy_repayment,
    copy_reversal,
    copy_settlement,
    copy_tranche,
)
from services.registry.use_cases.settle_places import settle_again
from shared import logs
from shared.bus.envelope import Envelope
from shared.bus.subscriptions import Subscriptions
from shared.events.credit import (
    InstalmentOverdue,
    LoanDisbursed,
    LoanSettled,
    RepaymentPosted,
    RepaymentReversed,
    TrancheDisbursed,
)
from shared.events.territory import BoundariesReplaced
from shared.identity import Caller
from shared.kernel import Refused

SELF = Caller.service("registry")


def _stand_beside(session: Session, event: LoanDisbursed, _envelope: Envelope) -> None:
    """A loan was paid out: the centre goes to see what becomes of it."""
    with _whom_there_is_to_visit(event.loan_id):
        open_accompaniment(
            session,
            SELF,
            event.enterprise_id,
            needs=event.assistance_needs,
            begins_on=event.disbursed_on,
            term_months=event.term_months,
            loan_id=event.loan_id,
        )


def _ask_why(session: Session, event: InstalmentOverdue, _envelope: Envelope) -> None:
    """An instalment is overdue: who is responsible goes to see why."""
    with _whom_there_is_to_visit(event.loan_id):
        visit_for_arrears(
            session,
            SELF,
            loan_id=event.loan_id,
            enterprise_id=event.enterprise_id,
            arrears_since=event.arrears_since,
            days_late=event.days_late,
        )


@contextmanager
def _whom_there_is_to_visit(loan_id: UUID) -> Iterator[None]:
    """She withdrew in the meantime, or said no: there is nobody to visit. Everything else is a fault, and is parked."""
    try:
        yield
    except Refused as refused:
        if refused.code not in {"enterprise.withdrawn", "enterprise.agreement_taken_back"}:
            raise
        logs.logger(service="registry").warning("nobody_to_visit", loan=str(loan_id), reason=refused.code)


SUBSCRIPTIONS = Subscriptions(
    consumer="registry",
    copies={
        LoanDisbursed: lambda session, event, _: copy_loan(session, event),
        RepaymentPosted: lambda session, event, _: copy_repayment(session, event),
        RepaymentReversed: lambda session, event, _: copy_reversal(session, event),
        LoanSettled: lambda session, event, _: copy_settlement(session, event),
        TrancheDisbursed: lambda session, event, _: copy_tranche(session, event),
    },
    reactions={
        LoanDisbursed: _stand_beside,
        InstalmentOverdue: _ask_why,
        BoundariesReplaced: lambda session, event, _: settle_again(session, SELF, event.country),
    },
    copy_tables=[CopyLoan.__table__],  # type: ignore[list-item]
)

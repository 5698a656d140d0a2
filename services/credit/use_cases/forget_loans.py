"""What people wrote about a borrower who withdrew is erased from her loans, as far as they are paid back."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import Application, CollectionAction, Loan, OverpaymentUse, PaymentLine, Repayment
from services.credit.use_cases.keep_guarantees import forget_guarantees


def forget_collection(session: Session, loans: Collection[Loan]) -> tuple[int, int]:
    """Erase what was written about who owes nothing any more, and what files of payments say of her. Of a loan that is
    still owed it stays: it is what the fund recovers it by. Comes back with how many texts were erased, and how many
    stay.
    """
    owed = {loan.id for loan in loans if loan.left}
    ids = [loan.id for loan in loans]
    written = select(CollectionAction).where(CollectionAction.loan_id.in_(ids), CollectionAction.note != "")
    told = select(PaymentLine).where(
        PaymentLine.loan_id.in_(ids), (PaymentLine.reference != "") | (PaymentLine.payer != "")
    )
    found = [*session.scalars(written), *session.scalars(told)]
    gone = [one for one in found if one.loan_id not in owed]
    for one in gone:
        one.forget()
    session.flush()
    return len(gone), len(found) - len(gone)


def forget_movements(session: Session, loans: Collection[Loan]) -> int:
    """Erase why her payments were taken back and her overpayments used: the counter-entry and its number are what the
    books need. Comes back with how many texts were erased.
    """
    ids = [loan.id for loan in loans]
    reversals = select(Repayment).where(Repayment.loan_id.in_(ids), Repayment.reason != "")
    uses = select(OverpaymentUse).where(OverpaymentUse.loan_id.in_(ids), OverpaymentUse.reason != "")
    found = [*session.scalars(reversals), *session.scalars(uses)]
    for one in found:
        one.forget()
    return len(found)


def forget_settled(session: Session, loan: Loan) -> None:
    """Who withdrew owes nothing any more: what was kept to recover the loan is erased, who guaranteed it too."""
    forget_collection(session, [loan])
    forget_movements(session, [loan])
    forget_guarantees(session, [session.get_one(Application, loan.application_id)])

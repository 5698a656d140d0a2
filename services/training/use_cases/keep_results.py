"""What training copies of how enterprises fare: jobs, sales, being formal, loans and arrears, each with its day."""

from datetime import date

from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.training.models import CopyCreditDay, CopyEnterprise, CopyStanding
from services.training.models.results import LATE, LENT
from shared.events.credit import InstalmentOverdue, LoanDisbursed
from shared.events.registry import EnterpriseFacts, EntrepreneurWithdrawn


def keep_standing(session: Session, facts: EnterpriseFacts, day: date) -> None:
    """How an enterprise stands since `day`; nothing is kept of one whose owners withdrew."""
    known = session.get(CopyEnterprise, facts.enterprise_id)
    if known is None or known.state == "withdrawn":
        return
    session.merge(
        CopyStanding(
            enterprise_id=facts.enterprise_id,
            since=day,
            jobs=facts.jobs_women + facts.jobs_men,
            formal=facts.formal,
            sector=facts.activity[:1],
            sales_low=facts.sales.low.minor if facts.sales else None,
        )
    )


def keep_credit_day(session: Session, event: LoanDisbursed | InstalmentOverdue) -> None:
    """A loan was paid out, or is overdue since a day."""
    known = session.get(CopyEnterprise, event.enterprise_id)
    if known is not None and known.state == "withdrawn":
        return
    lent = isinstance(event, LoanDisbursed)
    day = event.disbursed_on if isinstance(event, LoanDisbursed) else event.arrears_since
    session.merge(
        CopyCreditDay(loan_id=event.loan_id, kind=LENT if lent else LATE, day=day, enterprise_id=event.enterprise_id)
    )


def forget_results(session: Session, event: EntrepreneurWithdrawn) -> None:
    """Erase how the enterprises fared that were hers alone."""
    for entity in (CopyStanding, CopyCreditDay):
        session.execute(delete(entity).where(entity.enterprise_id.in_(event.enterprise_ids)))

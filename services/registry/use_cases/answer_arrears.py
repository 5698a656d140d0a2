"""An instalment is overdue: somebody goes to see what happened, once in each time of arrears."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import Accompaniment, Enterprise, Visit
from services.registry.rules.visits import PlannedVisit, latest_within
from services.registry.tables import arrears_visit_within
from services.registry.use_cases.accompany import remember_case
from services.registry.use_cases.records import standing_locked
from shared.bus import log
from shared.events.registry import AccompanimentOpened
from shared.identity import Caller
from shared.kernel import clock

PURPOSE = "arrears"


def visit_for_arrears(
    session: Session, caller: Caller, *, loan_id: UUID, enterprise_id: UUID, arrears_since: date, days_late: int
) -> Visit | None:
    """One visit more in the plan of who is responsible for the loan's case; None where this episode has its visit.

    Where its case is closed the visit goes into another open case of the enterprise, or into a new one of nobody yet:
    the coordinator is told of those. Refuses an enterprise that does not count any more.
    """
    enterprise = standing_locked(session, enterprise_id)
    enterprise.require_counted()
    asked = select(Visit.id).where(Visit.loan_id == loan_id, Visit.arrears_since == arrears_since)
    if session.scalar(asked) is not None:
        return None
    today = clock.today()
    day = latest_within(today, arrears_visit_within(today, days_late))
    known = _open_case(session, enterprise, loan_id)
    case = known or _new_case(session, caller, enterprise)
    case.plan([PlannedVisit(day, (PURPOSE,), ("credit",))])
    visit = case.visits[-1]
    visit.for_arrears(loan_id, arrears_since)
    case.touch()
    after = {"due_on": day.isoformat(), "loan_id": str(loan_id), "arrears_since": arrears_since.isoformat()}
    remember_case(session, caller, case, "ask-visit", {}, after)
    if known is None:
        opened = AccompanimentOpened(
            accompaniment_id=case.id, enterprise_id=enterprise.id, municipality=enterprise.municipality
        )
        log.append(session, opened, case.id)
    return visit


def _open_case(session: Session, enterprise: Enterprise, loan_id: UUID) -> Accompaniment | None:
    """The open case of the loan, or else the latest open one of the enterprise; locked."""
    cases = session.scalars(
        select(Accompaniment)
        .where(Accompaniment.enterprise_id == enterprise.id, Accompaniment.closed_on.is_(None))
        .order_by(Accompaniment.id)
        .with_for_update(of=Accompaniment)
        .execution_options(populate_existing=True)
    ).all()
    return next((case for case in cases if case.loan_id == loan_id), cases[-1] if cases else None)


def _new_case(session: Session, caller: Caller, enterprise: Enterprise) -> Accompaniment:
    case = Accompaniment.open(
        enterprise.id,
        enterprise.municipality,
        loan_id=None,
        needs=["credit"],
        opened_on=clock.today(),
        caller=caller,
    )
    session.add(case)
    return case

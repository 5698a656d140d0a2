"""What training listens for."""

from datetime import date

from sqlalchemy.orm import Session

from services.training.models import COPY_TABLES, FAIR_TABLES, RESULT_TABLES
from services.training.use_cases.forget_woman import forget_woman
from services.training.use_cases.keep_fairs import forget_stands, keep_fair, keep_stand
from services.training.use_cases.keep_needs import (
    forget_enterprises,
    keep_borrower,
    keep_enterprise,
    keep_gaps,
    keep_merge,
    undo_merge,
)
from services.training.use_cases.keep_results import forget_results, keep_credit_day, keep_standing
from shared.bus.subscriptions import Subscriptions
from shared.events.credit import InstalmentOverdue, LoanDisbursed
from shared.events.registry import (
    EnterpriseChanged,
    EnterpriseFacts,
    EnterpriseMerged,
    EnterpriseRegistered,
    EnterpriseUnmerged,
    EntrepreneurMerged,
    EntrepreneurUnmerged,
    EntrepreneurWithdrawn,
    FairPlanned,
    FairStandMoved,
)
from shared.events.territory import GapsFound


def _hear(session: Session, facts: EnterpriseFacts, day: date) -> None:
    keep_enterprise(session, facts)
    keep_standing(session, facts, day)


def _lend(session: Session, event: LoanDisbursed) -> None:
    keep_borrower(session, event)
    keep_credit_day(session, event)


def _forget(session: Session, event: EntrepreneurWithdrawn) -> None:
    forget_enterprises(session, event)
    forget_results(session, event)
    forget_stands(session, event)


SUBSCRIPTIONS = Subscriptions(
    consumer="training",
    copies={
        EnterpriseRegistered: lambda session, event, _: _hear(session, event.facts, event.facts.recorded_on),
        EnterpriseChanged: lambda session, event, envelope: _hear(session, event.facts, envelope.time.date()),
        EntrepreneurWithdrawn: lambda session, event, _: _forget(session, event),
        EnterpriseMerged: lambda session, event, _: keep_merge(session, event),
        EntrepreneurMerged: lambda session, event, _: keep_merge(session, event),
        EnterpriseUnmerged: lambda session, event, _: undo_merge(session, event),
        EntrepreneurUnmerged: lambda session, event, _: undo_merge(session, event),
        FairPlanned: lambda session, event, _: keep_fair(session, event),
        FairStandMoved: lambda session, event, _: keep_stand(session, event),
        GapsFound: lambda session, event, _: keep_gaps(session, event),
        LoanDisbursed: lambda session, event, _: _lend(session, event),
        InstalmentOverdue: lambda session, event, _: keep_credit_day(session, event),
    },
    reactions={
        EntrepreneurWithdrawn: lambda session, event, _: forget_woman(session, event),
    },
    copy_tables=[*COPY_TABLES, *RESULT_TABLES, *FAIR_TABLES],
)

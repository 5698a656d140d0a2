"""What training listens for."""

from services.training.models import COPY_TABLES
from services.training.use_cases.forget_woman import forget_woman
from services.training.use_cases.keep_needs import (
    forget_enterprises,
    keep_borrower,
    keep_enterprise,
    keep_gaps,
    keep_merge,
    undo_merge,
)
from shared.bus.subscriptions import Subscriptions
from shared.events.credit import LoanDisbursed
from shared.events.registry import (
    EnterpriseChanged,
    EnterpriseMerged,
    EnterpriseRegistered,
    EnterpriseUnmerged,
    EntrepreneurMerged,
    EntrepreneurUnmerged,
    EntrepreneurWithdrawn,
)
from shared.events.territory import GapsFound

SUBSCRIPTIONS = Subscriptions(
    consumer="training",
    copies={
        EnterpriseRegistered: lambda session, event, _: keep_enterprise(session, event.facts),
        EnterpriseChanged: lambda session, event, _: keep_enterprise(session, event.facts),
        EntrepreneurWithdrawn: lambda session, event, _: forget_enterprises(session, event),
        EnterpriseMerged: lambda session, event, _: keep_merge(session, event),
        EntrepreneurMerged: lambda session, event, _: keep_merge(session, event),
        EnterpriseUnmerged: lambda session, event, _: undo_merge(session, event),
        EntrepreneurUnmerged: lambda session, event, _: undo_merge(session, event),
        LoanDisbursed: lambda session, event, _: keep_borrower(session, event),
        GapsFound: lambda session, event, _: keep_gaps(session, event),
    },
    reactions={
        EntrepreneurWithdrawn: lambda session, event, _: forget_woman(session, event),
    },
    copy_tables=COPY_TABLES,
)

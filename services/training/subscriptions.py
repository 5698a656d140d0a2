"""What training listens for."""

from services.training.models import CopyEnterprise, CopyNeed, CopyOwner
from services.training.use_cases.forget_woman import forget_woman
from services.training.use_cases.keep_needs import forget_enterprises, keep_borrower, keep_enterprise
from shared.bus.subscriptions import Subscriptions
from shared.events.credit import LoanDisbursed
from shared.events.registry import EnterpriseChanged, EnterpriseRegistered, EntrepreneurWithdrawn

SUBSCRIPTIONS = Subscriptions(
    consumer="training",
    copies={
        EnterpriseRegistered: lambda session, event, _: keep_enterprise(session, event.facts),
        EnterpriseChanged: lambda session, event, _: keep_enterprise(session, event.facts),
        EntrepreneurWithdrawn: lambda session, event, _: forget_enterprises(session, event),
        LoanDisbursed: lambda session, event, _: keep_borrower(session, event),
    },
    reactions={
        EntrepreneurWithdrawn: lambda session, event, _: forget_woman(session, event),
    },
    copy_tables=[CopyNeed.__table__, CopyOwner.__table__, CopyEnterprise.__table__],  # type: ignore[list-item]
)

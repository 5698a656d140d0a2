"""What territory listens for: everything it knows of enterprises, credit and training."""

from sqlalchemy.orm import Session

from services.territory.models import COPY_TABLES
from services.territory.use_cases.copy_credit import (
    copy_application,
    copy_decision,
    copy_lapse,
    copy_loan,
    copy_repayment,
    copy_reversal,
    copy_settlement,
    copy_taking_back,
    copy_tranche,
    copy_write_off,
)
from services.territory.use_cases.copy_inventory import (
    copy_accompaniment,
    copy_enterprise,
    copy_merge,
    erased_of,
    forget_entrepreneur,
    undo_merge,
)
from services.territory.use_cases.copy_training import copy_group
from services.territory.use_cases.follow_introduction import forget_introductions
from shared.bus import log
from shared.bus.envelope import Envelope
from shared.bus.subscriptions import Subscriptions
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
from shared.events.registry import (
    AccompanimentOpened,
    EnterpriseChanged,
    EnterpriseMerged,
    EnterpriseRegistered,
    EnterpriseUnmerged,
    EntrepreneurWithdrawn,
)
from shared.events.territory import TerritoryErasureCompleted
from shared.events.training import GroupFormed

KEPT = ["amounts of loans and applications by municipality, without the enterprise"]


def _report_erasure(session: Session, event: EntrepreneurWithdrawn, _envelope: Envelope) -> None:
    """Tell the registry what was erased, in the transaction that erased it; what was said of introductions with her
    goes too.
    """
    erased = erased_of(session, event.entrepreneur_id)
    if gone := forget_introductions(session, event.enterprise_ids):
        erased["introductions"] = gone
    report = TerritoryErasureCompleted(entrepreneur_id=event.entrepreneur_id, erased=erased, kept=KEPT)
    log.append(session, report, event.entrepreneur_id)


SUBSCRIPTIONS = Subscriptions(
    consumer="territory",
    copies={
        EnterpriseRegistered: copy_enterprise,
        EnterpriseChanged: copy_enterprise,
        EntrepreneurWithdrawn: forget_entrepreneur,
        EnterpriseMerged: copy_merge,
        EnterpriseUnmerged: undo_merge,
        AccompanimentOpened: copy_accompaniment,
        ApplicationSubmitted: copy_application,
        ApplicationDecided: copy_decision,
        ApplicationWithdrawn: copy_taking_back,
        ApprovalLapsed: copy_lapse,
        LoanDisbursed: copy_loan,
        RepaymentPosted: copy_repayment,
        RepaymentReversed: copy_reversal,
        LoanSettled: copy_settlement,
        TrancheDisbursed: copy_tranche,
        LoanWrittenOff: copy_write_off,
        GroupFormed: copy_group,
    },
    reactions={EntrepreneurWithdrawn: _report_erasure},
    copy_tables=COPY_TABLES,
)

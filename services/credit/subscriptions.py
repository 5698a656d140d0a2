"""What credit listens for: who may be lent to and who withdrew (registry), who completed a training (training), what
the plans of the territory put first (territory).
"""

from services.credit.models import Base
from services.credit.use_cases.keep_enterprises import (
    copy_enterprise,
    drop_enterprises,
    forget_entrepreneur,
    keep_merge,
    undo_merge,
)
from services.credit.use_cases.keep_surroundings import copy_assistance, copy_completion, copy_plan, drop_plan
from shared.bus.subscriptions import Handler, Subscriptions
from shared.events import Event
from shared.events.registry import (
    EnterpriseChanged,
    EnterpriseMerged,
    EnterpriseRegistered,
    EnterpriseUnmerged,
    EntrepreneurMerged,
    EntrepreneurUnmerged,
    EntrepreneurWithdrawn,
)
from shared.events.territory import PlanAdopted, PlanWithdrawn
from shared.events.training import AssistanceGiven, GroupCompleted

COPIES: dict[type[Event], Handler] = {
    EnterpriseRegistered: copy_enterprise,
    EnterpriseChanged: copy_enterprise,
    EntrepreneurWithdrawn: drop_enterprises,
    EnterpriseMerged: keep_merge,
    EntrepreneurMerged: keep_merge,
    EnterpriseUnmerged: undo_merge,
    EntrepreneurUnmerged: undo_merge,
    GroupCompleted: copy_completion,
    AssistanceGiven: copy_assistance,
    PlanAdopted: copy_plan,
    PlanWithdrawn: drop_plan,
}
COPY_TABLES = ("copy_enterprise", "copy_merged", "copy_training", "copy_assistance", "copy_plan", "copy_withdrawn")
REACTIONS: dict[type[Event], Handler] = {EntrepreneurWithdrawn: forget_entrepreneur}

SUBSCRIPTIONS = Subscriptions("credit", COPIES, REACTIONS, [Base.metadata.tables[name] for name in COPY_TABLES])

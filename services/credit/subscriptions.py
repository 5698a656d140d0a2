"""What credit listens for in the registry: who may be lent to, and who withdrew."""

from services.credit.models import Base
from services.credit.use_cases.keep_enterprises import (
    copy_enterprise,
    drop_enterprises,
    forget_entrepreneur,
    keep_merge,
    undo_merge,
)
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

COPIES: dict[type[Event], Handler] = {
    EnterpriseRegistered: copy_enterprise,
    EnterpriseChanged: copy_enterprise,
    EntrepreneurWithdrawn: drop_enterprises,
    EnterpriseMerged: keep_merge,
    EntrepreneurMerged: keep_merge,
    EnterpriseUnmerged: undo_merge,
    EntrepreneurUnmerged: undo_merge,
}
REACTIONS: dict[type[Event], Handler] = {EntrepreneurWithdrawn: forget_entrepreneur}

SUBSCRIPTIONS = Subscriptions(
    "credit", COPIES, REACTIONS, [Base.metadata.tables[name] for name in ("copy_enterprise", "copy_merged")]
)

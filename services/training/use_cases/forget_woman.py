"""A woman withdrew from the network: training forgets her and reports what it erased."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.training.models import GroupMember, LeftOutWoman, ProposedMember, TrainingGroup
from services.training.use_cases.measure_learning import forget_answers_of
from shared.bus import log
from shared.events.registry import EntrepreneurWithdrawn
from shared.events.training import TrainingErasureCompleted
from shared.web.idempotency import forget_answers

KEPT = ("group_sizes",)


def forget_woman(session: Session, event: EntrepreneurWithdrawn) -> None:
    """Strike her out of groups and proposals. That a group had one more woman stays: it is a number."""
    woman = event.entrepreneur_id
    groups = session.scalars(
        select(TrainingGroup)
        .join(GroupMember, GroupMember.group_id == TrainingGroup.id)
        .where(GroupMember.entrepreneur_id == woman)
        .order_by(TrainingGroup.id)
        .with_for_update()
    ).all()
    for group in groups:
        group.forget(woman)
    session.flush()
    erased = {
        "group_memberships": len(groups),
        "proposed_memberships": _deleted(session, ProposedMember, woman),
        "left_out_entries": _deleted(session, LeftOutWoman, woman),
        **forget_answers_of(session, woman),
        "enterprise_copies": len(event.enterprise_ids),
        "stored_answers": forget_answers(session, str(woman)),
    }
    log.append(session, TrainingErasureCompleted(entrepreneur_id=woman, erased=erased, kept=list(KEPT)), woman)


def _deleted(session: Session, entity: type[ProposedMember] | type[LeftOutWoman], woman: object) -> int:
    done = session.execute(delete(entity).where(entity.entrepreneur_id == woman))
    return int(done.rowcount)  # type: ignore[attr-defined]

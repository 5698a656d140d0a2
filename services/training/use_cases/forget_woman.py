"""A woman withdrew from the network: training forgets her and reports what it erased."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import String, cast, delete, or_, select
from sqlalchemy.orm import Session

from services.training.models import (
    Assistance,
    AttendanceMark,
    DiplomaLeftOut,
    FairReadiness,
    GroupMember,
    Invitation,
    PlacementMove,
    PlacementWoman,
    SheetRow,
    TrainingGroup,
    WomanPair,
    WomanProfile,
)
from services.training.rules.placement.answer import Reason
from services.training.use_cases.forget_contributions import forget_contributions
from services.training.use_cases.forget_diplomas import forget_diplomas
from services.training.use_cases.forget_stories import forget_stories
from services.training.use_cases.measure_learning import forget_answers_of
from shared import history
from shared.bus import log
from shared.events.registry import EntrepreneurWithdrawn
from shared.events.training import TrainingErasureCompleted
from shared.web.idempotency import forget_answers

KEPT = ("group_sizes", "diplomas_without_name", "assistance_days", "curriculum_voices")


def forget_woman(session: Session, event: EntrepreneurWithdrawn) -> None:
    """Strike her out of groups and placements. That a group had one more woman stays: it is a number."""
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
        "placements": _deleted(session, PlacementWoman, woman) + _deleted(session, PlacementMove, woman),
        "reasons_of_companions": _companions_told(session, woman),
        "invitations": _deleted(session, Invitation, woman),
        "availability": _deleted(session, WomanProfile, woman) + _pairs_deleted(session, woman),
        "diplomas": forget_diplomas(session, woman),
        "diplomas_refused": _deleted(session, DiplomaLeftOut, woman),
        "attendance_marks": _deleted(session, AttendanceMark, woman),
        "sheet_rows": _deleted(session, SheetRow, woman),
        "fair_lists": _fair_lists_deleted(session, event.enterprise_ids),
        "assistance_words": _wordless(session, event.enterprise_ids),
        **forget_answers_of(session, woman),
        **forget_contributions(session, woman),
        **forget_stories(session, woman, event.enterprise_ids, [group.id for group in groups]),
        "enterprise_copies": len(event.enterprise_ids),
        "history_entries": history.erase(session, woman),
        "stored_answers": forget_answers(session, str(woman)),
    }
    log.append(session, TrainingErasureCompleted(entrepreneur_id=woman, erased=erased, kept=list(KEPT)), woman)


def _deleted(session: Session, entity: type[Any], woman: UUID) -> int:
    hers = entity.holder_id if issubclass(entity, DiplomaLeftOut) else entity.entrepreneur_id
    done = session.execute(delete(entity).where(hers == woman))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _companions_told(session: Session, woman: UUID) -> int:
    """In how many reasons of other women she was named, as who comes with them."""
    named = cast(PlacementWoman.facts, String).contains(str(woman))
    found = session.scalars(select(PlacementWoman).where(PlacementWoman.reason == Reason.TOGETHER, named)).all()
    for one in found:
        one.forget_companion(woman)
    session.flush()
    return len(found)


def _pairs_deleted(session: Session, woman: UUID) -> int:
    done = session.execute(delete(WomanPair).where(or_(WomanPair.first_id == woman, WomanPair.second_id == woman)))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _fair_lists_deleted(session: Session, enterprise_ids: Collection[UUID]) -> int:
    done = session.execute(delete(FairReadiness).where(FairReadiness.enterprise_id.in_(enterprise_ids)))
    return int(done.rowcount)  # type: ignore[attr-defined]


def _wordless(session: Session, enterprise_ids: Collection[UUID]) -> int:
    """How many plans of on-site assistance lost their words."""
    found = session.scalars(select(Assistance).where(Assistance.enterprise_id.in_(enterprise_ids)).with_for_update())
    plans = found.all()
    for plan in plans:
        plan.forget()
    session.flush()
    return len(plans)

"""The four levels of Kirkpatrick for the trainings of a territory: reaction, learning, behaviour, results."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from services.training.models import (
    CopyCreditDay,
    CopyEnterprise,
    CopyMerged,
    CopyNeed,
    CopyOwner,
    CopyStanding,
    GroupMember,
    LearningInstrument,
    Measurement,
    TrainingGroup,
)
from services.training.models.learning import BEFORE, LATER
from services.training.models.results import LATE, LENT
from services.training.queries.learning_results import learning_result
from services.training.queries.scope import check_units, within
from services.training.rules.learning.questionnaire import SATISFACTION
from services.training.rules.learning.results import (
    MONTHS,
    Course,
    Standing,
    late_ones,
    later,
    measured,
    sales_moved,
)
from shared.identity import Caller
from shared.kernel import clock
from shared.merged import one_with, standing_for

REACTION, LEARNING, BEHAVIOUR = "reaction", "learning", "behaviour"
LEVELS = (REACTION, LEARNING, BEHAVIOUR)
_AT_ONCE = 500


def evaluation(session: Session, caller: Caller, filters: Mapping[str, Any]) -> dict[str, Any]:
    """What was said and learned, what was done with it months later, and what became of the enterprises 6 and 12 months
    after their training, of the groups of the caller's territory that meet all filters.
    """
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
    levels: dict[str, list[dict[str, Any]]] = {level: [] for level in LEVELS}
    for instrument_id, purpose, moment in _asked(session, caller, filters):
        level = BEHAVIOUR if moment == LATER else REACTION if purpose == SATISFACTION else LEARNING
        levels[level].append(learning_result(session, caller, instrument_id, moment, filters))
    return {
        "as_of": clock.today(),
        "levels": [{"level": level, "measured": found} for level, found in levels.items()],
        "results": [_results(session, caller, filters, months) for months in MONTHS],
    }


def _where(caller: Caller, filters: Mapping[str, Any]) -> list[Any]:
    wanted = [caller.scope.condition(TrainingGroup.municipality)]
    if unit := filters.get("unit"):
        wanted.append(within(TrainingGroup.municipality, [unit]))
    if chain := filters.get("chain"):
        wanted.append(TrainingGroup.chain == chain)
    return wanted


def _asked(session: Session, caller: Caller, filters: Mapping[str, Any]) -> Iterable[tuple[UUID, str, str]]:
    rows = session.execute(
        select(LearningInstrument.id, LearningInstrument.purpose, Measurement.moment)
        .join(Measurement, Measurement.instrument_id == LearningInstrument.id)
        .join(TrainingGroup, TrainingGroup.id == Measurement.group_id)
        .where(Measurement.moment != BEFORE, *_where(caller, filters))
        .distinct()
        .order_by(LearningInstrument.id, Measurement.moment)
    )
    return [(row.id, row.purpose, row.moment) for row in rows]


def _results(session: Session, caller: Caller, filters: Mapping[str, Any], months: int) -> dict[str, Any]:
    """What became of the enterprises of the women who completed a training at least so many months ago."""
    ended = _ended(session, caller, filters, months)
    trained = _completed(session, [group.id for group in ended])
    days = {group.id: group.completed_on for group in ended if group.completed_on is not None}
    spans = {(one, days[group_id]) for group_id, found in trained.items() for one in found}
    waiting = {(one, days[group.id]) for group in ended for one in _waiting(session, group)} - spans
    courses, known = _courses(session, spans, months), _courses(session, waiting, months)
    return {
        "months": months,
        "groups": len(ended),
        "enterprises": len(spans),
        "known": len(courses),
        "measures": [asdict(one) for one in measured(courses, known)],
        "sales": sales_moved(courses),
        "arrears": late_ones(courses),
    }


def _ended(session: Session, caller: Caller, filters: Mapping[str, Any], months: int) -> Sequence[TrainingGroup]:
    """The groups whose training ended at least so many months ago."""
    groups = session.scalars(
        select(TrainingGroup)
        .where(TrainingGroup.completed_on.is_not(None), *_where(caller, filters))
        .order_by(TrainingGroup.number)
    )
    today = clock.today()
    return [group for group in groups if group.completed_on and later(group.completed_on, months) <= today]


def _completed(session: Session, group_ids: Sequence[UUID]) -> dict[UUID, set[UUID]]:
    """The enterprises of the women who completed, by group, as they stand today."""
    found: dict[UUID, set[UUID]] = {}
    rows = session.execute(
        select(GroupMember.group_id, standing_for(CopyMerged, GroupMember.enterprise_id).label("enterprise_id")).where(
            GroupMember.group_id.in_(group_ids), GroupMember.completed
        )
    )
    for row in rows:
        found.setdefault(row.group_id, set()).add(row.enterprise_id)
    return found


def _waiting(session: Session, group: TrainingGroup) -> set[UUID]:
    """The enterprises of the group's department and kind that had its need when its training ended, and none of whose
    women was ever in a group for it: who waits.
    """
    in_a_group = exists().where(
        one_with(CopyMerged, GroupMember.entrepreneur_id, CopyOwner.entrepreneur_id),
        GroupMember.group_id == TrainingGroup.id,
        TrainingGroup.need == group.need,
    )
    placed = select(CopyOwner.enterprise_id).where(in_a_group)
    rows = session.scalars(
        select(standing_for(CopyMerged, CopyNeed.enterprise_id))
        .join(CopyEnterprise, CopyEnterprise.enterprise_id == standing_for(CopyMerged, CopyNeed.enterprise_id))
        .where(
            CopyNeed.need == group.need,
            CopyNeed.since <= group.completed_on,
            CopyEnterprise.chain == group.chain,
            CopyEnterprise.active,
            within(CopyEnterprise.municipality, [group.municipality[:4]]),
            CopyEnterprise.enterprise_id.not_in(placed),
        )
    )
    return set(rows)


def _courses(session: Session, spans: set[tuple[UUID, date]], months: int) -> list[Course]:
    """How each enterprise stood on its day and some months later, of those known on their day."""
    ids = sorted({one for one, _ in spans})
    standings = _by_enterprise(session, CopyStanding, ids)
    credit = _by_enterprise(session, CopyCreditDay, ids)
    found = []
    for one, day in sorted(spans):
        end = later(day, months)
        before, then = (_standing(standings.get(one, []), credit.get(one, []), moment) for moment in (day, end))
        if before is not None and then is not None:
            late = any(row.kind == LATE and day < row.day <= end for row in credit.get(one, []))
            found.append(Course(before, then, late))
    return found


def _standing(rows: Sequence[Any], credit: Sequence[Any], day: date) -> Standing | None:
    known = [row for row in rows if row.since <= day]
    if not known:
        return None
    last = max(known, key=lambda row: row.since)
    lent = any(row.kind == LENT and row.day <= day for row in credit)
    return Standing(last.jobs, last.formal, last.sales_low, lent)


def _by_enterprise(session: Session, entity: Any, ids: Sequence[UUID]) -> dict[UUID, list[Any]]:
    """The rows of a copy by the enterprise that stands for theirs."""
    found: dict[UUID, list[Any]] = {}
    owner = standing_for(CopyMerged, entity.enterprise_id)
    for start in range(0, len(ids), _AT_ONCE):
        rows = session.execute(select(entity, owner.label("stands")).where(owner.in_(ids[start : start + _AT_ONCE])))
        for row, stands in rows:
            found.setdefault(stands, []).append(row)
    return found

"""The women of a territory who need something, with what they need and how they can come."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import (
    CopyEnterprise,
    CopyGap,
    CopyLevel,
    CopyMerged,
    CopyNeed,
    CopyOwner,
    WomanPair,
    WomanProfile,
)
from services.training.queries.groups import groups_by_woman
from services.training.queries.needs import located
from services.training.queries.scope import within
from services.training.reference.rounds import Policy
from services.training.rules.nearness import has_middle, middle_of
from services.training.rules.needs import Source, weigh
from services.training.rules.rounds import Learner, Told
from shared.merged import standing_for

_PLACED = frozenset({"consistent", "pending"})


def learners(session: Session, units: Sequence[str], policy: Policy) -> dict[UUID, Learner]:
    """The women of `units` who need anything, by id, each through the first of her enterprises there; their needs are
    those of all of these.
    """
    rows = _enterprises(session, units)
    told = sources(session, units, policy)
    middles = _middles(session, rows)
    found: dict[UUID, Learner] = {}
    mine: dict[UUID, list[Source]] = defaultdict(list)
    for row in rows:
        woman = row["entrepreneur_id"]
        mine[woman] += told.get(row["enterprise_id"], [])
        if woman not in found:
            place = _place(row, middles)
            found[woman] = Learner(woman, row["enterprise_id"], row["municipality"], row["chain"], place, {})
    weighed = {woman: weigh(mine[woman], policy.weights) for woman in found}
    return {woman: replace(one, needs=weighed[woman]) for woman, one in found.items() if weighed[woman]}


def without_what_groups_meet(
    session: Session, women: Mapping[UUID, Learner], needs: Collection[str], besides: Collection[UUID] = ()
) -> dict[UUID, Learner]:
    """The women without those needs for which they are in a group (none of `besides`); who had one of `needs` and has
    none left is not among them.
    """
    met: dict[UUID, set[str]] = defaultdict(set)
    for need in sorted(needs):
        for woman in groups_by_woman(session, need, besides):
            met[woman].add(need)
    left = {}
    for woman, one in women.items():
        asked = one.needs.keys() & set(needs)
        if not asked or asked - met[woman]:
            left[woman] = replace(one, needs={need: at for need, at in one.needs.items() if need not in met[woman]})
    return left


def sources(session: Session, units: Sequence[str], policy: Policy) -> dict[UUID, list[Source]]:
    """Where the needs of each enterprise of `units` are known from."""
    found: dict[UUID, list[Source]] = defaultdict(list)
    here = select(CopyEnterprise.enterprise_id).where(
        within(CopyEnterprise.municipality, units), CopyEnterprise.active, CopyEnterprise.state != "withdrawn"
    )
    enterprise = standing_for(CopyMerged, CopyNeed.enterprise_id)
    needs = select(enterprise.label("enterprise_id"), CopyNeed.need, CopyNeed.origin, CopyNeed.since)
    for row in session.execute(needs.where(enterprise.in_(here))):
        found[row.enterprise_id].append(Source(row.need, row.origin, row.since))
    levels = select(CopyLevel).where(CopyLevel.enterprise_id.in_(here))
    for told in session.scalars(levels):
        found[told.enterprise_id].append(Source(told.need, "level", told.since, told.level))
    for enterprise_id, gaps in _gaps(session, units, policy).items():
        found[enterprise_id] += gaps
    return found


def how_they_come(session: Session, women: Iterable[UUID] | None = None) -> dict[UUID, Told]:
    """What is noted of how women can come, by woman; of all of them where none are named."""
    woman = standing_for(CopyMerged, WomanProfile.entrepreneur_id)
    statement = select(woman.label("woman"), WomanProfile).order_by(WomanProfile.noted_at)
    if women is not None:
        statement = statement.where(woman.in_(list(women)))
    return {
        row.woman: Told(
            frozenset(row.WomanProfile.slots),
            frozenset(row.WomanProfile.languages),
            row.WomanProfile.children,
            row.WomanProfile.priority,
        )
        for row in session.execute(statement)
    }


def pairs(session: Session) -> list[tuple[UUID, UUID, str]]:
    """Every pair of women who come together or stay apart."""
    first, second = (standing_for(CopyMerged, one) for one in (WomanPair.first_id, WomanPair.second_id))
    rows = session.execute(select(first.label("first"), second.label("second"), WomanPair.kind).order_by("first"))
    return [(row.first, row.second, row.kind) for row in rows if row.first != row.second]


def municipalities_of(session: Session, woman: UUID) -> list[str]:
    """Where her enterprises are, in order; nothing for a woman whom training does not know."""
    rows = session.scalars(
        select(CopyEnterprise.municipality)
        .join(CopyOwner, CopyOwner.enterprise_id == CopyEnterprise.enterprise_id)
        .where(CopyOwner.entrepreneur_id == woman, CopyEnterprise.active, CopyEnterprise.state != "withdrawn")
        .distinct()
        .order_by(CopyEnterprise.municipality)
    )
    return list(rows)


def _enterprises(session: Session, units: Sequence[str]) -> Sequence[Mapping[Any, Any]]:
    statement = (
        select(
            CopyEnterprise.enterprise_id,
            CopyOwner.entrepreneur_id,
            CopyEnterprise.chain,
            CopyEnterprise.municipality,
            CopyEnterprise.place_state,
            CopyEnterprise.lon,
            CopyEnterprise.lat,
        )
        .join(CopyOwner, CopyOwner.enterprise_id == CopyEnterprise.enterprise_id)
        .where(within(CopyEnterprise.municipality, units), CopyEnterprise.active, CopyEnterprise.state != "withdrawn")
        .order_by(CopyEnterprise.enterprise_id, CopyOwner.entrepreneur_id)
    )
    return session.execute(statement).mappings().all()


def _gaps(session: Session, units: Sequence[str], policy: Policy) -> dict[UUID, list[Source]]:
    rows = session.execute(
        select(CopyEnterprise.enterprise_id, CopyGap.subject, CopyGap.found_on)
        .join(CopyGap, (CopyGap.unit == CopyEnterprise.municipality) & (CopyGap.chain == CopyEnterprise.chain))
        .where(within(CopyEnterprise.municipality, units), CopyEnterprise.active, CopyEnterprise.state != "withdrawn")
    )
    found: dict[UUID, list[Source]] = defaultdict(list)
    for row in rows:
        if need := policy.gaps.get(row.subject):
            found[row.enterprise_id].append(Source(need, "gap", row.found_on))
    return found


def _middles(session: Session, rows: Iterable[Mapping[Any, Any]]) -> dict[str, tuple[float, float]]:
    municipalities = sorted({row["municipality"] for row in rows})
    points = located(session, municipalities)
    return {code: middle_of(found) for code, found in points.items() if has_middle(found)}


def _place(row: Mapping[Any, Any], middles: Mapping[str, tuple[float, float]]) -> tuple[float, float] | None:
    if row["lon"] is not None and row["place_state"] in _PLACED:
        return row["lon"], row["lat"]
    return middles.get(row["municipality"])

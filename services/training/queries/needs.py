"""Who needs what."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, distinct, exists, func, select
from sqlalchemy.orm import Session

from services.training.models import CopyEnterprise, CopyMerged, CopyNeed, CopyOwner, GroupMember, TrainingGroup
from services.training.queries.scope import check_units, within
from shared.identity import Caller
from shared.merged import one_with, standing_for


def needs_board(session: Session, caller: Caller, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Women by chain and need in the caller's territory: all, those whose need a loan's appraisal told, those who
    are in a group for it already.
    """
    grouped = exists().where(
        one_with(CopyMerged, GroupMember.entrepreneur_id, CopyOwner.entrepreneur_id),
        GroupMember.group_id == TrainingGroup.id,
        TrainingGroup.need == CopyNeed.need,
    )
    woman = CopyOwner.entrepreneur_id
    statement = _needing(
        select(
            CopyEnterprise.chain,
            CopyNeed.need,
            func.count(distinct(woman)).label("women"),
            func.count(distinct(CopyEnterprise.enterprise_id)).label("enterprises"),
            func.count(distinct(case((CopyNeed.origin == "loan", woman)))).label("borrowers"),
            func.count(distinct(case((grouped, woman)))).label("in_groups"),
        )
    ).where(caller.scope.condition(CopyEnterprise.municipality))
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(CopyEnterprise.municipality, [unit]))
    rows = session.execute(statement.group_by(CopyEnterprise.chain, CopyNeed.need)).mappings()
    return sorted(({**row, "waiting": row["women"] - row["in_groups"]} for row in rows), key=_by_chain_and_need)


def located(session: Session, municipalities: Sequence[str]) -> dict[str, list[tuple[float, float]]]:
    """The trustworthy points of enterprises by municipality."""
    found: dict[str, list[tuple[float, float]]] = {}
    statement = select(CopyEnterprise.municipality, CopyEnterprise.lon, CopyEnterprise.lat).where(
        CopyEnterprise.municipality.in_(municipalities), trusted()
    )
    for row in session.execute(statement.order_by(CopyEnterprise.enterprise_id)):
        found.setdefault(row.municipality, []).append((row.lon, row.lat))
    return found


def trusted() -> ColumnElement[bool]:
    """Whether an enterprise has a point that does not contradict its municipality."""
    return and_(CopyEnterprise.lon.is_not(None), CopyEnterprise.place_state.in_(("consistent", "pending")))


def as_they_stand(session: Session, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows that name women and enterprises, under the ids by which the registry knows them today."""
    names = ("entrepreneur_id", "enterprise_id")
    ids = {row[name] for row in rows for name in names}
    moved = select(CopyMerged.absorbed_id, CopyMerged.root_id).where(CopyMerged.absorbed_id.in_(ids))
    roots = {row.absorbed_id: row.root_id for row in session.execute(moved)}
    return [{**row, **{name: roots.get(row[name], row[name]) for name in names}} for row in rows]


def _needing(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        statement.select_from(CopyNeed)
        .join(CopyEnterprise, CopyEnterprise.enterprise_id == standing_for(CopyMerged, CopyNeed.enterprise_id))
        .join(CopyOwner, CopyOwner.enterprise_id == CopyEnterprise.enterprise_id)
        .where(CopyEnterprise.active, CopyEnterprise.state != "withdrawn")
    )


def _by_chain_and_need(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row["chain"]), str(row["need"])

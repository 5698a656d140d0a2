"""Fairs, who goes there, and how far they are ready."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from services.training.models import (
    CopyEnterprise,
    CopyFair,
    CopyFairStand,
    CopyMerged,
    CopyOwner,
    FairPreparation,
    FairReadiness,
    TrainingGroup,
)
from services.training.reference.fairs import checklist
from services.training.rules.fair_readiness import GOING, readiness
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import NotFound, clock
from shared.merged import standing_for
from shared.web.paging import Page, keyset_page

COMING, PAST = "coming", "past"
_FAIR = (
    *labelled(CopyFair, "begins_on"),
    CopyFair.fair_id.label("id"),
    *labelled(CopyFair, "name", "municipality", "ends_on"),
)
_stands_for = standing_for(CopyMerged, CopyFairStand.enterprise_id)


@dataclass(frozen=True, slots=True)
class Goer:
    """An enterprise that is invited to a fair or confirmed there, as it stands today."""

    enterprise_id: UUID
    municipality: str
    chain: str
    state: str
    preparation_id: UUID | None
    owner_ids: Sequence[UUID]


def list_fairs(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The fairs in the caller's territory or to which enterprises of it go: those to come by their days, or those that
    have begun, the latest first.
    """
    past = filters.get("when", COMING) == PAST
    today = clock.today()
    days = CopyFair.begins_on <= today if past else CopyFair.begins_on > today
    statement = select(*_FAIR).where(days, _of_concern(caller))
    page = keyset_page(session, statement, keys=_FAIR[:2], limit=limit, after=after, descending=past)
    return Page([row | _counted(goers(session, caller, row["id"], GOING_OR_WENT)) for row in page.rows], page.next)


def show_fair(session: Session, caller: Caller, fair_id: UUID) -> dict[str, Any]:
    """One fair with the groups of the caller's territory that get ready for it, and who goes there in no such group."""
    found = require_concern(session, caller, fair_id)
    everybody = goers(session, caller, fair_id, GOING_OR_WENT)
    free = [one for one in everybody if one.preparation_id is None and one.state in GOING and one.owner_ids]
    waiting = [_member(one) | {"state": one.state} for one in free]
    return {
        **{name: found[name] for name in ("id", "name", "municipality", "begins_on", "ends_on")},
        **_counted(everybody),
        "ahead": found["begins_on"] > clock.today(),
        "preparations": _preparations(session, caller, fair_id),
        "free": waiting,
    }


GOING_OR_WENT = (*GOING, "took_part", "absent")


def goers(session: Session, caller: Caller, fair_id: UUID, states: Sequence[str] = GOING) -> list[Goer]:
    """The enterprises of the caller's territory that are so far with the fair, each once, whatever it was merged of."""
    rows = session.execute(
        select(
            CopyEnterprise.enterprise_id,
            CopyEnterprise.municipality,
            CopyEnterprise.chain,
            func.min(CopyFairStand.state).label("state"),
        )
        .join(CopyFairStand, CopyEnterprise.enterprise_id == _stands_for)
        .where(
            CopyFairStand.fair_id == fair_id,
            CopyFairStand.state.in_(states),
            CopyEnterprise.state == "known",
            CopyEnterprise.active,
            caller.scope.condition(CopyEnterprise.municipality),
        )
        .group_by(CopyEnterprise.enterprise_id, CopyEnterprise.municipality, CopyEnterprise.chain)
        .order_by(CopyEnterprise.municipality, CopyEnterprise.enterprise_id)
    ).all()
    owners = _owners(session, [row.enterprise_id for row in rows])
    taken = _taken(session, fair_id)
    return [
        Goer(*row, preparation_id=taken.get(row.enterprise_id), owner_ids=owners.get(row.enterprise_id, []))
        for row in rows
    ]


def show_preparation(session: Session, caller: Caller, preparation_id: UUID) -> dict[str, Any]:
    """One group that gets ready: its fair, the list it goes by, and each enterprise with what it has ready."""
    row = session.execute(_with_group().where(FairPreparation.id == preparation_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("fair_preparation.unknown")
    caller.require_scope(row["unit"])
    by = checklist(row["list_from"])
    fair = session.get(CopyFair, row["fair_id"])
    enterprises = _enterprises(session, row)
    return {
        **row,
        "fair_name": fair.name if fair else None,
        "fair_municipality": fair.municipality if fair else None,
        "begins_on": fair.begins_on if fair else None,
        "ends_on": fair.ends_on if fair else None,
        "ahead": fair is not None and fair.begins_on > clock.today(),
        "items": list(by.items),
        "list_source": by.source,
        "enterprises": enterprises,
        "prepared": sum(one["prepared"] for one in enterprises),
    }


def prepared_for(session: Session, fair_id: UUID) -> set[UUID]:
    """The enterprises that had everything ready when the fair began, under every id that they are known by."""
    rows = session.execute(
        select(FairReadiness.enterprise_id, FairReadiness.items, FairPreparation.list_from)
        .join(FairPreparation, FairPreparation.id == FairReadiness.preparation_id)
        .where(FairReadiness.fair_id == fair_id)
    )
    ready = {row.enterprise_id for row in rows if readiness(checklist(row.list_from), row.items).complete}
    same = session.execute(
        select(CopyMerged.absorbed_id, CopyMerged.root_id).where(
            or_(CopyMerged.absorbed_id.in_(ready), CopyMerged.root_id.in_(ready))
        )
    )
    return ready | {one for row in same for one in row}


def require_concern(session: Session, caller: Caller, fair_id: UUID) -> Mapping[str, Any]:
    """A fair in the caller's territory, or to which somebody of it goes; refuses any other."""
    row = session.execute(select(*_FAIR, _of_concern(caller).label("mine")).where(CopyFair.fair_id == fair_id))
    found = row.mappings().one_or_none()
    if found is None:
        raise NotFound("training_fair.unknown")
    if not found["mine"]:
        caller.require_scope(found["municipality"])
    return dict(found)


def _of_concern(caller: Caller) -> Any:
    goes = exists().where(
        CopyFairStand.fair_id == CopyFair.fair_id,
        CopyEnterprise.enterprise_id == _stands_for,
        caller.scope.condition(CopyEnterprise.municipality),
    )
    return or_(caller.scope.condition(CopyFair.municipality), goes)


def _counted(everybody: Sequence[Goer]) -> dict[str, int]:
    return {
        "signed_up": len(everybody),
        "confirmed": sum(one.state != "invited" for one in everybody),
        "preparing": sum(one.preparation_id is not None for one in everybody),
    }


def _owners(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    found: dict[UUID, list[UUID]] = {}
    for start in range(0, len(ids), 500):
        wanted = select(CopyOwner.enterprise_id, CopyOwner.entrepreneur_id)
        wanted = wanted.where(CopyOwner.enterprise_id.in_(ids[start : start + 500]))
        for row in session.execute(wanted.order_by(CopyOwner.enterprise_id, CopyOwner.entrepreneur_id)):
            found.setdefault(row.enterprise_id, []).append(row.entrepreneur_id)
    return found


def _taken(session: Session, fair_id: UUID) -> dict[UUID, UUID]:
    """Which group each enterprise gets ready in."""
    rows = session.execute(
        select(
            standing_for(CopyMerged, FairReadiness.enterprise_id).label("enterprise_id"), FairReadiness.preparation_id
        ).where(FairReadiness.fair_id == fair_id)
    )
    return {row.enterprise_id: row.preparation_id for row in rows}


def _with_group() -> Any:
    names = ("id", "fair_id", "group_id", "unit", "list_from", "recorded_by_name", "recorded_at")
    group = (TrainingGroup.number.label("group_number"), TrainingGroup.name.label("group_name"))
    return select(*labelled(FairPreparation, *names), *group).join(
        TrainingGroup, TrainingGroup.id == FairPreparation.group_id
    )


def _preparations(session: Session, caller: Caller, fair_id: UUID) -> list[dict[str, Any]]:
    mine = and_(FairPreparation.fair_id == fair_id, caller.scope.condition(FairPreparation.unit))
    found = []
    for row in session.execute(_with_group().where(mine).order_by(TrainingGroup.number)).mappings():
        enterprises = _enterprises(session, row)
        counts = {"enterprises": len(enterprises), "prepared": sum(one["prepared"] for one in enterprises)}
        found.append({name: row[name] for name in ("id", "group_id", "group_number", "group_name")} | counts)
    return found


def _enterprises(session: Session, preparation: Mapping[Any, Any]) -> list[dict[str, Any]]:
    by = checklist(preparation["list_from"])
    columns = labelled(FairReadiness, "enterprise_id", "version", "items", "noted_at", "noted_by_name")
    stands = standing_for(CopyMerged, FairReadiness.enterprise_id).label("stands")
    rows = (
        session.execute(
            select(*columns, stands, CopyEnterprise.municipality)
            .outerjoin(CopyEnterprise, CopyEnterprise.enterprise_id == stands)
            .where(FairReadiness.preparation_id == preparation["id"])
            .order_by(CopyEnterprise.municipality, FairReadiness.enterprise_id)
        )
        .mappings()
        .all()
    )
    owners = _owners(session, [row["stands"] for row in rows])
    return [_ready(dict(row), owners.get(row["stands"], []), by) for row in rows]


def _ready(row: dict[str, Any], owners: Sequence[UUID], by: Any) -> dict[str, Any]:
    found = readiness(by, row["items"])
    noted = [{"item": item, "state": row["items"].get(item)} for item in by.items]
    return row | {
        "municipality": row["municipality"] or "",
        "listed_id": row["enterprise_id"],
        "entrepreneur_id": owners[0] if owners else None,
        "owner_ids": list(owners),
        "noted": noted,
        "ready": found.ready,
        "of": found.of,
        "prepared": found.complete,
    }


def _member(one: Goer) -> dict[str, Any]:
    return {"enterprise_id": one.enterprise_id, "entrepreneur_id": one.owner_ids[0], "municipality": one.municipality}

"""Curricula and their versions, as they are read."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from services.training.models import (
    Curriculum,
    CurriculumAcceptance,
    CurriculumContribution,
    CurriculumModule,
    CurriculumVersion,
    GroupCurriculum,
    GroupMember,
    TrainingGroup,
)
from services.training.queries.materials import named_materials
from services.training.queries.scope import check_units, near, within
from services.training.rules.curricula import ENTREPRENEUR, OPEN_TO_ACCEPT, lacking
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import Forbidden, NotFound
from shared.web.paging import Page, keyset_page

_HEAD = ("title", "topic", "type", "language", "unit")
_FACTS = ("id", "version", *_HEAD, "recorded_by_name", "recorded_at")
_VERSION = (
    *("id", "version", "curriculum_id", "number", "state", "change", "content_hash", "proposed_at"),
    *("proposed_by_name", "accepted_on", "ended_on", "ended_reason", "recorded_by_name", "recorded_at"),
)
_MODULE = ("id", "position", "title", "objectives", "contents", "methods", "minutes", "links", "papers")
_SPOKE = ("id", "voice", "by_name", "group_id", "entrepreneur_id", "at")


def list_curricula(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The curricula of the caller's territory and of what it lies in that meet all filters, the latest first, each
    with its latest version; `state`: that some version of it is in.
    """
    columns = labelled(Curriculum, *_FACTS)
    statement = select(*columns).where(near(caller, Curriculum.unit))
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(Curriculum.unit, [unit]))
    for name in ("topic", "type", "language"):
        if value := filters.get(name):
            statement = statement.where(getattr(Curriculum, name) == value)
    if text := filters.get("text", "").strip():
        statement = statement.where(func.lower(Curriculum.title).contains(text.lower(), autoescape=True))
    if state := filters.get("state"):
        its = aliased(CurriculumVersion)
        statement = statement.where(exists().where(its.curriculum_id == Curriculum.id, its.state == state))
    page = keyset_page(session, statement, keys=columns[:1], limit=limit, after=after, descending=True)
    versions = _versions(session, [row["id"] for row in page.rows])
    return Page([{**row, **_latest(versions[row["id"]])} for row in page.rows], page.next)


def show_curriculum(session: Session, caller: Caller, curriculum_id: UUID) -> dict[str, Any]:
    """One curriculum with its versions, the latest first."""
    row = session.execute(select(*labelled(Curriculum, *_FACTS)).where(Curriculum.id == curriculum_id)).mappings()
    found = row.one_or_none()
    if found is None:
        raise NotFound("curriculum.unknown")
    _require_near(session, caller, curriculum_id, found["unit"])
    return {
        **found,
        "may_write": caller.scope.covers(found["unit"]),
        "versions": _versions(session, [curriculum_id])[curriculum_id],
    }


def show_version(session: Session, caller: Caller, version_id: UUID) -> dict[str, Any]:
    """One version with its modules, who accepted it and who still must, what was contributed, and the groups of the
    caller's territory that learn by it. Women are ids.
    """
    found = session.get(CurriculumVersion, version_id)
    if found is None:
        raise NotFound("curriculum.unknown_version")
    head = found.curriculum
    _require_near(session, caller, head.id, head.unit)
    groups = _groups(session, caller, version_id)
    accepted = acceptances(session, version_id)
    return {
        **{name: getattr(found, name) for name in _VERSION},
        **{name: getattr(head, name) for name in _HEAD},
        "may_write": caller.scope.covers(head.unit),
        "minutes": found.minutes,
        "modules": modules_of(session, found),
        "acceptances": accepted,
        "lacking": list(lacking({one["voice"] for one in accepted})),
        "contributions": _contributions(session, version_id),
        "groups": groups,
    }


def modules_of(session: Session, found: CurriculumVersion, *, outside: bool = False) -> list[dict[str, Any]]:
    """The modules of a version, in their order. `outside`: of a material that not everybody may read, only what it is
    called.
    """
    named = named_materials(session, [one for module in found.modules for one in module.material_ids])
    if outside:
        shut = {"link": None, "file_number": None}
        named = {key: one if one["public"] else {**one, **shut} for key, one in named.items()}
    return [
        {name: getattr(one, name) for name in _MODULE if name != "papers"}
        | {"files": [{name: paper[name] for name in ("id", "name", "media_type", "size")} for paper in one.papers]}
        | {"materials": [named[material_id] for material_id in one.material_ids]}
        for one in sorted(found.modules, key=lambda one: one.position)
    ]


def acceptances(session: Session, version_id: UUID) -> list[dict[str, Any]]:
    """Who accepted a version, the first first."""
    wanted = _spoken(CurriculumAcceptance).where(CurriculumAcceptance.version_id == version_id)
    return [dict(row) for row in session.execute(wanted.order_by(CurriculumAcceptance.id)).mappings()]


def file_of(found: CurriculumVersion, module_id: UUID, file_id: UUID) -> UUID:
    """The stored file of a module of this version; refuses one of another."""
    if any(one["id"] == str(file_id) for one in found.module(module_id).papers):
        return file_id
    raise NotFound("curriculum.unknown_file")


def readable_version(session: Session, caller: Caller, version_id: UUID) -> CurriculumVersion:
    """A version of the caller's territory or of what it lies in."""
    found = session.get(CurriculumVersion, version_id)
    if found is None:
        raise NotFound("curriculum.unknown_version")
    _require_near(session, caller, found.curriculum_id, found.unit)
    return found


def _latest(versions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The latest version, and the latest that can be chosen for a group."""
    offered = next((one for one in versions if one["state"] in OPEN_TO_ACCEPT), None)
    return {"latest": versions[0], "offered": offered}


def _require_near(session: Session, caller: Caller, curriculum_id: UUID, unit: str) -> None:
    wanted = select(Curriculum.id).where(Curriculum.id == curriculum_id, near(caller, Curriculum.unit))
    if session.scalar(wanted) is None:
        raise Forbidden("permission.outside_scope", unit=unit)


def _versions(session: Session, curriculum_ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The versions of each, the latest first, with what they come to."""
    its = CurriculumModule.version_id == CurriculumVersion.id
    counted = [
        select(func.count()).where(its).correlate(CurriculumVersion).scalar_subquery().label("modules"),
        select(func.coalesce(func.sum(CurriculumModule.minutes), 0))
        .where(its)
        .correlate(CurriculumVersion)
        .scalar_subquery()
        .label("minutes"),
        select(func.count())
        .where(GroupCurriculum.version_id == CurriculumVersion.id, GroupCurriculum.stands)
        .correlate(CurriculumVersion)
        .scalar_subquery()
        .label("groups"),
    ]
    wanted = select(*labelled(CurriculumVersion, *_VERSION), *counted).where(
        CurriculumVersion.curriculum_id.in_(curriculum_ids)
    )
    rows = session.execute(wanted.order_by(CurriculumVersion.number.desc())).mappings().all()
    voices = select(CurriculumAcceptance.version_id, CurriculumAcceptance.voice).where(
        CurriculumAcceptance.version_id.in_([row["id"] for row in rows])
    )
    accepted: dict[UUID, set[str]] = {}
    for version_id, voice in session.execute(voices):
        accepted.setdefault(version_id, set()).add(voice)
    found: dict[UUID, list[dict[str, Any]]] = {}
    for row in rows:
        missing = list(lacking(accepted.get(row["id"], set())))
        found.setdefault(row["curriculum_id"], []).append({**row, "lacking": missing})
    return found


def _spoken(entity: Any, *more: str) -> Any:
    """Who spoke, with her group and, of a woman who is still in it, the enterprise through which she is."""
    return (
        select(
            *labelled(entity, *_SPOKE, *more),
            TrainingGroup.number.label("group_number"),
            TrainingGroup.name.label("group_name"),
            GroupMember.enterprise_id.label("enterprise_id"),
        )
        .outerjoin(TrainingGroup, TrainingGroup.id == entity.group_id)
        .outerjoin(
            GroupMember,
            (GroupMember.group_id == entity.group_id) & (GroupMember.entrepreneur_id == entity.entrepreneur_id),
        )
    )


def _contributions(session: Session, version_id: UUID) -> list[dict[str, Any]]:
    more = ("module_id", "text", "state", "answer", "answered_by_name", "answered_at")
    wanted = _spoken(CurriculumContribution, *more).where(CurriculumContribution.version_id == version_id)
    return [dict(row) for row in session.execute(wanted.order_by(CurriculumContribution.id).limit(500)).mappings()]


def _groups(session: Session, caller: Caller, version_id: UUID) -> list[dict[str, Any]]:
    """The groups of the caller's territory that learn by a version, each with whether its entrepreneur accepted it."""
    accepted = exists().where(
        CurriculumAcceptance.version_id == version_id,
        CurriculumAcceptance.voice == ENTREPRENEUR,
        CurriculumAcceptance.group_id == TrainingGroup.id,
    )
    wanted = (
        select(TrainingGroup.id, TrainingGroup.number, TrainingGroup.name, accepted.label("accepted"))
        .join(GroupCurriculum, GroupCurriculum.group_id == TrainingGroup.id)
        .where(
            GroupCurriculum.version_id == version_id,
            GroupCurriculum.stands,
            caller.scope.condition(TrainingGroup.municipality),
        )
        .order_by(TrainingGroup.number)
    )
    return [dict(row) for row in session.execute(wanted.limit(200)).mappings()]

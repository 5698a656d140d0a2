"""A draft of a curriculum is written: module by module, in its order, with materials."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import CurriculumModule, CurriculumVersion
from services.training.queries.materials import require_offered
from services.training.reference import curricula as reference
from services.training.use_cases.keep_curriculum import locked_version, tell
from shared import files
from shared.identity import Caller
from shared.kernel import Invalid, uuid7
from shared.papers import kept_of


def write_module(
    session: Session, caller: Caller, *, version_id: UUID, version: int | None, module: Mapping[str, Any]
) -> CurriculumVersion:
    """The draft with one more module at its end; its minutes are whole quarters of an hour."""
    found = locked_version(session, caller, version_id, version)
    _check(session, caller, module)
    made = CurriculumModule(id=uuid7(), position=0, papers=[])
    made.tell(module)
    found.add(made, most=reference.policy().most_modules)
    return _kept(session, caller, found, "write_module", made.title)


def rewrite_module(
    session: Session,
    caller: Caller,
    *,
    version_id: UUID,
    version: int | None,
    module_id: UUID,
    module: Mapping[str, Any],
) -> CurriculumVersion:
    """The draft with this module anew; its stored files stay, and so may archived materials that it had."""
    found = locked_version(session, caller, version_id, version)
    _check(session, caller, module, kept=found.module(module_id).material_ids)
    found.rewrite(module_id, module)
    return _kept(session, caller, found, "rewrite_module", module["title"])


def remove_module(
    session: Session, caller: Caller, *, version_id: UUID, version: int | None, module_id: UUID
) -> CurriculumVersion:
    """The draft without this module."""
    found = locked_version(session, caller, version_id, version)
    gone = found.remove(module_id)
    kept = _kept(session, caller, found, "remove_module", gone.title)
    for paper in gone.papers:
        _let_go(session, found, UUID(paper["id"]))
    return kept


def place_module(
    session: Session, caller: Caller, *, version_id: UUID, version: int | None, module_id: UUID, position: int
) -> CurriculumVersion:
    """The draft with this module at that place."""
    found = locked_version(session, caller, version_id, version)
    found.place(module_id, position)
    return _kept(session, caller, found, "place_module", found.module(module_id).title)


def attach_file(
    session: Session,
    caller: Caller,
    *,
    version_id: UUID,
    version: int | None,
    module_id: UUID,
    name: str,
    content: bytes,
) -> CurriculumVersion:
    """The draft with a stored file of a module: a PDF or a picture, without what a camera wrote beside it."""
    found = locked_version(session, caller, version_id, version)
    module = found.module(module_id)
    kept = kept_of(content)
    if kept is None:
        raise Invalid("curriculum.file_kind", pointer="/file")
    media_type, content = kept
    stored = files.store(session, content, name=name, media_type=media_type, kind="curriculum", caller=caller)
    paper = {name: getattr(stored, name) for name in ("name", "media_type", "size", "sha256")}
    found.attach(module_id, {"id": str(stored.id), **paper}, most=reference.policy().most_files)
    return _kept(session, caller, found, "attach_file", module.title)


def detach_file(
    session: Session, caller: Caller, *, version_id: UUID, version: int | None, module_id: UUID, file_id: UUID
) -> CurriculumVersion:
    """The draft without this file, which is erased unless another version has it."""
    found = locked_version(session, caller, version_id, version)
    found.detach(module_id, file_id)
    kept = _kept(session, caller, found, "detach_file", found.module(module_id).title)
    _let_go(session, found, file_id)
    return kept


def _check(session: Session, caller: Caller, module: Mapping[str, Any], kept: Collection[UUID] = ()) -> None:
    policy = reference.policy()
    if module["minutes"] % policy.step_minutes or module["minutes"] > policy.most_minutes:
        hours = policy.most_minutes // 60
        raise Invalid("curriculum.quarter_hours", pointer="/minutes", step=policy.step_minutes, hours=hours)
    if len(set(module["methods"])) < len(module["methods"]):
        raise Invalid("curriculum.method_twice", pointer="/methods")
    named = module.get("material_ids", ())
    if len(set(named)) < len(named):
        raise Invalid("curriculum.material_twice", pointer="/material_ids")
    require_offered(session, caller, set(named) - set(kept), pointer="/material_ids")


def _let_go(session: Session, found: CurriculumVersion, file_id: UUID) -> None:
    """Erase a file that no version of the curriculum has any more."""
    papers = session.scalars(
        select(CurriculumModule.papers)
        .join(CurriculumVersion, CurriculumVersion.id == CurriculumModule.version_id)
        .where(CurriculumVersion.curriculum_id == found.curriculum_id)
    )
    if all(one["id"] != str(file_id) for held in papers for one in held):
        files.erase(session, file_id)


def _kept(session: Session, caller: Caller, found: CurriculumVersion, action: str, title: str) -> CurriculumVersion:
    session.flush()
    tell(session, caller, found, action, module=title, minutes=found.minutes)
    return found

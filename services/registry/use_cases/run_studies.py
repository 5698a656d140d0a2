"""Studies are written down, with their files and the records they cover."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import Study, StudyRecord
from services.registry.use_cases.records import enterprise_to_change
from services.registry.use_cases.run_campaigns import require_municipalities, require_part, store_material
from services.registry.use_cases.run_institutions import institution_to_change
from shared import files, history
from shared.identity import Caller
from shared.kernel import NotFound, Refused


def write_study(
    session: Session, caller: Caller, study_id: UUID | None, version: int | None, facts: Mapping[str, Any]
) -> Study:
    """A new study, or the one with this id changed. Refuses municipalities that are none, and those outside the
    caller's territory that it did not cover already.
    """
    study = None if study_id is None else study_to_change(session, caller, study_id, version)
    known = set() if study is None else set(study.municipalities)
    require_municipalities(caller, set(facts["municipalities"]) ^ known)
    told = dict(facts)
    institution_id = told.pop("institution_id")
    if study is not None and study.institution_id == institution_id:
        told["institution"] = study.institution
    else:
        told["institution"] = institution_to_change(session, caller, institution_id, None)
    before = None if study is None else study.facts()
    if study is None:
        study = Study.begin(**told)
        session.add(study)
    else:
        study.describe(**told)
    session.flush()
    if study.facts() != before:
        action = "register" if before is None else "change"
        _remember(session, caller, study, action, before=before, after=study.facts())
    return study


def keep_file(session: Session, caller: Caller, study_id: UUID, *, name: str, content: bytes) -> Study:
    """One more of its files; refuses what is neither a document nor a picture nor a sound."""
    study = study_to_change(session, caller, study_id, None)
    stored = store_material(session, caller, name=name, content=content, kind="study")
    study.keep(stored.id)
    _remember(session, caller, study, "keep-file", after={"file": str(stored.id)})
    return study


def erase_file(session: Session, caller: Caller, study_id: UUID, file_id: UUID, version: int | None) -> Study:
    """A file is erased for good."""
    study = study_to_change(session, caller, study_id, version)
    study.let_go(file_id)
    files.erase(session, file_id)
    _remember(session, caller, study, "erase-file", before={"file": str(file_id)})
    return study


def cover_record(session: Session, caller: Caller, study_id: UUID, enterprise_id: UUID) -> Study:
    """The study covers a record, once. Refuses one that does not count."""
    study = study_to_change(session, caller, study_id, None)
    enterprise_to_change(session, caller, enterprise_id, None).require_counted()
    if session.get(StudyRecord, (study_id, enterprise_id)) is not None:
        raise Refused("study.covers_already")
    session.add(StudyRecord(study_id=study_id, enterprise_id=enterprise_id))
    study.touch()
    _remember(session, caller, study, "link-record", after={"enterprise": str(enterprise_id)})
    return study


def uncover_record(session: Session, caller: Caller, study_id: UUID, enterprise_id: UUID, version: int | None) -> Study:
    """The study does not cover a record."""
    study = study_to_change(session, caller, study_id, version)
    enterprise_to_change(session, caller, enterprise_id, None)
    covered = session.get(StudyRecord, (study_id, enterprise_id))
    if covered is None:
        raise NotFound("study.does_not_cover")
    session.delete(covered)
    study.touch()
    _remember(session, caller, study, "unlink-record", before={"enterprise": str(enterprise_id)})
    return study


def study_to_change(session: Session, caller: Caller, study_id: UUID, version: int | None) -> Study:
    """The locked row; it covers a municipality of the caller's territory."""
    study = session.get(Study, study_id, with_for_update={"of": Study}, populate_existing=True)
    if study is None:
        raise NotFound("study.unknown")
    require_part(caller, study.municipalities, None)
    study.require_version(version)
    return study


def _remember(
    session: Session,
    caller: Caller,
    study: Study,
    action: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    session.flush()
    history.record(session, caller, subject=study.id, kind="study", action=action, before=before, after=after)

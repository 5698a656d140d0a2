"""Studies are written down, and which records they cover."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import Study, StudyRecord
from services.registry.use_cases.records import enterprise_to_change
from services.registry.use_cases.rows import write, write_history
from services.registry.use_cases.run_institutions import institution_to_change
from services.registry.use_cases.undertakings import require_municipalities, undertaking_to_change
from shared.identity import Caller
from shared.kernel import NotFound, Refused


def write_study(
    session: Session, caller: Caller, study_id: UUID | None, version: int | None, facts: Mapping[str, Any]
) -> Study:
    """A new study, or the one with this id changed. Refuses municipalities that are none, and those outside the
    caller's territory that it did not cover already.
    """
    study = None if study_id is None else undertaking_to_change(session, caller, Study, study_id, version)
    known = set() if study is None else set(study.municipalities)
    require_municipalities(caller, set(facts["municipalities"]) ^ known)
    told = dict(facts)
    institution_id = told.pop("institution_id")
    if study is not None and study.institution_id == institution_id:
        told["institution"] = study.institution
    else:
        told["institution"] = institution_to_change(session, caller, institution_id, None)
    return write(session, caller, study, Study.begin, told)


def cover_record(session: Session, caller: Caller, study_id: UUID, enterprise_id: UUID) -> Study:
    """The study covers a record, once. Refuses one that does not count."""
    study = undertaking_to_change(session, caller, Study, study_id, None)
    enterprise_to_change(session, caller, enterprise_id, None).require_counted()
    if session.get(StudyRecord, (study_id, enterprise_id)) is not None:
        raise Refused("study.covers_already")
    session.add(StudyRecord(study_id=study_id, enterprise_id=enterprise_id))
    study.touch()
    write_history(session, caller, study, "link-record", after={"enterprise": str(enterprise_id)})
    return study


def uncover_record(session: Session, caller: Caller, study_id: UUID, enterprise_id: UUID, version: int | None) -> Study:
    """The study does not cover a record."""
    study = undertaking_to_change(session, caller, Study, study_id, version)
    enterprise_to_change(session, caller, enterprise_id, None)
    covered = session.get(StudyRecord, (study_id, enterprise_id))
    if covered is None:
        raise NotFound("study.does_not_cover")
    session.delete(covered)
    study.touch()
    write_history(session, caller, study, "unlink-record", before={"enterprise": str(enterprise_id)})
    return study

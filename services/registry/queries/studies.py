"""Studies as their readers find them: by words, place, year and institution."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from services.registry.models import Enterprise, Institution, Study, StudyPlace, StudyRecord
from services.registry.queries.undertakings import Rows, files_of, found, records_page
from services.registry.rules.chains import folded
from shared import places
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import Invalid
from shared.web.paging import Page, keyset_page

_records = select(func.count()).where(StudyRecord.study_id == Study.id).correlate(Study).scalar_subquery()
_LIST = (
    *labelled(Study, "begins_on", "id", "version", "title", "subject", "ends_on", "institution_id"),
    Institution.name.label("institution_name"),
    _records.label("records"),
)


def list_studies(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The studies that cover a part of the caller's territory and meet all filters, the latest first."""
    statement = _filtered(select(*_LIST).join(Institution, Institution.id == Study.institution_id), caller, filters)
    return keyset_page(session, statement, keys=_LIST[:2], limit=limit, after=after, descending=True)


def show_study(session: Session, caller: Caller, study_id: UUID) -> dict[str, Any]:
    """One study with its files."""
    study = found(session, caller, Study, study_id)
    return {
        "id": study.id,
        "version": study.version,
        **study.facts(),
        "institution_name": study.institution.name,
        "municipality_names": [places.full_name(code) for code in study.municipalities],
        "records": session.scalar(select(func.count()).where(StudyRecord.study_id == study_id)) or 0,
        "files": files_of(session, study),
    }


def list_covered(session: Session, caller: Caller, study_id: UUID, *, limit: int, after: str | None) -> Page:
    """The records a study covers, as far as they lie in the caller's territory."""
    found(session, caller, Study, study_id)
    columns, of_it = (StudyRecord.enterprise_id.label("enterprise_id"),), StudyRecord.study_id == study_id
    return records_page(session, caller, StudyRecord, columns, of_it, keys=1, limit=limit, after=after)


def _filtered(statement: Rows, caller: Caller, filters: Mapping[str, Any]) -> Rows:
    of_it = StudyPlace.study_id == Study.id
    statement = statement.where(exists().where(of_it, caller.scope.condition(StudyPlace.municipality)))
    if institution_id := filters.get("institution_id"):
        statement = statement.where(Study.institution_id == institution_id)
    if year := filters.get("year"):
        until = or_(Study.ends_on.is_(None), Study.ends_on >= date(year, 1, 1))
        statement = statement.where(Study.begins_on <= date(year, 12, 31), until)
    if place := filters.get("place"):
        if place not in places.names():
            raise Invalid("municipality.unknown", pointer="/place", value=place)
        statement = statement.where(exists().where(of_it, StudyPlace.municipality.startswith(place, autoescape=True)))
    for word in folded(filters.get("q") or "").split()[:8]:
        statement = statement.where(Study.search_text.contains(word, autoescape=True))
    if enterprise_id := filters.get("enterprise_id"):
        mine = exists().where(Enterprise.id == enterprise_id, caller.scope.condition(Enterprise.municipality))
        covers = exists().where(StudyRecord.study_id == Study.id, StudyRecord.enterprise_id == enterprise_id)
        statement = statement.where(mine, covers)
    return statement

"""Studies made with universities."""

from typing import Any
from uuid import UUID

from services.registry.api.knowledge_schemas import CoveredIn, CoveredOut, StudyIn, StudyOut, StudyQuery, StudyRow
from services.registry.models import Study
from services.registry.queries import studies as queries
from services.registry.queries.undertakings import file_of
from services.registry.rules.outreach import LARGEST_FILE
from services.registry.rules.visibility import EDITORS, TEAM
from services.registry.use_cases import run_studies, undertakings
from shared.web import Call, Download, Page, Resource

resource = Resource("studies", prefix="/studies", description="Studies made with universities.")


@resource.get(query=StudyQuery, returns=StudyRow, paged=True, allow=TEAM)
def list_(call: Call) -> Page:
    """The studies that cover a part of the caller's territory: by words without accents, place, year, institution."""
    return queries.list_studies(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(body=StudyIn, returns=StudyOut, allow=EDITORS)
def begin(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """A new study of municipalities of the caller's territory."""
    study = run_studies.write_study(call.session, call.caller, None, None, body)
    return queries.show_study(call.session, call.caller, study.id)


@resource.get("/<uuid:study_id>", returns=StudyOut, allow=TEAM)
def show(call: Call, study_id: UUID) -> dict[str, Any]:
    """One study: team, method, findings, files."""
    return queries.show_study(call.session, call.caller, study_id)


@resource.put("/<uuid:study_id>", body=StudyIn, returns=StudyOut, allow=EDITORS)
def change(call: Call, body: dict[str, Any], study_id: UUID) -> dict[str, Any]:
    """Put a study right; its municipalities in other territories stay in the body."""
    run_studies.write_study(call.session, call.caller, study_id, call.if_match, body)
    return queries.show_study(call.session, call.caller, study_id)


@resource.get("/<uuid:study_id>/records", returns=CoveredOut, paged=True, allow=TEAM)
def list_records(call: Call, study_id: UUID) -> Page:
    """The records of the caller's territory that the study covers."""
    return queries.list_covered(call.session, call.caller, study_id, limit=call.limit, after=call.after)


@resource.post("/<uuid:study_id>/records", body=CoveredIn, returns=StudyOut, allow=EDITORS)
def cover(call: Call, body: dict[str, Any], study_id: UUID) -> dict[str, Any]:
    """The study covers this record."""
    run_studies.cover_record(call.session, call.caller, study_id, body["enterprise_id"])
    return queries.show_study(call.session, call.caller, study_id)


@resource.delete("/<uuid:study_id>/records/<uuid:enterprise_id>", returns=StudyOut, allow=EDITORS)
def uncover(call: Call, study_id: UUID, enterprise_id: UUID) -> dict[str, Any]:
    """The study does not cover this record."""
    run_studies.uncover_record(call.session, call.caller, study_id, enterprise_id, call.if_match)
    return queries.show_study(call.session, call.caller, study_id)


@resource.post("/<uuid:study_id>/files", upload=LARGEST_FILE, returns=StudyOut, allow=EDITORS)
def keep_file(call: Call, study_id: UUID) -> dict[str, Any]:
    """A file of the study: PDF, JPEG, PNG, MP3 or Ogg of at most 10 MB."""
    assert call.upload is not None
    name, content = call.upload.name, call.upload.content
    undertakings.keep_file(call.session, call.caller, Study, study_id, name=name, content=content)
    return queries.show_study(call.session, call.caller, study_id)


@resource.get("/<uuid:study_id>/files/<uuid:file_id>", download=True, allow=TEAM)
def show_file(call: Call, study_id: UUID, file_id: UUID) -> Download:
    """A file of the study."""
    stored, content = file_of(call.session, call.caller, Study, study_id, file_id)
    return Download(content, stored.name, stored.media_type)


@resource.delete("/<uuid:study_id>/files/<uuid:file_id>", returns=StudyOut, allow=EDITORS)
def erase_file(call: Call, study_id: UUID, file_id: UUID) -> dict[str, Any]:
    """Erase a file of the study for good."""
    undertakings.erase_file(call.session, call.caller, Study, study_id, file_id, call.if_match)
    return queries.show_study(call.session, call.caller, study_id)

"""Papers and pictures that firms show beside their diagnosis and the reports of their plan."""

from uuid import UUID

from services.training.queries.evidence import evidence_file, list_evidence
from services.training.rules.csr_follow_up_access import READERS, REVIEWERS, TEAM
from services.training.use_cases.show_evidence import remove_evidence
from shared.web import Call, Download, Output, Page, Query, Resource, fields

resource = Resource("csr_evidence", prefix="/csr-evidence", description="Papers and pictures that firms show.")
_ONE = "/<uuid:csr_evidence_id>"


class CsrEvidenceQuery(Query):
    sme_id = fields.Id()


class CsrEvidenceOut(Output):
    """One of `diagnosis_id` with `indicator`, or `plan_id` with `month`; `size` in bytes."""

    id = fields.Id()
    sme_id = fields.Id()
    diagnosis_id = fields.Id(allow_none=True)
    indicator = fields.String(allow_none=True)
    plan_id = fields.Id(allow_none=True)
    month = fields.Integer(allow_none=True)
    name = fields.String()
    media_type = fields.String()
    size = fields.Integer()
    recorded_by_name = fields.String()
    recorded_at = fields.Moment()


@resource.get(query=CsrEvidenceQuery, returns=CsrEvidenceOut, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The files that firms of the caller's territory show, latest first."""
    return list_evidence(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get(_ONE, download=True, allow=TEAM | REVIEWERS)
def open_(call: Call, csr_evidence_id: UUID) -> Download:
    """A file, as it was kept: a picture without what its camera wrote beside it."""
    name, media_type, content = evidence_file(call.session, call.caller, csr_evidence_id)
    return Download(content, name, media_type)


@resource.delete(_ONE, if_match=False, allow=TEAM)
def remove(call: Call, csr_evidence_id: UUID) -> None:
    """Erase a file for good; not once it was verified."""
    remove_evidence(call.session, call.caller, csr_evidence_id)

"""Profiles of enterprises and the rubrics they are made by."""

from typing import Any
from uuid import UUID

from services.registry.api.profile_schemas import ProfileIn, ProfileOut, ProfileRow, RubricIn, RubricOut, RubricQuery
from services.registry.queries import profiles as queries
from services.registry.rules.evidence import LARGEST_FILE
from services.registry.rules.rubrics import SUBJECTS
from services.registry.rules.visibility import COORDINATORS, EDITORS, READERS
from services.registry.use_cases.adopt_rubric import adopt_rubric
from services.registry.use_cases.profile_enterprise import keep_evidence, profile_enterprise
from shared.web import Call, Download, Page, Resource

_READERS = READERS - {"leda_viewer", "trainer"}
_NUMBERS = ("weights", "minimums", "strategic_from", "stale_after_months")

resource = Resource("profiles", prefix="/enterprises", description="Profiles of enterprises.")
rubrics = Resource("rubrics", prefix="/rubrics", description="The rubrics by which centres profile enterprises.")


@resource.get("/<uuid:enterprise_id>/profiles", returns=ProfileRow, paged=True, allow=_READERS)
def list_(call: Call, enterprise_id: UUID) -> Page:
    """The profiles of an enterprise, the latest first: the first one makes its tier."""
    return queries.list_profiles(call.session, call.caller, enterprise_id, limit=call.limit, after=call.after)


@resource.post("/<uuid:enterprise_id>/profiles", body=ProfileIn, returns=ProfileOut, allow=EDITORS)
def write(call: Call, body: dict[str, Any], enterprise_id: UUID) -> dict[str, Any]:
    """Write down how an enterprise was seen. A profile is never changed: a correction is another one."""
    seen = {subject: (body[subject]["level"], body[subject]["evidence"]) for subject in SUBJECTS}
    written = profile_enterprise(call.session, call.caller, enterprise_id, assessed_on=body["assessed_on"], seen=seen)
    return queries.show_profile(call.session, call.caller, enterprise_id, written.id)


@resource.get("/<uuid:enterprise_id>/profiles/<uuid:profile_id>", returns=ProfileOut, allow=_READERS)
def show(call: Call, enterprise_id: UUID, profile_id: UUID) -> dict[str, Any]:
    """One profile: each level with its evidence, and how score and tier came about."""
    return queries.show_profile(call.session, call.caller, enterprise_id, profile_id)


_FILE = "/<uuid:enterprise_id>/profiles/<uuid:profile_id>/<subject>/file"


@resource.post(_FILE, upload=LARGEST_FILE, returns=ProfileOut, allow=EDITORS)
def keep_file(call: Call, enterprise_id: UUID, profile_id: UUID, subject: str) -> dict[str, Any]:
    """A photograph (JPEG, PNG) or document (PDF) as evidence of one subject, of at most 10 MB, once. Where a camera
    wrote down the place, that is not kept.
    """
    assert call.upload is not None
    keep_evidence(
        call.session,
        call.caller,
        enterprise_id,
        profile_id,
        subject,
        name=call.upload.name,
        content=call.upload.content,
    )
    return queries.show_profile(call.session, call.caller, enterprise_id, profile_id)


@resource.get(_FILE, download=True, allow=_READERS)
def show_file(call: Call, enterprise_id: UUID, profile_id: UUID, subject: str) -> Download:
    """The photograph or document that was kept as evidence."""
    name, media_type, content = queries.evidence_file(call.session, call.caller, enterprise_id, profile_id, subject)
    return Download(content, name, media_type)


@rubrics.get(returns=RubricOut, allow=READERS)
def list_rubrics(call: Call) -> list[dict[str, Any]]:
    """The network's edition in force, then all editions of the centres in the caller's territory, latest first."""
    return queries.list_rubrics(call.session, call.caller)


@rubrics.get("/in-force", query=RubricQuery, returns=RubricOut, allow=READERS)
def in_force(call: Call) -> dict[str, Any]:
    """The edition by which enterprises of a municipality are profiled on a day, or by which a centre works."""
    return queries.rubric_in_force(call.session, call.caller, call.query)


@rubrics.post(body=RubricIn, returns=RubricOut, allow=COORDINATORS)
def adopt(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """A centre adopts a rubric of its own from a day on, today at the earliest. What was profiled before stays as it
    was computed.
    """
    adopted = adopt_rubric(
        call.session,
        call.caller,
        body["centre_id"],
        valid_from=body["valid_from"],
        source=body["source"],
        numbers={name: body[name] for name in _NUMBERS},
        wording=body["wording"],
    )
    return queries.show_edition(call.session, adopted.value)

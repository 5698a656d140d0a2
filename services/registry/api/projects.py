"""What a project is about, how it moves through its cycle, and the photographs of its visits."""

from typing import Any
from uuid import UUID

from services.registry.api.accompaniment_schemas import AccompanimentOut, MoveIn, ProjectIn
from services.registry.queries import accompaniments as queries
from services.registry.rules.visibility import EDITORS
from services.registry.use_cases.move_project import describe_project, move_project
from services.registry.use_cases.photograph import keep_photo, remove_photo
from shared.photographs import LARGEST
from shared.web import Call, Download, Resource

resource = Resource("projects", prefix="/accompaniments", description="The projects of accompaniments.")


@resource.put("/<uuid:accompaniment_id>/project", body=ProjectIn, returns=AccompanimentOut, allow=EDITORS)
def describe(call: Call, body: dict[str, Any], accompaniment_id: UUID) -> dict[str, Any]:
    """Say what the project is about, what it needs, and which of its needs are resolved."""
    describe_project(call.session, call.caller, accompaniment_id, version=call.if_match, **body)
    return queries.show_accompaniment(call.session, call.caller, accompaniment_id)


@resource.post(
    "/<uuid:accompaniment_id>/moves", body=MoveIn, returns=AccompanimentOut, if_match=True, status=200, allow=EDITORS
)
def move(call: Call, body: dict[str, Any], accompaniment_id: UUID) -> dict[str, Any]:
    """Move the case to the next phase with all that it needs, or back with a reason."""
    move_project(call.session, call.caller, accompaniment_id, version=call.if_match, **body)
    return queries.show_accompaniment(call.session, call.caller, accompaniment_id)


@resource.post(
    "/<uuid:accompaniment_id>/visits/<uuid:visit_id>/photo", upload=LARGEST, returns=AccompanimentOut, allow=EDITORS
)
def keep_photograph(call: Call, accompaniment_id: UUID, visit_id: UUID) -> dict[str, Any]:
    """The photograph of a visit, a JPEG or PNG of at most 8 MB, of who agreed to photographs; where and when it was
    taken is not kept. It replaces the one before.
    """
    assert call.upload is not None
    keep_photo(call.session, call.caller, accompaniment_id, visit_id, call.upload.content)
    return queries.show_accompaniment(call.session, call.caller, accompaniment_id)


@resource.delete(
    "/<uuid:accompaniment_id>/visits/<uuid:visit_id>/photo", if_match=False, returns=AccompanimentOut, allow=EDITORS
)
def remove_photograph(call: Call, accompaniment_id: UUID, visit_id: UUID) -> dict[str, Any]:
    """Erase the photograph of a visit."""
    remove_photo(call.session, call.caller, accompaniment_id, visit_id)
    return queries.show_accompaniment(call.session, call.caller, accompaniment_id)


@resource.get(
    "/<uuid:accompaniment_id>/visits/<uuid:visit_id>/photo", download=True, allow=EDITORS | {"network_coordinator"}
)
def show_photograph(call: Call, accompaniment_id: UUID, visit_id: UUID) -> Download:
    """The photograph of a visit, for the team."""
    name, media_type, content = queries.show_photo(call.session, call.caller, accompaniment_id, visit_id)
    return Download(content, name, media_type, inline=True)

"""Boundaries: what is in force, and files of official ones on their way."""

from typing import Any
from uuid import UUID

from services.territory.api.sent import FileOut, FileRow, file_shown, given, sent_file, upload_of
from services.territory.models import BoundaryFile
from services.territory.queries import boundaries as queries
from services.territory.rules.access import BOUNDARY_KEEPERS, READERS
from services.territory.use_cases import take_boundaries as use_cases
from shared.web import Call, Input, Output, Page, Resource, fields, keyset_page

resource = Resource("boundaries", prefix="/boundaries", description="Municipal boundaries in force.")
boundary_files = Resource("boundary-files", prefix="/boundary-files", description="Official boundaries on their way.")


class SetOut(Output):
    country = fields.Code(["GT", "HN", "SV"])
    kind = fields.Code([queries.APPROXIMATE, queries.OFFICIAL])
    source = fields.String()
    valid_from = fields.Day(allow_none=True)
    adopted_at = fields.Moment(allow_none=True)
    shapes = fields.Integer()


@resource.get(returns=SetOut, scoped=False, allow=READERS | {"service"})
def in_force(call: Call) -> list[dict[str, Any]]:
    """For each country: approximate cells, or official boundaries with their source and since when."""
    return queries.sets_in_force(call.session)


class ChoiceIn(Input):
    layer = fields.String(maximum=100, load_default=None, allow_none=True)
    code = fields.String(maximum=100, load_default=None, allow_none=True)
    name = fields.String(maximum=100, load_default=None, allow_none=True)
    country = fields.Code(["GT", "HN", "SV"], load_default=None, allow_none=True)


class AdoptionIn(Input):
    source = fields.String(required=True, maximum=200)
    valid_from = fields.Day(required=True)


@boundary_files.get(returns=FileRow, paged=True, scoped=False, allow=BOUNDARY_KEEPERS)
def list_(call: Call) -> Page:
    """The files that were sent, latest first."""
    statement = queries.boundary_files()
    keys = [BoundaryFile.id.label("id")]
    return keyset_page(call.session, statement, keys=keys, limit=call.limit, after=call.after, descending=True)


@boundary_files.post(status=202, upload=True, body=ChoiceIn, returns=FileOut, scoped=False, allow=BOUNDARY_KEEPERS)
def receive(call: Call) -> dict[str, Any]:
    """Send a file (GeoPackage, GeoJSON, zipped Shapefile); it is read in the background and changes nothing yet. What
    the form leaves open (layer, columns, country) is guessed.
    """
    content, name, choice = upload_of(call)
    return sent_file(call, use_cases.receive_file(call.session, call.caller, content=content, name=name, choice=choice))


@boundary_files.get("/<uuid:file_id>", returns=FileOut, scoped=False, allow=BOUNDARY_KEEPERS)
def show(call: Call, file_id: UUID) -> dict[str, Any]:
    """How a file stands: its reading and quality report once it is read."""
    return sent_file(call, file_shown(call, BoundaryFile, file_id))


@boundary_files.put("/<uuid:file_id>/columns", body=ChoiceIn, returns=FileOut, scoped=False, allow=BOUNDARY_KEEPERS)
def choose(call: Call, file_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Have the file read again with another layer or other columns."""
    found = use_cases.choose_columns(call.session, call.caller, file_id, choice=given(body), version=call.if_match)
    return sent_file(call, found)


@boundary_files.put(
    "/<uuid:file_id>/adoption", body=AdoptionIn, status=202, returns=FileOut, scoped=False, allow=BOUNDARY_KEEPERS
)
def adopt(call: Call, file_id: UUID, body: dict[str, Any]) -> dict[str, Any]:
    """Put the file's boundaries in force, once its report was looked at. Refused outside the caller's territory."""
    return sent_file(call, use_cases.ask_adoption(call.session, call.caller, file_id, version=call.if_match, **body))

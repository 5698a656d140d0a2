"""Diplomas issued to whole groups."""

from typing import Any
from uuid import UUID

from services.training.api.diploma_schemas import BatchIn, BatchOut
from services.training.api.names import with_names
from services.training.api.schemas import TEAM
from services.training.composition import Composition
from services.training.queries.diplomas import members_of, show_batch
from services.training.use_cases.award_groups import Names, Taught, award_groups
from services.training.use_cases.print_diplomas import ZIP, batch_of, print_again
from shared import files
from shared.kernel import Invalid, NotFound
from shared.web import Call, Download, Resource

resource = Resource("diploma_batches", prefix="/diploma-batches", description="Diplomas issued together.")


def _names(call: Call, body: dict[str, Any]) -> Names:
    """What the registry calls the women of the groups; asked before anything is locked."""
    wanted = [training["group_id"] for training in body["trainings"]]
    rows = members_of(call.session, wanted)
    named = with_names(call, rows)
    return {row["entrepreneur_id"]: told["name"] for row, told in zip(rows, named, strict=True)}


@resource.post(body=BatchIn, returns=BatchOut, before=_names, allow=TEAM)
def issue(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Issue a diploma to every woman who earned one and has none yet, and print them; the others get a reason."""
    context: Composition = call.context
    groups = [_taught(training, place) for place, training in enumerate(body["trainings"])]
    told = {"kind": body["kind"], "language": body["language"], "groups": groups}
    batch = award_groups(call.session, call.caller, context.keyring, call.prepared, **told)
    return shown(call, show_batch(call.session, batch))


@resource.get("/<uuid:batch_id>", returns=BatchOut, allow=TEAM, scoped=False)
def show(call: Call, batch_id: UUID) -> dict[str, Any]:
    """One of the caller's batches."""
    return shown(call, show_batch(call.session, batch_of(call.session, call.caller, batch_id)))


@resource.post("/<uuid:batch_id>/printing", returns=BatchOut, status=202, allow=TEAM, scoped=False)
def print_(call: Call, batch_id: UUID) -> dict[str, Any]:
    """Print the diplomas that still hold anew."""
    return shown(call, show_batch(call.session, print_again(call.session, call.caller, batch_id)))


@resource.get("/<uuid:batch_id>/file", allow=TEAM, scoped=False)
def file(call: Call, batch_id: UUID) -> Download:
    """The printed diplomas, signed PDF files in one ZIP."""
    batch = batch_of(call.session, call.caller, batch_id)
    if batch.file_id is None:
        raise NotFound("diploma.not_printed")
    kept = files.find(call.session, batch.file_id)
    return Download(files.read(call.session, batch.file_id), kept.name, ZIP)


def shown(call: Call, batch: dict[str, Any]) -> dict[str, Any]:
    """A batch with the names of the women who were left out."""
    return batch | {"left_out": with_names(call, batch["left_out"])}


def _taught(training: dict[str, Any], place: int) -> Taught:
    attended = training.get("attended")
    hours = {row["entrepreneur_id"]: tenths(row["hours"]) for row in attended or ()}
    if len(hours) < len(attended or ()):
        raise Invalid("diploma.woman_twice", pointer=f"/trainings/{place}/attended")
    said = None if attended is None else hours
    return Taught(training["group_id"], training["title"].strip(), tenths(training["hours"]), said)


def tenths(hours: float) -> int:
    """Hours to the nearest tenth of one."""
    return round(hours * 10)

"""How a file that somebody sent stands: its reading, what is wrong with it, the work under way."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from services.territory.models.sent import FILE_STATES, SentFile
from services.territory.queries import boundaries as queries
from shared.kernel import NotFound, Refused
from shared.web import Call, Output, fields

Kind = TypeVar("Kind", bound=SentFile)


class FileRow(Output):
    id = fields.Id()
    name = fields.String()
    state = fields.Code(FILE_STATES)
    sent_at = fields.Moment()
    sent_by_name = fields.String()
    adopted_at = fields.Moment(allow_none=True)
    version = fields.Integer()


class FileOut(FileRow):
    """`reading`: layers or sheets, columns, the mapping guessed, and the quality report. `problem`: why it cannot be
    read, as a code and a sentence. `job`: how the work under way stands.
    """

    reading = fields.Anything()
    problem = fields.Anything(allow_none=True)
    job = fields.Anything(allow_none=True)


def upload_of(call: Call) -> tuple[bytes, str, dict[str, Any]]:
    """The content and the name of the file sent, and what the form says of it; refuses a form without a file."""
    if call.upload is None:
        raise Refused("upload.missing")
    return call.upload.content, call.upload.name, given(call.form)


def given(told: Mapping[str, Any]) -> dict[str, Any]:
    """What is not left open."""
    return {name: value for name, value in told.items() if value}


def file_shown(call: Call, kind: type[Kind], file_id: UUID) -> Kind:
    """The file, to be shown."""
    found = call.session.get(kind, file_id)
    if found is None:
        raise NotFound(f"{kind.subject}.unknown_file")
    return found


def sent_file(call: Call, found: SentFile) -> dict[str, Any]:
    """The file as it is shown, its refusals in the reader's language."""
    problem = dict(found.problem) or None
    if problem:
        problem["detail"] = call.context.words(call.language)(problem["code"], **problem["facts"])
    return {
        **{name: getattr(found, name) for name in FileRow().fields},
        "reading": found.reading,
        "problem": problem,
        "job": _job(call, found),
    }


def _job(call: Call, found: SentFile) -> dict[str, Any] | None:
    """State, progress and refusal of the file's last job."""
    if found.job_id is None:
        return None
    told = queries.job_of(call.session, found.job_id)
    if told and told["error"]:
        told["detail"] = call.context.words(call.language)(told["error"]["code"], **told["error"]["facts"])
    return told

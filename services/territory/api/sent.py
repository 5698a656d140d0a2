"""How a file that somebody sent stands: its reading, what is wrong with it, the work under way."""

from typing import Any

from services.territory.models.sent import FILE_STATES, SentFile
from services.territory.queries import boundaries as queries
from shared.web import Call, Output, fields


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

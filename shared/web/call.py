"""What came along with a request, read strictly, as the handler gets it."""

import re
from dataclasses import dataclass, field
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from shared.identity import Caller
from shared.incoming import check_text, parse_json, pointer_to
from shared.kernel import Invalid
from shared.web.operation import Operation
from shared.web.paging import DEFAULT_LIMIT, MAX_LIMIT
from shared.web.problems import Unfit
from shared.web.schemas import Query, load, reader

MAX_BODY = 1_000_000
MAX_UPLOAD = 64_000_000
"""Of one file that comes in, whoever sends it; the gateway lets a little more pass (deploy/gateway/Caddyfile)."""
FORM_AROUND = 100_000
"""What the form may take besides its file."""


@dataclass(frozen=True)
class Upload:
    """A file that came with the call."""

    name: str
    content: bytes
    media_type: str


@dataclass
class Call:
    """What a handler gets: an open session, who calls, and what came along."""

    session: Session
    caller: Caller
    language: str
    context: Any
    """What the service composed in its `app.py` for its handlers."""
    query: dict[str, Any] = field(default_factory=dict)
    if_match: int | None = None
    limit: int = DEFAULT_LIMIT
    after: str | None = None
    upload: Upload | None = None
    form: dict[str, str] = field(default_factory=dict)
    prepared: Any = None
    """What the operation's `before` made ready."""


def read_query(operation: Operation, call: Call) -> None:
    raw = request.args.to_dict(flat=False)
    if operation.paged:
        call.limit = _limit(_single(raw, "limit"))
        call.after = _single(raw, "after") or None
        if call.after and len(call.after) > 1_000:
            raise Invalid("query.cursor", pointer="/after")
    if raw or operation.query:
        call.query = reader(operation.query or _NoQuery).from_text(raw)


class _NoQuery(Query):
    """An operation without parameters."""


def _single(raw: dict[str, list[str]], name: str) -> str | None:
    given = raw.pop(name, None)
    if given is None:
        return None
    if len(given) > 1:
        raise Invalid("query.repeated", pointer=f"/{name}", name=name)
    return given[0]


def _limit(given: str | None) -> int:
    if given is None:
        return DEFAULT_LIMIT
    if not re.fullmatch(r"[0-9]{1,4}", given) or not 1 <= int(given) <= MAX_LIMIT:
        raise Invalid("query.limit", pointer="/limit", maximum=MAX_LIMIT)
    return int(given)


def if_match() -> int:
    header = request.headers.get("If-Match")
    if header is None:
        raise Unfit(428, "precondition.missing")
    match = re.fullmatch(r'"([0-9]{1,9})"', header)
    if not match:
        raise Unfit(412, "precondition.unreadable")
    return int(match.group(1))


def read_body(operation: Operation) -> Any:
    if operation.body is None:
        return None
    if request.mimetype != "application/json":
        raise Unfit(415, "body.not_json_type")
    if request.mimetype_params.get("charset", "utf-8").lower() != "utf-8":
        raise Unfit(415, "body.not_utf8")
    _refuse_encoded()
    request.max_content_length = MAX_BODY
    content = request.get_data()
    if request.content_length is None and len(content) >= MAX_BODY:
        raise Unfit(413, "http.413")  # a chunked body is cut at the limit, and its beginning may be well-formed
    return load(reader(operation.body), parse_json(content))


def read_upload(operation: Operation, call: Call) -> None:
    if request.mimetype != "multipart/form-data":
        raise Unfit(415, "body.not_multipart")
    _refuse_encoded()
    request.max_content_length = operation.upload + FORM_AROUND
    given = request.files.get("file")
    if given is None or not given.filename:
        raise Invalid("upload.missing", pointer="/file")
    if len(list(request.files.items(multi=True))) > 1:
        raise Invalid("upload.one_file", pointer="/file")
    content = given.stream.read(operation.upload + 1)
    if len(content) > operation.upload:
        raise Unfit(413, "upload.too_large", megabytes=operation.upload // 1_000_000)
    check_text(given.filename, "/file")
    name = given.filename.replace("\\", "/").rpartition("/")[2][:200]
    if name in {"", ".", ".."}:
        raise Invalid("upload.missing", pointer="/file")
    form = _form()
    call.upload = Upload(name, content, given.mimetype or "application/octet-stream")
    call.form = load(reader(operation.body or _NoQuery), form)


def _form() -> dict[str, str]:
    """The other fields of a multipart body; one given twice is refused."""
    read: dict[str, str] = {}
    for name, given in request.form.lists():
        check_text({name: given})
        if len(given) > 1:
            raise Invalid("query.repeated", pointer=pointer_to("", name), name=name)
        read[name] = given[0]
    return read


def _refuse_encoded() -> None:
    """A compressed body is not opened: what it unfolds to has no bound."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise Unfit(415, "body.encoded")

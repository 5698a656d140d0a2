"""Exports of the inventory."""

from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO
from uuid import UUID

from services.registry.exchange.formats import FORMATS
from services.registry.export_jobs import filters_of
from services.registry.queries import exports as queries
from services.registry.queries.records import count_records
from services.registry.queries.seeing import view_for
from services.registry.rules.visibility import READERS
from services.registry.use_cases.keep_exports import ask_for_export, file_of, forget_export
from shared import files
from shared.web import Call, Download, Input, Output, Page, Resource, fields

_READERS = READERS - {"service"}
_PIECE = 1 << 18

resource = Resource("exports", prefix="/exports", description="Exports of the inventory.")


class ExportIn(Input):
    """`filter` is the query of `GET /enterprises` (`municipality=HN17&need=credit`); nothing is all of the caller's
    territory.
    """

    format = fields.Code(tuple(FORMATS), required=True)
    filter = fields.String(minimum=0, maximum=4_000, load_default="")


class ExportRefusal(Output):
    code = fields.String()
    detail = fields.String()


class ExportOut(Output):
    """How an export stands: queued, running, done, failed, cancelled, or forgotten once its file is erased. `filter`
    is what was asked; of one forgotten, without what may name a person.
    """

    id = fields.Id()
    state = fields.String()
    format = fields.String()
    filter = fields.String()
    done = fields.Integer()
    total = fields.Integer(allow_none=True)
    records = fields.Integer(allow_none=True)
    bytes = fields.Integer(allow_none=True)
    file_name = fields.String(allow_none=True)
    created_at = fields.Moment()
    finished_at = fields.Moment(allow_none=True)
    kept_until = fields.Moment(allow_none=True)
    refusal = fields.Nested(ExportRefusal, allow_none=True)


@resource.get(returns=ExportOut, paged=True, allow=_READERS, scoped=False)
def list_(call: Call) -> Page:
    """The caller's own exports, latest first."""
    page = queries.list_exports(call.session, call.caller, limit=call.limit, after=call.after)
    return Page([_spoken(call, row) for row in page.rows], page.next)


@resource.post(status=202, body=ExportIn, returns=ExportOut, allow=_READERS)
def ask(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Have the inventory written into a file: exactly the records that the filter shows the caller, with what she may
    see of each. The worker does it: ask for the export until its state is `done`, then for its file within a day.
    """
    filters = filters_of(body["filter"])
    # A filter that refuses, refuses here.
    count_records(call.session, call.caller, call.context.sealer, view_for(call.caller), filters)
    asked = ask_for_export(call.session, call.caller, kind=body["format"], query=body["filter"], told=filters)
    return _spoken(call, queries.show_export(call.session, call.caller, asked))


@resource.get("/<uuid:export_id>", returns=ExportOut, allow=_READERS, scoped=False)
def show(call: Call, export_id: UUID) -> dict[str, Any]:
    """How an export of the caller's stands."""
    return _spoken(call, queries.show_export(call.session, call.caller, export_id))


@resource.get("/<uuid:export_id>/file", download=True, allow=_READERS)
def download(call: Call, export_id: UUID) -> Download:
    """The file, for who asked for it and would see the same today."""
    stored = file_of(call.session, call.caller, export_id)
    content = files.opened(call.session, stored.id)
    return Download(_pieces(content), stored.name, stored.media_type, size=stored.size)


@resource.delete("/<uuid:export_id>", allow=_READERS, if_match=False, scoped=False)
def forget(call: Call, export_id: UUID) -> None:
    """Stop an export that is under way, or erase its file before its day is over."""
    forget_export(call.session, call.caller, export_id)


def _pieces(content: BinaryIO) -> Iterator[bytes]:
    with content:
        while piece := content.read(_PIECE):
            yield piece


def _spoken(call: Call, row: Mapping[str, Any]) -> dict[str, Any]:
    """With the sentence of why it failed."""
    refusal = row["refusal"]
    if refusal is None:
        return dict(row)
    detail = call.context.sentence(refusal["code"], refusal["facts"], call.language)
    return dict(row) | {"refusal": {"code": refusal["code"], "detail": detail}}

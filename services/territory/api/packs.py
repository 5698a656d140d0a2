"""Packs of reports: ordered by a coordinator, made by the worker, taken home as one file."""

from collections.abc import Iterator
from typing import Any, BinaryIO
from uuid import UUID

from services.territory.queries import packs as queries
from services.territory.queries.report_subjects import MOST_UNITS
from services.territory.rules.access import PUBLISHERS
from services.territory.use_cases.pack_reports import cancel_pack, make_again, order_pack, pack_of, remove_pack
from services.territory.use_cases.print_many import PACKED
from services.territory.use_cases.print_report import FORMATS
from shared import files, places
from shared.kernel import NotFound
from shared.web import Call, Download, Input, Output, Page, Resource, fields

resource = Resource("report_packs", prefix="/report-packs", description="Many reports together, once or every month.")
_PIECE = 1 << 20


class PackIn(Input):
    """The reports of these `kinds` of every place in `units`; `monthly`: made anew at the beginning of each month."""

    title = fields.String(maximum=120, pattern=r"[^/\\\x00-\x1f]+", required=True)
    units = fields.List(fields.String(pattern=places.UNIT, maximum=6), minimum=1, maximum=MOST_UNITS, required=True)
    kinds = fields.List(fields.Code(PACKED), minimum=1, maximum=len(PACKED), required=True)
    form = fields.Code(FORMATS, load_default="pdf")
    language = fields.Code(["es", "en"], load_default="es")
    monthly = fields.Boolean(load_default=False)


class PackOut(Output):
    """`job`: how its making stands (state, done of total); `file_month`: the month, YYYY-MM, whose reports are in its
    file.
    """

    id = fields.Id()
    version = fields.Integer()
    title = fields.String()
    units = fields.List(fields.String())
    kinds = fields.List(fields.Code(PACKED))
    form = fields.Code(FORMATS)
    language = fields.String()
    monthly = fields.Boolean()
    asked_month = fields.String()
    file_month = fields.String(allow_none=True)
    has_file = fields.Boolean()
    job = fields.Anything(allow_none=True)
    made_by_name = fields.String()
    made_at = fields.Moment()


@resource.get(returns=PackOut, paged=True, allow=PUBLISHERS, scoped=False)
def list_(call: Call) -> Page:
    """The caller's packs, latest first."""
    return queries.list_packs(call.session, call.caller, limit=call.limit, after=call.after)


@resource.post(body=PackIn, returns=PackOut, allow=PUBLISHERS)
def order(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Order a pack; the worker begins at once."""
    return queries.pack_row(call.session, order_pack(call.session, call.caller, **body))


@resource.get("/<uuid:pack_id>", returns=PackOut, allow=PUBLISHERS, scoped=False)
def show(call: Call, pack_id: UUID) -> dict[str, Any]:
    """How a pack of the caller's stands."""
    return queries.pack_row(call.session, pack_of(call.session, call.caller, pack_id))


@resource.post("/<uuid:pack_id>/making", status=200, returns=PackOut, if_match=True, allow=PUBLISHERS, scoped=False)
def make(call: Call, pack_id: UUID) -> dict[str, Any]:
    """Have it made again of what is published now."""
    return queries.pack_row(call.session, make_again(call.session, call.caller, pack_id, version=call.if_match))


@resource.post("/<uuid:pack_id>/cancel", status=200, returns=PackOut, allow=PUBLISHERS, scoped=False)
def cancel(call: Call, pack_id: UUID) -> dict[str, Any]:
    """Stop making it; the file it had stays."""
    return queries.pack_row(call.session, cancel_pack(call.session, call.caller, pack_id))


@resource.get("/<uuid:pack_id>/file", download=True, allow=PUBLISHERS, scoped=False)
def download(call: Call, pack_id: UUID) -> Download:
    """Its reports, as one zip."""
    pack = pack_of(call.session, call.caller, pack_id)
    if pack.file_id is None:
        raise NotFound("report_pack.no_file")
    stored = files.find(call.session, pack.file_id)
    content = files.opened(call.session, stored.id)
    return Download(_pieces(content), stored.name, stored.media_type, size=stored.size)


@resource.delete("/<uuid:pack_id>", allow=PUBLISHERS, scoped=False)
def remove(call: Call, pack_id: UUID) -> None:
    """The pack and its file are no more."""
    remove_pack(call.session, call.caller, pack_id, version=call.if_match)


def _pieces(content: BinaryIO) -> Iterator[bytes]:
    with content:
        while piece := content.read(_PIECE):
            yield piece

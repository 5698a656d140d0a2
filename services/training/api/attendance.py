"""Attendance: the list of a session, marks, printed sheets with a QR in each row, and the hours of a group."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.training.api.names import with_names
from services.training.api.schemas import READERS, TEAM, MemberOut
from services.training.api.sessions import SessionOut, SessionRow
from services.training.composition import Composition
from services.training.documents.attendance_sheet import printed
from services.training.queries import attendance as queries
from services.training.queries.sessions import show_session
from services.training.reference.sessions import limits
from services.training.rules.attendance import OFFLINE, PAGE, STATUSES, WAYS
from services.training.use_cases.mark_attendance import mark_attendance
from services.training.use_cases.print_sheet import issue_sheet, mark_by_row, revoke_sheet
from shared.web import Call, Input, Output, Resource, fields
from shared.web.resource import Download

resource = Resource("attendance", prefix="/sessions", description="Who was at a session.")
hours = Resource("group_hours", prefix="/groups", description="The hours of the women of a group.")
sheet_rows = Resource("sheet_rows", prefix="/sheet-rows", description="Rows of printed lists, opened by their QR.")

_LAST_MOMENT = 4_102_444_800_000
"""The end of the year 2099, in milliseconds."""


class MarkIn(Input):
    """`mark_id` is made by who sends the mark: sent again, it is noted once. `marked_ms`: when it was noted, in
    milliseconds since 1970, where that was before it could be sent. `seen`: the mark that stood when it was noted.
    `minutes` are all of the session's for who was present, unless told. `reason`: why it comes after the closing.
    """

    mark_id = fields.Id(required=True)
    entrepreneur_id = fields.Id(required=True)
    status = fields.Code(STATUSES, required=True)
    minutes = fields.Integer(minimum=0, maximum=20_160, allow_none=True)
    marked_ms = fields.Integer(minimum=0, maximum=_LAST_MOMENT, allow_none=True)
    seen = fields.Id(allow_none=True)
    way = fields.Code((PAGE, OFFLINE), load_default=PAGE)
    reason = fields.String(maximum=400, minimum=0, allow_none=True)


class RowMarkIn(Input):
    mark_id = fields.Id(required=True)
    status = fields.Code(STATUSES, required=True)
    minutes = fields.Integer(minimum=0, maximum=20_160, allow_none=True)


class MarkOut(Output):
    """`by`: sheet and row ("1/7") of a mark that came through a printed list."""

    id = fields.Id()
    status = fields.Code(STATUSES)
    minutes = fields.Integer()
    marked_at = fields.Moment()
    received_at = fields.Moment()
    by = fields.String(allow_none=True)
    by_name = fields.String()
    way = fields.Code(WAYS)
    reason = fields.String(allow_none=True)
    contradicts = fields.Boolean()
    stands = fields.Boolean()


class MarkedOut(Output):
    """The mark as it is kept, and whether it stands: a later one may have come before it."""

    id = fields.Id()
    session_id = fields.Id()
    entrepreneur_id = fields.Id()
    status = fields.Code(STATUSES)
    minutes = fields.Integer()
    contradicts = fields.Boolean()
    stands = fields.Boolean()


class RosterRow(MemberOut):
    mark = fields.Nested(MarkOut, allow_none=True)
    contradicted = fields.Boolean()
    history = fields.List(fields.Nested(MarkOut))


class RosterOut(SessionRow):
    """`kept_hours`: for how long a phone may keep this list to open it without a line."""

    kept_hours = fields.Integer()
    women = fields.List(fields.Nested(RosterRow))


class HoursRow(MemberOut):
    minutes = fields.Integer()
    percent = fields.Number(minimum=0, maximum=100, allow_none=True)
    completes = fields.Boolean()


class HoursOut(Output):
    """`share_percent` is the rule in force: of the minutes held, to have completed."""

    group_id = fields.Id()
    sessions = fields.Integer()
    held_minutes = fields.Integer()
    person_minutes = fields.Integer()
    person_sessions = fields.Integer()
    completing = fields.Integer()
    share_percent = fields.Integer()
    rule_source = fields.String()
    members = fields.List(fields.Nested(HoursRow))


class SheetRowOut(Output):
    """Whose row it is stands on the paper, not here."""

    title = fields.String()
    first_day = fields.Day()
    last_day = fields.Day()
    starts = fields.String()
    ends = fields.String()
    place = fields.String()
    minutes = fields.Integer()
    line = fields.Integer()
    sheet = fields.Integer()
    group_number = fields.Integer()
    group_name = fields.String()
    status = fields.Code(STATUSES, allow_none=True)
    begun = fields.Boolean()


@resource.get("/<uuid:session_id>/attendance", returns=RosterOut, allow=READERS)
def show(call: Call, session_id: UUID) -> dict[str, Any]:
    """The women of the session's group, by name, with the mark that stands and all others."""
    found = show_session(call.session, call.caller, session_id)
    women = _by_name(with_names(call, queries.roster(call.session, found)))
    return found | {"kept_hours": limits().kept_hours, "women": women}


@resource.post("/<uuid:session_id>/marks", body=MarkIn, returns=MarkedOut, allow=TEAM)
def mark(call: Call, body: dict[str, Any], session_id: UUID) -> dict[str, Any]:
    """Note who was there; a woman of another group is refused."""
    noted = body.pop("marked_ms", None)
    moment = None if noted is None else datetime.fromtimestamp(noted / 1000, UTC)
    made = mark_attendance(call.session, call.caller, session_id=session_id, marked_at=moment, **body)
    return _row(made)


def _in_order(call: Call, session_id: UUID) -> list[UUID]:
    """The women as the list shows them: their names are asked for before anything is locked."""
    found = show_session(call.session, call.caller, session_id)
    rows = queries.members(call.session, found)
    stored = [row["entrepreneur_id"] for row in rows]
    named = [{**row, "stored": one} for row, one in zip(with_names(call, rows), stored, strict=True)]
    return [row["stored"] for row in _by_name(named)]


@resource.post("/<uuid:session_id>/sheets", returns=SessionOut, before=_in_order, allow=TEAM)
def issue(call: Call, session_id: UUID) -> dict[str, Any]:
    """A list to print, with a QR in each row."""
    issue_sheet(call.session, call.caller, session_id=session_id, members=call.prepared)
    return show_session(call.session, call.caller, session_id)


@resource.get("/<uuid:session_id>/sheets/<uuid:sheet_id>/document", download=True, allow=TEAM)
def document(call: Call, session_id: UUID, sheet_id: UUID) -> Download:
    """The list as a PDF."""
    found = show_session(call.session, call.caller, session_id)
    sheet, rows = queries.sheet_rows(call.session, session_id, sheet_id)
    context: Composition = call.context
    content = printed(
        found, sheet, with_names(call, rows), key=context.signing, public_url=context.public_url, language=call.language
    )
    return Download(content, f"asistencia-{found['group_number']}-{sheet.number}.pdf", "application/pdf")


@resource.post("/<uuid:session_id>/sheets/<uuid:sheet_id>/revocation", returns=SessionOut, status=200, allow=TEAM)
def revoke(call: Call, session_id: UUID, sheet_id: UUID) -> dict[str, Any]:
    """The list was lost: its rows open no more."""
    revoke_sheet(call.session, call.caller, session_id=session_id, sheet_id=sheet_id)
    return show_session(call.session, call.caller, session_id)


@hours.get("/<uuid:group_id>/hours", returns=HoursOut, allow=READERS)
def of_group(call: Call, group_id: UUID) -> dict[str, Any]:
    """The hours held and those of each woman, and who completed by the rule in force."""
    found = queries.group_hours(call.session, call.caller, group_id)
    return found | {"members": with_names(call, found["members"])}


@sheet_rows.get("/<string(maxlength=64):token>", returns=SheetRowOut, allow={"service"}, scoped=False)
def show_row(call: Call, token: str) -> dict[str, Any]:
    """For the portal: the row that a QR leads to, without anybody's name."""
    return queries.show_row(call.session, token, _key(call))


@sheet_rows.post(
    "/<string(maxlength=64):token>/marks", body=RowMarkIn, returns=SheetRowOut, allow={"service"}, scoped=False
)
def mark_row(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    """For the portal: a mark by who holds the sheet."""
    mark_by_row(call.session, token, _key(call), **body)
    return queries.show_row(call.session, token, _key(call))


def _by_name(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """By name; who cannot be named stands at the end."""
    return sorted(rows, key=lambda row: (row["name"] is None, (row["name"] or "").casefold()))


def _row(made: Any) -> dict[str, Any]:
    names = ("id", "session_id", "entrepreneur_id", "status", "minutes", "contradicts", "stands")
    return {name: getattr(made, name) for name in names}


def _key(call: Call) -> bytes:
    context: Composition = call.context
    return context.signing

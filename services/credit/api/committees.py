"""The committees of a fund and who sits on them."""

from typing import Any
from uuid import UUID

from services.credit.api import MINUTES_READERS, READERS
from services.credit.models.committees import POSITIONS, RELATIONS
from services.credit.queries import sessions as queries
from services.credit.queries.sessions import KEEPERS
from services.credit.rules.governance import FARTHEST_DEGREE, SEATED
from services.credit.use_cases import find, form_committee
from shared import files
from shared.kernel import Forbidden, NotFound
from shared.papers import LARGEST_FILE
from shared.web import Call, Download, Input, Output, Resource, fields

resource = Resource("committees", prefix="/committees", description="Committees and their seats.")
KINDS = tuple(SEATED)
CONSTITUENCIES = SEATED["trust_fund"]
DECLARERS = frozenset({"coordinator", "committee_member", "trust_fund_member"})


class CommitteeIn(Input):
    fund_id = fields.Id(required=True)
    name = fields.String(required=True)
    kind = fields.Code(KINDS, load_default="credit")


class SeatIn(Input):
    constituency = fields.Code(CONSTITUENCIES, required=True)
    position = fields.Code(POSITIONS, required=True)
    subject = fields.String(maximum=100, required=True)
    name = fields.String(required=True)
    organization = fields.String(required=True)
    since = fields.Day(required=True)
    until = fields.Day(load_default=None, allow_none=True)
    alternate_for = fields.Id(load_default=None, allow_none=True)


class InterestIn(Input):
    entrepreneur_id = fields.Id(required=True)
    relation = fields.Code(RELATIONS, required=True)
    degree = fields.Integer(minimum=1, maximum=FARTHEST_DEGREE, load_default=None, allow_none=True)


class SeatOut(Output):
    id = fields.Id()
    constituency = fields.Code(CONSTITUENCIES)
    position = fields.Code(POSITIONS)
    name = fields.String()
    organization = fields.String()
    since = fields.Day()
    until = fields.Day(allow_none=True)
    alternate_for_id = fields.Id(allow_none=True)
    alternate_for = fields.String(allow_none=True)
    account = fields.String(allow_none=True)
    mandate = fields.Boolean()


class InterestOut(Output):
    entrepreneur_id = fields.Id()
    relation = fields.Code(RELATIONS)
    degree = fields.Integer(allow_none=True)


class SeatWithInterests(SeatOut):
    interests = fields.List(fields.Nested(InterestOut))


class CommitteeOut(Output):
    id = fields.Id()
    fund_id = fields.Id()
    name = fields.String()
    kind = fields.Code(KINDS)
    seats = fields.List(fields.Nested(SeatOut))
    coming = fields.List(fields.Nested(SeatOut))
    version = fields.Integer()


@resource.get(returns=CommitteeOut, allow=READERS | {"admin"})
def list_committees_(call: Call) -> list[dict[str, Any]]:
    """The committees of the caller's territory."""
    return queries.committees(call.session, call.caller)


@resource.post(body=CommitteeIn, returns=CommitteeOut, allow=KEEPERS)
def form_committee_(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Form the credit committee of a fund or, as an administrator, its Trust Fund Committee."""
    return queries.committee(form_committee.form_committee(call.session, call.caller, **body), call.caller)


@resource.get("/<uuid:committee_id>", returns=CommitteeOut, allow=READERS | {"admin"})
def show_committee_(call: Call, committee_id: UUID) -> dict[str, Any]:
    """One committee."""
    return queries.committee(find.committee(call.session, call.caller, committee_id), call.caller)


@resource.post("/<uuid:committee_id>/seats", body=SeatIn, returns=SeatOut, allow=KEEPERS)
def take_seat_(call: Call, body: dict[str, Any], committee_id: UUID) -> dict[str, Any]:
    """Give a mandate to the holder of an account; of the Trust Fund Committee, an administrator does."""
    seat = form_committee.take_seat(call.session, call.caller, committee_id=committee_id, **body)
    return _seat(call, committee_id, seat.id)


@resource.post("/<uuid:committee_id>/seats/<uuid:seat_id>/end", returns=SeatOut, status=200, allow=KEEPERS)
def end_mandate_(call: Call, committee_id: UUID, seat_id: UUID) -> dict[str, Any]:
    """End a mandate today."""
    form_committee.end_mandate(call.session, call.caller, committee_id=committee_id, seat_id=seat_id)
    return _seat(call, committee_id, seat_id)


@resource.post("/<uuid:committee_id>/seats/<uuid:seat_id>/mandate", upload=LARGEST_FILE, returns=SeatOut, allow=KEEPERS)
def keep_mandate_(call: Call, committee_id: UUID, seat_id: UUID) -> dict[str, Any]:
    """Keep the paper by which she was sent: a PDF or a picture."""
    assert call.upload is not None
    form_committee.keep_mandate(
        call.session,
        call.caller,
        committee_id=committee_id,
        seat_id=seat_id,
        name=call.upload.name,
        content=call.upload.content,
    )
    return _seat(call, committee_id, seat_id)


@resource.get("/<uuid:committee_id>/seats/<uuid:seat_id>/mandate", download=True, allow=MINUTES_READERS | KEEPERS)
def download_mandate_(call: Call, committee_id: UUID, seat_id: UUID) -> Download:
    """The paper by which she was sent; of the Trust Fund Committee for who sits there, keeps committees or oversees."""
    seat = find.mandate_to_read(call.session, call.caller, committee_id, seat_id)
    if seat.mandate_file_id is None:
        raise NotFound("file.unknown")
    file = files.find(call.session, seat.mandate_file_id)
    return Download(files.read(call.session, file.id), file.name, file.media_type, inline=True)


@resource.get(
    "/<uuid:committee_id>/seats/<uuid:seat_id>/interests",
    returns=SeatWithInterests,
    allow=DECLARERS,
)
def show_interests_(call: Call, committee_id: UUID, seat_id: UUID) -> dict[str, Any]:
    """A seat with what its holder declared; her own, or any for the coordinator."""
    body = find.committee(call.session, call.caller, committee_id)
    seat = body.seat(seat_id)
    if seat.subject != call.caller.subject and not call.caller.has("coordinator"):
        raise Forbidden("committee.only_herself", name=seat.name)
    return queries.seat_with_interests(seat, body, call.caller)


@resource.post(
    "/<uuid:committee_id>/seats/<uuid:seat_id>/interests",
    body=InterestIn,
    returns=SeatOut,
    allow=DECLARERS,
)
def declare_interest_(call: Call, body: dict[str, Any], committee_id: UUID, seat_id: UUID) -> dict[str, Any]:
    """Declare that the holder of a seat is, or is close to, an entrepreneur."""
    form_committee.declare_interest(call.session, call.caller, committee_id=committee_id, seat_id=seat_id, **body)
    return _seat(call, committee_id, seat_id)


def _seat(call: Call, committee_id: UUID, seat_id: UUID) -> dict[str, Any]:
    body = find.committee(call.session, call.caller, committee_id)
    return queries.seat(body.seat(seat_id), body, call.caller)

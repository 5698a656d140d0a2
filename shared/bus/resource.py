"""Parked events for the portal's page: what was set aside and why, try it again, give it up."""

from typing import Any, Final

from shared.bus import parked, state
from shared.bus.tables import event_parked
from shared.settings import SERVICES
from shared.web import Call, Input, Output, Page, Query, Resource, fields, keyset_page

READERS: Final = frozenset({"admin", "auditor"})
_AT: Final = f"/<any({','.join(SERVICES)}):source>/<int(max={2**62}):position>"

resource = Resource(
    "parked-events",
    prefix="/parked-events",
    description="Events of other services that could not be applied, and those held behind them.",
)
sources = Resource(
    "event-sources", prefix="/event-sources", description="How far the events of other services were taken."
)


class ParkedOut(Output):
    source = fields.String()
    position = fields.Integer()
    id = fields.Id()
    type = fields.String()
    subject = fields.Id()
    state = fields.Code(["failing", "held", "given_up", "discarded"])
    attempts = fields.Integer()
    error = fields.String(maximum=4000)
    next_attempt = fields.Moment(allow_none=True)
    parked_at = fields.Moment()
    discarded_at = fields.Moment(allow_none=True)
    discarded_by = fields.String(allow_none=True)
    discard_reason = fields.String(allow_none=True)


class ParkedEventOut(ParkedOut):
    envelope = fields.Anything()


class ParkedQuery(Query):
    source = fields.Code(SERVICES)
    discarded = fields.Boolean()


class DiscardIn(Input):
    reason = fields.String(required=True, maximum=500)


class SourceOut(Output):
    source = fields.String()
    position = fields.Integer()
    head = fields.Integer()
    behind = fields.Integer()
    parked = fields.Integer()
    stopped = fields.String(allow_none=True, maximum=1000)
    changed_at = fields.Moment()


@resource.get("", query=ParkedQuery, returns=ParkedOut, paged=True, allow=READERS, scoped=False)
def list_parked_events(call: Call) -> Page:
    """Events that wait, by source and position; with `discarded=true` those given up too."""
    wanted = parked.rows(source=call.query.get("source"), with_discarded=call.query.get("discarded", False))
    keys = (event_parked.c.source, event_parked.c.position)
    return keyset_page(call.session, wanted, keys=keys, limit=call.limit, after=call.after)


@resource.get(_AT, returns=ParkedEventOut, allow=READERS, scoped=False)
def get_parked_event(call: Call, source: str, position: int) -> dict[str, Any]:
    """One event that waits or was given up, with what it says (personal fields left out)."""
    return parked.shown(call.session, source, position)


@resource.post(f"{_AT}/retry", status=204, allow={"admin"}, scoped=False)
def retry_parked_event(call: Call, source: str, position: int) -> None:
    """The event is due now; the worker tries it within seconds."""
    parked.retry(call.session, call.caller, source, position)


@resource.post(f"{_AT}/discard", status=204, body=DiscardIn, allow={"admin"}, scoped=False)
def discard_parked_event(call: Call, body: dict[str, Any], source: str, position: int) -> None:
    """The event is given up for ever; what was held behind it is due."""
    parked.discard(call.session, call.caller, source, position, reason=body["reason"])


@sources.get("", returns=SourceOut, allow=READERS, scoped=False)
def list_event_sources(call: Call) -> list[dict[str, Any]]:
    """Per source: the position taken, where its log ends, what is parked, and why it is refused."""
    return state.sources(call.session)

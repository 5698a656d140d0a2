"""Calendar feeds: an address of one's own, under which a calendar program reads the sessions."""

from functools import partial
from typing import Any
from uuid import UUID

from services.training.api.schemas import READERS
from services.training.composition import Composition
from services.training.queries import sessions as queries
from services.training.rules.icalendar import feed
from services.training.use_cases.share_calendar import revoke_calendar, share_calendar
from shared.kernel import NotFound
from shared.web import Call, Input, Output, Resource, fields
from shared.web.problems import Unfit
from shared.web.resource import Download

resource = Resource("calendar_links", prefix="/calendar-links", description="Calendars of sessions.")

_TYPE = "text/calendar; charset=utf-8"


class CalendarIn(Input):
    """All sessions of the caller's territory, or those of one group."""

    group_id = fields.Id(allow_none=True)
    language = fields.Code(["es", "en"], load_default="es")


class CalendarOut(Output):
    """`token` stands in the address; whoever has it reads the sessions, which name nobody."""

    id = fields.Id()
    group_id = fields.Id(allow_none=True)
    group_name = fields.String(allow_none=True)
    language = fields.String()
    expires_on = fields.Day()
    revoked_on = fields.Day(allow_none=True)
    made_at = fields.Moment()
    shown = fields.Boolean()
    token = fields.String()


@resource.get(returns=CalendarOut, scoped=False, allow=READERS)
def list_(call: Call) -> list[dict[str, Any]]:
    """The caller's own calendars."""
    return queries.list_calendars(call.session, call.caller, _context(call).signing)


@resource.post(body=CalendarIn, returns=CalendarOut, scoped=False, allow=READERS)
def share(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """An address for a calendar program."""
    link = share_calendar(call.session, call.caller, **body)
    return queries.calendar_row(call.session, link, _context(call).signing)


@resource.post("/<uuid:calendar_link_id>/revocation", returns=CalendarOut, status=200, scoped=False, allow=READERS)
def revoke(call: Call, calendar_link_id: UUID) -> dict[str, Any]:
    """Show nothing under this address any more."""
    link = revoke_calendar(call.session, call.caller, calendar_link_id)
    return queries.calendar_row(call.session, link, _context(call).signing)


@resource.get("/<string(maxlength=64):token>/calendar", download=True, allow={"service"}, scoped=False)
def calendar(call: Call, token: str) -> Download:
    """For the portal: the sessions as a calendar program reads them (iCalendar), of its maker's territory of today.
    Nothing is shown where she works no more; 503 while the portal does not say.
    """
    context = _context(call)
    link = queries.opened_calendar(call.session, token, context.signing)
    scope = context.directory.scope_of(link.owner, READERS)
    if scope is None:
        raise Unfit(503, "calendar.not_now")
    if not scope.units:
        raise NotFound("calendar.not_shown")
    say = partial(context.sentence, language=link.language)
    name = say("calendar.name")
    return Download(feed(name, queries.entries(call.session, link, scope, say)), "csem.ics", _TYPE)


def _context(call: Call) -> Composition:
    context: Composition = call.context
    return context

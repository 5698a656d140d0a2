"""The visits of a week, and the hours of technical assistance."""

from typing import Any

from services.registry.api.accompaniment_schemas import AgendaQuery, AgendaVisitOut, HoursQuery, HoursTotalOut
from services.registry.queries import agenda as queries
from services.registry.rules.visibility import EDITORS
from shared.web import Call, Page, Resource

_TEAM = EDITORS | {"network_coordinator", "auditor"}

resource = Resource("agenda", prefix="/accompaniments", description="Whom to visit when, and what was given.")


@resource.get("/agenda", query=AgendaQuery, returns=AgendaVisitOut, paged=True, allow=_TEAM)
def show_week(call: Call) -> Page:
    """The visits of one week in order of day; those of this week after the ones that are late."""
    return queries.week_of(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/hours", query=HoursQuery, returns=HoursTotalOut, allow=_TEAM)
def add_up(call: Call) -> dict[str, Any]:
    """Visits and minutes of technical assistance between two days, by technician, need, accompaniment or month; a visit
    that answers several needs is divided among them.
    """
    return queries.hours(call.session, call.caller, call.query)

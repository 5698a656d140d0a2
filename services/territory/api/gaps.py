"""Gaps: what keeps the levels of chains low, as credit and training were told of it."""

from typing import Any

from services.territory.api.places import UNIT_CODE, UnitsQuery
from services.territory.queries.gaps import list_gaps
from services.territory.rules.access import EXACT_FIGURES, PUBLISHERS
from services.territory.use_cases.announce_gaps import Announced, announce_gaps
from shared.events.vocabulary import CHAINS, SUBJECTS
from shared.web import Call, Input, Output, Page, Resource, fields

resource = Resource("gaps", prefix="/gaps", description="What keeps levels low, and was announced as demand.")


class GapOut(Output):
    subject = fields.Code(SUBJECTS)
    enterprises = fields.Integer()
    women = fields.Integer()
    known = fields.Integer()


class GapsOut(Output):
    """`gaps`: of how many enterprises the level is `known`, how many are weak, and how many women work in these."""

    id = fields.Id()
    unit = fields.String()
    chain = fields.Code(CHAINS)
    gaps = fields.List(fields.Nested(GapOut))
    found_on = fields.Day()


class AnnouncementIn(Input):
    """`unit`: of these only; the caller's whole territory without any."""

    unit = fields.List(fields.String(pattern=UNIT_CODE, maximum=6), maximum=40, load_default=list)


class AnnouncementOut(Output):
    announced = fields.Integer()
    unchanged = fields.Integer()


@resource.get(query=UnitsQuery, returns=GapsOut, paged=True, allow=EXACT_FIGURES)
def list_(call: Call) -> Page:
    """The gaps as they were announced last, by municipality and chain."""
    return list_gaps(call.session, call.caller, call.query.get("unit"), limit=call.limit, after=call.after)


@resource.post("/announcements", body=AnnouncementIn, returns=AnnouncementOut, status=200, allow=PUBLISHERS)
def announce(call: Call, body: dict[str, Any]) -> Announced:
    """Announce now what changed since the last time; the night does it anyway."""
    return announce_gaps(call.session, call.caller, body["unit"] or None)

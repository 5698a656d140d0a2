"""Maps shown to others: a link that a coordinator makes, and what is seen through it."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from services.territory.api.map_schemas import MapOut, WhichMap
from services.territory.api.maps import making_of
from services.territory.composition import Composition
from services.territory.models.map_links import MAP_LINK_STATES
from services.territory.queries import map_links as queries
from services.territory.queries.map_figures import Published
from services.territory.queries.maps import Dots, Sheet, complete_map
from services.territory.rules.access import PUBLISHERS
from services.territory.use_cases.share_map import revoke_link, share_map
from shared import places
from shared.web import Call, Input, Output, Page, Resource, fields

resource = Resource("map_links", prefix="/map-links", description="Links through which others show a map.")


class MapLinkIn(Input):
    """`expires_on`: the last day on which the map is shown. Hexagons are of points, and are not shown to others."""

    unit = fields.String(pattern=places.UNIT, maximum=6, required=True)
    map = fields.Nested(WhichMap, required=True)
    purpose = fields.String(maximum=200, required=True)
    language = fields.Code(["es", "en"], load_default="es")
    expires_on = fields.Day(required=True)


class MapLinkOut(Output):
    """`token` stands in the address; whoever has it sees the map."""

    id = fields.Id()
    version = fields.Integer()
    unit = fields.String()
    place = fields.String()
    map = fields.Anything()
    purpose = fields.String()
    language = fields.String()
    state = fields.Code(MAP_LINK_STATES)
    expires_on = fields.Day()
    revoked_on = fields.Day(allow_none=True)
    made_by_name = fields.String()
    made_at = fields.Moment()
    token = fields.String()


class SharedMapOut(MapOut):
    language = fields.String()
    expires_on = fields.Day()


@resource.get(returns=MapLinkOut, paged=True, allow=PUBLISHERS)
def list_(call: Call) -> Page:
    """The links to maps of the caller's territory, latest first."""
    return queries.list_links(call.session, call.caller, _key(call), limit=call.limit, after=call.after)


def require_drawable(call: Call, body: Mapping[str, Any]) -> None:
    """The map can be drawn of published figures now: what would show nothing but a refusal is refused at once."""
    complete_map(making_of(call, {**body["map"], "unit": [body["unit"]]}, Published), Sheet(), Dots())


@resource.post(body=MapLinkIn, returns=MapLinkOut, before=require_drawable, allow=PUBLISHERS)
def share(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Let others show a map of published figures until a day."""
    which = as_kept(body.pop("map"))
    return queries.link_row(share_map(call.session, call.caller, which=which, **body), _key(call))


@resource.post("/<uuid:link_id>/revocation", returns=MapLinkOut, if_match=True, status=200, allow=PUBLISHERS)
def revoke(call: Call, link_id: UUID) -> dict[str, Any]:
    """Show the map through this link no more."""
    return queries.link_row(revoke_link(call.session, call.caller, link_id, version=call.if_match), _key(call))


@resource.get("/<string(maxlength=64):token>/map", returns=SharedMapOut, allow={"service"}, scoped=False)
def shared(call: Call, token: str) -> dict[str, Any]:
    """For the portal: the map that an address leads to, of the newest figures published. Strangers publish nothing:
    until the night has published this month's, they see those before.
    """
    link = queries.opened(call.session, token, _key(call))
    asked = {**_read(link.map), "unit": [link.unit]}
    making = making_of(call, asked, Published, language=link.language, publishes=False)
    return {
        **asdict(complete_map(making, Sheet(), Dots())),
        "measure": making.wanted.measure,
        "as_of": making.source.as_of,
        "published": making.source.published,
        "unit": [link.unit],
        "points_seen": None,
        "points_drawn": 0,
        "offers": {"per": [], "item": []},
        "language": link.language,
        "expires_on": link.expires_on,
    }


def as_kept(which: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as a link keeps them."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in which.items()}


def _read(kept: dict[str, Any]) -> dict[str, Any]:
    """The parameters as they were when the link was made."""
    days = ("since", "until", "recorded_from", "recorded_until")
    return {name: date.fromisoformat(value) if name in days else value for name, value in kept.items()}


def _key(call: Call) -> bytes:
    context: Composition = call.context
    return context.signing

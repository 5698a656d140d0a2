"""Enterprises as features: exact for the technical team, masked for the other readers of points, for nobody else."""

from uuid import UUID

from flask import Response

from services.territory.api.ogc.answers import (
    FEATURES,
    PLAIN,
    QUERYABLES,
    Format,
    wants_html,
)
from services.territory.api.ogc.asking import ItemsQuery, box_of, days_of, filter_of, unfit
from services.territory.api.ogc.collections import ENTERPRISES, about, queryables
from services.territory.api.ogc.paging import told_alone, told_page, told_ready
from services.territory.api.places import UnitsQuery
from services.territory.queries import features, ready_features, views
from services.territory.queries.features import SIGHTS, Sight, Wanted
from services.territory.rules.access import POINT_READERS, sees_points
from services.territory.rules.features import feature
from services.territory.rules.filtering import BadFilter
from shared.events.vocabulary import CHAINS, LINKS, NEEDS, PLACE_STATES, VALIDATION_STATES
from shared.kernel import Invalid, NotFound
from shared.web import Call, Resource, Unfit, fields

resource = Resource("ogc-enterprises", prefix="/ogc/collections/enterprises", description="Enterprises as features.")


class EnterprisesQuery(UnitsQuery):
    chain = fields.Code(CHAINS)
    link = fields.Code(LINKS)
    need = fields.Code(NEEDS)
    validation = fields.Code(VALIDATION_STATES)
    place_state = fields.Code(PLACE_STATES)


class EnterpriseItems(ItemsQuery, EnterprisesQuery):  # type: ignore[misc, valid-type]
    """What of the enterprises is asked for."""


@resource.get(query=Format, media=PLAIN, scoped=False, allow=POINT_READERS)
def show(call: Call) -> Response:
    """What the collection of enterprises is."""
    return about(call, ENTERPRISES)


@resource.get("/queryables", query=Format, media=QUERYABLES, scoped=False, allow=POINT_READERS)
def list_queryables(call: Call) -> Response:
    """What a filter may name: what its caller reads, and the place at which she sees it."""
    return queryables(call, ENTERPRISES)


@resource.get("/items", query=EnterpriseItems, media=FEATURES, allow=POINT_READERS)
def list_(call: Call) -> Response:
    """Enterprises as GeoJSON, page by page along a curve through the territory; `next` among the links leads on.

    Auditors, LEDA viewers, credit officers and trainers get masked places, of women who agreed to be on the map;
    their box and their filter are held against the masked places.
    """
    sight, after = sight_of(call), call.query.get("after")
    wanted, limit = wanted_of(call, sight), call.query.get("limit", 10)
    try:
        if ready_features.is_ready(wanted) and not wants_html(call):
            ready = ready_features.page_of(call.session, sight, wanted, limit=limit, after=after)
            return told_ready(call, ENTERPRISES.id, ready)
        page = features.page_of(call.session, sight, wanted, limit=limit, after=after)
    except BadFilter as bad:
        raise unfit(bad) from None
    except Invalid as wrong:
        raise Unfit(400, wrong.code, **wrong.facts) from None
    return told_page(call, ENTERPRISES.id, [feature(row, sight.name) for row in page.rows], page.next)


@resource.get("/items/<uuid:enterprise_id>", query=Format, media=FEATURES, allow=POINT_READERS)
def get(call: Call, enterprise_id: UUID) -> Response:
    """One enterprise as GeoJSON."""
    sight = sight_of(call)
    row = features.one(call.session, sight, views.units_asked(call.caller, None), enterprise_id)
    if row is None:
        raise NotFound("features.unknown")
    return told_alone(call, ENTERPRISES.id, feature(row, sight.name))


def sight_of(call: Call) -> Sight:
    """How the caller sees enterprises."""
    return SIGHTS[sees_points(call.caller.roles) or "masked"]


def wanted_of(call: Call, sight: Sight) -> Wanted:
    """What the request asks for, inside the caller's territory."""
    return Wanted(
        units=views.units_asked(call.caller, call.query.get("unit")),
        equal={name: call.query[name] for name in ("chain", "validation", "place_state") if name in call.query},
        link=call.query.get("link"),
        need=call.query.get("need"),
        box=box_of(call),
        days=days_of(call),
        passing=filter_of(call, features.filterable(sight)),
    )

"""Lists of the inventory that people keep under a name."""

from typing import Any
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from services.registry.api.filter_schemas import EnterpriseQuery
from services.registry.models import SavedView
from services.registry.queries import saved_views as queries
from services.registry.queries.filters import require_readable
from services.registry.rules.visibility import READERS, view_of
from services.registry.use_cases.keep_view import drop_view, keep_view
from shared.kernel import Invalid, Refused
from shared.web import Call, Input, Output, Resource, fields
from shared.web.schemas import reader

resource = Resource("saved-views", prefix="/saved-views", description="Lists of the inventory kept under a name.")

_PEOPLE = READERS - {"service"}


class ViewIn(Input):
    """`query` are the parameters of `GET /enterprises` as they stand in an address: `need=credit&sort=name`. With
    `centre_id` a coordinator shares it with all who work there.
    """

    name = fields.String(maximum=80, required=True)
    query = fields.String(maximum=2000, minimum=0, required=True)
    centre_id = fields.Id(allow_none=True, load_default=None)


class ViewOut(Output):
    """`gone` are parameters that mean nothing any more; `query` is without them."""

    id = fields.Id()
    version = fields.Integer()
    name = fields.String()
    query = fields.String()
    gone = fields.List(fields.String())
    mine = fields.Boolean()
    owner_name = fields.String()
    centre_id = fields.Id(allow_none=True)
    centre_name = fields.String(allow_none=True)


@resource.get(returns=ViewOut, allow=_PEOPLE)
def list_(call: Call) -> list[dict[str, Any]]:
    """The caller's own, and those that are shared with a centre of her territory."""
    return [_told(call, view) for view in queries.list_views(call.session, call.caller)]


@resource.post(body=ViewIn, returns=ViewOut, allow=_PEOPLE)
def keep(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Keep a list under a name. Words that were searched for are not kept: they are names of women."""
    return _told(call, keep_view(call.session, call.caller, None, None, **_read(call, body)))


@resource.get("/<uuid:view_id>", returns=ViewOut, allow=_PEOPLE)
def show(call: Call, view_id: UUID) -> dict[str, Any]:
    """One view."""
    return _told(call, queries.show_view(call.session, call.caller, view_id))


@resource.put("/<uuid:view_id>", body=ViewIn, returns=ViewOut, allow=_PEOPLE)
def change(call: Call, body: dict[str, Any], view_id: UUID) -> dict[str, Any]:
    """Another name, other filters, or shared with another centre; the caller's own alone."""
    queries.show_view(call.session, call.caller, view_id)  # whatever is sent, of another's it is not said what is wrong
    return _told(call, keep_view(call.session, call.caller, view_id, call.if_match, **_read(call, body)))


@resource.delete("/<uuid:view_id>", allow=_PEOPLE)
def drop(call: Call, view_id: UUID) -> None:
    """Forget a view of the caller's own."""
    drop_view(call.session, call.caller, view_id, call.if_match)


def _read(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    given = _conditions(body["query"])
    filters = reader(EnterpriseQuery).from_text(given)
    view = view_of(call.caller.roles)
    if view is not None:
        require_readable(call.caller, view, filters)
    return {
        "name": body["name"].strip(),
        "filters": {name: value for name, [value] in given.items()},
        "centre_id": body["centre_id"],
    }


def _conditions(query: str) -> dict[str, list[str]]:
    """Each parameter with all that was said of it, so that none is lost; one that is empty asks for nothing."""
    try:
        return parse_qs(query, strict_parsing=True) if query else {}
    except ValueError:
        raise Invalid("view.unreadable", pointer="/query") from None


def _told(call: Call, view: SavedView) -> dict[str, Any]:
    standing = {name: value for name, value in view.filters.items() if _means(name, value)}
    return {
        "id": view.id,
        "version": view.version,
        "name": view.name,
        "query": urlencode(standing),
        "gone": sorted(set(view.filters) - set(standing)),
        "mine": view.owner == call.caller.subject,
        "owner_name": view.owner_name,
        "centre_id": view.centre_id,
        "centre_name": None if view.centre is None else view.centre.name,
    }


def _means(name: str, value: str) -> bool:
    """Whether a filter that was kept is one today too."""
    try:
        reader(EnterpriseQuery).from_text({name: [value]})
    except (Invalid, Refused):
        return False
    return True

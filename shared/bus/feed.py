"""A service's log, for other services to read.

    GET /internal/events?after=41&limit=200   {"log_id": …, "head": 97, "events": [CloudEvents, …]}   positions 42, 43 …
    GET /internal/events/head                 {"log_id": …, "head": 97}

Internal: under `/internal`, which the gateway does not know, and for service tokens only. It is what makes the broker
dispensable: whoever was not told asks.
"""

from typing import Any, Final

from flask import Blueprint, Response, jsonify, request

from shared.bus.log import Head
from shared.bus.sources import LocalFeed
from shared.database import Database
from shared.kernel import Forbidden, Invalid
from shared.tokens import Keyring, Unauthenticated

MAXIMUM: Final = 1000


def blueprint(database: Database, source: str, keyring: Keyring) -> Blueprint:
    """The two operations, to be registered among the `internal` blueprints of `source`'s application."""
    pages = Blueprint("event_feed", __name__)

    @pages.before_request
    def only_services() -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer":
            raise Unauthenticated("token.missing")
        if keyring.verify(token).roles != {"service"}:
            raise Forbidden("permission.role_missing", needed="service")

    @pages.get("/events")
    def events() -> Response:
        after = _whole("after", 0, 2**62)
        page = LocalFeed(database, source).read(after, _whole("limit", 200, MAXIMUM))
        return jsonify(_told(page.head) | {"events": [event.to_json() for event in page.events]})

    @pages.get("/events/head")
    def head() -> Response:
        return jsonify(_told(LocalFeed(database, source).head()))

    return pages


def _told(head: Head) -> dict[str, Any]:
    return {"log_id": str(head.log_id), "head": head.position}


def _whole(name: str, default: int, maximum: int) -> int:
    given = request.args.get(name, str(default))
    if not (given.isascii() and given.isdecimal() and len(given) < 19 and int(given) <= maximum):
        raise Invalid("query.limit", pointer=f"/{name}", maximum=maximum)
    return int(given)

"""Who needs what."""

from typing import Any

from services.training.api.round_schemas import NeedSourceOut
from services.training.api.schemas import READERS, NeedOut, UnitQuery
from services.training.queries.need_sources import needs_by_source
from services.training.queries.needs import needs_board
from shared.web import Call, Resource

resource = Resource("needs", prefix="/needs", description="Training needs from profiles and from loans.")


@resource.get(query=UnitQuery, returns=NeedOut, allow=READERS)
def list_(call: Call) -> list[dict[str, Any]]:
    """Women by chain and need in the caller's territory, and how many of them are in a group for it already."""
    return needs_board(call.session, call.caller, call.query)


@resource.get("/sources", query=UnitQuery, returns=NeedSourceOut, allow=READERS)
def sources(call: Call) -> list[dict[str, Any]]:
    """Where the needs are known from (profile, loan, level, gap), with the latest day and what each weighs."""
    return needs_by_source(call.session, call.caller, call.query)

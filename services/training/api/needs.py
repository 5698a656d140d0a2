"""Who needs what."""

from typing import Any

from services.training.api.schemas import READERS, NeedOut, UnitQuery
from services.training.queries.needs import needs_board
from shared.web import Call, Resource

resource = Resource("needs", prefix="/needs", description="Training needs from profiles and from loans.")


@resource.get(query=UnitQuery, returns=NeedOut, allow=READERS)
def list_(call: Call) -> list[dict[str, Any]]:
    """Women by chain and need in the caller's territory, and how many of them are in a group for it already."""
    return needs_board(call.session, call.caller, call.query)

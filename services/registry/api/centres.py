"""The service centres for women's enterprises."""

from typing import Any
from uuid import UUID

from services.registry.api.institution_schemas import CentreIn, CentreOut
from services.registry.queries import institutions as queries
from services.registry.rules.visibility import COORDINATORS, READERS
from services.registry.use_cases.run_institutions import write_centre
from shared.web import Call, Resource

resource = Resource("centres", prefix="/centres", description="The centres, what they cover, and their teams.")


@resource.get(returns=CentreOut, allow=READERS)
def list_(call: Call) -> list[dict[str, Any]]:
    """The centres that cover a part of the caller's territory."""
    return queries.list_centres(call.session, call.caller)


@resource.post(body=CentreIn, returns=CentreOut, allow=COORDINATORS)
def open_(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """A new centre with the municipalities it covers and its team."""
    centre = write_centre(call.session, call.caller, None, None, body)
    return queries.show_centre(call.session, call.caller, centre.id)


@resource.get("/<uuid:centre_id>", returns=CentreOut, allow=READERS)
def show(call: Call, centre_id: UUID) -> dict[str, Any]:
    """One centre: host, coverage, team, agreements."""
    return queries.show_centre(call.session, call.caller, centre_id)


@resource.put("/<uuid:centre_id>", body=CentreIn, returns=CentreOut, allow=COORDINATORS)
def change(call: Call, body: dict[str, Any], centre_id: UUID) -> dict[str, Any]:
    """Put a centre right; municipalities of other territories that it covers already stay in the body."""
    write_centre(call.session, call.caller, centre_id, call.if_match, body)
    return queries.show_centre(call.session, call.caller, centre_id)

"""The dashboard of a centre."""

from typing import Any

from services.registry.api.import_schemas import ImportRow
from services.registry.api.institution_schemas import AgreementOut
from services.registry.queries import dashboard as queries
from services.registry.rules.visibility import EDITORS
from shared.web import Call, Output, Query, Resource, fields

resource = Resource("dashboard", prefix="/dashboard", description="What stands and what waits in a centre.")


class DashboardQuery(Query):
    """Without `centre` it is the caller's whole territory."""

    centre = fields.Id()


class CellOut(Output):
    """How many records the filter with this code lists; null where the count is too small to be told."""

    code = fields.String()
    count = fields.Integer(allow_none=True)


class GroupOut(Output):
    name = fields.String()
    cells = fields.List(fields.Nested(CellOut))


class TownOut(CellOut):
    name = fields.String()


class MonthOut(Output):
    first = fields.Day()
    last = fields.Day()
    count = fields.Integer(allow_none=True)


class DashboardOut(Output):
    """`groups` and `consents` count by a filter of the inventory, `phases` open accompaniments; `visits_made` are of
    the last thirty days.
    """

    centre_id = fields.Id(allow_none=True)
    centre_name = fields.String(allow_none=True)
    total = fields.Integer(allow_none=True)
    groups = fields.List(fields.Nested(GroupOut))
    consents = fields.List(fields.Nested(GroupOut))
    municipalities = fields.List(fields.Nested(TownOut))
    months = fields.List(fields.Nested(MonthOut))
    phases = fields.List(fields.Nested(CellOut))
    visits_made = fields.Integer(allow_none=True)
    visits_late = fields.Integer(allow_none=True)
    imports = fields.List(fields.Nested(ImportRow))
    agreements = fields.List(fields.Nested(AgreementOut))
    waiting = fields.List(fields.Nested(CellOut))


@resource.get(
    query=DashboardQuery,
    returns=DashboardOut,
    allow=EDITORS | {"network_coordinator", "auditor", "leda_viewer"},
)
def show(call: Call) -> dict[str, Any]:
    """Records by state, place, chain and month, visits, accompaniments, imports and agreements. To who is not of the
    technical team small counts are not told.
    """
    return queries.dashboard(call.session, call.caller, call.query.get("centre"))

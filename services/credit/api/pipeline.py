"""Where applications wait, and for how long."""

from typing import Any

from services.credit.api import READERS
from services.credit.api.applications import ApplicationRow
from services.credit.queries.pipeline import pipeline
from services.credit.rules.pipeline import STAGES
from shared.web import Call, Output, Query, Resource, fields

resource = Resource("pipeline", prefix="/applications", description="Where applications wait, and for how long.")


class PipelineQuery(Query):
    fund = fields.Id(load_default=None)
    municipality = fields.String(maximum=6, pattern="[A-Z]{2}[0-9]{0,4}", load_default=None)


class WaitingOut(ApplicationRow):
    late = fields.Boolean()


class WaitingStageOut(Output):
    """`late` counts those that have waited longer than the regulations of their fund let them; `items` are the 25 that
    have waited longest.
    """

    state = fields.Code(STAGES)
    count = fields.Integer()
    late = fields.Integer()
    amounts = fields.List(fields.MoneyField())
    items = fields.List(fields.Nested(WaitingOut))


@resource.get("/pipeline", query=PipelineQuery, returns=WaitingStageOut, allow=READERS)
def show_pipeline_(call: Call) -> list[dict[str, Any]]:
    """Every stage where applications wait, with those that have waited longest."""
    return pipeline(call.session, call.caller, call.query)

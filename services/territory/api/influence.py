"""The indicators of influence: what proposals came to, and the seats women's organizations hold."""

from typing import Any

from services.territory.api import lists
from services.territory.api.proposals_schemas import YEARS
from services.territory.models.councils import COUNCIL_KINDS
from services.territory.queries.influence import DIMENSIONS, influence
from services.territory.rules.access import INFLUENCE_READERS
from services.territory.rules.proposals import STATES, STEPS
from shared import places
from shared.kernel import CURRENCIES
from shared.web import Call, Download, Output, Query, Resource, fields

resource = Resource("influence", prefix="/influence", description="What proposals came to, and seats held.")
_COLUMNS = (
    *("key", "currency", "proposals", "submitted", "included", "inclusion_rate", "rejected", "asked", "budgeted"),
    *("asked_of_budgeted", "approved", "approved_share", "executed", "approved_of_executed", "spent"),
    "executed_share",
)
_MUCH = {"minimum": 0, "maximum": 1e15}


class InfluenceQuery(Query):
    """`year`: that in which they were proposed; `by`: a row for each place, year or organization."""

    unit = fields.String(maximum=6, pattern=places.UNIT)
    year = fields.Integer(**YEARS)
    organization = fields.String(maximum=200)
    by = fields.Code(DIMENSIONS)


class InfluenceTableQuery(InfluenceQuery):
    format = fields.Code(lists.FORMATS, load_default="csv")


class OutcomeOut(Output):
    """Shares from 0 on, null where nothing is below the line. `inclusion_rate`: included of submitted;
    `approved_share`: approved of asked, of those budgeted; `executed_share`: spent of approved, of those executed.
    """

    key = fields.String()
    currency = fields.Code(CURRENCIES)
    proposals = fields.Integer()
    submitted = fields.Integer()
    included = fields.Integer()
    budgeted = fields.Integer()
    executed = fields.Integer()
    rejected = fields.Integer()
    inclusion_rate = fields.Number(**_MUCH, allow_none=True)
    approved_share = fields.Number(**_MUCH, allow_none=True)
    executed_share = fields.Number(**_MUCH, allow_none=True)
    asked = fields.MoneyField()
    asked_of_budgeted = fields.MoneyField()
    approved = fields.MoneyField()
    approved_of_executed = fields.MoneyField()
    spent = fields.MoneyField()


class PaceOut(Output):
    """The median of days from the step before, of `n` proposals; null where nobody took it."""

    state = fields.Code(STEPS)
    n = fields.Integer()
    median_days = fields.Number(**_MUCH, allow_none=True)


class StandingOut(Output):
    state = fields.Code(STATES)
    proposals = fields.Integer()


class SeatsOut(Output):
    id = fields.Id()
    name = fields.String()
    unit = fields.String()
    kind = fields.Code(COUNCIL_KINDS)
    women_seats = fields.Integer()
    seats_total = fields.Integer()


class InfluenceOut(Output):
    """`day` is that of the seats. `total` has a row for each currency."""

    as_of = fields.Moment()
    day = fields.Day()
    total = fields.List(fields.Nested(OutcomeOut))
    rows = fields.List(fields.Nested(OutcomeOut))
    steps = fields.List(fields.Nested(PaceOut))
    standing = fields.List(fields.Nested(StandingOut))
    councils = fields.List(fields.Nested(SeatsOut))
    women_seats = fields.Integer()
    all_seats = fields.Integer()


@resource.get(query=InfluenceQuery, returns=InfluenceOut, allow=INFLUENCE_READERS)
def show(call: Call) -> dict[str, Any]:
    """Inclusion, amounts, the pace of steps and seats held, of the caller's territory."""
    return influence(call.session, call.caller, call.query)


@resource.get("/table", query=InfluenceTableQuery, download=True, allow=INFLUENCE_READERS)
def download(call: Call) -> Download:
    """The rows asked for as a table, or all together."""
    told = influence(call.session, call.caller, call.query)
    rows = told["rows"] or told["total"]
    if call.query.get("by") == "unit":
        rows = [{**row, "key": places.name_of(row["key"])} for row in rows]
    return lists.download(call, "influence", _COLUMNS, rows, coded={})

"""What is due, of the one who asks."""

from services.training.queries import due as queries
from shared.web import Call, Output, Page, Query, Resource, fields

resource = Resource("training_due", prefix="/due", description="What waits for somebody, in her role and territory.")


class DueQuery(Query):
    kind = fields.Code(queries.KINDS)


class DueRow(Output):
    """`of`: whose it is, a firm, a group, an institution, a trainer, or the number of a curriculum's version; `months`:
    of a plan, those whose check-ins were not made. `page_id` and `part_id` say where it is done.
    """

    kind = fields.Code(queries.KINDS)
    id = fields.Id()
    day = fields.Day()
    late = fields.Boolean()
    title = fields.String()
    of = fields.String()
    unit = fields.String()
    page_id = fields.Id()
    part_id = fields.Id(allow_none=True)
    months = fields.List(fields.Integer())


class DueCount(Output):
    check_in = fields.Integer()
    review = fields.Integer()
    roll = fields.Integer()
    later_survey = fields.Integer()
    agreement = fields.Integer()
    licence = fields.Integer()
    acceptance = fields.Integer()
    contribution = fields.Integer()


@resource.get(query=DueQuery, returns=DueRow, paged=True, allow=queries.DOERS)
def list_(call: Call) -> Page:
    """Check-ins and reviews of action plans, sessions without a roll, surveys to ask again, agreements and licences
    that end, curricula to accept and contributions to answer: what the caller may do, the oldest first.
    """
    return queries.list_due(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/count", returns=DueCount, allow=queries.DOERS)
def count(call: Call) -> dict[str, int]:
    """How many lines that list has of each kind."""
    return queries.count_due(call.session, call.caller)

"""Whether an enterprise may be lent to."""

from typing import Any
from uuid import UUID

from services.credit.api import READERS
from services.credit.queries.eligibility import eligibility
from services.credit.use_cases import find
from shared.web import Call, Output, Query, Resource, fields

resource = Resource("enterprises", prefix="/enterprises", description="Whether an enterprise may be lent to.")


class FundQuery(Query):
    fund = fields.Id(required=True)


class RuleCheckOut(Output):
    """A rule of the regulations: `needed` its parameters, `known` what it was judged by; null where nobody has told,
    and then it is not met. From a `hard` one no committee makes an exception.
    """

    rule = fields.String()
    met = fields.Boolean()
    needed = fields.Anything()
    known = fields.Anything(allow_none=True)
    hard = fields.Boolean()


class EligibilityOut(Output):
    enterprise_id = fields.Id()
    municipality = fields.String()
    chain = fields.String()
    eligible = fields.Boolean()
    failed_rules = fields.List(fields.String())
    checks = fields.List(fields.Nested(RuleCheckOut))
    coherence = fields.Nested(RuleCheckOut)
    needs = fields.List(fields.String())
    needs_on = fields.Day(allow_none=True)
    purpose_of_needs = fields.String(allow_none=True)


@resource.get("/<uuid:enterprise_id>/eligibility", query=FundQuery, returns=EligibilityOut, allow=READERS)
def show_eligibility_(call: Call, enterprise_id: UUID) -> dict[str, Any]:
    """Whether a fund may lend to an enterprise today: each rule with what it asks and what is known, and whether the
    plans of its territory put its chain first.
    """
    fund = find.fund(call.session, call.caller, call.query["fund"])
    return eligibility(call.session, fund, find.enterprise(call.session, call.caller, enterprise_id))

"""The assent of the Trust Fund Committee to what the credit committee may not approve alone."""

from typing import Any
from uuid import UUID

from services.credit.api import OVERSIGHT
from services.credit.queries import assents as queries
from services.credit.use_cases import find
from services.credit.use_cases.give_assent import give_assent
from shared.web import Call, Input, Output, Resource, fields

resource = Resource("assents", prefix="/funds", description="What the Trust Fund Committee says to large approvals.")
WATCHERS = OVERSIGHT | {"trust_fund_member", "coordinator", "credit_officer"}


class AssentIn(Input):
    gives = fields.Boolean(required=True)
    reason = fields.String(minimum=0, maximum=500, load_default="")


class SaidOut(Output):
    name = fields.String()
    gives = fields.Boolean()
    reason = fields.String()
    said_at = fields.Moment()


class AssentOut(Output):
    application_id = fields.Id()
    number = fields.String()
    enterprise_id = fields.Id()
    municipality = fields.String()
    purpose = fields.String()
    project = fields.String()
    resolution = fields.String()
    decided_at = fields.Moment()
    amount = fields.MoneyField()
    level = fields.String()
    needed = fields.Integer()
    state = fields.Code(queries.STATES)
    may_say = fields.Boolean()
    exceptions = fields.Anything()
    exception_reason = fields.String()
    said = fields.List(fields.Nested(SaidOut))


@resource.get("/<uuid:fund_id>/assents", returns=AssentOut, allow=WATCHERS)
def list_assents_(call: Call, fund_id: UUID) -> list[dict[str, Any]]:
    """The approvals that need the assent of the Trust Fund Committee and are not paid out yet, the oldest first."""
    fund = find.fund(call.session, call.caller, fund_id)
    fund.require_whole(call.caller)
    return queries.waiting(call.session, fund, call.caller)


@resource.post(
    "/<uuid:fund_id>/assents/<uuid:application_id>",
    body=AssentIn,
    returns=AssentOut,
    allow={"trust_fund_member"},
)
def give_assent_(call: Call, body: dict[str, Any], fund_id: UUID, application_id: UUID) -> dict[str, Any]:
    """Say yes to an approval, or no with a reason, once."""
    application = give_assent(call.session, call.caller, fund_id=fund_id, application_id=application_id, **body)
    fund = find.fund(call.session, call.caller, fund_id)
    return queries.told(call.session, fund, application, call.caller)

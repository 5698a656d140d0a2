"""How far records are checked: what waits, and the steps."""

from typing import Any
from uuid import UUID

from services.registry.api.profile_schemas import (
    JudgementIn,
    PlaceQuery,
    ValidationOut,
    WaitingCount,
    WaitingQuery,
    WaitingRow,
)
from services.registry.queries import validations as queries
from services.registry.rules.validation import Judgement
from services.registry.rules.visibility import COORDINATORS, EDITORS
from services.registry.use_cases.validate_enterprise import validate_enterprise
from shared.web import Call, Page, Resource

_JUDGES = EDITORS | COORDINATORS
_READERS = _JUDGES | {"auditor"}

resource = Resource("validations", prefix="/validations", description="Records that wait to be checked.")
steps = Resource("validation", prefix="/enterprises", description="How a record was checked.")


@resource.get(query=WaitingQuery, returns=WaitingRow, paged=True, allow=_READERS)
def list_(call: Call) -> Page:
    """The records that wait: captured ones to be verified, verified ones to be validated, stale ones to be renewed."""
    return queries.list_waiting(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.get("/count", query=PlaceQuery, returns=WaitingCount, allow=_READERS)
def count(call: Call) -> dict[str, int]:
    """How many records wait for each."""
    return queries.count_waiting(call.session, call.caller, call.query)


@steps.get("/<uuid:enterprise_id>/validation", returns=ValidationOut, allow=_READERS)
def show(call: Call, enterprise_id: UUID) -> dict[str, Any]:
    """How far a record is checked, until when that counts, and every step with its evidence."""
    return queries.show_validation(call.session, call.caller, enterprise_id)


@steps.post(
    "/<uuid:enterprise_id>/validation",
    status=200,
    if_match=True,
    body=JudgementIn,
    returns=ValidationOut,
    allow=_JUDGES,
)
def judge(call: Call, body: dict[str, Any], enterprise_id: UUID) -> dict[str, Any]:
    """Take a step: verified (somebody of the team checked it), validated or rejected (the coordinator says so), or back
    to captured. The same state again on newer evidence renews it.
    """
    judgement = Judgement(**body)
    validate_enterprise(call.session, call.caller, enterprise_id, version=call.if_match, judgement=judgement)
    call.session.flush()
    return queries.show_validation(call.session, call.caller, enterprise_id)

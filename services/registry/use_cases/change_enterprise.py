"""What the inventory says of an enterprise is put right."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import Enterprise
from services.registry.rules.validation import may_judge
from services.registry.rules.visibility import COORDINATORS
from services.registry.tables import chains_on
from services.registry.use_cases.records import announce_changed, check_profile, enterprise_to_change, told
from services.registry.use_cases.settle_places import ask_to_settle
from shared.identity import Caller
from shared.kernel import Forbidden, clock


def change_enterprise(
    session: Session,
    caller: Caller,
    enterprise_id: UUID,
    *,
    version: int | None,
    changes: Mapping[str, Any],
    validation: str | None = None,
) -> Enterprise:
    """The enterprise with `changes` (fields of `Profile`) made.

    Refuses an old version, what does not count any more, a place outside the caller's territory, and a judgement that
    is the coordinator's.
    """
    enterprise = enterprise_to_change(session, caller, enterprise_id, version)
    enterprise.require_counted()
    before, facts = told(enterprise), enterprise.facts()
    profile = replace(enterprise.profile(), **changes)
    check_profile(caller, profile)
    enterprise.describe(profile, chains_on(clock.today()))
    enterprise.heed_consents()
    if validation is not None and validation != enterprise.validation:
        judge(caller, enterprise, validation)
    announce_changed(session, caller, enterprise, action="change", before=before, facts=facts)
    ask_to_settle(session, caller, enterprise)
    return enterprise


def judge(caller: Caller, enterprise: Enterprise, validation: str) -> None:
    """Say how far a record is checked; whether it is valid is for the coordinator to say."""
    if not may_judge(validation, enterprise.validation, coordinates=caller.has(*COORDINATORS)):
        raise Forbidden("validation.of_the_coordinator")
    enterprise.judge(validation)

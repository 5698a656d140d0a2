"""What the inventory says of an enterprise is put right."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import Enterprise
from services.registry.rules.formalization import STEPS
from services.registry.rules.national_ids import masked
from services.registry.sealing import Sealer, step_key
from services.registry.tables import chains_on
from services.registry.use_cases.records import (
    announce_changed,
    check_partners,
    check_profile,
    enterprise_to_change,
    told,
)
from services.registry.use_cases.settle_places import ask_to_settle
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, clock


def change_enterprise(
    session: Session,
    caller: Caller,
    enterprise_id: UUID,
    *,
    version: int | None,
    changes: Mapping[str, Any],
) -> Enterprise:
    """The enterprise with `changes` (fields of `Profile`) made.

    Refuses an old version, what does not count any more, and a place outside the caller's territory.
    """
    enterprise = enterprise_to_change(session, caller, enterprise_id, version)
    enterprise.require_counted()
    before, facts = told(enterprise), enterprise.facts()
    known = enterprise.profile()
    profile = replace(known, **changes)
    check_profile(caller, profile)
    check_partners(session, caller, enterprise.id, set(profile.partners) - set(known.partners))
    enterprise.describe(profile, chains_on(clock.today()))
    enterprise.heed_consents()
    announce_changed(session, caller, enterprise, action="change", before=before, facts=facts)
    ask_to_settle(session, caller, enterprise)
    return enterprise


def record_step(
    session: Session,
    caller: Caller,
    sealer: Sealer,
    enterprise_id: UUID,
    *,
    version: int | None,
    step: str,
    state: str,
    on: date | None,
    number: str | None,
) -> Enterprise:
    """The enterprise with how far one step of its formalization is. Refuses a step that is none, and a day to come."""
    if step not in STEPS:
        raise NotFound("formalization.unknown_step")
    if on is not None and on > clock.today():
        raise Invalid("formalization.in_the_future", pointer="/on", today=clock.today().isoformat())
    enterprise = enterprise_to_change(session, caller, enterprise_id, version)
    before, facts = told(enterprise), enterprise.facts()
    sealed = None if number is None else sealer.seal(number.encode(), step_key(enterprise.id, step))
    enterprise.formalize(step, state, on, sealed, None if number is None else masked(number))
    announce_changed(session, caller, enterprise, action="formalization", before=before, facts=facts)
    return enterprise

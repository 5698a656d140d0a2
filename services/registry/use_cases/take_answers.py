"""What a field form tells beside the record itself: the steps of formalization, and the levels of the rubric."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import Enterprise
from services.registry.rules.assessment import seen_in
from services.registry.rules.formalization import steps_of
from services.registry.sealing import Sealer, step_key
from services.registry.use_cases.profile_enterprise import profile_brought_in
from shared.identity import Caller


def take_steps(enterprise: Enterprise, sealer: Sealer, steps: Mapping[str, Mapping[str, Any]]) -> None:
    """How far each of these steps is, with its day and number."""
    for told in steps_of(steps):
        number = told.number
        sealed = None if number is None else sealer.seal(number.encode(), step_key(enterprise.id, told.step))
        enterprise.formalize(told.step, told.state, told.happened_on, sealed, told.number_masked)


def take_levels(
    session: Session,
    caller: Caller,
    enterprise: Enterprise,
    import_id: UUID,
    levels: Mapping[str, Mapping[str, Any]],
    on: date,
) -> None:
    """The levels of the rubric that were judged in the field on a day, each with its evidence: a profile where all of
    them were; otherwise they stay in what the import brought, sealed.
    """
    if seen := seen_in(levels):
        profile_brought_in(session, caller, enterprise, import_id, assessed_on=on, seen=seen)

"""What a field form tells beside the record itself: the steps of formalization, and the levels of the rubric."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from services.registry.models import Enterprise
from services.registry.rules.national_ids import masked
from services.registry.sealing import Sealer, step_key
from shared.identity import Caller


def take_steps(enterprise: Enterprise, sealer: Sealer, steps: Mapping[str, Mapping[str, Any]]) -> None:
    """How far each of these steps is, with its day and number."""
    for step, told in steps.items():
        number = told["number"]
        enterprise.formalize(
            step,
            told["state"],
            None if told["on"] is None else date.fromisoformat(told["on"]),
            None if number is None else sealer.seal(number.encode(), step_key(enterprise.id, step)),
            None if number is None else masked(number),
        )


def take_levels(
    session: Session, caller: Caller, enterprise: Enterprise, levels: Mapping[str, Mapping[str, Any]], on: date
) -> None:
    """The levels of the rubric that were judged in the field on a day, each with its evidence. The one place where a
    form's judgement becomes a profile; until there are profiles it stays in what the import brought, sealed.
    """
    del session, caller, enterprise, levels, on

"""A woman withdrew: what she gave to curricula stays, and nobody knows any more that it was she."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import AskedSubject, CurriculumAcceptance, CurriculumContribution, CurriculumLink

_HERS: dict[str, Any] = {
    "curriculum_contributions": CurriculumContribution,
    "curriculum_acceptances": CurriculumAcceptance,
    "curriculum_links": CurriculumLink,
    "asked_subjects": AskedSubject,
}


def forget_contributions(session: Session, woman: UUID) -> dict[str, int]:
    """How many of each kind lost their woman; her links lead nowhere from now on."""
    erased = {}
    for name, entity in _HERS.items():
        found = session.scalars(select(entity).where(entity.entrepreneur_id == woman).with_for_update()).all()
        for one in found:
            one.forget()
        erased[name] = len(found)
    session.flush()
    return erased

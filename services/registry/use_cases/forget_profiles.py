"""What a withdrawal takes from profiles and checks."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import Enterprise, EnterpriseProfile, ProfileLevel, ValidationStep
from shared import files


def forget_profiles(session: Session, alone: Sequence[Enterprise], shared: Sequence[Enterprise]) -> dict[str, int]:
    """Of enterprises that were hers `alone` the profiles go whole: levels say how she lives. Of those that others go on
    with the levels stay, and all that somebody wrote or photographed goes, because it may be of her. That records were
    checked, when and by whom stays; what was written about it goes. Comes back with how many of each.
    """
    erased = {"profiles": 0, "profile_words": 0, "profile_files": 0, "validation_words": 0}
    gone = [enterprise.id for enterprise in alone]
    every = [*gone, *(enterprise.id for enterprise in shared)]
    for profile in session.scalars(select(EnterpriseProfile).where(EnterpriseProfile.enterprise_id.in_(every))):
        for level in profile.levels:
            _forget_level(session, level, erased)
        if profile.enterprise_id in gone:
            session.delete(profile)
            erased["profiles"] += 1
    steps = session.scalars(select(ValidationStep).where(ValidationStep.enterprise_id.in_(every)))
    erased["validation_words"] = sum(step.forget() for step in steps)
    session.flush()
    return erased


def _forget_level(session: Session, level: ProfileLevel, erased: dict[str, int]) -> None:
    written, file_id = level.forget()
    erased["profile_words"] += written
    if file_id is not None:
        files.erase(session, file_id)
        erased["profile_files"] += 1

"""How a woman can come is noted by the team: her hours, languages, children, priority, with whom and without whom."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from services.training.models import CopyMerged, WomanPair, WomanProfile
from services.training.queries.learners import municipalities_of
from shared import history
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound, Stale, clock
from shared.merged import standing

MOST_IN_A_PAIRING = 10


def note_woman(
    session: Session, caller: Caller, *, entrepreneur_id: UUID, version: int | None, told: Mapping[str, Any]
) -> UUID:
    """Note how she can come, in place of what was noted before; comes back with the id she stands under. `told`:
    `slots`, `languages`, `children`, `priority`, and `together` and `apart`, the women she comes with or stays away
    from. `version` is 0 where nothing was noted. Refuses a woman outside the caller's territory, or unknown.
    """
    woman = standing(session, CopyMerged, entrepreneur_id)
    check_woman(session, caller, woman)
    profile = session.scalar(select(WomanProfile).where(WomanProfile.entrepreneur_id == woman).with_for_update())
    if version is not None and version != (profile.version if profile else 0):
        raise Stale("changed_meanwhile", current=profile.version if profile else 0)
    if profile is None:
        profile = WomanProfile(entrepreneur_id=woman)
        session.add(profile)
    names = ("slots", "languages", "children", "priority")
    profile.note(**{name: told[name] for name in names})
    profile.noted_by_name, profile.noted_at = caller.name, clock.now()
    if "together" in told or "apart" in told:
        _pair(session, caller, woman, told.get("together", []), told.get("apart", []))
    session.flush()
    history.record(session, caller, subject=woman, kind="woman_profile", action="note")
    return woman


def check_woman(session: Session, caller: Caller, woman: UUID) -> None:
    """Refuses a woman whom training does not know, and one who has no enterprise in the caller's territory."""
    where = municipalities_of(session, woman)
    if not where:
        raise NotFound("woman.unknown")
    if not any(caller.scope.covers(municipality) for municipality in where):
        raise Forbidden("permission.outside_scope", unit=where[0])


def _pair(session: Session, caller: Caller, woman: UUID, together: Sequence[UUID], apart: Sequence[UUID]) -> None:
    if both := set(together) & set(apart):
        raise Invalid("woman.together_and_apart", pointer="/apart", women=len(both))
    others = [(standing(session, CopyMerged, other), kind) for kind, ids in (("together", together), ("apart", apart))
              for other in ids]  # fmt: skip
    for other, kind in others:
        if other == woman:
            raise Invalid("woman.pair_with_herself", pointer=f"/{kind}")
        check_woman(session, caller, other)
    hers = or_(WomanPair.first_id == woman, WomanPair.second_id == woman)
    session.execute(delete(WomanPair).where(hers))
    for other, kind in dict(others).items():
        session.add(WomanPair(first_id=min(woman, other), second_id=max(woman, other), kind=kind))

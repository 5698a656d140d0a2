"""The women of groups whose training ended get their diplomas."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.training.models import CopyMerged, DiplomaBatch, GroupMember
from services.training.models.diplomas import GROUP
from services.training.rules.diplomas.award import Candidate
from services.training.use_cases.confirm_group import locked_group
from services.training.use_cases.issue_diplomas import Training, issue_diplomas
from shared.identity import Caller
from shared.kernel import Invalid, Refused
from shared.merged import standing
from shared.tokens import Keyring

Names = Mapping[UUID, str | None]
"""What the registry calls each woman, by the id she has in her group."""


@dataclass(frozen=True, slots=True)
class Taught:
    """A group, what its diplomas call the training, how many tenths of an hour it took, and who was there for how
    many of them; where that is not said, whoever completed the training was there throughout.
    """

    group_id: UUID
    title: str
    tenths: int
    attended: Mapping[UUID, int] | None


def award_groups(
    session: Session,
    caller: Caller,
    keyring: Keyring,
    names: Names,
    *,
    kind: str,
    language: str,
    groups: Sequence[Taught],
) -> DiplomaBatch:
    """The batch of diplomas; refuses a group that is named twice or whose training has not ended, women who are not in
    it, and more hours than it had.
    """
    if len({taught.group_id for taught in groups}) < len(groups):
        raise Invalid("diploma.group_twice", pointer="/trainings")
    ordered = sorted(enumerate(groups), key=lambda one: one[1].group_id)
    trainings = {place: _training(session, caller, names, taught, place) for place, taught in ordered}
    return issue_diplomas(
        session,
        caller,
        keyring,
        kind=kind,
        language=language,
        trainings=[trainings[place] for place in range(len(groups))],
    )


def _training(session: Session, caller: Caller, names: Names, taught: Taught, place: int) -> Training:
    group = locked_group(session, caller, taught.group_id, None)
    if group.completed_on is None:
        raise Refused("diploma.training_not_ended", number=group.number, name=group.name)
    if taught.attended is not None:
        _check(taught, {member.entrepreneur_id for member in group.members}, place)
    ordered = sorted(
        group.members, key=lambda member: (names.get(member.entrepreneur_id) or "", member.entrepreneur_id)
    )
    candidates = [_candidate(session, taught, member, names) for member in ordered]
    return Training(
        kind=GROUP,
        id=group.id,
        municipality=group.municipality,
        title=taught.title,
        tenths=taught.tenths,
        ended_on=group.completed_on,
        candidates=candidates,
    )


def _check(taught: Taught, members: set[UUID], place: int) -> None:
    attended: Mapping[UUID, Any] = taught.attended or {}
    if strangers := set(attended) - members:
        raise Invalid("diploma.not_a_member", pointer=f"/trainings/{place}/attended", women=len(strangers))
    if any(tenths > taught.tenths for tenths in attended.values()):
        raise Invalid("diploma.more_hours", pointer=f"/trainings/{place}/attended")


def _candidate(session: Session, taught: Taught, member: GroupMember, names: Names) -> Candidate:
    woman = member.entrepreneur_id
    if taught.attended is None:
        taught = replace(taught, attended={woman: taught.tenths} if member.completed else {})
    tenths = (taught.attended or {}).get(woman, 0)
    return Candidate(standing(session, CopyMerged, woman), names.get(woman), tenths, member.completed)

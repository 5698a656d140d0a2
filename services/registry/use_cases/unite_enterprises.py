"""Two records of one enterprise become one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import Enterprise, FormalStep
from services.registry.rules import merging
from services.registry.rules.inventory import Profile
from services.registry.rules.merging import BOTH, OF_AN_ENTERPRISE, ONE, OTHER, Standing
from services.registry.sealing import Sealer, step_key
from services.registry.tables import chains_on
from services.registry.use_cases.records import check_profile
from shared.identity import Caller
from shared.kernel import Invalid, clock


@dataclass(frozen=True, slots=True)
class Choice:
    """Two enterprises that are one, the first of the one woman of a pair and the second of the other; which side stays
    (None: the one that is checked further) and is taken for each field.
    """

    one_id: UUID
    other_id: UUID
    stays: str | None = None
    sides: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decided:
    """A choice with its records, and the side that is checked further."""

    one: Enterprise
    other: Enterprise
    preferred: str
    choice: Choice


def decided(choice: Choice, ones: Sequence[Enterprise], others: Sequence[Enterprise]) -> Decided:
    """The choice with its records as they stand; refuses enterprises that are not theirs, or the very same."""
    one, other = _theirs(choice.one_id, ones), _theirs(choice.other_id, others)
    if one is other:
        raise Invalid("merge.same_enterprise", pointer="/enterprises")
    one.require_counted()
    other.require_counted()
    preferred = merging.better(Standing(one.validation, one.changed_at), Standing(other.validation, other.changed_at))
    return Decided(one, other, preferred, choice)


def unite_enterprises(session: Session, caller: Caller, sealer: Sealer, both: Decided) -> tuple[UUID, UUID]:
    """Make one of them of both; comes back with the id that stays and the one that leads to it. Refuses values that do
    not go together.
    """
    one, other, choice = both.one, both.other, both.choice
    stays, goes = (one, other) if (choice.stays or both.preferred) == ONE else (other, one)
    profiles = one.profile(), other.profile()
    sides = merging.suggested(OF_AN_ENTERPRISE, *profiles, both.preferred) | {
        name: side for name, side in choice.sides.items() if name in OF_AN_ENTERPRISE
    }
    profile = _without_itself(
        replace(stays.profile(), **merging.chosen(OF_AN_ENTERPRISE, *profiles, sides)), one, other
    )
    steps = _steps(sealer, one, other, choice.sides.get("formalization", BOTH))
    validation = merging.checked_further(one.validation, other.validation)
    checked_on = goes.checked_on or clock.today()
    owners = [owner.entrepreneur for owner in goes.owners]
    goes.give_way(stays.id)
    session.flush()
    for woman in owners:
        if all(owner.entrepreneur is not woman for owner in stays.owners):
            stays.add_owner(woman)
    profile = replace(profile, ownership=stays.ownership)
    check_profile(caller, profile)
    stays.describe(profile, chains_on(clock.today()))
    for step, number in steps:
        sealed = None if number is None else sealer.seal(number, step_key(stays.id, step.step))
        stays.formalize(step.step, step.state, step.happened_on, sealed, step.number_masked)
    if validation != stays.validation:
        stays.judge(validation, checked_on)
    return stays.id, goes.id


def _theirs(wanted: UUID, enterprises: Sequence[Enterprise]) -> Enterprise:
    found = next((enterprise for enterprise in enterprises if enterprise.id == wanted), None)
    if found is None:
        raise Invalid("merge.enterprise_of_another", pointer="/enterprises")
    return found


def _without_itself(profile: Profile, one: Enterprise, other: Enterprise) -> Profile:
    """An enterprise that bought from the other record of itself buys from nobody."""
    partners = tuple(partner for partner in profile.partners if partner.enterprise_id not in {one.id, other.id})
    return replace(profile, partners=partners)


def _steps(sealer: Sealer, one: Enterprise, other: Enterprise, side: str) -> list[tuple[FormalStep, bytes | None]]:
    """The steps to write down, as they stand on the side that was chosen (or on which each is further), with their
    numbers opened.
    """
    found = []
    for name in sorted({*one.states, *other.states}):
        wanted = merging.further(one.states.get(name), other.states.get(name)) if side == BOTH else side
        holder = {ONE: one, OTHER: other}[wanted]
        step = next((step for step in holder.steps if step.step == name), None)
        if step is not None:
            kept = step.number_sealed
            number = None if kept is None else sealer.opened(kept, step_key(step.enterprise_id, name))
            copy = FormalStep(
                step=name, state=step.state, happened_on=step.happened_on, number_masked=step.number_masked
            )
            found.append((copy, number))
    return found

"""Opportunities are written into the register; women are told of them, apply, win or lose."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import FollowUp, Opportunity
from services.registry.rules.institutions import around
from services.registry.rules.opportunities import Conditions
from services.registry.use_cases.records import enterprise_to_change
from services.registry.use_cases.rows import locked, write, write_history
from services.registry.use_cases.run_institutions import institution_to_change, require_near
from shared import places
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, Refused


def write_opportunity(
    session: Session, caller: Caller, opportunity_id: UUID | None, version: int | None, facts: Mapping[str, Any]
) -> Opportunity:
    """A new opportunity, or the one with this id changed. Refuses places that are none, and those neither in the
    caller's territory nor around it for which it was not there already.
    """
    opportunity = None
    if opportunity_id is not None:
        opportunity = opportunity_to_change(session, caller, opportunity_id, version)
    conditions = _conditions(facts["conditions"])
    known = () if opportunity is None else opportunity.conditions.units
    for unit in {*conditions.units} ^ {*known}:
        if unit not in places.names():
            raise Invalid("municipality.unknown", pointer="/conditions/units", value=unit)
        require_near(caller, unit)
    told = _told(session, caller, opportunity, facts) | {"conditions": conditions}
    return write(session, caller, opportunity, Opportunity.offer, told)


def tell(session: Session, caller: Caller, opportunity_id: UUID, enterprise_id: UUID, on: date) -> FollowUp:
    """Somebody told her of it on a day; once for each. Refuses a record that does not count."""
    opportunity = opportunity_to_change(session, caller, opportunity_id, None)
    enterprise_to_change(session, caller, enterprise_id, None).require_counted()
    if session.get(FollowUp, (opportunity_id, enterprise_id)) is not None:
        raise Refused("follow_up.told_already")
    follow_up = FollowUp.tell(opportunity, enterprise_id, on, caller)
    session.add(follow_up)
    write_history(session, caller, opportunity, "tell", after=_told_of(follow_up))
    return follow_up


def follow_up(
    session: Session,
    caller: Caller,
    opportunity_id: UUID,
    enterprise_id: UUID,
    version: int | None,
    *,
    state: str,
    on: date,
) -> FollowUp:
    """She applied, won or lost."""
    opportunity, found = _follow_up_to_change(session, caller, opportunity_id, enterprise_id, version)
    before = found.facts()
    found.move(state, on, opportunity.deadline)
    write_history(session, caller, opportunity, state, before=before, after=_told_of(found))
    return found


def untell(session: Session, caller: Caller, opportunity_id: UUID, enterprise_id: UUID, version: int | None) -> None:
    """She was not told after all. Refused once she applied."""
    opportunity, found = _follow_up_to_change(session, caller, opportunity_id, enterprise_id, version)
    if found.state != "told":
        raise Refused("follow_up.applied_already")
    gone = _told_of(found)
    session.delete(found)
    write_history(session, caller, opportunity, "untell", before=gone)


def opportunity_to_change(session: Session, caller: Caller, opportunity_id: UUID, version: int | None) -> Opportunity:
    """The locked row; it is for a part of the caller's territory."""
    found = locked(session, Opportunity, opportunity_id, "opportunity.unknown")
    require_for(caller, found.conditions.units)
    found.require_version(version)
    return found


def require_for(caller: Caller, units: Iterable[str]) -> None:
    """Refuses an opportunity that is for no part of the caller's territory."""
    wide = around(caller.scope.units)
    for_whom = list(units)
    if not any(caller.scope.covers(unit) or unit in wide for unit in for_whom):
        raise Forbidden("permission.outside_scope", unit=next(iter(for_whom), ""))


def _follow_up_to_change(
    session: Session, caller: Caller, opportunity_id: UUID, enterprise_id: UUID, version: int | None
) -> tuple[Opportunity, FollowUp]:
    opportunity = opportunity_to_change(session, caller, opportunity_id, None)
    enterprise_to_change(session, caller, enterprise_id, None).require_counted()
    found = locked(session, FollowUp, (opportunity_id, enterprise_id), "follow_up.unknown")
    found.require_version(version)
    return opportunity, found


def _conditions(said: Mapping[str, Any]) -> Conditions:
    told = dict(said)
    return Conditions.from_json(told, told.pop("units"))


def _told(session: Session, caller: Caller, known: Opportunity | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    institution = None if known is None else known.institution
    wanted = facts["institution_id"]
    if wanted != (None if institution is None else institution.id):
        institution = None if wanted is None else institution_to_change(session, caller, wanted, None)
    names = ("kind", "title", "description", "source", "link", "deadline")
    amounts = (facts["amount_min"], facts["amount_max"])
    return {name: facts[name] for name in names} | {"institution": institution, "amounts": amounts}


def _told_of(follow_up: FollowUp) -> dict[str, Any]:
    return follow_up.facts() | {"enterprise": str(follow_up.enterprise_id)}

"""Fairs are announced; enterprises are invited, confirm, take part and tell what they sold; a fair is closed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.registry.models import Enterprise, Fair, Stand
from services.registry.use_cases.records import enterprise_to_change
from services.registry.use_cases.rows import locked, write, write_history
from services.registry.use_cases.run_campaigns import centre_named
from services.registry.use_cases.run_institutions import institution_to_change
from services.registry.use_cases.undertakings import require_municipalities, require_part
from shared import history, places
from shared.bus import log
from shared.events.registry import FairPlanned, FairStandMoved
from shared.identity import Caller
from shared.kernel import COUNTRY_CURRENCY, Invalid, NotFound, Refused


def write_fair(
    session: Session, caller: Caller, fair_id: UUID | None, version: int | None, facts: Mapping[str, Any]
) -> Fair:
    """A new fair, or the one with this id changed. It is held in the caller's territory or goes on account of a centre
    that works there; refuses to move it to another currency once amounts are told.
    """
    fair = None if fair_id is None else fair_to_change(session, caller, fair_id, version)
    if facts["municipality"] not in places.municipalities():
        raise Invalid("municipality.unknown", pointer="/municipality", value=facts["municipality"])
    told = _told(session, caller, fair, facts)
    if told["centre"] is None:
        require_municipalities(caller, [facts["municipality"]], pointer="/municipality")
    announced = None if fair is None else _planned(fair)
    moved = fair is not None and COUNTRY_CURRENCY[facts["municipality"][:2]] != fair.currency
    if fair is not None and moved and _has_amounts(session, fair):
        raise Refused("fair.amounts_told", currency=fair.currency)
    fair = write(session, caller, fair, Fair.announce, told)
    if _planned(fair) != announced:
        log.append(session, _planned(fair), fair.id)
    return fair


def close_fair(session: Session, caller: Caller, fair_id: UUID, version: int | None) -> Fair:
    """Close a fair: what was told of it stands. Nobody waits for who does not agree any more to be in the inventory."""
    fair = fair_to_change(session, caller, fair_id, version)
    before = fair.facts()
    here = select(Stand).join(Enterprise, Enterprise.id == Stand.enterprise_id).where(Stand.fair_id == fair_id)
    stands = session.scalars(here.where(Enterprise.consent_registry).with_for_update(of=Stand)).all()
    fair.close(
        caller.name,
        undecided=sum(stand.state == "confirmed" for stand in stands),
        untold=sum(stand.state == "took_part" and not stand.told for stand in stands),
    )
    write_history(session, caller, fair, "close", before=before, after=fair.facts())
    return fair


def reopen_fair(session: Session, caller: Caller, fair_id: UUID, version: int | None) -> Fair:
    """Open a closed fair again, to put something right."""
    fair = fair_to_change(session, caller, fair_id, version)
    before = fair.facts()
    fair.reopen()
    write_history(session, caller, fair, "reopen", before=before, after=fair.facts())
    return fair


def invite(session: Session, caller: Caller, fair_id: UUID, enterprise_id: UUID, facts: Mapping[str, Any]) -> Stand:
    """Invite an enterprise of the caller's territory, once."""
    fair = fair_to_change(session, caller, fair_id, None)
    enterprise = enterprise_to_change(session, caller, enterprise_id, None)
    enterprise.require_counted()
    known = select(Stand.id).where(Stand.fair_id == fair_id, Stand.enterprise_id == enterprise_id)
    if session.scalar(known) is not None:
        raise Refused("stand.invited_already")
    stand = Stand.invite(fair, enterprise_id, **facts)
    session.add(stand)
    write_history(session, caller, stand, "invite", after=_told_of(stand))
    _tell(session, stand)
    return stand


def change_stand(
    session: Session, caller: Caller, stand_id: UUID, version: int | None, change: Mapping[str, Any]
) -> Stand:
    """Where a stand is, what it shows, how far it is, and what came of it; what is left out stays."""
    stand = stand_to_change(session, caller, stand_id, version)
    before = stand.facts()
    if (state := change.get("state", stand.state)) != stand.state:
        stand.move(state)
    if {"place", "products"} & change.keys():
        shown = {name: change.get(name, getattr(stand, name)) for name in ("place", "products")}
        stand.show(**shown)
    if (result := change.get("result")) is not None:
        stand.tell(**result)
    session.flush()
    if stand.facts() != before:
        write_history(session, caller, stand, "change", before=before, after=_told_of(stand))
    if stand.state != before["state"]:
        _tell(session, stand)
    return stand


def uninvite(session: Session, caller: Caller, stand_id: UUID, version: int | None) -> None:
    """She was invited by mistake: the stand is taken out. Refused once it is known whether she came."""
    stand = stand_to_change(session, caller, stand_id, version)
    stand.fair.require_open()
    if stand.state not in {"invited", "confirmed"}:
        raise Refused("stand.decided", state=stand.state)
    before = stand.facts()
    taken_out = FairStandMoved(fair_id=stand.fair_id, enterprise_id=stand.enterprise_id, state=None)
    session.delete(stand)
    session.flush()
    history.record(session, caller, subject=stand_id, kind="fair_stand", action="uninvite", before=before)
    log.append(session, taken_out, taken_out.enterprise_id)


def fair_to_change(session: Session, caller: Caller, fair_id: UUID, version: int | None) -> Fair:
    """The locked row, of the caller's territory."""
    fair = locked(session, Fair, fair_id, "fair.unknown")
    require_part(caller, [fair.municipality], fair.centre)
    fair.require_version(version)
    return fair


def stand_to_change(session: Session, caller: Caller, stand_id: UUID, version: int | None) -> Stand:
    """The locked row of an enterprise of the caller's territory that still counts. Its fair is locked first, so that
    none is changed while the fair is being closed; then its enterprise, so that nothing is written of who withdraws.
    """
    of = session.execute(select(Stand.fair_id, Stand.enterprise_id).where(Stand.id == stand_id)).one_or_none()
    if of is None:
        raise NotFound("stand.unknown")
    locked(session, Fair, of.fair_id, "fair.unknown")
    enterprise_to_change(session, caller, of.enterprise_id, None).require_counted()
    stand = locked(session, Stand, stand_id, "stand.unknown")
    stand.require_version(version)
    return stand


def _told(session: Session, caller: Caller, fair: Fair | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(facts)
    centre_id, organizer_id = told.pop("centre_id"), told.pop("organizer_id")
    told["centre"] = centre_named(session, caller, centre_id, None if fair is None else fair.centre)
    organizer = None if fair is None else fair.organizer
    if organizer_id != (organizer and organizer.id):
        organizer = None if organizer_id is None else institution_to_change(session, caller, organizer_id, None)
    return told | {"organizer": organizer}


def _planned(fair: Fair) -> FairPlanned:
    names = ("name", "municipality", "begins_on", "ends_on")
    return FairPlanned(fair_id=fair.id, **{name: getattr(fair, name) for name in names})


def _tell(session: Session, stand: Stand) -> None:
    told = FairStandMoved(fair_id=stand.fair.id, enterprise_id=stand.enterprise_id, state=stand.state)
    log.append(session, told, stand.enterprise_id)


def _has_amounts(session: Session, fair: Fair) -> bool:
    told = Stand.sales_minor.is_not(None) | Stand.orders_minor.is_not(None) | Stand.costs_minor.is_not(None)
    return bool(session.scalar(select(func.count()).where(Stand.fair_id == fair.id, told)))


def _told_of(stand: Stand) -> dict[str, Any]:
    return stand.facts() | {"fair": str(stand.fair.id)}

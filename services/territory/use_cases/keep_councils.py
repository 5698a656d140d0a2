"""Councils are written down with the seats that women's organizations hold in them and the sessions they held."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.territory.models import Council, CouncilSeat, CouncilSession
from services.territory.use_cases.finding import locked, recorder
from shared import history, places
from shared.identity import Caller
from shared.kernel import Invalid, clock, uuid7


def write_council(session: Session, caller: Caller, *, unit: str, kind: str, name: str, seats_total: int) -> Council:
    """A council of the caller's territory."""
    require_place(caller, unit)
    facts = {"unit": unit, "kind": kind, "name": name, "seats_total": seats_total}
    council = Council(id=uuid7(), recorded_at=clock.now(), **facts, **recorder(caller))
    session.add(council)
    return _changed(session, caller, council, "write", facts)


def change_council(
    session: Session, caller: Caller, council_id: UUID, *, version: int | None, name: str, seats_total: int
) -> Council:
    """The council under its name and with the seats it has today."""
    council = _council(session, caller, council_id)
    council.require_version(version)
    council.resize(name=name, seats_total=seats_total)
    return _changed(session, caller, council, "change", {"name": name, "seats_total": seats_total})


def give_seat(
    session: Session,
    caller: Caller,
    council_id: UUID,
    *,
    organization: str,
    constituency: str,
    kind: str,
    held_from: date,
    held_until: date | None,
) -> Council:
    """The council, in which a women's organization holds another seat; refuses more of them than there are."""
    council = _council(session, caller, council_id)
    facts = {"organization": organization, "constituency": constituency, "kind": kind}
    facts_of_time = {"held_from": held_from, "held_until": held_until}
    council.give(CouncilSeat(id=uuid7(), recorded_at=clock.now(), **facts, **facts_of_time, **recorder(caller)))
    return _changed(session, caller, council, "give_seat", {**facts, **facts_of_time})


def end_seat(
    session: Session, caller: Caller, council_id: UUID, seat_id: UUID, *, version: int | None, day: date
) -> Council:
    """The council; one of its seats is held until `day` and no longer."""
    council = _council(session, caller, council_id)
    council.require_version(version)
    council.end_seat(seat_id, day)
    return _changed(session, caller, council, "end_seat", {"seat": seat_id, "day": day})


def hold_session(
    session: Session,
    caller: Caller,
    council_id: UUID,
    *,
    held_on: date,
    agenda: str,
    women: int,
    men: int,
    organizations: Sequence[str],
) -> Council:
    """The council with another session; refuses a day that has not come."""
    council = _council(session, caller, council_id)
    facts = {
        "held_on": held_on,
        "agenda": agenda,
        "women": women,
        "men": men,
        "organizations": sorted(set(organizations)),
    }
    council.hold(CouncilSession(id=uuid7(), recorded_at=clock.now(), **facts, **recorder(caller)))
    session.flush()
    session.expire(council, ["sessions"])
    return _changed(session, caller, council, "hold_session", facts)


def require_place(caller: Caller, unit: str) -> None:
    """Refuses a place that is unknown or outside the caller's territory."""
    if unit not in places.names():
        raise Invalid("unit.unknown", pointer="/unit", unit=unit)
    caller.require_scope(unit)


def _council(session: Session, caller: Caller, council_id: UUID) -> Council:
    council = locked(session, Council, council_id, "council.unknown")
    caller.require_scope(council.unit)
    return council


def _changed(session: Session, caller: Caller, council: Council, action: str, facts: Mapping[str, Any]) -> Council:
    session.flush()
    history.record(session, caller, subject=council.id, kind="council", action=action, after=facts)
    return council

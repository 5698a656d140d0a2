"""A round in San Lorenzo for the tests: a venue by the sea, women who need quality, one far away."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.training.models import Placement, TrainingRound
from services.training.queries.placements import show_placement
from services.training.use_cases.keep_round import add_venue, plan_round
from services.training.use_cases.note_woman import note_woman
from services.training.use_cases.propose_placement import propose_placement
from shared.identity import Caller
from tests.training.house import CENTRE, SAN_LORENZO, TRAINER, register, register_many, woman_of

BEGINS, ENDS = date(2026, 3, 10), date(2026, 6, 30)
ROUND = {
    "name": "Ronda de marzo",
    "begins_on": BEGINS,
    "ends_on": ENDS,
    "topics": ["quality"],
    "minimum": 5,
    "maximum": 8,
}
NOBODY_ASKED = {"slots": [], "languages": ["es"], "children": 0, "priority": 1}


def venue(**changed: Any) -> dict[str, Any]:
    """A house with two rooms, open on Saturday mornings and Sunday mornings, where one person teaches quality."""
    lon, lat = CENTRE[SAN_LORENZO]
    known: dict[str, Any] = {
        "name": "Casa del Mar",
        "municipality": SAN_LORENZO,
        "lon": lon,
        "lat": lat,
        "slots": ["sat-am", "sun-am"],
        "rooms": [{"name": "Grande", "seats": 8}, {"name": "Chica", "seats": 6}],
        "child_care": {"sat-am": 3},
        "facilitators": [teacher("Ana Enseña"), teacher("Bea Enseña")],
    }
    return known | changed


def teacher(name: str, **changed: Any) -> dict[str, Any]:
    return {"name": name, "topics": ["quality"], "languages": ["es"], "slots": ["sat-am", "sun-am"]} | changed


def round_with_venue(session: Session, caller: Caller = TRAINER, **changed: Any) -> TrainingRound:
    made = plan_round(session, caller, units=["HN17"], told=ROUND | changed)
    add_venue(session, caller, round_id=made.id, told=venue())
    session.refresh(made, ["venues"])
    return made


def women(session: Session, count: int = 13) -> None:
    """So many near the venue, and one 60 km north of it."""
    register_many(session, 1, count)
    register(session, 40, north_km=60)


def note(session: Session, enterprise: int, caller: Caller = TRAINER, **told: Any) -> UUID:
    woman = woman_of(enterprise)
    return note_woman(session, caller, entrepreneur_id=woman, version=None, told=NOBODY_ASKED | told)


def answered(session: Session, *, improve: bool = False, **changed: Any) -> Placement:
    return propose_placement(session, TRAINER, round_id=round_with_venue(session, **changed).id, improve=improve)


def members(session: Session, placement: Placement) -> dict[int, set[UUID]]:
    """The women of each group by its number."""
    found: dict[int, set[UUID]] = {}
    session.refresh(placement)
    for woman in placement.women:
        if woman.group_number is not None:
            found.setdefault(woman.group_number, set()).add(woman.entrepreneur_id)
    return found


def reason_of(session: Session, placement: Placement, enterprise: int) -> tuple[str | None, dict[str, Any]]:
    session.refresh(placement)
    row = next(one for one in placement.women if one.entrepreneur_id == woman_of(enterprise))
    return row.reason, row.facts


def shown(session: Session, placement: Placement) -> dict[str, Any]:
    return show_placement(session, TRAINER, placement.id)


def everybody(placed: dict[int, set[UUID]]) -> Iterable[UUID]:
    return [woman for group in placed.values() for woman in sorted(group)]

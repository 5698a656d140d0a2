"""Groups for the tests, formed as the team forms them: a round with one venue, its first answer, its first group."""

from typing import Any

from sqlalchemy.orm import Session

from services.training.models import Placement, TrainingGroup
from services.training.use_cases.form_placed_group import form_placed_group
from services.training.use_cases.keep_round import add_venue, plan_round
from services.training.use_cases.propose_placement import propose_placement
from shared.identity import Caller
from tests.training.house import TRAINER
from tests.training.round_house import ROUND, teacher, venue

SEATS = 20
ASKED = ROUND | {"minimum": 5, "maximum": SEATS}
HALL = {
    "slots": ["sat-am"],
    "rooms": [{"name": "Grande", "seats": SEATS}],
    "facilitators": [teacher("Ana Enseña", slots=["sat-am"])],
}


def propose(session: Session, caller: Caller = TRAINER, units: Any = ("HN17",), **changed: Any) -> Placement:
    """The first answer to a round of `units` with a hall by the sea."""
    made = plan_round(session, caller, units=units, told=ASKED | changed)
    taught = sorted(changed.get("topics", ASKED["topics"]))
    facilitators = [HALL["facilitators"][0] | {"topics": taught}]
    add_venue(session, caller, round_id=made.id, told=venue(**(HALL | {"facilitators": facilitators})))
    session.refresh(made, ["venues"])
    return propose_placement(session, caller, round_id=made.id, improve=False)


def form(session: Session, number: int = 1, *, name: str | None = "San Lorenzo", **changed: Any) -> TrainingGroup:
    """Group `number` of the first answer, formed."""
    placement = propose(session, **changed)
    return form_placed_group(session, TRAINER, placement_id=placement.id, number=number, name=name)

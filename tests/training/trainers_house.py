"""Trainers, an edition and a candidate who proved all, for the tests of trainers and their licences."""

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from services.training.models import Trainer, TrainerCandidate, TrainerLicence
from services.training.reference.licences import policy
from services.training.use_cases.keep_trainers import write_trainer
from services.training.use_cases.license_trainers import issue_licence
from services.training.use_cases.train_trainers import (
    enter_candidate,
    note_hours,
    note_observation,
    note_test,
    open_edition,
)
from shared.identity import Caller
from tests.training.house import COORDINATOR, TRAINER

HER: dict[str, Any] = {
    "unit": "HN17",
    "account": None,
    "name": "Fabiola Formadora",
    "topics": ["food_safety", "costing"],
    "languages": ["es"],
    "slots": [],
    "partner_id": None,
}
EDITION: dict[str, Any] = {
    "unit": "HN17",
    "name": "Formadoras 2026",
    "level": "facilitator",
    "topics": ["food_safety"],
    "starts_on": date(2026, 2, 1),
    "ends_on": date(2026, 6, 30),
}
DAY = date(2026, 3, 3)


def trainer(session: Session, by: Caller = TRAINER, *, units: tuple[str, ...] = ("HN17",), **changed: Any) -> Trainer:
    return write_trainer(session, by, units=units, facts=HER | changed)


def marks(points: int = 3) -> dict[str, int]:
    return dict.fromkeys(policy().criteria, points)


def candidate(session: Session, of: Trainer, **changed: Any) -> TrainerCandidate:
    edition = open_edition(session, COORDINATOR, **(EDITION | changed))
    return enter_candidate(session, TRAINER, edition.id, trainer_id=of.id)


def prove_all(session: Session, one: TrainerCandidate) -> None:
    """Forty hours in five days, a test and two observed sessions."""
    for day in range(1, 6):
        note_hours(session, TRAINER, one.id, on=date(2026, 2, day), minutes=480)
    note_test(session, TRAINER, one.id, on=DAY, percent=70)
    for _ in range(2):
        note_observation(session, TRAINER, one.id, on=DAY, marks=marks())


def licensed(session: Session, of: Trainer, **changed: Any) -> TrainerLicence:
    found = candidate(session, of, **changed)
    prove_all(session, found)
    return issue_licence(session, COORDINATOR, found.id, version=None)

"""A centre decides how a kind of enterprise is trained in a need, from a day on."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from services.training.models import TrainingStrategy
from services.training.queries.scope import check_units
from services.training.use_cases.finding import recorder
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, clock, uuid7

_AHEAD = timedelta(days=366)


def decide_strategy(session: Session, caller: Caller, *, unit: str, since: date, **told: Any) -> TrainingStrategy:
    """The strategy, in force in a place of the caller's territory from its day on: of one day the last one decided
    holds. Refuses a day more than a year away and a smallest group above the largest.
    """
    check_units([unit], pointer="/unit")
    caller.require_scope(unit)
    if not clock.today() - _AHEAD <= since <= clock.today() + _AHEAD:
        raise Invalid("strategy.day_too_far", pointer="/since")
    if told["smallest"] > told["largest"]:
        raise Invalid("strategy.sizes", pointer="/largest", smallest=told["smallest"])
    if len(set(told["methods"])) < len(told["methods"]):
        raise Invalid("curriculum.method_twice", pointer="/methods")
    made = TrainingStrategy(id=uuid7(), unit=unit, since=since, **told, **recorder(caller))
    session.add(made)
    session.flush()
    facts = {"unit": unit, "since": since, **told}
    history.record(session, caller, subject=made.id, kind="training_strategy", action="decide", after=facts)
    return made

"""Trainers are written down, put right, leave and come back; one of them is named for a session."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import Partner, Trainer, TrainingSession
from services.training.models.sessions import CANCELLED
from services.training.queries.licences import leaves_of
from services.training.queries.scope import check_units, near
from services.training.queries.trainers import is_visible
from services.training.reference import licences
from services.training.rules.licences import holds
from services.training.rules.timetable import Timetable
from services.training.use_cases.finding import locked, recorder, require_near
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, Refused, uuid7

_FACTS = ("unit", "account", "name", "topics", "languages", "slots", "partner_id")


def write_trainer(session: Session, caller: Caller, *, units: Sequence[str], facts: Mapping[str, Any]) -> Trainer:
    """A new trainer. Refuses a place that is none or not the caller's, a learning centre that is not known, and an
    account that another trainer has.
    """
    made = Trainer(id=uuid7(), units=[], **recorder(caller))
    _describe(session, caller, made, units, facts)
    session.add(made)
    session.flush()
    history.record(session, caller, subject=made.id, kind="trainer", action="write", after=_plain(made))
    return made


def change_trainer(
    session: Session,
    caller: Caller,
    trainer_id: UUID,
    *,
    version: int | None,
    units: Sequence[str],
    facts: Mapping[str, Any],
) -> Trainer:
    """The trainer as she is known now, all her facts anew."""
    found = trainer_to_change(session, caller, trainer_id, version)
    before = _plain(found)
    _describe(session, caller, found, units, facts)
    session.flush()
    told = {"before": before, "after": _plain(found)}
    history.record(session, caller, subject=found.id, kind="trainer", action="change", **told)
    return found


def let_trainer_go(session: Session, caller: Caller, trainer_id: UUID, *, version: int | None) -> Trainer:
    """She teaches no more; her sessions to come need somebody else first."""
    found = trainer_to_change(session, caller, trainer_id, version)
    planned = select(TrainingSession).where(TrainingSession.trainer_id == found.id, TrainingSession.state == "planned")
    if waiting := session.scalar(planned.order_by(TrainingSession.first_day, TrainingSession.id).limit(1)):
        raise Refused("trainer.has_sessions", title=waiting.title, day=waiting.first_day)
    found.leave()
    session.flush()
    history.record(session, caller, subject=found.id, kind="trainer", action="leave")
    return found


def take_trainer_back(session: Session, caller: Caller, trainer_id: UUID, *, version: int | None) -> Trainer:
    """She teaches again."""
    found = trainer_to_change(session, caller, trainer_id, version)
    found.come_back()
    session.flush()
    history.record(session, caller, subject=found.id, kind="trainer", action="come_back")
    return found


def trainer_to_change(session: Session, caller: Caller, trainer_id: UUID, version: int | None) -> Trainer:
    """A trainer whose entry the caller's territory keeps, locked; refuses an old version of it."""
    found = locked(session, Trainer, trainer_id, "trainer.unknown", caller, near=True)
    found.require_version(version)
    return found


def require_free(
    session: Session,
    caller: Caller,
    trainer_id: UUID,
    *,
    unit: str,
    timetable: Timetable,
    topic: str | None,
    but: UUID | None = None,
) -> Trainer:
    """The trainer, locked until the end of the transaction, so that nobody takes the same hours meanwhile. Refuses one
    who teaches no more or not there, who has another session then (`but`: this one aside), and who holds no licence
    for a topic that needs one.
    """
    wanted = select(Trainer).where(Trainer.id == trainer_id).with_for_update()
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None or not is_visible(session, caller, trainer_id):
        raise Invalid("trainer.unknown", pointer="/trainer_id")
    if found.left_on is not None:
        raise Invalid("trainer.left", pointer="/trainer_id", day=found.left_on)
    if not found.goes_to(unit):
        raise Invalid("trainer.not_there", pointer="/trainer_id", name=found.name)
    days = (timetable.first_day, timetable.last_day)
    if topic in licences.policy(timetable.first_day).topics_with_licence and not holds(
        leaves_of(session, [trainer_id]), str(topic), *days
    ):
        raise Invalid("trainer.no_licence", pointer="/trainer_id", name=found.name)
    _refuse_clash(session, found, timetable, but)
    return found


def _refuse_clash(session: Session, trainer: Trainer, timetable: Timetable, but: UUID | None) -> None:
    others = select(TrainingSession).where(
        TrainingSession.trainer_id == trainer.id,
        TrainingSession.state != CANCELLED,
        TrainingSession.first_day <= timetable.last_day,
        TrainingSession.last_day >= timetable.first_day,
    )
    for other in session.scalars(others.order_by(TrainingSession.first_day, TrainingSession.id)):
        if other.id != but and other.timetable.meets(timetable):
            told = {name: getattr(other, name) for name in ("title", "starts", "ends", "place")}
            raise Invalid("trainer.clash", pointer="/trainer_id", name=trainer.name, day=other.first_day, **told)


def _describe(
    session: Session, caller: Caller, trainer: Trainer, units: Sequence[str], facts: Mapping[str, Any]
) -> None:
    check_units([facts["unit"]], pointer="/unit")
    require_near(caller, facts["unit"])
    check_units(units, pointer="/units")
    if facts["partner_id"] is not None:
        known = select(Partner.id).where(Partner.id == facts["partner_id"], near(caller, Partner.unit))
        if session.scalar(known) is None:
            raise Invalid("csr_partner.unknown", pointer="/partner_id")
    if facts["account"] is not None:
        same = select(Trainer.id).where(Trainer.account == facts["account"], Trainer.id != trainer.id)
        if session.scalar(same) is not None:
            raise Invalid("trainer.account_taken", pointer="/account")
    with session.no_autoflush:
        trainer.describe(facts, units)


def _plain(trainer: Trainer) -> dict[str, Any]:
    return {name: getattr(trainer, name) for name in _FACTS} | {"units": [one.unit for one in trainer.units]}

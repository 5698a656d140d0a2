"""The training of trainers: an edition is opened, a trainer enters it, and what she proves is noted."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import Trainer, TrainerCandidate, TrainerEdition, TrainerProof, TrainingSession
from services.training.queries.scope import check_units
from services.training.queries.trainers import is_visible
from services.training.reference.licences import policy
from services.training.rules.licences import HOURS, OBSERVATION, TEST, marked_percent
from services.training.use_cases.finding import locked, recorder, require_near
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, uuid7


def open_edition(
    session: Session,
    caller: Caller,
    *,
    unit: str,
    name: str,
    level: str,
    topics: Sequence[str],
    starts_on: date,
    ends_on: date,
) -> TrainerEdition:
    """A new edition; what its level asks for is what holds on its first day. Refuses an end before the beginning and a
    level that the reference of that day does not know.
    """
    check_units([unit], pointer="/unit")
    require_near(caller, unit)
    if ends_on < starts_on:
        raise Invalid("licence.edition_ends_before", pointer="/ends_on", day=starts_on)
    if level not in policy(starts_on).levels:
        raise Invalid("licence.level_unknown", pointer="/level")
    told = {"unit": unit, "name": name.strip(), "level": level, "topics": sorted(set(topics))}
    made = TrainerEdition(id=uuid7(), starts_on=starts_on, ends_on=ends_on, **told, **recorder(caller))
    session.add(made)
    session.flush()
    history.record(session, caller, subject=made.id, kind="trainer_edition", action="open", after=told)
    return made


def enter_candidate(session: Session, caller: Caller, edition_id: UUID, *, trainer_id: UUID) -> TrainerCandidate:
    """A trainer in the edition; refused a second time, and for who teaches no more."""
    edition = _edition(session, caller, edition_id)
    trainer = session.get(Trainer, trainer_id)
    if trainer is None or not is_visible(session, caller, trainer_id):
        raise Invalid("trainer.unknown", pointer="/trainer_id")
    trainer.require_active()
    known = select(TrainerCandidate.id).where(
        TrainerCandidate.edition_id == edition.id, TrainerCandidate.trainer_id == trainer_id
    )
    if session.scalar(known) is not None:
        raise Invalid("licence.candidate_already", pointer="/trainer_id", name=trainer.name)
    made = TrainerCandidate(id=uuid7(), edition_id=edition.id, trainer_id=trainer_id, proofs=[], **recorder(caller))
    session.add(made)
    session.flush()
    told = {"edition_id": str(edition.id), "trainer_id": str(trainer_id)}
    history.record(session, caller, subject=made.id, kind="trainer_candidate", action="enter", after=told)
    return made


def note_hours(
    session: Session, caller: Caller, candidate_id: UUID, *, on: date, minutes: int, note: str = ""
) -> TrainerCandidate:
    """The candidate with minutes that she attended on a day."""
    return _prove(session, caller, candidate_id, TrainerProof(kind=HOURS, on=on, minutes=minutes, marks={}, note=note))


def note_test(
    session: Session, caller: Caller, candidate_id: UUID, *, on: date, percent: int, note: str = ""
) -> TrainerCandidate:
    """The candidate with the result of a test in percent."""
    return _prove(session, caller, candidate_id, TrainerProof(kind=TEST, on=on, percent=percent, marks={}, note=note))


def note_observation(
    session: Session,
    caller: Caller,
    candidate_id: UUID,
    *,
    on: date,
    marks: Mapping[str, int],
    session_id: UUID | None = None,
    note: str = "",
) -> TrainerCandidate:
    """The candidate with a session of hers that somebody observed, marked by criterion. Refuses criteria that the
    reference of its edition does not know, too many points, and a session that is not hers.
    """
    candidate = candidate_to_change(session, caller, candidate_id, None)
    edition = session.get_one(TrainerEdition, candidate.edition_id)
    asked = policy(edition.starts_on)
    for code, points in marks.items():
        if code not in asked.criteria or points > asked.most_marks:
            raise Invalid("licence.marks", pointer="/marks", most=asked.most_marks)
    if missing := sorted(set(asked.criteria) - set(marks)):
        raise Invalid("licence.marks_missing", pointer="/marks", missing=len(missing))
    if session_id is not None:
        taught = session.get(TrainingSession, session_id)
        if taught is None or taught.trainer_id != candidate.trainer_id:
            raise Invalid("licence.session_not_hers", pointer="/session_id")
    percent = marked_percent(marks, asked.criteria, asked.most_marks)
    told = {"percent": percent, "marks": dict(marks), "session_id": session_id, "note": note}
    return _prove(session, caller, candidate_id, TrainerProof(kind=OBSERVATION, on=on, **told))


def strike_proof(
    session: Session, caller: Caller, candidate_id: UUID, number: int, *, version: int | None, why: str
) -> TrainerCandidate:
    """The candidate without something that was noted by mistake; it stays written, with the reason."""
    candidate = candidate_to_change(session, caller, candidate_id, version)
    candidate.strike(number, why)
    session.flush()
    told = {"number": number, "why": why}
    history.record(session, caller, subject=candidate.id, kind="trainer_candidate", action="strike", after=told)
    return candidate


def candidate_to_change(session: Session, caller: Caller, candidate_id: UUID, version: int | None) -> TrainerCandidate:
    """A candidate of an edition of the caller's territory, locked; refuses an old version of her."""
    wanted = select(TrainerCandidate).where(TrainerCandidate.id == candidate_id).with_for_update()
    candidate = session.scalar(wanted.execution_options(populate_existing=True))
    if candidate is None:
        raise NotFound("licence.candidate_unknown")
    require_near(caller, session.get_one(TrainerEdition, candidate.edition_id).unit)
    candidate.require_version(version)
    return candidate


def refuse_oneself(session: Session, caller: Caller, trainer_id: UUID) -> None:
    """Nobody says of herself what she can, and nobody licenses herself."""
    if session.scalar(select(Trainer.account).where(Trainer.id == trainer_id)) == caller.subject:
        raise Refused("licence.oneself")


def _prove(session: Session, caller: Caller, candidate_id: UUID, proof: TrainerProof) -> TrainerCandidate:
    candidate = candidate_to_change(session, caller, candidate_id, None)
    refuse_oneself(session, caller, candidate.trainer_id)
    for name, value in recorder(caller).items():
        setattr(proof, name, value)
    candidate.prove(proof)
    session.flush()
    told = {"number": proof.number, "kind": proof.kind, "on": proof.on.isoformat()}
    history.record(session, caller, subject=candidate.id, kind="trainer_candidate", action="prove", after=told)
    return candidate


def _edition(session: Session, caller: Caller, edition_id: UUID) -> TrainerEdition:
    return locked(session, TrainerEdition, edition_id, "licence.edition_unknown", caller, near=True)

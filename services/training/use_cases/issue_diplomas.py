"""Diplomas are issued to those who earned them, all of a training at once; everybody else gets a reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.documents.diploma import hash_of
from services.training.models import Diploma, DiplomaBatch, DiplomaKey, DiplomaLeftOut, DiplomaNumber
from services.training.queries.diplomas import holders_of
from services.training.reference.diplomas import policy
from services.training.rules.diplomas.award import NO_NAME, Candidate, left_out
from shared import history, jobs
from shared.bus import log
from shared.database import Database
from shared.events.training import DiplomaIssued
from shared.identity import Caller
from shared.kernel import Refused, clock, uuid7
from shared.tokens import Keyring

PRINT_JOB = "diplomas.print"


@dataclass(frozen=True, slots=True)
class Training:
    """What diplomas are issued for: a group or a workshop that ended, how long it was, and who was taught."""

    kind: str
    id: UUID
    municipality: str
    title: str
    tenths: int
    ended_on: date
    candidates: Sequence[Candidate]


def issue_diplomas(
    session: Session, caller: Caller, keyring: Keyring, *, kind: str, language: str, trainings: Sequence[Training]
) -> DiplomaBatch:
    """The batch: a diploma of this kind for everybody who earned one and has none, a reason for everybody else, and a
    job that prints them. Refused where no name is known: the registry is away, or does not show them to this caller.
    """
    numbers = _numbers(session)
    batch = DiplomaBatch(
        id=uuid7(),
        kind=kind,
        language=language,
        subjects=[str(training.id) for training in trainings],
        issued=0,
        made_by=caller.subject,
        made_by_name=caller.name,
        made_at=clock.now(),
    )
    session.add(batch)
    session.flush()
    nameless = 0
    for training in trainings:
        rule = policy(training.ended_on).rules[kind]
        holders = holders_of(session, training.id, kind)
        for candidate in training.candidates:
            told = left_out(rule, candidate, training.tenths, holders)
            if told is None:
                diploma = _diploma(batch, training, candidate, rule.valid_from, numbers)
                issue(session, caller, keyring, diploma)
                batch.count()
            else:
                reason, facts = told
                nameless += reason == NO_NAME
                left = DiplomaLeftOut(
                    batch_id=batch.id,
                    subject_id=training.id,
                    holder_id=candidate.holder_id,
                    reason=reason,
                    facts=facts,
                )
                session.add(left)
    if nameless and not batch.issued:
        raise Refused("diploma.no_names", women=nameless)
    if batch.issued:
        batch.printed_by(jobs.enqueue(session, PRINT_JOB, {"batch_id": batch.id}, caller))
    session.flush()
    return batch


def issue(session: Session, caller: Caller, keyring: Keyring, diploma: Diploma) -> None:
    """Sign it, enter it in the register and announce it."""
    diploma.sign_with(keep_key(session, keyring))
    sealed = diploma.said.sealed(keyring.seal(diploma.said.message()))
    diploma.seal(sealed, hash_of(diploma, sealed))
    session.add(diploma)
    session.flush()
    told = {"number": diploma.number, "kind": diploma.kind, "title": diploma.title}
    history.record(session, caller, subject=diploma.id, kind="diploma", action="issue", after=told)
    issued = DiplomaIssued(
        diploma_id=diploma.id,
        kind=diploma.kind,
        subject_kind=diploma.subject_kind,
        subject_id=diploma.subject_id,
        holder_id=diploma.holder_id,
        replaces_id=diploma.replaces_id,
        issued_on=diploma.issued_on,
    )
    log.append(session, issued, diploma.id)


def keep_key(session: Session, keyring: Keyring) -> str:
    """Remember the public half of today's key for good; comes back with its id."""
    key, public = keyring.sealing_key()
    if session.get(DiplomaKey, key) is None:
        session.add(DiplomaKey(id=key, public=public.hex(), first_used_at=clock.now()))
        session.flush()
    return key


def ensure_key(database: Database, keyring: Keyring) -> None:
    """Before a file is signed while somebody reads: remember today's key, where no diploma was issued with it yet."""
    key, _ = keyring.sealing_key()
    with database.reading() as session:
        if session.get(DiplomaKey, key) is not None:
            return
    with database.transaction() as session:
        _numbers(session)
        keep_key(session, keyring)


def next_number(session: Session) -> str:
    """The next number of a diploma; whoever takes one holds the counter to the end."""
    return _numbers(session).take(clock.today().year)


def _numbers(session: Session) -> DiplomaNumber:
    locked = select(DiplomaNumber).with_for_update().execution_options(populate_existing=True)
    found: DiplomaNumber = session.execute(locked).scalar_one()
    return found


def _diploma(
    batch: DiplomaBatch, training: Training, candidate: Candidate, rule_from: date, numbers: DiplomaNumber
) -> Diploma:
    return Diploma(
        id=uuid7(),
        number=numbers.take(clock.today().year),
        batch_id=batch.id,
        kind=batch.kind,
        subject_kind=training.kind,
        subject_id=training.id,
        municipality=training.municipality,
        holder_id=candidate.holder_id,
        name=candidate.name,
        title=training.title,
        tenths=training.tenths,
        attended=candidate.tenths,
        ended_on=training.ended_on,
        language=batch.language,
        rule_from=rule_from,
        issued_on=clock.today(),
        issued_at=clock.now(),
        issued_by=batch.made_by,
        issued_by_name=batch.made_by_name,
    )

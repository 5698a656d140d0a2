"""A licence to teach is issued to who earned it, renewed, suspended, given back, revoked."""

import secrets
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import TrainerCandidate, TrainerEdition, TrainerLicence
from services.training.queries.licences import proofs_of
from services.training.reference.licences import policy
from services.training.rules.licences import ACTIVE, REVOKED, last_day, progress
from services.training.use_cases.finding import locked, recorder
from services.training.use_cases.train_trainers import candidate_to_change, refuse_oneself
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock, uuid7

_SIGNS = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""Without those that are mistaken for each other on paper."""
_LENGTH = 8


def issue_licence(session: Session, caller: Caller, candidate_id: UUID, *, version: int | None) -> TrainerLicence:
    """The licence that a candidate earned, valid from today for the years of its level. Refused while anything is
    missing, a second time, and to oneself.
    """
    candidate = candidate_to_change(session, caller, candidate_id, version)
    refuse_oneself(session, caller, candidate.trainer_id)
    if session.scalar(select(TrainerLicence.id).where(TrainerLicence.candidate_id == candidate.id)) is not None:
        raise Refused("licence.issued_already")
    edition = session.get_one(TrainerEdition, candidate.edition_id)
    level = policy(edition.starts_on).levels[edition.level]
    missing = [step.kind for step in progress(level, proofs_of(candidate)) if not step.met]
    if missing:
        raise Refused("licence.not_earned", missing=len(missing))
    made = _new(caller, edition, candidate, clock.today(), level.years)
    session.add(made)
    session.flush()
    _record(session, caller, made, "issue", number=made.number)
    return made


def renew_licence(session: Session, caller: Caller, licence_id: UUID, *, version: int | None) -> TrainerLicence:
    """The licence that follows this one, from the day after its end or from today where that is past. Refused too
    early, a second time, for one that was revoked or is suspended, and to oneself.
    """
    before = licence_to_change(session, caller, licence_id, version)
    refuse_oneself(session, caller, before.trainer_id)
    if before.state != ACTIVE:
        raise Refused(f"licence.is_{before.state}")
    if session.scalar(select(TrainerLicence.id).where(TrainerLicence.renews_id == before.id)) is not None:
        raise Refused("licence.renewed_already")
    today, in_force = clock.today(), policy()
    opens = before.valid_until - timedelta(days=in_force.renewal_days)
    if today < opens:
        raise Refused("licence.too_early", day=opens)
    level = in_force.levels.get(before.level)
    if level is None:
        raise Invalid("licence.level_unknown", pointer="/level")
    first = max(today, before.valid_until + timedelta(days=1))
    made = TrainerLicence(
        id=uuid7(),
        number=_number(today),
        renews_id=before.id,
        valid_from=first,
        valid_until=last_day(first, level.years),
        state=ACTIVE,
        state_since=today,
        **{name: getattr(before, name) for name in ("trainer_id", "unit", "level", "topics")},
        **recorder(caller),
    )
    session.add(made)
    session.flush()
    _record(session, caller, before, "renew", renewed_by=str(made.id))
    _record(session, caller, made, "issue", number=made.number)
    return made


def suspend_licence(
    session: Session, caller: Caller, licence_id: UUID, *, version: int | None, reason: str
) -> TrainerLicence:
    """The licence, which does not count until it is given back."""
    found = licence_to_change(session, caller, licence_id, version)
    found.suspend(reason)
    session.flush()
    _record(session, caller, found, "suspend", reason=reason.strip())
    return found


def give_licence_back(session: Session, caller: Caller, licence_id: UUID, *, version: int | None) -> TrainerLicence:
    """The licence, which counts again until its last day."""
    found = licence_to_change(session, caller, licence_id, version)
    refuse_oneself(session, caller, found.trainer_id)
    found.give_back()
    session.flush()
    _record(session, caller, found, "give_back")
    return found


def revoke_licence(
    session: Session, caller: Caller, licence_id: UUID, *, version: int | None, reason: str
) -> TrainerLicence:
    """The licence, which counts no more for good; one that renews it goes with it."""
    found = licence_to_change(session, caller, licence_id, version)
    found.revoke(reason)
    session.flush()
    _record(session, caller, found, "revoke", reason=reason.strip())
    following = select(TrainerLicence).where(TrainerLicence.renews_id == found.id, TrainerLicence.state != REVOKED)
    for newer in session.scalars(following.with_for_update()):
        revoke_licence(session, caller, newer.id, version=None, reason=reason)
    return found


def licence_to_change(session: Session, caller: Caller, licence_id: UUID, version: int | None) -> TrainerLicence:
    """A licence of the caller's territory or of what it lies in, locked; refuses an old version of it."""
    found = locked(session, TrainerLicence, licence_id, "licence.unknown", caller, near=True)
    found.require_version(version)
    return found


def _new(
    caller: Caller, edition: TrainerEdition, candidate: TrainerCandidate, first: date, years: int
) -> TrainerLicence:
    return TrainerLicence(
        id=uuid7(),
        number=_number(first),
        trainer_id=candidate.trainer_id,
        candidate_id=candidate.id,
        unit=edition.unit,
        level=edition.level,
        topics=list(edition.topics),
        valid_from=first,
        valid_until=last_day(first, years),
        state=ACTIVE,
        state_since=first,
        **recorder(caller),
    )


def _number(day: date) -> str:
    """A number that nobody finds by counting: asked of strangers' papers, it tells of that one alone."""
    return f"L{day.year}-" + "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))


def _record(session: Session, caller: Caller, licence: TrainerLicence, action: str, **after: str) -> None:
    history.record(session, caller, subject=licence.id, kind="trainer_licence", action=action, after=after)

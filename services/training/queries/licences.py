"""Licences to teach and the programme in which they are earned, as they are read."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from services.training.models import Trainer, TrainerCandidate, TrainerEdition, TrainerLicence, TrainerProof
from services.training.queries.scope import check_units, near, within
from services.training.reference.licences import policy
from services.training.rules import licences as rules
from services.training.rules.licences import Leave, Proof, progress, standing
from shared import history
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import NotFound, clock
from shared.web.paging import Page, keyset_page

EXPIRING = "expiring"
_LICENCE = (
    *labelled(TrainerLicence, "id", "version", "number", "trainer_id", "renews_id", "unit", "level", "topics"),
    *labelled(TrainerLicence, "valid_from", "valid_until", "state", "state_since", "reason", "recorded_by_name"),
    *labelled(TrainerLicence, "recorded_at"),
    Trainer.name.label("trainer_name"),
)
_EDITION = labelled(
    TrainerEdition,
    *("id", "version", "unit", "name", "level", "topics", "starts_on", "ends_on", "recorded_by_name"),
)
_PROOF = (
    *("candidate_id", "number", "kind", "on", "minutes", "percent", "marks", "session_id", "note", "struck_why"),
    "recorded_by_name",
)


def list_licences(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The licences of the caller's territory and of what it lies in, the newest first. `filters`: `standing`
    (`expiring`: valid, ending soon and not renewed), `trainer_id`, `unit`.
    """
    statement = _licences().where(near(caller, TrainerLicence.unit))
    if trainer_id := filters.get("trainer_id"):
        statement = statement.where(TrainerLicence.trainer_id == trainer_id)
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(TrainerLicence.unit, [unit]))
    if wanted := filters.get("standing"):
        statement = statement.where(stands(wanted))
    page = keyset_page(session, statement, keys=[_LICENCE[0]], limit=limit, after=after, descending=True)
    return Page([_standing(row) for row in page.rows], page.next)


def show_licence(session: Session, caller: Caller, licence_id: UUID) -> dict[str, Any]:
    """One licence with what was done with it, first to last."""
    wanted = _licences().where(TrainerLicence.id == licence_id, near(caller, TrainerLicence.unit))
    row = session.execute(wanted).mappings().one_or_none()
    if row is None:
        raise NotFound("licence.unknown")
    steps = [
        {"action": one["action"], "at": one["at"], "reason": (one["after"] or {}).get("reason")}
        for one in history.of(session, licence_id)
    ]
    renewed = session.scalar(select(TrainerLicence.id).where(TrainerLicence.renews_id == licence_id))
    return _standing(row) | {"steps": steps, "renewed_by_id": renewed}


def licences_of(session: Session, trainer_ids: Collection[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The licences of trainers, the latest first."""
    found: dict[UUID, list[dict[str, Any]]] = {}
    wanted = _licences().where(TrainerLicence.trainer_id.in_(trainer_ids))
    for row in session.execute(wanted.order_by(TrainerLicence.id.desc())).mappings():
        found.setdefault(row["trainer_id"], []).append(_standing(row))
    return found


def leaves_of(session: Session, trainer_ids: Collection[UUID]) -> list[Leave]:
    """The same as they count."""
    names = ("trainer_id", "topics", "valid_from", "valid_until", "state")
    wanted = select(*labelled(TrainerLicence, *names)).where(TrainerLicence.trainer_id.in_(trainer_ids))
    return [
        Leave(row["trainer_id"], frozenset(row["topics"]), row["valid_from"], row["valid_until"], row["state"])
        for row in session.execute(wanted).mappings()
    ]


def verified(session: Session, number: str) -> dict[str, Any]:
    """Whether the licence with this number counts today; nothing of who holds it."""
    wanted = select(TrainerLicence).where(TrainerLicence.number == number.strip().upper())
    found = session.scalar(wanted)
    if found is None:
        raise NotFound("licence.number_unknown")
    told = standing(found.state, found.valid_from, found.valid_until, clock.today())
    return {"number": found.number, "standing": told, "valid_until": found.valid_until}


def list_editions(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The editions of the programme in the caller's territory and in what it lies in, the newest first."""
    statement = select(*_EDITION, _candidates().label("candidates")).where(near(caller, TrainerEdition.unit))
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(TrainerEdition.unit, [unit]))
    return keyset_page(session, statement, keys=[_EDITION[0]], limit=limit, after=after, descending=True)


def show_edition(session: Session, caller: Caller, edition_id: UUID) -> dict[str, Any]:
    """One edition with what its level asks for and how far each candidate is."""
    wanted = select(*_EDITION, _candidates().label("candidates"))
    wanted = wanted.where(TrainerEdition.id == edition_id, near(caller, TrainerEdition.unit))
    row = session.execute(wanted).mappings().one_or_none()
    if row is None:
        raise NotFound("licence.edition_unknown")
    ids = session.scalars(
        select(TrainerCandidate.id)
        .join(Trainer, Trainer.id == TrainerCandidate.trainer_id)
        .where(TrainerCandidate.edition_id == edition_id)
        .order_by(Trainer.name_key, TrainerCandidate.id)
    )
    people = [_candidate(session, one, row) for one in ids]
    return {**row, "people": people, "requirements": _requirements(row["level"], row["starts_on"])}


def show_candidate(session: Session, caller: Caller, candidate_id: UUID) -> dict[str, Any]:
    """One candidate: how far she is, all that was noted, and her licence where she has it."""
    edition_id = session.scalar(select(TrainerCandidate.edition_id).where(TrainerCandidate.id == candidate_id))
    if edition_id is None:
        raise NotFound("licence.candidate_unknown")
    edition = show_edition(session, caller, edition_id)
    found = next(one for one in edition["people"] if one["id"] == candidate_id)
    names = ("id", "name", "level", "topics", "starts_on", "ends_on", "requirements")
    shown: dict[str, Any] = found | {"edition": {name: edition[name] for name in names}}
    return shown


def proofs_of(candidate: TrainerCandidate) -> list[Proof]:
    """What counts of what a candidate proved."""
    return [Proof(one.kind, one.minutes or 0, one.percent or 0) for one in candidate.proofs if one.struck_why is None]


def _candidate(session: Session, candidate_id: UUID, edition: Mapping[Any, Any]) -> dict[str, Any]:
    found = session.get_one(TrainerCandidate, candidate_id)
    level = policy(edition["starts_on"]).levels[edition["level"]]
    steps = progress(level, proofs_of(found))
    licence = session.scalar(select(TrainerLicence).where(TrainerLicence.candidate_id == candidate_id))
    rows = select(*labelled(TrainerProof, *_PROOF)).where(TrainerProof.candidate_id == candidate_id)
    return {
        "id": candidate_id,
        "version": found.version,
        "trainer_id": found.trainer_id,
        "trainer_name": session.scalar(select(Trainer.name).where(Trainer.id == found.trainer_id)),
        "steps": [{"kind": one.kind, "needed": one.needed, "reached": one.reached, "met": one.met} for one in steps],
        "earned": all(one.met for one in steps),
        "licence_id": licence.id if licence else None,
        "licence_number": licence.number if licence else None,
        "proofs": [dict(row) for row in session.execute(rows.order_by(TrainerProof.number)).mappings()],
    }


def _requirements(level: str, day: date) -> dict[str, int]:
    asked = policy(day).levels[level]
    names = ("hours", "test_percent", "observations", "observed_percent", "years")
    return {name: getattr(asked, name) for name in names}


def _licences() -> Any:
    return select(*_LICENCE).join(Trainer, Trainer.id == TrainerLicence.trainer_id)


def _standing(row: Mapping[Any, Any]) -> dict[str, Any]:
    today = clock.today()
    told = standing(row["state"], row["valid_from"], row["valid_until"], today)
    soon = told == rules.VALID and row["valid_until"] <= today + timedelta(days=policy().expiring_days)
    return {**row, "standing": told, "expiring": soon}


def stands(wanted: str) -> ColumnElement[bool]:
    """The same question as `rules.licences.standing`, asked of rows; a test holds the two together."""
    today = clock.today()
    state, first, last = TrainerLicence.state, TrainerLicence.valid_from, TrainerLicence.valid_until
    if wanted == rules.REVOKED:
        return state == rules.REVOKED
    if wanted == rules.SUSPENDED:
        return and_(state == rules.SUSPENDED, last >= today)
    if wanted == rules.EXPIRED:
        expired = and_(state == rules.ACTIVE, last < today, first <= today)
        return or_(expired, and_(state == rules.SUSPENDED, last < today))
    if wanted == rules.FUTURE:
        return and_(state == rules.ACTIVE, first > today)
    valid = and_(state == rules.ACTIVE, first <= today, last >= today)
    if wanted == EXPIRING:
        newer = aliased(TrainerLicence)
        renewed = select(newer.id).where(newer.renews_id == TrainerLicence.id).exists()
        return and_(valid, last <= today + timedelta(days=policy().expiring_days), ~renewed)
    return valid


def _candidates() -> Any:
    return (
        select(func.count())
        .where(TrainerCandidate.edition_id == TrainerEdition.id)
        .correlate(TrainerEdition)
        .scalar_subquery()
    )

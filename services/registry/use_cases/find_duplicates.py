"""Women who may be in the inventory twice are found: their keys are kept, their pairs are put into the queue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from services.registry.models import (
    DuplicateMerge,
    DuplicatePair,
    DuplicateRecord,
    DuplicateScan,
    Enterprise,
    Entrepreneur,
    Owner,
)
from services.registry.rules.linkage.bulk import Hashed, packed_keys, person_print, print_of
from services.registry.rules.linkage.candidate import Candidate
from services.registry.rules.linkage.policy import Policy
from services.registry.rules.linkage.scoring import Verdict
from services.registry.rules.linkage.traits import Traits, traits_of
from shared import jobs
from shared.identity import Caller
from shared.jobs import job_table
from shared.kernel import clock, uuid7

KIND = "find-duplicates"
BATCH = 5_000
ALWAYS_ALL = 100_000
"""Up to so many records every search judges every pair; beyond, what changed since the last, and all of it weekly."""

_THOROUGH_EVERY = timedelta(days=7)
_AT_ONCE = 400
_COMPARED = (
    Entrepreneur.id,
    Entrepreneur.given_names,
    Entrepreneur.surnames,
    Entrepreneur.id_kind,
    Entrepreneur.id_fingerprint,
    Entrepreneur.born_on,
    Entrepreneur.phone,
    Enterprise.municipality,
    Enterprise.address,
    Enterprise.lon,
    Enterprise.lat,
    Enterprise.name.label("enterprise_name"),
    DuplicateRecord.number,
    DuplicateRecord.print,
    DuplicateRecord.person,
    DuplicateRecord.compared,
    DuplicateRecord.keys,
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A woman's record ready to be compared; `fresh` where her keys had to be made anew."""

    id: UUID
    traits: Traits
    municipality: str
    number: int | None
    print: int
    person: int
    keys: bytes
    fresh: bool
    touched: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair that is the same or to be looked at, with what stands on either side."""

    one_id: UUID
    other_id: UUID
    one_municipality: str
    other_municipality: str
    verdict: Verdict
    prints: tuple[int, int]
    people: tuple[int, int]


def ask_to_search(session: Session, caller: Caller, *, thorough: bool = False) -> UUID:
    """Have the worker search soon; a search that waits for its turn or is under way is enough. Its job's id."""
    open_one = select(job_table.c.id).where(job_table.c.kind == KIND, job_table.c.state.in_(jobs.OPEN))
    known: UUID | None = session.scalar(open_one.limit(1))
    return known or jobs.enqueue(session, KIND, {"thorough": thorough}, caller)


def begin_search(session: Session, caller: Caller, policy: Policy, *, thorough: bool) -> DuplicateScan:
    """The search that an interruption left unfinished, where the rules are still the same; otherwise a new one, which
    is thorough too where there was none within a week, or none by these rules.
    """
    edition = sha256(repr(policy).encode()).hexdigest()[:16]
    same_rules = select(DuplicateScan).where(DuplicateScan.edition == edition).order_by(DuplicateScan.id.desc())
    unfinished = session.scalar(same_rules.where(DuplicateScan.state == "working").limit(1))
    if unfinished is not None and unfinished.thorough >= thorough:
        return unfinished
    session.execute(delete(DuplicateScan).where(DuplicateScan.state == "working"))
    last = session.scalar(same_rules.where(DuplicateScan.thorough, DuplicateScan.state == "done").limit(1))
    due = last is None or last.started_at < clock.now() - _THOROUGH_EVERY
    scan = DuplicateScan.begin(caller, edition, thorough=thorough or due)
    session.add(scan)
    session.flush()
    return scan


def women_after(session: Session, hashed: Hashed, after: UUID | None) -> list[Kept]:
    """The next women of the inventory in the order of their ids, each with the first of her enterprises."""
    wanted = _women().order_by(Entrepreneur.id, Enterprise.id).limit(BATCH)
    if after is not None:
        wanted = wanted.where(Entrepreneur.id > after)
    return _kept(session.execute(wanted), hashed)


def women_of(session: Session, hashed: Hashed, ids: Iterable[UUID]) -> dict[UUID, Kept]:
    """These women as they stand now; who is not in the inventory any more is not there."""
    wanted = _women().where(Entrepreneur.id.in_(list(ids))).order_by(Entrepreneur.id, Enterprise.id)
    return {kept.id: kept for kept in _kept(session.execute(wanted), hashed)}


def keep_keys(session: Session, scan: DuplicateScan, women: Sequence[Kept]) -> None:
    """Write down the keys that had to be made anew."""
    ids = [kept.id for kept in women]
    numbers: dict[UUID, int] = {}
    for start in range(0, len(ids), _AT_ONCE):
        part = ids[start : start + _AT_ONCE]
        known = select(DuplicateRecord.entrepreneur_id, DuplicateRecord.number)
        numbers |= {row[0]: row[1] for row in session.execute(known.where(DuplicateRecord.entrepreneur_id.in_(part)))}
    values = [{"print": kept.print, "person": kept.person, "keys": kept.keys} for kept in women]
    new = [{"entrepreneur_id": i, **row} for i, row in zip(ids, values, strict=True) if i not in numbers]
    changed = [{"number": numbers[i], **row} for i, row in zip(ids, values, strict=True) if i in numbers]
    if new:
        session.execute(insert(DuplicateRecord), new)
    if changed:
        session.execute(update(DuplicateRecord), changed)
    scan.freshened(len(women))


def keep_pairs(session: Session, scan: DuplicateScan, pairs: Sequence[Judged], reached: UUID) -> None:
    """Put judged pairs into the queue. Who was told apart stays so, until what tells one from the other changes."""
    for start in range(0, len(pairs), _AT_ONCE):
        part = {(pair.one_id, pair.other_id): pair for pair in pairs[start : start + _AT_ONCE]}
        stored = select(DuplicatePair).where(DuplicatePair.one_id.in_({one for one, _ in part})).with_for_update()
        for known in session.scalars(stored):
            if (judged := part.pop(known.women, None)) is not None:
                _judge_again(known, scan, judged)
        if part:
            session.execute(insert(DuplicatePair), [_row(scan, pair) for pair in part.values()])
    scan.reach(reached)
    session.flush()


def known_pairs(session: Session) -> list[tuple[UUID, UUID]]:
    """The pairs that wait in the queue."""
    rows = session.execute(select(DuplicatePair.one_id, DuplicatePair.other_id).where(DuplicatePair.state == "open"))
    return [(row[0], row[1]) for row in rows]


def finish_search(session: Session, scan: DuplicateScan, told: Mapping[str, Any]) -> None:
    """What holds no more leaves the queue, and who is not in the inventory any more leaves the keys."""
    gone = DuplicateRecord.entrepreneur_id.not_in(_women().with_only_columns(Entrepreneur.id))
    session.execute(delete(DuplicateRecord).where(gone))
    session.execute(delete(DuplicatePair).where(DuplicatePair.state == "open", DuplicatePair.scan_id != scan.id))
    behind = or_(DuplicateRecord.compared.is_(None), DuplicateRecord.compared != DuplicateRecord.print)
    session.execute(update(DuplicateRecord).where(behind).values(compared=DuplicateRecord.print))
    scan.finish(**told)


def forget_duplicates(session: Session, women: Sequence[UUID]) -> None:
    """They withdrew: nothing they were compared by, no pair of theirs and no way back to a merged record stays."""
    merges = or_(DuplicateMerge.survivor_id.in_(women), DuplicateMerge.absorbed_id.in_(women))
    for merge in session.scalars(select(DuplicateMerge).where(merges)):
        merge.forget()
    session.execute(delete(DuplicateRecord).where(DuplicateRecord.entrepreneur_id.in_(women)))
    theirs = or_(DuplicatePair.one_id.in_(women), DuplicatePair.other_id.in_(women))
    session.execute(delete(DuplicatePair).where(theirs))


def _women() -> Select[*tuple[Any, ...]]:
    return (
        select(*_COMPARED)
        .select_from(Entrepreneur)
        .join(Owner, Owner.entrepreneur_id == Entrepreneur.id)
        .join(Enterprise, Enterprise.id == Owner.enterprise_id)
        .outerjoin(DuplicateRecord, DuplicateRecord.entrepreneur_id == Entrepreneur.id)
        .where(
            Entrepreneur.withdrawn_on.is_(None),
            Entrepreneur.merged_into.is_(None),
            Enterprise.active,
            Enterprise.consent_registry,
        )
    )


def _kept(rows: Iterable[Row[*tuple[Any, ...]]], hashed: Hashed) -> list[Kept]:
    found: list[Kept] = []
    for row in rows:
        if found and found[-1].id == row.id:
            continue
        traits = traits_of(_candidate(row))
        print_ = print_of(traits, hashed)
        fresh = print_ != row.print
        found.append(
            Kept(
                id=row.id,
                traits=traits,
                municipality=row.municipality,
                number=row.number,
                print=print_,
                person=person_print(traits, hashed) if fresh else row.person,
                keys=packed_keys(traits, hashed) if fresh else row.keys,
                fresh=fresh,
                touched=print_ != row.compared,
            )
        )
    return found


def _candidate(row: Row[*tuple[Any, ...]]) -> Candidate:
    return Candidate(
        id=row.id,
        given_names=row.given_names,
        surnames=row.surnames,
        id_kind=row.id_kind,
        id_fingerprint=row.id_fingerprint,
        born_on=row.born_on,
        phone=row.phone,
        municipality=row.municipality,
        address=row.address,
        point=None if row.lon is None or row.lat is None else (row.lon, row.lat),
        enterprise_name=row.enterprise_name,
    )


def _judge_again(known: DuplicatePair, scan: DuplicateScan, judged: Judged) -> None:
    told_apart = known.state == "not_duplicates"
    if told_apart and (known.one_person, known.other_person) == judged.people:
        return
    if known.state != "open":
        known.reopen()
    known.judged(scan.id, **_values(judged))


def _row(scan: DuplicateScan, pair: Judged) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "version": 1,
        "one_id": pair.one_id,
        "other_id": pair.other_id,
        "state": "open",
        "found_at": clock.now(),
        "scan_id": scan.id,
        **_values(pair),
    }


def _values(pair: Judged) -> dict[str, Any]:
    return {
        "one_municipality": pair.one_municipality,
        "other_municipality": pair.other_municipality,
        "points": pair.verdict.points,
        "decision": pair.verdict.decision.value,
        "reasons": [reason._asdict() for reason in pair.verdict.reasons],
        "one_print": pair.prints[0],
        "other_print": pair.prints[1],
        "one_person": pair.people[0],
        "other_person": pair.people[1],
    }

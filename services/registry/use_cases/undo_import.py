"""An import is undone: every record stands as it stood before, and what it brought in is not there any more."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Select, Table, and_, delete, func, inspect, or_, select, update
from sqlalchemy.orm import Session

from services.registry.models import (
    DuplicateMerge,
    Enterprise,
    Entity,
    Entrepreneur,
    ImportRun,
    Owner,
    Submission,
    TradePartner,
)
from services.registry.models.intake import BROUGHT, ImportChange
from services.registry.models.profiles import EnterpriseProfile, ValidationStep
from services.registry.models.remembered import recall_record, remember, remember_record
from services.registry.models.searching import forget_records
from services.registry.rules.validation import BY_TIME
from services.registry.sealing import Sealer
from services.registry.use_cases.heed_refusals import agreed_to, heed_refusals
from services.registry.use_cases.records import announce_changed, enterprises_of, told
from services.registry.use_cases.rows import write_history
from services.registry.use_cases.settle_places import ask_to_settle
from shared import history, jobs
from shared.bus import log
from shared.events.registry import EnterpriseChanged
from shared.identity import Caller
from shared.jobs import job_table
from shared.kernel import Refused

KIND = "undo-import"
_MANY = 400
# What an import itself, the looking up of places and time alone write into a history; all else is somebody's work.
# What was merged is asked for apart: a merge that was undone left everything as it was.
_NOT_WORK = ("import", "undo-import", "settle-place", "grow-stale", "merge", "unmerge")
COMPARED = {
    "duplicate_record": ("entrepreneur_id",),
    "duplicate_pair": ("one_id", "other_id"),
    "duplicate_merge": ("survivor_id", "absorbed_id"),
}
_WORK = {
    "accompaniment": "undo.accompanied",
    "copy_loan": "undo.lent",
    "entrepreneur": "undo.merged",
    "enterprise": "undo.merged",
}


def seal_before(session: Session, sealer: Sealer, known: Submission) -> bytes:
    """How the record of a submission stands now, sealed."""
    enterprise = session.get_one(Enterprise, known.enterprise_id)
    woman = session.get_one(Entrepreneur, known.entrepreneur_id)
    before = remember_record(enterprise, woman) | {"submission": remember(known)}
    return sealer.seal(json.dumps(before, ensure_ascii=False).encode(), known.identity.encode())


def ask_to_undo(session: Session, caller: Caller, run: ImportRun) -> None:
    """Have the worker undo an import; nothing happens where that is done or under way. Refuses with the first of its
    `hindrances`.
    """
    run.require_undoable()
    if run.undone_at is not None or _under_way(session, run):
        return
    require_free(session, run)
    run.undo_as(jobs.enqueue(session, KIND, {"import": str(run.id)}, caller))


def undo_import(session: Session, caller: Caller, sealer: Sealer, run: ImportRun) -> None:
    """Undo all of an import in this one transaction, latest change first: it is undone whole or not at all.

    Who withdrew since stays withdrawn; where a no stands again, what it takes away is erased. Refuses with the first of
    its `hindrances`.
    """
    run.require_undoable()
    if run.undone_at is not None:
        return
    changes = _changes(session, run)
    _lock(session, changes)
    require_free(session, run)
    agreed: dict[UUID, set[str]] = {}
    now: dict[UUID, set[str]] = {}
    for change in reversed([change for change in changes if change.kind == "updated"]):
        _restore(session, caller, sealer, change, agreed, now)
    for woman_id in sorted(agreed):
        if agreed[woman_id] - now[woman_id]:
            heed_refusals(session, session.get_one(Entrepreneur, woman_id), agreed[woman_id])
    gone = TradePartner.enterprise_id.in_(_brought(run))
    session.execute(
        update(TradePartner).where(gone).values(partner_id=None).execution_options(synchronize_session=False)
    )
    for part in _parts([change for change in changes if change.kind in BROUGHT]):
        _remove(session, caller, part)
    counted = [change.kind for change in changes]
    for change in changes:
        change.forget()
    run.undone(caller)
    removed = counted.count("created") + counted.count("added")
    after = {"removed": removed, "restored": counted.count("updated")}
    history.record(session, caller, subject=run.id, kind="import", action="undo-import", after=after)


def require_free(session: Session, run: ImportRun) -> None:
    """Refuses where later work stands on what the import brought."""
    for code, count in hindrances(session, run):
        raise Refused(code, count=count)


def hindrances(session: Session, run: ImportRun) -> list[tuple[str, int]]:
    """Why an import cannot be undone: codes, and how many records each concerns."""
    changes = _changes(session, run)
    found: dict[str, set[UUID]] = {}
    for part in _parts(changes):
        for code, enterprise_id in _in_the_way(session, run, part):
            found.setdefault(code, set()).add(enterprise_id)
    return [(code, len(records)) for code, records in sorted(found.items())]


def undoing(session: Session, run: ImportRun) -> bool:
    """Whether the worker is about to undo it."""
    return run.undone_at is None and run.undo_refusal is None and _under_way(session, run)


def _under_way(session: Session, run: ImportRun) -> bool:
    if run.undo_job_id is None:
        return False
    state = session.scalar(select(job_table.c.state).where(job_table.c.id == run.undo_job_id))
    return state in {"queued", "running"}


def _changes(session: Session, run: ImportRun) -> list[ImportChange]:
    """What the import made, in its order; not of who withdrew since."""
    wanted = select(ImportChange).where(ImportChange.import_id == run.id, ImportChange.identity.in_(_there()))
    return list(session.scalars(wanted.order_by(ImportChange.number)))


def _lock(session: Session, changes: Sequence[ImportChange]) -> None:
    for part in _parts(changes):
        women = select(Entrepreneur.id).where(Entrepreneur.id.in_([c.entrepreneur_id for c in part]))
        session.execute(women.order_by(Entrepreneur.id).with_for_update())
        enterprises = select(Enterprise.id).where(Enterprise.id.in_([c.enterprise_id for c in part]))
        session.execute(enterprises.order_by(Enterprise.id).with_for_update())


def _in_the_way(session: Session, run: ImportRun, part: Sequence[ImportChange]) -> Iterator[tuple[str, UUID]]:
    """Each thing that stands on a changed record: its code, and the record."""
    by_identity = {change.identity: change.enterprise_id for change in part}
    later = select(Submission.identity).where(Submission.identity.in_(by_identity), Submission.import_id != run.id)
    for identity in session.scalars(later):
        yield "undo.imported_later", by_identity[identity]
    made = {change.enterprise_id: change for change in part}
    made |= {change.entrepreneur_id: change for change in part if change.brought_her or change.kind == "updated"}
    entries = history.entries.c
    work = select(entries.subject, func.max(entries.at)).where(
        entries.subject.in_(made), entries.action.not_in(_NOT_WORK), entries.at > min(c.made_at for c in part)
    )
    for subject, at in session.execute(work.group_by(entries.subject)):
        if at > made[subject].made_at:
            yield "undo.changed_by_hand", made[subject].enterprise_id
    yield from _checked(session, run, part)
    yield from _merged(session, part)
    created = [change for change in part if change.kind in BROUGHT]
    yield from _standing_on(session, run, created)


def _checked(session: Session, run: ImportRun, part: Sequence[ImportChange]) -> Iterator[tuple[str, UUID]]:
    """What somebody has checked since: neither the import itself, nor time."""
    made = {change.enterprise_id: change for change in part}
    step = ValidationStep
    since = select(step.enterprise_id, func.max(step.taken_at)).where(
        step.enterprise_id.in_(made),
        step.import_id.is_distinct_from(run.id),
        step.evidence.is_distinct_from(BY_TIME),
        step.taken_at > min(change.made_at for change in part),
    )
    for enterprise_id, at in session.execute(since.group_by(step.enterprise_id)):
        if at > made[enterprise_id].made_at:
            yield "undo.changed_by_hand", enterprise_id


def _merged(session: Session, part: Sequence[ImportChange]) -> Iterator[tuple[str, UUID]]:
    """What became one with another record since, as a woman or as an enterprise."""
    made = {change.enterprise_id: change for change in part} | {change.entrepreneur_id: change for change in part}
    since = DuplicateMerge.merged_at > min(change.made_at for change in part)
    for merge in session.scalars(select(DuplicateMerge).where(DuplicateMerge.undone_at.is_(None), since)):
        enterprises = [one for pair in merge.enterprise_pairs for one in pair]
        for record in (merge.survivor_id, merge.absorbed_id, *enterprises):
            change = made.get(record)
            if change is not None and merge.merged_at > change.made_at:
                yield "undo.merged", change.enterprise_id


def _brought(run: ImportRun) -> Select[UUID]:
    """The enterprises that came with an import and would go with it."""
    brought = select(ImportChange.enterprise_id).where(ImportChange.import_id == run.id, ImportChange.kind.in_(BROUGHT))
    return brought.where(ImportChange.identity.in_(_there()))


def _there() -> Select[str]:
    """The submissions of whom has not withdrawn since."""
    return select(Submission.identity).where(Submission.withdrawn.is_(False))


def _standing_on(session: Session, run: ImportRun, created: Sequence[ImportChange]) -> Iterator[tuple[str, UUID]]:
    """What would lose its record: rows of every other table that point to one of these, but from another that came
    with it.
    """
    enterprises = {change.enterprise_id: change.enterprise_id for change in created}
    women = {change.entrepreneur_id: change.enterprise_id for change in created if change.brought_her}
    for table, column in pointing("enterprise"):
        standing = select(column).where(column.in_(enterprises))
        if table.name == TradePartner.__tablename__:
            standing = standing.where(table.c.enterprise_id.not_in(_brought(run)))
        for found in session.scalars(standing):
            yield _WORK.get(table.name, "undo.built_upon"), enterprises[found]
    for table, column in pointing("entrepreneur"):
        for found in session.scalars(select(column).where(column.in_(women))):
            yield _WORK.get(table.name, "undo.built_upon"), women[found]
    elsewhere = select(Owner.entrepreneur_id).where(
        Owner.entrepreneur_id.in_(women), Owner.enterprise_id.not_in(_brought(run))
    )
    for woman in session.scalars(elsewhere):
        yield "undo.built_upon", women[woman]


def pointing(kind: str) -> Iterator[tuple[Table, Column[Any]]]:
    """The columns that name a record of this kind, wherever in the registry; not those of the record's own parts."""
    target = _table(kind).c.id
    own = set(parts_of(kind))
    for table in Entity.metadata.sorted_tables:
        for column in table.c:
            if (column.references(target) or column.name == f"{kind}_id") and column not in own:
                yield table, column


def parts_of(kind: str) -> list[Column[Any]]:
    """The columns by which the parts of a record, which have no life of their own, hang on its row; children first."""
    entity = {"enterprise": Enterprise, "entrepreneur": Entrepreneur}[kind]
    hanging = [
        _table(str(relation.target.name)).c[str(column.key)]
        for relation in inspect(entity).relationships
        if relation.cascade.delete_orphan
        for column in relation.remote_side
    ]
    beside = [
        _table(part.__tablename__) for part in (Owner, Submission, ImportChange, EnterpriseProfile, ValidationStep)
    ]
    named = [table.c[f"{kind}_id"] for table in beside if f"{kind}_id" in table.c]
    if kind == "entrepreneur":
        named += [_table(name).c[column] for name, columns in COMPARED.items() for column in columns]
    return list(dict.fromkeys([*hanging, *named]))


def _table(name: str) -> Table:
    return Entity.metadata.tables[name]


def _restore(
    session: Session,
    caller: Caller,
    sealer: Sealer,
    change: ImportChange,
    agreed: dict[UUID, set[str]],
    now: dict[UUID, set[str]],
) -> None:
    """Have a record stand as before; what she `agreed` to before the undoing, and agrees to `now`, is written down."""
    if change.sealed is None:
        return
    before = json.loads(sealer.opened(change.sealed, change.identity.encode()))
    enterprise = session.get_one(Enterprise, change.enterprise_id)
    caller.require_scope(enterprise.municipality)
    woman = session.get_one(Entrepreneur, change.entrepreneur_id)
    agreed.setdefault(woman.id, agreed_to(woman))
    person = woman.person(sealer)
    stood = [(other, told(other), other.facts()) for other in enterprises_of(session, woman.id)]
    recall_record(enterprise, woman, before)
    now[woman.id] = agreed_to(woman)
    _take_back_checks(session, change)
    session.get_one(Submission, change.identity).restore(before["submission"])
    session.flush()
    if woman.person(sealer) != person:
        write_history(
            session, caller, woman, "undo-import", before=person.to_json(), after=woman.person(sealer).to_json()
        )
    for other, was, facts in stood:
        other.heed_consents()
        announce_changed(session, caller, other, action="undo-import", before=was, facts=facts)
    ask_to_settle(session, caller, enterprise)


def _take_back_checks(session: Session, change: ImportChange) -> None:
    """The profile and the steps of a check that the import brought, and what time alone made of these since."""
    brought = ValidationStep.import_id == change.import_id
    by_time = and_(ValidationStep.evidence == BY_TIME, ValidationStep.taken_at > change.made_at)
    here = ValidationStep.enterprise_id == change.enterprise_id
    session.execute(delete(ValidationStep).where(here, or_(brought, by_time)))
    here = EnterpriseProfile.enterprise_id == change.enterprise_id
    session.execute(delete(EnterpriseProfile).where(here, EnterpriseProfile.import_id == change.import_id))


def _remove(session: Session, caller: Caller, part: Sequence[ImportChange]) -> None:
    """Take out what the import created. The others hear that it is not active; its history keeps that it was there."""
    ids = [change.enterprise_id for change in part]
    women = [change.entrepreneur_id for change in part if change.brought_her]
    for enterprise in session.scalars(select(Enterprise).where(Enterprise.id.in_(ids)).order_by(Enterprise.id)):
        caller.require_scope(enterprise.municipality)
        shown = replace(enterprise.facts(), point=None, profile=None, sales=None, trade=[])
        gone = replace(shown, active=False, consent_credit=False, consent_map=False)
        log.append(session, EnterpriseChanged(facts=gone), enterprise.id)
    session.flush()
    forget_records(session, ids)
    log.blank_personal(session, ids)
    for kind, subjects in (("enterprise", ids), ("entrepreneur", women)):
        for subject in subjects:
            history.erase(session, subject)
            history.record(session, caller, subject=subject, kind=kind, action="undo-import")
    for kind, subjects in (("enterprise", ids), ("entrepreneur", women)):
        for column in parts_of(kind):
            if column.table.name != ImportChange.__tablename__:
                session.execute(delete(_table(column.table.name)).where(column.in_(subjects)))
    for row in (_table("enterprise"), _table("entrepreneur")):
        session.execute(delete(row).where(row.c.id.in_(ids + women)))


def _parts(changes: Sequence[ImportChange]) -> Iterator[Sequence[ImportChange]]:
    for start in range(0, len(changes), _MANY):
        yield changes[start : start + _MANY]

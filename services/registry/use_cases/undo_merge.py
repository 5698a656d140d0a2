"""A merge is undone: both records stand as they stood before, or nothing changes."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import DuplicateMerge, DuplicatePair, Enterprise, Entrepreneur
from services.registry.sealing import Sealer
from services.registry.use_cases import together
from services.registry.use_cases.heed_refusals import heed_owners, shared_for
from services.registry.use_cases.records import announce_changed, told
from services.registry.use_cases.rows import write_history
from shared.bus import log
from shared.events.registry import EnterpriseUnmerged, EntrepreneurUnmerged
from shared.identity import Caller
from shared.kernel import Forbidden, NotFound, Refused


def find_merge(session: Session, caller: Caller, merge_id: UUID, *, lock: bool = False) -> DuplicateMerge:
    """The merge; refuses one whose records do not all lie in the caller's territory."""
    options: dict[str, Any] = {"with_for_update": True, "populate_existing": True} if lock else {}
    merge = session.get(DuplicateMerge, merge_id, **options)
    if merge is None:
        raise NotFound("merge.unknown")
    for municipality in merge.municipalities:
        if not caller.scope.covers(municipality):
            raise Forbidden("permission.outside_scope", unit=municipality)
    return merge


def undo_merge(
    session: Session, caller: Caller, sealer: Sealer, merge_id: UUID, *, version: int | None = None
) -> DuplicateMerge:
    """Both women and their enterprises stand as before; the pair waits in the queue again. Refuses with the first of
    its `hindrances`.
    """
    merge = find_merge(session, caller, merge_id, lock=True)
    merge.require_version(version)
    _lock(session, sealer, merge)
    for code in hindrances(session, sealer, merge):
        raise Refused(code)
    kept = _kept(sealer, merge)
    enterprises = [UUID(one) for one in kept["records"]["enterprise"]]
    stood = {one.id: (told(one), one.facts()) for one in _enterprises(session, enterprises)}
    was = {woman.id: woman.person(sealer) for woman in _women(session, merge)}
    shared = shared_for(_enterprises(session, enterprises))
    together.put_back(session, kept["before"], together.rows_of(session, _records(kept)))
    together.lead_back(session, kept["led"])
    heed_owners(session, _enterprises(session, enterprises), shared)
    merge.undo(caller)
    pair = session.get(DuplicatePair, merge.pair_id) if merge.pair_id else None
    if pair is not None and pair.state == "merged":
        pair.reopen()
    session.flush()
    for woman in _women(session, merge):
        write_history(
            session, caller, woman, "unmerge", before=was[woman.id].to_json(), after=woman.person(sealer).to_json()
        )
    for one in _enterprises(session, enterprises):
        then, facts = stood[one.id]
        announce_changed(session, caller, one, action="unmerge", before=then, facts=facts)
    for stays, goes in merge.enterprise_pairs:
        log.append(session, EnterpriseUnmerged(survivor_id=stays, absorbed_id=goes), goes)
    unmerged = EntrepreneurUnmerged(survivor_id=merge.survivor_id, absorbed_id=merge.absorbed_id)
    log.append(session, unmerged, merge.absorbed_id)
    return merge


def hindrances(session: Session, sealer: Sealer, merge: DuplicateMerge) -> Iterator[str]:
    """Why a merge cannot be undone, the plainest reason first."""
    survivor = session.get_one(Entrepreneur, merge.survivor_id)
    if merge.undone_at is not None:
        yield "unmerge.undone_already"
    elif merge.sealed is None or survivor.withdrawn_on is not None:
        yield "unmerge.withdrawn"
    elif survivor.merged_into is not None or _merged_later(session, merge):
        yield "unmerge.merged_further"
    else:
        yield from _later_work(session, _kept(sealer, merge), merge)


def _merged_later(session: Session, merge: DuplicateMerge) -> bool:
    later = select(DuplicateMerge.id).where(
        DuplicateMerge.survivor_id == merge.survivor_id,
        DuplicateMerge.undone_at.is_(None),
        DuplicateMerge.merged_at > merge.merged_at,
    )
    return session.scalar(later.limit(1)) is not None


def _later_work(session: Session, kept: dict[str, Any], merge: DuplicateMerge) -> Iterator[str]:
    changed = set(together.differing(kept["after"], together.rows_of(session, _records(kept))))
    if "submission" in changed:
        yield "unmerge.imported"
    elif changed:
        yield "unmerge.changed"
    stays = {"entrepreneur": [merge.survivor_id], "enterprise": [stays for stays, _ in merge.enterprise_pairs]}
    built = together.standing_on(session, stays) - set(kept["standing"])
    if any(key.startswith("copy_loan ") for key in built):
        yield "unmerge.lent"
    elif built:
        yield "unmerge.built_upon"


def _lock(session: Session, sealer: Sealer, merge: DuplicateMerge) -> None:
    """Hold whatever the undoing may write: both women, and all enterprises that either had."""
    enterprises = [] if merge.sealed is None else _records(_kept(sealer, merge))["enterprise"]
    for entity, ids in ((Entrepreneur, [merge.survivor_id, merge.absorbed_id]), (Enterprise, enterprises)):
        session.execute(select(entity.id).where(entity.id.in_(ids)).order_by(entity.id).with_for_update())


def _kept(sealer: Sealer, merge: DuplicateMerge) -> dict[str, Any]:
    assert merge.sealed is not None
    kept: dict[str, Any] = json.loads(sealer.opened(merge.sealed, merge.id.bytes))
    return kept


def _records(kept: dict[str, Any]) -> dict[str, list[UUID]]:
    return {kind: [UUID(one) for one in ids] for kind, ids in kept["records"].items()}


def _women(session: Session, merge: DuplicateMerge) -> list[Entrepreneur]:
    return [session.get_one(Entrepreneur, woman) for woman in (merge.survivor_id, merge.absorbed_id)]


def _enterprises(session: Session, ids: list[UUID]) -> list[Enterprise]:
    return list(session.scalars(select(Enterprise).where(Enterprise.id.in_(ids)).order_by(Enterprise.id)))

"""What the others have not heard yet of records that stand, as facts that came into the contract later."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.registry.models import Enterprise
from services.registry.work import Work, insist
from shared.bus import log
from shared.bus.tables import event_log
from shared.events import load
from shared.events.registry import EnterpriseChanged, EnterpriseFacts, EnterpriseRegistered

BATCH = 500
_TYPES = (EnterpriseRegistered.type, EnterpriseChanged.type)


def announce_inventory(work: Work) -> tuple[int, int]:
    """Tell the others of every enterprise that would be told otherwise today than it was told last, batch by batch;
    comes back with how many were looked at and how many were told. Broken off and begun again, it tells the rest;
    run once more, it tells nothing.
    """
    seen = told = 0
    after: UUID | None = None
    while True:
        with work.reading() as session:
            wanted = select(Enterprise.id).order_by(Enterprise.id).limit(BATCH)
            ids = session.scalars(wanted if after is None else wanted.where(Enterprise.id > after)).all()
        if not ids:
            return seen, told
        seen, told, after = seen + len(ids), told + _announced(work, ids), ids[-1]
        work.progress(seen)


def _announced(work: Work, ids: Sequence[UUID]) -> int:
    told = 0

    def take(session: Session) -> None:
        nonlocal told
        told = announce(session, ids)

    insist(work, take)
    return told


def announce(session: Session, ids: Sequence[UUID]) -> int:
    """Tell of those of these enterprises whose facts are not what was told last; comes back with how many."""
    rows = select(Enterprise).where(Enterprise.id.in_(ids)).order_by(Enterprise.id).with_for_update(of=Enterprise)
    enterprises = session.scalars(rows.execution_options(populate_existing=True)).all()
    last = _told_last(session, ids)
    news = [one for one in enterprises if one.facts() != last.get(one.id)]
    log.append_all(session, ((EnterpriseChanged(facts=one.facts()), one.id) for one in news))
    return len(news)


def _told_last(session: Session, ids: Sequence[UUID]) -> dict[UUID, EnterpriseFacts]:
    mine = (event_log.c.subject.in_(ids), event_log.c.type.in_(_TYPES))
    latest = select(func.max(event_log.c.seq)).where(*mine).group_by(event_log.c.subject)
    rows = session.execute(select(event_log.c.type, event_log.c.data).where(event_log.c.seq.in_(latest)))
    told = (cast("Any", load(kind, data)).facts for kind, data in rows)
    return {facts.enterprise_id: facts for facts in told}

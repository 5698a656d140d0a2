"""Places of points that territory has not answered for yet, or is asked again about."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.registry.models import Enterprise
from services.registry.territory import Answer, Asked
from services.registry.use_cases.records import announce_changed, told
from shared import jobs
from shared.identity import Caller
from shared.jobs import job_table

KIND = "settle-places"
BATCH = 1000


@dataclass(frozen=True, slots=True)
class ToSettle:
    """A record whose place is asked for, as it stood when it was asked."""

    enterprise_id: UUID
    asked: Asked


def ask_to_settle(session: Session, caller: Caller, enterprise: Enterprise) -> None:
    """Have the place of a record settled soon, where that is open; one job settles all that are."""
    if enterprise.place_state == "pending":
        ask_for_pending(session, caller)


def ask_for_pending(session: Session, caller: Caller) -> None:
    """Have all pending places settled soon; a job that waits for its turn is enough."""
    waiting = select(job_table.c.id).where(job_table.c.kind == KIND, job_table.c.state == "queued")
    if session.execute(waiting.limit(1)).first() is None:
        jobs.enqueue(session, KIND, {"country": None}, caller)


def places_to_settle(session: Session, *, country: str | None, after: UUID | None) -> list[ToSettle]:
    """The next records in order of their ids: the pending ones, or all located ones of a country."""
    wanted = Enterprise.place_state == "pending"
    if country is not None:
        wanted = or_(wanted, Enterprise.municipality.startswith(country, autoescape=True))
    place = (Enterprise.lon, Enterprise.lat, Enterprise.municipality, Enterprise.accuracy_m)
    found = select(Enterprise.id, *place).where(
        wanted, Enterprise.active, Enterprise.consent_registry, Enterprise.lon.is_not(None), Enterprise.lat.is_not(None)
    )
    if after is not None:
        found = found.where(Enterprise.id > after)
    rows = session.execute(found.order_by(Enterprise.id).limit(BATCH))
    return [ToSettle(row.id, Asked(row.lon, row.lat, row.municipality, row.accuracy_m)) for row in rows]


def settle_places(session: Session, caller: Caller, asked: Sequence[ToSettle], answers: Sequence[Answer]) -> int:
    """Take territory's answers over; a record that changed since it was asked for is left for the next time.

    Comes back with how many places read differently now.
    """
    by_id = {item.enterprise_id: (item.asked, answer) for item, answer in zip(asked, answers, strict=True)}
    rows = session.scalars(
        select(Enterprise).where(Enterprise.id.in_(by_id)).order_by(Enterprise.id).with_for_update(of=Enterprise)
    )
    changed = 0
    for enterprise in rows:
        question, answer = by_id[enterprise.id]
        if not enterprise.counts or (enterprise.lon, enterprise.lat, enterprise.municipality) != question.key:
            continue
        before, facts = told(enterprise), enterprise.facts()
        enterprise.settle(**asdict(answer))
        if told(enterprise) != before:
            changed += 1
            announce_changed(session, caller, enterprise, action="settle-place", before=before, facts=facts)
    return changed


def settle_again(session: Session, caller: Caller, country: str) -> None:
    """Other boundaries are in force in a country: ask anew for all of its points."""
    jobs.enqueue(session, KIND, {"country": country}, caller)

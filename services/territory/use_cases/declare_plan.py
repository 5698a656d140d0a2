"""A plan is declared for a unit, and withdrawn when it holds no more; the other services hear of both."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.territory.models import DevelopmentPlan
from services.territory.models.plans import ADOPTED
from shared import history, places
from shared.bus import log
from shared.events.territory import PlanAdopted, PlanWithdrawn
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Stale, clock, uuid7


def declare_plan(
    session: Session,
    caller: Caller,
    *,
    unit: str,
    kind: str,
    title: str,
    source: str,
    valid_from: date,
    valid_until: date | None,
    chains: Sequence[str],
    purposes: Sequence[str],
) -> DevelopmentPlan:
    """The plan; refuses a unit that is unknown or not the caller's, and an end before its beginning."""
    if unit not in places.names():
        raise Invalid("unit.unknown", pointer="/unit", unit=unit)
    caller.require_scope(unit)
    if valid_until is not None and valid_until < valid_from:
        raise Invalid("development_plan.ends_before_it_begins", pointer="/valid_until", day=valid_from)
    plan = DevelopmentPlan(
        id=uuid7(),
        unit=unit,
        kind=kind,
        title=title,
        source=source,
        valid_from=valid_from,
        valid_until=valid_until,
        chains=sorted(set(chains)),
        purposes=sorted(set(purposes)),
        state=ADOPTED,
        declared_by=caller.subject,
        declared_by_name=caller.name,
        declared_at=clock.now(),
    )
    session.add(plan)
    session.flush()
    adopted = PlanAdopted(
        plan_id=plan.id,
        level=plan.level,
        unit=unit,
        kind=kind,
        title=title,
        valid_from=valid_from,
        valid_until=valid_until,
        chains=plan.chains,
        purposes=plan.purposes,
    )
    history.record(session, caller, subject=plan.id, kind="plan", action="declare", after=adopted.payload())
    log.append(session, adopted, plan.id)
    return plan


def withdraw_plan(session: Session, caller: Caller, plan_id: UUID, *, version: int | None) -> DevelopmentPlan:
    """The plan, which holds no more; refuses one of another unit than the caller's, an old version of it, and one that
    was withdrawn.
    """
    wanted = select(DevelopmentPlan).where(DevelopmentPlan.id == plan_id).with_for_update()
    plan = session.scalar(wanted.execution_options(populate_existing=True))
    if plan is None:
        raise NotFound("development_plan.unknown")
    caller.require_scope(plan.unit)
    if version is not None and version != plan.version:
        raise Stale("changed_meanwhile", current=plan.version)
    plan.withdraw()
    session.flush()
    history.record(session, caller, subject=plan.id, kind="plan", action="withdraw")
    log.append(session, PlanWithdrawn(plan_id=plan.id, withdrawn_on=clock.today()), plan.id)
    return plan

"""What training and territory tell is kept: who was trained or visited, and the plans of the places credit lends in."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.credit.models import CopyAssistance, CopyPlan, CopyTraining, CopyWithdrawn
from shared.bus.envelope import Envelope
from shared.events.territory import PlanAdopted, PlanWithdrawn
from shared.events.training import AssistanceGiven, GroupCompleted


def copy_completion(session: Session, event: GroupCompleted, _envelope: Envelope) -> None:
    """The enterprises of a group that completed its training, but for those whose owners withdrew."""
    named = select(CopyWithdrawn.enterprise_id).where(CopyWithdrawn.enterprise_id.in_(event.enterprise_ids))
    gone = set(session.scalars(named))
    for enterprise_id in set(event.enterprise_ids) - gone:
        session.merge(
            CopyTraining(group_id=event.group_id, enterprise_id=enterprise_id, completed_on=event.completed_on)
        )


def copy_assistance(session: Session, event: AssistanceGiven, _envelope: Envelope) -> None:
    """A visit to a borrower, unless the owners of her enterprise withdrew."""
    if session.get(CopyWithdrawn, event.enterprise_id) is None:
        names = ("visit_id", "loan_id", "enterprise_id", "given_on", "minutes")
        session.merge(CopyAssistance(**{name: getattr(event, name) for name in names}))


def copy_plan(session: Session, event: PlanAdopted, _envelope: Envelope) -> None:
    """A plan and what it puts first."""
    session.merge(
        CopyPlan(
            plan_id=event.plan_id,
            unit=event.unit,
            kind=event.kind,
            title=event.title,
            valid_from=event.valid_from,
            valid_until=event.valid_until,
            chains=event.chains,
            purposes=event.purposes,
        )
    )


def drop_plan(session: Session, event: PlanWithdrawn, _envelope: Envelope) -> None:
    """A plan that does not hold any more is not known."""
    plan = session.get(CopyPlan, event.plan_id)
    if plan is not None:
        session.delete(plan)

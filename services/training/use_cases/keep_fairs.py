"""What training copies of fairs: when and where they are, and which enterprises go there."""

from sqlalchemy import delete
from sqlalchemy.orm import Session

from services.training.models import CopyEnterprise, CopyFair, CopyFairStand
from shared.events.registry import EntrepreneurWithdrawn, FairPlanned, FairStandMoved


def keep_fair(session: Session, event: FairPlanned) -> None:
    """Replace what was known of a fair."""
    names = ("fair_id", "name", "municipality", "begins_on", "ends_on")
    session.merge(CopyFair(**{name: getattr(event, name) for name in names}))


def keep_stand(session: Session, event: FairStandMoved) -> None:
    """How far an enterprise is with a fair; nothing is kept of one whose owners withdrew."""
    known = session.get(CopyFairStand, (event.fair_id, event.enterprise_id))
    enterprise = session.get(CopyEnterprise, event.enterprise_id)
    if event.state is None or (enterprise is not None and enterprise.state == "withdrawn"):
        if known is not None:
            session.delete(known)
        return
    session.merge(CopyFairStand(fair_id=event.fair_id, enterprise_id=event.enterprise_id, state=event.state))


def forget_stands(session: Session, event: EntrepreneurWithdrawn) -> None:
    """Erase at which fairs the enterprises were that were hers alone."""
    session.execute(delete(CopyFairStand).where(CopyFairStand.enterprise_id.in_(event.enterprise_ids)))

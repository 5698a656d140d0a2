"""What the registry tells of its enterprises is kept; who withdraws is forgotten as far as the law allows."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.credit.models import AgendaItem, Application, CopyEnterprise, DeclaredInterest, Loan
from services.credit.models.applications import UNDECIDED
from services.credit.use_cases.withdraw_application import announce_withdrawal
from shared import history
from shared.bus import log
from shared.bus.envelope import Envelope
from shared.events.credit import CreditErasureCompleted
from shared.events.registry import EnterpriseChanged, EnterpriseRegistered, EntrepreneurWithdrawn
from shared.web import forget_answers

KEPT_LOANS = "loan_contracts"
KEPT_MINUTES = "committee_minutes"


def copy_enterprise(session: Session, event: EnterpriseRegistered | EnterpriseChanged, _envelope: Envelope) -> None:
    """Take the newest facts of an enterprise."""
    facts = event.facts
    row = session.get(CopyEnterprise, facts.enterprise_id)
    if row is None:
        row = CopyEnterprise(enterprise_id=facts.enterprise_id)
        session.add(row)
    row.replace(
        {
            "municipality": facts.municipality,
            "chain": facts.chain,
            "owner_ids": sorted(str(owner) for owner in facts.owner_ids),
            "needs": facts.needs,
            "validation": facts.validation,
            "consent_credit": facts.consent_credit,
            "active": facts.active,
        }
    )


def drop_enterprises(session: Session, event: EntrepreneurWithdrawn, _envelope: Envelope) -> None:
    """The enterprises of a woman who withdrew are no longer known here."""
    session.execute(delete(CopyEnterprise).where(CopyEnterprise.enterprise_id.in_(event.enterprise_ids)))


def forget_entrepreneur(session: Session, event: EntrepreneurWithdrawn, _envelope: Envelope) -> None:
    """Erase what people wrote about her, take back what is not decided, and report what the law makes us keep.

    Contracts of loans and signed minutes stay: they are evidence of third parties too.
    """
    erased = {"texts": 0, "applications_withdrawn": 0, "history": 0, "answers": 0, "interests": 0}
    applications = session.scalars(
        select(Application).where(Application.enterprise_id.in_(event.enterprise_ids)).with_for_update()
    ).all()
    withdrawn = [application for application in applications if application.state in {*UNDECIDED, "approved"}]
    erased["applications_withdrawn"] = len(withdrawn)
    for application in withdrawn:
        application.withdraw()
    for application in applications:
        erased["texts"] += application.erase_free_text()
        erased["history"] += history.erase(session, application.id)
    for mention in (event.entrepreneur_id, *event.enterprise_ids):
        erased["answers"] += forget_answers(session, str(mention))
    interests = delete(DeclaredInterest).where(DeclaredInterest.entrepreneur_id == event.entrepreneur_id)
    erased["interests"] = session.execute(interests).rowcount  # type: ignore[attr-defined]
    session.flush()
    for application in withdrawn:
        announce_withdrawal(session, application)
    done = CreditErasureCompleted(
        entrepreneur_id=event.entrepreneur_id, erased=erased, kept=_kept(session, event, [a.id for a in applications])
    )
    log.append(session, done, event.entrepreneur_id)


def _kept(session: Session, event: EntrepreneurWithdrawn, application_ids: list[UUID]) -> list[str]:
    kept = []
    if session.scalar(select(Loan.id).where(Loan.enterprise_id.in_(event.enterprise_ids)).limit(1)):
        kept.append(KEPT_LOANS)
    discussed = select(AgendaItem.id).where(AgendaItem.application_id.in_(application_ids))
    if session.scalar(discussed.limit(1)):
        kept.append(KEPT_MINUTES)
    return kept

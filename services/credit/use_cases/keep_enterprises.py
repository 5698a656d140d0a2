"""What the registry tells of its enterprises is kept; who withdraws is forgotten as far as the law allows."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.credit.models import AgendaItem, Application, CopyEnterprise, CopyMerged, DeclaredInterest, Loan
from services.credit.models.applications import UNDECIDED
from services.credit.use_cases.meet_conditions import forget_evidence
from services.credit.use_cases.withdraw_application import announce_withdrawal
from shared import history, merged
from shared.bus import log
from shared.bus.envelope import Envelope
from shared.events.credit import CreditErasureCompleted
from shared.events.registry import (
    EnterpriseChanged,
    EnterpriseMerged,
    EnterpriseRegistered,
    EnterpriseUnmerged,
    EntrepreneurMerged,
    EntrepreneurUnmerged,
    EntrepreneurWithdrawn,
)
from shared.web import forget_answers

KEPT_LOANS = "loan_contracts"
KEPT_MINUTES = "committee_minutes"
KEPT_APPRAISALS = "appraisal_figures"


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
            "tier": facts.tier,
        }
    )


def drop_enterprises(session: Session, event: EntrepreneurWithdrawn, _envelope: Envelope) -> None:
    """The enterprises of a woman who withdrew are no longer known here."""
    session.execute(delete(CopyEnterprise).where(CopyEnterprise.enterprise_id.in_(event.enterprise_ids)))
    merged.forget(session, CopyMerged, [event.entrepreneur_id, *event.enterprise_ids])


def keep_merge(session: Session, event: EnterpriseMerged | EntrepreneurMerged, _envelope: Envelope) -> None:
    """Two records are one: what was applied for and lent under either is one borrower's."""
    merged.merge(session, CopyMerged, event.survivor_id, event.absorbed_id)


def undo_merge(session: Session, event: EnterpriseUnmerged | EntrepreneurUnmerged, _envelope: Envelope) -> None:
    """They are two again."""
    merged.unmerge(session, CopyMerged, event.absorbed_id)


def forget_entrepreneur(session: Session, event: EntrepreneurWithdrawn, _envelope: Envelope) -> None:
    """Erase what people wrote about her, take back what is not paid out, and report what the law makes us keep.

    Contracts of loans and signed minutes stay: they are evidence of third parties too. With them stay the figures and
    conditions they rest on; of an application that no committee has seen nothing stays but its number and its place.
    """
    applications = session.scalars(
        select(Application).where(Application.enterprise_id.in_(event.enterprise_ids)).with_for_update()
    ).all()
    seen = _seen_by_a_committee(session, applications)
    withdrawn = [application for application in applications if application.state in {*UNDECIDED, "approved"}]
    for application in withdrawn:
        application.withdraw()
    erased = {
        "texts": sum(application.erase_free_text() for application in applications),
        "appraisals": sum(application.erase_figures() for application in applications if application.id not in seen),
        "applications_withdrawn": len(withdrawn),
        "history": sum(history.erase(session, application.id) for application in applications),
        "answers": sum(forget_answers(session, str(one)) for one in (event.entrepreneur_id, *event.enterprise_ids)),
        "interests": _forget_interests(session, event.entrepreneur_id),
        "evidence": forget_evidence(session, [one.id for one in applications if one.state != "disbursed"]),
    }
    session.flush()
    for application in withdrawn:
        announce_withdrawal(session, application)
    kept = _kept(session, event, seen)
    log.append(
        session,
        CreditErasureCompleted(entrepreneur_id=event.entrepreneur_id, erased=erased, kept=kept),
        event.entrepreneur_id,
    )


def _seen_by_a_committee(session: Session, applications: Sequence[Application]) -> set[UUID]:
    """The applications that stand on an agenda, so that minutes tell of them; every loan comes from one of these."""
    ids = [application.id for application in applications]
    return set(session.scalars(select(AgendaItem.application_id).where(AgendaItem.application_id.in_(ids))))


def _forget_interests(session: Session, entrepreneur_id: UUID) -> int:
    """What members declared about her; comes back with how many declarations."""
    interests = delete(DeclaredInterest).where(DeclaredInterest.entrepreneur_id == entrepreneur_id)
    erased: int = session.execute(interests).rowcount  # type: ignore[attr-defined]
    return erased


def _kept(session: Session, event: EntrepreneurWithdrawn, seen: Collection[UUID]) -> list[str]:
    loans = select(Loan.id).where(Loan.enterprise_id.in_(event.enterprise_ids)).limit(1)
    kept = [KEPT_LOANS] if session.scalar(loans) else []
    return [*kept, KEPT_MINUTES, KEPT_APPRAISALS] if seen else kept

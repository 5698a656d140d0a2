"""What the registry tells of its enterprises is kept; who withdraws is forgotten as far as the law allows."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.credit.models import (
    AgendaItem,
    Application,
    CopyAssistance,
    CopyEnterprise,
    CopyMerged,
    CopyTraining,
    CopyWithdrawn,
    DeclaredInterest,
    Loan,
    OverpaymentUse,
    Repayment,
    SeedAward,
)
from services.credit.models.applications import UNDECIDED
from services.credit.use_cases.forget_loans import forget_collection, forget_movements
from services.credit.use_cases.form_group import forget_members
from services.credit.use_cases.give_assent import forget_reasons
from services.credit.use_cases.keep_file import forget_papers
from services.credit.use_cases.keep_guarantees import forget_guarantees, guarantees_owed
from services.credit.use_cases.meet_conditions import forget_evidence
from services.credit.use_cases.propose_milestones import forget_seed
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
from shared.kernel import LOCAL_TIME
from shared.web import forget_answers

KEPT_LOANS = "loan_contracts"
KEPT_MINUTES = "committee_minutes"
KEPT_APPRAISALS = "appraisal_figures"
KEPT_FILES = "files_of_loans"
KEPT_AWARDS = "seed_agreements"
KEPT_GUARANTEES = "guarantees_of_loans"
KEPT_COLLECTION = "collection_of_what_is_owed"


def copy_enterprise(session: Session, event: EnterpriseRegistered | EnterpriseChanged, envelope: Envelope) -> None:
    """Take the newest facts of an enterprise."""
    facts = event.facts
    row = session.get(CopyEnterprise, facts.enterprise_id)
    if row is None:
        row = CopyEnterprise(enterprise_id=facts.enterprise_id)
        session.add(row)
    known = row.needs_on if row.needs == facts.needs else None
    row.replace(
        {
            "municipality": facts.municipality,
            "chain": facts.chain,
            "owner_ids": sorted(str(owner) for owner in facts.owner_ids),
            "needs": facts.needs,
            "needs_on": known or envelope.time.astimezone(LOCAL_TIME).date(),
            "validation": facts.validation,
            "consent_credit": facts.consent_credit,
            "active": facts.active,
            "tier": facts.tier,
            "started_year": facts.started_year,
        }
    )


def drop_enterprises(session: Session, event: EntrepreneurWithdrawn, _envelope: Envelope) -> None:
    """The enterprises of a woman who withdrew are no longer known here."""
    for copy in (CopyEnterprise, CopyTraining, CopyAssistance):
        session.execute(delete(copy).where(copy.enterprise_id.in_(event.enterprise_ids)))
    for enterprise_id in event.enterprise_ids:
        session.merge(CopyWithdrawn(enterprise_id=enterprise_id))
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
    conditions they rest on, and the papers in the file of a loan that was paid out; of an application that no committee
    has seen nothing stays but its number and its place.
    """
    applications = session.scalars(
        select(Application)
        .where(Application.enterprise_id.in_(event.enterprise_ids))
        .order_by(Application.id)
        .with_for_update()
    ).all()
    seen = _seen_by_a_committee(session, applications)
    withdrawn = [application for application in applications if application.state in {*UNDECIDED, "approved"}]
    for application in withdrawn:
        application.withdraw()
    for application in applications:
        application.give_up_rest()
    loans = session.scalars(select(Loan).where(Loan.enterprise_id.in_(event.enterprise_ids))).all()
    plans, awarded = forget_seed(session, applications)
    texts, still_needed = forget_collection(session, loans)
    erased = {
        "collection": texts,
        "applications_withdrawn": len(withdrawn),
        "seed_plans": plans,
        **_erased(session, event, applications, loans, seen),
    }
    session.flush()
    for application in withdrawn:
        announce_withdrawal(session, application)
    papers = any(application.attachments for application in applications)
    kept = [
        *_kept(session, event, seen),
        *([KEPT_FILES] if papers else []),
        *([KEPT_AWARDS] if awarded else []),
        *([KEPT_COLLECTION] if still_needed else []),
    ]
    log.append(
        session,
        CreditErasureCompleted(entrepreneur_id=event.entrepreneur_id, erased=erased, kept=kept),
        event.entrepreneur_id,
    )


def _seen_by_a_committee(session: Session, applications: Sequence[Application]) -> set[UUID]:
    """The applications that stand on an agenda, so that minutes tell of them; every loan comes from one of these."""
    ids = [application.id for application in applications]
    return set(session.scalars(select(AgendaItem.application_id).where(AgendaItem.application_id.in_(ids))))


def _erased(
    session: Session,
    event: EntrepreneurWithdrawn,
    applications: Sequence[Application],
    loans: Sequence[Loan],
    seen: Collection[UUID],
) -> dict[str, int]:
    """What was erased, by kind."""
    ids = [application.id for application in applications]
    unlent = [one for one in applications if one.state not in {"disbursed", "carried_out"}]
    return {
        "texts": sum(application.erase_free_text() for application in applications)
        + forget_reasons(session, ids)
        + forget_movements(session, loans),
        "appraisals": sum(application.erase_figures() for application in applications if application.id not in seen),
        "history": sum(history.erase(session, one) for one in ids),
        "answers": sum(forget_answers(session, str(one)) for one in _mentions(session, event, ids, loans)),
        "interests": _forget_interests(session, event.entrepreneur_id),
        "evidence": forget_evidence(session, ids, [one.id for one in unlent]),
        "papers": sum(forget_papers(session, one, lent=one not in unlent) for one in applications),
        "guarantees": forget_guarantees(session, applications, event.entrepreneur_id),
        "memberships": forget_members(session, applications),
    }


def _mentions(
    session: Session, event: EntrepreneurWithdrawn, asked: Collection[UUID], loans: Iterable[Loan]
) -> list[UUID]:
    """The ids that an answer about her holds: her own, or those of what she asked for, owed, paid and got."""
    ids = [one.id for one in loans]
    moved = [
        one
        for entity in (Repayment, OverpaymentUse)
        for one in session.scalars(select(entity.id).where(entity.loan_id.in_(ids)))
    ]
    awards = session.scalars(select(SeedAward.id).where(SeedAward.application_id.in_(asked)))
    return [event.entrepreneur_id, *event.enterprise_ids, *asked, *ids, *awards, *moved]


def _forget_interests(session: Session, entrepreneur_id: UUID) -> int:
    """What members declared about her; comes back with how many declarations."""
    interests = delete(DeclaredInterest).where(DeclaredInterest.entrepreneur_id == entrepreneur_id)
    erased: int = session.execute(interests).rowcount  # type: ignore[attr-defined]
    return erased


def _kept(session: Session, event: EntrepreneurWithdrawn, seen: Collection[UUID]) -> list[str]:
    loans = select(Loan.id).where(Loan.enterprise_id.in_(event.enterprise_ids)).limit(1)
    kept = [KEPT_LOANS] if session.scalar(loans) else []
    if guarantees_owed(session, event.entrepreneur_id, event.enterprise_ids):
        kept.append(KEPT_GUARANTEES)
    return [*kept, KEPT_MINUTES, KEPT_APPRAISALS] if seen else kept

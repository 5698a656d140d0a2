"""A woman withdraws: the registry forgets her and tells the others to."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import Accompaniment, Enterprise, Entrepreneur, ImportProblem, Stand, Submission
from services.registry.models.intake import ImportChange
from services.registry.use_cases.find_duplicates import forget_duplicates
from services.registry.use_cases.forget_profiles import forget_profiles
from services.registry.use_cases.import_inventory import forget_all_files
from services.registry.use_cases.keep_exports import forget_all_exports
from services.registry.use_cases.photograph import forget_photos
from services.registry.use_cases.records import absorbed_by, entrepreneur_to_change
from services.registry.use_cases.review_draft import forget_drafts
from services.registry.use_cases.rows import write_history
from services.registry.use_cases.write_plan import forget_plans, forget_woman_in_plans
from shared import history
from shared.bus import log
from shared.events.registry import EnterpriseChanged, EntrepreneurWithdrawn, RegistryErasureCompleted
from shared.identity import Caller
from shared.kernel import clock

KEPT = ("consent_dates", "visit_dates", "validation_dates", "enterprise_ids_in_trade_of_others")


@dataclass(frozen=True, slots=True)
class Erasure:
    """How many things of each kind were erased, and what stays, without her name."""

    entrepreneur_id: UUID
    erased: dict[str, int]
    kept: tuple[str, ...] = KEPT


def withdraw_entrepreneur(session: Session, caller: Caller, entrepreneur_id: UUID, *, version: int | None) -> Erasure:
    """Erase her person, the enterprises that are hers alone, their histories, points, snapshots, notes and profiles; of
    every record that was merged into hers too, so that no merge can be undone any more.

    Where she shares an enterprise it goes on without her, and without what was written about it in visits, projects and
    fairs: it may be of her. What stays is that there was a consent, a visit and a check,
    and when. The other services hear of it by event and report what they erased themselves.
    """
    files = forget_all_files(session)  # before her: an import under way holds its run first, then the women in it
    woman, enterprises = entrepreneur_to_change(session, caller, entrepreneur_id, version)
    alone = [enterprise for enterprise in enterprises if len(enterprise.owners) == 1]
    shared_with_others = [enterprise for enterprise in enterprises if len(enterprise.owners) > 1]
    women = [woman.id, *absorbed_by(session, Entrepreneur, [woman.id])]
    hers = [enterprise.id for enterprise in alone]
    hers += absorbed_by(session, Enterprise, hers)
    others = [enterprise.id for enterprise in shared_with_others]
    others += absorbed_by(session, Enterprise, others)
    drafts = forget_drafts(session, women, woman.id_fingerprint)
    woman.withdraw(clock.today(), caller.subject)
    for enterprise in alone:
        enterprise.withdraw()
    for enterprise in shared_with_others:
        enterprise.part_with(woman.id)
    forget_duplicates(session, women)
    session.flush()
    erased = {
        "person": 1,
        "enterprises": len(alone),
        "history_entries": sum(history.erase(session, subject) for subject in (*women, *hers)),
        "points_in_events": log.blank_personal(session, hers),
        # What was kept of all owners together goes when one of them does.
        "photos": forget_photos(session, enterprises),
        "business_plans": forget_plans(session, hers)
        + forget_woman_in_plans(session, [enterprise.id for enterprise in shared_with_others]),
        "visit_notes": _forget_cases(session, caller, hers, others),
        "fair_notes": _forget_stands(session, hers, others),
        "import_snapshots": _forget_imports(session, women),
        "import_files": files,
        **forget_profiles(session, alone, shared_with_others),
        "drafts": drafts,
        "export_files": forget_all_exports(session),  # behind her, as where she says no
    }
    write_history(session, caller, woman, "withdraw", after={"erased": erased})
    for enterprise in (*alone, *shared_with_others):
        log.append(session, EnterpriseChanged(facts=enterprise.facts()), enterprise.id)
    log.append(session, EntrepreneurWithdrawn(entrepreneur_id=woman.id, enterprise_ids=hers), woman.id)
    for merged in women[1:]:
        log.append(session, EntrepreneurWithdrawn(entrepreneur_id=merged, enterprise_ids=[]), merged)
    log.append(session, RegistryErasureCompleted(entrepreneur_id=woman.id, erased=erased, kept=list(KEPT)), woman.id)
    return Erasure(woman.id, erased)


def _forget_cases(session: Session, caller: Caller, hers: list[UUID], others: list[UUID]) -> int:
    """What was written in cases goes; those of enterprises that were hers alone end."""
    of_them = select(Accompaniment).where(Accompaniment.enterprise_id.in_([*hers, *others])).order_by(Accompaniment.id)
    forgotten = 0
    for case in session.scalars(of_them.with_for_update(of=Accompaniment)):
        if case.enterprise_id in others:
            forgotten += case.forget_words()
            continue
        forgotten += case.forget(caller)
        history.erase(session, case.id)
    return forgotten


def _forget_stands(session: Session, hers: list[UUID], others: list[UUID]) -> int:
    of_them = select(Stand).where(Stand.enterprise_id.in_([*hers, *others])).order_by(Stand.id)
    stands = session.scalars(of_them).all()
    return sum(stand.forget_words() if stand.enterprise_id in others else stand.forget() for stand in stands)


def _forget_imports(session: Session, women: list[UUID]) -> int:
    submissions = session.scalars(select(Submission).where(Submission.entrepreneur_id.in_(women))).all()
    for submission in submissions:
        submission.forget()
    identities = [submission.identity for submission in submissions]
    for problem in session.scalars(select(ImportProblem).where(ImportProblem.submission.in_(identities))):
        problem.forget()
    for change in session.scalars(select(ImportChange).where(ImportChange.entrepreneur_id.in_(women))):
        change.forget()
    return len(submissions)

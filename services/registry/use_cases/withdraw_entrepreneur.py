"""A woman withdraws: the registry forgets her and tells the others to."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import Accompaniment, Enterprise, ImportProblem, Submission
from services.registry.models.intake import ImportChange
from services.registry.use_cases.import_inventory import forget_all_files
from services.registry.use_cases.keep_exports import forget_all_exports
from services.registry.use_cases.records import entrepreneur_to_change
from shared import history
from shared.bus import log
from shared.events.registry import EnterpriseChanged, EntrepreneurWithdrawn, RegistryErasureCompleted
from shared.identity import Caller
from shared.kernel import clock

KEPT = ("consent_dates", "visit_dates")


@dataclass(frozen=True, slots=True)
class Erasure:
    """How many things of each kind were erased, and what stays, without her name."""

    entrepreneur_id: UUID
    erased: dict[str, int]
    kept: tuple[str, ...] = KEPT


def withdraw_entrepreneur(session: Session, caller: Caller, entrepreneur_id: UUID, *, version: int | None) -> Erasure:
    """Erase her person, the enterprises that are hers alone, their histories, points, snapshots and notes.

    Where she shares an enterprise it goes on without her. What stays is that there was a consent and a visit, and
    when. The other services hear of it by event and report what they erased themselves.
    """
    files = forget_all_files(session)  # before her: an import under way holds its run first, then the women in it
    exports = forget_all_exports(session)
    woman, enterprises = entrepreneur_to_change(session, caller, entrepreneur_id, version)
    alone = [enterprise for enterprise in enterprises if len(enterprise.owners) == 1]
    shared_with_others = [enterprise for enterprise in enterprises if len(enterprise.owners) > 1]
    woman.withdraw(clock.today(), caller.subject)
    for enterprise in alone:
        enterprise.withdraw()
    for enterprise in shared_with_others:
        enterprise.part_with(woman.id)
    session.flush()
    erased = {
        "person": 1,
        "enterprises": len(alone),
        "history_entries": sum(history.erase(session, subject) for subject in (woman.id, *(e.id for e in alone))),
        "points_in_events": log.blank_personal(session, [enterprise.id for enterprise in alone]),
        "visit_notes": _forget_visits(session, alone),
        "import_snapshots": _forget_imports(session, woman.id),
        "import_files": files,
        "export_files": exports,
    }
    history.record(session, caller, subject=woman.id, kind="entrepreneur", action="withdraw", after={"erased": erased})
    for enterprise in (*alone, *shared_with_others):
        log.append(session, EnterpriseChanged(facts=enterprise.facts()), enterprise.id)
    gone = [enterprise.id for enterprise in alone]
    log.append(session, EntrepreneurWithdrawn(entrepreneur_id=woman.id, enterprise_ids=gone), woman.id)
    log.append(session, RegistryErasureCompleted(entrepreneur_id=woman.id, erased=erased, kept=list(KEPT)), woman.id)
    return Erasure(woman.id, erased)


def _forget_visits(session: Session, enterprises: list[Enterprise]) -> int:
    ids = [enterprise.id for enterprise in enterprises]
    forgotten = 0
    for accompaniment in session.scalars(select(Accompaniment).where(Accompaniment.enterprise_id.in_(ids))):
        forgotten += sum(visit.forget() for visit in accompaniment.visits)
        if accompaniment.is_open:
            accompaniment.close(clock.today())
    return forgotten


def _forget_imports(session: Session, entrepreneur_id: UUID) -> int:
    submissions = session.scalars(select(Submission).where(Submission.entrepreneur_id == entrepreneur_id)).all()
    for submission in submissions:
        submission.forget()
    identities = [submission.identity for submission in submissions]
    for problem in session.scalars(select(ImportProblem).where(ImportProblem.submission.in_(identities))):
        problem.forget()
    for change in session.scalars(select(ImportChange).where(ImportChange.entrepreneur_id == entrepreneur_id)):
        change.forget()
    return len(submissions)

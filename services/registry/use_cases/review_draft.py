"""Somebody looks at a submission that waits, and an import takes it in, or it is rejected."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.registry.models import (
    Draft,
    Enterprise,
    Entrepreneur,
    FormToken,
    ImportProblem,
    ImportRun,
    Owner,
    Submission,
)
from services.registry.models.intake import OVER
from services.registry.rules.drafts import KEPT_REJECTED
from services.registry.rules.edited_forms import person_of, profile_of
from services.registry.sealing import Sealer
from services.registry.use_cases.decide_import import Outcome, answers_of, decide
from services.registry.use_cases.rows import locked_in_scope, write_history
from shared import history, jobs
from shared.identity import Caller
from shared.kernel import Refused, clock

KIND = "take-draft"
_HER_NO = ("consent.refused", "submission.withdrawn")


def draft_to_review(session: Session, caller: Caller, draft_id: UUID, version: int | None) -> Draft:
    """The locked draft, which still waits; refuses what lies outside the caller's territory, and an old version."""
    draft = locked_in_scope(session, caller, Draft, draft_id, version, "draft.unknown")
    draft.require_waiting()
    return draft


def content_of(draft: Draft, sealer: Sealer) -> bytes | None:
    """The document that was sent; None where it is not kept any more."""
    return None if draft.sealed is None else sealer.opened(draft.sealed, draft.id.bytes)


def prospect(session: Session, caller: Caller, sealer: Sealer, submission: Mapping[str, Any]) -> Outcome:
    """What an import of this submission alone would make of it, decided as an import decides."""
    return decide(session, caller, sealer, [submission], frozenset({submission["identity"]}))[0]


def accept_draft(
    session: Session,
    caller: Caller,
    sealer: Sealer,
    draft_id: UUID,
    submission: Mapping[str, Any],
    *,
    version: int | None,
) -> ImportRun:
    """Have the worker take it in as an import of one, which can be undone like any other. Refuses what would not be
    kept: that has to be put right where it was filled in; and, as by hand, what changes a woman who has an enterprise
    outside the caller's territory too.
    """
    draft = draft_to_review(session, caller, draft_id, version)
    outcome = prospect(session, caller, sealer, submission)
    _require_hers(session, caller, outcome.known)
    if outcome.kind is None:
        raise Refused("draft.not_to_be_kept")
    form = session.get_one(FormToken, draft.token_id).form
    run = ImportRun.begin(caller, file_name=form, sha256=draft.fingerprint, file_id=None, dry_run=False)
    session.add(run)
    session.flush()
    payload = {"import": str(run.id), "draft": str(draft.id), "print": draft.fingerprint}
    run.hand_to(jobs.enqueue(session, KIND, payload, caller))
    draft.accept(caller, run.id)
    _remember(session, caller, draft, "accept")
    return run


def reject_draft(session: Session, caller: Caller, draft_id: UUID, *, version: int | None, reason: str) -> Draft:
    """It becomes no record. What it said is kept for a while, should that have been a mistake, and then forgotten."""
    draft = draft_to_review(session, caller, draft_id, version)
    draft.reject(caller, reason)
    _remember(session, caller, draft, "reject")
    return draft


def require_taken_in_by(session: Session, caller: Caller, draft_id: UUID, import_id: UUID) -> None:
    """Refuses, and holds the draft until what it says is in the registry, unless it still is accepted for this import:
    since then it may have been edited or forgotten, or she have an enterprise elsewhere.
    """
    draft = session.get(Draft, draft_id, with_for_update=True, populate_existing=True)
    if draft is None or draft.state != "accepted" or draft.import_id != import_id:
        raise Refused("draft.decided", state="gone" if draft is None else draft.state)
    _require_hers(session, caller, session.get(Submission, draft.identity))


def is_hers_elsewhere(session: Session, caller: Caller, known: Submission | None) -> bool:
    """Whether an enterprise of the woman whom a submission is about lies outside the caller's territory."""
    return not all(caller.scope.covers(municipality) for municipality in _municipalities(session, known))


def _require_hers(session: Session, caller: Caller, known: Submission | None) -> None:
    """Refuses, as every change of a woman does, unless all of her enterprises lie in the caller's territory."""
    for municipality in _municipalities(session, known):
        caller.require_scope(municipality)


def _municipalities(session: Session, known: Submission | None) -> list[str]:
    """Where the enterprises are of the woman whom a submission is about, in the order of their ids."""
    if known is None or known.withdrawn:
        return []
    hers = select(Owner.enterprise_id).where(Owner.entrepreneur_id == known.entrepreneur_id)
    of_them = select(Enterprise.municipality).where(or_(Enterprise.id.in_(hers), Enterprise.id == known.enterprise_id))
    return list(session.scalars(of_them.order_by(Enterprise.id)))


def tidy_drafts(session: Session) -> int:
    """Forget what drafts said that were taken in, or rejected long ago; those whose import came to nothing wait again.
    Comes back with how many were changed.
    """
    over = select(ImportRun.id).where(ImportRun.state.in_(OVER))
    kept = select(Draft).where(
        Draft.sealed.is_not(None),
        or_(
            (Draft.state == "rejected") & (Draft.decided_at < clock.now() - KEPT_REJECTED),
            (Draft.state == "accepted") & Draft.import_id.in_(over),
        ),
    )
    drafts = session.scalars(kept.with_for_update().execution_options(populate_existing=True)).all()
    for draft in drafts:
        settle_draft(session, draft)
    return len(drafts)


def settle_draft(session: Session, draft: Draft) -> None:
    """Its import is over, or it was rejected long ago. One that an import did not keep is looked at anew, with what is
    in its way; of who does not agree, or withdrew, nothing waits.
    """
    run = None if draft.import_id is None else session.get_one(ImportRun, draft.import_id)
    if run is None or _is_settled(session, run):
        draft.empty()
    else:
        draft.wait_again()


def _is_settled(session: Session, run: ImportRun) -> bool:
    if run.state != "done":
        return False
    ended = select(ImportProblem.number).where(ImportProblem.import_id == run.id, ImportProblem.code.in_(_HER_NO))
    return run.created + run.updated + run.unchanged > 0 or session.scalar(ended.limit(1)) is not None


def forget_drafts(session: Session, women: Sequence[UUID], document: str | None) -> int:
    """A woman withdraws: what was sent about her (`women`: she, and whose record became part of hers) is forgotten,
    found by her submissions and by her document. Comes back with how many there were.
    """
    hers = select(Submission.identity).where(Submission.entrepreneur_id.in_(women))
    found = [Draft.identity.in_(hers)] + ([] if document is None else [Draft.id_fingerprint == document])
    drafts = session.scalars(select(Draft).where(or_(*found)).with_for_update()).all()
    for draft in drafts:
        draft.forget()
        history.erase(session, draft.id)
    return len(drafts)


def shown(
    session: Session, caller: Caller, sealer: Sealer, outcome: Outcome
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """The record as it stands, and as it would stand: plain values, the document's number masked; None for none, and
    where the record, or another of the woman's, lies outside the caller's territory.
    """
    stands = None
    if outcome.known is not None and not outcome.known.withdrawn:
        enterprise = session.get_one(Enterprise, outcome.known.enterprise_id)
        woman = session.get_one(Entrepreneur, outcome.known.entrepreneur_id)
        if is_hers_elsewhere(session, caller, outcome.known):
            return None, None
        consents = {purpose: woman.agrees(purpose) for purpose in ("registry", "credit", "map", "photos")}
        steps = {step.step: {"state": step.state, "on": step.happened_on} for step in enterprise.steps}
        stands = {
            **enterprise.profile().to_json(),
            **woman.person(sealer).to_json(),
            "consents": consents,
            "steps": steps,
        }
    facts = outcome.submission.get("facts")
    if not facts or not outcome.submission["stored"]:
        return stands, None
    told = {step: {"state": said["state"], "on": said["on"]} for step, said in outcome.steps.items()}
    if outcome.merged is None:
        profile, person, consents = profile_of(facts), person_of(facts), answers_of(facts)
    else:
        profile, person = outcome.merged.profile, outcome.merged.person
        consents = {**(stands or {}).get("consents", {}), **outcome.answers}
    steps = {**(stands or {}).get("steps", {}), **told}
    levels = {subject: said["level"] for subject, said in outcome.levels.items()}
    return stands, {**profile.to_json(), **person.to_json(), "consents": consents, "steps": steps, "levels": levels}


def _remember(session: Session, caller: Caller, draft: Draft, action: str) -> None:
    session.flush()
    after = {"state": draft.state, "import": None if draft.import_id is None else str(draft.import_id)}
    write_history(session, caller, draft, action, after=after)

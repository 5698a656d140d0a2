"""An enterprise shows what it says, with papers and pictures; they are erased one by one, or all with its contact."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import ActionPlan, Diagnosis, Evidence
from services.training.queries.evidence import find_evidence
from services.training.reference import csr
from services.training.use_cases.diagnose import locked_diagnosis
from services.training.use_cases.finding import recorder
from services.training.use_cases.plan_actions import locked_plan
from shared import files, history
from shared.identity import Caller
from shared.kernel import Invalid, uuid7
from shared.papers import kept_of
from shared.photographs import cleaned

_PAPER = "application/pdf"


def show_indicator(
    session: Session, caller: Caller, *, diagnosis_id: UUID, indicator: str, name: str, content: bytes
) -> Diagnosis:
    """The diagnosis with one more file that shows an indicator. Refuses an indicator that it does not ask, a verified
    diagnosis, what is neither a PDF nor a picture, the same file twice and more of them than are kept.
    """
    found = locked_diagnosis(session, caller, diagnosis_id, None)
    instrument = csr.instrument(found.edition)
    asked = {one.code for area in instrument.areas for one in area.asked_of(found.form, found.size, found.sector)}
    if indicator not in asked:
        raise Invalid("diagnosis.not_asked", pointer="/indicator", indicator=indicator[:20])
    shown = _kept(session, caller, name, content, sme_id=found.sme_id, indicator=indicator)
    found.show(shown, most=csr.follow_up().most_files)
    session.flush()
    _tell(session, caller, found, "show", {"indicator": indicator, "sha256": shown.sha256})
    return found


def show_month(session: Session, caller: Caller, *, plan_id: UUID, month: int, name: str, content: bytes) -> ActionPlan:
    """The plan with one more file that shows what was reported of a month. Refuses a month that was not reported, a
    closed plan, what is neither a PDF nor a picture, the same file twice and more of them than are kept.
    """
    plan = locked_plan(session, caller, plan_id, None)
    shown = _kept(session, caller, name, content, sme_id=plan.sme_id, month=month)
    plan.show(shown, most=csr.follow_up(plan.begins_on).most_files)
    session.flush()
    _tell(session, caller, plan, "show", {"month": month, "sha256": shown.sha256})
    return plan


def remove_evidence(session: Session, caller: Caller, evidence_id: UUID, *, sme_id: UUID | None = None) -> None:
    """A file, erased for good; refused once somebody verified what it shows. `sme_id`: only of this enterprise."""
    evidence = find_evidence(session, caller, evidence_id, sme_id=sme_id)
    beside: Diagnosis | ActionPlan
    if evidence.plan_id is not None:
        beside = locked_plan(session, caller, evidence.plan_id, None)
    else:
        assert evidence.diagnosis_id is not None
        beside = locked_diagnosis(session, caller, evidence.diagnosis_id, None)
    file_id, sha256 = evidence.file_id, evidence.sha256
    beside.part_with(evidence_id)
    session.flush()
    files.erase(session, file_id)
    _tell(session, caller, beside, "remove_evidence", {"sha256": sha256})


def erase_evidence(session: Session, sme_id: UUID) -> int:
    """How many files of an enterprise, which is locked, were erased."""
    gone = list(session.scalars(select(Evidence).where(Evidence.sme_id == sme_id).with_for_update()))
    for one in gone:
        session.delete(one)
    session.flush()
    for one in gone:
        files.erase(session, one.file_id)
    return len(gone)


def _kept(session: Session, caller: Caller, name: str, content: bytes, **place: Any) -> Evidence:
    """The file as it is kept: a picture without what its camera wrote beside it."""
    kept = kept_of(content)
    if kept is None:
        raise Invalid("evidence.not_taken", pointer="/file")
    media_type, paper = kept if kept[0] == _PAPER else cleaned(content)
    stored = files.store(session, paper, name=name, media_type=media_type, kind="csr-evidence", caller=caller)
    told = {item: getattr(stored, item) for item in ("sha256", "name", "media_type", "size")}
    return Evidence(id=uuid7(), file_id=stored.id, **told, **place, **recorder(caller))


def _tell(session: Session, caller: Caller, beside: Diagnosis | ActionPlan, action: str, after: Any) -> None:
    kind = "csr_diagnosis" if isinstance(beside, Diagnosis) else "csr_plan"
    history.record(session, caller, subject=beside.id, kind=kind, action=action, after=after)

"""An enterprise is diagnosed: begun, answered area by area, handed in, and verified by somebody else."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import Diagnosis, Sme
from services.training.models.diagnoses import OPEN
from services.training.reference import csr
from services.training.rules.diagnosis.scoring import answers_of, score
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, clock, uuid7

_WRITING = ("begin", "answer", "map", "hand_in", "show")
Said = Mapping[str, Mapping[str, str] | None]


def locked_sme(session: Session, caller: Caller, sme_id: UUID) -> Sme:
    """The enterprise, held for this transaction; refuses one of another territory."""
    sme = session.scalar(select(Sme).where(Sme.id == sme_id).with_for_update())
    if sme is None:
        raise NotFound("diagnosis.unknown_sme")
    caller.require_scope(sme.unit)
    return sme


def begin_diagnosis(session: Session, caller: Caller, *, sme_id: UUID, form: str, mode: str) -> Diagnosis:
    """A new diagnosis with the instrument of today; refuses a second one while another is open."""
    sme = locked_sme(session, caller, sme_id)
    still = select(Diagnosis.id).where(Diagnosis.sme_id == sme.id, Diagnosis.state == OPEN)
    if session.scalar(still) is not None:
        raise Refused("diagnosis.one_is_open")
    begun = Diagnosis(
        id=uuid7(),
        sme_id=sme.id,
        edition=csr.instrument().edition,
        form=form,
        mode=mode,
        state=OPEN,
        size=sme.size,
        sector=sme.sector,
        answers={},
        stakeholders=[],
        begun_on=clock.today(),
        recorded_by=caller.subject,
        recorded_by_name=caller.name,
        recorded_at=clock.now(),
    )
    session.add(begun)
    session.flush()
    _tell(session, caller, begun, "begin", {"form": form, "mode": mode})
    return begun


def answer_area(
    session: Session, caller: Caller, *, diagnosis_id: UUID, version: int | None, area: str, answers: Said
) -> Diagnosis:
    """The diagnosis with these answers of an area; refuses an area and indicators that it does not ask, and answers
    that are none.
    """
    found = locked_diagnosis(session, caller, diagnosis_id, version)
    instrument = csr.instrument(found.edition)
    known = instrument.area(area)
    if known is None:
        raise NotFound("diagnosis.unknown_area")
    asked = {one.code for one in known.asked_of(found.form, found.size, found.sector)}
    for code, said in answers.items():
        if code not in asked:
            raise Invalid("diagnosis.not_asked", pointer=f"/answers/{code}", indicator=code[:20])
        if said is not None and said["answer"] not in answers_of(instrument):
            raise Invalid("diagnosis.no_such_level", pointer=f"/answers/{code}", most=instrument.most)
    found.answer(answers)
    session.flush()
    _tell(session, caller, found, "answer", {"area": area, "answered": len(found.answers)})
    return found


def map_stakeholders(
    session: Session,
    caller: Caller,
    *,
    diagnosis_id: UUID,
    version: int | None,
    stakeholders: Sequence[Mapping[str, Any]],
) -> Diagnosis:
    """The diagnosis with this map of who is affected by the enterprise."""
    found = locked_diagnosis(session, caller, diagnosis_id, version)
    found.map_stakeholders(stakeholders)
    session.flush()
    _tell(session, caller, found, "map", {"stakeholders": len(stakeholders)})
    return found


def hand_in_diagnosis(session: Session, caller: Caller, *, diagnosis_id: UUID, version: int | None) -> Diagnosis:
    """The diagnosis, complete; refused while too little of it is answered."""
    found = locked_diagnosis(session, caller, diagnosis_id, version)
    instrument = csr.instrument(found.edition)
    scores = score(instrument, found.levels, form=found.form, size=found.size, sector=found.sector)
    if scores.coverage < instrument.minimum_coverage:
        asked = sum(area.asked for area in scores.areas)
        needed = -(-asked * instrument.minimum_coverage // 1)
        raise Refused("diagnosis.too_little_answered", answered=len(found.answers), asked=asked, needed=needed)
    found.hand_in()
    session.flush()
    _tell(session, caller, found, "hand_in", {"answered": len(found.answers)})
    return found


def verify_diagnosis(
    session: Session, caller: Caller, *, diagnosis_id: UUID, version: int | None, note: str
) -> Diagnosis:
    """The diagnosis, whose evidence somebody has seen who began, answered, showed and handed in nothing of it."""
    found = locked_diagnosis(session, caller, diagnosis_id, version)
    if history.has_done(session, caller, found.id, *_WRITING):
        raise Refused("diagnosis.own")
    found.verify(by=caller.subject, name=caller.name, note=note)
    session.flush()
    _tell(session, caller, found, "verify", None)
    return found


def locked_diagnosis(session: Session, caller: Caller, diagnosis_id: UUID, version: int | None) -> Diagnosis:
    """The diagnosis, held for this transaction; refuses one of another territory and an old version of it."""
    wanted = select(Diagnosis).where(Diagnosis.id == diagnosis_id).with_for_update()
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("diagnosis.unknown")
    caller.require_scope(found.sme.unit)
    found.require_version(version)
    return found


def _tell(session: Session, caller: Caller, diagnosis: Diagnosis, action: str, after: Mapping[str, Any] | None) -> None:
    history.record(session, caller, subject=diagnosis.id, kind="csr_diagnosis", action=action, after=after)

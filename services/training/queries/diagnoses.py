"""Diagnoses as they are read: what is asked, what was answered, what it comes to, and what changed since."""

from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import Diagnosis, Sme
from services.training.models.diagnoses import OPEN
from services.training.queries.evidence import beside
from services.training.reference import csr
from services.training.rules.diagnosis.instrument import Instrument
from services.training.rules.diagnosis.scoring import Scores, changes, score
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import NotFound, Refused
from shared.web import Page, keyset_page

_LISTED = ("id", "sme_id", "edition", "form", "mode", "state", "begun_on", "handed_in_on", "verified_on")


def list_diagnoses(session: Session, caller: Caller, asked: dict[str, Any], *, limit: int, after: str | None) -> Page:
    """The diagnoses of the caller's territory that meet all filters (`sme_id`, `state`), latest first."""
    columns = labelled(Diagnosis, *_LISTED)
    wanted = (
        select(*columns, Sme.name.label("sme_name"), Sme.unit.label("unit"))
        .join(Sme)
        .where(caller.scope.condition(Sme.unit))
    )
    for name, column in (("sme_id", Diagnosis.sme_id), ("state", Diagnosis.state)):
        if asked.get(name):
            wanted = wanted.where(column == asked[name])
    return keyset_page(session, wanted, keys=[columns[0]], limit=limit, after=after, descending=True)


def show_diagnosis(session: Session, caller: Caller, diagnosis_id: UUID) -> dict[str, Any]:
    """One diagnosis with its questions, answers and scores."""
    return told(find(session, caller, diagnosis_id))


def find(session: Session, caller: Caller, diagnosis_id: UUID) -> Diagnosis:
    """The diagnosis; refuses one of another territory."""
    found = session.get(Diagnosis, diagnosis_id)
    if found is None:
        raise NotFound("diagnosis.unknown")
    caller.require_scope(found.sme.unit)
    return found


def latest(session: Session, sme_id: UUID, *, handed_in: bool = False) -> Diagnosis | None:
    """The diagnosis of an enterprise that was begun last, of those handed in where that is asked."""
    wanted = select(Diagnosis).where(Diagnosis.sme_id == sme_id).order_by(Diagnosis.id.desc()).limit(1)
    return session.scalar(wanted.where(Diagnosis.state != OPEN) if handed_in else wanted)


def told(found: Diagnosis) -> dict[str, Any]:
    """A diagnosis as it goes out."""
    instrument = csr.instrument(found.edition)
    scores = scores_of(found)
    names = (*_LISTED, "version", "size", "sector", "verified_by_name", "verification", "stakeholders")
    row = {name: getattr(found, name) for name in names}
    row |= {"sme_name": found.sme.name, "unit": found.sme.unit, "minimum_coverage": _share(instrument.minimum_coverage)}
    return row | {
        "levels": [dict(words) for words in instrument.levels],
        "areas": _areas(instrument, found, scores),
        **_whole(instrument, scores),
    }


def scores_of(found: Diagnosis) -> Scores:
    """What a diagnosis comes to."""
    instrument = csr.instrument(found.edition)
    return score(instrument, found.levels, form=found.form, size=found.size, sector=found.sector)


def _areas(instrument: Instrument, found: Diagnosis, scores: Scores) -> list[dict[str, Any]]:
    return [
        {
            "code": area.code,
            "words": dict(area.words),
            "lead": dict(area.lead),
            "asked": counted.asked,
            "answered": counted.answered,
            "not_known": counted.unknown,
            "not_applicable": counted.not_applicable,
            "score": _share(counted.score),
            "exact": _exact(counted.score),
            "stage": None if counted.score is None else dict(instrument.stage(counted.score).words),
            "indicators": [
                {
                    "code": one.code,
                    "words": dict(one.words),
                    "evidence_asked": dict(one.evidence),
                    "core_subject": one.core_subject,
                    "bottom_line": one.bottom_line,
                    "gender": one.gender,
                    "answer": found.answers.get(one.code, {}).get("answer"),
                    "evidence": found.answers.get(one.code, {}).get("evidence", ""),
                    "files": beside(found.files, indicator=one.code),
                }
                for one in area.asked_of(found.form, found.size, found.sector)
            ],
        }
        for area, counted in zip(instrument.areas, scores.areas, strict=True)
    ]


def _whole(instrument: Instrument, scores: Scores) -> dict[str, Any]:
    return {
        "coverage": _share(scores.coverage),
        "overall": _share(scores.overall),
        "overall_exact": _exact(scores.overall),
        "gender": _share(scores.gender),
        "stage": None if scores.overall is None else dict(instrument.stage(scores.overall).words),
    }


def show_effect(session: Session, caller: Caller, diagnosis_id: UUID) -> dict[str, Any]:
    """What changed since the diagnosis before this one, in shares of 1; refused where there is none that can be
    compared: of the same edition and form, handed in.
    """
    after = find(session, caller, diagnosis_id)
    before = session.scalar(
        select(Diagnosis)
        .where(
            Diagnosis.sme_id == after.sme_id,
            Diagnosis.id < after.id,
            Diagnosis.state != OPEN,
            Diagnosis.edition == after.edition,
            Diagnosis.form == after.form,
        )
        .order_by(Diagnosis.id.desc())
        .limit(1)
    )
    if before is None or after.state == OPEN:
        raise Refused("diagnosis.nothing_to_compare")
    rows = changes(scores_of(before), scores_of(after))
    words = {area.code: dict(area.words) for area in csr.instrument(after.edition).areas}
    return {
        "before_id": before.id,
        "before_on": before.handed_in_on,
        "after_id": after.id,
        "after_on": after.handed_in_on,
        "changes": [
            {
                "area": row.code,
                "words": words.get(row.code or ""),
                "before": _share(row.before),
                "after": _share(row.after),
                "points": _share(row.points),
            }
            for row in rows
        ],
    }


def _share(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else f"{value.numerator}/{value.denominator}"

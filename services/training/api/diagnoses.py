"""Diagnoses of social responsibility, and how enterprises stand beside each other."""

from typing import Any
from uuid import UUID

from services.training.api import diagnosis_schemas as schemas
from services.training.queries import diagnoses as queries
from services.training.queries.benchmarks import show_benchmark
from services.training.queries.radars import radar_of
from services.training.rules.csr_follow_up_access import (
    BENCHMARK_READERS,
    READERS,
    REVIEWERS,
    TEAM,
    sees_enterprises,
)
from services.training.use_cases import diagnose, show_evidence
from shared.papers import LARGEST_FILE
from shared.web import Call, Page, Resource

resource = Resource("diagnoses", prefix="/diagnoses", description="Diagnoses of the social responsibility of firms.")
benchmarks = Resource("csr_benchmark", prefix="/csr-benchmark", description="How firms stand beside each other.")
_ONE = "/<uuid:diagnosis_id>"


@resource.get(query=schemas.DiagnosisQuery, returns=schemas.DiagnosisRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The diagnoses of the caller's territory, latest first."""
    return queries.list_diagnoses(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(body=schemas.DiagnosisIn, returns=schemas.DiagnosisOut, allow=TEAM)
def begin(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Begin a diagnosis that the enterprise is assisted in; `short` is the form for the smallest."""
    return queries.told(diagnose.begin_diagnosis(call.session, call.caller, mode="assisted", **body))


@resource.get(_ONE, returns=schemas.DiagnosisOut, allow=READERS)
def show(call: Call, diagnosis_id: UUID) -> dict[str, Any]:
    """One diagnosis: what is asked, what was answered and what it comes to."""
    return queries.show_diagnosis(call.session, call.caller, diagnosis_id)


@resource.put(f"{_ONE}/areas/<string(maxlength=20):area>", body=schemas.AreaAnswersIn, returns=schemas.DiagnosisOut,
              allow=TEAM)  # fmt: skip
def answer(call: Call, body: dict[str, Any], diagnosis_id: UUID, area: str) -> dict[str, Any]:
    """Answer indicators of an area; those not named stay as they are."""
    told = schemas.by_indicator(body["answers"])
    which: dict[str, Any] = {"diagnosis_id": diagnosis_id, "version": call.if_match}
    return queries.told(diagnose.answer_area(call.session, call.caller, **which, area=area, answers=told))


@resource.put(f"{_ONE}/stakeholders", body=schemas.StakeholdersIn, returns=schemas.DiagnosisOut, allow=TEAM)
def map_stakeholders(call: Call, body: dict[str, Any], diagnosis_id: UUID) -> dict[str, Any]:
    """Say who is affected by the enterprise; replaces what was said before."""
    which: dict[str, Any] = {"diagnosis_id": diagnosis_id, "version": call.if_match}
    return queries.told(diagnose.map_stakeholders(call.session, call.caller, **which, **body))


@resource.post(f"{_ONE}/submission", returns=schemas.DiagnosisOut, if_match=True, status=200, allow=TEAM)
def hand_in(call: Call, diagnosis_id: UUID) -> dict[str, Any]:
    """It is complete: from now on it is not changed."""
    which: dict[str, Any] = {"diagnosis_id": diagnosis_id, "version": call.if_match}
    return queries.told(diagnose.hand_in_diagnosis(call.session, call.caller, **which))


@resource.post(f"{_ONE}/verification", body=schemas.VerificationIn, returns=schemas.DiagnosisOut, if_match=True,
               status=200, allow=REVIEWERS | TEAM)  # fmt: skip
def verify(call: Call, body: dict[str, Any], diagnosis_id: UUID) -> dict[str, Any]:
    """Say that the evidence was seen; not by who wrote it down."""
    which: dict[str, Any] = {"diagnosis_id": diagnosis_id, "version": call.if_match}
    return queries.told(diagnose.verify_diagnosis(call.session, call.caller, **which, **body))


@resource.post(f"{_ONE}/evidence/<string(maxlength=20):csr_indicator>", upload=LARGEST_FILE,
               returns=schemas.DiagnosisOut, allow=TEAM)  # fmt: skip
def show_indicator(call: Call, diagnosis_id: UUID, csr_indicator: str) -> dict[str, Any]:
    """Show an indicator: a PDF, JPEG or PNG of at most 10 MB, until the diagnosis is verified."""
    assert call.upload is not None
    which: dict[str, Any] = {"diagnosis_id": diagnosis_id, "indicator": csr_indicator}
    told: dict[str, Any] = {"name": call.upload.name, "content": call.upload.content}
    return queries.told(show_evidence.show_indicator(call.session, call.caller, **which, **told))


@resource.get(f"{_ONE}/effect", returns=schemas.DiagnosisEffectOut, allow=READERS)
def effect(call: Call, diagnosis_id: UUID) -> dict[str, Any]:
    """What changed since the diagnosis before this one."""
    return queries.show_effect(call.session, call.caller, diagnosis_id)


@resource.get(f"{_ONE}/radar", returns=schemas.RadarOut, allow=READERS)
def radar(call: Call, diagnosis_id: UUID) -> dict[str, Any]:
    """The scores of the areas as a drawing (SVG) in the caller's language, beside the mean of all enterprises."""
    found = queries.find(call.session, call.caller, diagnosis_id)
    return {"drawing": radar_of(call.session, call.caller, found, call.language, live=True)}


@benchmarks.get(returns=schemas.BenchmarkOut, allow=BENCHMARK_READERS)
def benchmark(call: Call) -> dict[str, Any]:
    """Mean, quartiles and interval by area and group, of the caller's territory; small groups are withheld, with what
    would tell of them. Who may not open diagnoses sees those of before this month.
    """
    return show_benchmark(call.session, call.caller, live=sees_enterprises(call.caller.roles))

"""Tests and surveys: what is asked, of which group, and what was learned."""

from typing import Any
from uuid import UUID

from services.training.api.learning_schemas import (
    EvaluationOut,
    EvaluationQuery,
    LearnedOut,
    LearningInstrumentIn,
    LearningInstrumentOut,
    MeasurementIn,
    MeasurementOut,
    MeasurementQuery,
    MeasurementRow,
    ResultQuery,
    StarterOut,
)
from services.training.api.names import with_names
from services.training.api.schemas import READERS, TEAM
from services.training.composition import Composition
from services.training.queries.evaluation import evaluation
from services.training.queries.learning import (
    list_instruments,
    list_measurements,
    show_instrument,
    show_measurement,
)
from services.training.queries.learning_results import learning_result
from services.training.reference import learning as reference
from services.training.use_cases import measure_learning as use_cases
from shared.web import Call, Page, Resource

instruments = Resource(
    "learning_instruments", prefix="/learning-instruments", description="Tests and surveys of what is learned."
)
measurements = Resource("measurements", prefix="/measurements", description="Groups that answer a test or survey.")
evaluations = Resource("evaluations", prefix="/evaluation", description="What trainings came to, on four levels.")


@evaluations.get(query=EvaluationQuery, returns=EvaluationOut, allow=READERS, scoped=False)
def evaluate(call: Call) -> dict[str, Any]:
    """Reaction, learning, behaviour and results of the trainings of the caller's territory."""
    return evaluation(call.session, call.caller, call.query)


@instruments.post(body=LearningInstrumentIn, returns=LearningInstrumentOut, allow=TEAM, scoped=False)
def write(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Write an instrument, or the next edition of the one with this code."""
    return show_instrument(call.session, use_cases.write_instrument(call.session, call.caller, **body).id)


@instruments.get(returns=LearningInstrumentOut, paged=True, allow=READERS, scoped=False)
def list_(call: Call) -> Page:
    """Every edition of every instrument, the latest written first."""
    return list_instruments(call.session, limit=call.limit, after=call.after)


@instruments.get("/starters", returns=StarterOut, allow=READERS, scoped=False)
def starters(call: Call) -> list[dict[str, str]]:
    """Questionnaires that one may begin from."""
    del call
    return reference.questionnaires()


@instruments.get("/<uuid:instrument_id>", returns=LearningInstrumentOut, allow=READERS, scoped=False)
def show(call: Call, instrument_id: UUID) -> dict[str, Any]:
    """One edition of an instrument."""
    return show_instrument(call.session, instrument_id)


@instruments.get("/<uuid:instrument_id>/result", query=ResultQuery, returns=LearnedOut, allow=READERS, scoped=False)
def result(call: Call, instrument_id: UUID) -> dict[str, Any]:
    """What changed among the women of the caller's territory who answered it both times, and who is missing."""
    filters = dict(call.query)
    return learning_result(call.session, call.caller, instrument_id, filters.pop("moment"), filters)


@measurements.post(body=MeasurementIn, returns=MeasurementOut, allow=TEAM)
def open_(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Ask a group before its training, at its end or months later; each woman has a link of her own and a code."""
    return _shown(call, use_cases.open_measurement(call.session, call.caller, **body).id)


@measurements.get(query=MeasurementQuery, returns=MeasurementRow, paged=True, allow=READERS)
def list_measured(call: Call) -> Page:
    """The measurements of the groups of the caller's territory, latest first."""
    return list_measurements(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@measurements.get("/<uuid:measurement_id>", returns=MeasurementOut, allow=TEAM)
def show_one(call: Call, measurement_id: UUID) -> dict[str, Any]:
    """One measurement with its links and codes, and how far each woman is; what she answered is told to nobody."""
    return _shown(call, measurement_id)


@measurements.post("/<uuid:measurement_id>/invitations", returns=MeasurementOut, if_match=True, status=200, allow=TEAM)
def invite(call: Call, measurement_id: UUID) -> dict[str, Any]:
    """Ask also those who joined the group since."""
    use_cases.invite_members(call.session, call.caller, measurement_id, version=call.if_match)
    return _shown(call, measurement_id)


@measurements.post("/<uuid:measurement_id>/closing", returns=MeasurementOut, if_match=True, status=200, allow=TEAM)
def close(call: Call, measurement_id: UUID) -> dict[str, Any]:
    """Take no answers any more."""
    use_cases.close_measurement(call.session, call.caller, measurement_id, version=call.if_match)
    return _shown(call, measurement_id)


@measurements.post(
    "/<uuid:measurement_id>/sheets/<uuid:sheet_id>/revocation", returns=MeasurementOut, status=200, allow=TEAM
)
def revoke(call: Call, measurement_id: UUID, sheet_id: UUID) -> dict[str, Any]:
    """Let the personal link of one woman lead nowhere any more; her code still opens the group's."""
    use_cases.revoke_sheet(call.session, call.caller, measurement_id, sheet_id)
    return _shown(call, measurement_id)


def _shown(call: Call, measurement_id: UUID) -> dict[str, Any]:
    context: Composition = call.context
    shown = show_measurement(call.session, call.caller, measurement_id, context.signing)
    return shown | {"sheets": with_names(call, shown["sheets"])}

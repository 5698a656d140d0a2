"""Trainers: who can teach what, where, in which language and when."""

from typing import Any
from uuid import UUID

from services.training.api.trainer_schemas import TrainerIn, TrainerOut, TrainerRow, TrainersQuery
from services.training.queries import trainers as queries
from services.training.rules.library_access import KEEPERS
from services.training.use_cases import keep_trainers as use_cases
from shared.web import Call, Page, Resource

resource = Resource("trainers", prefix="/trainers", description="Who teaches for the centres.")
READERS = KEEPERS | {"auditor"}
_ONE = "/<uuid:trainer_id>"
_CHANGES: dict[str, Any] = {"returns": TrainerOut, "if_match": True, "status": 200, "allow": KEEPERS}


@resource.get(query=TrainersQuery, returns=TrainerRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The trainers of the caller's territory and those who go there, by name."""
    return queries.list_trainers(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(body=TrainerIn, returns=TrainerOut, allow=KEEPERS)
def write(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Write a trainer down."""
    units = body.pop("units")
    return _shown(call, use_cases.write_trainer(call.session, call.caller, units=units, facts=body).id)


@resource.get(_ONE, returns=TrainerOut, allow=READERS)
def show(call: Call, trainer_id: UUID) -> dict[str, Any]:
    """One trainer with her licences and her sessions to come."""
    return _shown(call, trainer_id)


@resource.put(_ONE, body=TrainerIn, returns=TrainerOut, allow=KEEPERS)
def change(call: Call, body: dict[str, Any], trainer_id: UUID) -> dict[str, Any]:
    """Put right what is known of a trainer."""
    told = {"version": call.if_match, "units": body.pop("units"), "facts": body}
    use_cases.change_trainer(call.session, call.caller, trainer_id, **told)
    return _shown(call, trainer_id)


@resource.post(f"{_ONE}/leaving", **_CHANGES)
def leave(call: Call, trainer_id: UUID) -> dict[str, Any]:
    """She teaches no more; refused while sessions to come name her."""
    use_cases.let_trainer_go(call.session, call.caller, trainer_id, version=call.if_match)
    return _shown(call, trainer_id)


@resource.post(f"{_ONE}/returning", **_CHANGES)
def come_back(call: Call, trainer_id: UUID) -> dict[str, Any]:
    """She teaches again."""
    use_cases.take_trainer_back(call.session, call.caller, trainer_id, version=call.if_match)
    return _shown(call, trainer_id)


def _shown(call: Call, trainer_id: UUID) -> dict[str, Any]:
    return queries.show_trainer(call.session, call.caller, trainer_id)

"""Workshops on social responsibility: planned, registered for, held."""

from typing import Any
from uuid import UUID

from services.training.api.csr_schemas import (
    ActivitiesQuery,
    ActivityOut,
    ActivityRow,
    AttendanceIn,
    DateIn,
    JoinIn,
    MaterialIn,
    ParticipantIn,
    ParticipantOut,
    PersonIn,
    PublicWorkshopOut,
    RegistrationIn,
    UntilIn,
    WorkshopChange,
    WorkshopIn,
)
from services.training.composition import Composition
from services.training.models import Activity
from services.training.models.activities import WORKSHOP
from services.training.queries import activities as queries
from services.training.rules.csr_access import PERSON_READERS, READERS, TEAM
from services.training.use_cases import plan_activity as planning
from services.training.use_cases import register_participant as registering
from shared.web import Call, Page, Resource

resource = Resource("csr_workshops", prefix="/csr-workshops", description="Two-day workshops on social responsibility.")
registrations = Resource("csr_registrations", prefix="/csr-registrations", description="The public form of a workshop.")
_ONE = "/<uuid:activity_id>"
_TOKEN = "/<string(maxlength=64):token>"  # noqa: S105 - a part of a path
_CHANGES: dict[str, Any] = {"returns": ActivityOut, "if_match": True, "status": 200, "allow": TEAM}


@resource.get(query=ActivitiesQuery, returns=ActivityRow, paged=True, allow=READERS)
def list_(call: Call) -> Page:
    """The workshops of the caller's territory, latest first, with distinct firms and persons."""
    asked = call.query | {"dialogues": False}
    return queries.list_activities(call.session, call.caller, asked, limit=call.limit, after=call.after)


@resource.post(body=WorkshopIn, returns=ActivityOut, allow=TEAM)
def plan(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Plan a workshop: its days are those of the template that holds on its date."""
    return shown(call, planning.plan_activity(call.session, call.caller, kind=WORKSHOP, **body))


@resource.get(_ONE, returns=ActivityOut, allow=READERS)
def show(call: Call, activity_id: UUID) -> dict[str, Any]:
    """One workshop with its dates, agenda, partners and materials, and how many came by sex and sector."""
    return queries.show_activity(call.session, call.caller, activity_id, dialogue=False, key=key_of(call))


@resource.put(_ONE, body=WorkshopChange, returns=ActivityOut, allow=TEAM)
def describe(call: Call, body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Put right what is said of a workshop."""
    done = planning.describe_activity(call.session, call.caller, activity_id, version=call.if_match, **body)
    return shown(call, done)


@resource.post(f"{_ONE}/dates", body=DateIn, **_CHANGES)
def move(call: Call, body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Move a workshop to another date; those of before stay written, with the reason."""
    return shown(call, planning.move_activity(call.session, call.caller, activity_id, version=call.if_match, **body))


@resource.post(f"{_ONE}/holding", **_CHANGES)
def hold(call: Call, activity_id: UUID) -> dict[str, Any]:
    """The workshop took place."""
    return shown(call, planning.hold_activity(call.session, call.caller, activity_id, version=call.if_match))


@resource.post(f"{_ONE}/cancellation", **_CHANGES)
def cancel(call: Call, activity_id: UUID) -> dict[str, Any]:
    """The workshop does not take place."""
    return shown(call, planning.cancel_activity(call.session, call.caller, activity_id, version=call.if_match))


@resource.post(f"{_ONE}/partners", body=JoinIn, **_CHANGES)
def join(call: Call, body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """A partner takes part in the workshop."""
    return shown(call, planning.join_activity(call.session, call.caller, activity_id, version=call.if_match, **body))


@resource.delete(f"{_ONE}/partners/<uuid:partner_id>", returns=ActivityOut, allow=TEAM)
def leave(call: Call, activity_id: UUID, partner_id: UUID) -> dict[str, Any]:
    """A partner takes no part in it after all."""
    done = planning.leave_activity(call.session, call.caller, activity_id, partner_id, version=call.if_match)
    return shown(call, done)


@resource.post(f"{_ONE}/materials", body=MaterialIn, **_CHANGES)
def give(call: Call, body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Something more is handed out."""
    return shown(call, planning.give_material(call.session, call.caller, activity_id, version=call.if_match, **body))


@resource.delete(f"{_ONE}/materials/<uuid:material_id>", returns=ActivityOut, allow=TEAM)
def take_back(call: Call, activity_id: UUID, material_id: UUID) -> dict[str, Any]:
    """Something is not handed out after all."""
    done = planning.take_material(call.session, call.caller, activity_id, material_id, version=call.if_match)
    return shown(call, done)


@resource.post(f"{_ONE}/registration", body=UntilIn, **_CHANGES)
def open_(call: Call, body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Let firms register themselves until a day; what was the address before leads nowhere any more."""
    done = registering.open_registration(call.session, call.caller, activity_id, version=call.if_match, **body)
    return shown(call, done)


@resource.delete(f"{_ONE}/registration", returns=ActivityOut, allow=TEAM)
def close(call: Call, activity_id: UUID) -> dict[str, Any]:
    """Let nobody register herself any more."""
    return shown(call, registering.close_registration(call.session, call.caller, activity_id, version=call.if_match))


@resource.get(f"{_ONE}/participants", returns=ParticipantOut, paged=True, allow=PERSON_READERS)
def list_participants(call: Call, activity_id: UUID) -> Page:
    """Who is registered for a workshop."""
    return queries.list_participants(call.session, call.caller, activity_id, limit=call.limit, after=call.after)


@resource.post(f"{_ONE}/participants", body=ParticipantIn, returns=ActivityOut, allow=TEAM)
def register(call: Call, body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Register somebody for a firm."""
    registering.register_by_team(call.session, call.caller, activity_id, **body)
    return queries.show_activity(call.session, call.caller, activity_id, dialogue=False, key=key_of(call))


@resource.post(
    f"{_ONE}/participants/<uuid:participant_id>/correction",
    body=PersonIn,
    returns=ActivityOut,
    status=200,
    allow=TEAM,
)
def describe_participant(call: Call, body: dict[str, Any], activity_id: UUID, participant_id: UUID) -> dict[str, Any]:
    """Put right who somebody is and how she is reached; what is told later counts. Her diploma says it once it is
    issued anew.
    """
    told = (call.session, call.caller, activity_id, participant_id)
    return shown(call, registering.describe_participant(*told, **body))


@resource.delete(f"{_ONE}/participants/<uuid:participant_id>", if_match=False, returns=ActivityOut, allow=TEAM)
def forget(call: Call, activity_id: UUID, participant_id: UUID) -> dict[str, Any]:
    """Erase the name and the addresses of somebody who was registered; that somebody was stays."""
    return shown(call, registering.forget_participant(call.session, call.caller, activity_id, participant_id))


@resource.post(f"{_ONE}/attendance", body=AttendanceIn, returns=ActivityOut, status=200, allow=TEAM)
def mark(call: Call, body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Say who was there on one of the days; what is told later counts."""
    return shown(call, registering.mark_attendance(call.session, call.caller, activity_id, **body))


@registrations.get(_TOKEN, returns=PublicWorkshopOut, allow={"service"}, scoped=False)
def look(call: Call, token: str) -> dict[str, Any]:
    """For the portal: the workshop for which an address lets firms register."""
    return _public(call, queries.opened_registration(call.session, token, key_of(call)))


@registrations.post(_TOKEN, body=RegistrationIn, returns=PublicWorkshopOut, allow={"service"}, scoped=False)
def enter(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    """For the portal: register somebody who filled in the public form. It does not tell who was registered before."""
    opened = queries.opened_registration(call.session, token, key_of(call)).registration_id
    if opened is None:
        raise TypeError("an open registration has an id")
    return _public(call, registering.register_by_form(call.session, call.caller, opened, **body))


def _public(call: Call, workshop: Activity) -> dict[str, Any]:
    names = ("title", "unit", "city", "starts_on", "ends_on", "registration_until")
    return {name: getattr(workshop, name) for name in names} | {"full": queries.is_full(call.session, workshop)}


def shown(call: Call, activity: Activity) -> dict[str, Any]:
    """An activity as it stands after a change."""
    return queries.whole_activity(call.session, activity, key_of(call))


def key_of(call: Call) -> bytes:
    """What signs the addresses of public forms."""
    context: Composition = call.context
    return context.signing

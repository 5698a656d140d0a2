"""Firms register who comes to a workshop, by a public form or through the team; the roll is called on each day."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.training.models import Activity, DiplomaLeftOut, Participant, Sme
from services.training.models.activities import CANCELLED, WORKSHOP
from services.training.models.smes import name_key
from services.training.queries.activities import is_full
from services.training.use_cases.finding import locked, recorder
from services.training.use_cases.forget_diplomas import forget_diplomas
from services.training.use_cases.keep_smes import sme_named
from services.training.use_cases.plan_activity import activity_to_change
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, Refused, clock, uuid7


def open_registration(
    session: Session, caller: Caller, activity_id: UUID, *, version: int | None, until: date
) -> Activity:
    """The workshop with a public form until a day, at a new address."""
    workshop = activity_to_change(session, caller, activity_id, version)
    _require_workshop(workshop)
    workshop.open_registration(until)
    session.flush()
    _noted(session, caller, workshop, "open_registration", {"until": until.isoformat()})
    return workshop


def close_registration(session: Session, caller: Caller, activity_id: UUID, *, version: int | None) -> Activity:
    """The workshop without its public form: the address leads nowhere any more."""
    workshop = activity_to_change(session, caller, activity_id, version)
    workshop.close_registration()
    session.flush()
    _noted(session, caller, workshop, "close_registration", {})
    return workshop


def register_by_team(session: Session, caller: Caller, activity_id: UUID, **told: Any) -> Participant:
    """The participant whom somebody of the team registers, before the workshop or afterwards from its list; refuses who
    is registered already.
    """
    workshop = locked(session, Activity, activity_id, "csr_activity.unknown", caller)
    _require_workshop(workshop)
    if workshop.state == CANCELLED:
        raise Refused("csr_activity.is_cancelled")
    participant, new = _registered(session, caller, workshop, "team", **told)
    if not new:
        raise Refused("csr_participant.registered_already")
    return participant


def register_by_form(session: Session, caller: Caller, registration_id: UUID, *, agreed: bool, **told: Any) -> Activity:
    """The workshop for which somebody registered herself; refused unless she agreed to be written down. Who is
    registered already hears what everybody hears, also of a full workshop: nobody learns who is.
    """
    wanted = select(Activity).where(Activity.registration_id == registration_id).with_for_update()
    workshop = session.scalar(wanted.execution_options(populate_existing=True))
    if workshop is None or not workshop.takes_registrations:
        raise NotFound("csr_registration.closed")
    if not agreed:
        raise Invalid("csr_registration.not_agreed", pointer="/agreed")
    _require_room(session, workshop)
    _registered(session, caller, workshop, "form", **told)
    return workshop


def mark_attendance(
    session: Session, caller: Caller, activity_id: UUID, *, day: int, marks: Sequence[Mapping[str, Any]]
) -> Activity:
    """The workshop with who was there on its `day`-th day, as far as it is told; what is told later counts. Refuses a
    day that it has not or that has not come, and who is not registered for it.
    """
    workshop = locked(session, Activity, activity_id, "csr_activity.unknown", caller)
    _require_workshop(workshop)
    if workshop.state == CANCELLED:
        raise Refused("csr_activity.is_cancelled")
    if day > workshop.days:
        raise Invalid("csr_attendance.no_such_day", pointer="/day", days=workshop.days)
    on = workshop.starts_on + timedelta(days=day - 1)
    if on > clock.today():
        raise Invalid("csr_attendance.day_to_come", pointer="/day", day=on)
    registered = {one.id: one for one in session.scalars(select(Participant).where(_of(workshop)))}
    for at, mark in enumerate(marks):
        participant = registered.get(mark["participant_id"])
        if participant is None:
            raise Invalid("csr_attendance.not_registered", pointer=f"/marks/{at}/participant_id")
        participant.mark(day, mark["present"], days=workshop.days)
    session.flush()
    told = {"day": day, "present": sum(mark["present"] for mark in marks), "marked": len(marks)}
    _noted(session, caller, workshop, "attendance", told)
    return workshop


def describe_participant(
    session: Session,
    caller: Caller,
    activity_id: UUID,
    participant_id: UUID,
    *,
    name: str,
    sex: str,
    email: str | None,
    phone: str | None,
) -> Activity:
    """The workshop, of whose participants one is described anew; a diploma says her new name once it is issued anew.
    Refuses the name of somebody else of her firm, and who was forgotten.
    """
    workshop, found = _participant(session, caller, activity_id, participant_id)
    key = name_key(name)
    if not key:
        raise Invalid("csr_participant.name_without_letters", pointer="/name")
    same = (_of(workshop), Participant.sme_id == found.sme_id, Participant.name_key == key)
    if session.scalar(select(Participant.id).where(*same, Participant.id != found.id)) is not None:
        raise Refused("csr_participant.registered_already")
    found.describe(name=name.strip(), name_key=key, sex=sex, email=email, phone=phone)
    session.flush()
    _noted(session, caller, workshop, "describe_participant", {"participant_id": str(participant_id)})
    return workshop


def forget_participant(session: Session, caller: Caller, activity_id: UUID, participant_id: UUID) -> Activity:
    """The workshop, at which one more stays nameless; so do her diplomas, which verify as before."""
    workshop, found = _participant(session, caller, activity_id, participant_id)
    found.forget()
    session.flush()
    forget_diplomas(session, participant_id)
    session.execute(delete(DiplomaLeftOut).where(DiplomaLeftOut.holder_id == participant_id))
    _noted(session, caller, workshop, "forget_participant", {"participant_id": str(participant_id)})
    return workshop


def _participant(
    session: Session, caller: Caller, activity_id: UUID, participant_id: UUID
) -> tuple[Activity, Participant]:
    """The workshop, locked, and who is registered for it."""
    workshop = locked(session, Activity, activity_id, "csr_activity.unknown", caller)
    found = session.scalar(select(Participant).where(_of(workshop), Participant.id == participant_id).with_for_update())
    if found is None:
        raise NotFound("csr_participant.unknown")
    return workshop, found


def _registered(
    session: Session,
    caller: Caller,
    workshop: Activity,
    source: str,
    *,
    sme: Mapping[str, Any] | None,
    sme_id: UUID | None = None,
    name: str,
    sex: str,
    email: str | None,
    phone: str | None,
) -> tuple[Participant, bool]:
    """The participant, and whether she is new."""
    key = name_key(name)
    if not key:
        raise Invalid("csr_participant.name_without_letters", pointer="/name")
    firm = _firm(session, caller, workshop, sme, sme_id)
    same = (_of(workshop), Participant.sme_id == firm.id, Participant.name_key == key)
    known = session.scalar(select(Participant).where(*same))
    if known is not None:
        return known, False
    _require_room(session, workshop)
    participant = Participant(
        id=uuid7(),
        activity_id=workshop.id,
        sme_id=firm.id,
        name=name.strip(),
        name_key=key,
        sex=sex,
        email=email,
        phone=phone,
        source=source,
        attended=[],
        **recorder(caller),
    )
    session.add(participant)
    session.flush()
    told = {"participant_id": str(participant.id), "sme_id": str(firm.id), "source": source}
    _noted(session, caller, workshop, "register", told)
    return participant, True


def _firm(
    session: Session, caller: Caller, workshop: Activity, sme: Mapping[str, Any] | None, sme_id: UUID | None
) -> Sme:
    """The firm by its facts, of the workshop's country, or one of the caller's territory by its id."""
    if (sme is None) == (sme_id is None):
        raise Invalid("csr_participant.one_firm", pointer="/sme_id")
    if sme is not None:
        if sme["unit"][:2] != workshop.unit[:2]:
            raise Invalid("csr_registration.other_country", pointer="/sme/unit")
        return sme_named(session, caller, sme)
    found = session.get(Sme, sme_id)
    if found is None or not caller.scope.covers(found.unit):
        raise Invalid("sme.unknown", pointer="/sme_id")
    return found


def _require_room(session: Session, workshop: Activity) -> None:
    if is_full(session, workshop):
        raise Refused("csr_activity.full", places=workshop.capacity)


def _of(workshop: Activity) -> Any:
    return Participant.activity_id == workshop.id


def _require_workshop(activity: Activity) -> None:
    if activity.kind != WORKSHOP:
        raise Refused("csr_activity.no_workshop")


def _noted(session: Session, caller: Caller, workshop: Activity, action: str, after: Mapping[str, Any]) -> None:
    history.record(session, caller, subject=workshop.id, kind="csr_activity", action=action, after=after)

"""Workshops and dialogues are planned, moved, held or called off, and who takes part in them as a partner."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.training.models import Activity, ActivityDates, Material, Partner
from services.training.models.activities import WORKSHOP
from services.training.queries.agenda import template_on
from services.training.queries.materials import named_materials, require_offered
from services.training.queries.scope import check_units
from services.training.use_cases.finding import locked, recorder
from services.training.use_cases.heed_holidays import heed_holidays
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, clock, uuid7


def plan_activity(
    session: Session,
    caller: Caller,
    *,
    kind: str,
    unit: str,
    starts_on: date,
    days: int = 1,
    on_holiday: bool = False,
    **described: Any,
) -> Activity:
    """The activity with its first date. A workshop has the days of the template that holds on that date. Refuses a
    public holiday unless the day is kept `on_holiday`.
    """
    check_units([unit], pointer="/unit")
    caller.require_scope(unit)
    agenda = template_on(starts_on) if kind == WORKSHOP else {}
    activity = Activity(
        id=uuid7(),
        kind=kind,
        unit=unit,
        starts_on=starts_on,
        days=len(agenda["days"]) if agenda else days,
        agenda=agenda,
        state="planned",
        state_since=clock.today(),
        present=[],
        conclusions="",
        **recorder(caller),
    )
    kept = heed_holidays(unit, starts_on, activity.ends_on, on_holiday=on_holiday)
    activity.describe(**described)
    activity.announce(ActivityDates(starts_on=starts_on, reason="", **recorder(caller)))
    session.add(activity)
    told = {"kind": kind, "unit": unit, "starts_on": starts_on.isoformat(), "title": activity.title, **kept}
    return _changed(session, caller, activity, "plan", after=told)


def describe_activity(
    session: Session, caller: Caller, activity_id: UUID, *, version: int | None, **described: Any
) -> Activity:
    """The activity with another description."""
    activity = activity_to_change(session, caller, activity_id, version)
    before = {name: getattr(activity, name) for name in described}
    activity.describe(**described)
    return _changed(session, caller, activity, "describe", before=before, after=described)


def move_activity(
    session: Session,
    caller: Caller,
    activity_id: UUID,
    *,
    version: int | None,
    starts_on: date,
    reason: str,
    on_holiday: bool = False,
) -> Activity:
    """The activity on another date; those of before stay written. Refuses a public holiday unless it is kept
    `on_holiday`.
    """
    activity = activity_to_change(session, caller, activity_id, version)
    before = {"starts_on": activity.starts_on.isoformat()}
    activity.announce(ActivityDates(starts_on=starts_on, reason=reason, **recorder(caller)))
    kept = heed_holidays(activity.unit, starts_on, activity.ends_on, on_holiday=on_holiday)
    until = activity.registration_until
    if until is not None and until > starts_on:
        activity.close_registration()
    after = {"starts_on": starts_on.isoformat(), "reason": reason, **kept}
    return _changed(session, caller, activity, "move", before=before, after=after)


def hold_activity(
    session: Session,
    caller: Caller,
    activity_id: UUID,
    *,
    version: int | None,
    present: Sequence[Mapping[str, Any]] = (),
    conclusions: str = "",
) -> Activity:
    """The activity, which took place; of a dialogue, with counts of who was there and what it came to."""
    activity = activity_to_change(session, caller, activity_id, version)
    if len({one["side"] for one in present}) < len(present):
        raise Invalid("csr_activity.side_twice", pointer="/present")
    activity.hold(present=present, conclusions=conclusions)
    after = {"present": list(map(dict, present)), "conclusions": conclusions}
    return _changed(session, caller, activity, "hold", after=after)


def cancel_activity(session: Session, caller: Caller, activity_id: UUID, *, version: int | None) -> Activity:
    """The activity, which does not take place."""
    activity = activity_to_change(session, caller, activity_id, version)
    activity.cancel()
    return _changed(session, caller, activity, "cancel")


def join_activity(
    session: Session, caller: Caller, activity_id: UUID, *, version: int | None, partner_id: UUID
) -> Activity:
    """The activity with one partner more; any of its country or of another one."""
    activity = activity_to_change(session, caller, activity_id, version)
    partner = session.get(Partner, partner_id)
    if partner is None:
        raise NotFound("csr_partner.unknown")
    activity.join(partner)
    return _changed(session, caller, activity, "join", after={"partner": partner.name})


def leave_activity(
    session: Session, caller: Caller, activity_id: UUID, partner_id: UUID, *, version: int | None
) -> Activity:
    """The activity without a partner."""
    activity = activity_to_change(session, caller, activity_id, version)
    activity.leave(partner_id)
    return _changed(session, caller, activity, "leave", before={"partner_id": str(partner_id)})


def give_material(
    session: Session,
    caller: Caller,
    activity_id: UUID,
    *,
    version: int | None,
    title: str = "",
    address: str = "",
    library_id: UUID | None = None,
) -> Activity:
    """The activity with one more thing that is handed out: something on the web with its title, or a material of the
    library, which brings its own. Refuses both at once, neither, and a material that is not offered to the caller.
    """
    activity = activity_to_change(session, caller, activity_id, version)
    if library_id is None and not (title and address):
        raise Invalid("field.required", pointer="/address" if title else "/title")
    if library_id is not None:
        if address:
            raise Invalid("csr_activity.material_twice", pointer="/library_id")
        require_offered(session, caller, [library_id], pointer="/library_id")
        title = title or named_materials(session, [library_id])[library_id]["title"]
    activity.give(Material(id=uuid7(), title=title, address=address, library_id=library_id, **recorder(caller)))
    after = {"title": title, "address": address, "library_id": library_id and str(library_id)}
    return _changed(session, caller, activity, "give", after=after)


def take_material(
    session: Session, caller: Caller, activity_id: UUID, material_id: UUID, *, version: int | None
) -> Activity:
    """The activity without something that was handed out."""
    activity = activity_to_change(session, caller, activity_id, version)
    activity.take_back(material_id)
    return _changed(session, caller, activity, "take_back", before={"material_id": str(material_id)})


def activity_to_change(session: Session, caller: Caller, activity_id: UUID, version: int | None) -> Activity:
    """An activity of the caller's territory, locked; refuses an old version of it."""
    activity = locked(session, Activity, activity_id, "csr_activity.unknown", caller)
    activity.require_version(version)
    return activity


def _changed(
    session: Session,
    caller: Caller,
    activity: Activity,
    action: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> Activity:
    session.flush()
    history.record(session, caller, subject=activity.id, kind="csr_activity", action=action, before=before, after=after)
    return activity

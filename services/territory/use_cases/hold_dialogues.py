"""Public hearings, dialogues of many sides and alliances are written down."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.territory.models import Alliance, Dialogue
from services.territory.use_cases.finding import locked, recorder
from services.territory.use_cases.keep_councils import require_place
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, clock, uuid7


def hold_dialogue(
    session: Session,
    caller: Caller,
    *,
    unit: str,
    kind: str,
    title: str,
    held_on: date,
    topics: str,
    participants: Sequence[Mapping[str, Any]],
) -> Dialogue:
    """The dialogue; refuses a day that has not come, and a kind of institution that is told twice."""
    require_place(caller, unit)
    told = [one["kind"] for one in participants]
    if len(set(told)) < len(told):
        raise Invalid("dialogue.kind_twice", pointer="/participants")
    facts = {"unit": unit, "kind": kind, "title": title, "held_on": held_on, "topics": topics}
    facts["participants"] = [dict(one) for one in participants]
    dialogue = Dialogue.held(id=uuid7(), recorded_at=clock.now(), **facts, **recorder(caller))
    session.add(dialogue)
    session.flush()
    history.record(session, caller, subject=dialogue.id, kind="dialogue", action="hold", after=facts)
    return dialogue


def form_alliance(
    session: Session,
    caller: Caller,
    *,
    unit: str,
    name: str,
    purpose: str,
    members: Sequence[str],
    agreement: str | None,
    begun_on: date,
) -> Alliance:
    """The alliance; refuses one of fewer than two members."""
    require_place(caller, unit)
    allied = sorted({member.strip() for member in members})
    if len(allied) < 2:
        raise Invalid("alliance.of_one", pointer="/members")
    facts = {"unit": unit, "name": name, "purpose": purpose, "members": allied, "agreement": agreement}
    alliance = Alliance(id=uuid7(), begun_on=begun_on, recorded_at=clock.now(), **facts, **recorder(caller))
    session.add(alliance)
    session.flush()
    history.record(session, caller, subject=alliance.id, kind="alliance", action="form", after=facts)
    return alliance


def end_alliance(session: Session, caller: Caller, alliance_id: UUID, *, version: int | None, day: date) -> Alliance:
    """The alliance, which ended on `day`."""
    alliance = locked(session, Alliance, alliance_id, "alliance.unknown")
    caller.require_scope(alliance.unit)
    alliance.require_version(version)
    alliance.end(day)
    session.flush()
    history.record(session, caller, subject=alliance.id, kind="alliance", action="end", after={"day": day})
    return alliance

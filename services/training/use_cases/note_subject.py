"""Women ask for a complementary subject; it is taken up as a curriculum, or declined with the reason."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import AskedSubject, Curriculum, CurriculumLink, TrainingGroup
from services.training.models.smes import name_key
from services.training.models.strategies import ASKED, TAKEN_UP
from services.training.queries.groups import show_group
from services.training.queries.scope import check_units
from services.training.use_cases.finding import locked, recorder
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, clock, uuid7


def note_subject(
    session: Session,
    caller: Caller,
    *,
    subject: str,
    women: int,
    source: str,
    asked_on: date,
    unit: str | None = None,
    group_id: UUID | None = None,
    entrepreneur_id: UUID | None = None,
    note: str = "",
) -> AskedSubject:
    """What women of a place, of a group or one of a group asked for. Refuses more women than the group has, who is not
    of it, and one woman that counts for several.
    """
    facts: dict[str, Any] = {"women": women, "source": source, "asked_on": asked_on, "note": note.strip()}
    if group_id is not None:
        group = show_group(session, caller, group_id)
        _check_group(group, women, entrepreneur_id)
        unit = group["municipality"]
    elif entrepreneur_id is not None:
        raise Invalid("asked_subject.woman_without_group", pointer="/group_id")
    if unit is None:
        raise Invalid("asked_subject.nowhere", pointer="/unit")
    check_units([unit], pointer="/unit")
    caller.require_scope(unit)
    return _note(session, caller, subject, unit=unit, group_id=group_id, entrepreneur_id=entrepreneur_id, **facts)


def note_by_link(session: Session, link: CurriculumLink, caller: Caller, *, subject: str) -> AskedSubject:
    """What an entrepreneur asks for through her link; refuses what she asked through it already."""
    group = session.get(TrainingGroup, link.group_id) if link.group_id else None
    if group is None or link.entrepreneur_id is None:
        raise NotFound("curriculum.link_not_open")
    asked_before = select(AskedSubject.id).where(
        AskedSubject.entrepreneur_id == link.entrepreneur_id, AskedSubject.subject_key == name_key(subject)
    )
    if session.scalar(asked_before.limit(1)) is not None:
        raise Invalid("asked_subject.asked_before", pointer="/subject")
    facts = {"women": 1, "source": "link", "asked_on": clock.today(), "note": ""}
    hers = {"group_id": group.id, "entrepreneur_id": link.entrepreneur_id}
    return _note(session, caller, subject, unit=group.municipality, **hers, **facts)


def answer_subject(
    session: Session, caller: Caller, *, subject: str, state: str, answer: str, curriculum_id: UUID | None = None
) -> list[AskedSubject]:
    """Everything that was asked in these words in the caller's territory and waits, answered. Taken up it needs the
    curriculum in which it is taught; refused where nothing waits.
    """
    if (state == TAKEN_UP) != (curriculum_id is not None):
        raise Invalid("asked_subject.which_curriculum", pointer="/curriculum_id")
    if curriculum_id is not None:
        locked(session, Curriculum, curriculum_id, "curriculum.unknown", caller, near=True)
    waiting = select(AskedSubject).where(
        AskedSubject.subject_key == name_key(subject),
        AskedSubject.state == ASKED,
        caller.scope.condition(AskedSubject.unit),
    )
    found = list(session.scalars(waiting.order_by(AskedSubject.id).with_for_update()))
    if not found:
        raise NotFound("asked_subject.nothing_waits")
    for one in found:
        one.reply(state, answer, curriculum_id, caller)
    session.flush()
    for one in found:
        facts = {"state": state, "curriculum_id": curriculum_id}
        history.record(session, caller, subject=one.id, kind="asked_subject", action="answer", after=facts)
    return found


def _check_group(group: dict[str, Any], women: int, entrepreneur_id: UUID | None) -> None:
    if entrepreneur_id is not None:
        if entrepreneur_id not in {one["entrepreneur_id"] for one in group["members"]}:
            raise Invalid("curriculum.not_a_member", pointer="/entrepreneur_id", number=group["number"])
        if women != 1:
            raise Invalid("asked_subject.one_woman", pointer="/women")
    if women > group["women"] + group["withdrawn"]:
        raise Invalid("asked_subject.more_than_group", pointer="/women", most=group["women"])


def _note(session: Session, caller: Caller, subject: str, **facts: Any) -> AskedSubject:
    made = AskedSubject(id=uuid7(), **recorder(caller))
    made.ask(subject, **facts)
    session.add(made)
    session.flush()
    told = {name: facts[name] for name in ("unit", "group_id", "women", "source", "asked_on")}
    history.record(session, caller, subject=made.id, kind="asked_subject", action="note", after=told)
    return made

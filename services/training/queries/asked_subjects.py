"""Complementary subjects that women ask for: by subject with how many where, and one by one."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.models import AskedSubject, Curriculum, TrainingGroup
from services.training.models.smes import name_key
from services.training.models.strategies import ASKED
from services.training.queries.scope import check_units, within
from shared.database import labelled
from shared.identity import Caller
from shared.web.paging import Page, keyset_page

_NOTE = (
    *("id", "subject", "unit", "group_id", "women", "source", "asked_on", "note", "state", "curriculum_id"),
    *("answer", "answered_by_name", "answered_at", "recorded_by_name", "recorded_at"),
)


def subjects(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """By subject, in alphabetical order: how many women asked in the caller's territory, how many wait for an answer,
    since when, and how many at each place, the most first. A woman who asked in several places counts in each.
    """
    key = AskedSubject.subject_key.label("key")
    waiting = func.sum(AskedSubject.women).filter(AskedSubject.state == ASKED)
    statement = select(
        key,
        func.max(AskedSubject.subject).label("subject"),
        func.sum(AskedSubject.women).label("women"),
        func.count().label("notes"),
        func.coalesce(waiting, 0).label("waiting"),
        func.min(AskedSubject.asked_on).label("since"),
        func.max(AskedSubject.asked_on).label("last_on"),
    ).where(*_mine(caller, filters))
    page = keyset_page(session, statement.group_by(key), keys=[key], limit=limit, after=after)
    keys = [row["key"] for row in page.rows]
    places = _places(session, caller, filters, keys)
    answers = _answers(session, caller, filters, keys)
    rows = [{**row, "places": places[row["key"]], "answers": answers.get(row["key"], [])} for row in page.rows]
    return Page(rows, page.next)


def notes(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """Each time that a subject was asked for, the latest noted first; nobody's name is in it."""
    columns = (
        *labelled(AskedSubject, *_NOTE),
        TrainingGroup.number.label("group_number"),
        TrainingGroup.name.label("group_name"),
        Curriculum.title.label("curriculum_title"),
    )
    statement = (
        select(*columns)
        .outerjoin(TrainingGroup, TrainingGroup.id == AskedSubject.group_id)
        .outerjoin(Curriculum, Curriculum.id == AskedSubject.curriculum_id)
        .where(*_mine(caller, filters))
    )
    return keyset_page(session, statement, keys=columns[:1], limit=limit, after=after, descending=True)


def note_row(session: Session, made: AskedSubject) -> dict[str, Any]:
    """One time that a subject was asked for."""
    group = session.get(TrainingGroup, made.group_id) if made.group_id else None
    curriculum = session.get(Curriculum, made.curriculum_id) if made.curriculum_id else None
    return {name: getattr(made, name) for name in _NOTE} | {
        "group_number": group.number if group else None,
        "group_name": group.name if group else None,
        "curriculum_title": curriculum.title if curriculum else None,
    }


def _mine(caller: Caller, filters: Mapping[str, Any]) -> list[Any]:
    found: list[Any] = [caller.scope.condition(AskedSubject.unit)]
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        found.append(within(AskedSubject.unit, [unit]))
    if subject := filters.get("subject"):
        found.append(AskedSubject.subject_key == name_key(subject))
    if group_id := filters.get("group_id"):
        found.append(AskedSubject.group_id == group_id)
    if state := filters.get("state"):
        found.append(AskedSubject.state == state)
    return found


def _places(session: Session, caller: Caller, filters: Mapping[str, Any], keys: list[str]) -> dict[str, Any]:
    women = func.sum(AskedSubject.women).label("women")
    wanted = (
        select(AskedSubject.subject_key, AskedSubject.unit, women)
        .where(*_mine(caller, filters), AskedSubject.subject_key.in_(keys))
        .group_by(AskedSubject.subject_key, AskedSubject.unit)
        .order_by(women.desc(), AskedSubject.unit)
    )
    found: dict[str, Any] = {}
    for row in session.execute(wanted):
        found.setdefault(row.subject_key, []).append({"unit": row.unit, "women": row.women})
    return found


def _answers(session: Session, caller: Caller, filters: Mapping[str, Any], keys: list[str]) -> dict[str, Any]:
    """What became of each subject, every answer once."""
    wanted = (
        select(
            *(AskedSubject.subject_key, AskedSubject.state, AskedSubject.answer, AskedSubject.curriculum_id),
            Curriculum.title.label("curriculum_title"),
            func.max(AskedSubject.answered_by_name).label("answered_by_name"),
        )
        .outerjoin(Curriculum, Curriculum.id == AskedSubject.curriculum_id)
        .where(*_mine(caller, filters), AskedSubject.subject_key.in_(keys), AskedSubject.state != ASKED)
        .group_by(
            *(AskedSubject.subject_key, AskedSubject.state, AskedSubject.answer, AskedSubject.curriculum_id),
            Curriculum.title,
        )
        .order_by(func.min(AskedSubject.answered_at), AskedSubject.answer)
    )
    found: dict[str, Any] = {}
    for row in session.execute(wanted).mappings():
        told = {name: value for name, value in row.items() if name != "subject_key"}
        found.setdefault(row["subject_key"], []).append(told)
    return found

"""The published tables of establishments: which there are, and what they tell of a place or a class."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from services.territory.models import DenominatorSet, EstablishmentCell, EstablishmentTable
from services.territory.models.establishments import ALL
from services.territory.models.tables import IN_FORCE
from services.territory.queries.boundaries import job_of
from services.territory.reference import activities, sections
from shared import places
from shared.kernel import NotFound, Refused
from shared.web import Page, keyset_page

ESTABLISHMENTS = "establishments"
SIZES = (ALL, "micro", "small", "medium", "large", "unknown")
BY_CLASS, BY_PLACE = "class", "place"
BY = (BY_CLASS, BY_PLACE)
TOLD, RANGE, WITHHELD = "told", "range", "withheld"
_DIVISION = 2
_CELL = EstablishmentCell.__table__.c
_SET = DenominatorSet.__table__.c
_TABLE = EstablishmentTable.__table__.c
_SET_ID = _SET.id.label("id")
_ABOUT = ("country", "year", "title_es", "title_en", "source", "licence")
_MADE = ("made_at", "criteria_from", "lost", "job_id")
KEYS = tuple(_CELL[name].label(name) for name in ("place", "ciiu", "size"))


def list_tables(session: Session, *, limit: int, after: str | None) -> Page:
    """The tables of the sets in force, latest set first, with how each stands."""
    statement = _tables().where(_SET.state == IN_FORCE, _SET.indicator == ESTABLISHMENTS)
    page = keyset_page(session, statement, keys=[_SET_ID], limit=limit, after=after, descending=True)
    return Page([_standing(session, row) for row in page.rows], page.next)


def table_of(session: Session, set_id: UUID) -> dict[str, Any]:
    """How the table of a set stands. Refuses an unknown set, one that counts no establishments, and one that is no
    longer in force.
    """
    row = session.execute(_tables().add_columns(_SET.indicator, _SET.state).where(_SET.id == set_id)).mappings().first()
    if row is None:
        raise NotFound("denominators.unknown")
    if row["indicator"] != ESTABLISHMENTS:
        raise NotFound("establishments.none")
    if row["state"] != IN_FORCE:
        raise Refused("denominators.not_in_force")
    told = {name: value for name, value in row.items() if name not in {"indicator", "state"}}
    return _standing(session, told)


def made_table(session: Session, set_id: UUID) -> dict[str, Any]:
    """The same, refused while the table is not there."""
    told = table_of(session, set_id)
    if told["made_at"] is None:
        if told["job"] and told["job"]["state"] in {"queued", "running"}:
            raise Refused("establishments.being_made", percent=told["job"]["done"])
        raise Refused("establishments.not_made")
    return told


def view(session: Session, set_id: UUID, asked: Mapping[str, str], language: str) -> dict[str, Any]:
    """One page of a table: the rows are the next smaller classes at a place, or the next smaller places of a class, the
    whole of them first; the columns are the sizes. A cell that is not in the table counts nobody. Refuses a place or
    class that the table does not have.
    """
    told = made_table(session, set_id)
    places_here, classes_here = _codes(session, set_id, _CELL.place), _codes(session, set_id, _CELL.ciiu)
    place, ciiu = asked.get("place") or told["country"], asked.get("ciiu") or ALL
    if place not in places_here:
        raise NotFound("establishments.no_place", place=place)
    if ciiu not in classes_here:
        raise NotFound("establishments.no_class", ciiu=ciiu)
    by = asked.get("by") or BY_CLASS
    if by == BY_PLACE:
        shown = [place, *(code for code in places_here if _around(code) == place)]
        column, wanted = _CELL.place, and_(_CELL.place.in_(shown), _CELL.ciiu == ciiu)
    else:
        shown = [ciiu, *(code for code in classes_here if above(code) == ciiu)]
        column, wanted = _CELL.ciiu, and_(_CELL.place == place, _CELL.ciiu.in_(shown))
    names = {**class_names(language), **{code: places.name_of(code) for code in places_here}}
    statement = select(column.label("code"), _CELL.size, _CELL.value, _CELL.low, _CELL.high)
    found = session.execute(statement.where(_CELL.set_id == set_id, wanted)).mappings()
    cells = {(row["code"], row["size"]): _told(row) for row in found}
    larger = {_around(code) for code in places_here} | {above(code) for code in classes_here}
    rows = [
        {
            "code": code,
            "name": names.get(code, code),
            "opens": code != shown[0] and code in larger,
            "cells": [{"size": size, **cells.get((code, size), _NOBODY)} for size in SIZES],
        }
        for code in shown
    ]
    classes = [{"code": code, "name": names.get(code, code), "section": _section(code)} for code in classes_here]
    return told | {"place": place, "ciiu": ciiu, "by": by, "places": places_here, "classes": classes, "rows": rows}


def cells_of(set_id: UUID, asked: Mapping[str, str]) -> Select[Any]:
    """All cells of a table that count somebody, of a place, class or size where one is named."""
    statement = select(*KEYS, _CELL.value, _CELL.low, _CELL.high).where(_CELL.set_id == set_id)
    return statement.where(*(_CELL[name] == asked[name] for name in ("place", "ciiu", "size") if name in asked))


def with_state(row: Mapping[Any, Any]) -> dict[str, Any]:
    """A cell with whether it is told, told as a range, or withheld."""
    return {"place": row["place"], "ciiu": row["ciiu"], "size": row["size"]} | _told(row)


def published_counts(session: Session, set_id: UUID, asked: Mapping[str, str]) -> dict[str, float]:
    """Of each place how many establishments of a class and size are published; places where that is withheld, or told
    as a range, are not in it, and neither is anything of a class that the table does not tell.
    """
    ciiu, size = asked.get("ciiu", ALL), asked.get("size", ALL)
    if ciiu not in _codes(session, set_id, _CELL.ciiu):
        return {}
    wanted = (_CELL.set_id == set_id, _CELL.ciiu == ciiu, _CELL.size == size)
    found = {row.place: row.value for row in session.execute(select(_CELL.place, _CELL.value).where(*wanted))}
    everywhere = {place: found.get(place, 0) for place in _codes(session, set_id, _CELL.place)}
    return {place: float(value) for place, value in everywhere.items() if value is not None}


def above(code: str) -> str | None:
    """What a class is the next smaller part of: a class of a division, a division of a section, a section of all."""
    if code == ALL:
        return None
    if code.endswith("-") or len(code) == 1:
        return code[:1] if code.endswith("-") else ALL
    return code[:_DIVISION] if len(code) > _DIVISION else sections().get(code, "") or ALL


def _section(code: str) -> str:
    """The section that a class is in, itself where it is one; empty of all, and of what no section has."""
    while (larger := above(code)) not in {None, ALL}:
        code = str(larger)
    return code if len(code) == 1 else ""


def class_names(language: str) -> Mapping[str, str]:
    """The sections by name; divisions and classes go by their code."""
    return {one["code"]: f"{one['code']} {one[language]}" for one in activities()}


_NOBODY: Mapping[str, Any] = {"state": TOLD, "value": 0, "low": None, "high": None}


def _told(row: Mapping[Any, Any]) -> dict[str, Any]:
    state = TOLD if row["value"] is not None else WITHHELD if row["low"] is None else RANGE
    return {"state": state, "value": row["value"], "low": row["low"], "high": row["high"]}


def _tables() -> Select[Any]:
    about = [_SET[name].label(name) for name in _ABOUT]
    made = [_TABLE[name].label(name) for name in _MADE]
    whole = DenominatorSet.__table__.outerjoin(EstablishmentTable.__table__, _TABLE.set_id == _SET.id)
    return select(_SET_ID, *about, *made).select_from(whole)


def _standing(session: Session, row: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in row.items() if name != "job_id"}
    return told | {"job": job_of(session, row["job_id"]) if row["job_id"] else None, "lost": row["lost"] or None}


def _codes(session: Session, set_id: UUID, column: Any) -> list[str]:
    """The places, or classes, of a table, in order."""
    other = _CELL.ciiu == ALL if column is _CELL.place else _CELL.place.in_(_COUNTRIES)
    found = session.scalars(select(column).where(_CELL.set_id == set_id, other, _CELL.size == ALL).order_by(column))
    return list(found)


_COUNTRIES = tuple(places.units_at(places.COUNTRY))


def _around(code: str) -> str:
    return code[:-2]

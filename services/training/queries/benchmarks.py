"""How the enterprises of a territory stand beside each other, of their latest diagnoses."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from services.training.models import Activity, Diagnosis, Participant, Sme
from services.training.models.diagnoses import OPEN
from services.training.queries.diagnoses import scores_of
from services.training.reference import csr
from services.training.rules.diagnosis.benchmark import ALL, BY, Group, Standing, Summary, benchmark
from shared.identity import Caller
from shared.kernel import clock


def show_benchmark(session: Session, caller: Caller, *, live: bool) -> dict[str, Any]:
    """Mean, quartiles and interval by area, of all enterprises of the caller's territory and by group. To who sees the
    diagnoses themselves those of today; to others those handed in before this month began, so that no enterprise is
    told by comparing two days.
    """
    instrument, policy = csr.instrument(), csr.follow_up()
    before = None if live else clock.today().replace(day=1)
    standings = _standings(session, caller, instrument.edition, before)
    areas = [area.code for area in instrument.areas]
    found = benchmark(standings, [*areas, "overall"], smallest=policy.smallest_group, confidence=policy.confidence)
    groups = sorted({group for area in found.values() for group in area}, key=lambda one: (_order(one), one[1]))
    names = _workshops(session, groups)
    return {
        "edition": instrument.edition,
        "as_of": before or clock.today(),
        "live": live,
        "smallest_group": policy.smallest_group,
        "areas": [{"code": area.code, "words": dict(area.words)} for area in instrument.areas],
        "groups": [_group(group, found, areas, names) for group in groups],
    }


def _order(group: Group) -> int:
    return -1 if group == ALL else BY.index(group[0])


def _standings(session: Session, caller: Caller, edition: int, before: date | None) -> list[Standing]:
    """The latest diagnosis handed in of each enterprise, before a day where one is given."""
    newest = func.row_number().over(partition_by=Diagnosis.sme_id, order_by=Diagnosis.id.desc())
    ranked = select(Diagnosis.id.label("id"), newest.label("place")).where(
        Diagnosis.state != OPEN, Diagnosis.edition == edition
    )
    if before is not None:
        ranked = ranked.where(Diagnosis.handed_in_on < before)
    first = ranked.subquery()
    wanted = select(first.c.id).where(first.c.place == 1)
    rows = session.scalars(
        select(Diagnosis)
        .join(Sme)
        .where(Diagnosis.id.in_(wanted), caller.scope.condition(Sme.unit))
        .options(joinedload(Diagnosis.sme))
        .order_by(Diagnosis.id)
    )
    found = rows.all()
    came: dict[UUID, set[str]] = {}
    those = select(Participant).where(Participant.sme_id.in_([row.sme_id for row in found]))
    for one in session.scalars(those):
        if one.came:
            came.setdefault(one.sme_id, set()).add(str(one.activity_id))
    return [_standing(row, came.get(row.sme_id, set())) for row in found]


def _standing(row: Diagnosis, workshops: Collection[str]) -> Standing:
    scores = scores_of(row)
    groups: dict[str, Collection[str]] = {"sector": (row.sector,), "size": (row.size,), "country": (row.sme.country,)}
    by_area = {area.code: area.score for area in scores.areas}
    return Standing({**groups, "workshop": workshops}, {**by_area, "overall": scores.overall})


def _workshops(session: Session, groups: Sequence[Group]) -> dict[str, str]:
    """City and first day of each workshop among the groups."""
    ids = [UUID(value) for by, value in groups if by == "workshop"]
    found = session.scalars(select(Activity).where(Activity.id.in_(ids)))
    return {str(one.id): f"{one.city}, {one.starts_on.isoformat()}" for one in found}


def _group(
    group: Group,
    found: dict[str, dict[Group, Summary | None]],
    areas: Sequence[str],
    names: Mapping[str, str],
) -> dict[str, Any]:
    cells = {area: _cell(found[area].get(group)) for area in [*areas, "overall"]}
    return {
        "by": group[0],
        "value": group[1],
        "label": names.get(group[1], ""),
        "overall": cells.pop("overall"),
        "cells": list(cells.values()),
    }


def _cell(summary: Summary | None) -> dict[str, Any]:
    if summary is None:
        return {"withheld": True, **dict.fromkeys(field.name for field in fields(Summary))}
    exact = asdict(summary)
    return {name: float(value) if isinstance(value, Fraction) else value for name, value in exact.items()} | {
        "withheld": False
    }

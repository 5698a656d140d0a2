"""What stands and what waits in a centre, or in the caller's territory.

All that is counted of records is read in one pass over the index `ix_enterprise_counted`, which holds the columns and
no record: nothing is kept beside it that could be older than the inventory.
"""

from calendar import monthrange
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from services.registry.models import Accompaniment, Draft, DuplicatePair, Enterprise, Visit
from services.registry.models.accompaniment import WAITS
from services.registry.queries.imports import list_imports
from services.registry.queries.institutions import list_institutions, show_centre
from services.registry.queries.seeing import shown_to, view_for
from services.registry.rules import suppression
from services.registry.rules.project_cycle import PHASES
from services.registry.rules.visibility import IMPORT_READERS, View
from shared import places
from shared.events.vocabulary import CHAINS, PLACE_STATES, TIERS, VALIDATION_STATES
from shared.identity import Caller
from shared.kernel import clock

MONTHS = 12
_RECENT = timedelta(days=30)
_IMPORTS = 5
_FEW_TOWNS = 300

GROUPS: Mapping[str, tuple[Any, Sequence[str]]] = {
    "validation": (Enterprise.validation, VALIDATION_STATES),
    "place_state": (Enterprise.place_state, PLACE_STATES),
    "chain": (Enterprise.chain, CHAINS),
    "tier": (Enterprise.tier, TIERS),
}
"""By which codes records are counted; the name is that of the filter that lists exactly these."""


def dashboard(session: Session, caller: Caller, centre_id: UUID | None) -> dict[str, Any]:
    """The figures of one centre, or of the whole territory of the caller. Small counts are None to who is not of the
    technical team, together with what would tell them by subtraction.
    """
    view = view_for(caller)
    centre = None if centre_id is None else show_centre(session, caller, centre_id)
    towns = None if centre is None else [code for code in centre["municipalities"] if caller.scope.covers(code)]
    here = _within(caller, towns, Enterprise.municipality)
    return {
        "centre_id": centre_id,
        "centre_name": None if centre is None else centre["name"],
        **_records(session, view, here),
        **_projects(session, caller, view, towns),
        "imports": _imports(session, caller),
        "agreements": _agreements(session, caller, centre_id),
        "waiting": _waiting(session, caller, towns) if view.taken_back else [],
    }


def _waiting(session: Session, caller: Caller, towns: Sequence[str] | None) -> list[dict[str, Any]]:
    """What of the team's queues lies here: pairs that may be one woman, both of whose records do, and submissions."""
    sides = (DuplicatePair.one_municipality, DuplicatePair.other_municipality)
    both = [_within(caller, towns, side) for side in sides]
    waits = {
        "duplicates": select(func.count()).where(DuplicatePair.state == "open", *both),
        "drafts": select(func.count()).where(Draft.state == "waiting", _within(caller, towns, Draft.municipality)),
    }
    return [{"code": name, "count": session.scalar(counted) or 0} for name, counted in waits.items()]


def _within(caller: Caller, towns: Sequence[str] | None, column: Any) -> ColumnElement[bool]:
    """Town by town where they are few: an index finds a town, and not how a name begins."""
    mine = [code for code in places.municipalities() if caller.scope.covers(code)] if towns is None else towns
    here: ColumnElement[bool] = column.in_(sorted(mine)) if len(mine) <= _FEW_TOWNS else caller.scope.condition(column)
    return here


def _records(session: Session, view: View, here: ColumnElement[bool]) -> dict[str, Any]:
    months = _months(clock.today())
    counted = [func.count().label("all")]
    for name, (column, codes) in GROUPS.items():
        counted += [func.count().filter(column == code).label(f"{name}:{code}") for code in codes]
    for name in ("consent_credit", "consent_map"):
        counted.append(func.count().filter(getattr(Enterprise, name).is_(True)).label(name))
    for first, last in months:
        counted.append(func.count().filter(Enterprise.recorded_on.between(first, last)).label(first.isoformat()))
    rows = session.execute(
        select(Enterprise.municipality, *counted)
        .where(Enterprise.active, Enterprise.consent_registry.is_(True), *shown_to(view), here)
        .group_by(Enterprise.municipality)
    ).mappings()
    by_town: dict[str, int] = {}
    sums: Counter[str] = Counter()
    for row in rows:
        by_town[row["municipality"]] = row["all"]
        sums.update({name: number for name, number in row.items() if name != "municipality"})
    hide = suppression.withheld_from(view)
    recorded = _cells({first.isoformat(): sums[first.isoformat()] for first, _ in months}, hide=hide)
    return {
        "total": suppression.told(sums["all"]) if hide else sums["all"],
        "groups": [
            {"name": name, "cells": _cells({code: sums[f"{name}:{code}"] for code in codes}, hide=hide)}
            for name, (_, codes) in GROUPS.items()
        ],
        "consents": [
            {"name": name, "cells": _cells({"true": sums[name], "false": sums["all"] - sums[name]}, hide=hide)}
            for name in ("consent_credit", "consent_map")
        ],
        "municipalities": [
            cell | {"name": places.full_name(cell["code"])}
            for cell in _cells(dict(sorted(by_town.items(), key=lambda town: (-town[1], town[0]))), hide=hide)
        ],
        "months": [
            {"first": first, "last": last, "count": cell["count"]}
            for (first, last), cell in zip(months, recorded, strict=True)
        ],
    }


def _projects(session: Session, caller: Caller, view: View, towns: Sequence[str] | None) -> dict[str, Any]:
    """Open accompaniments by phase; visits of the last thirty days, and those that are late."""
    # Few records have a project: no index of towns is to lead over all the others.
    here = _within(caller, towns, func.coalesce(Enterprise.municipality, ""))
    # Of a woman who agrees to nothing any more nobody is to be visited.
    seen = [here, Enterprise.active, Enterprise.consent_registry.is_(True), *shown_to(view)]
    cases = select(Accompaniment.phase, func.count()).join(Enterprise, Enterprise.id == Accompaniment.enterprise_id)
    open_ = Accompaniment.closed_on.is_(None)
    phases = {
        phase: int(count) for phase, count in session.execute(cases.where(open_, *seen).group_by(Accompaniment.phase))
    }
    visits = (
        select(func.count())
        .select_from(Visit)
        .join(Accompaniment, Accompaniment.id == Visit.accompaniment_id)
        .join(Enterprise, Enterprise.id == Accompaniment.enterprise_id)
        .where(*seen)
    )
    today = clock.today()
    made = session.scalar(visits.where(Visit.made_on > today - _RECENT)) or 0
    late = session.scalar(visits.where(WAITS, Visit.due_on < today, open_)) or 0
    hide = suppression.withheld_from(view)
    return {
        "phases": _cells({phase: phases.get(phase, 0) for phase in PHASES}, hide=hide),
        "visits_made": suppression.told(made) if hide else made,
        "visits_late": suppression.told(late) if hide else late,
    }


def _imports(session: Session, caller: Caller) -> list[dict[str, Any]]:
    if not caller.has(*IMPORT_READERS):
        return []
    return list(list_imports(session, caller, limit=_IMPORTS, after=None).rows)


def _agreements(session: Session, caller: Caller, centre_id: UUID | None) -> list[dict[str, Any]]:
    """Those that expire soon: the centre's own, and the network's."""
    every = [one for institution in list_institutions(session, caller, {}) for one in institution["agreements"]]
    soon = [one for one in every if one["standing"] == "expiring"]
    mine = [one for one in soon if centre_id is None or one["centre_id"] in {None, centre_id}]
    return sorted(mine, key=lambda one: (one["valid_until"], one["id"]))


def _cells(counts: Mapping[str, int], *, hide: bool) -> list[dict[str, Any]]:
    shown: Mapping[str, int | None] = suppression.table(counts) if hide else counts
    return [{"code": code, "count": count} for code, count in shown.items()]


def _months(today: date) -> list[tuple[date, date]]:
    """The first and the last day of this month and of the eleven before it, the oldest first."""
    found = []
    year, month = today.year, today.month
    for _ in range(MONTHS):
        found.append((date(year, month, 1), date(year, month, monthrange(year, month)[1])))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found[::-1]

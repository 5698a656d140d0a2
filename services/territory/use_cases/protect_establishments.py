"""The establishments of a set that came in force, protected once as a published table."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.territory.intake.columns import plain
from services.territory.models import Denominator, DenominatorSet, EstablishmentCell, EstablishmentTable
from services.territory.models.tables import IN_FORCE
from services.territory.queries import criteria
from services.territory.queries.establishments import ESTABLISHMENTS, table_of
from services.territory.reference import denominator_dictionary, sections
from services.territory.rules.establishments import ALL, protected_establishments, told_rows
from services.territory.rules.margins import Cell
from services.territory.rules.protected_table import Protection
from shared import history, jobs
from shared.database import insert_many
from shared.identity import Caller
from shared.job_runner import Schedule
from shared.jobs import Job
from shared.kernel import Refused

PROTECT_JOB, DUE_JOB = "establishments.protect", "establishments.due"
SCHEDULES = [Schedule("establishment tables", DUE_JOB, daily_at=time(1, 40))]
AT_ONCE = 5_000
_PERCENT = 100


def ask_protection(session: Session, caller: Caller, found: DenominatorSet) -> None:
    """Have the table of a set in force made by a job; a set of anything else has none."""
    if found.indicator != ESTABLISHMENTS:
        return
    table = session.get(EstablishmentTable, found.id)
    if table is None:
        table = EstablishmentTable(set_id=found.id, job_id=None, made_at=None, criteria_from=None, lost={})
        session.add(table)
    table.await_job(jobs.enqueue(session, PROTECT_JOB, {"id": found.id}, caller))
    session.flush()


def make_table(session: Session, caller: Caller, set_id: UUID) -> None:
    """Have a table made that is not there: its set came before there were any, or its job failed. Refused outside the
    caller's territory, where it is there or under way, and of a set that is not in force.
    """
    told = table_of(session, set_id)
    caller.require_scope(told["country"])
    if told["made_at"] is not None:
        raise Refused("establishments.made_already")
    if told["job"] and told["job"]["state"] in jobs.OPEN:
        raise Refused("establishments.being_made", percent=told["job"]["done"])
    found = session.get_one(DenominatorSet, set_id)
    ask_protection(session, caller, found)
    history.record(session, caller, subject=set_id, kind="denominators", action="protect")


def forget_table(session: Session, set_id: UUID) -> None:
    """The set is used no more, and neither is its table: two of the same year would tell what lies between them."""
    session.execute(delete(EstablishmentCell).where(EstablishmentCell.set_id == set_id))
    session.execute(delete(EstablishmentTable).where(EstablishmentTable.set_id == set_id))


def ask_what_lacks(job: Job) -> dict[str, int]:
    """Every night: the tables of sets in force that were never asked for."""
    with job.transaction() as session:
        asked = select(EstablishmentTable.set_id)
        wanted = select(DenominatorSet).where(
            DenominatorSet.indicator == ESTABLISHMENTS,
            DenominatorSet.state == IN_FORCE,
            DenominatorSet.id.not_in(asked),
        )
        lacking = session.scalars(wanted.order_by(DenominatorSet.id)).all()
        for found in lacking:
            ask_protection(session, Caller.service("territory"), found)
    return {"asked": len(lacking)}


def protect_establishments(job: Job) -> Mapping[str, Any]:
    """The job: protecting a country by municipality and class takes minutes, of which it tells the percent. An attempt
    after a kill begins anew and comes to the same table. Nothing is kept of a set that was replaced meanwhile.
    """
    set_id = UUID(job.payload["id"])
    job.progress(0, _PERCENT)
    with job.reading() as session:
        found = session.get(DenominatorSet, set_id)
        if found is None or found.state != IN_FORCE:
            return {"cells": 0}
        country, counts = found.country, _counts(session, set_id)
        edition = criteria.holding(session, "disclosure", country)
    protected = protected_establishments(
        counts,
        sections(),
        protection_of(edition.values),
        lambda share: job.progress(min(int(_PERCENT * share), _PERCENT - 1), _PERCENT),
    )
    names = ("place", "ciiu", "size", "value", "low", "high")
    rows = [{"set_id": set_id, **dict(zip(names, row, strict=True))} for row in told_rows(protected, country)]
    ranged = sum(row["low"] is not None for row in rows)
    lost = protected.suppression.lost(protected.table) | {"ranged": ranged}
    with job.transaction() as session:
        table = session.get(EstablishmentTable, set_id, with_for_update=True)
        if table is None or table.made_at is not None:
            return {"cells": 0}
        for start in range(0, len(rows), AT_ONCE):
            insert_many(session, EstablishmentCell.__table__, rows[start : start + AT_ONCE])  # type: ignore[arg-type]
        table.was_made(edition.valid_from, lost)
        job.progress(_PERCENT, _PERCENT)
    return {"cells": len(rows)}


def protection_of(values: Mapping[str, Any]) -> Protection:
    """How establishments are protected, the bands of size under the codes of the house."""
    protection, codes = Protection.from_criteria(values), denominator_dictionary()["sizes"]
    return replace(protection, bands={codes.get(plain(label), label): band for label, band in protection.bands.items()})


def _counts(session: Session, set_id: UUID) -> dict[Cell, float]:
    """What a set counts by municipality, class and size."""
    whole = (Denominator.set_id == set_id, Denominator.sex == ALL, Denominator.age == ALL)
    columns = (Denominator.unit, Denominator.ciiu, Denominator.size, Denominator.value)
    rows = session.execute(select(*columns).where(*whole).order_by(*columns[:3]))
    return {(unit, ciiu, size): value for unit, ciiu, size, value in rows}

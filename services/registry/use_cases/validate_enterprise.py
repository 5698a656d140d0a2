"""A record is checked: verified, validated, rejected, or stale once its check is too old."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from services.registry.models import Centre, Enterprise, RubricEdition, ValidationStep
from services.registry.rules.validation import (
    BY_TIME,
    CHECKED,
    Judgement,
    is_stale,
    latest_stale,
    require_step,
)
from services.registry.rules.visibility import COORDINATORS
from services.registry.tables import network_rubric_on
from services.registry.use_cases.adopt_rubric import edition_on
from services.registry.use_cases.records import announce_changed, enterprise_to_change, told
from shared.identity import Caller
from shared.kernel import clock

KIND = "grow-stale"
BATCH = 200


def validate_enterprise(
    session: Session, caller: Caller, enterprise_id: UUID, *, version: int | None, judgement: Judgement
) -> Enterprise:
    """The enterprise judged, with the step written down. Refuses what `require_step` refuses, an old version, what lies
    outside the caller's territory, and what does not count any more.
    """
    enterprise = enterprise_to_change(session, caller, enterprise_id, version)
    enterprise.require_counted()
    before, facts = told(enterprise), enterprise.facts()
    judge(session, caller, enterprise, judgement)
    announce_changed(session, caller, enterprise, action="validation", before=before, facts=facts)
    return enterprise


def judge(session: Session, caller: Caller, enterprise: Enterprise, judgement: Judgement) -> None:
    """Take one step with a record that is in the database already."""
    months = edition_on(session, enterprise.municipality, clock.today()).rubric.stale_after_months
    coordinates = caller.has(*COORDINATORS)
    require_step(enterprise.validation, judgement, today=clock.today(), months=months, coordinates=coordinates)
    session.add(ValidationStep.take(enterprise, judgement, caller))


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long a check counts in a part of the territory: the municipalities of a centre, or all others."""

    months: int
    here: ColumnElement[bool]


def lasting(session: Session, today: date) -> list[Lasting]:
    """Every part of the territory with the months of the edition in force there."""
    found: dict[str, int] = {}
    adopted = select(RubricEdition.centre_id).where(RubricEdition.valid_from <= today).distinct()
    for centre in session.scalars(select(Centre).where(Centre.id.in_(adopted)).order_by(Centre.id)):
        for municipality in centre.municipalities:
            if municipality not in found:
                found[municipality] = edition_on(session, municipality, today).rubric.stale_after_months
    by_months: dict[int, list[str]] = {}
    for municipality, months in found.items():
        by_months.setdefault(months, []).append(municipality)
    parts = [Lasting(months, Enterprise.municipality.in_(codes)) for months, codes in sorted(by_months.items())]
    others = network_rubric_on(today).rubric.stale_after_months
    return [*parts, Lasting(others, Enterprise.municipality.not_in(list(found)))]


def grow_stale(session: Session, caller: Caller, part: Lasting, *, after: UUID | None) -> tuple[int, UUID | None]:
    """Mark the next records of this part whose check is too old; comes back with how many, and the last one looked at
    (None at the end). Run again, it finds nothing to do.
    """
    today = clock.today()
    due = select(Enterprise).where(
        part.here,
        Enterprise.active,
        Enterprise.consent_registry,
        Enterprise.validation.in_(CHECKED),
        Enterprise.checked_on <= latest_stale(today, part.months),
    )
    if after is not None:
        due = due.where(Enterprise.id > after)
    rows = session.scalars(
        due.order_by(Enterprise.id)
        .limit(BATCH)
        .with_for_update(of=Enterprise)
        .execution_options(populate_existing=True)
    ).all()
    marked = sum(_mark(session, caller, enterprise, part.months, today) for enterprise in rows)
    return marked, rows[-1].id if rows else None


def _mark(session: Session, caller: Caller, enterprise: Enterprise, months: int, today: date) -> bool:
    checked_on = enterprise.checked_on
    if enterprise.validation not in CHECKED or checked_on is None or not is_stale(checked_on, months, today):
        return False
    before, facts = told(enterprise), enterprise.facts()
    session.add(ValidationStep.take(enterprise, Judgement("stale", BY_TIME, today), caller))
    announce_changed(session, caller, enterprise, action="grow-stale", before=before, facts=facts)
    return True

"""Tests and surveys: the instruments, and of which groups they were asked."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from services.training.models import AnswerSheet, LearnerCode, LearningInstrument, Measurement, TrainingGroup
from services.training.queries.scope import check_units, within
from shared import links
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import NotFound
from shared.web.paging import Page, keyset_page

_INSTRUMENT = labelled(LearningInstrument, "id", "code", "edition", "title", "purpose", "questions", "items",
                       "written_on", "written_by_name")  # fmt: skip
_OPENED = ("id", "version", "group_id", "instrument_id", "moment", "state", "opened_on", "closes_on", "closed_on",
           "withdrawn", "opened_by_name")  # fmt: skip


def list_instruments(session: Session, *, limit: int, after: str | None) -> Page:
    """Every edition of every instrument, the latest written first."""
    return keyset_page(session, select(*_INSTRUMENT), keys=_INSTRUMENT[:1], limit=limit, after=after, descending=True)


def show_instrument(session: Session, instrument_id: UUID) -> dict[str, Any]:
    """One edition of an instrument."""
    row = session.execute(select(*_INSTRUMENT).where(LearningInstrument.id == instrument_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("instrument.unknown")
    return dict(row)


def list_measurements(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The measurements of the groups of the caller's territory that meet all filters, latest first."""
    key = Measurement.id.label("id")
    wanted = select(key).join(TrainingGroup).where(caller.scope.condition(TrainingGroup.municipality))
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        wanted = wanted.where(within(TrainingGroup.municipality, [unit]))
    for name in ("group_id", "instrument_id"):
        if value := filters.get(name):
            wanted = wanted.where(getattr(Measurement, name) == value)
    page = keyset_page(session, wanted, keys=[key], limit=limit, after=after, descending=True)
    return Page(_rows(session, [row["id"] for row in page.rows]), page.next)


def show_measurement(session: Session, caller: Caller, measurement_id: UUID, key: bytes) -> dict[str, Any]:
    """One measurement with the group's link, and for each woman asked her code, her own link and how far she is; what
    she answered is not told to anybody.
    """
    found = session.get(Measurement, measurement_id)
    if found is None:
        raise NotFound("measurement.unknown")
    group = session.get_one(TrainingGroup, found.group_id)
    caller.require_scope(group.municipality)
    codes = {
        row.entrepreneur_id: row.code
        for row in session.execute(
            select(LearnerCode.entrepreneur_id, LearnerCode.code).where(LearnerCode.group_id == group.id)
        )
    }
    places = {member.entrepreneur_id: member for member in group.members}
    sheets = session.scalars(
        select(AnswerSheet).where(AnswerSheet.measurement_id == found.id).order_by(AnswerSheet.id)
    ).all()
    return _rows(session, [found.id])[0] | {
        "token": links.signed(found.id, found.closes_on, key),
        "sheets": [
            {
                "id": sheet.id,
                "entrepreneur_id": sheet.entrepreneur_id,
                "enterprise_id": places[sheet.entrepreneur_id].enterprise_id,
                "municipality": places[sheet.entrepreneur_id].municipality,
                "code": codes.get(sheet.entrepreneur_id),
                "state": sheet.state,
                "revoked_on": sheet.revoked_on,
                "token": links.signed(sheet.id, found.closes_on, key),
            }
            for sheet in sheets
            if sheet.entrepreneur_id in places
        ],
    }


def _rows(session: Session, ids: list[UUID]) -> list[dict[str, Any]]:
    """Measurements in the order of `ids`, each with its group, its instrument and how many answered."""
    handed = func.count(case((AnswerSheet.handed_in_at.is_not(None), 1)))
    counted = session.execute(
        select(AnswerSheet.measurement_id, func.count(), handed)
        .where(AnswerSheet.measurement_id.in_(ids))
        .group_by(AnswerSheet.measurement_id)
    )
    counts = {measurement_id: (asked, done) for measurement_id, asked, done in counted}
    found = session.execute(
        select(Measurement, TrainingGroup, LearningInstrument)
        .join(TrainingGroup, TrainingGroup.id == Measurement.group_id)
        .join(LearningInstrument, LearningInstrument.id == Measurement.instrument_id)
        .where(Measurement.id.in_(ids))
    )
    rows = {}
    for measurement, group, instrument in found:
        asked, done = counts.get(measurement.id, (0, 0))
        rows[measurement.id] = {name: getattr(measurement, name) for name in _OPENED} | {
            "group_number": group.number,
            "group_name": group.name,
            "municipality": group.municipality,
            "instrument": {name: getattr(instrument, name) for name in ("id", "code", "edition", "title", "purpose")},
            "asked": asked,
            "handed_in": done,
        }
    return [rows[measurement_id] for measurement_id in ids]

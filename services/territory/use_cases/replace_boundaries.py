"""Official boundaries take the place of the ones in force, country by country."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from services.territory.models import BoundarySet, BoundaryShape
from services.territory.queries.boundaries import OFFICIAL
from shared import history, places
from shared.bus import log
from shared.events.territory import BoundariesReplaced
from shared.identity import Caller
from shared.kernel import Invalid, clock, uuid7

LEAST_SHARE = 0.5
"""A file with fewer of a country's municipalities was read with the wrong column, or is of something else."""


def replace_boundaries(
    session: Session,
    caller: Caller,
    *,
    shapes: Mapping[str, bytes],
    report: Mapping[str, Any],
    source: str,
    valid_from: date,
) -> list[dict[str, Any]]:
    """Put the shapes (WKB by official code) in force; comes back with what was replaced, by country.

    A municipality that the file lacks keeps its approximate cell. Refuses a country of which less than half is
    there, one outside the caller's territory, and a day before the boundaries in force began.
    """
    replaced = []
    for country, coverage in sorted(report["countries"].items()):
        if coverage["found"] < LEAST_SHARE * coverage["expected"]:
            raise Invalid("boundaries.too_few", country=country, found=coverage["found"], expected=coverage["expected"])
        caller.require_scope(country)
        replaced.append(_replace(session, caller, country, shapes, report, source, valid_from))
    for new in replaced:
        event = BoundariesReplaced(country=new.country, kind=OFFICIAL, source=new.source, valid_from=new.valid_from)
        log.append(session, event, new.id)
    return [{"country": new.country, "shapes": new.shapes} for new in replaced]


def _replace(
    session: Session,
    caller: Caller,
    country: str,
    shapes: Mapping[str, bytes],
    report: Mapping[str, Any],
    source: str,
    valid_from: date,
) -> BoundarySet:
    in_force = session.scalars(
        select(BoundarySet).where(BoundarySet.country == country, BoundarySet.valid_to.is_(None)).with_for_update()
    ).one_or_none()
    if in_force:
        if valid_from < in_force.valid_from:
            raise Invalid("boundaries.before_the_last", pointer="/valid_from", day=in_force.valid_from.isoformat())
        in_force.close(valid_from)
        session.flush()
    rows = {code: wkb for code, wkb in shapes.items() if code.startswith(country)}
    new = BoundarySet(
        id=uuid7(), country=country, source=source, valid_from=valid_from, valid_to=None, adopted_by=caller.subject,
        adopted_at=clock.now(), shapes=len(rows), report=_of_country(report, country),
    )  # fmt: skip
    session.add(new)
    session.flush()
    session.execute(
        insert(BoundaryShape),
        [{"set_id": new.id, "code": code, "name": places.name_of(code), "wkb": wkb} for code, wkb in rows.items()],
    )
    before = {"source": in_force.source} if in_force else {"source": "approximate"}
    after = {"source": source, "shapes": len(rows), "valid_from": valid_from.isoformat()}
    history.record(session, caller, subject=new.id, kind="boundaries", action="replace", before=before, after=after)
    return new


def _of_country(report: Mapping[str, Any], country: str) -> dict[str, Any]:
    return {**report, "countries": {country: report["countries"][country]}}

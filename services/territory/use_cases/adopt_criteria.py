"""Somebody adopts the numbers by which analyses judge in her territory from a day on."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from services.territory.models import CriteriaEdition
from services.territory.queries.criteria import holding, kinds, shipped
from services.territory.rules.criteria import changed
from shared import history, places
from shared.identity import EVERYWHERE, Caller
from shared.kernel import Forbidden, Invalid, clock


def adopt_criteria(
    session: Session,
    caller: Caller,
    *,
    kind: str,
    unit: str | None,
    valid_from: date,
    source: str,
    values: Mapping[str, int | float],
) -> CriteriaEdition:
    """The edition that holds in `unit` (None: everywhere) from `valid_from` on; numbers it does not name stay as they
    are there that day.

    Refuses a kind or a unit there is not, a unit outside the caller's territory, `everywhere` from who does not work
    everywhere, a day that is past (what was judged then was judged otherwise), and numbers that are none of the record.
    """
    if kind not in kinds():
        raise Invalid("criteria.unknown_kind", pointer="/kind", kind=kind[:40])
    if unit is None and EVERYWHERE not in caller.scope.units:
        raise Forbidden("criteria.everywhere")
    if unit is not None:
        if unit not in places.names():
            raise Invalid("unit.unknown", pointer="/unit", unit=unit)
        caller.require_scope(unit)
    if valid_from < clock.today():
        raise Invalid("criteria.in_the_past", pointer="/valid_from", today=clock.today().isoformat())
    before = holding(session, kind, unit, valid_from)
    after = changed(before.values, values, shipped(kind).limits)
    adopted = CriteriaEdition.adopt(caller, kind=kind, unit=unit, valid_from=valid_from, source=source, values=after)
    session.add(adopted)
    session.flush()
    told = {"kind": kind, "unit": unit, "valid_from": valid_from, "source": source, "values": after}
    history.record(session, caller, subject=adopted.id, kind="criteria", action="adopt", after=told)
    return adopted

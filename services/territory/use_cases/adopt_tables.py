"""What a table says is used from now on: denominators, districts and villages."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from services.territory.models import Denominator, DenominatorSet, TableFile, UnitEdition
from services.territory.models.tables import IN_FORCE
from services.territory.use_cases.protect_establishments import ask_protection, forget_table
from shared import history
from shared.database import insert_many
from shared.identity import Caller
from shared.kernel import NotFound, clock, uuid7

AT_ONCE = 5_000


def adopt_denominators(
    session: Session, caller: Caller, file: TableFile, reading: Mapping[str, Any], about: Mapping[str, Any]
) -> dict[str, Any]:
    """One set for each country of the table; a set of the same indicator, country and year that was in force is
    replaced. Refused outside the caller's territory.
    """
    sets = []
    for country, values in groupby(reading["values"], key=lambda value: value[0][:2]):
        caller.require_scope(country)
        sets.append(_set(session, caller, file, reading, about, country, list(values)))
    return {"sets": sets}


def _set(
    session: Session,
    caller: Caller,
    file: TableFile,
    reading: Mapping[str, Any],
    about: Mapping[str, Any],
    country: str,
    values: list[list[Any]],
) -> str:
    mapping, report = reading["mapping"], reading["report"]
    same = select(DenominatorSet).where(
        DenominatorSet.indicator == mapping["indicator"],
        DenominatorSet.country == country,
        DenominatorSet.year == mapping["year"],
        DenominatorSet.state == IN_FORCE,
    )
    for before in session.scalars(same.with_for_update()):
        before.replace()
        forget_table(session, before.id)
    made = DenominatorSet(
        id=uuid7(), indicator=mapping["indicator"], country=country, title_es=about["title_es"],
        title_en=about["title_en"], source=about["source"], licence=about.get("licence") or "",
        year=mapping["year"], level=report["level"], rows=len(values),
        report={**report, "countries": {country: report["countries"][country]}}, state=IN_FORCE, file_id=file.id,
        adopted_by_name=caller.name, adopted_at=clock.now(), ended_at=None,
    )  # fmt: skip
    session.add(made)
    session.flush()
    names = ("unit", "sex", "age", "ciiu", "size", "value", "low", "high")
    rows = [{"set_id": made.id, **dict(zip(names, value, strict=True))} for value in values]
    for start in range(0, len(rows), AT_ONCE):
        insert_many(session, Denominator.__table__, rows[start : start + AT_ONCE])  # type: ignore[arg-type]
    ask_protection(session, caller, made)
    after = {"indicator": made.indicator, "country": country, "year": made.year, "source": made.source,
             "values": len(rows)}  # fmt: skip
    history.record(session, caller, subject=made.id, kind="denominators", action="adopt", after=after)
    return str(made.id)


def withdraw_denominators(session: Session, caller: Caller, set_id: Any, *, version: int | None) -> DenominatorSet:
    """The set is used no more. Refuses one outside the caller's territory, an old version of it, and one that is not in
    force.
    """
    wanted = select(DenominatorSet).where(DenominatorSet.id == set_id).with_for_update()
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise NotFound("denominators.unknown")
    caller.require_scope(found.country)
    found.require_version(version)
    found.withdraw()
    forget_table(session, found.id)
    session.flush()
    history.record(session, caller, subject=found.id, kind="denominators", action="withdraw")
    return found


def adopt_units(session: Session, caller: Caller, file: TableFile, reading: Mapping[str, Any]) -> dict[str, Any]:
    """What the table says of a code takes the place of what was known of it. Refused outside the caller's territory."""
    values = reading["values"]
    for place in sorted({value[3][:6] for value in values}):
        caller.require_scope(place)
    codes = sorted({value[0] for value in values})
    for start in range(0, len(codes), AT_ONCE):
        session.execute(delete(UnitEdition).where(UnitEdition.code.in_(codes[start : start + AT_ONCE])))
    names = ("code", "name", "level", "parent", "valid_from", "valid_to")
    rows = [
        {**dict(zip(names, value, strict=True)), "number": number, "file_id": file.id}
        for _, editions in groupby(values, key=lambda value: value[0])
        for number, value in enumerate(editions, 1)
    ]
    for start in range(0, len(rows), AT_ONCE):
        insert_many(session, UnitEdition.__table__, rows[start : start + AT_ONCE])  # type: ignore[arg-type]
    after = {"codes": len(codes), "file": file.name}
    history.record(session, caller, subject=file.id, kind="units", action="adopt", after=after)
    return {"units": len(codes)}

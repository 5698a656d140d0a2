"""Which enterprises an opportunity fits, asked of the database: the rule's verdicts as conditions, for any number of
records.
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, and_, case, cast, exists, literal, or_
from sqlalchemy.orm import aliased

from services.registry.codes import activities
from services.registry.models import Enterprise, FollowUp, Tag
from services.registry.rules.activities import section_of
from services.registry.rules.chains import UNKNOWN as NO_CHAIN
from services.registry.rules.opportunities import Conditions, Traits

Condition: TypeAlias = ColumnElement[bool]


def traits_of(enterprise: Enterprise) -> Traits:
    """What the rule is told of an enterprise."""
    unspoken = enterprise.chain == NO_CHAIN and not enterprise.chain_declared
    return Traits(
        municipality=enterprise.municipality,
        chain=None if unspoken else enterprise.chain,
        links=enterprise.tagged("link"),
        needs=enterprise.tagged("need"),
        section=section_of(enterprise.activity) if enterprise.activity else None,
        tier=enterprise.tier,
        formal=enterprise.formal,
        started_year=enterprise.started_year,
    )


def misses_nothing(conditions: Conditions, year: int) -> list[Condition]:
    """True of the enterprises for which the rule says that no condition is missed."""
    return [or_(met, unknown) for met, unknown in _parts(conditions, year)] + _places(conditions)


def meets_all(conditions: Conditions, year: int) -> list[Condition]:
    """True of the enterprises for which the rule says that every condition is met."""
    return [and_(met, ~unknown) for met, unknown in _parts(conditions, year)] + _places(conditions)


def unknowns(conditions: Conditions, year: int) -> ColumnElement[int]:
    """How many conditions are not known of an enterprise."""
    counted = [case((unknown, 1), else_=0) for _, unknown in _parts(conditions, year)]
    return cast(sum(counted, literal(0)), Integer)


def told_of(opportunity_id: UUID) -> Condition:
    """True of the enterprises whose owner was told of it."""
    return exists().where(FollowUp.opportunity_id == opportunity_id, FollowUp.enterprise_id == Enterprise.id)


def _places(conditions: Conditions) -> list[Condition]:
    units = conditions.units
    return [or_(*(Enterprise.municipality.startswith(unit, autoescape=True) for unit in units))] if units else []


def _parts(conditions: Conditions, year: int) -> Iterator[tuple[Condition, Condition]]:
    """Of each condition that is set and can be unknown: that it is met, and that it is not known."""
    if conditions.chains:
        unspoken = and_(Enterprise.chain == NO_CHAIN, ~Enterprise.chain_declared)
        yield Enterprise.chain.in_(conditions.chains), unspoken
    if conditions.sections:
        codes = [code for code, activity in activities().items() if activity.section in conditions.sections]
        yield Enterprise.activity.in_(codes), Enterprise.activity.is_(None)
    if conditions.formal is not None:
        yield Enterprise.formal.is_(conditions.formal), literal(False)
    if conditions.tiers:
        yield Enterprise.tier.in_(conditions.tiers), Enterprise.tier.is_(None)
    if conditions.asks_for_years:
        yield _years(conditions, year), Enterprise.started_year.is_(None)
    for kind, wanted in (("link", conditions.links), ("need", conditions.needs)):
        if wanted:
            yield _tagged(kind, wanted), ~_tagged(kind, None)


def _years(conditions: Conditions, year: int) -> Condition:
    lowest = 0 if conditions.years_min is None else conditions.years_min
    highest = year if conditions.years_max is None else conditions.years_max
    return Enterprise.started_year.between(year - highest, year - lowest)


def _tagged(kind: str, codes: Sequence[str] | None) -> Condition:
    tag: Any = aliased(Tag)
    found = exists().where(tag.enterprise_id == Enterprise.id, tag.kind == kind)
    return found if codes is None else found.where(tag.code.in_(codes))

"""The counts of a territory, from the copies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute, Session

from services.territory.models import (
    CopyAccompaniment,
    CopyApplication,
    CopyAsOf,
    CopyEnterprise,
    CopyGroup,
    CopyGroupMember,
    CopyLink,
    CopyLoan,
    CopyMerged,
    CopyNeed,
    Publication,
)
from services.territory.rules.doubles import Key
from services.territory.rules.figures import Count, Figures, added_up
from shared.merged import one_with, standing_for

_E = CopyEnterprise
POINT_ID = _E.id.label("id")
_WOMEN = func.sum(_E.jobs_women)
_NUMBER = func.count()


@dataclass(frozen=True)
class AsOf:
    """How new the copies are: the time of the newest event in them, and the position taken of each source."""

    time: datetime | None
    positions: dict[str, int]


def as_of(session: Session) -> AsOf:
    """How new all figures are."""
    rows = session.execute(select(CopyAsOf.source, CopyAsOf.position, CopyAsOf.time).order_by(CopyAsOf.source)).all()
    return AsOf(max((row.time for row in rows), default=None), {row.source: row.position for row in rows})


def inside(column: InstrumentedAttribute[Any], units: Sequence[str]) -> ColumnElement[bool]:
    """Whether a municipality's code lies in one of `units` (countries, departments, municipalities)."""
    return or_(*(column.startswith(unit, autoescape=True) for unit in units))


def figures(session: Session, units: Sequence[str], *, whole: str | None = None, agreed: bool = False) -> Figures:
    """The exact figures of the municipalities in `units`, of their departments, and of all together as `whole`;
    `agreed`: only of the enterprises whose owners all agreed to appear in public, added up with others.
    """
    return added_up(_counts(session, units, agreed=agreed), whole=whole)


def _counts(session: Session, units: Sequence[str], *, agreed: bool) -> Iterator[tuple[Key, Count]]:
    counted = and_(_E.counted, inside(_E.municipality, units), _E.consent_map if agreed else true())
    yield from _enterprises(session, counted)
    yield from _trained(session, counted)
    copies = ((CopyApplication, _applications), (CopyLoan, _loans), (CopyAccompaniment, _accompaniments))
    for copy, told in copies:
        hers = (
            true()
            if not agreed
            else standing_for(CopyMerged, copy.enterprise_id).in_(select(_E.id).where(_E.consent_map))
        )
        yield from told(session, and_(inside(copy.municipality, units), hers))
    groups = select(CopyGroup.municipality, _NUMBER).where(inside(CopyGroup.municipality, units))
    for unit, number in session.execute(groups.group_by(CopyGroup.municipality)):
        yield (unit, "groups"), Count(number)


def _enterprises(session: Session, counted: ColumnElement[bool]) -> Iterator[tuple[Key, Count]]:
    def by(*columns: Any, source: Any = None) -> Select[Any]:
        statement = select(_E.municipality, *columns, _NUMBER, _WOMEN, func.sum(_E.jobs_men))
        if source is not None:
            statement = statement.join(source, source.enterprise_id == _E.id)
        return statement.where(counted).group_by(_E.municipality, *columns)

    def answer(column: Any) -> Any:
        return case((column, "yes"), else_="no")

    for unit, number, women, men in session.execute(by()):
        yield (unit, "all"), Count(number, women)
        yield (unit, "men"), Count(int(men), 0)
    tables: list[tuple[str, Select[Any]]] = [
        ("chain", by(_E.chain)),
        ("formal", by(answer(_E.formal))),
        ("home", by(answer(_E.home_based))),
        ("validation", by(_E.validation)),
        ("link", by(CopyLink.link, source=CopyLink)),
        ("need", by(CopyNeed.need, source=CopyNeed)),
    ]
    for table, statement in tables:
        for unit, entry, number, women, _ in session.execute(statement):
            yield (unit, table, entry), Count(number, women)
    for unit, chain, link, number, women, _ in session.execute(by(_E.chain, CopyLink.link, source=CopyLink)):
        yield (unit, "chain", chain, link), Count(number, women)


def _trained(session: Session, counted: ColumnElement[bool]) -> Iterator[tuple[Key, Count]]:
    """How many enterprises are in a training group, and how many in none."""
    in_group = (
        select(CopyGroupMember.enterprise_id).where(one_with(CopyMerged, CopyGroupMember.enterprise_id, _E.id)).exists()
    )
    trained = case((in_group, "in"), else_="out").label("trained")
    inner = select(_E.municipality, trained, _E.jobs_women).where(counted).subquery()
    statement = select(inner.c.municipality, inner.c.trained, _NUMBER, func.sum(inner.c.jobs_women))
    for unit, entry, number, women in session.execute(statement.group_by(inner.c.municipality, inner.c.trained)):
        yield (unit, "training", entry), Count(number, women)


def _applications(session: Session, which: ColumnElement[bool]) -> Iterator[tuple[Key, Count]]:
    """Applications by outcome."""
    by = (CopyApplication.municipality, CopyApplication.outcome)
    for unit, outcome, number in session.execute(select(*by, _NUMBER).where(which).group_by(*by)):
        yield (unit, "applications", outcome), Count(number)
        yield (unit, "applications"), Count(number)


def _loans(session: Session, which: ColumnElement[bool]) -> Iterator[tuple[Key, Count]]:
    """Loans, open and settled, with what was paid out and what is still owed."""
    loan = CopyLoan
    state = case((loan.settled_on.is_(None), "open"), else_="settled").label("state")
    columns = (loan.municipality, loan.currency, state, loan.amount_minor, loan.outstanding_minor)
    inner = select(*columns).where(which).subquery()
    by = (inner.c.municipality, inner.c.currency, inner.c.state)
    paid, owed = func.sum(inner.c.amount_minor), func.sum(inner.c.outstanding_minor)
    for unit, currency, entry, number, amount, outstanding in session.execute(
        select(*by, _NUMBER, paid, owed).group_by(*by)
    ):
        yield (unit, "loans"), Count(number, 0, {currency: int(amount)})
        yield (unit, "loans", entry), Count(number, 0, {currency: int(outstanding)})


def _accompaniments(session: Session, which: ColumnElement[bool]) -> Iterator[tuple[Key, Count]]:
    """Projects that the centre stands beside."""
    unit = CopyAccompaniment.municipality
    for municipality, number in session.execute(select(unit, _NUMBER).where(which).group_by(unit)):
        yield (municipality, "accompaniments"), Count(number)


def latest_publication(session: Session, department: str) -> Any:
    """The newest published figures of a department as a row, or None."""
    table = Publication.__table__
    statement = select(table).where(table.c.department == department).order_by(table.c.made_at.desc()).limit(1)
    return session.execute(statement).mappings().one_or_none()


def publication_by(session: Session, department: str, moment: datetime) -> Any:
    """The last figures of a department that were published before a moment as a row, or None."""
    table = Publication.__table__
    before = select(table).where(table.c.department == department, table.c.made_at < moment)
    return session.execute(before.order_by(table.c.made_at.desc()).limit(1)).mappings().one_or_none()


def points(units: Sequence[str], *, chain: str | None, link: str | None, need: str | None, on_map: bool) -> Any:
    """Enterprises with a point in `units`; `on_map`: only those whose owner agreed to be shown."""
    shown = (POINT_ID, _E.municipality, _E.place_state, _E.lon, _E.lat, _E.accuracy_m, _E.chain, _E.validation,
             _E.jobs_women, _E.recorded_on)  # fmt: skip
    conditions = [_E.counted, _E.lon.is_not(None), inside(_E.municipality, units)]
    if chain:
        conditions.append(_E.chain == chain)
    if link:
        conditions.append(_E.id.in_(select(CopyLink.enterprise_id).where(CopyLink.link == link)))
    if need:
        conditions.append(_E.id.in_(select(CopyNeed.enterprise_id).where(CopyNeed.need == need)))
    if on_map:
        conditions.append(_E.consent_map)
    return select(*shown).where(and_(*conditions))

"""The counts of a territory, from the copies."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, and_, case, func, or_, select, true
from sqlalchemy.orm import Session

from services.territory.models import (
    CopyAccompaniment,
    CopyApplication,
    CopyAsOf,
    CopyEnterprise,
    CopyGroup,
    CopyGroupMember,
    CopyLoan,
    CopyMerged,
    CopyNeed,
    Publication,
)
from services.territory.queries.placing import at_link, chain_of, in_chain, links_of, of_class
from services.territory.rules.dominance import KNOWN
from services.territory.rules.doubles import Key
from services.territory.rules.figures import OF_MONEY, Count, Figures, added_up
from shared.merged import one_with, standing_for

_E = CopyEnterprise
MUNICIPALITY = 6
"""How long a municipality's code is."""
POINT_ID = _E.id.label("id")
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


def inside(column: SQLColumnExpression[Any], units: Sequence[str]) -> ColumnElement[bool]:
    """Whether a municipality's code lies in one of `units` (countries, departments, municipalities)."""
    whole = [unit for unit in units if len(unit) == MUNICIPALITY]
    larger = (column.startswith(unit, autoescape=True) for unit in units if len(unit) < MUNICIPALITY)
    return or_(column.in_(whole), *larger)


def figures(
    session: Session,
    units: Sequence[str],
    *,
    whole: str | None = None,
    agreed: bool = False,
    besides: Iterable[tuple[Key, Count]] = (),
) -> Figures:
    """The exact figures of the municipalities in `units`, of their departments, and of all together as `whole`;
    `agreed`: only of the enterprises whose owners all agreed to appear in public, added up with others, and each figure
    with the largest that are in it, by which it is judged whether it may be told. `besides`: added up with them.
    """
    return added_up(itertools.chain(_counts(session, units, agreed=agreed), besides), whole=whole)


def _counts(session: Session, units: Sequence[str], *, agreed: bool) -> Iterator[tuple[Key, Count]]:
    counted = and_(_E.counted, inside(_E.municipality, units), _E.consent_map if agreed else true())
    yield from _enterprises(session, counted, agreed=agreed)
    yield from _placed(session, counted)
    if agreed:
        yield from _largest(session, counted)
    copies = ((CopyApplication, _applications), (CopyLoan, _loans), (CopyAccompaniment, _accompaniments))
    for copy, told in copies:
        hers = (
            true()
            if not agreed
            else standing_for(CopyMerged, copy.enterprise_id).in_(select(_E.id).where(_E.consent_map))
        )
        which = and_(inside(copy.municipality, units), hers)
        yield from told(session, which)
        if agreed and copy is CopyLoan:
            yield from _borrowers(session, which)
            yield from _loans_of_chains(session, which)
    groups = select(CopyGroup.municipality, _NUMBER).where(inside(CopyGroup.municipality, units))
    for unit, number in session.execute(groups.group_by(CopyGroup.municipality)):
        yield (unit, "groups"), Count(number)


def _subjects(counted: ColumnElement[bool], *, agreed: bool) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
    """The tables that count enterprises: name, what divides them, and what is joined where one may stand in several,
    with the column that says of whom it is; `agreed`: those of publications too.
    """
    links, chain, needs = links_of(counted), chain_of(), (CopyNeed, CopyNeed.enterprise_id)

    def answer(column: Any, yes: str = "yes", no: str = "no") -> Any:
        return case((column, yes), else_=no)

    in_group = (
        select(CopyGroupMember.enterprise_id).where(one_with(CopyMerged, CopyGroupMember.enterprise_id, _E.id)).exists()
    )
    training = answer(in_group, "in", "out")
    yield "all", (), None
    yield "chain", (chain,), None
    yield "formal", (answer(_E.formal),), None
    yield "home", (answer(_E.home_based),), None
    yield "validation", (_E.validation,), None
    yield "training", (training,), None
    yield "link", (links.c.link,), (links, links.c.enterprise_id)
    yield "need", (CopyNeed.need,), needs
    yield "chain", (chain, links.c.link), (links, links.c.enterprise_id)
    if agreed:
        yield "chain_need", (CopyNeed.need, chain), needs
        yield "chain_training", (training, chain), None


def _of_subject(columns: tuple[Any, ...], source: Any, counted: ColumnElement[bool]) -> tuple[Any, list[Any]]:
    """The enterprises counted in a table, one row for each entry they stand in, and the columns that say which."""
    told = [_E.municipality.label("unit"), *(column.label(f"entry{place}") for place, column in enumerate(columns))]
    statement = select(*told, _E.jobs_women.label("women"), _E.jobs_men.label("men"))
    if source is not None:
        joined, enterprise = source
        statement = statement.join(joined, enterprise == _E.id)
    rows = statement.where(counted).subquery()
    return rows, [rows.c[column.name] for column in told]


def _enterprises(session: Session, counted: ColumnElement[bool], *, agreed: bool) -> Iterator[tuple[Key, Count]]:
    for table, columns, source in _subjects(counted, agreed=agreed):
        rows, by = _of_subject(columns, source, counted)
        statement = select(*by, _NUMBER, func.sum(rows.c.women), func.sum(rows.c.men)).group_by(*by)
        for unit, *entries, number, women, men in session.execute(statement):
            yield (unit, table, *entries), Count(number, women)
            if table == "all":
                yield (unit, "men"), Count(int(men))
            elif table == "chain" and len(entries) == 1:
                yield (unit, "men", *entries), Count(int(men))


def _placed(session: Session, counted: ColumnElement[bool]) -> Iterator[tuple[Key, Count]]:
    """Enterprises that the class of their activity places."""
    each = select(_E.municipality, chain_of().label("chain")).where(counted, of_class()).subquery()
    by = (each.c.municipality, each.c.chain)
    for unit, chain, number in session.execute(select(*by, _NUMBER).group_by(*by)):
        yield (unit, "placed"), Count(number)
        yield (unit, "placed", chain), Count(number)


def _largest(session: Session, counted: ColumnElement[bool]) -> Iterator[tuple[Key, Count]]:
    """How many women work in the largest enterprises of each entry."""
    for table, columns, source in _subjects(counted, agreed=True):
        rows, by = _of_subject(columns, source, counted)
        rank = func.row_number().over(partition_by=by, order_by=rows.c.women.desc()).label("rank")
        ranked = select(*by, rows.c.women, rank).subquery()
        for unit, *entries, women, _ in session.execute(select(ranked).where(ranked.c.rank <= KNOWN)):
            yield (unit, table, *entries), Count(largest=(women,))


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


def _borrowers(session: Session, which: ColumnElement[bool]) -> Iterator[tuple[Key, Count]]:
    """What the largest borrowers were paid out, and still owe."""
    loan = CopyLoan
    owed = case((loan.settled_on.is_(None), loan.outstanding_minor), else_=0)
    for entry, amount in zip(OF_MONEY, (loan.amount_minor, owed), strict=True):
        borrower = func.coalesce(standing_for(CopyMerged, loan.enterprise_id), loan.id).label("borrower")
        each = select(loan.municipality, loan.currency, borrower, amount.label("amount")).where(which).subquery()
        by = (each.c.municipality, each.c.currency)
        hers = select(*by, func.sum(each.c.amount).label("amount")).group_by(*by, each.c.borrower).subquery()
        ranks = (hers.c.municipality, hers.c.currency)
        rank = func.row_number().over(partition_by=ranks, order_by=hers.c.amount.desc()).label("rank")
        ranked = select(*ranks, hers.c.amount, rank).subquery()
        for unit, currency, has, _ in session.execute(select(ranked).where(ranked.c.rank <= KNOWN)):
            yield (unit, *entry), Count(largest_amounts={currency: (int(has),)})


def _loans_of_chains(session: Session, which: ColumnElement[bool]) -> Iterator[tuple[Key, Count]]:
    """Loans by the chain of the enterprise that got them."""
    hers = standing_for(CopyMerged, CopyLoan.enterprise_id) == _E.id
    each = select(CopyLoan.municipality, chain_of().label("chain")).join(_E, hers).where(which).subquery()
    by = (each.c.municipality, each.c.chain)
    for unit, chain, number in session.execute(select(*by, _NUMBER).group_by(*by)):
        yield (unit, "chain_loans", chain), Count(number)


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


def standing(link: str | None, need: str | None) -> list[ColumnElement[bool]]:
    """Whether an enterprise stands at a link, and has a need, where they are named."""
    found: list[ColumnElement[bool]] = []
    if link:
        found.append(at_link(link))
    if need:
        found.append(_E.id.in_(select(CopyNeed.enterprise_id).where(CopyNeed.need == need)))
    return found


def points(units: Sequence[str], *, chain: str | None, link: str | None, need: str | None, on_map: bool) -> Any:
    """Enterprises with a point in `units`; `on_map`: only those whose owner agreed to be shown."""
    shown = (POINT_ID, _E.municipality, _E.place_state, _E.lon, _E.lat, _E.accuracy_m, chain_of().label("chain"),
             _E.validation, _E.jobs_women, _E.recorded_on)  # fmt: skip
    conditions = [_E.counted, _E.lon.is_not(None), inside(_E.municipality, units)]
    if chain:
        conditions.append(in_chain(chain))
    conditions += standing(link, need)
    if on_map:
        conditions.append(_E.consent_map)
    return select(*shown).where(and_(*conditions))

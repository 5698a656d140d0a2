"""The register of opportunities: what is open, whom it fits, who was told."""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from services.registry.models import Enterprise, FollowUp, Opportunity, OpportunityUnit
from services.registry.queries.matching import meets_all, misses_nothing, told_of, traits_of, unknowns
from services.registry.queries.seeing import require_seen, shown_to, view_for
from services.registry.rules.chains import folded
from services.registry.rules.institutions import around
from services.registry.rules.opportunities import CLOSING, MAY_FIT, MISSES, fit, is_open, judged, rank
from services.registry.use_cases.run_opportunities import require_for
from shared import places
from shared.identity import Caller
from shared.kernel import Invalid, NotFound, clock
from shared.web.paging import Page, keyset_page

Rows: TypeAlias = Select[*tuple[Any, ...]]
_MOST_CLOSING = 20
_OF_A_FOLLOW_UP = ("version", "state", "told_by_name", "applied_on", "decided_on")
_ENDLESS = date.max
_LIST = (
    func.coalesce(Opportunity.deadline, literal(_ENDLESS)).label("until"),
    Opportunity.id.label("id"),
)


def list_opportunities(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The opportunities for a part of the caller's territory: the open ones unless asked otherwise, by deadline; those
    without one last.
    """
    statement = _filtered(select(*_LIST), caller, filters)
    page = keyset_page(session, statement, keys=_LIST, limit=limit, after=after)
    ids = [row["id"] for row in page.rows]
    found = {one.id: one for one in session.scalars(select(Opportunity).where(Opportunity.id.in_(ids)))}
    told = _told(session, caller, ids)
    return Page([_shown(found[one]) | told.get(one, _NOBODY) for one in ids], page.next)


def show_opportunity(session: Session, caller: Caller, opportunity_id: UUID) -> dict[str, Any]:
    """One opportunity, with how many of the caller's territory were told, applied, won and lost."""
    found = _found(session, caller, opportunity_id)
    return _shown(found) | _told(session, caller, [found.id]).get(found.id, _NOBODY)


def count_opportunities(session: Session, caller: Caller) -> dict[str, int]:
    """How many are open, how many close within two weeks, and how many of these fit a woman whom nobody has told.

    A condition that is not known of her does not make her one whom it fits.
    """
    near = _filtered(select(Opportunity.id), caller, {"state": "closing"}).order_by(
        Opportunity.deadline, Opportunity.id
    )
    closing = session.scalars(near).all()
    here = _counted(caller)
    to_tell = 0
    for found in session.scalars(select(Opportunity).where(Opportunity.id.in_(closing[:_MOST_CLOSING]))):
        fitting = select(Enterprise.id).where(*here, *meets_all(found.conditions, clock.today().year))
        to_tell += bool(session.scalar(select(fitting.where(~told_of(found.id)).exists())))
    opened = select(func.count()).select_from(_filtered(select(Opportunity.id), caller, {}).subquery())
    return {"open": session.scalar(opened) or 0, "closing": len(closing), "to_tell": to_tell}


def list_fits(
    session: Session,
    caller: Caller,
    opportunity_id: UUID,
    filters: Mapping[str, Any],
    *,
    limit: int,
    after: str | None,
) -> Page:
    """The enterprises of the caller's territory that it fits; or (`fit` is `may_fit`) those that miss nothing and of
    which something is not known, least unknown first. Each with its verdicts, and whether she was told.
    """
    found = _found(session, caller, opportunity_id)
    conditions, year = found.conditions, clock.today().year
    keys: tuple[Any, ...] = (Enterprise.id.label("id"),)
    if filters.get("fit") == MAY_FIT:
        keys = (unknowns(conditions, year).label("unknowns"), *keys)
        statement = select(*keys).where(*misses_nothing(conditions, year), keys[0].element > 0)
    else:  # in the order of their ids: the database stops once the page is full
        statement = select(*keys).where(*meets_all(conditions, year))
    statement = statement.where(*_counted(caller))
    if (told := filters.get("told")) is not None:
        statement = statement.where(told_of(found.id) if told else ~told_of(found.id))
    page = keyset_page(session, statement, keys=keys, limit=limit, after=after)
    ids = [row["id"] for row in page.rows]
    rows = {one.id: one for one in session.scalars(select(Enterprise).where(Enterprise.id.in_(ids)))}
    states = select(FollowUp.enterprise_id, FollowUp.state).where(
        FollowUp.opportunity_id == found.id, FollowUp.enterprise_id.in_(ids)
    )
    state_of = {row.enterprise_id: row.state for row in session.execute(states)}
    return Page([_fit(rows[one], found, year) | {"state": state_of.get(one)} for one in ids], page.next)


def list_fitting(session: Session, caller: Caller, enterprise_id: UUID) -> list[dict[str, Any]]:
    """The open opportunities that a record does not miss, best first: fewest unknown, then earliest deadline."""
    enterprise = require_seen(session, caller, enterprise_id)
    if not enterprise.counts:
        return []
    traits, year, today = traits_of(enterprise), clock.today().year, clock.today()
    for_her = [enterprise.municipality[:length] for length in (2, 4, 6)]
    there = exists().where(OpportunityUnit.opportunity_id == Opportunity.id, OpportunityUnit.unit.in_(for_her))
    states = select(FollowUp.opportunity_id, FollowUp.state).where(FollowUp.enterprise_id == enterprise_id)
    state_of = {row.opportunity_id: row.state for row in session.execute(states)}
    found = []
    for one in session.scalars(select(Opportunity).where(there)):
        verdicts = judged(one.conditions, traits, year)
        concerns = one.id in state_of or (is_open(one.deadline, today) and fit(verdicts) != MISSES)
        if concerns:
            found.append((rank(verdicts), one.deadline or _ENDLESS, one.id, one, verdicts))
    return [
        _shown(one) | {"fit": fit(verdicts), "verdicts": _listed(verdicts), "state": state_of.get(one.id)}
        for *_, one, verdicts in sorted(found, key=lambda item: item[:3])
    ]


def list_follow_ups(session: Session, caller: Caller, opportunity_id: UUID, *, limit: int, after: str | None) -> Page:
    """Who of the caller's territory was told, first told first."""
    _found(session, caller, opportunity_id)
    columns = (
        FollowUp.told_on.label("told_on"),
        FollowUp.enterprise_id.label("enterprise_id"),
        *(
            getattr(FollowUp, name).label(name)
            for name in ("version", "state", "told_by_name", "applied_on", "decided_on")
        ),
        Enterprise.name.label("enterprise_name"),
        Enterprise.municipality.label("municipality"),
        Enterprise.active.label("active"),
    )
    statement = (
        select(*columns)
        .join(Enterprise, Enterprise.id == FollowUp.enterprise_id)
        .where(FollowUp.opportunity_id == opportunity_id, caller.scope.condition(Enterprise.municipality))
        .where(*shown_to(view_for(caller)))
    )
    page = keyset_page(session, statement, keys=columns[:2], limit=limit, after=after)
    rows = [dict(row) | {"municipality_name": places.full_name(row["municipality"])} for row in page.rows]
    return Page(rows, page.next)


def _counted(caller: Caller) -> list[ColumnElement[bool]]:
    here = caller.scope.condition(Enterprise.municipality)
    return [Enterprise.active.is_(True), Enterprise.consent_registry.is_(True), here]


def _filtered(statement: Rows, caller: Caller, filters: Mapping[str, Any]) -> Rows:
    mine = or_(caller.scope.condition(OpportunityUnit.unit), OpportunityUnit.unit.in_(around(caller.scope.units)))
    here = exists().where(OpportunityUnit.opportunity_id == Opportunity.id, mine)
    statement = statement.where(here, _standing(filters.get("state", "open")))
    if kind := filters.get("kind"):
        statement = statement.where(Opportunity.kind == kind)
    if institution_id := filters.get("institution_id"):
        statement = statement.where(Opportunity.institution_id == institution_id)
    if year := filters.get("year"):
        first, last = date(year, 1, 1), date(year, 12, 31)
        statement = statement.where(Opportunity.deadline.between(first, last))
    if place := filters.get("place"):
        if place not in places.names():
            raise Invalid("municipality.unknown", pointer="/place", value=place)
        for_it = or_(OpportunityUnit.unit.startswith(place), OpportunityUnit.unit.in_({place[:2], place[:4]}))
        statement = statement.where(exists().where(OpportunityUnit.opportunity_id == Opportunity.id, for_it))
    for word in folded(filters.get("q") or "").split()[:8]:
        statement = statement.where(Opportunity.search_text.contains(word, autoescape=True))
    return statement


def _standing(state: str) -> ColumnElement[bool]:
    today = clock.today()
    opened = or_(Opportunity.deadline.is_(None), Opportunity.deadline >= today)
    soon = and_(Opportunity.deadline >= today, Opportunity.deadline <= today + CLOSING)
    return {"open": opened, "closing": soon, "closed": Opportunity.deadline < today, "all": literal(1) == 1}[state]


def _found(session: Session, caller: Caller, opportunity_id: UUID) -> Opportunity:
    found = session.get(Opportunity, opportunity_id)
    if found is None:
        raise NotFound("opportunity.unknown")
    require_for(caller, found.conditions.units)
    return found


_NOBODY = {"told": 0, "applied": 0, "won": 0, "lost": 0}


def _told(session: Session, caller: Caller, ids: list[UUID]) -> dict[UUID, dict[str, int]]:
    """How many of the caller's territory were told, and what became of them."""
    reached = {"applied": ("applied", "won", "lost"), "won": ("won",), "lost": ("lost",)}
    counted = (
        select(
            FollowUp.opportunity_id,
            func.count().label("told"),
            *(func.sum(case((FollowUp.state.in_(states), 1), else_=0)).label(name) for name, states in reached.items()),
        )
        .join(Enterprise, Enterprise.id == FollowUp.enterprise_id)
        .where(FollowUp.opportunity_id.in_(ids), caller.scope.condition(Enterprise.municipality))
        .group_by(FollowUp.opportunity_id)
    )
    rows = session.execute(counted).mappings()
    return {row["opportunity_id"]: {name: int(row[name]) for name in _NOBODY} for row in rows}


def _shown(one: Opportunity) -> dict[str, Any]:
    lowest, highest = one.amounts
    conditions = one.conditions
    names = ("id", "version", "kind", "title", "description", "source", "institution_id", "link", "deadline")
    return {name: getattr(one, name) for name in names} | {
        "institution_name": None if one.institution is None else one.institution.name,
        "amount_min": lowest,
        "amount_max": highest,
        "open": is_open(one.deadline, clock.today()),
        "conditions": conditions,
        "unit_names": [places.in_full(unit) for unit in conditions.units],
    }


def _fit(enterprise: Enterprise, opportunity: Opportunity, year: int) -> dict[str, Any]:
    verdicts = judged(opportunity.conditions, traits_of(enterprise), year)
    return {
        "enterprise_id": enterprise.id,
        "enterprise_name": enterprise.name,
        "municipality": enterprise.municipality,
        "municipality_name": places.full_name(enterprise.municipality),
        "fit": fit(verdicts),
        "verdicts": _listed(verdicts),
    }


def _listed(verdicts: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"condition": name, "verdict": verdict} for name, verdict in verdicts.items()]

"""Fairs as their readers see them: who took part, what was sold, and how fairs compare."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from services.registry.models import Enterprise, Entrepreneur, Fair, Institution, Owner, Stand
from services.registry.queries.seeing import require_seen, shown_to, view_for
from services.registry.queries.undertakings import RECORD, Rows, covered_by
from services.registry.rules.outreach import SMALLEST_SUM, each
from services.registry.use_cases.undertakings import require_part
from shared import places
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import COUNTRY_CURRENCY, Money, NotFound, clock
from shared.web.paging import Page, keyset_page

_came = Stand.state == "took_part"
_AMOUNTS = ("sales", "orders", "costs")
_LIST = (
    *labelled(Fair, "begins_on", "id", "version", "name", "ends_on", "municipality", "venue"),
    *labelled(Fair, "centre_id", "organizer_id"),
    Institution.name.label("organizer_name"),
    *labelled(Fair, "visitors", "visitors_how", "closed_at", "closed_by_name"),
)
_STAND = (
    *labelled(Stand, "id", "version", "fair_id", "enterprise_id"),
    *RECORD,
    *labelled(Stand, "state", "place", "products", "women", "sales_unknown", "orders", "contacts", "notes"),
    *labelled(Stand, *(f"{name}_minor" for name in _AMOUNTS)),
    Fair.municipality.label("held_in"),
)


def list_fairs(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The fairs of the caller's territory, the latest first, each with its totals."""
    statement = _filtered(_rows(), caller, filters)
    page = keyset_page(session, statement, keys=_LIST[:2], limit=limit, after=after, descending=True)
    return Page(_completed(session, caller, [dict(row) for row in page.rows]), page.next)


def show_fair(session: Session, caller: Caller, fair_id: UUID) -> dict[str, Any]:
    """One fair with its totals; refuses one of another territory."""
    _found(session, caller, fair_id)
    row = session.execute(_rows().where(Fair.id == fair_id)).mappings().one()
    return _completed(session, caller, [dict(row)])[0]


def list_stands(session: Session, caller: Caller, fair_id: UUID, *, limit: int, after: str | None) -> Page:
    """The stands of a fair in the order they were invited; those of enterprises of the caller's territory."""
    _found(session, caller, fair_id)
    statement = _stands(caller).where(Stand.fair_id == fair_id)
    page = keyset_page(session, statement, keys=_STAND[:1], limit=limit, after=after)
    return Page([_stand(dict(row)) for row in page.rows], page.next)


def list_stands_of(session: Session, caller: Caller, enterprise_id: UUID) -> list[dict[str, Any]]:
    """The fairs an enterprise was invited to, the latest first; refuses one of another territory."""
    require_seen(session, caller, enterprise_id)
    columns = (Fair.name.label("fair_name"), Fair.begins_on.label("begins_on"))
    statement = _stands(caller).add_columns(*columns).where(Stand.enterprise_id == enterprise_id)
    rows = session.execute(statement.order_by(Fair.begins_on.desc(), Fair.id).limit(200)).mappings()
    return [_stand(dict(row)) for row in rows]


def show_stand(session: Session, caller: Caller, stand_id: UUID) -> dict[str, Any]:
    """One stand; refuses that of an enterprise of another territory."""
    of = select(Enterprise.municipality).join(Stand, Stand.enterprise_id == Enterprise.id).where(Stand.id == stand_id)
    municipality = session.scalar(of)
    if municipality is None:
        raise NotFound("stand.unknown")
    caller.require_scope(municipality)
    row = session.execute(_stands(caller).where(Stand.id == stand_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("stand.unknown")
    return _stand(dict(row))


def participants(session: Session, caller: Caller, fair_id: UUID) -> list[dict[str, Any]]:
    """The stands of the caller's territory with their owners' names and telephones, to be printed for the fair; not of
    who withdrew or does not agree any more to be in the inventory.
    """
    fair = _found(session, caller, fair_id)
    view = view_for(caller)
    statement = _stands(caller).where(Stand.fair_id == fair.id, Enterprise.active, Enterprise.consent_registry)
    statement = statement.order_by(Stand.place, Enterprise.name, Stand.id)
    rows = [_stand(dict(row)) for row in session.execute(statement).mappings()]
    owners: dict[UUID, list[tuple[str, str]]] = {}
    of = select(Owner.enterprise_id, Entrepreneur.given_names, Entrepreneur.surnames, Entrepreneur.phone)
    of = of.join(Entrepreneur, Entrepreneur.id == Owner.entrepreneur_id).join(
        Stand, Stand.enterprise_id == Owner.enterprise_id
    )
    for row in session.execute(of.where(Stand.fair_id == fair.id).order_by(Owner.enterprise_id, Owner.rank)):
        phone = f"({row.phone[:4]}) {row.phone[4:]}" if view.contact and row.phone else ""
        owners.setdefault(row.enterprise_id, []).append((f"{row.given_names} {row.surnames}".strip(), phone))
    for told in rows:
        mine = owners.get(told["enterprise_id"], [])
        told["owners"] = ", ".join(name for name, _ in mine)
        told["phones"] = ", ".join(phone for _, phone in mine if phone)
    return rows


def _rows() -> Rows:
    return select(*_LIST).outerjoin(Institution, Institution.id == Fair.organizer_id)


def _stands(caller: Caller) -> Rows:
    statement = select(*_STAND).join(Enterprise, Enterprise.id == Stand.enterprise_id)
    statement = statement.join(Fair, Fair.id == Stand.fair_id).where(*shown_to(view_for(caller)))
    return statement.where(caller.scope.condition(Enterprise.municipality))


def _filtered(statement: Rows, caller: Caller, filters: Mapping[str, Any]) -> Rows:
    here = caller.scope.condition(Fair.municipality)
    statement = statement.where(or_(here, covered_by(caller, Fair.centre_id)))
    if state := filters.get("state"):
        closed = Fair.closed_at.is_not(None)
        ahead, over = Fair.begins_on > clock.today(), Fair.ends_on < clock.today()
        meant = {"closed": closed, "open": ~closed, "ahead": ahead, "to_close": and_(~closed, over)}
        statement = statement.where(meant[state])
    if q := filters.get("q"):
        statement = statement.where(func.lower(Fair.name).contains(q.lower(), autoescape=True))
    if enterprise_id := filters.get("enterprise_id"):
        mine = exists().where(Enterprise.id == enterprise_id, caller.scope.condition(Enterprise.municipality))
        there = exists().where(Stand.fair_id == Fair.id, Stand.enterprise_id == enterprise_id)
        statement = statement.where(mine, there)
    return statement


def _found(session: Session, caller: Caller, fair_id: UUID) -> Fair:
    found = session.get(Fair, fair_id)
    if found is None:
        raise NotFound("fair.unknown")
    require_part(caller, [found.municipality], found.centre)
    return found


def _completed(session: Session, caller: Caller, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of fairs with their totals: one query for all of them."""
    told = Stand.sales_minor.is_not(None)
    totals = select(
        Stand.fair_id,
        func.count().label("invited"),
        func.count().filter(Stand.state == "confirmed").label("confirmed"),
        func.count().filter(_came).label("took_part"),
        func.count().filter(Stand.state == "absent").label("absent"),
        func.count().filter(_came, told).label("sales_told"),
        func.count().filter(_came, Stand.sales_unknown).label("sales_unknown"),
        func.count().filter(_came, ~told, ~Stand.sales_unknown).label("sales_untold"),
        func.count().filter(_came, Stand.sales_minor > 0).label("sold"),
        func.sum(Stand.women).filter(_came, Stand.sales_minor > 0).label("women_sold"),
        func.sum(Stand.women).filter(_came).label("women"),
        func.sum(Stand.orders).label("orders"),
        func.sum(Stand.contacts).label("contacts"),
        *(func.sum(getattr(Stand, f"{name}_minor")).label(f"{name}_minor") for name in _AMOUNTS),
    ).where(Stand.fair_id.in_([row["id"] for row in rows]))
    found = {row["fair_id"]: dict(row) for row in session.execute(totals.group_by(Stand.fair_id)).mappings()}
    all_amounts = view_for(caller).sales
    return [row | _totals(row, found.get(row["id"], {}), all_amounts=all_amounts) for row in rows]


_COUNTS = ("invited", "confirmed", "took_part", "absent", "sales_told", "sales_unknown", "sales_untold", "sold")
_SUMS = ("women", "women_sold", "orders", "contacts")


def _totals(fair: Mapping[str, Any], sums: Mapping[str, Any], *, all_amounts: bool) -> dict[str, Any]:
    """What the stands add up to. Nothing told adds up to nothing known, never to zero. Who sees nobody's sales sees
    their sum only once the fair is closed and enough stands told theirs.
    """
    currency = COUNTRY_CURRENCY[fair["municipality"][:2]]
    told = int(sums.get("sales_told", 0))
    shown = all_amounts or (fair["closed_at"] is not None and told >= SMALLEST_SUM)
    amounts = {name: _money(sums.get(f"{name}_minor") if shown else None, currency) for name in _AMOUNTS}
    return {
        **{name: int(sums.get(name, 0)) for name in _COUNTS},
        **{name: None if sums.get(name) is None else int(sums[name]) for name in _SUMS},
        "sales": amounts["sales"],
        "orders_amount": amounts["orders"],
        "costs": amounts["costs"],
        "sales_per_participant": each(amounts["sales"], told),
        "currency": currency,
        "municipality_name": places.full_name(fair["municipality"]),
        "state": _state(fair),
    }


def _state(fair: Mapping[str, Any]) -> str:
    if fair["closed_at"] is not None:
        return "closed"
    if fair["begins_on"] > clock.today():
        return "ahead"
    return "running" if fair["ends_on"] >= clock.today() else "to_close"


def _stand(row: dict[str, Any]) -> dict[str, Any]:
    currency = COUNTRY_CURRENCY[row.pop("held_in")[:2]]
    amounts = {name: _money(row.pop(f"{name}_minor"), currency) for name in _AMOUNTS}
    name = row["enterprise_name"] or None
    return row | {
        "enterprise_name": name,
        "municipality_name": places.full_name(row["municipality"]),
        "sales": amounts["sales"],
        "orders_amount": amounts["orders"],
        "costs": amounts["costs"],
        "currency": currency,
    }


def _money(minor: Any, currency: str) -> Money | None:
    return None if minor is None else Money(int(minor), currency)

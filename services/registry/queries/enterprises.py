"""The inventory as its readers see it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, func, select
from sqlalchemy.orm import Session

from services.registry.codes import activities, sales_bands
from services.registry.models import (
    Consent,
    CopyLoan,
    Enterprise,
    Entrepreneur,
    FormalStep,
    OfferedProduct,
    Owner,
    Tag,
)
from services.registry.queries.filters import narrowed, shown_to
from services.registry.rules import national_ids
from services.registry.rules.inventory import PURPOSES, Person
from services.registry.rules.sales import Band, band_of
from services.registry.rules.visibility import View, view_of
from services.registry.rules.warnings import warnings_about, warnings_of
from services.registry.sealing import Sealer, step_key
from services.registry.use_cases.records import absorbed_by, standing_for
from shared import history, places
from shared.events.vocabulary import VALIDATION_STATES
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, Money, NotFound, clock
from shared.masking import masked_point
from shared.web.paging import Page, cursor_of, cursor_values, keyset_page

__all__ = [
    "SORTS",
    "count_enterprises",
    "list_enterprises",
    "narrowed",
    "show_enterprise",
    "show_entrepreneur",
    "show_history",
    "shown_to",
    "shows",
    "view_for",
]

_COUNTRIES: Mapping[str, str] = {kind: country for country, kind in national_ids.KIND_OF_COUNTRY.items()}
Rows: TypeAlias = Select[*tuple[Any, ...]]
_LIST = (
    Enterprise.id.label("id"),
    Enterprise.version.label("version"),
    Enterprise.name.label("name"),
    Enterprise.municipality.label("municipality"),
    Enterprise.derived_municipality.label("derived_municipality"),
    Enterprise.place_state.label("place_state"),
    Enterprise.accuracy_m.label("accuracy_m"),
    Enterprise.chain.label("chain"),
    Enterprise.activity.label("activity"),
    Enterprise.validation.label("validation"),
    Enterprise.jobs_women.label("jobs_women"),
    Enterprise.jobs_men.label("jobs_men"),
    Enterprise.formal.label("formal"),
    Enterprise.recorded_on.label("recorded_on"),
    Enterprise.changed_at.label("changed_at"),
    Enterprise.active.label("active"),
    Enterprise.tier.label("tier"),
)
_SORT_NAME = Enterprise.sort_name.label("sort_name")
_BY_ID = Enterprise.id.label("id")
_BY_VALIDATION = Enterprise.validation.label("validation")
_SORTS: Mapping[str, ColumnElement[Any] | None] = {
    "recent": None,
    "name": _SORT_NAME,
    "municipality": Enterprise.municipality.label("municipality"),
    "recorded": Enterprise.recorded_on.label("recorded_on"),
    "changed": Enterprise.changed_at.label("changed_at"),
    "validation": _BY_VALIDATION,
}
SORTS = ("recent", *(f"{sign}{name}" for name in list(_SORTS)[1:] for sign in ("", "-")))
"""By what the list is sorted, each the other way round too. Ids rise with time: `recent` is the latest first."""


def view_for(caller: Caller) -> View:
    """What this caller may see; refuses who may see no record at all."""
    view = view_of(caller.roles)
    if view is None:
        raise Forbidden("permission.no_records")
    return view


def list_enterprises(
    session: Session,
    caller: Caller,
    filters: Mapping[str, Any],
    *,
    limit: int,
    after: str | None,
    sealer: Sealer | None = None,
) -> Page:
    """The enterprises of the caller's territory that meet all filters, as rows with their needs, links and owners.
    With a `sealer` they are found by the number of a document too.
    """
    view = view_for(caller)
    statement = narrowed(session, select(*_LIST, _SORT_NAME), caller, view, filters, sealer=sealer)
    page = _sorted_page(session, statement, filters.get("sort", "recent"), limit, after)
    return Page(_completed(session, view, [dict(row) for row in page.rows]), page.next)


def _sorted_page(session: Session, statement: Rows, sort: str, limit: int, after: str | None) -> Page:
    key, falling = _SORTS[sort.removeprefix("-")], sort.startswith("-")
    if sort.endswith("validation"):
        return _page_by_validation(session, statement, limit, after, falling=falling)
    keys, descending = ([_BY_ID], True) if key is None else ([key, _BY_ID], falling)
    return keyset_page(session, statement, keys=keys, limit=limit, after=after, descending=descending)


def _page_by_validation(session: Session, statement: Rows, limit: int, after: str | None, *, falling: bool) -> Page:
    """State after state in the order of a record's way, so that each is read from its index."""
    keys: list[ColumnElement[Any]] = [_BY_VALIDATION, _BY_ID]
    states = list(VALIDATION_STATES)[:: -1 if falling else 1]
    if after:
        state = cursor_values(after, keys)[0]
        if state not in states:
            raise Invalid("query.cursor", pointer="/after")
        states = states[states.index(state) :]
    rows: list[Any] = []
    for state in states:
        here = statement.where(Enterprise.validation == state)
        lacking = limit + 1 - len(rows)
        rows += keyset_page(session, here, keys=keys, limit=lacking, after=after, descending=falling).rows
        after = None
        if len(rows) > limit:
            return Page(rows[:limit], cursor_of(rows[limit - 1], keys))
    return Page(rows)


def count_enterprises(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, sealer: Sealer | None = None
) -> dict[str, int]:
    """How many records meet the filters, and how many of them wait for something. With `at_most`, no more than one
    beyond it are counted: that many mean more.
    """
    view = view_for(caller)
    found = select(Enterprise.place_state, Enterprise.validation)
    most = filters.get("at_most")

    def counting(**changed: Any) -> Subquery:
        statement = narrowed(session, found, caller, view, {**filters, **changed}, sealer=sealer)
        return (statement if most is None else statement.limit(most + 1)).subquery()

    here = counting()
    counted = select(
        func.count().label("all"),
        func.count().filter(here.c.place_state == "missing").label("missing"),
        func.count().filter(here.c.place_state == "contradicted").label("contradicted"),
        func.count().filter(here.c.place_state == "pending").label("pending"),
        func.count().filter(here.c.validation == "captured").label("captured"),
    ).select_from(here)
    row = session.execute(counted).mappings().one()
    refused = session.scalar(select(func.count()).select_from(counting(taken_back=True)))
    return {name: int(number) for name, number in row.items()} | {"taken_back": refused or 0}


def show_enterprise(session: Session, caller: Caller, sealer: Sealer, enterprise_id: UUID) -> dict[str, Any]:
    """One record with all its reader may see; of one that became part of another, that other. Refuses, as if there
    were none, what she may not know of.
    """
    view = view_for(caller)
    enterprise = standing_for(session, Enterprise, enterprise_id)
    if enterprise is None or not shows(view, enterprise):
        raise NotFound("enterprise.unknown")
    caller.require_scope(enterprise.municipality)
    owners = [owner.entrepreneur for owner in enterprise.owners]
    return {
        "id": enterprise.id,
        "version": enterprise.version,
        "name": enterprise.name if view.names else None,
        "municipality": enterprise.municipality,
        "municipality_name": places.full_name(enterprise.municipality),
        "division_2024": places.divisions_2024().get(enterprise.municipality),
        "derived_municipality": enterprise.derived_municipality,
        "derived_municipality_name": places.full_name(enterprise.derived_municipality) or None,
        "place_state": enterprise.place_state,
        "place_boundaries": enterprise.place_boundaries,
        "snapped_m": enterprise.snapped_m if view.exact_point else None,
        "point": _point(view, enterprise),
        "site": enterprise.site,
        "activity": enterprise.activity,
        "chain": enterprise.chain,
        "chain_declared": enterprise.chain_declared,
        "links": list(enterprise.tagged("link")),
        "needs": list(enterprise.tagged("need")),
        "started_year": enterprise.started_year,
        "jobs_women": enterprise.jobs_women,
        "jobs_men": enterprise.jobs_men,
        "sales": _sales(view, enterprise),
        "formal": enterprise.formal,
        "products": [product.value for product in enterprise.products],
        "activity_title": _title(enterprise.activity),
        "ownership": enterprise.ownership,
        "address": enterprise.address if view.exact_point else None,
        "jobs": _jobs(enterprise),
        "sales_band": _band(view, enterprise),
        "markets": list(enterprise.tagged("market")),
        "assets": enterprise.assets,
        "partners": _partners(session, caller, view, enterprise),
        "formalization": [_step(view, sealer, step) for step in enterprise.steps],
        "validation": enterprise.validation,
        "checked_on": enterprise.checked_on,
        "tier": enterprise.tier,
        "consent_registry": enterprise.consent_registry,
        "consent_credit": enterprise.consent_credit,
        "consent_map": enterprise.consent_map,
        "recorded_on": enterprise.recorded_on,
        "changed_at": enterprise.changed_at,
        "active": enterprise.active,
        "owners": [_owner(view, sealer, owner) | _answers(view, owner) for owner in owners] if view.names else [],
        "loans": _loans(session, [enterprise.id, *absorbed_by(session, Enterprise, [enterprise.id])])
        if view.loans
        else [],
        "warnings": [
            *(_warnings_of(enterprise) if view.exact_point else ()),
            *_warnings_about(view, sealer, owners, enterprise.municipality[:2]),
        ],
    }


def show_history(
    session: Session, caller: Caller, enterprise_id: UUID, *, limit: int, after: str | None, latest_first: bool
) -> Page:
    """Who changed what of an enterprise, as far as the caller may see its facts; of what became part of it too."""
    stands = standing_for(session, Enterprise, enterprise_id)
    ids = [enterprise_id] if stands is None else [stands.id, *absorbed_by(session, Enterprise, [stands.id])]
    table = history.entries.c
    told = select(table.number, table.at, table.caller, table.action, table.before, table.after)
    page = keyset_page(
        session,
        told.where(table.subject.in_(ids)),
        keys=[table.number],
        limit=limit,
        after=after,
        descending=latest_first,
    )
    if view_for(caller).exact_point:
        return page
    hidden = {"position": None, "address": None}
    rows = [
        entry | {side: entry[side] and {**entry[side], **hidden} for side in ("before", "after")} for entry in page.rows
    ]
    return Page(rows, page.next)


def show_entrepreneur(session: Session, caller: Caller, sealer: Sealer, entrepreneur_id: UUID) -> dict[str, Any]:
    """One woman with her consents; for who may see names, and only through an enterprise in her territory."""
    view = view_for(caller)
    woman = standing_for(session, Entrepreneur, entrepreneur_id)
    if woman is None or not view.names:
        raise NotFound("entrepreneur.unknown")
    entrepreneur_id = woman.id
    enterprises = session.scalars(
        select(Enterprise)
        .join(Owner, Owner.enterprise_id == Enterprise.id)
        .where(Owner.entrepreneur_id == entrepreneur_id)
        .order_by(Enterprise.id)
    ).all()
    mine = [row for row in enterprises if caller.scope.covers(row.municipality)]
    if enterprises and not mine:
        raise Forbidden("permission.outside_scope", unit=enterprises[0].municipality)
    shown = [row for row in mine if shows(view, row)]
    if enterprises and not shown:
        raise NotFound("entrepreneur.unknown")
    consents = session.scalars(
        select(Consent).where(Consent.entrepreneur_id == entrepreneur_id).order_by(Consent.id)
    ).all()
    country = shown[0].municipality[:2] if shown else _COUNTRIES.get(woman.id_kind or "", "SV")
    return _owner(view, sealer, woman) | {
        "version": woman.version,
        "warnings": _warnings_about(view, sealer, [woman], country),
        **_circumstances(view, woman.person(sealer)),
        "withdrawn_on": woman.withdrawn_on,
        "enterprises": [{"id": row.id, "name": row.name, "municipality": row.municipality} for row in shown],
        "consents": [
            {
                "purpose": consent.purpose,
                "granted": consent.granted,
                "given_on": consent.given_on,
                "channel": consent.channel,
                "recorded_at": consent.recorded_at,
            }
            for consent in consents
        ],
    }


def shows(view: View, enterprise: Enterprise) -> bool:
    """Whether a record is there at all for who has this view; a withdrawn one has nothing left to hide."""
    agreed = enterprise.consent_registry or not enterprise.active
    return view.shows(consent_registry=agreed, consent_credit=enterprise.consent_credit)


def _completed(session: Session, view: View, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a list with their tags, products and owners: three queries for the whole page."""
    ids = [row["id"] for row in rows]
    tags: dict[UUID, dict[str, list[str]]] = {}
    for tag in session.execute(select(Tag.enterprise_id, Tag.kind, Tag.code).where(Tag.enterprise_id.in_(ids))):
        tags.setdefault(tag.enterprise_id, {}).setdefault(tag.kind, []).append(tag.code)
    owners = owner_names(session, ids) if view.names else {}
    products: dict[UUID, list[str]] = {}
    offered = select(OfferedProduct.enterprise_id, OfferedProduct.name).where(OfferedProduct.enterprise_id.in_(ids))
    for product in session.execute(offered.order_by(OfferedProduct.enterprise_id, OfferedProduct.rank)):
        products.setdefault(product.enterprise_id, []).append(product.name)
    for row in rows:
        mine = tags.get(row["id"], {})
        row["needs"], row["links"] = sorted(mine.get("need", [])), sorted(mine.get("link", []))
        row["owners"], row["products"] = owners.get(row["id"], []), products.get(row["id"], [])
        row["name"] = row["name"] if view.names else None
        row["accuracy_m"] = row["accuracy_m"] if view.exact_point else None
        row["municipality_name"] = places.full_name(row["municipality"])
        row["division_2024"] = places.divisions_2024().get(row["municipality"])
    return rows


def owner_names(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The owners of each of these enterprises, the first one first; for who may see names."""
    found: dict[UUID, list[dict[str, Any]]] = {}
    rows = session.execute(
        select(Owner.enterprise_id, Entrepreneur.id, Entrepreneur.given_names, Entrepreneur.surnames)
        .join(Entrepreneur, Entrepreneur.id == Owner.entrepreneur_id)
        .where(Owner.enterprise_id.in_(ids))
        .order_by(Owner.enterprise_id, Owner.rank)
    )
    for row in rows:
        woman = {"id": row.id, "given_names": row.given_names, "surnames": row.surnames}
        found.setdefault(row.enterprise_id, []).append(woman)
    return found


def _owner(view: View, sealer: Sealer, woman: Entrepreneur) -> dict[str, Any]:
    person = woman.person(sealer)
    number = person.id_number
    if number is not None and view.document != "full":
        number = national_ids.masked(number) if view.document == "masked" else None
    return {
        "id": woman.id,
        "version": woman.version,
        "given_names": person.given_names,
        "surnames": person.surnames,
        "id_kind": person.id_kind if view.document else None,
        "id_number": number,
        "born_on": person.born_on if view.contact else None,
        "phone": person.phone if view.contact else None,
        "other_phone": person.other_phone if view.contact else None,
        "people": person.people if view.exact_point else None,
        "languages": person.languages if view.contact else [],
    }


def _answers(view: View, woman: Entrepreneur) -> dict[str, Any]:
    """Her last answer for each purpose, for the team."""
    last = {consent.purpose: consent for consent in woman.consents} if view.circumstances else {}
    return {"answers": [last[purpose] for purpose in PURPOSES if purpose in last]}


def _circumstances(view: View, person: Person) -> dict[str, Any]:
    names = ("schooling", "dependants", "children_under_6", "others_in_care", "care_hours", "head_of_household")
    told = {name: getattr(person, name) for name in (*names, "difficulties", "disabled")}
    return told if view.circumstances else dict.fromkeys(told)


def _warnings_of(enterprise: Enterprise) -> list[dict[str, Any]]:
    return warnings_of(enterprise.profile(), enterprise.place_state, enterprise.snapped_m)


def _warnings_about(view: View, sealer: Sealer, owners: Sequence[Entrepreneur], country: str) -> list[dict[str, Any]]:
    """What to look at again of the women themselves, for who sees their names; why a document was confirmed is for
    the team, a telephone for who may call it.
    """
    if not view.names:
        return []
    present = [owner for owner in owners if owner.withdrawn_on is None]
    found = warnings_about(
        [(owner.person(sealer), owner.confirmation) for owner in present],
        country,
        municipalities=places.municipalities(),
        year=clock.today().year,
    )
    told = [warning for warning in found if view.contact or warning["code"] != "phone.wrong"]
    if not view.circumstances:
        for warning in told:
            if confirmation := warning.get("confirmation"):
                warning["confirmation"] = replace(confirmation, because="")
    return told


def _point(view: View, enterprise: Enterprise) -> dict[str, Any] | None:
    here = enterprise.position
    if here is None or not (view.exact_point or enterprise.consent_map):
        return None
    if view.exact_point:
        return {
            "lon": here.lon,
            "lat": here.lat,
            "accuracy_m": here.accuracy_m,
            "source": here.source,
            "masked": False,
        }
    lon, lat = masked_point(enterprise.id, here.lon, here.lat)
    return {"lon": lon, "lat": lat, "accuracy_m": None, "source": None, "masked": True}


def _sales(view: View, enterprise: Enterprise) -> Money | None:
    if not view.sales or enterprise.sales_minor is None:
        return None
    return Money(enterprise.sales_minor, enterprise.currency)


def _title(activity: str | None) -> str | None:
    known = activities().get(activity or "")
    return None if known is None else known.title


def _band(view: View, enterprise: Enterprise) -> Band | None:
    """The band of its sales where they are known, otherwise the band its owner named."""
    if not view.sales:
        return None
    mine = [band for band in sales_bands() if band.currency == enterprise.currency]
    if enterprise.sales_minor is not None:
        return band_of(Money(enterprise.sales_minor, enterprise.currency), mine)
    return next((band for band in mine if band.code == enterprise.sales_band), None)


def _jobs(enterprise: Enterprise) -> dict[str, int | None]:
    told: dict[str, int | None] = {}
    for sex, total, unpaid in (
        ("women", enterprise.jobs_women, enterprise.unpaid_women),
        ("men", enterprise.jobs_men, enterprise.unpaid_men),
    ):
        told |= {f"{sex}_unpaid": unpaid, f"{sex}_paid": None if unpaid is None else total - unpaid}
    return told


def _partners(session: Session, caller: Caller, view: View, enterprise: Enterprise) -> list[dict[str, Any]]:
    """Suppliers and buyers; a registered one by its name where its record is there for the caller too."""
    partners = [partner.value for partner in enterprise.partners]
    ids = [partner.enterprise_id for partner in partners if partner.enterprise_id is not None]
    registered = session.scalars(select(Enterprise).where(Enterprise.id.in_(ids)))
    names = {
        one.id: one.name
        for one in registered
        if one.active and caller.scope.covers(one.municipality) and shows(view, one)
    }
    told = []
    for partner in partners:
        name = partner.name if partner.enterprise_id is None else names.get(partner.enterprise_id)
        told.append(partner.to_json() | {"enterprise_id": partner.enterprise_id, "name": name if view.names else None})
    return told


def _step(view: View, sealer: Sealer, step: FormalStep) -> dict[str, Any]:
    number = step.number_masked if view.document == "masked" else None
    if view.document == "full" and step.number_sealed is not None:
        number = sealer.opened(step.number_sealed, step_key(step.enterprise_id, step.step)).decode()
    return {"step": step.step, "state": step.state, "on": step.happened_on, "number": number}


def _loans(session: Session, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    rows = session.scalars(select(CopyLoan).where(CopyLoan.enterprise_id.in_(ids)).order_by(CopyLoan.loan_id)).all()
    return [
        {
            "loan_id": loan.loan_id,
            "amount": _money(loan.amount_minor, loan.currency),
            "outstanding": _money(loan.outstanding_minor, loan.currency),
            "disbursed_on": loan.disbursed_on,
            "term_months": loan.term_months,
            "settled_on": loan.settled_on,
        }
        for loan in rows
    ]


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)

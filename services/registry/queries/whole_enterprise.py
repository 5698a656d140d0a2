"""One enterprise as its readers see it: all of its record, and who changed what of it."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.codes import activities, sales_bands
from services.registry.models import CopyLoan, Enterprise, Entrepreneur, FormalStep
from services.registry.queries.people import show_owner, warnings_about_women
from services.registry.queries.seeing import shows, view_for
from services.registry.rules.inventory import PURPOSES
from services.registry.rules.sales import Band, band_of
from services.registry.rules.visibility import View
from services.registry.rules.warnings import warnings_of
from services.registry.sealing import Sealer, step_key
from services.registry.use_cases.records import absorbed_by, standing_for
from shared import history, places
from shared.identity import Caller
from shared.kernel import Money, NotFound
from shared.masking import masked_point
from shared.web.paging import Page, keyset_page


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
        **_place(view, enterprise),
        **_business(view, enterprise),
        "partners": _partners(session, caller, view, enterprise),
        "formalization": [_step(view, sealer, step) for step in enterprise.steps],
        **_standing(enterprise),
        "owners": [show_owner(view, sealer, owner) | _answers(view, owner) for owner in owners] if view.names else [],
        "loans": _loans(session, enterprise.id) if view.loans else [],
        "warnings": [
            *(_warnings_of(enterprise) if view.exact_point else ()),
            *warnings_about_women(view, sealer, owners, enterprise.municipality[:2]),
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


def _place(view: View, enterprise: Enterprise) -> dict[str, Any]:
    """Where it works, as it was declared and as its point says."""
    return {
        "municipality": enterprise.municipality,
        "municipality_name": places.full_name(enterprise.municipality),
        "division_2024": places.divisions_2024().get(enterprise.municipality),
        "derived_municipality": enterprise.derived_municipality,
        "derived_municipality_name": places.full_name(enterprise.derived_municipality) or None,
        "place_state": enterprise.place_state,
        "place_boundaries": enterprise.place_boundaries,
        "snapped_m": enterprise.snapped_m if view.exact_point else None,
        "point": _point(view, enterprise),
        "address": enterprise.address if view.exact_point else None,
    }


def _business(view: View, enterprise: Enterprise) -> dict[str, Any]:
    """What it does, with whom, and what it brings in."""
    names = ("site", "activity", "chain", "chain_declared", "started_year", "jobs_women", "jobs_men", "formal")
    return {name: getattr(enterprise, name) for name in (*names, "ownership", "assets")} | {
        "activity_title": _title(enterprise.activity),
        "links": list(enterprise.tagged("link")),
        "needs": list(enterprise.tagged("need")),
        "markets": list(enterprise.tagged("market")),
        "products": [product.value for product in enterprise.products],
        "jobs": _jobs(enterprise),
        "sales": _sales(view, enterprise),
        "sales_band": _band(view, enterprise),
    }


def _standing(enterprise: Enterprise) -> dict[str, Any]:
    """How far it is checked, what its owners agree to, and since when it is there."""
    names = ("validation", "checked_on", "tier", "consent_registry", "consent_credit", "consent_map")
    return {name: getattr(enterprise, name) for name in (*names, "recorded_on", "changed_at", "active")}


def _warnings_of(enterprise: Enterprise) -> list[dict[str, Any]]:
    return warnings_of(enterprise.profile(), enterprise.place_state, enterprise.snapped_m)


def _answers(view: View, woman: Entrepreneur) -> dict[str, Any]:
    """Her last answer for each purpose, for the team."""
    last = {consent.purpose: consent for consent in woman.consents} if view.circumstances else {}
    return {"answers": [last[purpose] for purpose in PURPOSES if purpose in last]}


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


def _loans(session: Session, enterprise_id: UUID) -> list[dict[str, Any]]:
    """Its loans, and those of what became part of it."""
    ids = [enterprise_id, *absorbed_by(session, Enterprise, [enterprise_id])]
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

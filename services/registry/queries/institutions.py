"""Centres, institutions and agreements as their readers see them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session

from services.registry.models import Agreement, Centre, Covered, Institution
from services.registry.rules.institutions import around, standing
from services.registry.use_cases.run_institutions import require_near
from shared import files, places
from shared.identity import Caller
from shared.kernel import Forbidden, NotFound, clock


def list_institutions(session: Session, caller: Caller, filters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The institutions of the caller's territory and of what holds it, by name, each with its agreements."""
    statement = select(Institution).where(_near(caller)).order_by(Institution.name, Institution.id)
    if kind := filters.get("kind"):
        statement = statement.where(Institution.kind == kind)
    if q := filters.get("q"):
        statement = statement.where(func.lower(Institution.name).contains(q.lower(), autoescape=True))
    return [_institution(one) for one in session.scalars(statement)]


def show_institution(session: Session, caller: Caller, institution_id: UUID) -> dict[str, Any]:
    """One institution with its agreements; refuses one of another territory."""
    found = session.get(Institution, institution_id)
    if found is None:
        raise NotFound("institution.unknown")
    require_near(caller, found.unit)
    return _institution(found)


def list_centres(session: Session, caller: Caller) -> list[dict[str, Any]]:
    """The centres that cover a municipality of the caller's territory, by name."""
    here = exists().where(Covered.centre_id == Centre.id, caller.scope.condition(Covered.municipality))
    return [_centre(session, one) for one in session.scalars(select(Centre).where(here).order_by(Centre.name))]


def show_centre(session: Session, caller: Caller, centre_id: UUID) -> dict[str, Any]:
    """One centre with its coverage, its team and its agreements."""
    found = session.get(Centre, centre_id)
    if found is None:
        raise NotFound("centre.unknown")
    if not any(caller.scope.covers(code) for code in found.municipalities):
        raise Forbidden("permission.outside_scope", unit=found.country)
    return _centre(session, found)


def show_agreement(session: Session, caller: Caller, agreement_id: UUID) -> dict[str, Any]:
    return _agreement(_found(session, caller, agreement_id))


def signed_file(session: Session, caller: Caller, agreement_id: UUID) -> tuple[str, bytes]:
    """The name and the bytes of the signed paper; refuses where none was kept."""
    agreement = _found(session, caller, agreement_id)
    if agreement.file_id is None:
        raise NotFound("agreement.without_file")
    return files.find(session, agreement.file_id).name, files.read(session, agreement.file_id)


def _found(session: Session, caller: Caller, agreement_id: UUID) -> Agreement:
    agreement = session.get(Agreement, agreement_id)
    if agreement is None:
        raise NotFound("agreement.unknown")
    require_near(caller, agreement.institution.unit)
    return agreement


def _near(caller: Caller) -> ColumnElement[bool]:
    return or_(caller.scope.condition(Institution.unit), Institution.unit.in_(around(caller.scope.units)))


def _institution(one: Institution) -> dict[str, Any]:
    return {
        "id": one.id,
        "version": one.version,
        **one.facts(),
        "unit_name": places.name_of(one.unit),
        "agreements": [_agreement(agreement) for agreement in one.agreements],
    }


def _centre(session: Session, one: Centre) -> dict[str, Any]:
    own = or_(Agreement.centre_id == one.id, Agreement.centre_id.is_(None))
    of_its_country = Agreement.institution.has(Institution.unit.startswith(one.country, autoescape=True))
    agreements = session.scalars(
        select(Agreement).where(own, of_its_country).order_by(Agreement.valid_from.desc(), Agreement.id)
    )
    return {
        "id": one.id,
        "version": one.version,
        **one.facts(),
        "host_name": None if one.host is None else one.host.name,
        "country_name": places.name_of(one.country),
        "currency": one.currency,
        "municipality_names": [places.full_name(code) for code in one.municipalities],
        "agreements": [_agreement(agreement) for agreement in agreements],
    }


def _agreement(one: Agreement) -> dict[str, Any]:
    return {
        "id": one.id,
        "version": one.version,
        "institution_id": one.institution_id,
        "institution_name": one.institution.name,
        "centre_id": one.centre_id,
        "centre_name": None if one.centre is None else one.centre.name,
        "purpose": one.purpose,
        "signed_on": one.signed_on,
        "valid_from": one.valid_from,
        "valid_until": one.valid_until,
        "standing": standing(one.valid_from, one.valid_until, clock.today()),
        "has_file": one.file_id is not None,
    }

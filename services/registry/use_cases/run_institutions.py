"""Centres, institutions and agreements are written down and put right."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import Agreement, Centre, Institution
from services.registry.rules.institutions import around, is_pdf
from services.registry.use_cases.rows import locked, write, write_history
from services.registry.use_cases.undertakings import require_municipalities
from shared import files, places
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid


def write_institution(
    session: Session, caller: Caller, institution_id: UUID | None, version: int | None, facts: Mapping[str, Any]
) -> Institution:
    """A new institution, or the one with this id changed; refuses a place that is none or not the caller's."""
    if facts["unit"] not in places.names():
        raise Invalid("municipality.unknown", pointer="/unit", value=facts["unit"])
    require_near(caller, facts["unit"])
    known = None if institution_id is None else institution_to_change(session, caller, institution_id, version)
    return write(session, caller, known, Institution.found, facts)


def write_centre(
    session: Session, caller: Caller, centre_id: UUID | None, version: int | None, facts: Mapping[str, Any]
) -> Centre:
    """A new centre, or the one with this id changed. Refuses municipalities that are none, and those outside the
    caller's territory that it does not cover already.
    """
    told = dict(facts)
    host_id = told.pop("host_id")
    centre = None if centre_id is None else centre_to_change(session, caller, centre_id, version)
    known = set() if centre is None else set(centre.municipalities)
    require_municipalities(caller, set(told["municipalities"]) ^ known)
    told["host"] = None if host_id is None else institution_to_change(session, caller, host_id, None)
    return write(session, caller, centre, Centre.open, told)


def sign_agreement(session: Session, caller: Caller, institution_id: UUID, facts: Mapping[str, Any]) -> Agreement:
    """A new agreement with an institution, of one centre or of the whole network."""
    institution = institution_to_change(session, caller, institution_id, None)
    told = _with_centre(session, caller, facts)
    return write(session, caller, None, partial(Agreement.sign, institution), told)


def change_agreement(
    session: Session, caller: Caller, agreement_id: UUID, version: int | None, facts: Mapping[str, Any]
) -> Agreement:
    """The agreement as the paper says it."""
    agreement = agreement_to_change(session, caller, agreement_id, version)
    return write(session, caller, agreement, Agreement.sign, _with_centre(session, caller, facts))


def keep_signed_file(session: Session, caller: Caller, agreement_id: UUID, *, name: str, content: bytes) -> Agreement:
    """The signed paper as a PDF; the one before it is erased. Refuses what is no PDF."""
    if not is_pdf(content):
        raise Invalid("agreement.not_a_pdf", pointer="/file")
    agreement = agreement_to_change(session, caller, agreement_id, None)
    before = agreement.facts()
    stored = files.store(session, content, name=name, media_type="application/pdf", kind="agreement", caller=caller)
    if agreement.file_id is not None:
        files.erase(session, agreement.file_id)
    agreement.file(stored.id)
    write_history(session, caller, agreement, "change", before=before, after=agreement.facts())
    return agreement


def require_near(caller: Caller, unit: str) -> None:
    """Refuses an institution of another territory; one of the caller's department or country is hers to deal with."""
    if not caller.scope.covers(unit) and unit not in around(caller.scope.units):
        raise Forbidden("permission.outside_scope", unit=unit)


def institution_to_change(session: Session, caller: Caller, institution_id: UUID, version: int | None) -> Institution:
    """The locked row, of the caller's territory."""
    institution = locked(session, Institution, institution_id, "institution.unknown")
    require_near(caller, institution.unit)
    institution.require_version(version)
    return institution


def centre_to_change(session: Session, caller: Caller, centre_id: UUID, version: int | None) -> Centre:
    """The locked row; it covers a municipality of the caller's territory."""
    centre = locked(session, Centre, centre_id, "centre.unknown")
    if not any(caller.scope.covers(code) for code in centre.municipalities):
        raise Forbidden("permission.outside_scope", unit=centre.country)
    centre.require_version(version)
    return centre


def agreement_to_change(session: Session, caller: Caller, agreement_id: UUID, version: int | None) -> Agreement:
    """The locked row, with an institution of the caller's territory."""
    agreement = locked(session, Agreement, agreement_id, "agreement.unknown")
    require_near(caller, agreement.institution.unit)
    agreement.require_version(version)
    return agreement


def _with_centre(session: Session, caller: Caller, facts: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(facts)
    centre_id = told.pop("centre_id")
    return told | {"centre": None if centre_id is None else centre_to_change(session, caller, centre_id, None)}

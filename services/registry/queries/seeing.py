"""Which records are there at all for a caller: in lists, one by one, and with what belongs to them."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import Session

from services.registry.models import Accompaniment, BusinessPlan, Enterprise
from services.registry.rules.visibility import View, view_of
from shared.identity import Caller
from shared.kernel import Forbidden, NotFound

Belonging = TypeVar("Belonging", Accompaniment, BusinessPlan)


def view_for(caller: Caller) -> View:
    """What this caller may see; refuses who may see no record at all."""
    view = view_of(caller.roles)
    if view is None:
        raise Forbidden("permission.no_records")
    return view


def shown_to(view: View) -> list[ColumnElement[bool]]:
    """The records that are there at all for who has this view."""
    conditions: list[ColumnElement[bool]] = []
    if not view.taken_back:
        conditions.append(or_(Enterprise.consent_registry, ~Enterprise.active))
    if view.only_credit_consent:
        conditions.append(Enterprise.consent_credit.is_(True))
    return conditions


def shows(view: View, enterprise: Enterprise) -> bool:
    """Whether a record is there at all for who has this view; a withdrawn one has nothing left to hide."""
    agreed = enterprise.consent_registry or not enterprise.active
    return view.shows(consent_registry=agreed, consent_credit=enterprise.consent_credit)


def require_seen(session: Session, caller: Caller, enterprise_id: UUID) -> Enterprise:
    """The record, if it is there for the caller and lies in her territory."""
    view, found = view_for(caller), session.get(Enterprise, enterprise_id)
    if found is None or not shows(view, found):
        raise NotFound("enterprise.unknown")
    caller.require_scope(found.municipality)
    return found


def require_belonging(
    session: Session, caller: Caller, kind: type[Belonging], belonging_id: UUID, unknown: str
) -> tuple[Belonging, Enterprise]:
    """What belongs to a record, with the record; refused with the code `unknown` where one of them is not there for the
    caller, and where the record lies outside her territory today.
    """
    view, found = view_for(caller), session.get(kind, belonging_id)
    enterprise = None if found is None else session.get_one(Enterprise, found.enterprise_id)
    if found is None or enterprise is None or not shows(view, enterprise):
        raise NotFound(unknown)
    caller.require_scope(enterprise.municipality)
    return found, enterprise

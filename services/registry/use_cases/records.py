"""What every change of a record goes through: the right row, the caller's territory, the history, the event."""

from collections.abc import Iterable
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.codes import activities
from services.registry.models import Enterprise, Entrepreneur, Owner
from services.registry.models.newcomers import Newcomer
from services.registry.rules import capture
from services.registry.rules.inventory import Partner, Profile, over_full
from services.registry.use_cases.rows import locked, locked_in_scope, write_history
from shared import places
from shared.bus import log
from shared.events.registry import EnterpriseChanged, EnterpriseFacts, EnterpriseRegistered
from shared.identity import Caller
from shared.kernel import Invalid

Record = TypeVar("Record", Enterprise, Entrepreneur)


def standing_for(session: Session, entity: type[Record], record_id: UUID) -> Record | None:
    """The record with this id or, where it became part of another, that other; None where there is none."""
    found = session.get(entity, record_id)
    while found is not None and found.merged_into is not None:
        found = session.get(entity, found.merged_into)
    return found


def standing_locked(session: Session, enterprise_id: UUID) -> Enterprise:
    """The locked row of the enterprise, or of the one it became part of. Refuses an unknown one."""
    stands = standing_for(session, Enterprise, enterprise_id)
    return locked(session, Enterprise, enterprise_id if stands is None else stands.id, "enterprise.unknown")


def absorbed_by(session: Session, entity: type[Record], ids: Iterable[UUID]) -> list[UUID]:
    """The ids of all records that became part of these, and of those that had become part of them."""
    found: list[UUID] = []
    reached = list(ids)
    while reached:
        reached = list(session.scalars(select(entity.id).where(entity.merged_into.in_(reached)).order_by(entity.id)))
        found += reached
    return found


def enterprise_to_change(session: Session, caller: Caller, enterprise_id: UUID, version: int | None) -> Enterprise:
    """The locked row; refuses what lies outside the caller's territory, and an old version."""
    return locked_in_scope(session, caller, Enterprise, enterprise_id, version, "enterprise.unknown")


def entrepreneur_to_change(
    session: Session, caller: Caller, entrepreneur_id: UUID, version: int | None
) -> tuple[Entrepreneur, list[Enterprise]]:
    """The locked row and her enterprises, locked too; all of them lie in the caller's territory."""
    entrepreneur = locked(session, Entrepreneur, entrepreneur_id, "entrepreneur.unknown")
    enterprises = enterprises_of(session, entrepreneur_id)
    for enterprise in enterprises:
        caller.require_scope(enterprise.municipality)
    entrepreneur.require_version(version)
    return entrepreneur, enterprises


def enterprises_of(session: Session, entrepreneur_id: UUID) -> list[Enterprise]:
    """Her enterprises, locked in the order of their ids."""
    owned = select(Owner.enterprise_id).where(Owner.entrepreneur_id == entrepreneur_id)
    found = select(Enterprise).where(Enterprise.id.in_(owned)).order_by(Enterprise.id).with_for_update(of=Enterprise)
    return list(session.scalars(found.execution_options(populate_existing=True)))


def check_profile(caller: Caller, profile: Profile) -> None:
    """Refuses a profile of an unknown place, outside the caller's territory, at sea or in another currency."""
    if profile.municipality not in places.municipalities():
        raise Invalid("municipality.unknown", pointer="/municipality", value=profile.municipality)
    caller.require_scope(profile.municipality)
    if profile.activity is not None and profile.activity not in activities():
        raise Invalid("activity.unknown", pointer="/activity", value=profile.activity)
    if side := over_full(profile.partners):
        raise Invalid(f"partner.{side}s_over_all", pointer="/partners")
    here = profile.position
    if here and (refused := capture.refused_point(here.lon, here.lat)):
        raise Invalid(refused, pointer="/point", lon=here.lon, lat=here.lat)
    prices = [("/sales", profile.sales)]
    prices += [(f"/products/{i}/price", product.price) for i, product in enumerate(profile.products)]
    for pointer, money in prices:
        if money is not None and money.currency != profile.currency:
            raise Invalid("enterprise.currency", pointer=pointer, currency=profile.currency)


def check_partners(session: Session, caller: Caller, enterprise_id: UUID | None, partners: Iterable[Partner]) -> None:
    """Refuses registered partners that are no enterprise of the caller's territory, and an enterprise's own self."""
    wanted = {partner.enterprise_id for partner in partners if partner.enterprise_id is not None}
    if enterprise_id in wanted:
        raise Invalid("partner.itself", pointer="/partners")
    found = session.scalars(select(Enterprise).where(Enterprise.id.in_(wanted)))
    known = {one.id for one in found if one.counts and caller.scope.covers(one.municipality)}
    if wanted - known:
        raise Invalid("partner.unknown", pointer="/partners")


def announce_registered(session: Session, caller: Caller, enterprise: Enterprise) -> None:
    """Write the first entry of its history and tell the others."""
    session.flush()
    write_history(session, caller, enterprise, "register", after=told(enterprise))
    log.append(session, EnterpriseRegistered(facts=enterprise.facts()), enterprise.id)


def announce_changed(
    session: Session,
    caller: Caller,
    enterprise: Enterprise,
    *,
    action: str,
    before: dict[str, Any],
    facts: EnterpriseFacts,
) -> None:
    """Write what changed into its history; tell the others where what they may know changed."""
    session.flush()
    if told(enterprise) != before:
        write_history(session, caller, enterprise, action, before=before, after=told(enterprise))
    if enterprise.facts() != facts:
        log.append(session, EnterpriseChanged(facts=enterprise.facts()), enterprise.id)


def told(enterprise: Enterprise | Newcomer) -> dict[str, Any]:
    """What the history says of an enterprise at one moment."""
    settled = {
        "place_state": enterprise.place_state,
        "derived_municipality": enterprise.derived_municipality,
        "validation": enterprise.validation,
        "checked_on": enterprise.checked_on and enterprise.checked_on.isoformat(),
        "consent_registry": enterprise.consent_registry,
        "consent_credit": enterprise.consent_credit,
        "consent_map": enterprise.consent_map,
        "owners": [str(owner_id) for owner_id in enterprise.owner_ids],
        "formalization": {
            step.step: {"state": step.state, "on": step.happened_on, "number": step.number_masked}
            for step in enterprise.steps
        },
    }
    return enterprise.profile().to_json() | settled

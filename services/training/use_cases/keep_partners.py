"""Partners of the programme are written down, and what is agreed with them."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import Activity, Agreement, Partner
from services.training.models.smes import name_key
from services.training.queries.scope import check_units
from services.training.use_cases.finding import locked, recorder, require_near
from shared import history
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock, uuid7


def write_partner(session: Session, caller: Caller, *, unit: str, name: str, kind: str) -> Partner:
    """The partner; refuses one of its country that stands here already."""
    partner = Partner(id=uuid7(), **recorder(caller))
    _tell(session, caller, partner, {"unit": unit, "name": name, "kind": kind})
    session.add(partner)
    session.flush()
    told = {"unit": unit, "name": partner.name, "kind": kind}
    history.record(session, caller, subject=partner.id, kind="csr_partner", action="write", after=told)
    return partner


def change_partner(session: Session, caller: Caller, partner_id: UUID, *, version: int | None, **facts: Any) -> Partner:
    """The partner with another name, kind or home."""
    partner = locked(session, Partner, partner_id, "csr_partner.unknown", caller, near=True)
    partner.require_version(version)
    before = {"unit": partner.unit, "name": partner.name, "kind": partner.kind}
    _tell(session, caller, partner, facts)
    session.flush()
    history.record(session, caller, subject=partner.id, kind="csr_partner", action="change", before=before, after=facts)
    return partner


def sign_agreement(
    session: Session,
    caller: Caller,
    *,
    unit: str,
    partner_ids: Collection[UUID],
    signed_on: date,
    ends_on: date | None,
    activity_id: UUID | None,
    **told: str,
) -> Agreement:
    """The agreement; refuses a day still to come, an end before it, and partners and dialogues that are not known."""
    check_units([unit], pointer="/unit")
    require_near(caller, unit)
    if signed_on > clock.today():
        raise Invalid("csr_agreement.day_to_come", pointer="/signed_on", today=clock.today())
    wanted = select(Partner).where(Partner.id.in_(set(partner_ids))).order_by(Partner.name_key)
    partners = list(session.scalars(wanted))
    if len(partners) < len(set(partner_ids)):
        raise Invalid("csr_partner.unknown", pointer="/partner_ids")
    if activity_id is not None:
        came_from = session.get(Activity, activity_id)
        if came_from is None or not caller.scope.covers(came_from.unit):
            raise Invalid("csr_activity.unknown", pointer="/activity_id")
    made = Agreement(id=uuid7(), unit=unit, signed_on=signed_on, activity_id=activity_id, **told, **recorder(caller))
    made.partners = partners
    if ends_on is not None:
        made.end(ends_on)
    session.add(made)
    session.flush()
    after = {"title": made.title, "signed_on": signed_on.isoformat(), "partners": [one.name for one in partners]}
    history.record(session, caller, subject=made.id, kind="csr_agreement", action="sign", after=after)
    return made


def end_agreement(
    session: Session, caller: Caller, agreement_id: UUID, *, version: int | None, ends_on: date
) -> Agreement:
    """The agreement with its last day."""
    agreement = locked(session, Agreement, agreement_id, "csr_agreement.unknown", caller, near=True)
    agreement.require_version(version)
    agreement.end(ends_on)
    session.flush()
    told = {"ends_on": ends_on.isoformat()}
    history.record(session, caller, subject=agreement.id, kind="csr_agreement", action="end", after=told)
    return agreement


def _tell(session: Session, caller: Caller, partner: Partner, facts: dict[str, Any]) -> None:
    check_units([facts["unit"]], pointer="/unit")
    require_near(caller, facts["unit"])
    same = (Partner.country == facts["unit"][:2], Partner.name_key == name_key(facts["name"]))
    known = session.scalar(select(Partner.id).where(*same))
    if known not in (None, partner.id):
        raise Refused("csr_partner.known_already")
    partner.tell(**facts)

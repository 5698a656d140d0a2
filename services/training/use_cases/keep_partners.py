"""Partners of the programme are written down, and what is agreed with them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.training.models import Activity, Agreement, Partner
from services.training.models.smes import name_key
from services.training.queries.scope import check_units
from services.training.use_cases.finding import locked, recorder, require_near
from shared import files, history
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock, uuid7
from shared.papers import kept_of

_FACTS = ("unit", "name", "kind", "learning_kind", "address", "phone", "email", "website")


def write_partner(session: Session, caller: Caller, *, unit: str, name: str, kind: str, **more: str | None) -> Partner:
    """The partner; refuses one of its country that stands here already. `more`: `learning_kind` of a centre that
    teaches, and how the institution is reached: `address`, `phone`, `email`, `website`.
    """
    partner = Partner(id=uuid7(), **recorder(caller))
    _tell(session, caller, partner, {"unit": unit, "name": name, "kind": kind, **more})
    session.add(partner)
    session.flush()
    told = {name: getattr(partner, name) for name in _FACTS}
    history.record(session, caller, subject=partner.id, kind="csr_partner", action="write", after=told)
    return partner


def change_partner(session: Session, caller: Caller, partner_id: UUID, *, version: int | None, **facts: Any) -> Partner:
    """The partner as it is now, all its facts anew: what is not told is known no more."""
    partner = locked(session, Partner, partner_id, "csr_partner.unknown", caller, near=True)
    partner.require_version(version)
    before = {name: getattr(partner, name) for name in _FACTS}
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
    obligations: Sequence[Mapping[str, str]] = (),
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
    made.partners, made.obligations = partners, [dict(one) for one in obligations]
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


def renew_agreement(
    session: Session, caller: Caller, agreement_id: UUID, *, version: int | None, signed_on: date, ends_on: date | None
) -> Agreement:
    """The agreement that takes the place of this one, with the same partners, purpose and obligations. Refuses one that
    was renewed already, and a day on which this one was not yet signed.
    """
    before = locked(session, Agreement, agreement_id, "csr_agreement.unknown", caller, near=True)
    before.require_version(version)
    if session.scalar(select(Agreement.id).where(Agreement.renews_id == before.id)) is not None:
        raise Refused("csr_agreement.renewed_already")
    if signed_on <= before.signed_on:
        raise Invalid("csr_agreement.renewed_before", pointer="/signed_on", day=before.signed_on)
    names = ("unit", "title", "purpose", "contribution", "activity_id", "obligations")
    told = {name: getattr(before, name) for name in names}
    ids = [partner.id for partner in before.partners]
    made = sign_agreement(session, caller, partner_ids=ids, signed_on=signed_on, ends_on=ends_on, **told)
    made.renew(before.id)
    if before.ends_on is None or before.ends_on >= signed_on:
        before.ends_on_renewal(signed_on)
    session.flush()
    after = {"renewed_by": str(made.id)}
    history.record(session, caller, subject=before.id, kind="csr_agreement", action="renew", after=after)
    return made


def keep_paper(session: Session, caller: Caller, agreement_id: UUID, *, name: str, content: bytes) -> Agreement:
    """The agreement with its signed paper, a PDF or a picture; the one before is erased. Refuses anything else."""
    agreement = locked(session, Agreement, agreement_id, "csr_agreement.unknown", caller, near=True)
    kept = kept_of(content)
    if kept is None:
        raise Invalid("csr_agreement.not_a_paper", pointer="/file")
    media_type, paper = kept
    stored = files.store(session, paper, name=name, media_type=media_type, kind="csr-agreement", caller=caller)
    before = agreement.keep_paper(stored.id)
    if before is not None:
        files.erase(session, before)
    session.flush()
    told = {"sha256": stored.sha256}
    history.record(session, caller, subject=agreement.id, kind="csr_agreement", action="keep_paper", after=told)
    return agreement


def _tell(session: Session, caller: Caller, partner: Partner, facts: dict[str, Any]) -> None:
    check_units([facts["unit"]], pointer="/unit")
    require_near(caller, facts["unit"])
    same = (Partner.country == facts["unit"][:2], Partner.name_key == name_key(facts["name"]))
    known = session.scalar(select(Partner.id).where(*same))
    if known not in (None, partner.id):
        raise Refused("csr_partner.known_already")
    partner.tell(**facts)

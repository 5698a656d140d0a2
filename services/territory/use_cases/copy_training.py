"""Keeps what training says of its groups."""

from sqlalchemy.orm import Session

from services.territory.models import CopyGroup, CopyGroupMember
from services.territory.use_cases.as_of import known, took
from shared.bus.envelope import Envelope
from shared.events.training import GroupFormed


def copy_group(session: Session, event: GroupFormed, envelope: Envelope) -> None:
    """The group and its members, those excepted whose owner withdrew."""
    took(session, envelope)
    session.merge(
        CopyGroup(
            id=event.group_id,
            chain=event.chain,
            need=event.need,
            municipality=event.municipality,
            formed_on=event.formed_on,
        )
    )
    session.flush()
    for enterprise_id in sorted(set(event.enterprise_ids)):
        if known(session, enterprise_id):
            session.merge(CopyGroupMember(group_id=event.group_id, enterprise_id=enterprise_id))
    session.flush()

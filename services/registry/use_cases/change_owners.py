"""Who owns an enterprise: one more woman, or one who does not any more."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import Enterprise
from services.registry.rules.inventory import Person
from services.registry.sealing import Sealer
from services.registry.use_cases.heed_refusals import heed_owners, shared_for
from services.registry.use_cases.records import (
    announce_changed,
    enterprise_to_change,
    enterprises_of,
    entrepreneur_to_change,
    told,
)
from services.registry.use_cases.register_enterprise import Consenting, register_entrepreneur
from shared.identity import Caller
from shared.kernel import Refused


def add_owner(
    session: Session, caller: Caller, sealer: Sealer, enterprise_id: UUID, owner: UUID | tuple[Person, Consenting]
) -> Enterprise:
    """The enterprise with one more owner: a woman known already (her id) or one who is registered with it.

    What she does not agree to, the enterprise does not share any more, and what was kept by the leave of the others
    goes. Refuses her without consent to be registered,
    and who owns it already.
    """
    if isinstance(owner, UUID):
        woman = entrepreneur_to_change(session, caller, owner, None)[0]
        woman.require_agreed()
        enterprise = enterprise_to_change(session, caller, enterprise_id, None)
    else:
        enterprise = enterprise_to_change(session, caller, enterprise_id, None)
        person, consenting = owner
        person = person.callable_from(enterprise.municipality[:2])
        woman = register_entrepreneur(session, caller, sealer, person, consenting)
    before, facts, shared = told(enterprise), enterprise.facts(), shared_for([enterprise])
    enterprise.add_owner(woman)
    session.flush()
    heed_owners(session, [enterprise], shared)
    announce_changed(session, caller, enterprise, action="add-owner", before=before, facts=facts)
    return enterprise


def remove_owner(
    session: Session, caller: Caller, enterprise_id: UUID, entrepreneur_id: UUID, *, version: int | None
) -> Enterprise:
    """The enterprise without one of its owners. Refuses the last one, and a woman who owns nothing else: what is kept
    of her has no reason any more, so that she withdraws instead.
    """
    enterprise = enterprise_to_change(session, caller, enterprise_id, version)
    before, facts = told(enterprise), enterprise.facts()
    enterprise.remove_owner(entrepreneur_id)
    session.flush()
    if not enterprises_of(session, entrepreneur_id):
        raise Refused("owner.of_nothing_else")
    announce_changed(session, caller, enterprise, action="remove-owner", before=before, facts=facts)
    return enterprise

"""A technician writes an enterprise into the inventory by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import Enterprise, Entrepreneur
from services.registry.rules.inventory import Person, Profile
from services.registry.rules.validation import Judgement
from services.registry.sealing import Sealer
from services.registry.tables import chains_on
from services.registry.use_cases.change_entrepreneur import check_person
from services.registry.use_cases.records import (
    announce_registered,
    check_partners,
    check_profile,
    entrepreneur_to_change,
)
from services.registry.use_cases.rows import write_history
from services.registry.use_cases.settle_places import ask_to_settle
from services.registry.use_cases.validate_enterprise import judge
from shared.identity import Caller
from shared.kernel import Invalid, clock


@dataclass(frozen=True, slots=True)
class Consenting:
    """What she answered for each purpose, when and through which channel."""

    answers: Mapping[str, bool]
    given_on: date
    channel: str


def register_enterprise(
    session: Session,
    caller: Caller,
    sealer: Sealer,
    *,
    profile: Profile,
    owner: UUID | tuple[Person, Consenting],
    judgement: Judgement | None = None,
) -> Enterprise:
    """A new enterprise of a woman already known (her id) or of one who is registered with it, checked at once where
    there is a `judgement`.

    Refuses her without consent to be registered, an unknown place, a place outside the caller's territory, and a
    judgement that is not hers to give.
    """
    check_profile(caller, profile)
    check_partners(session, caller, None, profile.partners)
    if isinstance(owner, UUID):
        woman = entrepreneur_to_change(session, caller, owner, None)[0]
        woman.require_agreed()
    else:
        person, consenting = owner
        woman = register_entrepreneur(
            session, caller, sealer, person.callable_from(profile.municipality[:2]), consenting
        )
    enterprise = Enterprise.register(profile, [woman], chains_on(clock.today()), clock.today())
    session.add(enterprise)
    if judgement is not None:
        session.flush()
        judge(session, caller, enterprise, judgement)
    announce_registered(session, caller, enterprise)
    ask_to_settle(session, caller, enterprise)
    return enterprise


def register_entrepreneur(
    session: Session, caller: Caller, sealer: Sealer, person: Person, consenting: Consenting
) -> Entrepreneur:
    """A new woman with her answers; refuses her without consent to be registered."""
    if not consenting.answers.get("registry"):
        raise Invalid("consent.registry_needed", pointer="/owner/consents/registry")
    if consenting.given_on > clock.today():
        raise Invalid("consent.in_the_future", pointer="/owner/consents/given_on", today=clock.today().isoformat())
    check_person(person, "/owner")
    woman = Entrepreneur.register(person, sealer)
    for purpose, granted in consenting.answers.items():
        woman.agree(purpose, granted, consenting.given_on, consenting.channel, caller.subject)
    session.add(woman)
    write_history(session, caller, woman, "register", after=person.to_json() | {"consents": dict(consenting.answers)})
    return woman

"""What is known of a woman is put right, and what she agrees to."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.codes import languages
from services.registry.models import Enterprise, Entrepreneur
from services.registry.rules import national_ids
from services.registry.rules.inventory import Person
from services.registry.rules.national_ids import Confirmation
from services.registry.sealing import Sealer
from services.registry.use_cases.heed_refusals import agreed_to, heed_refusals
from services.registry.use_cases.records import announce_changed, entrepreneur_to_change, told
from services.registry.use_cases.rows import write_history
from shared import places
from shared.identity import Caller
from shared.kernel import Invalid, Refused, clock


def change_entrepreneur(
    session: Session,
    caller: Caller,
    sealer: Sealer,
    entrepreneur_id: UUID,
    *,
    version: int | None,
    changes: Mapping[str, Any],
) -> Entrepreneur:
    """The woman with `changes` (fields of `Person`) made; refuses an old version."""
    woman, enterprises = entrepreneur_to_change(session, caller, entrepreneur_id, version)
    before = woman.person(sealer)
    after = replace(before, **changes)
    check_person(after)
    if enterprises:
        after = after.callable_from(enterprises[0].municipality[:2])
    woman.describe(after, sealer)
    for enterprise in enterprises:
        enterprise.heed_consents()
    if after != before:
        write_history(session, caller, woman, "change", before=before.to_json(), after=after.to_json())
    return woman


def check_person(person: Person, pointer: str = "") -> None:
    """Refuses a day of birth that is still to come, and a language that is none of the list."""
    if person.born_on is not None and person.born_on > clock.today():
        raise Invalid("entrepreneur.born_in_the_future", pointer=f"{pointer}/born_on")
    for spoken in person.languages:
        if spoken not in languages():
            raise Invalid("language.unknown", pointer=f"{pointer}/languages", value=spoken)


def confirm_document(
    session: Session, caller: Caller, sealer: Sealer, entrepreneur_id: UUID, *, version: int | None, because: str
) -> Entrepreneur:
    """Somebody saw her document and says that its number is right although something about it is wrong; who, when and
    why stays on record. Refuses where nothing is wrong with it.
    """
    woman, _ = entrepreneur_to_change(session, caller, entrepreneur_id, version)
    person = woman.person(sealer)
    finding = None
    if person.id_number is not None and person.id_kind in national_ids.KINDS:
        finding = national_ids.examine(
            person.id_kind, person.id_number, municipalities=places.municipalities(), year=clock.today().year
        )
    if finding is None:
        raise Refused("national_id.nothing_to_confirm")
    before = woman.confirmation
    woman.confirm_document(Confirmation(caller.subject, caller.name, clock.today(), because))
    session.flush()
    was = None if before is None else {"because": before.because}
    now = {"finding": finding.code, "because": because}
    write_history(session, caller, woman, "confirm-document", before=was, after=now)
    return woman


def record_consent(
    session: Session,
    caller: Caller,
    entrepreneur_id: UUID,
    *,
    purpose: str,
    granted: bool,
    given_on: date,
    channel: str,
) -> Entrepreneur:
    """Her answer for one purpose; her enterprises follow it at once. Refuses to take back the consent to be
    registered: that is a withdrawal.
    """
    if purpose == "registry" and not granted:
        raise Refused("consent.withdraw_instead")
    if given_on > clock.today():
        raise Invalid("consent.in_the_future", pointer="/given_on", today=clock.today().isoformat())
    woman, enterprises = entrepreneur_to_change(session, caller, entrepreneur_id, None)
    known = [(enterprise, told(enterprise), enterprise.facts()) for enterprise in enterprises]
    agreed = agreed_to(woman)
    woman.agree(purpose, granted, given_on, channel, caller.subject)
    heed_refusals(session, woman, agreed)
    write_history(
        session,
        caller,
        woman,
        "consent",
        before={purpose: purpose in agreed},
        after={purpose: granted, "given_on": given_on.isoformat(), "channel": channel},
    )
    follow_consents(session, caller, known)
    return woman


def follow_consents(session: Session, caller: Caller, known: list[tuple[Enterprise, dict[str, Any], Any]]) -> None:
    """Her enterprises take over what she agrees to now; `known` is how they stood before."""
    for enterprise, before, facts in known:
        enterprise.heed_consents()
        announce_changed(session, caller, enterprise, action="consent", before=before, facts=facts)

"""What stands behind a loan is counted before the committee sees it, and named and bound when it is paid out."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.directory import Guarantors, Names, Owner, People
from services.credit.models import Application, CreditGroup, CreditRegulations, Guarantee, TrustFund
from services.credit.rules.guarantees import GUARANTOR, JOINT, Coverage, Offer
from services.credit.rules.restructuring import LENDING
from services.credit.sealing import open_person
from shared.identity import Caller
from shared.kernel import Refused, clock


def nobody_known(_person: UUID) -> Owner | None:
    """Names where there is no registry to ask: refuses whoever would have to be named."""
    raise Refused("registry.away")


def coverage_of(session: Session, application: Application, edition: CreditRegulations, amount: int) -> Coverage:
    """How far what stands in the file covers `amount`, as an edition counts it; in a group the other members answer for
    all of it together.
    """
    standing = [one for one in Guarantee.of(session, application.id) if one.stands]
    offers = [one.offer for one in standing if one.kind != JOINT]
    if len(offers) < len(standing) or CreditGroup.of(session, application.id):
        offers.append(Offer(JOINT, amount))
    return edition.read().guarantees.coverage(application.product, amount, offers)


def require_covered(session: Session, application: Application) -> None:
    """Refuses an application whose guarantees cover less of what was recommended than the regulations it was measured
    against ask for, naming what is missing.
    """
    if application.appraisals and application.kind in LENDING:
        appraisal = application.appraisal
        found = coverage_of(session, application, appraisal.edition, appraisal.amount)
        if not found.enough:
            raise Refused(
                "guarantee.not_covered",
                number=application.number,
                percent=found.percent,
                needed=found.needed,
                missing=session.get_one(TrustFund, application.fund_id).money(found.missing),
            )


def named_guarantors(session: Session, application: Application, names: Names, people: People) -> Guarantors:
    """The guarantors of an application by name; ask before anything is locked: the registry may take its time. Refuses
    one whom the registry knows no more.
    """
    known: dict[UUID, Owner] = {}
    for guarantee in Guarantee.of(session, application.id):
        if guarantee.sealed is not None:
            person = open_person(session, guarantee.id, guarantee.sealed)
            known[guarantee.id] = Owner(person.name, person.document)
        elif guarantee.guarantor_id is not None:
            found = people(guarantee.guarantor_id)
            if found is None:
                raise Refused("guarantee.guarantor_gone", number=application.number)
            known[guarantee.id] = found
    members = {one: names(one).owners for one in _others(session, application)}
    return Guarantors(known, members)


def bind_guarantees(
    session: Session, caller: Caller, application: Application, guarantors: Guarantors
) -> list[Guarantee]:
    """All that stands behind the loan on the day it is paid out, the members of the group among it; refuses where it is
    not what was named, or covers less than it must.
    """
    require_covered(session, application)
    found = [one for one in Guarantee.of(session, application.id) if one.stands]
    people = {one.id for one in found if one.kind == GUARANTOR}
    if people != guarantors.people.keys() or set(_others(session, application)) != guarantors.members.keys():
        raise Refused("guarantee.changed", number=application.number)
    for enterprise_id in guarantors.members:
        joint = Guarantee(
            application_id=application.id,
            kind=JOINT,
            description="",
            value=application.approved_amount,
            enterprise_id=enterprise_id,
            added_on=clock.today(),
            added_by=caller.subject,
            added_by_name=caller.name,
        )
        session.add(joint)
        found.append(joint)
    session.flush()
    return found


def _others(session: Session, application: Application) -> list[UUID]:
    """The enterprises of the other members of its group."""
    group = CreditGroup.of(session, application.id)
    return [one.enterprise_id for one in group.applications if one is not application] if group else []

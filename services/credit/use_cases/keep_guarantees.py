"""What stands behind an application is put into its file, shown, and forgotten."""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.credit.directory import People
from services.credit.models import Application, CopyEnterprise, CopyMerged, Guarantee, Loan, regulations_in_force
from services.credit.rules.guarantees import GUARANTOR, Guarantees
from services.credit.sealing import Outsider, seal_person
from services.credit.use_cases import find
from shared import files, history, merged
from shared.identity import Caller
from shared.kernel import Invalid, Money, NotFound, clock, uuid7
from shared.papers import kept_of


def offer_guarantee(
    session: Session,
    caller: Caller,
    *,
    application_id: UUID,
    kind: str,
    value: Money,
    people: People,
    description: str = "",
    guarantor_id: UUID | None = None,
    outsider: Outsider | None = None,
) -> Guarantee:
    """The guarantee, in the file of an application that is not before the committee, refused or paid out.

    A guarantor is a woman of the registry or an `outsider`, one of the two; anything else has none. Refuses a kind that
    the product does not take, an owner of the enterprise itself, one whom the registry does not know, once it is
    approved one to whom is close who decided on it, and one who guarantees as many credits already as the regulations
    allow: the fund is locked, so that two files do not take her at the same moment. The registry is asked before that.
    """
    fund_id = find.application(session, caller, application_id).fund_id
    _require_person(kind, guarantor_id, outsider, people)
    fund = find.fund(session, caller, fund_id, lock=True)
    application = find.application(session, caller, application_id, lock=True)
    rules = _require_taken(session, application, kind)
    guarantee = Guarantee(
        id=uuid7(),
        application_id=application.id,
        kind=kind,
        description=description.strip(),
        value=fund.cents(value, "/value"),
        guarantor_id=guarantor_id,
        added_on=clock.today(),
        added_by=caller.subject,
        added_by_name=caller.name,
    )
    if outsider is not None:
        guarantee.seal(*seal_person(session, guarantee.id, outsider))
    _require_free(session, application, guarantee, rules)
    session.add(guarantee)
    session.flush()
    _remember(session, caller, guarantee, "offer_guarantee")
    return guarantee


def drop_guarantee(session: Session, caller: Caller, *, application_id: UUID, guarantee_id: UUID) -> Application:
    """The application without a guarantee, of which nothing is kept; refuses once it is before the committee."""
    application, guarantee = _changing(session, caller, application_id, guarantee_id)
    _remember(session, caller, guarantee, "drop_guarantee")
    _erase(session, guarantee.file_id)
    session.delete(guarantee)
    session.flush()
    return application


def show_guarantee(
    session: Session, caller: Caller, *, application_id: UUID, guarantee_id: UUID, name: str, content: bytes
) -> Guarantee:
    """The guarantee with its paper, a PDF or a picture; the one before it is erased."""
    _, guarantee = _changing(session, caller, application_id, guarantee_id, approved=True)
    kept = kept_of(content)
    if kept is None:
        raise Invalid("file.neither_pdf_nor_picture", pointer="/file")
    stored = files.store(session, kept[1], name=name, media_type=kept[0], kind="guarantee", caller=caller)
    _erase(session, guarantee.show(stored.id))
    session.flush()
    _remember(session, caller, guarantee, "show_guarantee")
    return guarantee


def paper_of(session: Session, application: Application, guarantee_id: UUID) -> UUID:
    """The file that shows a guarantee of an application."""
    guarantee = session.get(Guarantee, guarantee_id)
    if guarantee is None or guarantee.application_id != application.id or guarantee.file_id is None:
        raise NotFound("guarantee.unknown")
    return guarantee.file_id


def forget_guarantees(
    session: Session, applications: Iterable[Application], entrepreneur_id: UUID | None = None
) -> int:
    """Erase who guaranteed what was not paid out or is paid back, and `entrepreneur_id` herself wherever she guarantees
    nothing that is still owed; comes back with how many guarantees were emptied.
    """
    ids = [one.id for one in applications]
    owing = select(Loan.application_id).where(Loan.application_id.in_(ids), Loan.state != "settled")
    behind = select(Guarantee).where(Guarantee.application_id.in_(ids), Guarantee.application_id.not_in(owing))
    found = list(session.scalars(behind))
    if entrepreneur_id is not None:
        found += [one for one in _given_by(session, entrepreneur_id) if not _owed(session, one)]
    emptied = [one for one in dict.fromkeys(found) if one.personal]
    for guarantee in emptied:
        _erase(session, guarantee.forget_person())
    return len(emptied)


def forget_outsiders(session: Session, application: Application) -> None:
    """Erase who would have guaranteed an application that was refused and stands in no register: nothing was signed."""
    for guarantee in Guarantee.of(session, application.id):
        if guarantee.sealed is not None:
            _erase(session, guarantee.forget_person())


def guarantees_owed(session: Session, entrepreneur_id: UUID, enterprise_ids: Collection[UUID]) -> bool:
    """Whether a woman guarantees a loan that is not paid back, or something that names somebody stands behind hers."""
    hers = select(Guarantee).join(Loan, Loan.application_id == Guarantee.application_id)
    behind = session.scalars(hers.where(Loan.enterprise_id.in_(enterprise_ids)))
    return any(one.personal for one in behind) or any(
        _owed(session, one) for one in _given_by(session, entrepreneur_id)
    )


def _given_by(session: Session, entrepreneur_id: UUID) -> list[Guarantee]:
    family = merged.family(session, CopyMerged, entrepreneur_id)
    return list(session.scalars(select(Guarantee).where(Guarantee.guarantor_id.in_(family))))


def _owed(session: Session, guarantee: Guarantee) -> bool:
    loan = select(Loan.id).where(Loan.application_id == guarantee.application_id, Loan.state != "settled")
    return session.scalar(loan) is not None


def _require_person(kind: str, guarantor_id: UUID | None, outsider: Outsider | None, people: People) -> None:
    """One person behind a personal guarantee and none behind a thing; of the registry, one whom it knows."""
    given = [one for one in (guarantor_id, outsider) if one is not None]
    if len(given) != (1 if kind == GUARANTOR else 0):
        raise Invalid("guarantee.guarantor_unsaid", pointer="/guarantor_id")
    if guarantor_id is not None and people(guarantor_id) is None:
        raise Invalid("guarantee.guarantor_unknown", pointer="/guarantor_id")


def _require_taken(session: Session, application: Application, kind: str) -> Guarantees:
    """The rules of today; refuses a file into which nothing can be put, and a kind that its product does not take."""
    _require_open(application, approved=True)
    rules = regulations_in_force(session, application.fund_id, clock.today()).read().guarantees
    allowed = rules.of(application.product).kinds
    if kind not in allowed:
        raise Invalid("guarantee.kind_not_taken", pointer="/kind", allowed=", ".join(allowed))
    return rules


def _require_free(session: Session, application: Application, guarantee: Guarantee, rules: Guarantees) -> None:
    """She is not the applicant, nor close to who decided; she does not guarantee it already, nor too many others."""
    if guarantee.kind != GUARANTOR:
        return
    same = Guarantee.fingerprint == guarantee.fingerprint
    if guarantee.guarantor_id is not None:
        family = merged.family(session, CopyMerged, guarantee.guarantor_id)
        enterprise = CopyEnterprise.standing(session, application.enterprise_id)
        if enterprise and {str(one) for one in family} & set(enterprise.every_owner(session)):
            raise Invalid("guarantee.of_herself", pointer="/guarantor_id")
        if find.decider_close_to(session, application, [str(one) for one in family]):
            raise Invalid("guarantee.close_to_voter", pointer="/guarantor_id", number=application.number)
        same = Guarantee.guarantor_id.in_(family)
    others = select(Guarantee.application_id).where(same)
    if application.id in set(session.scalars(others)):
        raise Invalid("guarantee.twice", pointer="/guarantor_id", number=application.number)
    binding = (
        select(func.count(func.distinct(Guarantee.application_id)))
        .join(Application, Application.id == Guarantee.application_id)
        .where(same, Guarantee.binding())
    )
    times = session.scalar(binding) or 0
    if rules.times is not None and times >= rules.times:
        raise Invalid("guarantee.too_many", pointer="/guarantor_id", times=times, allowed=rules.times)


def _require_open(application: Application, *, approved: bool) -> None:
    """Refuses an application that is before the committee or over; one that is approved where it must not be."""
    if not (approved and application.state == "approved"):
        application.require_open_to_appraisal()


def _changing(
    session: Session, caller: Caller, application_id: UUID, guarantee_id: UUID, *, approved: bool = False
) -> tuple[Application, Guarantee]:
    """A guarantee of an application that is locked and can be changed."""
    application = find.application(session, caller, application_id, lock=True)
    _require_open(application, approved=approved)
    guarantee = session.get(Guarantee, guarantee_id)
    if guarantee is None or guarantee.application_id != application.id:
        raise NotFound("guarantee.unknown")
    return application, guarantee


def _erase(session: Session, file_id: UUID | None) -> None:
    if file_id is not None:
        files.erase(session, file_id)


def _remember(session: Session, caller: Caller, guarantee: Guarantee, action: str) -> None:
    """What was done, and to which kind of guarantee: never who gives it."""
    facts = {"guarantee": str(guarantee.id), "kind": guarantee.kind}
    history.record(session, caller, subject=guarantee.application_id, kind="application", action=action, after=facts)

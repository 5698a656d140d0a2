"""Who stands behind a credit, and whose closeness to one of them keeps a member from deciding on it."""

from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.models.applications import Application
from services.credit.models.committees import DeclaredInterest
from services.credit.models.copies import CopyEnterprise, CopyMerged
from services.credit.models.groups import CreditGroup
from services.credit.models.guarantees import Guarantee
from services.credit.models.loans import Loan
from services.credit.rules.governance import Conflicts
from shared import merged


def people_behind(session: Session, application: Application, known_by: UUID | None = None) -> list[str]:
    """Who borrows, who guarantees it and who borrows beside her in a group, under every id by which each was known; of
    what changes a loan, those behind that loan too. With `known_by`, the id of what was done then, the guarantees that
    were offered later do not count.
    """
    files = [application.id]
    if application.loan_id is not None:
        files.append(session.get_one(Loan, application.loan_id).application_id)
    enterprises = {application.enterprise_id}
    people: list[str] = []
    for file in files:
        group = CreditGroup.of(session, file)
        enterprises.update(one.enterprise_id for one in (group.applications if group else ()))
        for guarantee in Guarantee.of(session, file):
            if known_by is not None and guarantee.id > known_by:  # ids rise with time
                continue
            if guarantee.enterprise_id is not None:
                enterprises.add(guarantee.enterprise_id)
            if guarantee.guarantor_id is not None:
                people += map(str, merged.family(session, CopyMerged, guarantee.guarantor_id))
    for enterprise_id in enterprises:
        known = CopyEnterprise.standing(session, enterprise_id)
        people += [] if known is None else known.every_owner(session)
    return people


def interested(
    session: Session, subject: str, application: Application, conflicts: Conflicts, voted: UUID | None = None
) -> bool:
    """Whether a person declared, in whatever mandate, that she is or is close to somebody behind a credit, in a way
    that keeps her from deciding on it. With `voted`, the id of her vote, only what was known by then counts.
    """
    barring = DeclaredInterest.barring(session, subject, people_behind(session, application, voted), conflicts)
    return any(voted is None or interest.id < voted for interest in barring)

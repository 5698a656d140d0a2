"""What is kept by her leave goes when she takes it back: photographs, and exports that she may be in."""

from collections.abc import Collection, Iterable

from sqlalchemy.orm import Session

from services.registry.models import Enterprise, Entrepreneur
from services.registry.rules.inventory import PURPOSES
from services.registry.use_cases.keep_exports import forget_all_exports
from services.registry.use_cases.photograph import forget_refused_photos
from services.registry.use_cases.records import enterprises_of


def agreed_to(*women: Entrepreneur) -> set[str]:
    """The purposes that one of them agrees to."""
    return {purpose for purpose in PURPOSES if any(woman.agrees(purpose) for woman in women)}


def heed_refusals(session: Session, woman: Entrepreneur, before: Collection[str]) -> None:
    """Erase what her answers do not allow any more; `before` is what she agreed to before them."""
    refused = set(before) - agreed_to(woman)
    if "photos" in refused:
        forget_refused_photos(session, enterprises_of(session, woman.id))
    if refused - {"photos"}:
        forget_all_exports(session)


def shared_for(enterprises: Iterable[Enterprise]) -> set[str]:
    """The purposes that one of these enterprises is shared for."""
    return {purpose for one in enterprises for purpose, agreed in _shared(one).items() if agreed}


def heed_owners(session: Session, enterprises: Iterable[Enterprise], before: Collection[str]) -> None:
    """Erase what these enterprises do not allow any more since their owners are others: photographs where one of them
    said no (one who was not asked yet hides them until she answers), and exports where one of `before`, what some were
    shared for, is not allowed by all.
    """
    standing = [enterprise for enterprise in enterprises if enterprise.owners]
    forget_refused_photos(session, [enterprise for enterprise in standing if _refuses_photos(enterprise)])
    if any(not _shared(enterprise)[purpose] for enterprise in standing for purpose in before):
        forget_all_exports(session)


def _shared(enterprise: Enterprise) -> dict[str, bool]:
    return {
        "registry": bool(enterprise.consent_registry),
        "credit": bool(enterprise.consent_credit),
        "map": bool(enterprise.consent_map),
    }


def _refuses_photos(enterprise: Enterprise) -> bool:
    answers = [owner.entrepreneur.last_answer("photos") for owner in enterprise.owners]
    return any(answer is not None and not answer.granted for answer in answers)

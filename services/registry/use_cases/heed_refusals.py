"""What is kept by her leave goes when she takes it back: photographs, and exports that she may be in."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from services.registry.models import Entrepreneur
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

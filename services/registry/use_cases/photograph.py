"""A photograph of a visit: kept only of who agreed to photographs, without its notes, and gone when she says no."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.registry.models import Accompaniment, Enterprise, EnterpriseProfile, ProfileLevel, Visit
from services.registry.use_cases.accompany import case_to_change, remember_case
from shared import files
from shared.identity import Caller
from shared.kernel import Refused
from shared.photographs import cleaned


def keep_photo(session: Session, caller: Caller, accompaniment_id: UUID, visit_id: UUID, content: bytes) -> Visit:
    """The photograph of a visit that was made; the one before it is erased. Refuses what is no photograph, a visit that
    is to come, and where an owner of the enterprise did not agree to photographs.
    """
    case = case_to_change(session, caller, accompaniment_id, None)
    visit = case.visit(visit_id)
    media_type, picture = cleaned(content)
    if visit.made_on is None:
        raise Refused("photo.of_a_visit_to_come")
    enterprise = session.get_one(Enterprise, case.enterprise_id)
    enterprise.require_counted()
    if not agrees_to_photos(enterprise):
        raise Refused("photo.not_agreed")
    _erase(session, visit)
    name = f"visita-{visit.made_on.isoformat()}.{'jpg' if media_type == 'image/jpeg' else 'png'}"
    kept = files.store(session, picture, name=name, media_type=media_type, kind="visit-photo", caller=caller)
    visit.keep_photo(kept.id)
    case.touch()
    remember_case(session, caller, case, "photograph", {}, {"visit": str(visit.id)})
    return visit


def remove_photo(session: Session, caller: Caller, accompaniment_id: UUID, visit_id: UUID) -> Visit:
    """The photograph of a visit is erased."""
    case = case_to_change(session, caller, accompaniment_id, None)
    visit = case.visit(visit_id)
    if not _erase(session, visit):
        raise Refused("photo.none")
    case.touch()
    remember_case(session, caller, case, "remove-photograph", {"visit": str(visit.id)}, {})
    return visit


def agrees_to_photos(enterprise: Enterprise) -> bool:
    """Whether all of its owners agree to photographs today."""
    return bool(enterprise.owners) and all(owner.entrepreneur.agrees("photos") for owner in enterprise.owners)


def forget_photos(session: Session, enterprises: Iterable[Enterprise]) -> int:
    """Erase the photographs of these enterprises, whose cases it locks; comes back with how many there were."""
    of_them = select(Accompaniment).where(Accompaniment.enterprise_id.in_([one.id for one in enterprises]))
    cases = session.scalars(of_them.order_by(Accompaniment.id).with_for_update(of=Accompaniment))
    return sum(_erase(session, visit) for case in cases for visit in case.visits)


def forget_refused_photos(session: Session, enterprises: Iterable[Enterprise]) -> None:
    """Erase the photographs of visits, and the pictures kept as evidence, of those of these enterprises of which an
    owner does not agree to photographs.
    """
    refused = [enterprise for enterprise in enterprises if not agrees_to_photos(enterprise)]
    forget_photos(session, refused)
    pictures = (
        select(ProfileLevel)
        .join(EnterpriseProfile, EnterpriseProfile.id == ProfileLevel.profile_id)
        .join(files.file_table, files.file_table.c.id == ProfileLevel.file_id)
        .where(EnterpriseProfile.enterprise_id.in_([one.id for one in refused]))
        .where(files.file_table.c.media_type != "application/pdf")
        .order_by(ProfileLevel.file_id)
    )
    for level in session.scalars(pictures).all():
        files.erase(session, level.part_with_file())


def _erase(session: Session, visit: Visit) -> bool:
    if visit.photo_id is None:
        return False
    files.erase(session, visit.photo_id)
    visit.keep_photo(None)
    return True

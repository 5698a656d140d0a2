"""What is done with campaigns and studies alike: they are found to be changed, and their files kept or erased."""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import Campaign, Centre, Study
from services.registry.rules.outreach import media_type_of
from services.registry.use_cases.rows import locked, write_history
from shared import files, places
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid

Kind = TypeVar("Kind", Campaign, Study)


def undertaking_to_change(
    session: Session, caller: Caller, kind: type[Kind], undertaking_id: UUID, version: int | None
) -> Kind:
    """The locked row; a part of it lies in the caller's territory."""
    found = locked(session, kind, undertaking_id, kind.unknown)
    require_part_of(caller, found)
    found.require_version(version)
    return found


def keep_file(
    session: Session, caller: Caller, kind: type[Kind], undertaking_id: UUID, *, name: str, content: bytes
) -> Kind:
    """One more of its files; refuses what is neither a document nor a picture nor a sound."""
    found = undertaking_to_change(session, caller, kind, undertaking_id, None)
    media_type = media_type_of(content)
    if media_type is None:
        raise Invalid("material.unknown_kind", pointer="/file")
    stored = files.store(session, content, name=name, media_type=media_type, kind=kind.__tablename__, caller=caller)
    found.keep(stored.id)
    write_history(session, caller, found, "keep-file", after={"file": str(stored.id)})
    return found


def erase_file(
    session: Session, caller: Caller, kind: type[Kind], undertaking_id: UUID, file_id: UUID, version: int | None
) -> Kind:
    """A file is erased for good."""
    found = undertaking_to_change(session, caller, kind, undertaking_id, version)
    found.let_go(file_id)
    files.erase(session, file_id)
    write_history(session, caller, found, "erase-file", before={"file": str(file_id)})
    return found


def require_part_of(caller: Caller, undertaking: Campaign | Study) -> None:
    """Refuses one of which no part lies in the caller's territory."""
    centre = undertaking.centre if isinstance(undertaking, Campaign) else None
    require_part(caller, undertaking.municipalities, centre)


def require_part(caller: Caller, municipalities: Iterable[str], centre: Centre | None) -> None:
    """Refuses what neither is held in the caller's territory nor belongs to a centre that works there."""
    covered = [] if centre is None else centre.municipalities
    held = list(municipalities)
    if not any(caller.scope.covers(code) for code in (*held, *covered)):
        raise Forbidden("permission.outside_scope", unit=next(iter(held), ""))


def require_municipalities(caller: Caller, codes: Iterable[str], *, pointer: str = "/municipalities") -> None:
    """Refuses codes that are no municipality, and those outside the caller's territory."""
    for code in codes:
        if code not in places.municipalities():
            raise Invalid("municipality.unknown", pointer=pointer, value=code)
        caller.require_scope(code)

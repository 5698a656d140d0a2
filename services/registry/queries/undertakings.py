"""What is read of campaigns and studies alike: their files, and their records in the caller's territory."""

from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import Session

from services.registry.models import Campaign, CampaignRecord, Covered, Enterprise, Study, StudyRecord
from services.registry.queries.seeing import shown_to, view_for
from services.registry.use_cases.undertakings import Kind, require_part_of
from shared import files, places
from shared.database import labelled
from shared.files import file_table
from shared.identity import Caller
from shared.kernel import NotFound
from shared.web.paging import Page, keyset_page

Rows: TypeAlias = Select[*tuple[Any, ...]]
RECORD = (
    Enterprise.name.label("enterprise_name"),
    *labelled(Enterprise, "municipality", "active"),
)
"""What a list of linked records says of each enterprise."""


def found(session: Session, caller: Caller, kind: type[Kind], undertaking_id: UUID) -> Kind:
    """The one with this id; refuses one of another territory."""
    one = session.get(kind, undertaking_id)
    if one is None:
        raise NotFound(kind.unknown)
    require_part_of(caller, one)
    return one


def file_of(
    session: Session, caller: Caller, kind: type[Kind], undertaking_id: UUID, file_id: UUID
) -> tuple[files.StoredFile, bytes]:
    """One of its files, with its content."""
    if all(kept.file_id != file_id for kept in found(session, caller, kind, undertaking_id).files):
        raise NotFound("file.unknown")
    return files.find(session, file_id), files.read(session, file_id)


def files_of(session: Session, undertaking: Campaign | Study) -> list[dict[str, Any]]:
    """Its files that are not erased, as a page lists them."""
    columns = (file_table.c.id, file_table.c.name, file_table.c.media_type, file_table.c.size, file_table.c.created_at)
    there = select(*columns).where(
        file_table.c.id.in_([kept.file_id for kept in undertaking.files]), file_table.c.erased_at.is_(None)
    )
    return [dict(row) for row in session.execute(there.order_by(file_table.c.id)).mappings()]


def records_page(
    session: Session,
    caller: Caller,
    link: type[CampaignRecord | StudyRecord],
    columns: tuple[Any, ...],
    of: ColumnElement[bool],
    *,
    keys: int,
    limit: int,
    after: str | None,
) -> Page:
    """The records linked in rows that are `of` one undertaking, as far as they lie in the caller's territory, ordered
    by the first `keys` columns.
    """
    statement = (
        select(*columns, *RECORD)
        .join(Enterprise, Enterprise.id == link.enterprise_id)
        .where(of, caller.scope.condition(Enterprise.municipality), *shown_to(view_for(caller)))
    )
    page = keyset_page(session, statement, keys=columns[:keys], limit=limit, after=after)
    rows = [dict(row) | {"municipality_name": places.full_name(row["municipality"])} for row in page.rows]
    return Page(rows, page.next)


def covered_by(caller: Caller, centre_id: Any) -> ColumnElement[bool]:
    """Whether the centre in this column works in a part of the caller's territory."""
    return exists().where(Covered.centre_id == centre_id, caller.scope.condition(Covered.municipality))

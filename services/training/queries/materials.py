"""Materials of the library, as they are looked for and read; what else teaches with them asks here."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from services.training.models import (
    CommunityResource,
    CurriculumMaterial,
    LibraryFile,
    LibraryMaterial,
    LibraryTerm,
    Material,
    StoryMaterial,
)
from services.training.models.library import NETWORK, PUBLIC
from services.training.queries.scope import check_units, near, within
from services.training.reference.rounds import policy
from services.training.rules.library.finding import (
    BEGINNING,
    INSIDE,
    MARK,
    SHORTEST_PART,
    WHOLE,
    asked,
    mark,
    marks_of_chain,
)
from services.training.rules.library_access import READERS
from shared import files
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import Invalid, NotFound
from shared.web.paging import Page, keyset_page

_ROW = labelled(
    LibraryMaterial,
    *("id", "version", "unit", "title", "kind", "topics", "dimensions", "chains", "language", "author", "year"),
    *("licence", "summary", "link", "reach", "reach_by_name", "reach_on", "archived_on", "archived_why"),
    *("recorded_by_name", "recorded_at"),
)
_FILE = ("number", "sha256", "name", "media_type", "size", "note", "recorded_by_name", "recorded_at")
USED_IN: tuple[Any, ...] = (
    *(Material.library_id, CurriculumMaterial.material_id),
    *(CommunityResource.material_id, StoryMaterial.material_id),
)
"""Columns in which a material's id stands where something teaches with it or names it: it is not erased then."""


def list_materials(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The materials the caller may see that meet all filters: those that answer `text` best first, otherwise the newest
    first. `filters`: `text`, `topic`, `dimension`, `chain`, `language`, `kind`, `unit`, `archived`.
    """
    return _page(session, visible_to(caller), filters, limit=limit, after=after)


def list_public(session: Session, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The same of what anybody may see."""
    return _page(session, LibraryMaterial.reach == PUBLIC, {**filters, "archived": False}, limit=limit, after=after)


def show_material(session: Session, caller: Caller, material_id: UUID) -> dict[str, Any]:
    """One material with every version of its file, the latest first, and how often something teaches with it."""
    row = _one(session, LibraryMaterial.id == material_id, visible_to(caller))
    return row | {"files": _versions(session, material_id), "uses": uses_of(session, material_id)}


def show_public(session: Session, material_id: UUID) -> dict[str, Any]:
    """One of those that anybody may see."""
    row = _one(
        session,
        LibraryMaterial.id == material_id,
        LibraryMaterial.reach == PUBLIC,
        LibraryMaterial.archived_on.is_(None),
    )
    return row | {"files": _versions(session, material_id)[:1]}


def file_of(session: Session, caller: Caller, material_id: UUID, number: int | None) -> tuple[str, str, bytes]:
    """Name, media type and content of a version of its file, the latest where no number is told; whether the caller may
    see the material is asked anew each time.
    """
    show_material(session, caller, material_id)
    return _content(session, material_id, number)


def public_file(session: Session, material_id: UUID) -> tuple[str, str, bytes]:
    """The latest version of what anybody may see."""
    show_public(session, material_id)
    return _content(session, material_id, None)


def named_materials(session: Session, ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """Title, kind, link, language and the latest file's number of materials by id, for what teaches with them, and
    whether anybody may read it now (`public`). It is for who saw already that they are named; the file itself is asked
    for by whoever wants to read it.
    """
    latest = select(func.max(LibraryFile.number)).where(LibraryFile.material_id == LibraryMaterial.id)
    columns = labelled(LibraryMaterial, "id", "title", "kind", "link", "language", "archived_on")
    columns += (and_(LibraryMaterial.reach == PUBLIC, LibraryMaterial.archived_on.is_(None)).label("public"),)
    wanted = select(*columns, latest.scalar_subquery().label("file_number"))
    found = session.execute(wanted.where(LibraryMaterial.id.in_(set(ids)))).mappings()
    return {row["id"]: dict(row) for row in found}


def readable_materials(session: Session, caller: Caller | None, ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """The same of those alone that the caller may read; None is anybody."""
    wanted = select(LibraryMaterial.id).where(LibraryMaterial.id.in_(set(ids)), readable_by(caller))
    return named_materials(session, session.scalars(wanted).all())


def require_offered(session: Session, caller: Caller, ids: Collection[UUID], *, pointer: str) -> None:
    """Refuses materials that the caller may not see or that are archived: nothing new teaches with them. They are held
    until the end of the transaction, so that nobody erases them meanwhile.
    """
    wanted = (
        select(LibraryMaterial.id)
        .where(LibraryMaterial.id.in_(set(ids)), LibraryMaterial.archived_on.is_(None), visible_to(caller))
        .with_for_update(read=True, key_share=True)
    )
    if len(session.scalars(wanted).all()) < len(set(ids)):
        raise Invalid("library.not_offered", pointer=pointer)


def is_used(session: Session, material_id: UUID) -> bool:
    return uses_of(session, material_id) > 0


def uses_of(session: Session, material_id: UUID) -> int:
    """In how many places something teaches with it."""
    counts = [select(func.count()).where(column == material_id).scalar_subquery() for column in USED_IN]
    return int(session.scalar(select(sum(counts[1:], counts[0]))) or 0)


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """What the network or anybody may see, and what is of the caller's territory or of what it lies in."""
    return or_(LibraryMaterial.reach.in_((NETWORK, PUBLIC)), near(caller, LibraryMaterial.unit))


def readable_by(caller: Caller | None) -> ColumnElement[bool]:
    """What the caller may read; only what is public, where she does not work with the library or is None: anybody."""
    if caller is not None and caller.has(*READERS):
        return visible_to(caller)
    return and_(LibraryMaterial.reach == PUBLIC, LibraryMaterial.archived_on.is_(None))


def _page(
    session: Session, seen: ColumnElement[bool], filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    words = asked(filters.get("text", ""))
    if filters.get("text") and not words:
        return Page([])
    found = _answering(words) if words else None
    worth = (literal(0) if found is None else found.c.worth).label("worth")
    statement: Select[Any] = select(*_ROW, worth).where(seen, *_narrowed(filters))
    if found is not None:
        statement = statement.join(found, found.c.material_id == LibraryMaterial.id)
    keys = (worth, _ROW[0]) if words else (_ROW[0],)
    page = keyset_page(session, statement, keys=keys, limit=limit, after=after, descending=True)
    latest = _latest(session, [row["id"] for row in page.rows])
    return Page([row | {"file": latest.get(row["id"])} for row in page.rows], page.next)


def _narrowed(filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    archived = LibraryMaterial.archived_on
    told: list[ColumnElement[bool]] = [archived.is_not(None) if filters.get("archived") else archived.is_(None)]
    told += [getattr(LibraryMaterial, name) == filters[name] for name in ("kind", "language") if filters.get(name)]
    told += [_marked([mark(kind, filters[kind])]) for kind in ("topic", "dimension") if filters.get(kind)]
    if chain := filters.get("chain"):
        told.append(_marked(marks_of_chain(chain, policy().families)))
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        told.append(within(LibraryMaterial.unit, [unit]))
    return told


def _marked(marks: Collection[str]) -> ColumnElement[bool]:
    return LibraryMaterial.id.in_(select(LibraryTerm.material_id).where(LibraryTerm.term.in_(marks)))


def _answering(words: Collection[str]) -> Subquery:
    """The materials that have every word, each with its worth, as `rules.library.finding.score` says it."""
    each = [_with_word(word).subquery() for word in words]
    first, *rest = each
    joined: Any = select(
        first.c.material_id.label("material_id"),
        sum((one.c.worth for one in rest), first.c.worth).label("worth"),
    )
    for one in rest:
        joined = joined.join(one, one.c.material_id == first.c.material_id)
    found: Subquery = joined.subquery()
    return found


def _with_word(word: str) -> Select[UUID, int]:
    """The materials that have a word, with the worth of the best of their terms."""
    term = LibraryTerm.term
    inside = len(word) >= SHORTEST_PART
    begins = term.startswith(word, autoescape=True)
    fit = case((term == word, WHOLE), (begins, BEGINNING), else_=INSIDE)
    there = term.contains(word, autoescape=True) if inside else begins
    return (
        select(LibraryTerm.material_id, func.max(LibraryTerm.weight * fit).label("worth"))
        .where(LibraryTerm.weight > MARK, there)
        .group_by(LibraryTerm.material_id)
    )


def _one(session: Session, *conditions: ColumnElement[bool]) -> dict[str, Any]:
    row = session.execute(select(*_ROW).where(*conditions)).mappings().one_or_none()
    if row is None:
        raise NotFound("library.unknown")
    return dict(row)


def _versions(session: Session, material_id: UUID) -> list[dict[str, Any]]:
    wanted = select(*labelled(LibraryFile, *_FILE)).where(LibraryFile.material_id == material_id)
    return [dict(row) for row in session.execute(wanted.order_by(LibraryFile.number.desc())).mappings()]


def _latest(session: Session, ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    wanted = select(LibraryFile.material_id, *labelled(LibraryFile, *_FILE)).where(LibraryFile.material_id.in_(ids))
    rows = session.execute(wanted.order_by(LibraryFile.number)).mappings()
    return {row["material_id"]: dict(row) for row in rows}


def _content(session: Session, material_id: UUID, number: int | None) -> tuple[str, str, bytes]:
    wanted = select(LibraryFile.file_id).where(LibraryFile.material_id == material_id)
    if number is not None:
        wanted = wanted.where(LibraryFile.number == number)
    file_id = session.scalar(wanted.order_by(LibraryFile.number.desc()).limit(1))
    if file_id is None:
        raise NotFound("library.no_file")
    stored = files.find(session, file_id)
    return stored.name, stored.media_type, files.read(session, file_id)

"""The inventory as its readers list and count it."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, func, select
from sqlalchemy.orm import Session

from services.registry.models import (
    Enterprise,
    Entrepreneur,
    OfferedProduct,
    Owner,
    Tag,
)
from services.registry.queries.filters import narrowed
from services.registry.queries.seeing import view_for
from services.registry.rules import suppression
from services.registry.rules.visibility import View
from services.registry.sealing import Sealer
from shared import places
from shared.database import labelled
from shared.events.vocabulary import VALIDATION_STATES
from shared.identity import Caller
from shared.kernel import Invalid
from shared.web.paging import Page, cursor_of, cursor_values, keyset_page

Rows: TypeAlias = Select[*tuple[Any, ...]]
_LIST = (
    *labelled(Enterprise, "id", "version", "name", "municipality", "derived_municipality", "place_state", "accuracy_m"),
    *labelled(Enterprise, "chain", "activity", "validation", "jobs_women", "jobs_men", "formal", "recorded_on"),
    *labelled(Enterprise, "changed_at", "active", "tier"),
)
_SORT_NAME = Enterprise.sort_name.label("sort_name")
_BY_ID = Enterprise.id.label("id")
_BY_VALIDATION = Enterprise.validation.label("validation")
_SORTS: Mapping[str, ColumnElement[Any] | None] = {
    "recent": None,
    "name": _SORT_NAME,
    "municipality": Enterprise.municipality.label("municipality"),
    "recorded": Enterprise.recorded_on.label("recorded_on"),
    "changed": Enterprise.changed_at.label("changed_at"),
    "validation": _BY_VALIDATION,
}
SORTS = ("recent", *(f"{sign}{name}" for name in list(_SORTS)[1:] for sign in ("", "-")))
"""By what the list is sorted, each the other way round too. Ids rise with time: `recent` is the latest first."""


def list_enterprises(
    session: Session,
    caller: Caller,
    filters: Mapping[str, Any],
    *,
    limit: int,
    after: str | None,
    sealer: Sealer | None = None,
) -> Page:
    """The enterprises of the caller's territory that meet all filters, as rows with their needs, links and owners.
    With a `sealer` they are found by the number of a document too.
    """
    view = view_for(caller)
    statement = narrowed(session, select(*_LIST, _SORT_NAME), caller, view, filters, sealer=sealer)
    page = _sorted_page(session, statement, filters.get("sort", "recent"), limit, after)
    return Page(_completed(session, view, [dict(row) for row in page.rows]), page.next)


def _sorted_page(session: Session, statement: Rows, sort: str, limit: int, after: str | None) -> Page:
    key, falling = _SORTS[sort.removeprefix("-")], sort.startswith("-")
    if sort.endswith("validation"):
        return _page_by_validation(session, statement, limit, after, falling=falling)
    keys, descending = ([_BY_ID], True) if key is None else ([key, _BY_ID], falling)
    return keyset_page(session, statement, keys=keys, limit=limit, after=after, descending=descending)


def _page_by_validation(session: Session, statement: Rows, limit: int, after: str | None, *, falling: bool) -> Page:
    """State after state in the order of a record's way, so that each is read from its index."""
    keys: list[ColumnElement[Any]] = [_BY_VALIDATION, _BY_ID]
    states = list(VALIDATION_STATES)[:: -1 if falling else 1]
    if after:
        state = cursor_values(after, keys)[0]
        if state not in states:
            raise Invalid("query.cursor", pointer="/after")
        states = states[states.index(state) :]
    rows: list[Any] = []
    for state in states:
        here = statement.where(Enterprise.validation == state)
        lacking = limit + 1 - len(rows)
        rows += keyset_page(session, here, keys=keys, limit=lacking, after=after, descending=falling).rows
        after = None
        if len(rows) > limit:
            return Page(rows[:limit], cursor_of(rows[limit - 1], keys))
    return Page(rows)


_PARTS = (("missing", "contradicted", "pending"), ("captured",))
"""Which of the counts of a search exclude each other."""


def count_enterprises(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, sealer: Sealer | None = None
) -> dict[str, int | None]:
    """How many records meet the filters, and how many of them wait for something. With `at_most`, no more than one
    beyond it are counted: that many mean more. Small counts are None to who is not of the technical team, together with
    what would tell them by subtraction.
    """
    view = view_for(caller)
    found = select(Enterprise.place_state, Enterprise.validation)
    most = filters.get("at_most")

    def counting(**changed: Any) -> Subquery:
        statement = narrowed(session, found, caller, view, {**filters, **changed}, sealer=sealer)
        return (statement if most is None else statement.limit(most + 1)).subquery()

    here = counting()
    counted = select(
        func.count().label("all"),
        func.count().filter(here.c.place_state == "missing").label("missing"),
        func.count().filter(here.c.place_state == "contradicted").label("contradicted"),
        func.count().filter(here.c.place_state == "pending").label("pending"),
        func.count().filter(here.c.validation == "captured").label("captured"),
    ).select_from(here)
    row = session.execute(counted).mappings().one()
    refused = session.scalar(select(func.count()).select_from(counting(taken_back=True)))
    counts = {name: int(number) for name, number in row.items()} | {"taken_back": refused or 0}
    return suppression.found(counts, _PARTS) if suppression.withheld_from(view) else dict(counts)


def _completed(session: Session, view: View, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of a list with their tags, products and owners: three queries for the whole page."""
    ids = [row["id"] for row in rows]
    tags: dict[UUID, dict[str, list[str]]] = {}
    for tag in session.execute(select(Tag.enterprise_id, Tag.kind, Tag.code).where(Tag.enterprise_id.in_(ids))):
        tags.setdefault(tag.enterprise_id, {}).setdefault(tag.kind, []).append(tag.code)
    owners = owner_names(session, ids) if view.names else {}
    products: dict[UUID, list[str]] = {}
    offered = select(OfferedProduct.enterprise_id, OfferedProduct.name).where(OfferedProduct.enterprise_id.in_(ids))
    for product in session.execute(offered.order_by(OfferedProduct.enterprise_id, OfferedProduct.rank)):
        products.setdefault(product.enterprise_id, []).append(product.name)
    for row in rows:
        mine = tags.get(row["id"], {})
        row["needs"], row["links"] = sorted(mine.get("need", [])), sorted(mine.get("link", []))
        row["owners"], row["products"] = owners.get(row["id"], []), products.get(row["id"], [])
        row["name"] = row["name"] if view.names else None
        row["accuracy_m"] = row["accuracy_m"] if view.exact_point else None
        row["accuracy_m"] = row["accuracy_m"] if view.exact_point else None
        row["municipality_name"] = places.full_name(row["municipality"])
        row["division_2024"] = places.divisions_2024().get(row["municipality"])
    return rows


def owner_names(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The owners of each of these enterprises, the first one first; for who may see names."""
    found: dict[UUID, list[dict[str, Any]]] = {}
    rows = session.execute(
        select(Owner.enterprise_id, Entrepreneur.id, Entrepreneur.given_names, Entrepreneur.surnames)
        .join(Entrepreneur, Entrepreneur.id == Owner.entrepreneur_id)
        .where(Owner.enterprise_id.in_(ids))
        .order_by(Owner.enterprise_id, Owner.rank)
    )
    for row in rows:
        woman = {"id": row.id, "given_names": row.given_names, "surnames": row.surnames}
        found.setdefault(row.enterprise_id, []).append(woman)
    return found

"""Small firms of the workshops, as they are read."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.models import Participant, Sme
from services.training.models.smes import name_key
from services.training.queries.scope import check_units, within
from services.training.rules.csr_access import PERSON_READERS
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import NotFound
from shared.web.paging import Page, keyset_page

_FIRM = (
    *("name_key", "id", "version", "unit", "city", "name", "sector", "size", "employees", "women_employees"),
    *("women_owned_percent", "contact_name", "contact_email", "contact_phone", "recorded_by_name"),
)
_WORKSHOPS = (
    select(func.count(Participant.activity_id.distinct()))
    .where(Participant.sme_id == Sme.id)
    .correlate(Sme)
    .scalar_subquery()
    .label("workshops")
)


def list_smes(session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None) -> Page:
    """The firms of the caller's territory that meet all filters, by name; whom they are reached by only to those who
    may know persons.
    """
    columns = (*labelled(Sme, *_FIRM), _WORKSHOPS)
    statement = select(*columns).where(caller.scope.condition(Sme.unit))
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(Sme.unit, [unit]))
    for name in ("sector", "size"):
        if value := filters.get(name):
            statement = statement.where(getattr(Sme, name) == value)
    if text := name_key(filters.get("text", "")):
        statement = statement.where(Sme.name_key.contains(text, autoescape=True))
    page = keyset_page(session, statement, keys=columns[:2], limit=limit, after=after)
    return Page([_told(row, caller) for row in page.rows], page.next)


def show_sme(session: Session, caller: Caller, sme_id: UUID) -> dict[str, Any]:
    """One firm."""
    row = session.execute(select(*labelled(Sme, *_FIRM), _WORKSHOPS).where(Sme.id == sme_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("sme.unknown")
    caller.require_scope(row["unit"])
    return _told(dict(row), caller)


def _told(row: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
    hidden = {} if caller.has(*PERSON_READERS) else dict.fromkeys(("contact_name", "contact_email", "contact_phone"))
    return {**row, **hidden}

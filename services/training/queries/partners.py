"""Partners of the programme and what was agreed with them, as they are read."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.training.models import Agreement, Partner
from services.training.models.activities import activity_partner
from services.training.models.smes import name_key
from services.training.queries.scope import check_units, near, within
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import NotFound
from shared.web.paging import Page, keyset_page

_PARTNER = ("name_key", "id", "version", "unit", "name", "kind", "recorded_by_name")
_ACTIVITIES = (
    select(func.count())
    .where(activity_partner.c.partner_id == Partner.id)
    .correlate(Partner)
    .scalar_subquery()
    .label("activities")
)
_AGREEMENT = (
    *("id", "version", "unit", "title", "purpose", "contribution", "signed_on", "ends_on", "activity_id"),
    "recorded_by_name",
)


def list_partners(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The partners at home in the caller's territory or in what it lies in, by name: a ministry's is the country."""
    columns = (*labelled(Partner, *_PARTNER), _ACTIVITIES)
    statement = select(*columns).where(near(caller, Partner.unit))
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(Partner.unit, [unit]))
    if kind := filters.get("kind"):
        statement = statement.where(Partner.kind == kind)
    if text := name_key(filters.get("text", "")):
        statement = statement.where(Partner.name_key.contains(text, autoescape=True))
    return keyset_page(session, statement, keys=columns[:2], limit=limit, after=after)


def show_partner(session: Session, caller: Caller, partner_id: UUID) -> dict[str, Any]:
    """One partner with its agreements."""
    wanted = select(*labelled(Partner, *_PARTNER), _ACTIVITIES).where(
        Partner.id == partner_id, near(caller, Partner.unit)
    )
    row = session.execute(wanted).mappings().one_or_none()
    if row is None:
        raise NotFound("csr_partner.unknown")
    signed = Agreement.partners.any(Partner.id == partner_id)
    found = session.scalars(
        select(Agreement).where(signed, near(caller, Agreement.unit)).order_by(Agreement.signed_on.desc(), Agreement.id)
    )
    return {**row, "agreements": [agreement_row(one) for one in found]}


def list_agreements(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The agreements of the caller's territory and of what it lies in, the latest first."""
    keys = labelled(Agreement, "signed_on", "id")
    statement = select(*keys).where(near(caller, Agreement.unit))
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(Agreement.unit, [unit]))
    page = keyset_page(session, statement, keys=keys, limit=limit, after=after, descending=True)
    ids = [row["id"] for row in page.rows]
    found = {one.id: one for one in session.scalars(select(Agreement).where(Agreement.id.in_(ids)))}
    return Page([agreement_row(found[agreement_id]) for agreement_id in ids], page.next)


def agreement_row(agreement: Agreement) -> dict[str, Any]:
    """One agreement with its partners."""
    partners = [{"id": one.id, "name": one.name, "kind": one.kind} for one in agreement.partners]
    return {name: getattr(agreement, name) for name in _AGREEMENT} | {"partners": partners}

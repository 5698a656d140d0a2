"""Partners of the programme and what was agreed with them, as they are read."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from services.training.models import Agreement, Partner
from services.training.models.activities import activity_partner
from services.training.models.smes import name_key
from services.training.queries.scope import check_units, near, within
from services.training.reference.licences import policy
from shared import files
from shared.database import labelled
from shared.files import file_table
from shared.identity import Caller
from shared.kernel import NotFound, clock
from shared.web.paging import Page, keyset_page

_PARTNER = (
    *("name_key", "id", "version", "unit", "name", "kind", "learning_kind", "address", "phone", "email", "website"),
    "recorded_by_name",
)
_ACTIVITIES = (
    select(func.count())
    .where(activity_partner.c.partner_id == Partner.id)
    .correlate(Partner)
    .scalar_subquery()
    .label("activities")
)
_AGREEMENT = (
    *("id", "version", "unit", "title", "purpose", "contribution", "signed_on", "ends_on", "activity_id"),
    *("obligations", "renews_id", "recorded_by_name"),
)
ENDING, OVER, IN_FORCE = "ending", "over", "in_force"
STANDINGS = (IN_FORCE, ENDING, OVER)


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
    if filters.get("teaches"):
        statement = statement.where(Partner.learning_kind.is_not(None))
    if learning_kind := filters.get("learning_kind"):
        statement = statement.where(Partner.learning_kind == learning_kind)
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
    return {**row, "agreements": agreement_rows(session, list(found))}


def list_agreements(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The agreements of the caller's territory and of what it lies in, the latest first."""
    keys = labelled(Agreement, "signed_on", "id")
    statement = select(*keys).where(near(caller, Agreement.unit))
    if unit := filters.get("unit"):
        check_units([unit], pointer="/unit")
        statement = statement.where(within(Agreement.unit, [unit]))
    if partner_id := filters.get("partner_id"):
        statement = statement.where(Agreement.partners.any(Partner.id == partner_id))
    if filters.get("teaches"):
        statement = statement.where(Agreement.partners.any(Partner.learning_kind.is_not(None)))
    if standing := filters.get("standing"):
        statement = statement.where(stands(standing))
    page = keyset_page(session, statement, keys=keys, limit=limit, after=after, descending=True)
    ids = [row["id"] for row in page.rows]
    found = {one.id: one for one in session.scalars(select(Agreement).where(Agreement.id.in_(ids)))}
    return Page(agreement_rows(session, [found[agreement_id] for agreement_id in ids]), page.next)


def agreement_row(session: Session, agreement: Agreement) -> dict[str, Any]:
    """One agreement with its partners, how it stands today, its paper's name and the one that renewed it."""
    return agreement_rows(session, [agreement])[0]


def agreement_rows(session: Session, agreements: Sequence[Agreement]) -> list[dict[str, Any]]:
    """The same of several."""
    ids = [one.id for one in agreements]
    renewed = select(Agreement.renews_id, Agreement.id).where(Agreement.renews_id.in_(ids))
    by: dict[Any, UUID] = {row.renews_id: row.id for row in session.execute(renewed)}
    papers = [one.file_id for one in agreements if one.file_id]
    names: dict[Any, str] = {
        row.id: row.name
        for row in session.execute(
            select(file_table.c.id, file_table.c.name).where(
                file_table.c.id.in_(papers), file_table.c.erased_at.is_(None)
            )
        )
    }
    return [
        {name: getattr(one, name) for name in _AGREEMENT}
        | {
            "partners": [{"id": partner.id, "name": partner.name, "kind": partner.kind} for partner in one.partners],
            "standing": _standing(one.ends_on),
            "paper": names.get(one.file_id),
            "renewed_by_id": by.get(one.id),
        }
        for one in agreements
    ]


def paper_of(session: Session, caller: Caller, agreement_id: UUID) -> tuple[str, str, bytes]:
    """Name, media type and content of an agreement's signed paper."""
    wanted = select(Agreement).where(Agreement.id == agreement_id, near(caller, Agreement.unit))
    agreement = session.scalar(wanted)
    if agreement is None:
        raise NotFound("csr_agreement.unknown")
    if agreement.file_id is None:
        raise NotFound("csr_agreement.no_paper")
    stored = files.find(session, agreement.file_id)
    return stored.name, stored.media_type, files.read(session, stored.id)


def _soon() -> date:
    return clock.today() + timedelta(days=policy().agreement_expiring_days)


def _standing(ends_on: date | None) -> str:
    """How an agreement stands today; `ending`: its last day is near."""
    if ends_on is None or ends_on > _soon():
        return IN_FORCE
    return OVER if ends_on < clock.today() else ENDING


def stands(standing: str) -> ColumnElement[bool]:
    ends, today = Agreement.ends_on, clock.today()
    renewing = aliased(Agreement)
    renewed = select(renewing.id).where(renewing.renews_id == Agreement.id).exists()
    if standing == OVER:
        return ends < today
    if standing == ENDING:
        return and_(ends >= today, ends <= _soon(), ~renewed)
    return or_(ends.is_(None), ends > _soon())

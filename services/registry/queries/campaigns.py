"""Campaigns as their readers see them: reach, cost, and which records came of them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session

from services.registry.models import (
    Campaign,
    CampaignActivity,
    CampaignCost,
    CampaignPlace,
    CampaignRecord,
    Centre,
    Enterprise,
)
from services.registry.queries.seeing import view_for
from services.registry.queries.undertakings import Rows, covered_by, files_of, found, records_page
from services.registry.rules.outreach import each, standing
from shared import places
from shared.database import labelled
from shared.identity import Caller
from shared.kernel import Money, clock
from shared.web.paging import Page, keyset_page


def _counted(kind: str) -> Any:
    linked = select(func.count()).where(CampaignRecord.campaign_id == Campaign.id, CampaignRecord.kind == kind)
    return linked.correlate(Campaign).scalar_subquery()


_cost = select(func.sum(CampaignCost.amount_minor)).where(CampaignCost.campaign_id == Campaign.id)
_LIST = (
    *labelled(Campaign, "begins_on", "id", "version", "title", "channel", "centre_id"),
    Centre.name.label("centre_name"),
    *labelled(Campaign, "ends_on", "currency", "reached_women", "reached_men", "reached_young_women"),
    _cost.correlate(Campaign).scalar_subquery().label("cost_minor"),
    _counted("brought_in").label("brought_in"),
    _counted("validated").label("validated"),
)


def list_campaigns(
    session: Session, caller: Caller, filters: Mapping[str, Any], *, limit: int, after: str | None
) -> Page:
    """The campaigns of the caller's territory, those that began last first, each with what it cost and brought."""
    statement = _filtered(select(*_LIST).outerjoin(Centre, Centre.id == Campaign.centre_id), caller, filters)
    page = keyset_page(session, statement, keys=_LIST[:2], limit=limit, after=after, descending=True)
    held = _places(session, [row["id"] for row in page.rows])
    rows = [{**_figures(dict(row)), "municipality_names": held.get(row["id"], [])} for row in page.rows]
    return Page(rows, page.next)


def show_campaign(session: Session, caller: Caller, campaign_id: UUID) -> dict[str, Any]:
    """One campaign with its costs, its activities and its material. Whoever sees no names sees no material either:
    there are faces on photographs.
    """
    campaign = found(session, caller, Campaign, campaign_id)
    row = session.execute(
        select(*_LIST).outerjoin(Centre, Centre.id == Campaign.centre_id).where(Campaign.id == campaign_id)
    )
    return {
        **_figures(dict(row.mappings().one())),
        **campaign.facts(),
        "planned": campaign.planned,
        "reached": campaign.reached,
        "costs": campaign.cost_lines,
        "municipality_names": [places.full_name(code) for code in campaign.municipalities],
        "partners": [
            {"id": one.institution_id, "name": one.institution.name}
            for one in sorted(campaign.partners, key=lambda partner: partner.institution.name)
        ],
        "activities": [_activity(activity) for activity in campaign.activities],
        "reached_in_activities": _sums(campaign.activities),
        "materials": files_of(session, campaign) if view_for(caller).names else [],
    }


def list_records(session: Session, caller: Caller, campaign_id: UUID, *, limit: int, after: str | None) -> Page:
    """The records that came of a campaign, as far as they lie in the caller's territory, first linked first."""
    found(session, caller, Campaign, campaign_id)
    columns = labelled(CampaignRecord, "linked_at", "enterprise_id", "kind", "linked_by_name")
    of_it = CampaignRecord.campaign_id == campaign_id
    return records_page(session, caller, CampaignRecord, columns, of_it, keys=3, limit=limit, after=after)


def _filtered(statement: Rows, caller: Caller, filters: Mapping[str, Any]) -> Rows:
    here = exists().where(CampaignPlace.campaign_id == Campaign.id, caller.scope.condition(CampaignPlace.municipality))
    statement = statement.where(or_(here, covered_by(caller, Campaign.centre_id)))
    for name in ("channel", "centre_id"):
        if (value := filters.get(name)) is not None:
            statement = statement.where(getattr(Campaign, name) == value)
    if q := filters.get("q"):
        statement = statement.where(func.lower(Campaign.title).contains(q.lower(), autoescape=True))
    today, begun = clock.today(), Campaign.begins_on <= clock.today()
    over = and_(Campaign.ends_on.is_not(None), Campaign.ends_on < today)
    if state := filters.get("standing"):
        statement = statement.where({"future": ~begun, "running": and_(begun, ~over), "over": over}[state])
    if enterprise_id := filters.get("enterprise_id"):
        of_it = exists().where(CampaignRecord.campaign_id == Campaign.id, CampaignRecord.enterprise_id == enterprise_id)
        mine = exists().where(Enterprise.id == enterprise_id, caller.scope.condition(Enterprise.municipality))
        statement = statement.where(of_it, mine)
    return statement


def _figures(row: dict[str, Any]) -> dict[str, Any]:
    """A row with its cost as money, and with what each record cost; nothing where there is nothing to divide."""
    minor = row.pop("cost_minor")
    cost = None if minor is None else Money(int(minor), row["currency"])
    return row | {
        "cost": cost,
        "cost_per_brought_in": each(cost, row["brought_in"]),
        "cost_per_validated": each(cost, row["validated"]),
        "standing": standing(row["begins_on"], row["ends_on"], clock.today()),
    }


def _places(session: Session, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    named: dict[UUID, list[str]] = {}
    held = select(CampaignPlace.campaign_id, CampaignPlace.municipality).where(CampaignPlace.campaign_id.in_(ids))
    for campaign_id, code in session.execute(held.order_by(CampaignPlace.municipality)):
        named.setdefault(campaign_id, []).append(places.full_name(code))
    return named


def _activity(activity: CampaignActivity) -> dict[str, Any]:
    name = places.full_name(activity.municipality)
    reach = {who: getattr(activity, who) for who in ("women", "men", "young_women")}
    return {"id": activity.id, **activity.facts(), "municipality_name": name, "reach": reach}


def _sums(activities: Sequence[CampaignActivity]) -> dict[str, int | None]:
    """Who came to the activities, added up; None where no activity tells it. Who came twice is counted twice."""
    told = {who: [getattr(activity, who) for activity in activities] for who in ("women", "men", "young_women")}
    known = {who: [number for number in numbers if number is not None] for who, numbers in told.items()}
    return {who: sum(numbers) if numbers else None for who, numbers in known.items()}

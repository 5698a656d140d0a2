"""Campaigns are planned, put right and held; records are linked to the campaign that brought them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import Campaign, CampaignRecord, Centre, Institution
from services.registry.models.campaign import Cost, Reach
from services.registry.rules.outreach import RECORD_KINDS
from services.registry.use_cases.records import enterprise_to_change
from services.registry.use_cases.rows import write, write_history
from services.registry.use_cases.run_institutions import centre_to_change, institution_to_change
from services.registry.use_cases.undertakings import require_municipalities, undertaking_to_change
from shared.identity import Caller
from shared.kernel import NotFound, Refused


def write_campaign(
    session: Session, caller: Caller, campaign_id: UUID | None, version: int | None, facts: Mapping[str, Any]
) -> Campaign:
    """A new campaign, or the one with this id changed. Refuses municipalities that are none, and those outside the
    caller's territory in which it was not held already.
    """
    campaign = None if campaign_id is None else undertaking_to_change(session, caller, Campaign, campaign_id, version)
    known = set() if campaign is None else set(campaign.municipalities)
    require_municipalities(caller, set(facts["municipalities"]) ^ known)
    return write(session, caller, campaign, Campaign.plan, _told(session, caller, campaign, facts))


def hold_activity(session: Session, caller: Caller, campaign_id: UUID, facts: Mapping[str, Any]) -> Campaign:
    """One more activity of a campaign, in a municipality of the caller's territory."""
    campaign = undertaking_to_change(session, caller, Campaign, campaign_id, None)
    require_municipalities(caller, [facts["municipality"]], pointer="/municipality")
    told = dict(facts)
    activity = campaign.hold(reach=Reach(**told.pop("reach")), **told)
    write_history(session, caller, campaign, "add-activity", after=activity.facts())
    return campaign


def drop_activity(
    session: Session, caller: Caller, campaign_id: UUID, activity_id: UUID, version: int | None
) -> Campaign:
    """An activity that was written down wrongly is taken out; the history keeps it."""
    campaign = undertaking_to_change(session, caller, Campaign, campaign_id, version)
    dropped = campaign.drop(activity_id)
    caller.require_scope(dropped.municipality)
    write_history(session, caller, campaign, "drop-activity", before=dropped.facts())
    return campaign


def link_record(session: Session, caller: Caller, campaign_id: UUID, enterprise_id: UUID, kind: str) -> Campaign:
    """Say that a campaign brought a record in, or validated it; once for each. Refuses a record that does not count."""
    campaign = undertaking_to_change(session, caller, Campaign, campaign_id, None)
    enterprise = enterprise_to_change(session, caller, enterprise_id, None)
    enterprise.require_counted()
    if session.get(CampaignRecord, (campaign_id, enterprise_id, kind)) is not None:
        raise Refused("campaign.linked_already")
    session.add(CampaignRecord.link(campaign, enterprise_id, kind, caller))
    campaign.touch()
    write_history(session, caller, campaign, "link-record", after={"enterprise": str(enterprise_id), "kind": kind})
    return campaign


def unlink_record(
    session: Session, caller: Caller, campaign_id: UUID, enterprise_id: UUID, kind: str | None, version: int | None
) -> Campaign:
    """It was another campaign, or none: the record is not counted for this one any more, for one reason or for any."""
    campaign = undertaking_to_change(session, caller, Campaign, campaign_id, version)
    enterprise_to_change(session, caller, enterprise_id, None)
    kinds = RECORD_KINDS if kind is None else (kind,)
    linked = [row for one in kinds if (row := session.get(CampaignRecord, (campaign_id, enterprise_id, one)))]
    if not linked:
        raise NotFound("campaign.not_linked")
    campaign.touch()
    for row in linked:
        session.delete(row)
        before = {"enterprise": str(enterprise_id), "kind": row.kind}
        write_history(session, caller, campaign, "unlink-record", before=before)
    return campaign


def centre_named(session: Session, caller: Caller, centre_id: UUID | None, known: Centre | None) -> Centre | None:
    """The centre with this id, one of the caller's territory unless it is the one there was before."""
    if centre_id is None or (known is not None and known.id == centre_id):
        return None if centre_id is None else known
    return centre_to_change(session, caller, centre_id, None)


def _told(session: Session, caller: Caller, campaign: Campaign | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    known = {} if campaign is None else {one.institution_id: one.institution for one in campaign.partners}
    partners: list[Institution] = [
        known.get(one) or institution_to_change(session, caller, one, None) for one in facts["partners"]
    ]
    return {
        **{name: facts[name] for name in ("title", "channel", "currency", "municipalities", "reached_how")},
        "centre": centre_named(session, caller, facts["centre_id"], None if campaign is None else campaign.centre),
        "period": (facts["begins_on"], facts["ends_on"]),
        "partners": partners,
        "planned": Reach(**facts["planned"]),
        "reached": Reach(**facts["reached"]),
        "costs": [Cost(**cost) for cost in facts["costs"]],
    }

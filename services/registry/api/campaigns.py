"""Campaigns: what was done to be known, whom it reached, which records came of it."""

from typing import Any
from uuid import UUID

from services.registry.api.outreach_schemas import (
    CampaignActivityIn,
    CampaignIn,
    CampaignOut,
    CampaignQuery,
    CampaignRecordIn,
    CampaignRecordOut,
    CampaignRecordQuery,
    CampaignRow,
)
from services.registry.models import Campaign
from services.registry.queries import campaigns as queries
from services.registry.queries.undertakings import file_of
from services.registry.rules.outreach import LARGEST_FILE
from services.registry.rules.visibility import EDITORS, OUTREACH_READERS, TEAM
from services.registry.use_cases import run_campaigns, undertakings
from shared.web import Call, Download, Page, Resource

resource = Resource("campaigns", prefix="/campaigns", description="Campaigns by which a centre makes itself known.")


@resource.get(query=CampaignQuery, returns=CampaignRow, paged=True, allow=OUTREACH_READERS)
def list_(call: Call) -> Page:
    """The campaigns of the caller's territory, those that began last first."""
    return queries.list_campaigns(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(body=CampaignIn, returns=CampaignOut, allow=EDITORS)
def plan(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """A new campaign in municipalities of the caller's territory."""
    campaign = run_campaigns.write_campaign(call.session, call.caller, None, None, body)
    return queries.show_campaign(call.session, call.caller, campaign.id)


@resource.get("/<uuid:campaign_id>", returns=CampaignOut, allow=OUTREACH_READERS)
def show(call: Call, campaign_id: UUID) -> dict[str, Any]:
    """One campaign: places, partners, reach, costs, activities, material, and how many records came of it."""
    return queries.show_campaign(call.session, call.caller, campaign_id)


@resource.put("/<uuid:campaign_id>", body=CampaignIn, returns=CampaignOut, allow=EDITORS)
def change(call: Call, body: dict[str, Any], campaign_id: UUID) -> dict[str, Any]:
    """Put a campaign right; its municipalities in other territories stay in the body."""
    run_campaigns.write_campaign(call.session, call.caller, campaign_id, call.if_match, body)
    return queries.show_campaign(call.session, call.caller, campaign_id)


@resource.post("/<uuid:campaign_id>/activities", body=CampaignActivityIn, returns=CampaignOut, allow=EDITORS)
def hold(call: Call, body: dict[str, Any], campaign_id: UUID) -> dict[str, Any]:
    """One more activity: on which day, where, what, and whom it reached."""
    run_campaigns.hold_activity(call.session, call.caller, campaign_id, body)
    return queries.show_campaign(call.session, call.caller, campaign_id)


@resource.delete("/<uuid:campaign_id>/activities/<uuid:activity_id>", returns=CampaignOut, allow=EDITORS)
def drop(call: Call, campaign_id: UUID, activity_id: UUID) -> dict[str, Any]:
    """Take an activity out that was written down wrongly."""
    run_campaigns.drop_activity(call.session, call.caller, campaign_id, activity_id, call.if_match)
    return queries.show_campaign(call.session, call.caller, campaign_id)


@resource.get("/<uuid:campaign_id>/records", returns=CampaignRecordOut, paged=True, allow=TEAM)
def list_records(call: Call, campaign_id: UUID) -> Page:
    """The records of the caller's territory that the campaign brought in or validated."""
    return queries.list_records(call.session, call.caller, campaign_id, limit=call.limit, after=call.after)


@resource.post("/<uuid:campaign_id>/records", body=CampaignRecordIn, returns=CampaignOut, allow=EDITORS)
def link(call: Call, body: dict[str, Any], campaign_id: UUID) -> dict[str, Any]:
    """This campaign brought her in, or validated her: once for each."""
    run_campaigns.link_record(call.session, call.caller, campaign_id, body["enterprise_id"], body["kind"])
    return queries.show_campaign(call.session, call.caller, campaign_id)


@resource.delete(
    "/<uuid:campaign_id>/records/<uuid:enterprise_id>", query=CampaignRecordQuery, returns=CampaignOut, allow=EDITORS
)
def unlink(call: Call, campaign_id: UUID, enterprise_id: UUID) -> dict[str, Any]:
    """The record did not come of this campaign; without `kind` it is unlinked for whatever reason it was."""
    kind = call.query.get("kind")
    run_campaigns.unlink_record(call.session, call.caller, campaign_id, enterprise_id, kind, call.if_match)
    return queries.show_campaign(call.session, call.caller, campaign_id)


@resource.post("/<uuid:campaign_id>/files", upload=LARGEST_FILE, returns=CampaignOut, allow=EDITORS)
def keep_file(call: Call, campaign_id: UUID) -> dict[str, Any]:
    """A piece of material: PDF, JPEG, PNG, MP3 or Ogg of at most 10 MB."""
    assert call.upload is not None
    name, content = call.upload.name, call.upload.content
    undertakings.keep_file(call.session, call.caller, Campaign, campaign_id, name=name, content=content)
    return queries.show_campaign(call.session, call.caller, campaign_id)


@resource.get("/<uuid:campaign_id>/files/<uuid:file_id>", download=True, allow=TEAM)
def show_file(call: Call, campaign_id: UUID, file_id: UUID) -> Download:
    """A piece of material, for the team and the auditors."""
    stored, content = file_of(call.session, call.caller, Campaign, campaign_id, file_id)
    return Download(content, stored.name, stored.media_type)


@resource.delete("/<uuid:campaign_id>/files/<uuid:file_id>", returns=CampaignOut, allow=EDITORS)
def erase_file(call: Call, campaign_id: UUID, file_id: UUID) -> dict[str, Any]:
    """Erase a piece of material for good."""
    undertakings.erase_file(call.session, call.caller, Campaign, campaign_id, file_id, call.if_match)
    return queries.show_campaign(call.session, call.caller, campaign_id)

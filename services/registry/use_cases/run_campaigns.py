"""Campaigns are planned, put right and held; records are linked to the campaign that brought them."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.registry.models import Campaign, CampaignRecord, Centre, Institution
from services.registry.models.campaign import Cost, Reach
from services.registry.rules.outreach import RECORD_KINDS, media_type_of
from services.registry.use_cases.records import enterprise_to_change
from services.registry.use_cases.run_institutions import centre_to_change, institution_to_change
from shared import files, history, places
from shared.identity import Caller
from shared.kernel import Forbidden, Invalid, NotFound, Refused


def write_campaign(
    session: Session, caller: Caller, campaign_id: UUID | None, version: int | None, facts: Mapping[str, Any]
) -> Campaign:
    """A new campaign, or the one with this id changed. Refuses municipalities that are none, and those outside the
    caller's territory in which it was not held already.
    """
    campaign = None if campaign_id is None else campaign_to_change(session, caller, campaign_id, version)
    known = set() if campaign is None else set(campaign.municipalities)
    require_municipalities(caller, set(facts["municipalities"]) ^ known)
    told = _told(session, caller, campaign, facts)
    before = None if campaign is None else campaign.facts()
    if campaign is None:
        campaign = Campaign.plan(**told)
        session.add(campaign)
    else:
        campaign.describe(**told)
    session.flush()
    if campaign.facts() != before:
        action = "register" if before is None else "change"
        _remember(session, caller, campaign, action, before=before, after=campaign.facts())
    return campaign


def hold_activity(session: Session, caller: Caller, campaign_id: UUID, facts: Mapping[str, Any]) -> Campaign:
    """One more activity of a campaign, in a municipality of the caller's territory."""
    campaign = campaign_to_change(session, caller, campaign_id, None)
    require_municipalities(caller, [facts["municipality"]], pointer="/municipality")
    told = dict(facts)
    activity = campaign.hold(reach=Reach(**told.pop("reach")), **told)
    _remember(session, caller, campaign, "add-activity", after=activity.facts())
    return campaign


def drop_activity(
    session: Session, caller: Caller, campaign_id: UUID, activity_id: UUID, version: int | None
) -> Campaign:
    """An activity that was written down wrongly is taken out; the history keeps it."""
    campaign = campaign_to_change(session, caller, campaign_id, version)
    dropped = campaign.drop(activity_id)
    caller.require_scope(dropped.municipality)
    _remember(session, caller, campaign, "drop-activity", before=dropped.facts())
    return campaign


def link_record(session: Session, caller: Caller, campaign_id: UUID, enterprise_id: UUID, kind: str) -> Campaign:
    """Say that a campaign brought a record in, or validated it; once for each. Refuses a record that does not count."""
    campaign = campaign_to_change(session, caller, campaign_id, None)
    enterprise = enterprise_to_change(session, caller, enterprise_id, None)
    enterprise.require_counted()
    if session.get(CampaignRecord, (campaign_id, enterprise_id, kind)) is not None:
        raise Refused("campaign.linked_already")
    session.add(CampaignRecord.link(campaign, enterprise_id, kind, caller))
    campaign.touch()
    _remember(session, caller, campaign, "link-record", after={"enterprise": str(enterprise_id), "kind": kind})
    return campaign


def unlink_record(
    session: Session, caller: Caller, campaign_id: UUID, enterprise_id: UUID, kind: str | None, version: int | None
) -> Campaign:
    """It was another campaign, or none: the record is not counted for this one any more, for one reason or for any."""
    campaign = campaign_to_change(session, caller, campaign_id, version)
    enterprise_to_change(session, caller, enterprise_id, None)
    kinds = RECORD_KINDS if kind is None else (kind,)
    linked = [row for one in kinds if (row := session.get(CampaignRecord, (campaign_id, enterprise_id, one)))]
    if not linked:
        raise NotFound("campaign.not_linked")
    campaign.touch()
    for row in linked:
        session.delete(row)
        before = {"enterprise": str(enterprise_id), "kind": row.kind}
        _remember(session, caller, campaign, "unlink-record", before=before)
    return campaign


def keep_material(session: Session, caller: Caller, campaign_id: UUID, *, name: str, content: bytes) -> Campaign:
    """One more piece of material; refuses what is neither a document nor a picture nor a sound."""
    campaign = campaign_to_change(session, caller, campaign_id, None)
    stored = store_material(session, caller, name=name, content=content, kind="campaign")
    campaign.keep(stored.id)
    _remember(session, caller, campaign, "keep-file", after={"file": str(stored.id)})
    return campaign


def erase_material(session: Session, caller: Caller, campaign_id: UUID, file_id: UUID, version: int | None) -> Campaign:
    """A piece of material is erased for good."""
    campaign = campaign_to_change(session, caller, campaign_id, version)
    campaign.let_go(file_id)
    files.erase(session, file_id)
    _remember(session, caller, campaign, "erase-file", before={"file": str(file_id)})
    return campaign


def store_material(session: Session, caller: Caller, *, name: str, content: bytes, kind: str) -> files.StoredFile:
    """A stored file of a kind that its bytes say."""
    media_type = media_type_of(content)
    if media_type is None:
        raise Invalid("material.unknown_kind", pointer="/file")
    return files.store(session, content, name=name, media_type=media_type, kind=kind, caller=caller)


def campaign_to_change(session: Session, caller: Caller, campaign_id: UUID, version: int | None) -> Campaign:
    """The locked row; a part of it lies in the caller's territory."""
    campaign = session.get(Campaign, campaign_id, with_for_update={"of": Campaign}, populate_existing=True)
    if campaign is None:
        raise NotFound("campaign.unknown")
    require_part(caller, campaign.municipalities, campaign.centre)
    campaign.require_version(version)
    return campaign


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


def _remember(
    session: Session,
    caller: Caller,
    campaign: Campaign,
    action: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    session.flush()
    history.record(session, caller, subject=campaign.id, kind="campaign", action=action, before=before, after=after)

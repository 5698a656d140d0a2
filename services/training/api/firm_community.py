"""The community behind the link of a firm; what is done through one is done by the portal."""

from typing import Any
from uuid import UUID

from flask import current_app

from services.training.api import community_schemas as schemas
from services.training.api.sme_links import PURPOSE
from services.training.models import Sme
from services.training.queries import firm_community as queries
from services.training.queries import sme_links
from services.training.use_cases import contribute_as_firm as uses
from shared.tokens import Keyring
from shared.web import Call, Page, Resource

resource = Resource("firm_community", prefix="/sme-links", description="The community behind the links of firms.")
_ROOM = "/<string(maxlength=64):token>/community"
_TOPIC = f"{_ROOM}/topics/<uuid:topic_id>"
_OWN: dict[str, Any] = {"allow": {"service"}, "scoped": False}


@resource.get(f"{_ROOM}/topics", returns=schemas.FirmTopicOut, paged=True, **_OWN)
def topics(call: Call, token: str) -> Page:
    """For the portal: the topics that the firm reads."""
    return queries.list_topics_of_firm(call.session, _firm(call, token), limit=call.limit, after=call.after)


@resource.get(_TOPIC, returns=schemas.FirmTopicOut, **_OWN)
def topic(call: Call, token: str, topic_id: UUID) -> dict[str, Any]:
    """For the portal: one topic that the firm reads."""
    return queries.topic_of_firm(call.session, _firm(call, token), topic_id)


@resource.get(f"{_TOPIC}/posts", returns=schemas.FirmPostOut, paged=True, **_OWN)
def posts(call: Call, token: str, topic_id: UUID) -> Page:
    """For the portal: what was written in a topic, without the names of persons."""
    return queries.list_posts_of_firm(call.session, _firm(call, token), topic_id, limit=call.limit, after=call.after)


@resource.post(f"{_TOPIC}/reading", body=schemas.TopicReadIn, returns=schemas.CommunityReadingOut, status=200, **_OWN)
def read_topic(call: Call, body: dict[str, Any], token: str, topic_id: UUID) -> Any:
    """For the portal: how far the firm has read."""
    return uses.read_as_firm(call.session, _firm(call, token), topic_id=topic_id, **body)


@resource.post(
    f"{_TOPIC}/following", body=schemas.TopicFollowIn, returns=schemas.CommunityReadingOut, status=200, **_OWN
)
def follow_topic(call: Call, body: dict[str, Any], token: str, topic_id: UUID) -> Any:
    """For the portal: the firm follows a topic, or hears no more of it."""
    return uses.follow_as_firm(call.session, _firm(call, token), topic_id=topic_id, **body)


@resource.delete(f"{_ROOM}/following", if_match=False, **_OWN)
def hear_no_more(call: Call, token: str) -> None:
    """For the portal: the firm hears no more of any topic."""
    uses.hear_no_more(call.session, _firm(call, token))


@resource.get(f"{_ROOM}/contributions", returns=schemas.FirmOwnContributionOut, paged=True, **_OWN)
def own(call: Call, token: str) -> Page:
    """For the portal: what the firm wrote, and what became of it."""
    return queries.list_contributions_of_firm(call.session, _firm(call, token), limit=call.limit, after=call.after)


@resource.post(
    f"{_ROOM}/contributions", body=schemas.FirmContributionIn, returns=schemas.FirmOwnContributionOut, **_OWN
)
def contribute(call: Call, body: dict[str, Any], token: str) -> dict[str, Any]:
    """For the portal: the firm replies or opens a topic; a moderator sees it first."""
    return queries.contribution_row(uses.contribute(call.session, _firm(call, token), **body))


@resource.post(
    f"{_ROOM}/contributions/<uuid:contribution_id>/withdrawal",
    returns=schemas.FirmOwnContributionOut,
    if_match=True,
    status=200,
    **_OWN,
)
def take_back(call: Call, token: str, contribution_id: UUID) -> dict[str, Any]:
    """For the portal: the firm takes back what it wrote, for good."""
    which: dict[str, Any] = {"contribution_id": contribution_id, "version": call.if_match}
    return queries.contribution_row(uses.take_back_contribution(call.session, _firm(call, token), **which))


def _firm(call: Call, token: str) -> Sme:
    keyring: Keyring = current_app.extensions["keyring"]
    return sme_links.opened(call.session, token, keyring.secret(PURPOSE)).sme

"""The community of practice: topics, posts, files, reports and what members share. It is one for the whole network."""

from typing import Any
from uuid import UUID

from services.training.api import community_schemas as schemas
from services.training.queries import community as queries
from services.training.queries import firm_community
from services.training.rules.community_access import MEMBERS, MODERATORS
from services.training.use_cases import moderate, take_part
from services.training.use_cases.contribute_as_firm import decide_contribution
from shared import files
from shared.papers import LARGEST_FILE
from shared.web import Call, Download, Page, Resource

resource = Resource("community", prefix="/community", description="The community of practice.")
_TOPIC = "/topics/<uuid:topic_id>"
_POST = "/posts/<uuid:post_id>"
_SHARED = "/resources/<uuid:resource_id>"
_OPEN: dict[str, Any] = {"allow": MEMBERS, "scoped": False}
_JUDGED: dict[str, Any] = {"allow": MODERATORS, "scoped": False}
_CHANGE: dict[str, Any] = {"if_match": True, "status": 200}


@resource.get("/spaces", returns=schemas.CommunitySpaceOut, **_OPEN)
def spaces(call: Call) -> list[dict[str, Any]]:
    """The spaces, each with how many topics stand in it."""
    return queries.spaces(call.session, call.caller)


@resource.get("/waiting", returns=schemas.CommunityWaitingOut, **_OPEN)
def waiting(call: Call) -> dict[str, int]:
    """In how many topics that the caller follows something is new; for moderators, how many reports are open."""
    return queries.waiting(call.session, call.caller)


@resource.get("/topics", query=schemas.CommunityTopicQuery, returns=schemas.CommunityTopicOut, paged=True, **_OPEN)
def topics(call: Call) -> Page:
    """The topics, those kept on top first, then by their latest post."""
    return queries.list_topics(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post("/topics", body=schemas.CommunityTopicIn, returns=schemas.CommunityTopicOut, **_OPEN)
def open_topic(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Open a topic with its first post."""
    topic = take_part.open_topic(call.session, call.caller, **body)
    return queries.show_topic(call.session, call.caller, topic.id)


@resource.get(_TOPIC, returns=schemas.CommunityTopicOut, **_OPEN)
def topic(call: Call, topic_id: UUID) -> dict[str, Any]:
    """One topic."""
    return queries.show_topic(call.session, call.caller, topic_id)


@resource.post(f"{_TOPIC}/state", body=schemas.TopicKeepIn, returns=schemas.CommunityTopicOut, **_JUDGED, **_CHANGE)
def keep_topic(call: Call, body: dict[str, Any], topic_id: UUID) -> dict[str, Any]:
    """Close a topic or open it again, keep it on top or not."""
    moderate.keep_topic(call.session, call.caller, topic_id=topic_id, version=call.if_match, **body)
    return queries.show_topic(call.session, call.caller, topic_id)


@resource.post(f"{_TOPIC}/firms", body=schemas.TopicFirmsIn, returns=schemas.CommunityTopicOut, **_JUDGED, **_CHANGE)
def open_to_firms(call: Call, body: dict[str, Any], topic_id: UUID) -> dict[str, Any]:
    """Let the firms of a territory read a topic and reply through their links, or no more."""
    moderate.open_to_firms(call.session, call.caller, topic_id=topic_id, version=call.if_match, **body)
    return queries.show_topic(call.session, call.caller, topic_id)


@resource.get(f"{_TOPIC}/posts", returns=schemas.CommunityPostOut, paged=True, **_OPEN)
def posts(call: Call, topic_id: UUID) -> Page:
    """What was written in a topic, in its order; hidden words to moderators alone."""
    return queries.list_posts(call.session, call.caller, topic_id, limit=call.limit, after=call.after)


@resource.post(f"{_TOPIC}/posts", body=schemas.CommunityPostIn, returns=schemas.CommunityPostOut, **_OPEN)
def reply(call: Call, body: dict[str, Any], topic_id: UUID) -> dict[str, Any]:
    """Reply in a topic; the caller follows it from now on."""
    return queries.post_row(take_part.reply(call.session, call.caller, topic_id=topic_id, **body), call.caller)


@resource.post(f"{_TOPIC}/reading", body=schemas.TopicReadIn, returns=schemas.CommunityReadingOut, status=200, **_OPEN)
def read_topic(call: Call, body: dict[str, Any], topic_id: UUID) -> Any:
    """Note how far the caller has read."""
    return take_part.read_topic(call.session, call.caller, topic_id=topic_id, **body)


@resource.post(
    f"{_TOPIC}/following", body=schemas.TopicFollowIn, returns=schemas.CommunityReadingOut, status=200, **_OPEN
)
def follow_topic(call: Call, body: dict[str, Any], topic_id: UUID) -> Any:
    """Follow a topic, or hear no more of it."""
    return take_part.follow_topic(call.session, call.caller, topic_id=topic_id, **body)


@resource.put(_POST, body=schemas.CommunityPostIn, returns=schemas.CommunityPostOut, **_OPEN)
def edit_post(call: Call, body: dict[str, Any], post_id: UUID) -> dict[str, Any]:
    """Change one's own post, for a while; what it said before stays for moderators."""
    done = take_part.edit_post(call.session, call.caller, post_id=post_id, version=call.if_match, **body)
    return queries.post_row(done, call.caller)


@resource.post(f"{_POST}/deletion", returns=schemas.CommunityPostOut, **_OPEN, **_CHANGE)
def delete_post(call: Call, post_id: UUID) -> dict[str, Any]:
    """Take one's own post back for good, with its files."""
    done = take_part.delete_post(call.session, call.caller, post_id=post_id, version=call.if_match)
    return queries.post_row(done, call.caller)


@resource.post(f"{_POST}/files", upload=LARGEST_FILE, returns=schemas.CommunityPostOut, if_match=True, **_OPEN)
def attach_file(call: Call, post_id: UUID) -> dict[str, Any]:
    """Put a PDF or a picture to one's own post."""
    assert call.upload is not None
    told: dict[str, Any] = {"post_id": post_id, "version": call.if_match}
    told |= {"name": call.upload.name, "content": call.upload.content}
    return queries.post_row(take_part.attach_file(call.session, call.caller, **told), call.caller)


@resource.get(f"{_POST}/files/<uuid:community_file_id>", download=True, **_OPEN)
def file(call: Call, post_id: UUID, community_file_id: UUID) -> Download:
    """A file of a post that the caller may read."""
    return _file(call, queries.file_of(call.session, call.caller, post_id, community_file_id))


@resource.post(f"{_POST}/reports", body=schemas.CommunityReasonIn, returns=schemas.CommunityReportedOut, **_OPEN)
def report_post(call: Call, body: dict[str, Any], post_id: UUID) -> Any:
    """Tell the moderators that a post harms somebody."""
    return take_part.report_post(call.session, call.caller, post_id=post_id, **body)


@resource.post(
    f"{_POST}/hiding", body=schemas.CommunityReasonIn, returns=schemas.CommunityPostOut, **_JUDGED, **_CHANGE
)
def hide_post(call: Call, body: dict[str, Any], post_id: UUID) -> dict[str, Any]:
    """Hide a post from everybody but moderators, for a reason that its author reads."""
    done = moderate.hide_post(call.session, call.caller, post_id=post_id, version=call.if_match, **body)
    return queries.post_row(done, call.caller)


@resource.post(f"{_POST}/restoration", returns=schemas.CommunityPostOut, **_JUDGED, **_CHANGE)
def restore_post(call: Call, post_id: UUID) -> dict[str, Any]:
    """Let everybody read it again."""
    done = moderate.restore_post(call.session, call.caller, post_id=post_id, version=call.if_match)
    return queries.post_row(done, call.caller)


@resource.get("/reports", query=schemas.CommunityReportQuery, returns=schemas.CommunityReportOut, paged=True, **_JUDGED)
def reports(call: Call) -> Page:
    """What members reported, the latest first."""
    return queries.list_reports(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post(
    "/reports/<uuid:report_id>/settlement",
    body=schemas.CommunitySettlementIn,
    returns=schemas.CommunityReportOut,
    status=200,
    **_JUDGED,
)
def settle(call: Call, body: dict[str, Any], report_id: UUID) -> dict[str, Any]:
    """Hide the post that was reported, or keep it."""
    done = moderate.settle_report(call.session, call.caller, report_id=report_id, **body)
    return queries.report_row(done, call.caller)


@resource.get(
    "/contributions",
    query=schemas.FirmContributionQuery,
    returns=schemas.FirmContributionOut,
    paged=True,
    **_JUDGED,
)
def contributions(call: Call) -> Page:
    """What firms wrote through their links, the latest first."""
    return firm_community.list_contributions(call.session, call.query, limit=call.limit, after=call.after)


@resource.post(
    "/contributions/<uuid:contribution_id>/decision",
    body=schemas.FirmDecisionIn,
    returns=schemas.FirmContributionOut,
    **_JUDGED,
    **_CHANGE,
)
def decide(call: Call, body: dict[str, Any], contribution_id: UUID) -> dict[str, Any]:
    """Show what a firm wrote as a post of the firm, or decline it for a reason that the firm reads."""
    which: dict[str, Any] = {"contribution_id": contribution_id, "version": call.if_match}
    return firm_community.contribution_row(decide_contribution(call.session, call.caller, **which, **body))


@resource.get(
    "/resources", query=schemas.CommunityResourceQuery, returns=schemas.CommunityResourceOut, paged=True, **_OPEN
)
def resources(call: Call) -> Page:
    """What members share, the latest first."""
    return queries.list_resources(call.session, call.caller, call.query, limit=call.limit, after=call.after)


@resource.post("/resources", body=schemas.CommunityLinkIn, returns=schemas.CommunityResourceOut, **_OPEN)
def share_link(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Share an address on the web."""
    return queries.resource_row(call.session, take_part.share_link(call.session, call.caller, **body))


@resource.post("/resource-materials", body=schemas.CommunityMaterialIn, returns=schemas.CommunityResourceOut, **_OPEN)
def share_material(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Share a material of the library; who may not read it does not see it here."""
    return queries.resource_row(call.session, take_part.share_material(call.session, call.caller, **body))


@resource.post(
    "/resource-files",
    upload=LARGEST_FILE,
    body=schemas.CommunityFileIn,
    returns=schemas.CommunityResourceOut,
    **_OPEN,
)
def share_file(call: Call) -> dict[str, Any]:
    """Share a PDF or a picture."""
    assert call.upload is not None
    told: dict[str, Any] = {"name": call.upload.name, "content": call.upload.content, **call.form}
    return queries.resource_row(call.session, take_part.share_file(call.session, call.caller, **told))


@resource.get(f"{_SHARED}/file", download=True, **_OPEN)
def resource_file(call: Call, resource_id: UUID) -> Download:
    """The file that a member shares."""
    return _file(call, queries.resource_file(call.session, call.caller, resource_id))


@resource.post(
    f"{_SHARED}/hiding", body=schemas.CommunityReasonIn, returns=schemas.CommunityResourceOut, **_JUDGED, **_CHANGE
)
def hide_resource(call: Call, body: dict[str, Any], resource_id: UUID) -> dict[str, Any]:
    """Hide what was shared, for a reason."""
    which: dict[str, Any] = {"resource_id": resource_id, "version": call.if_match}
    return queries.resource_row(call.session, moderate.hide_resource(call.session, call.caller, **which, **body))


@resource.post(f"{_SHARED}/restoration", returns=schemas.CommunityResourceOut, **_JUDGED, **_CHANGE)
def restore_resource(call: Call, resource_id: UUID) -> dict[str, Any]:
    """Show it again."""
    which: dict[str, Any] = {"resource_id": resource_id, "version": call.if_match}
    return queries.resource_row(call.session, moderate.restore_resource(call.session, call.caller, **which))


def _file(call: Call, file_id: UUID) -> Download:
    """A file, to be saved and never shown as a page."""
    found = files.find(call.session, file_id)
    return Download(files.read(call.session, file_id), found.name, found.media_type)

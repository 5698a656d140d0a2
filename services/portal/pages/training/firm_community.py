"""The community behind the link of a firm: topics of its territory, and what it writes there itself."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, request

from services.portal.clients import Problem
from services.portal.frame import Form, _
from services.portal.pages.training.firm_door import Door
from services.portal.pages.training.firm_doors import Handler
from services.portal.rules.linked_text import parts

_TOPIC = "/community/<uuid:topic_id>"
_PER_PAGE = 50


def firm_topics(door: Door) -> Any:
    """The topics that the firm reads, and what it wrote."""
    return _topics(door, Form())


def firm_topic(door: Door, topic_id: UUID) -> Any:
    """One topic; what stands on the page counts as read."""
    return _topic(door, topic_id, Form())


def open_firm_topic(door: Door) -> Any:
    """Write a topic, which a moderator sees first."""
    form = Form(request.form)
    try:
        told = {"title": form.text("title"), "text": form.text("text")}
        door.client.post(f"{door.community_path}/contributions", told)
    except Problem as problem:
        form.refused(problem)
        return _topics(door, form), problem.status
    return _sent(door)


def reply_as_firm(door: Door, topic_id: UUID) -> Any:
    """Reply; a moderator sees it first."""
    form = Form(request.form)
    try:
        told = {"topic_id": str(topic_id), "text": form.text("text")}
        door.client.post(f"{door.community_path}/contributions", told)
    except Problem as problem:
        form.refused(problem)
        return _topic(door, topic_id, form), problem.status
    return _sent(door)


def follow_as_firm(door: Door, topic_id: UUID) -> Any:
    """Follow a topic, or hear no more of it."""
    follows = Form(request.form).flag("follows")
    door.client.post(f"{door.community_path}/topics/{topic_id}/following", {"follows": follows})
    flash(_("You follow this topic.") if follows else _("You hear no more of this topic."))
    return redirect(f"{door.base}/community/{topic_id}", 303)


def hear_no_more(door: Door) -> Any:
    """Hear no more of any topic."""
    door.client.remove(f"{door.community_path}/following")
    flash(_("You hear no more of any topic."))
    return redirect(f"{door.base}/community", 303)


def take_contribution_back(door: Door, contribution_id: UUID) -> Any:
    """Take back what the firm wrote."""
    form = Form(request.form)
    path = f"{door.community_path}/contributions/{contribution_id}/withdrawal"
    try:
        door.client.post(path, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _topics(door, form), problem.status
    flash(_("It is taken back for good."))
    return redirect(f"{door.base}/community", 303)


def _topics(door: Door, form: Form) -> str:
    after = request.args.get("after") if request.method == "GET" else None
    topics = door.client.get(f"{door.community_path}/topics", {"limit": 30, "after": after})
    own = door.client.get(f"{door.community_path}/contributions", {"limit": 30})
    return door.show("firm_community.html", topics=topics, own=own, form=form)


def _topic(door: Door, topic_id: UUID, form: Form) -> str:
    path = f"{door.community_path}/topics/{topic_id}"
    found = door.client.get(path)
    after = request.args.get("after") if request.method == "GET" else None
    posts = door.client.get(f"{path}/posts", {"limit": _PER_PAGE, "after": after})
    if posts.rows and posts.rows[-1]["number"] > found["read_number"]:
        door.client.post(f"{path}/reading", {"number": posts.rows[-1]["number"]})
    return door.show("firm_topic.html", found=found, posts=posts, form=form, parts=parts)


def _sent(door: Door) -> Any:
    flash(_("It is sent. A moderator of the network reads it before it is shown; below you see what became of it."))
    return redirect(f"{door.base}/community#own", 303)


LOOKS: Mapping[str, Handler] = {"/community": firm_topics, _TOPIC: firm_topic}
ACTS: Mapping[str, Handler] = {
    "/community": open_firm_topic,
    _TOPIC: reply_as_firm,
    f"{_TOPIC}/following": follow_as_firm,
    "/community/silence": hear_no_more,
    "/community/contributions/<uuid:contribution_id>/withdrawal": take_contribution_back,
}

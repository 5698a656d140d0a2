"""The community of practice: its topics, one topic with its posts, what members share, what was reported."""

from typing import Any
from uuid import UUID

from flask import Response, flash, g, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.sending import send
from services.portal.models import PERSON_ROLES
from services.portal.pages.training.area import blueprint
from services.portal.pages.training.csr_words import home_choices
from services.portal.pages.training.curriculum_words import where_read
from services.portal.pages.training.library_words import LIBRARY_READERS
from services.portal.rules.linked_text import parts
from shared import places
from shared.identity import EVERYWHERE

MODERATORS = ("coordinator", "csr_reviewer", "network_coordinator")
_TOPIC = "/community/<uuid:topic_id>"
_POST = f"{_TOPIC}/posts/<uuid:post_id>"
_SHARED = "/community/resources/<uuid:resource_id>"
_PER_PAGE = 50


@blueprint.get("/community")
@for_roles(*PERSON_ROLES)
def community() -> Any:
    """The topics, of one space or those that she follows."""
    form = Form(request.args)
    asked: dict[str, Any] = {name: form.text(name) for name in ("space", "text")}
    asked |= {"followed": form.flag("followed") or None, "unread": form.flag("unread") or None}
    try:
        found = api("training").get("/community/topics", asked | {"after": request.args.get("after"), "limit": 30})
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    return render_template("community/topics.html", topics=found, form=form, **_about())


@blueprint.get("/community/new")
@for_roles(*PERSON_ROLES)
def new_topic() -> Any:
    """The form for a new topic."""
    return render_template("community/new.html", form=Form(request.args), **_about())


@blueprint.post("/community/new")
@for_roles(*PERSON_ROLES)
def open_topic() -> Any:
    """Open a topic."""
    form = Form(request.form)
    try:
        made = api("training").post("/community/topics", {name: form.text(name) for name in ("space", "title", "text")})
    except Problem as problem:
        form.refused(problem)
        return render_template("community/new.html", form=form, **_about()), problem.status
    flash(_("The topic is open. You hear of what is new in it on your home page."))
    return redirect(f"/training/community/{made['id']}", 303)


@blueprint.get(_TOPIC)
@for_roles(*PERSON_ROLES)
def topic(topic_id: UUID) -> Any:
    """One topic; what stands on the page counts as read."""
    return _topic(topic_id, Form())


@blueprint.get(f"{_TOPIC}/latest")
@for_roles(*PERSON_ROLES)
def latest_posts(topic_id: UUID) -> Any:
    """The page of the topic on which its last post stands."""
    address, client = f"/training/community/{topic_id}", api("training")
    after: str | None = None
    asked: dict[str, Any] = {"limit": _PER_PAGE}
    while (page := client.get(f"/community/topics/{topic_id}/posts", asked | {"after": after})).next:
        after = page.next
    last = page.rows[-1]["number"] if page.rows else 1
    return redirect(f"{address}{f'?after={after}' if after else ''}#post-{last}", 303)


@blueprint.post(f"{_TOPIC}/posts")
@for_roles(*PERSON_ROLES)
def reply(topic_id: UUID) -> Any:
    """Reply, with a file where she chose one."""
    form, sent = Form(request.form), request.files.get("file")
    client = api("training")
    try:
        made = client.post(f"/community/topics/{topic_id}/posts", {"text": form.text("text")})
    except Problem as problem:
        form.refused(problem)
        return _topic(topic_id, form), problem.status
    if sent is not None and sent.filename:
        told: dict[str, Any] = {"name": sent.filename, "content": sent.stream, "media_type": sent.mimetype}
        try:
            client.upload(f"/community/posts/{made['id']}/files", **told, version=made["version"])
        except Problem as problem:
            flash(_("Your reply is sent, its file is not: %(why)s", why=problem.detail), "warn")
    return redirect(f"/training/community/{topic_id}/latest", 303)


@blueprint.post(f"{_TOPIC}/following")
@for_roles(*PERSON_ROLES)
def follow_topic(topic_id: UUID) -> Any:
    """Follow a topic, or hear no more of it."""
    follows = Form(request.form).flag("follows")
    api("training").post(f"/community/topics/{topic_id}/following", {"follows": follows})
    flash(_("You follow this topic.") if follows else _("You hear no more of this topic."))
    return redirect(f"/training/community/{topic_id}", 303)


@blueprint.post(f"{_TOPIC}/state")
@for_roles(*MODERATORS)
def keep_topic(topic_id: UUID) -> Any:
    """Close it or open it, keep it on top or not."""
    form = Form(request.form)
    told = {"locked": form.flag("locked"), "pinned": form.flag("pinned")}
    return _act(topic_id, f"/community/topics/{topic_id}/state", told, _("The topic is changed."))


@blueprint.post(f"{_TOPIC}/firms")
@for_roles(*MODERATORS)
def open_to_firms(topic_id: UUID) -> Any:
    """Let the firms of a territory read it, or none."""
    form = Form(request.form)
    told = {"unit": form.optional("firms_unit")}
    try:
        api("training").post(f"/community/topics/{topic_id}/firms", told, version=form.text("version"))
    except Problem as problem:
        form.refused(problem, unit="firms_unit")
        return _topic(topic_id, form), problem.status
    flash(_("The topic is changed."))
    return redirect(f"/training/community/{topic_id}", 303)


@blueprint.post(f"{_POST}/text")
@for_roles(*PERSON_ROLES)
def change_post(topic_id: UUID, post_id: UUID) -> Any:
    """Change one's own post."""
    form = Form(request.form)
    field = f"text-{post_id}"
    try:
        told = {"text": form.text(field)}
        api("training").put(f"/community/posts/{post_id}", told, version=form.text("version"))
    except Problem as problem:
        form.refused(problem, text=field)
        return _topic(topic_id, form), problem.status
    flash(_("Your post is changed."))
    return redirect(f"/training/community/{topic_id}", 303)


@blueprint.post(f"{_POST}/deletion")
@for_roles(*PERSON_ROLES)
def delete_post(topic_id: UUID, post_id: UUID) -> Any:
    """Take one's own post back."""
    return _act(topic_id, f"/community/posts/{post_id}/deletion", None, _("Your post is deleted."))


@blueprint.post(f"{_POST}/reports")
@for_roles(*PERSON_ROLES)
def report_post(topic_id: UUID, post_id: UUID) -> Any:
    """Tell the moderators."""
    return _with_reason(topic_id, post_id, "reports", "report", _("The moderators see it. Thank you."))


@blueprint.post(f"{_POST}/hiding")
@for_roles(*MODERATORS)
def hide_post(topic_id: UUID, post_id: UUID) -> Any:
    """Hide a post."""
    return _with_reason(topic_id, post_id, "hiding", "hide", _("The post is hidden. Its author reads the reason."))


@blueprint.post(f"{_POST}/restoration")
@for_roles(*MODERATORS)
def restore_post(topic_id: UUID, post_id: UUID) -> Any:
    """Show a post again."""
    return _act(topic_id, f"/community/posts/{post_id}/restoration", None, _("Everybody reads the post again."))


@blueprint.get(f"{_POST}/files/<uuid:file_id>")
@for_roles(*PERSON_ROLES)
def post_file(topic_id: UUID, post_id: UUID, file_id: UUID) -> Response:
    """A file of a post, to be saved."""
    del topic_id
    return send(api("training").file(f"/community/posts/{post_id}/files/{file_id}"))


@blueprint.get("/community/reports")
@for_roles(*MODERATORS)
def reports() -> Any:
    """What was reported and waits for somebody to judge it."""
    return _reports(Form())


@blueprint.post("/community/reports/<uuid:report_id>")
@for_roles(*MODERATORS)
def settle_report(report_id: UUID) -> Any:
    """Hide what was reported, or keep it."""
    form = Form(request.form)
    field = f"reason-{report_id}"
    told = {"outcome": form.text("outcome"), "reason": form.optional(field)}
    try:
        api("training").post(f"/community/reports/{report_id}/settlement", told)
    except Problem as problem:
        form.refused(problem, reason=field)
        return _reports(form), problem.status
    flash(_("The report is settled."))
    return redirect("/training/community/reports", 303)


@blueprint.get("/community/firms")
@for_roles(*MODERATORS)
def contributions() -> Any:
    """What firms wrote and waits for a moderator."""
    return _contributions(Form())


@blueprint.post("/community/firms/<uuid:contribution_id>")
@for_roles(*MODERATORS)
def decide_contribution(contribution_id: UUID) -> Any:
    """Let what a firm wrote be shown, or not."""
    form = Form(request.form)
    field = f"reason-{contribution_id}"
    told = {"outcome": form.text("outcome"), "reason": form.optional(field)}
    path = f"/community/contributions/{contribution_id}/decision"
    try:
        api("training").post(path, told, version=form.text("version"))
    except Problem as problem:
        form.refused(problem, reason=field)
        return _contributions(form), problem.status
    flash(_("It is shown.") if told["outcome"] == "shown" else _("It is not shown. The firm reads the reason."))
    return redirect("/training/community/firms", 303)


@blueprint.get("/community/resources")
@for_roles(*PERSON_ROLES)
def resources() -> Any:
    """What members share."""
    return _resources(Form(request.args))


@blueprint.post("/community/resources")
@for_roles(*PERSON_ROLES)
def share() -> Any:
    """Share an address, a file or a material of the library."""
    form, sent = Form(request.form), request.files.get("file")
    told = {"space": form.text("shared_space"), "title": form.text("title"), "about": form.text("about")}
    try:
        if material := form.text("material_id"):
            body = {"space": told["space"], "about": told["about"], "material_id": material}
            api("training").post("/community/resource-materials", body)
        elif sent is not None and sent.filename:
            fields = {name: value for name, value in told.items() if value}
            file: dict[str, Any] = {"name": sent.filename, "content": sent.stream, "media_type": sent.mimetype}
            api("training").upload("/community/resource-files", **file, fields=fields)
        else:
            api("training").post("/community/resources", told | {"address": form.text("address")})
    except Problem as problem:
        form.refused(problem, space="shared_space")
        return _resources(form), problem.status
    flash(_("It is shared with the whole network."))
    return redirect("/training/community/resources", 303)


@blueprint.get(f"{_SHARED}/file")
@for_roles(*PERSON_ROLES)
def shared_file(resource_id: UUID) -> Response:
    """A file that a member shares, to be saved."""
    return send(api("training").file(f"/community/resources/{resource_id}/file"))


@blueprint.post(f"{_SHARED}/<any(hiding, restoration):what>")
@for_roles(*MODERATORS)
def judge_resource(resource_id: UUID, what: str) -> Any:
    """Hide what was shared, or show it again."""
    form = Form(request.form)
    field = f"reason-{resource_id}"
    told = {"reason": form.text(field)} if what == "hiding" else None
    try:
        api("training").post(f"/community/resources/{resource_id}/{what}", told, version=form.text("version"))
    except Problem as problem:
        form.refused(problem, reason=field)
        return _resources(form), problem.status
    flash(_("It is hidden.") if what == "hiding" else _("Everybody sees it again."))
    return redirect("/training/community/resources", 303)


def _topic(topic_id: UUID, form: Form) -> str:
    client = api("training")
    found = client.get(f"/community/topics/{topic_id}")
    after = request.args.get("after") if request.method == "GET" else None
    posts = client.get(f"/community/topics/{topic_id}/posts", {"limit": _PER_PAGE, "after": after})
    if posts.rows and posts.rows[-1]["number"] > found["read_number"]:
        client.post(f"/community/topics/{topic_id}/reading", {"number": posts.rows[-1]["number"]})
    if not form.errors:
        form = Form({"firms_unit": found["firms_unit"] or ""})
    facts = {"found": found, "posts": posts, "parts": parts, "firm_places": _firm_places(found["firms_unit"])}
    return render_template("community/topic.html", form=form, **facts, **_about())


def _with_reason(topic_id: UUID, post_id: UUID, path: str, kind: str, said: str) -> Any:
    form = Form(request.form)
    field = f"{kind}-{post_id}"
    version = form.optional("version")
    try:
        api("training").post(f"/community/posts/{post_id}/{path}", {"reason": form.text(field)}, version=version)
    except Problem as problem:
        form.refused(problem, reason=field)
        return _topic(topic_id, form), problem.status
    flash(said)
    return redirect(f"/training/community/{topic_id}", 303)


def _act(topic_id: UUID, path: str, told: Any, said: str) -> Any:
    form = Form(request.form)
    try:
        api("training").post(path, told, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _topic(topic_id, form), problem.status
    flash(said)
    if path.endswith("/deletion"):
        return redirect("/training/community", 303)
    return redirect(f"/training/community/{topic_id}", 303)


def _reports(form: Form) -> str:
    asked = {"open": True, "after": request.args.get("after"), "limit": 30}
    found = api("training").get("/community/reports", asked)
    return render_template("community/reports.html", reports=found, form=form, **_about())


def _contributions(form: Form) -> str:
    asked = {"waiting": True, "after": request.args.get("after"), "limit": 30}
    found = api("training").get("/community/contributions", asked)
    return render_template("community/firms.html", contributions=found, form=form, **_about())


def _resources(form: Form) -> str:
    asked = {name: request.args.get(name) for name in ("space", "text", "after")} | {"limit": _PER_PAGE}
    try:
        found = api("training").get("/community/resources", asked)
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    facts = {"resources": found, "shelf": _shelf(), "where_read": where_read}
    return render_template("community/resources.html", form=form, **facts, **_about())


def _firm_places(chosen: str | None) -> list[tuple[str, Any]]:
    """Where the firms are at home that a moderator lets read: in her territory, and what is chosen already."""
    found = [(EVERYWHERE, _("Everywhere")), *home_choices()] if me().scope.covers(EVERYWHERE) else home_choices()
    if chosen and chosen not in dict(found):
        found.append((chosen, _("Everywhere") if chosen == EVERYWHERE else places.in_full(chosen)))
    return found


def _shelf() -> list[tuple[str, str]]:
    """Materials of the library that she may share: the network's for who works with it, else what anybody reads."""
    if me().has(*LIBRARY_READERS):
        rows = api("training").get("/library", {"limit": 100}).rows
    else:
        rows = api("training", as_portal=True).get("/public-library", {"limit": 100}).rows
    return [(row["id"], row["title"]) for row in rows if row.get("reach") != "team"]


def _about() -> dict[str, Any]:
    """What every page of the community is given."""
    spaces = api("training").get("/community/spaces").rows
    words = {space["code"]: space["words"][g.language] for space in spaces}
    return {"space_words": words, "space_choices": list(words.items()), "moderates": me().has(*MODERATORS)}

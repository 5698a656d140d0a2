"""Parked events of all services: what could not be taken over, and what to do about it."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from services.portal.clients import Away, Problem, api
from services.portal.frame import Form, _, for_roles, sentence

blueprint = Blueprint("pages_events", __name__, url_prefix="/parked-events")
CONSUMERS = ("registry", "territory", "training", "credit")


@blueprint.get("")
@for_roles("admin", "auditor")
def listed() -> Any:
    """Every parked event, by the service where it waits; a service that is away says so."""
    waiting: list[tuple[str, list[dict[str, Any]] | None]] = []
    for consumer in CONSUMERS:
        try:
            waiting.append((consumer, api(consumer).get("/parked-events").rows))
        except Away:
            waiting.append((consumer, None))
    return render_template("events/list.html", waiting=waiting)


@blueprint.get("/<consumer>/<source>/<int:position>")
@for_roles("admin", "auditor")
def show(consumer: str, source: str, position: int) -> Any:
    """One parked event: its error, its content, and the two ways on."""
    return _shown(consumer, source, position, Form())


@blueprint.post("/<consumer>/<source>/<int:position>/retry")
@for_roles("admin")
def retry(consumer: str, source: str, position: int) -> Any:
    """Try it again now."""
    return _act(consumer, source, position, "retry", None, _("It is tried again within seconds."))


@blueprint.post("/<consumer>/<source>/<int:position>/discard")
@for_roles("admin")
def discard(consumer: str, source: str, position: int) -> Any:
    """Give it up for ever, with a reason."""
    form = Form(request.form)
    if not form.text("reason"):
        form.wrong("reason", sentence("events.reason_missing"))
        return _shown(consumer, source, position, form), 422
    body = {"reason": form.text("reason")}
    return _act(consumer, source, position, "discard", body, _("It is given up. What waited behind it goes on."), form)


def _act(
    consumer: str, source: str, position: int, verb: str, body: Any, told: str, form: Form | None = None
) -> Response | tuple[str, int]:
    form = form or Form()
    try:
        _client(consumer).post(f"/parked-events/{source}/{position}/{verb}", body)
    except Problem as problem:
        if problem.status == 404:
            raise
        form.refused(problem)
        return _shown(consumer, source, position, form), problem.status
    flash(told)
    return redirect("/parked-events", 303)


def _shown(consumer: str, source: str, position: int, form: Form) -> str:
    event = _client(consumer).get(f"/parked-events/{source}/{position}")
    return render_template("events/show.html", consumer=consumer, event=event, form=form)


def _client(consumer: str) -> Any:
    if consumer not in CONSUMERS:
        abort(404)
    return api(consumer)

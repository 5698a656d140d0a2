"""Files on their way: handed to territory, looked at while they are read, and changed."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form

_UNDER_WAY = ("reading", "adopting")
_OPEN_JOB = ("queued", "running")
Again = Callable[[Form], str]
"""The page that a file is sent from, with what she typed."""
Shown = Callable[..., str]
"""The page of a file, of what territory says of it, a form, and whether it is being worked on (`working`)."""


def hand_on(path: str, here: str, *, missing: str, again: Again, told: Mapping[str, str] | None = None) -> Any:
    """Hand the file she chose to territory, which reads it in the background; `missing` says that she chose none."""
    form, file = Form(request.form), request.files.get("file")
    if file is None or not file.filename:
        form.wrong("file", missing)
        return again(form), 422
    try:
        received = api("territory").upload(
            path,
            name=file.filename,
            content=file.read(),
            media_type=file.mimetype or "application/octet-stream",
            fields=told,
        )
    except Problem as problem:
        form.refused(problem)
        return again(form), problem.status
    return redirect(f"{here}/{received['id']}", 303)


def watch(path: str, here: str, shown: Shown) -> Any:
    """The page of a file; while it is worked on, the part that changes is polled alone."""
    found = api("territory").get(path)
    working = found["state"] in _UNDER_WAY and (found["job"] or {}).get("state") in _OPEN_JOB
    if request.headers.get("HX-Request"):
        if working:
            return render_template("territory/_working.html", found=found, here=here)
        return "", 200, {"HX-Refresh": "true"}
    return shown(found, Form(), working=working)


def change(path: str, what: str, here: str, shown: Shown, *, body: Mapping[str, Any], form: Form) -> Any:
    """Ask territory for something of the file (`columns`, `adoption`); a refusal stands on its page."""
    try:
        api("territory").put(f"{path}/{what}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return shown(api("territory").get(path), form, working=False), problem.status
    return redirect(here, 303)

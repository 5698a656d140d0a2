"""How what was typed is kept: a row of a list of the registry, its files, and what is taken out of it."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, over


def municipalities_in_one(problem: Problem) -> dict[str, str]:
    """What is wrong with one municipality belongs to the field they are all written in."""
    names = [str(error.get("pointer", "")).strip("/").replace("/", "-") for error in problem.errors]
    return {name: "municipalities" for name in names if name.startswith("municipalities")}


def save(
    path: str,
    row_id: UUID | None,
    body: Mapping[str, Any],
    form: Form,
    *,
    again: Callable[[Answer | None, Form], Any],
    said: str,
    renamed: Callable[[Problem], Mapping[str, str]] = municipalities_in_one,
) -> Any:
    """A new row of the list at `path`, or the one with this id as it was typed; its page is next. What is refused is
    shown `again`, over the row as it is now where somebody changed it meanwhile.
    """
    registry = api("registry")
    try:
        if row_id is None:
            saved = registry.post(path, body)
        else:
            saved = registry.put(f"{path}/{row_id}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem, **renamed(problem))
        found = None if row_id is None else registry.get(f"{path}/{row_id}")
        shown = over(found, form) if found and problem.status == CHANGED_MEANWHILE else form
        return again(found, shown), problem.status
    flash(said)
    return redirect(f"/registry{path}/{saved['id']}", 303)


def keep_file(path: str, *, again: Callable[[Form], Any]) -> Any:
    """The chosen file kept with the row at `path`, whose page is next; what is refused is shown `again`."""
    form, sent = Form(request.form), request.files.get("file")
    if sent is None or not sent.filename:
        form.wrong("file", _("Choose a file."))
        return again(form), 422
    try:
        api("registry").upload(f"{path}/files", name=sent.filename, content=sent.stream, media_type=sent.mimetype)
    except Problem as problem:
        form.refused(problem)
        return again(form), problem.status
    flash(_("The file is kept."))
    return redirect(f"/registry{path}", 303)


def take_out(path: str, what: str, *, said: str) -> Any:
    """What stands under the row at `path` is taken out; the page of the row is next."""
    api("registry").delete(f"{path}/{what}", version=request.form.get("version", ""))
    flash(said)
    return redirect(f"/registry{path}", 303)


def lines(form: Form, name: str) -> list[str]:
    """What is written in the field, line by line."""
    return [line.strip() for line in form.text(name).splitlines() if line.strip()]


def options(path: str) -> list[tuple[str, str]]:
    """The rows of a list by their names, for a select."""
    return [(row["id"], row["name"]) for row in api("registry").get(path).rows]

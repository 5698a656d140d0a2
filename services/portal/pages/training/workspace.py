"""The workspace of a placement: groups beside each other, women moved between them, and what each move does."""

from typing import Any
from uuid import UUID

from flask import flash, jsonify, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles
from services.portal.pages.registry.codes import said
from services.portal.pages.training.area import READERS, TEAM, blueprint
from services.portal.pages.training.placement_map import drawn
from services.portal.pages.training.placements import SAID, effect, kept, targets_of, words_of
from services.portal.pages.training.round_words import REASONS, type_name, why

_ONE = "/placements/<uuid:placement_id>"
_SIDE_BY_SIDE = 6
"""Groups that stand beside each other on one page."""
_WAITING = 24
"""Left-out women beside them."""
_AT_ONCE = 200


@blueprint.get(_ONE)
@for_roles(*READERS)
def placement(placement_id: UUID) -> Any:
    """Groups, map, left-out women by reason, what would place more, how far from the best."""
    client = api("training")
    shown = client.get(f"/placements/{placement_id}")
    if request.headers.get("HX-Request"):
        if shown["state"] != "improving":
            return "", 200, {"HX-Refresh": "true"}
        return render_template("training/_placement_progress.html", placement=shown)
    points = client.get(f"/placements/{placement_id}/points")["points"]
    words = words_of(shown)
    board = _board(client, shown, words["choices"])
    map_ = drawn(shown, points)
    return render_template("training/placement.html", placement=shown, map=map_, board=board, **words)


@blueprint.post(f"{_ONE}/moves")
@for_roles(*TEAM)
def move(placement_id: UUID) -> Any:
    """Move a woman, and say what that did."""
    form = Form(request.form)
    to = form.integer("to")
    body = {"entrepreneur_id": form.text("woman"), "to": to or None}
    if not form.text("woman"):
        return _refused(_("Choose a woman first."), 422, _back(form, placement_id))
    try:
        shown = api("training").post(f"/placements/{placement_id}/moves", body, version=form.text("version"))
    except Problem as problem:
        if problem.status not in SAID:
            raise
        return _refused(problem.detail, problem.status, _back(form, placement_id))
    told = _("Moved. %(effect)s", effect=f"{effect(shown['moves'][0]['gained'])} {kept(shown)}".strip())
    return _changed(shown, told, _back(form, placement_id))


@blueprint.post(f"{_ONE}/undo")
@for_roles(*TEAM)
def undo(placement_id: UUID) -> Any:
    """Take the last move back."""
    form = Form(request.form)
    back = _back(form, placement_id)
    try:
        shown = api("training").post(f"/placements/{placement_id}/moves/undo", {}, version=form.text("version"))
    except Problem as problem:
        if problem.status not in SAID:
            raise
        return _refused(problem.detail, problem.status, back)
    return _changed(shown, f"{_('The last move is taken back.')} {kept(shown)}".strip(), back)


def _back(form: Form, placement_id: UUID) -> str:
    """The page from which she moved a woman."""
    address = f"/training/placements/{placement_id}"
    if form.text("from").isdecimal():
        return f"{address}/groups/{form.text('from')}"
    if form.flag("out"):
        return f"{address}/left-out"
    first = form.text("first")
    return f"{address}?first={first}#board" if first.isdecimal() else f"{address}#board"


def _in_place() -> bool:
    """Whether the script of the workspace asks, which changes the page itself."""
    return request.accept_mimetypes.best == "application/json"


def _refused(sentence: str, status: int, back: str) -> Any:
    if _in_place():
        return jsonify(said=sentence, stale=status == CHANGED_MEANWHILE), status
    flash(sentence, "bad")
    return redirect(back, 303)


def _changed(shown: Any, sentence: str, back: str) -> Any:
    if not _in_place():
        flash(sentence)
        return redirect(back, 303)
    least = shown["asked"]["minimum"]
    groups = [
        {"number": one["number"], "women": one["women"], "type": type_name(one["type"]), "small": one["women"] < least}
        for one in shown["groups"]
    ]
    counted = {name: shown[name] for name in ("version", "placed", "left_out")}
    return jsonify(said=sentence, groups=groups, undo=bool(shown["moves"]), kept=kept(shown), **counted)


def _board(client: Any, shown: Any, choices: Any) -> dict[str, Any]:
    """The groups of the page with their women, and the first of those left out for the reason that is asked."""
    asked = request.args.get("first", "")
    numbers = [group["number"] for group in shown["groups"]]
    begin = next((place for place, number in enumerate(numbers) if asked.isdecimal() and number >= int(asked)), 0)
    groups = shown["groups"][begin : begin + _SIDE_BY_SIDE]
    women: dict[int, list[Any]] = {group["number"]: [] for group in groups}
    if groups:
        span = {"first": groups[0]["number"], "last": groups[-1]["number"]}
        for row in _every(client, f"/placements/{shown['id']}/women", span):
            women[row["group_number"]].append(row)
    reason = request.args.get("reason") if request.args.get("reason") in REASONS else None
    out = client.get(f"/placements/{shown['id']}/left-out", {"reason": reason, "limit": _WAITING})
    return {
        "groups": [group | {"members": women[group["number"]]} for group in groups],
        "first": groups[0]["number"] if groups else None,
        "before": numbers[max(begin - _SIDE_BY_SIDE, 0)] if begin else None,
        "after": numbers[begin + _SIDE_BY_SIDE] if begin + _SIDE_BY_SIDE < len(numbers) else None,
        "out": [row | {"why": _why(row, shown, choices)} for row in out.rows],
        "more": out.next,
        "reason": reason,
        "targets": targets_of(shown, choices),
    }


def _why(row: Any, shown: Any, choices: Any) -> tuple[str, str]:
    return said(REASONS, row["reason"]), why(row, shown, choices)


def _every(client: Any, path: str, asked: dict[str, Any]) -> list[Any]:
    answer: Answer = client.get(path, asked | {"limit": _AT_ONCE})
    rows = answer.rows
    while answer.next:
        answer = client.get(path, asked | {"limit": _AT_ONCE, "after": answer.next})
        rows += answer.rows
    return rows

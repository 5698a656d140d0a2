"""Women who may be in the inventory twice: the queue, the pair side by side, merging and undoing."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, me, over
from services.portal.pages.registry import place_names
from services.portal.pages.registry.area import IMPORTERS, blueprint
from services.portal.pages.registry.comparing import FIELDS, UNITED, joined, told

COORDINATORS = ("coordinator", "network_coordinator")
DECISIONS = {"same": ("The same woman", "good"), "look_at": ("To be looked at", "warn")}
STATES = {"open": "Pending", "not_duplicates": "Two women", "merged": "Merged"}
_SIDES = ("one", "other")
_SHOWN = 200


@blueprint.get("/duplicates")
@for_roles(*IMPORTERS)
def duplicates() -> Any:
    """The pairs that wait, the most likely first."""
    asked = {name: request.args.get(name, "") for name in ("municipality", "decision", "state", "after")}
    return _page(
        "duplicates.html",
        Form(request.args),
        pairs=api("registry").get("/duplicates", asked | {"limit": 25}),
        counts=api("registry").get("/duplicates/count"),
        search=api("registry").get("/duplicates/search"),
        places=place_names.place_choices(),
    )


@blueprint.post("/duplicates/search")
@for_roles(*IMPORTERS)
def search_duplicates() -> Any:
    """Have the registry search."""
    api("registry").post("/duplicates/search", {"thorough": False})
    flash(_("The inventory is being searched. Come back to this page in a moment."))
    return redirect("/registry/duplicates", 303)


@blueprint.get("/duplicates/<uuid:pair_id>")
@for_roles(*IMPORTERS)
def pair(pair_id: UUID) -> Any:
    """Two records side by side, and why they may be of one woman."""
    found = _found(pair_id)
    return _page("pair.html", Form({"version": found["version"]}), pair=found)


@blueprint.post("/duplicates/<uuid:pair_id>/apart")
@for_roles(*IMPORTERS)
def tell_apart(pair_id: UUID) -> Any:
    """They are two women."""
    form = Form(request.form)
    try:
        body = {"because": form.text("because")}
        api("registry").post(f"/duplicates/{pair_id}/apart", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        found = _found(pair_id)
        shown = over(found, form) if problem.status == CHANGED_MEANWHILE else form
        return _page("pair.html", shown, pair=found), problem.status
    flash(_("It is written down that they are two women."))
    return redirect("/registry/duplicates", 303)


@blueprint.post("/duplicates/<uuid:pair_id>/reopen")
@for_roles(*IMPORTERS)
def reopen(pair_id: UUID) -> Any:
    """They may be one after all."""
    try:
        api("registry").post(f"/duplicates/{pair_id}/reopen", version=request.form.get("version", ""))
    except Problem as problem:
        if problem.status not in {409, CHANGED_MEANWHILE}:
            raise
        flash(problem.detail, "bad")
    return redirect(f"/registry/duplicates/{pair_id}", 303)


@blueprint.get("/duplicates/<uuid:pair_id>/merge")
@for_roles(*COORDINATORS)
def choosing_sides(pair_id: UUID) -> Any:
    """Which record stays, and what is taken of each; what the registry suggests is chosen already."""
    found = _found(pair_id)
    if not found["may_merge"]:
        return redirect(f"/registry/duplicates/{pair_id}", 303)
    return _page("merge.html", Form(_suggested(found)), pair=found)


@blueprint.post("/duplicates/<uuid:pair_id>/merge")
@for_roles(*COORDINATORS)
def merge(pair_id: UUID) -> Any:
    """Show what would become of both, let her choose again, or do it: `step` says which."""
    form, found, step = Form(request.form), _found(pair_id), request.form.get("step", "check")
    if not found["may_merge"]:
        flash(_("This pair cannot be merged any more."), "bad")
        return redirect(f"/registry/duplicates/{pair_id}", 303)
    if step == "change":
        return _page("merge.html", form, pair=found)
    if step != "confirm":
        return _page("merge_check.html", form, pair=found, outcome=_outcome(found, form))
    try:
        made = api("registry").post(f"/duplicates/{pair_id}/merge", _body(found, form), version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        again = Form(_suggested(found) | request.form.to_dict() | _versions(found))
        again.errors.update(form.errors)
        return _page("merge.html", again, pair=found), problem.status
    return redirect(f"/registry/duplicates/merges/{made['id']}?new=yes", 303)


@blueprint.get("/duplicates/merges")
@for_roles(*IMPORTERS)
def merges() -> Any:
    """What was merged."""
    found = api("registry").get("/duplicates/merges", {"after": request.args.get("after"), "limit": 25})
    return _page("merges.html", Form(), merges=found)


@blueprint.get("/duplicates/merges/<uuid:merge_id>")
@for_roles(*IMPORTERS)
def merged(merge_id: UUID) -> Any:
    """One merge, and its undoing."""
    found = api("registry").get(f"/duplicates/merges/{merge_id}")
    return _page("merged.html", Form({"version": found["version"]}), merge=found)


@blueprint.post("/duplicates/merges/<uuid:merge_id>/undo")
@for_roles(*COORDINATORS)
def unmerge(merge_id: UUID) -> Any:
    """Both records stand as before."""
    form = Form(request.form)
    try:
        api("registry").post(f"/duplicates/merges/{merge_id}/undo", version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        found = api("registry").get(f"/duplicates/merges/{merge_id}")
        again = Form({"version": found["version"]})
        again.errors.update(form.errors)
        return _page("merged.html", again, merge=found), problem.status
    flash(_("The merge is undone: both records stand as they stood before."))
    return redirect(f"/registry/duplicates/merges/{merge_id}", 303)


@blueprint.get("/duplicates/certain")
@for_roles(*COORDINATORS)
def certain() -> Any:
    """The pairs that would be merged without looking at each."""
    pairs = api("registry").get("/duplicates", {"decision": "same", "limit": _SHOWN})
    return _page("certain.html", Form(), pairs=pairs, count=api("registry").get("/duplicates/count")["certain"])


@blueprint.post("/duplicates/certain")
@for_roles(*COORDINATORS)
def merge_certain() -> Any:
    """Have the registry merge them."""
    try:
        api("registry").post("/duplicates/merge-certain")
    except Problem as problem:
        if problem.status != 409:
            raise
        flash(problem.detail, "bad")
    else:
        flash(_("The certain ones are being merged, each by itself. Each of them can be undone."))
    return redirect("/registry/duplicates", 303)


def _found(pair_id: UUID) -> Answer:
    return api("registry").get(f"/duplicates/{pair_id}")


def _page(template: str, form: Form, **facts: Any) -> str:
    return render_template(
        f"registry/{template}",
        form=form,
        told=told,
        joined=joined,
        FIELDS=FIELDS,
        UNITED=UNITED,
        DECISIONS=DECISIONS,
        STATES=STATES,
        may_merge=me().has(*COORDINATORS),
        **facts,
    )


def _versions(found: Mapping[str, Any]) -> dict[str, Any]:
    return {"version": found["version"], **{f"{side}_version": found[side]["version"] for side in _SIDES}}


def _suggested(found: Mapping[str, Any]) -> dict[str, Any]:
    """The choices of the form as the registry would make them."""
    chosen: dict[str, Any] = _versions(found) | {"survivor": found["preferred"]}
    chosen |= {f"woman-{one['field']}": one["suggested"] for one in found["said"] if one["suggested"]}
    for number, compared in enumerate(found["comparisons"]):
        chosen[f"same-{number}"] = "yes" if compared["alike"] else ""
        chosen |= {f"{number}-{one['field']}": one["suggested"] for one in compared["said"] if one["suggested"]}
    return chosen


def _body(found: Mapping[str, Any], form: Form) -> dict[str, Any]:
    side = form.text("survivor")
    return {
        "survivor_id": found[side if side in _SIDES else "one"]["id"],
        "sides": _sides(found["said"], form, "woman"),
        "enterprises": [
            {"one_id": one["one_id"], "other_id": one["other_id"], "sides": _sides(one["said"], form, str(number))}
            for number, one in enumerate(found["comparisons"])
            if form.flag(f"same-{number}")
        ],
        **{f"{side}_version": form.integer(f"{side}_version") for side in _SIDES},
    }


def _sides(said: list[dict[str, Any]], form: Form, prefix: str) -> dict[str, str]:
    named = {one["field"]: form.text(f"{prefix}-{one['field']}") for one in said if one["suggested"]}
    return {field: side for field, side in named.items() if side}


def _outcome(found: Mapping[str, Any], form: Form) -> dict[str, Any]:
    """What the one record would say: of the woman, and of each enterprise that becomes one."""
    names = {one["id"]: one["name"] for side in _SIDES for one in found[side]["enterprises"]}
    return {
        "survivor": found[form.text("survivor") if form.text("survivor") in _SIDES else "one"],
        "woman": _taken(found["said"], form, "woman"),
        "enterprises": [
            {
                "names": [names[one["one_id"]], names[one["other_id"]]],
                "taken": _taken(one["said"], form, str(number)),
            }
            for number, one in enumerate(found["comparisons"])
            if form.flag(f"same-{number}")
        ],
        "consents": [(answer["purpose"], _stricter(answer)) for answer in found["answers"]],
    }


def _taken(said: list[dict[str, Any]], form: Form, prefix: str) -> list[tuple[str, str]]:
    taken = []
    for one in said:
        chosen = form.text(f"{prefix}-{one['field']}")
        side = chosen if chosen in _choices(one["field"]) else one["suggested"] or "one"
        value = joined(one["field"], one["one"], one["other"]) if side == "both" else told(one["field"], one[side])
        taken.append((one["field"], value))
    return taken


def _choices(field: str) -> tuple[str, ...]:
    return (*_SIDES, "both") if field in UNITED else _SIDES


def _stricter(answer: Mapping[str, Any]) -> bool:
    return all(answer[side] for side in _SIDES if answer[side] is not None)

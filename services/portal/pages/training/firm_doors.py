"""What is done for one firm, by its team or by itself through its link: the same pages behind two doors."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import flash, g, redirect, request

from services.portal.clients import Answer, Problem
from services.portal.frame import Form, _
from services.portal.pages.training import firm_evidence
from services.portal.pages.training.firm_door import Door
from shared.kernel import clock

_LISTS = ("values", "committee", "lines")
_TEXTS = ("mission", "vision", "communication")
_ACTION = ("gap", "line", "action", "business_case", "responsible", "begins_on", "ends_on", "resources", "measure",
           "baseline", "target")  # fmt: skip


def begin_diagnosis(door: Door) -> Any:
    """Begin the diagnosis in the form that was chosen."""
    return _done(door, lambda: door.begin_diagnosis(Form(request.form).text("form")), "/diagnosis")


def diagnosis(door: Door) -> Any:
    """Its areas while it is answered, what it comes to afterwards."""
    if door.firm["diagnosis"] is None:
        return redirect(door.base, 303)
    return diagnosis_page(door, Form())


def area(door: Door, area: str) -> Any:
    """The questions of one area."""
    found = door.area(area)
    begun: dict[str, Any] = {}
    for one in found["indicators"]:
        begun |= {f"answer-{one['code']}": one["answer"] or "", f"evidence-{one['code']}": one["evidence"]}
    return door.show("firm_area.html", area=found, form=Form(begun), following=_following(door, area))


def answer(door: Door, area: str) -> Any:
    """Save the answers of an area, and go on to the next one."""
    found, form = door.area(area), Form(request.form)
    codes = [one["code"] for one in found["indicators"]]
    if firm_evidence.lacks_indicator(form, found):
        return door.show("firm_area.html", area=found, form=form, following=_following(door, area)), 422
    rows = [
        {"indicator": code, "answer": form.optional(f"answer-{code}"), "evidence": form.text(f"evidence-{code}")}
        for code in codes
    ]
    try:
        door.client.put(f"{door.diagnosis_path}/areas/{area}", {"answers": rows}, version=form.text("version"))
    except Problem as problem:
        named = {f"answers-{place}-evidence": f"evidence-{code}" for place, code in enumerate(codes)}
        named |= {f"answers-{code}": f"answer-{code}" for code in codes}
        form.refused(problem, **named)
        return door.show("firm_area.html", area=found, form=form, following=_following(door, area)), problem.status
    flash(_("Saved."))
    if firm_evidence.show(door, f"{door.diagnosis_path}/evidence/{form.text('shows')}"):
        return redirect(f"{door.base}/areas/{area}#files", 303)
    following = _following(door, area) if form.text("next") else None
    return redirect(f"{door.base}/areas/{following}" if following else f"{door.base}/diagnosis", 303)


def stakeholders(door: Door) -> Any:
    """Who is affected by the firm."""
    return door.show("firm_stakeholders.html", form=Form())


def map_stakeholders(door: Door) -> Any:
    """Add one to the map, or take one away."""
    form = Form(request.form)
    kept = list((door.firm["diagnosis"] or {}).get("stakeholders", []))
    gone = form.text("remove")
    if gone.isdecimal() and int(gone) < len(kept):
        kept.pop(int(gone))
    elif not gone:
        row: dict[str, Any] = {name: form.text(name) for name in ("name", "kind", "expects", "how")}
        kept.append(row | {name: form.integer(name) for name in ("influence", "interest")})
    try:
        door.client.put(f"{door.diagnosis_path}/stakeholders", {"stakeholders": kept}, version=form.text("version"))
    except Problem as problem:
        place = len(kept) - 1
        named = ("name", "kind", "influence", "interest", "expects", "how")
        form.refused(problem, **{f"stakeholders-{place}-{name}": name for name in named})
        return door.show("firm_stakeholders.html", form=form), problem.status
    flash(_("Saved."))
    return redirect(f"{door.base}/stakeholders", 303)


def hand_in(door: Door) -> Any:
    """Hand the diagnosis in."""
    form = Form(request.form)
    try:
        door.client.post(f"{door.diagnosis_path}/submission", version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return diagnosis_page(door, form), problem.status
    flash(_("The diagnosis is handed in. Thank you."))
    return redirect(f"{door.base}/diagnosis", 303)


def begin_plan(door: Door) -> Any:
    """Begin a plan."""
    return _done(door, door.begin_plan, "/plan")


def plan(door: Door) -> Any:
    """The plan and what comes next."""
    if door.firm["plan"] is None:
        return redirect(door.base, 303)
    return door.show("firm_plan.html", form=Form())


def plan_text(door: Door) -> Any:
    """What the plan says besides its actions, to be written."""
    said = door.said
    return door.show("firm_plan_text.html", form=Form({**said, **{name: "\n".join(said[name]) for name in _LISTS}}))


def write_text(door: Door) -> Any:
    """Save what the plan says besides its actions."""
    form = Form(request.form)
    told: dict[str, Any] = {name: form.text(name) for name in _TEXTS}
    told |= {name: [line.strip() for line in form.text(name).splitlines() if line.strip()] for name in _LISTS}
    try:
        door.client.put(door.plan_path, {**_content(door), **told}, version=form.text("version"))
    except Problem as problem:
        form.refused(problem, **{f"{name}-{place}": name for name in _LISTS for place in range(20)})
        return door.show("firm_plan_text.html", form=form), problem.status
    flash(_("Saved."))
    return redirect(f"{door.base}/plan", 303)


def action(door: Door) -> Any:
    """A new action, to be written; its gap may be chosen already."""
    del_ = {"gap": request.args.get("gap", "")[:20], "begins_on": clock.today().isoformat()}
    return door.show("firm_action.html", form=Form(del_), gaps=_gaps(door))


def write_action(door: Door) -> Any:
    """Add an action to the plan, or take one away."""
    form, content = Form(request.form), _content(door)
    gone = form.text("remove")
    if gone.isdecimal() and 0 < int(gone) <= len(content["actions"]):
        content["actions"].pop(int(gone) - 1)
    elif not gone:
        content["actions"].append({name: form.text(name) for name in _ACTION} | {"quick_win": form.flag("quick_win")})
    try:
        door.client.put(door.plan_path, content, version=form.text("version"))
    except Problem as problem:
        place = len(content["actions"]) - 1
        form.refused(problem, **{f"actions-{place}-{name}": name for name in _ACTION})
        return door.show("firm_action.html", form=form, gaps=_gaps(door)), problem.status
    flash(_("Saved."))
    return redirect(f"{door.base}/plan", 303)


def submit_plan(door: Door) -> Any:
    """Hand the plan in for review."""
    form = Form(request.form)
    try:
        door.client.post(f"{door.plan_path}/submission", version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        form.errors = {"": next(iter(form.errors.values()))}
        return door.show("firm_plan.html", form=form), problem.status
    flash(_("The plan is handed in. Somebody reviews it and answers with recommendations."))
    return redirect(f"{door.base}/plan", 303)


def select_key_actions(door: Door) -> Any:
    """Choose the few actions that are followed."""
    numbers = [int(one) for one in Form(request.form).many("actions") if one.isdecimal() and len(one) < 5]
    return _step(door, "key-aspects", {"actions": numbers}, _("The key actions are chosen."))


def begin_execution(door: Door) -> Any:
    """Begin to carry the plan out."""
    told = {"begins_on": Form(request.form).text("begins_on")}
    return _step(door, "execution", told, _("The plan is under way."))


def _step(door: Door, step: str, told: dict[str, Any], said: str) -> Any:
    form = Form(request.form)
    try:
        door.client.post(f"{door.plan_path}/{step}", told, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return door.show("firm_plan.html", form=form), problem.status
    flash(said)
    return redirect(f"{door.base}/plan", 303)


def check_in(door: Door) -> Any:
    """The report of a month, to be written."""
    due = door.said["due"] or [one["month"] for one in door.said["months"]]
    return door.show("firm_check_in.html", form=Form({"month": str(due[0]) if due else ""}))


def report(door: Door) -> Any:
    """Send the report of a month."""
    form = Form(request.form)
    keys = [one["number"] for one in door.said["actions"] if one["key"]]
    progress = [
        {"number": number, "state": form.text(f"state-{number}"), "value": form.text(f"value-{number}")}
        for number in keys
    ]
    told = {"month": form.integer("month"), "progress": progress}
    told |= {name: form.text(name) for name in ("notes", "evidence")}
    try:
        door.client.post(f"{door.plan_path}/check-ins", told)
    except Problem as problem:
        form.refused(
            problem,
            **{f"progress-{place}-{part}": f"{part}-{number}" for place, number in enumerate(keys)
               for part in ("state", "value")},
        )  # fmt: skip
        return door.show("firm_check_in.html", form=form), problem.status
    flash(_("The report is sent."))
    firm_evidence.show(door, f"{door.plan_path}/evidence/{told['month']}")
    return redirect(f"{door.base}/plan", 303)


Handler = Callable[..., Any]
LOOKS: Mapping[str, Handler] = {
    "/diagnosis": diagnosis,
    "/areas/<string(maxlength=20):area>": area,
    "/stakeholders": stakeholders,
    "/plan": plan,
    "/plan/text": plan_text,
    "/plan/action": action,
    "/plan/check-in": check_in,
    "/evidence/<uuid:csr_evidence_id>": firm_evidence.open_evidence,
}
"""The pages that are looked at."""
ACTS: Mapping[str, Handler] = {
    "/diagnosis": begin_diagnosis,
    "/areas/<string(maxlength=20):area>": answer,
    "/stakeholders": map_stakeholders,
    "/submission": hand_in,
    "/plan": begin_plan,
    "/plan/text": write_text,
    "/plan/action": write_action,
    "/plan/submission": submit_plan,
    "/plan/key-aspects": select_key_actions,
    "/plan/execution": begin_execution,
    "/plan/check-in": report,
    "/areas/<string(maxlength=20):area>/files": firm_evidence.show_indicator,
    "/plan/months/<int(max=24):month>/files": firm_evidence.show_month,
    "/evidence/<uuid:csr_evidence_id>/erasing": firm_evidence.erase_evidence,
}
"""What is sent."""


def diagnosis_page(door: Door, form: Form) -> str:
    """The diagnosis with what is wrong with what was sent."""
    found = door.firm["diagnosis"]
    if found["state"] == "open":
        return door.show("firm_diagnosis.html", form=form)
    radar = door.client.get(f"{door.diagnosis_path.removesuffix('/diagnosis')}/radar")["drawing"]
    return door.show("firm_result.html", form=form, radar=radar, effect=_effect(door))


def _effect(door: Door) -> Answer | None:
    """What changed since the diagnosis before, for the team, where there is one to compare with."""
    if door.own:
        return None
    try:
        return door.client.get(f"{door.diagnosis_path}/effect")
    except Problem as problem:
        if problem.code != "diagnosis.nothing_to_compare":
            raise
        return None


def _following(door: Door, code: str) -> str | None:
    codes = [one["code"] for one in door.firm["diagnosis"]["areas"]]
    place = codes.index(code) + 1
    return str(codes[place]) if place < len(codes) else None


def _content(door: Door) -> dict[str, Any]:
    """What the plan says, as it is sent."""
    said = door.said
    kept = {name: said[name] for name in (*_TEXTS, *_LISTS)}
    return kept | {"actions": [{name: one[name] for name in (*_ACTION, "quick_win")} for one in said["actions"]]}


def _gaps(door: Door) -> list[tuple[str, list[tuple[str, str]]]]:
    """The indicators with room to improve, by area, as they are chosen from."""
    areas = (door.firm["diagnosis"] or {}).get("areas", [])
    return [
        (
            area["words"][g.language],
            [
                (one["code"], one["words"][g.language])
                for one in area["indicators"]
                if one["answer"] not in {"na", str(len(door.firm["diagnosis"]["levels"]) - 1)}
            ],
        )
        for area in areas
    ]


def _done(door: Door, act: Callable[[], Answer], leads_to: str) -> Any:
    """Do it and go there; what is refused is told on the page of the firm."""
    try:
        act()
    except Problem as problem:
        if problem.status not in {404, 409, 412, 422}:
            raise
        flash(problem.detail, "bad")
        return redirect(door.base, 303)
    return redirect(f"{door.base}{leads_to}", 303)

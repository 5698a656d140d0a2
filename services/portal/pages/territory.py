"""Territory: the map, the value chains, plans, municipal reports, boundaries."""

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, g, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.credit.area import PURPOSES
from services.portal.pages.registry.codes import CHAINS, LINKS, NEEDS, choices, listed, said
from services.portal.pages.registry.place_names import municipality_named, place_choices
from shared import places
from shared.kernel import clock

blueprint = Blueprint("pages_territory", __name__, url_prefix="/territory")

LIVE = ("technician", "coordinator", "network_coordinator", "auditor", "leda_viewer", "credit_officer", "trainer")
POINTS = LIVE
READERS = (
    *LIVE,
    "planner",
    "organization",
    "committee_member",
    "trust_fund_member",
    "cashier",
    "csr_reviewer",
    "admin",
)
KEEPERS = ("coordinator", "network_coordinator", "admin")
PUBLISHERS = ("coordinator", "network_coordinator")
PLANNERS = ("planner", "coordinator", "network_coordinator")
PLAN_KINDS = {
    "pdm_ot": "Municipal development and land use plan (PDM-OT)",
    "pdm": "Municipal development plan (PDM)",
    "pei": "Institutional strategic plan (PEI)",
    "pom": "Operational plan of several years (POM)",
    "poa": "Operational plan of a year (POA)",
    "pdd": "Departmental development plan (PDD)",
    "other": "Other plan",
}
PLAN_STATES = {
    "in_force": ("In force", "good"),
    "to_come": ("To begin", ""),
    "over": ("No longer in force", ""),
    "withdrawn": ("Plan withdrawn", ""),
}
MEASURES = {
    "enterprises": "Enterprises",
    "women": "Women at work",
    "trained": "Enterprises in training",
    "loans": "Loans paid out",
}
FILE_STATES = {
    "reading": ("Being read", ""),
    "read": ("To be confirmed", "accent"),
    "unreadable": ("Cannot be read", "bad"),
    "adopting": ("Being put in force", ""),
    "adopted": ("In force", "good"),
}
UNDER_WAY = ("reading", "adopting")
_OPEN_JOB = ("queued", "running")


@blueprint.get("")
@for_roles(*READERS)
def show() -> Any:
    """The map of a measure, with its table; points for who may see them."""
    asked = {"unit": request.args.get("unit"), "measure": request.args.get("measure")}
    form = Form({"points": me().has(*POINTS) and not request.args} | dict(request.args))
    asked["points"] = "true" if form.flag("points") and me().has(*POINTS) else None
    shown = api("territory").get("/map", asked)
    measure = shown["measure"]
    without = [row for row in shown["units"] if all(row[name] == 0 for name in MEASURES)]
    units = [row for row in shown["units"] if row not in without]
    return render_template(
        "territory/map.html",
        map=shown,
        units=sorted(units, key=lambda row: (row[measure] is None, -(row[measure] or 0))),
        without=without,
        measures=sorted(choices(MEASURES), key=lambda choice: choice[0] != measure),
        form=form,
        drawing_query=_query(asked),
    )


@blueprint.get("/map.svg")
@for_roles(*READERS)
def drawing() -> Any:
    """The map as a file, with legend and scale."""
    asked = {name: request.args.get(name) for name in ("unit", "measure", "points")}
    return send(api("territory").file("/map/drawing", asked))


@blueprint.get("/chains")
@for_roles(*READERS)
def chains() -> Any:
    """Per chain, how many women work at each link, and where a link is missing."""
    unit = request.args.get("unit") or _published_unit()
    shown = api("territory").get("/chains", {"unit": unit})
    return render_template("territory/chains.html", shown=shown, form=Form({"unit": unit or ""}))


@blueprint.get("/plans")
@for_roles(*READERS)
def plans() -> Any:
    """The plans that hold where she works, and what they put first."""
    return _plans(Form())


@blueprint.post("/plans")
@for_roles(*PLANNERS)
def declare_plan() -> Any:
    """Declare what a plan puts first."""
    form = Form(request.form)
    body: dict[str, Any] = {name: form.text(name) for name in ("unit", "kind", "title", "source", "valid_from")}
    body |= {"valid_until": form.optional("valid_until")}
    body |= {name: form.many(name) for name in ("chains", "purposes")}
    try:
        api("territory").post("/plans", body)
    except Problem as problem:
        form.refused(problem)
        return _plans(form), problem.status
    flash(_("The plan is declared: the credit committees see it from now on."))
    return redirect("/territory/plans", 303)


@blueprint.post("/plans/<uuid:plan_id>/withdraw")
@for_roles(*PLANNERS)
def withdraw_plan(plan_id: UUID) -> Any:
    """Say that a plan holds no more."""
    form = Form(request.form)
    try:
        api("territory").post(f"/plans/{plan_id}/withdrawal", version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _plans(form), problem.status
    flash(_("The plan is withdrawn."))
    return redirect("/territory/plans", 303)


@blueprint.get("/reports")
@for_roles(*READERS)
def reports() -> Any:
    """Which municipality's report."""
    form = Form(request.args)
    wanted = form.text("municipality")
    code = municipality_named(wanted) if wanted else ""
    if code in places.municipalities():
        return redirect(f"/territory/reports/{code}", 303)
    if wanted:
        form.wrong("municipality", _("Choose a municipality of the list, or write its name and department."))
    return render_template("territory/reports.html", form=form), 422 if wanted else 200


@blueprint.get("/reports/<string(length=6):municipality>")
@for_roles(*READERS)
def report(municipality: str) -> Any:
    """The figures of a municipal report."""
    told = api("territory").get(f"/reports/municipal/{municipality}")
    return render_template("territory/report.html", report=told, may_publish=me().has(*PUBLISHERS))


@blueprint.get("/reports/<string(length=6):municipality>/document")
@for_roles(*READERS)
def document(municipality: str) -> Any:
    """The report as PDF, in the reader's language unless another is asked for."""
    asked = {"language": request.args.get("language") or g.language}
    return send(api("territory").file(f"/reports/municipal/{municipality}/document", asked))


@blueprint.post("/reports/<string(length=6):municipality>/publish")
@for_roles(*PUBLISHERS)
def publish(municipality: str) -> Any:
    """Publish the department's figures of today in place of this month's."""
    try:
        api("territory").post("/publications", {"department": municipality[:4]})
    except Problem as problem:
        if problem.status not in {403, 404, 409}:
            raise
        flash(problem.detail, "bad")
        return redirect(f"/territory/reports/{municipality}", 303)
    flash(_("Planners now see the figures of today for %(place)s.", place=places.name_of(municipality[:4])))
    return redirect(f"/territory/reports/{municipality}", 303)


@blueprint.get("/boundaries")
@for_roles(*KEEPERS)
def boundaries() -> Any:
    """What is in force, and the files that were sent."""
    return _boundaries(Form())


@blueprint.post("/boundaries")
@for_roles(*KEEPERS)
def send_file() -> Any:
    """Hand a file of official boundaries to territory, which reads it in the background."""
    form, file = Form(request.form), request.files.get("file")
    if file is None or not file.filename:
        form.wrong("file", _("Choose the file of the boundaries."))
        return _boundaries(form), 422
    try:
        received = api("territory").upload(
            "/boundary-files",
            name=file.filename,
            content=file.read(),
            media_type=file.mimetype or "application/octet-stream",
        )
    except Problem as problem:
        form.refused(problem)
        return _boundaries(form), problem.status
    return redirect(f"/territory/boundaries/{received['id']}", 303)


@blueprint.get("/boundaries/<uuid:file_id>")
@for_roles(*KEEPERS)
def boundary_file(file_id: UUID) -> Any:
    """A file: its progress, then its quality report and what to do with it. The part that changes is polled alone."""
    found = api("territory").get(f"/boundary-files/{file_id}")
    working = found["state"] in UNDER_WAY and (found["job"] or {}).get("state") in _OPEN_JOB
    if request.headers.get("HX-Request"):
        if working:
            return render_template("territory/_reading.html", found=found)
        return "", 200, {"HX-Refresh": "true"}
    return _file(found, Form(), working=working)


@blueprint.post("/boundaries/<uuid:file_id>/columns")
@for_roles(*KEEPERS)
def choose_columns(file_id: UUID) -> Any:
    """Have the file read with other columns."""
    form = Form(request.form)
    choice = {name: form.optional(name) for name in ("layer", "code", "name", "country")}
    return _changed(file_id, "columns", choice, form)


@blueprint.post("/boundaries/<uuid:file_id>/adoption")
@for_roles(*KEEPERS)
def adopt(file_id: UUID) -> Any:
    """Put the boundaries of the file in force."""
    form = Form(request.form)
    return _changed(file_id, "adoption", {"source": form.text("source"), "valid_from": form.text("valid_from")}, form)


def _changed(file_id: UUID, what: str, body: dict[str, Any], form: Form) -> Any:
    try:
        api("territory").put(f"/boundary-files/{file_id}/{what}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        found = api("territory").get(f"/boundary-files/{file_id}")
        return _file(found, form, working=False), problem.status
    return redirect(f"/territory/boundaries/{file_id}", 303)


def _boundaries(form: Form) -> str:
    client = api("territory")
    files = client.get("/boundary-files", {"after": request.args.get("after"), "limit": 20})
    return render_template("territory/boundaries.html", sets=client.get("/boundaries").rows, files=files, form=form)


def _file(found: dict[str, Any], form: Form, *, working: bool) -> str:
    kept = found["reading"].get("mapping", {}) | {"layer": found["reading"].get("layer")}
    begun = {name: value or "" for name, value in kept.items()}
    begun |= {"source": found["name"], "valid_from": clock.today().isoformat()}
    begun |= {
        name: form.text(name)
        for name in ("layer", "code", "name", "country", "source", "valid_from")
        if form.text(name)
    }
    shown = Form(begun | {"version": str(found["version"])})
    shown.errors.update(form.errors)
    return render_template("territory/boundary_file.html", found=found, form=shown, working=working)


def _plans(form: Form) -> str:
    found = api("territory").get("/plans", {"after": request.args.get("after"), "limit": 50})
    return render_template("territory/plans.html", plans=found, form=form, may_plan=me().has(*PLANNERS))


def plan_state(plan: dict[str, Any]) -> str:
    """Whether a plan holds today, as the words know it."""
    today = clock.today().isoformat()
    if plan["state"] == "withdrawn":
        return "withdrawn"
    if plan["valid_from"] > today:
        return "to_come"
    return "over" if (plan["valid_until"] or today) < today else "in_force"


def _published_unit() -> str | None:
    """Published chains are told for one unit at a time: the first of her territory, when she sees no live figures."""
    if me().has(*LIVE):
        return None
    mine = sorted(unit for unit in me().scope.units if len(unit) >= 4)
    if mine:
        return mine[0]
    country = next((unit for unit in sorted(me().scope.units) if len(unit) == 2), "GT")
    return min(code for code in places.names() if len(code) == 4 and code.startswith(country))


def _query(asked: dict[str, Any]) -> str:
    return "&".join(f"{name}={value}" for name, value in asked.items() if value)


def unit_choices() -> list[tuple[str, Any]]:
    """Places to look at: the departments she works in, then the municipalities where they are few."""
    scope = me().scope
    departments = [
        (code, places.name_of(code))
        for code in sorted(code for code in places.names() if len(code) == 4)
        if scope.covers(code)
    ]
    countries = [(code, places.name_of(code)) for code in ("GT", "HN", "SV") if scope.covers(code)]
    groups: list[tuple[str, Any]] = [(_("Countries"), countries)] if countries else []
    groups += [(_("Departments"), departments)] if departments else []
    return groups + (place_choices() if not countries else [])


@blueprint.context_processor
def words() -> dict[str, Any]:
    """What the templates of this area say codes with."""
    person = g.get("me")
    return {
        "said": said,
        "full_name": places.full_name,
        "place_name": places.name_of,
        "CHAINS": CHAINS,
        "LINKS": LINKS,
        "NEEDS": NEEDS,
        "MEASURES": MEASURES,
        "choices": choices,
        "listed": listed,
        "PLAN_KINDS": PLAN_KINDS,
        "PLAN_STATES": PLAN_STATES,
        "PURPOSES": PURPOSES,
        "plan_state": plan_state,
        "FILE_STATES": FILE_STATES,
        "unit_choices": unit_choices,
        "place_choices": place_choices,
        "may_see_points": bool(person and person.has(*POINTS)),
        "may_open_records": bool(person and person.has(*LIVE)),
        "may_keep": bool(person and person.has(*KEEPERS)),
    }

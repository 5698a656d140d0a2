"""Reports of municipalities, departments, territories and value chains, and the publications they are of."""

from typing import Any
from urllib.parse import quote

from flask import flash, g, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.registry.codes import CHAINS
from services.portal.pages.registry.place_names import municipality_named
from services.portal.pages.territory.area import PUBLISHERS, READERS, blueprint
from shared import places


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
    return render_template("territory/reports.html", form=form, departments=_departments()), 422 if wanted else 200


@blueprint.get("/reports/<string(length=6):municipality>")
@for_roles(*READERS)
def report(municipality: str) -> Any:
    """The figures of a municipal report."""
    return _shown(f"/reports/municipal/{municipality}", f"/territory/reports/{municipality}")


@blueprint.get("/reports/<string(length=4):department>")
@for_roles(*READERS)
def department_report(department: str) -> Any:
    """The figures of a departmental report."""
    return _shown(f"/reports/departmental/{department}", f"/territory/reports/{department}")


@blueprint.get("/reports/territory")
@for_roles(*READERS)
def territory_report() -> Any:
    """The figures of the whole territory she works in, or of the places in the address."""
    return _shown("/reports/territorial", "/territory/reports/territory", unit=request.args.get("unit", ""))


@blueprint.get("/reports/chain")
@for_roles(*READERS)
def which_chain() -> Any:
    """Which value chain's report, and where."""
    form = Form(request.args)
    chain, unit = form.text("chain"), form.text("unit")
    if chain not in CHAINS:
        form.wrong("chain", _("Choose a value chain of the list."))
        return render_template("territory/reports.html", form=form, departments=_departments()), 422
    return redirect(f"/territory/reports/chain/{chain}?unit={quote(unit)}", 303)


@blueprint.get("/reports/chain/<string(maxlength=24):chain>")
@for_roles(*READERS)
def chain_report(chain: str) -> Any:
    """The figures of one value chain in a place, in her whole territory where none is named."""
    address = f"/territory/reports/chain/{chain}"
    return _shown(f"/reports/chain/{chain}", address, "territory/chain_report.html", unit=request.args.get("unit", ""))


@blueprint.get("/reports/chain/<string(maxlength=24):chain>/document")
@for_roles(*READERS)
def chain_document(chain: str) -> Any:
    """The same as PDF, workbook, page or GeoPackage."""
    return _sent(f"/reports/chain/{chain}/document", unit=request.args.get("unit", ""))


@blueprint.get("/reports/<string(length=6):municipality>/document")
@for_roles(*READERS)
def document(municipality: str) -> Any:
    """The report as PDF, workbook, page or GeoPackage, in the reader's language unless another is asked for."""
    return _sent(f"/reports/municipal/{municipality}/document")


@blueprint.get("/reports/<string(length=4):department>/document")
@for_roles(*READERS)
def department_document(department: str) -> Any:
    """The same of a department."""
    return _sent(f"/reports/departmental/{department}/document")


@blueprint.get("/reports/territory/document")
@for_roles(*READERS)
def territory_document() -> Any:
    """The same of a territory."""
    return _sent("/reports/territorial/document", unit=request.args.get("unit", ""))


def _shown(path: str, address: str, template: str = "territory/report.html", **asked: str) -> str:
    told = api("territory").get(path, asked)
    query = "".join(f"{name}={quote(value)}&" for name, value in asked.items() if value)
    may_publish = me().has(*PUBLISHERS)
    return render_template(template, report=told, address=address, asked=query, may_publish=may_publish)


def _sent(path: str, **asked: str) -> Any:
    language, form = request.args.get("language") or g.language, request.args.get("format") or "pdf"
    return send(api("territory").file(path, {"language": language, "format": form, **asked}))


def _departments() -> list[tuple[str, str]]:
    """The departments that lie wholly in her territory."""
    scope = me().scope
    return [(code, places.name_of(code)) for code in sorted(places.names()) if len(code) == 4 and scope.covers(code)]


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

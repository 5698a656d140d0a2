"""Municipal reports, and the publications they are of."""

from typing import Any

from flask import flash, g, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.sending import send
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
    """The report as PDF, workbook, page or GeoPackage, in the reader's language unless another is asked for."""
    asked = {"language": request.args.get("language") or g.language, "format": request.args.get("format") or "pdf"}
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

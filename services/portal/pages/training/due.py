"""What is due, of the person signed in."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, for_roles, me
from services.portal.pages.registry.codes import choices
from services.portal.pages.training.area import READERS, TEAM, blueprint

DOERS = (*TEAM, "csr_reviewer", "network_coordinator")
KINDS = {
    "check_in": "Report of an action plan",
    "review": "Review of an action plan",
    "roll": "Roll of a session",
    "later_survey": "Questionnaire to ask again",
    "agreement": "Agreement that ends",
    "licence": "Licence that ends",
    "acceptance": "Curriculum to accept",
    "contribution": "Contribution to answer",
}
_PLACES = {
    "check_in": "/training/follow-up/{page_id}/plan",
    "review": "/training/follow-up/{page_id}/plan",
    "roll": "/training/sessions/{page_id}/attendance",
    "later_survey": "/training/measurements/new?group={page_id}",
    "agreement": "/training/csr/partners/{page_id}",
    "licence": "/training/licences/{page_id}",
    "acceptance": "/training/curricula/{page_id}?version={part_id}",
    "contribution": "/training/curricula/{page_id}?version={part_id}#contributions",
}


@blueprint.get("/due")
@for_roles(*DOERS)
def due() -> Any:
    """What is due in her role and territory, the oldest first."""
    form = Form(request.args)
    asked = {"kind": form.text("kind"), "after": request.args.get("after"), "limit": 25}
    try:
        found = api("training").get("/due", asked)
    except Problem as problem:
        form.refused(problem)
        found = Answer()
    words = {"kinds": KINDS, "choices": choices, "place_of": place_of}
    return render_template("training/due.html", found=found, form=form, teaches=me().has(*READERS), **words)


def place_of(row: Mapping[str, Any]) -> str:
    """The address of the page on which a line is done."""
    return _PLACES[row["kind"]].format(**row)

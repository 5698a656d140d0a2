"""Gaps: what keeps levels low, as credit and training were told of it."""

from typing import Any

from flask import flash, redirect, render_template, request

from services.portal.clients import api
from services.portal.frame import Form, _, for_roles, me
from services.portal.pages.registry.profiles import SUBJECTS
from services.portal.pages.territory.area import LIVE, PUBLISHERS, blueprint
from shared import places


@blueprint.get("/gaps")
@for_roles(*LIVE)
def gaps() -> Any:
    """What keeps the levels of chains low, by municipality."""
    form = Form(request.args)
    asked = {"unit": form.text("unit"), "after": request.args.get("after"), "limit": 100}
    found = api("territory").get("/gaps", asked)
    rows = [
        {"unit": places.full_name(row["unit"]), "chain": row["chain"], "found_on": row["found_on"], **gap}
        for row in found.rows
        for gap in row["gaps"]
    ]
    may_announce = me().has(*PUBLISHERS)
    return render_template(
        "territory/gaps.html", found=found, rows=rows, form=form, may_announce=may_announce, SUBJECTS=SUBJECTS
    )


@blueprint.post("/gaps")
@for_roles(*PUBLISHERS)
def announce_gaps() -> Any:
    """Announce now what changed."""
    done = api("territory").post("/gaps/announcements", {})
    if done["announced"]:
        flash(_("Announced: of %(count)s chains in their municipality something changed.", count=done["announced"]))
    else:
        flash(_("Nothing changed since the last time: there was nothing to announce."))
    return redirect("/territory/gaps", 303)

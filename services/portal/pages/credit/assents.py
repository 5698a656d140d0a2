"""The assent of the Trust Fund Committee: what waits for it, and each member's word."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.formats import money
from services.portal.frame.language import ngettext
from services.portal.pages.credit.area import WATCHERS, blueprint, name_of, names_of

SAYERS = (*WATCHERS, "credit_officer")
STATES = {
    "waiting": ("Waits for the assent", "warn"),
    "given": ("Assent given", "good"),
    "denied": ("Assent refused", "bad"),
    "not_needed": ("No assent needed", ""),
}


@blueprint.get("/funds/<uuid:fund_id>/assents")
@for_roles(*SAYERS)
def assents(fund_id: UUID) -> Any:
    """The approvals beyond what the credit committee may give alone, until they are paid out."""
    return _page(fund_id, Form())


@blueprint.post("/funds/<uuid:fund_id>/assents/<uuid:application_id>/check")
@for_roles("trust_fund_member")
def check_assent(fund_id: UUID, application_id: UUID) -> Any:
    """Show once more what she is about to say, and what comes of it."""
    form = Form(request.form)
    word, reason = f"gives-{application_id}", f"reason-{application_id}"
    if form.text(word) not in {"yes", "no"}:
        form.wrong(word, _("Choose what you say."))
    elif form.text(word) == "no" and not form.text(reason):
        form.wrong(reason, _("Write the reason."))
    if form.errors:
        return _page(fund_id, form), 422
    fund = api("credit").get(f"/funds/{fund_id}")
    rows = api("credit").get(f"/funds/{fund_id}/assents").rows
    row = next((one for one in rows if one["application_id"] == str(application_id)), None) or abort(404)
    named = name_of(row["enterprise_id"])
    gives = form.text(word) == "yes"
    here = f"/credit/funds/{fund_id}/assents"
    told = [
        (_("Application"), row["number"]),
        (_("Resolution"), row["resolution"]),
        (_("Amount"), money(row["amount"])),
        (_("Your word"), _("Yes, it may be paid out") if gives else _("No")),
        (_("Reason"), form.text(reason)),
    ]
    return render_template(
        "credit/check.html",
        title=_("Check your word"),
        lead=named.owners or named.name,
        kicker=fund["name"],
        told=told,
        follows=_what_follows(row, gives=gives),
        button=_("Say it"),
        trail=[(_("Credit"), "/credit"), (_("Assent of the Trust Fund Committee"), here)],
        action=f"{here}/{application_id}",
        carried=(word, reason),
        form=form,
        key="",
    )


def _what_follows(row: Mapping[str, Any], *, gives: bool) -> str:
    """What comes of one more yes, or no, in words."""
    left = row["needed"] - sum(one["gives"] is gives for one in row["said"]) - 1
    if gives and left > 0:
        told = ngettext("After your yes %(num)s more is needed.", "After your yes %(num)s more are needed.", left)
        told = told % {"num": left}
    elif gives:
        told = _("With your yes the assent is given: it can be paid out.")
    elif left > 0:
        told = ngettext(
            "After your no %(num)s more would end the approval.",
            "After your no %(num)s more would end the approval.",
            left,
        )
        told = told % {"num": left}
    else:
        told = _("With your no the approval ends: it is not paid out.")
    return told + " " + _("Your word is said once: it is neither changed nor taken back.")


@blueprint.post("/funds/<uuid:fund_id>/assents/<uuid:application_id>")
@for_roles("trust_fund_member")
def give_assent(fund_id: UUID, application_id: UUID) -> Any:
    """Say yes, or no with a reason; once."""
    form = Form(request.form)
    word, reason = f"gives-{application_id}", f"reason-{application_id}"
    if form.text("back"):
        return _page(fund_id, form)
    if form.text(word) not in {"yes", "no"}:
        form.wrong(word, _("Choose what you say."))
        return _page(fund_id, form), 422
    body = {"gives": form.text(word) == "yes", "reason": form.text(reason)}
    try:
        done = api("credit").post(f"/funds/{fund_id}/assents/{application_id}", body)
    except Problem as problem:
        form.refused(problem, reason=reason)
        return _page(fund_id, form), problem.status
    flash(_("Your word on %(number)s is noted.", number=done["number"]))
    return redirect(f"/credit/funds/{fund_id}/assents", 303)


def _page(fund_id: UUID, form: Form) -> Any:
    rows = api("credit").get(f"/funds/{fund_id}/assents").rows
    return render_template(
        "credit/assents.html",
        fund=api("credit").get(f"/funds/{fund_id}"),
        rows=rows,
        names=names_of(row["enterprise_id"] for row in rows),
        form=form,
        ASSENT_STATES=STATES,
    )

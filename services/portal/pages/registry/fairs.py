"""Fairs: the list by which they compare, one of them, its stands and what they sold, its closing."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, me, over
from services.portal.frame.sending import send
from services.portal.pages.registry import area, codes, place_names, saving
from services.portal.pages.registry.area import EDITORS, OVERSEERS, blueprint
from services.portal.pages.registry.campaigns import KINDS, READERS, WAYS
from shared import places
from shared.kernel import clock

FAIR_STATES = {
    "ahead": ("To come", ""),
    "running": ("Going on", "good"),
    "to_close": ("To be closed", "warn"),
    "closed": ("Closed", ""),
}
STAND_STATES = {
    "invited": ("Invited", ""),
    "confirmed": ("Confirmed", "accent"),
    "took_part": ("Took part", "good"),
    "absent": ("Did not come", "warn"),
}
NEXT = {
    "invited": ("confirmed",),
    "confirmed": ("took_part", "absent"),
    "took_part": ("absent",),
    "absent": ("took_part",),
}
_NUMBERS = ("women", "orders", "contacts")
_AMOUNTS = ("sales", "orders_amount", "costs")


@blueprint.get("/fairs")
@for_roles(*READERS)
def fairs() -> Any:
    """The fairs of her territory, each with what makes it comparable."""
    asked = {name: request.args.get(name, "")[:100] for name in ("q", "state", "after")}
    return _page("fairs.html", Form(request.args), fairs=api("registry").get("/fairs", asked))


@blueprint.get("/fairs/<uuid:fair_id>")
@for_roles(*READERS)
def fair(fair_id: UUID) -> Any:
    """One fair with its totals; its stands for who may see them."""
    return _shown(fair_id, Form())


@blueprint.get("/fairs/new")
@blueprint.get("/fairs/<uuid:fair_id>/edit")
@for_roles(*EDITORS)
def edit_fair(fair_id: UUID | None = None) -> Any:
    """The form of a fair."""
    if fair_id is None:
        return _edit(None, Form())
    found = api("registry").get(f"/fairs/{fair_id}")
    names = (
        "version",
        "name",
        "venue",
        "begins_on",
        "ends_on",
        "centre_id",
        "organizer_id",
        "visitors",
        "visitors_how",
    )
    return _edit(found, Form({name: found[name] for name in names} | {"municipality": found["municipality_name"]}))


@blueprint.post("/fairs/new")
@blueprint.post("/fairs/<uuid:fair_id>/edit")
@for_roles(*EDITORS)
def save_fair(fair_id: UUID | None = None) -> Any:
    """Keep a fair as it was typed."""
    form = Form(request.form)
    body = {
        **{name: form.text(name) for name in ("name", "begins_on", "ends_on")},
        **{name: form.optional(name) for name in ("venue", "centre_id", "organizer_id", "visitors_how")},
        "municipality": place_names.municipality_named(form.text("municipality")),
        "visitors": form.integer("visitors"),
    }
    return saving.save("/fairs", fair_id, body, form, again=_edit, said=_("The fair is saved."))


@blueprint.get("/fairs/<uuid:fair_id>/invite")
@for_roles(*EDITORS)
def inviting(fair_id: UUID) -> Any:
    """The search for whom to invite."""
    return _inviting(fair_id, Form(request.args))


@blueprint.post("/fairs/<uuid:fair_id>/invite")
@for_roles(*EDITORS)
def invite(fair_id: UUID) -> Any:
    """Invite an enterprise."""
    form = Form(request.form)
    try:
        api("registry").post(f"/fairs/{fair_id}/stands", {"enterprise_id": form.text("enterprise_id")})
    except Problem as problem:
        form.refused(problem)
        return _inviting(fair_id, form), problem.status
    flash(_("The enterprise is invited."))
    return redirect(f"/registry/fairs/{fair_id}", 303)


@blueprint.get("/fairs/<uuid:fair_id>/participants.csv")
@for_roles(*EDITORS)
def participants(fair_id: UUID) -> Any:
    """The list for the entrance of the fair, to be saved."""
    return send(api("registry").file(f"/fairs/{fair_id}/participants.csv"))


@blueprint.get("/fairs/<uuid:fair_id>/close")
@for_roles(*EDITORS)
def closing(fair_id: UUID) -> Any:
    """What will stand once the fair is closed, to be looked at first."""
    return _page("fair_close.html", Form(), fair=api("registry").get(f"/fairs/{fair_id}"))


@blueprint.post("/fairs/<uuid:fair_id>/close")
@for_roles(*EDITORS)
def close_fair(fair_id: UUID) -> Any:
    """Close it."""
    form = Form(request.form)
    try:
        api("registry").put(f"/fairs/{fair_id}/closing", version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _page("fair_close.html", form, fair=api("registry").get(f"/fairs/{fair_id}")), problem.status
    flash(_("The fair is closed."))
    return redirect(f"/registry/fairs/{fair_id}", 303)


@blueprint.post("/fairs/<uuid:fair_id>/reopen")
@for_roles(*EDITORS)
def reopen_fair(fair_id: UUID) -> Any:
    """Open it again."""
    return saving.take_out(f"/fairs/{fair_id}", "closing", said=_("The fair is open again."))


@blueprint.get("/fair-stands/<uuid:stand_id>")
@for_roles(*OVERSEERS)
def stand(stand_id: UUID) -> Any:
    """One stand: how far it is, and the form for what came of it."""
    found = api("registry").get(f"/fair-stands/{stand_id}")
    names = ("version", "place", "products", "sales_unknown", "notes", *_NUMBERS, *_AMOUNTS)
    return _stand(found, Form({name: found[name] for name in names}))


@blueprint.post("/fair-stands/<uuid:stand_id>")
@for_roles(*EDITORS)
def save_stand(stand_id: UUID) -> Any:
    """Keep where the stand is and what it shows; of who took part, what came of it."""
    form, found = Form(request.form), api("registry").get(f"/fair-stands/{stand_id}")
    body: dict[str, Any] = {"place": form.optional("place"), "products": form.optional("products")}
    if found["state"] == "took_part":
        body["result"] = {
            **{name: form.integer(name) for name in _NUMBERS},
            **{name: form.money(name, found["currency"]) for name in _AMOUNTS},
            "sales_unknown": form.flag("sales_unknown"),
            "notes": form.optional("notes"),
        }
    return _kept(found, form, body, _("The stand is saved."))


@blueprint.post("/fair-stands/<uuid:stand_id>/state")
@for_roles(*EDITORS)
def move_stand(stand_id: UUID) -> Any:
    """It confirmed, took part, or did not come."""
    form, found = Form(request.form), api("registry").get(f"/fair-stands/{stand_id}")
    return _kept(found, form, {"state": form.text("state")}, _("The stand is saved."))


@blueprint.post("/fair-stands/<uuid:stand_id>/uninvite")
@for_roles(*EDITORS)
def uninvite(stand_id: UUID) -> Any:
    """It was invited by mistake."""
    found = api("registry").get(f"/fair-stands/{stand_id}")
    api("registry").delete(f"/fair-stands/{stand_id}", version=request.form.get("version", ""))
    flash(_("The enterprise is not invited any more."))
    return redirect(f"/registry/fairs/{found['fair_id']}", 303)


@blueprint.get("/enterprises/<uuid:enterprise_id>/outreach")
@for_roles(*OVERSEERS)
def reached(enterprise_id: UUID) -> Any:
    """The campaigns and fairs of one record; where a technician links it to another."""
    enterprise = api("registry").get(f"/enterprises/{enterprise_id}")
    campaigns = api("registry").get("/campaigns", {"limit": 50}).rows
    fairs = api("registry").get("/fairs", {"state": "open", "limit": 50}).rows
    return _page(
        "of_record.html",
        Form(),
        enterprise=enterprise,
        campaigns=api("registry").get("/campaigns", {"enterprise_id": str(enterprise_id)}).rows,
        stands=api("registry").get(f"/fair-stands/of/{enterprise_id}").rows,
        begun=[(row["id"], row["title"]) for row in campaigns if row["standing"] != "future"],
        open_fairs=[(row["id"], f"{row['name']}, {row['municipality_name']}") for row in fairs],
    )


@blueprint.post("/enterprises/<uuid:enterprise_id>/outreach")
@for_roles(*EDITORS)
def link_here(enterprise_id: UUID) -> Any:
    """Link the record to a campaign, or invite it to a fair, from its own page."""
    form = Form(request.form)
    try:
        if form.text("fair_id"):
            api("registry").post(f"/fairs/{UUID(form.text('fair_id'))}/stands", {"enterprise_id": str(enterprise_id)})
            flash(_("The enterprise is invited."))
        else:
            body = {"enterprise_id": str(enterprise_id), "kind": form.text("kind")}
            api("registry").post(f"/campaigns/{UUID(form.text('campaign_id'))}/records", body)
            flash(_("The record is linked to the campaign."))
    except ValueError:
        flash(_("Choose one of the list."), "bad")
    except Problem as problem:
        form.refused(problem)
        flash(next(iter(form.errors.values())), "bad")
    return redirect(f"/registry/enterprises/{enterprise_id}/outreach", 303)


def _kept(found: Answer, form: Form, body: dict[str, Any], done: str) -> Any:
    try:
        api("registry").patch(f"/fair-stands/{found['id']}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem, **{f"result-{name}": name for name in (*_NUMBERS, *_AMOUNTS, "sales_unknown", "notes")})
        fresh = api("registry").get(f"/fair-stands/{found['id']}")
        shown = over(fresh, form) if problem.status == CHANGED_MEANWHILE else form
        return _stand(fresh, shown), problem.status
    flash(done)
    return redirect(f"/registry/fair-stands/{found['id']}", 303)


def _shown(fair_id: UUID, form: Form) -> str:
    found = api("registry").get(f"/fairs/{fair_id}")
    stands: Answer | None = None
    if me().has(*OVERSEERS):
        stands = api("registry").get(f"/fairs/{fair_id}/stands", {"after": request.args.get("after"), "limit": 100})
    return _page("fair.html", form, fair=found, stands=stands)


def _edit(found: Answer | None, form: Form) -> str:
    return _page(
        "fair_edit.html",
        form,
        fair=found,
        centres=saving.options("/centres"),
        institutions=saving.options("/institutions"),
        municipalities=[places.full_name(code) for code in place_names.my_municipalities()],
        today=clock.today().isoformat(),
    )


def _inviting(fair_id: UUID, form: Form) -> str:
    found = api("registry").get(f"/fairs/{fair_id}")
    return _page("fair_invite.html", form, fair=found, found=area.records_named(form.text("q")))


def _stand(found: Answer, form: Form) -> str:
    fair = api("registry").get(f"/fairs/{found['fair_id']}")
    return _page("stand.html", form, stand=found, fair=fair, next_states=NEXT[found["state"]])


def _page(template: str, form: Form, **shown: Any) -> str:
    words = {"FAIR_STATES": FAIR_STATES, "STAND_STATES": STAND_STATES, "WAYS": WAYS, "RECORD_KINDS": KINDS}
    return render_template(f"registry/outreach/{template}", form=form, choices=codes.choices, **words, **shown)

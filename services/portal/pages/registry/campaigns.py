"""Campaigns: the list, one of them, its form, its activities and material, the records it brought."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.registry import area, codes, place_names, saving
from services.portal.pages.registry.area import EDITORS, OVERSEERS, blueprint
from shared import places
from shared.kernel import COUNTRY_CURRENCY, clock

READERS = (*OVERSEERS, "leda_viewer")
WAYS = {
    "radio": "Radio spots",
    "conference": "Talk or conference",
    "university_talk": "University talk with young women",
    "promotional_material": "Promotional material",
    "home_visit": "Visits from house to house",
    "social_media": "Social media",
}
STANDINGS = {"future": ("To come", ""), "running": ("Going on", "good"), "over": ("Finished", "")}
KINDS = {"brought_in": "It brought her in", "validated": "It validated her"}
_WHO = ("women", "men", "young_women")
_MOST_COSTS = 60


@blueprint.get("/outreach")
@for_roles(*READERS)
def outreach() -> Any:
    """The campaigns of her territory, with what each cost and brought."""
    asked = {name: request.args.get(name, "")[:100] for name in ("q", "channel", "standing", "after")}
    return _page("campaigns.html", Form(request.args), campaigns=api("registry").get("/campaigns", asked))


@blueprint.get("/campaigns/<uuid:campaign_id>")
@for_roles(*READERS)
def campaign(campaign_id: UUID) -> Any:
    """One campaign."""
    return _shown(campaign_id, Form({"held_on": clock.today().isoformat()}))


@blueprint.get("/campaigns/new")
@blueprint.get("/campaigns/<uuid:campaign_id>/edit")
@for_roles(*EDITORS)
def edit_campaign(campaign_id: UUID | None = None) -> Any:
    """The form of a campaign, with what is known of it."""
    if campaign_id is None:
        begun = {"begins_on": clock.today().isoformat(), "currency": COUNTRY_CURRENCY.get(me().country or "", "")}
        return _edit(None, Form(begun))
    found = api("registry").get(f"/campaigns/{campaign_id}")
    return _edit(found, Form(_typed(found)))


@blueprint.post("/campaigns/new")
@blueprint.post("/campaigns/<uuid:campaign_id>/edit")
@for_roles(*EDITORS)
def save_campaign(campaign_id: UUID | None = None) -> Any:
    """Keep a campaign as it was typed."""
    form = Form(request.form)
    body, of_costs = _body(form)

    def renamed(problem: Problem) -> dict[str, str]:
        return of_costs | saving.municipalities_in_one(problem)

    said = _("The campaign is saved.")
    return saving.save("/campaigns", campaign_id, body, form, again=_edit, said=said, renamed=renamed)


@blueprint.post("/campaigns/<uuid:campaign_id>/activities")
@for_roles(*EDITORS)
def add_activity(campaign_id: UUID) -> Any:
    """One more activity of a campaign."""
    form = Form(request.form)
    body = {
        "held_on": form.text("held_on"),
        "municipality": place_names.municipality_named(form.text("municipality")),
        "what": form.text("what"),
        "reach": {who: form.integer(who) for who in _WHO},
        "how": form.optional("how"),
    }
    try:
        api("registry").post(f"/campaigns/{campaign_id}/activities", body)
    except Problem as problem:
        form.refused(problem, **{f"reach-{who}": who for who in _WHO})
        return _shown(campaign_id, form), problem.status
    flash(_("The activity is written down."))
    return redirect(f"/registry/campaigns/{campaign_id}", 303)


@blueprint.post("/campaigns/<uuid:campaign_id>/activities/<uuid:activity_id>/drop")
@for_roles(*EDITORS)
def drop_activity(campaign_id: UUID, activity_id: UUID) -> Any:
    """Take an activity out."""
    return saving.take_out(
        f"/campaigns/{campaign_id}", f"activities/{activity_id}", said=_("The activity is taken out.")
    )


@blueprint.post("/campaigns/<uuid:campaign_id>/files")
@for_roles(*EDITORS)
def add_material(campaign_id: UUID) -> Any:
    """Keep a piece of material."""
    return saving.keep_file(f"/campaigns/{campaign_id}", again=partial(_shown, campaign_id))


@blueprint.get("/campaigns/<uuid:campaign_id>/files/<uuid:file_id>")
@for_roles(*OVERSEERS)
def material(campaign_id: UUID, file_id: UUID) -> Any:
    """A piece of material, to be saved."""
    return send(api("registry").file(f"/campaigns/{campaign_id}/files/{file_id}"))


@blueprint.post("/campaigns/<uuid:campaign_id>/files/<uuid:file_id>/erase")
@for_roles(*EDITORS)
def erase_material(campaign_id: UUID, file_id: UUID) -> Any:
    """Erase a piece of material."""
    return saving.take_out(f"/campaigns/{campaign_id}", f"files/{file_id}", said=_("The file is erased."))


@blueprint.get("/campaigns/<uuid:campaign_id>/records")
@for_roles(*OVERSEERS)
def records(campaign_id: UUID) -> Any:
    """The records that came of a campaign, and the search for more of them."""
    return _records(campaign_id, Form(request.args))


@blueprint.post("/campaigns/<uuid:campaign_id>/records")
@for_roles(*EDITORS)
def link(campaign_id: UUID) -> Any:
    """This campaign brought her in, or validated her; back to where it was said."""
    form = Form(request.form)
    try:
        body = {"enterprise_id": form.text("enterprise_id"), "kind": form.text("kind")}
        api("registry").post(f"/campaigns/{campaign_id}/records", body)
    except Problem as problem:
        form.refused(problem)
        return _records(campaign_id, form), problem.status
    flash(_("The record is linked to the campaign."))
    return redirect(f"/registry/campaigns/{campaign_id}/records", 303)


@blueprint.post("/campaigns/<uuid:campaign_id>/records/<uuid:enterprise_id>/unlink")
@for_roles(*EDITORS)
def unlink(campaign_id: UUID, enterprise_id: UUID) -> Any:
    """The record did not come of this campaign."""
    kind = "validated" if request.form.get("kind") == "validated" else "brought_in"
    path = f"/campaigns/{campaign_id}/records/{enterprise_id}"
    api("registry").delete(path, {"kind": kind}, version=request.form.get("version", ""))
    flash(_("The record is not linked to the campaign any more."))
    return redirect(f"/registry/campaigns/{campaign_id}/records", 303)


def _typed(found: Answer) -> dict[str, Any]:
    names = ("version", "title", "channel", "centre_id", "begins_on", "ends_on", "currency", "reached_how")
    typed = {name: found[name] for name in names}
    typed["municipalities"] = "\n".join(found["municipality_names"])
    typed["partners"] = [one["id"] for one in found["partners"]]
    for when in ("planned", "reached"):
        typed |= {f"{when}-{who}": found[when][who] for who in _WHO}
    for row, cost in enumerate(found["costs"]):
        typed |= {f"costs-{row}-{name}": cost[name] for name in ("what", "amount", "source")}
    return typed


def _body(form: Form) -> tuple[dict[str, Any], dict[str, str]]:
    """What the form says, and where the API's mistakes about it belong: an empty line of costs is left out."""
    written = [row for row in range(_MOST_COSTS) if any(form.text(f"costs-{row}-{n}") for n in ("what", "amount"))]
    currency = form.text("currency")
    costs = [
        {
            "what": form.text(f"costs-{row}-what"),
            "amount": form.money(f"costs-{row}-amount", currency),
            "source": form.text(f"costs-{row}-source"),
        }
        for row in written
    ]
    renamed = {
        f"costs-{sent}-{name}{part}": f"costs-{row}-{name}"
        for sent, row in enumerate(written)
        for name in ("what", "amount", "source")
        for part in ("", "-amount", "-currency")
    }
    return {
        "title": form.text("title"),
        "channel": form.text("channel"),
        "centre_id": form.optional("centre_id"),
        "begins_on": form.text("begins_on"),
        "ends_on": form.optional("ends_on"),
        "currency": currency,
        "municipalities": [place_names.municipality_named(line) for line in saving.lines(form, "municipalities")],
        "partners": form.many("partners"),
        "planned": {who: form.integer(f"planned-{who}") for who in _WHO},
        "reached": {who: form.integer(f"reached-{who}") for who in _WHO},
        "reached_how": form.optional("reached_how"),
        "costs": costs,
    }, renamed


def _edit(found: Answer | None, form: Form) -> str:
    last = max((row for row in range(_MOST_COSTS) if form.text(f"costs-{row}-what")), default=-1)
    return _page(
        "campaign_edit.html",
        form,
        campaign=found,
        centres=saving.options("/centres"),
        institutions=saving.options("/institutions"),
        currencies=[(code, f"{code} ({places.name_of(country)})") for country, code in COUNTRY_CURRENCY.items()],
        rows=range(min(last + 3, _MOST_COSTS)),
    )


def _shown(campaign_id: UUID, form: Form) -> str:
    found = api("registry").get(f"/campaigns/{campaign_id}")
    return _page("campaign.html", form, campaign=found, today=clock.today().isoformat())


def _records(campaign_id: UUID, form: Form) -> str:
    return _page(
        "campaign_records.html",
        form,
        campaign=api("registry").get(f"/campaigns/{campaign_id}"),
        linked=api("registry").get(f"/campaigns/{campaign_id}/records", {"after": request.args.get("after")}),
        found=area.records_named(form.text("q")),
    )


def _page(template: str, form: Form, **shown: Any) -> str:
    words: Mapping[str, Any] = {"WAYS": WAYS, "CAMPAIGN_STANDINGS": STANDINGS, "RECORD_KINDS": KINDS}
    return render_template(f"registry/outreach/{template}", form=form, choices=codes.choices, **words, **shown)

"""The register of opportunities: the list, one of them, whom it fits, who was told."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.pages.registry import codes, place_names, saving
from services.portal.pages.registry.area import EDITORS, OVERSEERS, blueprint
from shared import places
from shared.kernel import COUNTRY_CURRENCY, clock

OFFERS = {
    "finance": "Finance",
    "exchange": "Technical exchange",
    "market": "Market",
    "tender": "Tender",
    "training": "Training course",
}
FOLLOW_UPS = {
    "told": ("She was told", ""),
    "applied": ("She applied", "accent"),
    "won": ("She won it", "good"),
    "lost": ("She did not get it", "warn"),
}
NEXT = {"told": ("applied",), "applied": ("won", "lost"), "won": ("lost",), "lost": ("won",)}
CONDITIONS = {
    "place": "Place",
    "chain": "Value chain",
    "links": "Links of the chain",
    "needs": "Needs",
    "section": "Sector",
    "formal": "Formalized",
    "tier": "Kind of enterprise",
    "years": "Years in business",
    "women_only": "Owned by women",
}
SECTIONS = tuple("ABCDEFGHIJKLMNOPQRSTU")
_LISTS = ("chains", "links", "needs", "sections", "tiers")


@blueprint.get("/knowledge")
@for_roles(*OVERSEERS)
def knowledge() -> Any:
    """The opportunities for her territory, the open ones first of all."""
    asked = {name: request.args.get(name, "")[:100] for name in ("q", "kind", "state", "place", "year", "after")}
    form, found, counts = Form(request.args), Answer(), Answer()
    try:
        found = api("registry").get("/opportunities", asked)
        counts = api("registry").get("/opportunities/count")
    except Problem as problem:
        form.refused(problem)
    return _page("opportunities.html", form, opportunities=found, counts=counts, places=place_names.place_choices())


@blueprint.get("/opportunities/<uuid:opportunity_id>")
@for_roles(*OVERSEERS)
def opportunity(opportunity_id: UUID) -> Any:
    """One opportunity, whom it fits, and who was told."""
    return _shown(opportunity_id, Form(request.args))


@blueprint.get("/opportunities/new")
@blueprint.get("/opportunities/<uuid:opportunity_id>/edit")
@for_roles(*EDITORS)
def edit_opportunity(opportunity_id: UUID | None = None) -> Any:
    """The form of an opportunity."""
    if opportunity_id is None:
        return _edit(None, Form({"currency": COUNTRY_CURRENCY.get(me().country or "", "")}))
    found = api("registry").get(f"/opportunities/{opportunity_id}")
    return _edit(found, Form(_typed(found)))


@blueprint.post("/opportunities/new")
@blueprint.post("/opportunities/<uuid:opportunity_id>/edit")
@for_roles(*EDITORS)
def save_opportunity(opportunity_id: UUID | None = None) -> Any:
    """Keep an opportunity as it was typed."""
    form = Form(request.form)
    said = _("The opportunity is saved.")
    return saving.save("/opportunities", opportunity_id, _body(form), form, again=_edit, said=said, renamed=_renamed)


@blueprint.post("/opportunities/<uuid:opportunity_id>/tell")
@for_roles(*EDITORS)
def tell(opportunity_id: UUID) -> Any:
    """She was told today; back to where it was said."""
    enterprise_id = request.form.get("enterprise_id", "")
    from_record = bool(request.form.get("from_record"))
    form = Form(request.form)
    try:
        api("registry").post(f"/opportunities/{opportunity_id}/follow-ups", {"enterprise_id": enterprise_id})
    except Problem as problem:
        form.refused(problem)
        return _shown(opportunity_id, form), problem.status
    flash(_("It is written down that she was told today."))
    back = f"/registry/enterprises/{enterprise_id}" if from_record else f"/registry/opportunities/{opportunity_id}"
    return redirect(back, 303)


@blueprint.get("/opportunities/<uuid:opportunity_id>/follow-ups")
@for_roles(*OVERSEERS)
def follow_ups(opportunity_id: UUID) -> Any:
    """Who was told, and the form for what became of it."""
    return _follow_ups(opportunity_id, Form({"on": clock.today().isoformat()}))


@blueprint.post("/opportunities/<uuid:opportunity_id>/follow-ups/<uuid:enterprise_id>")
@for_roles(*EDITORS)
def follow_up(opportunity_id: UUID, enterprise_id: UUID) -> Any:
    """She applied, won or lost; or she was not told after all."""
    form = Form(request.form)
    path, version = f"/opportunities/{opportunity_id}/follow-ups/{enterprise_id}", form.text("version")
    try:
        if form.text("state") == "none":
            api("registry").delete(path, version=version)
        else:
            api("registry").patch(path, {"state": form.text("state"), "on": form.text("on")}, version=version)
    except Problem as problem:
        form.refused(problem)
        return _follow_ups(opportunity_id, form), problem.status
    flash(_("The follow-up is saved."))
    return redirect(f"/registry/opportunities/{opportunity_id}/follow-ups", 303)


def fitting(enterprise_id: UUID) -> list[dict[str, Any]]:
    """The open opportunities of a record's page, for who may see whom they fit."""
    return api("registry").get(f"/opportunities/fitting/{enterprise_id}").rows if me().has(*OVERSEERS) else []


def _typed(found: Answer) -> dict[str, Any]:
    names = ("version", "kind", "title", "description", "source", "institution_id", "link", "deadline")
    asked = found["conditions"]
    typed = {name: found[name] for name in names} | {name: asked[name] for name in (*_LISTS, "years_min", "years_max")}
    some = found["amount_min"] or found["amount_max"]
    return typed | {
        "units": "\n".join(found["unit_names"]),
        "formal": {None: "", True: "yes", False: "no"}[asked["formal"]],
        "women_only": asked["women_only"],
        "amount_min": found["amount_min"],
        "amount_max": found["amount_max"],
        "currency": some["currency"] if some else "",
    }


def _body(form: Form) -> dict[str, Any]:
    currency = form.text("currency")
    return {
        **{name: form.text(name) for name in ("kind", "title", "source")},
        **{name: form.optional(name) for name in ("description", "institution_id", "link", "deadline")},
        "amount_min": form.money("amount_min", currency),
        "amount_max": form.money("amount_max", currency),
        "conditions": {
            "units": [place_names.unit_named(line) for line in saving.lines(form, "units")],
            **{name: form.many(name) for name in _LISTS},
            "formal": {"yes": True, "no": False}.get(form.text("formal")),
            "years_min": form.integer("years_min"),
            "years_max": form.integer("years_max"),
            "women_only": form.flag("women_only"),
        },
    }


def _renamed(problem: Problem) -> dict[str, str]:
    """The API's fields of the conditions stand in the form under their own names, the places all in one."""
    renamed = {}
    for error in problem.errors:
        name = str(error.get("pointer", "")).strip("/").replace("/", "-")
        if name.startswith("conditions-"):
            renamed[name] = name.split("-")[1]
    return renamed


def _edit(found: Answer | None, form: Form) -> str:
    return _page(
        "opportunity_edit.html",
        form,
        opportunity=found,
        institutions=saving.options("/institutions"),
        currencies=[(code, f"{code} ({places.name_of(country)})") for country, code in COUNTRY_CURRENCY.items()],
        sections=_sections(),
    )


def _sections() -> list[tuple[str, str]]:
    """The sections of CIIU by their titles."""
    rows = api("registry").get("/lists/activities", {"q": ""}).rows
    titles = {row["code"]: row["title"] for row in rows}
    return [(code, f"{code} {titles[code]}" if code in titles else code) for code in SECTIONS]


def _shown(opportunity_id: UUID, form: Form) -> str:
    path, may = f"/opportunities/{opportunity_id}", request.args.get("fit") == "may_fit"
    asked = {"fit": "may_fit" if may else None, "told": False if request.args.get("told") == "false" else None}
    found = api("registry").get(path)
    after = request.args.get("after")
    return _page(
        "opportunity.html",
        form,
        opportunity=found,
        may=may,
        fits=api("registry").get(f"{path}/fits", asked | {"limit": 25, "after": after}),
        sections=dict(_sections()) if found["conditions"]["sections"] else {},
    )


def _follow_ups(opportunity_id: UUID, form: Form) -> str:
    path = f"/opportunities/{opportunity_id}"
    return _page(
        "follow_ups.html",
        form,
        opportunity=api("registry").get(path),
        told=api("registry").get(f"{path}/follow-ups", {"after": request.args.get("after")}),
        NEXT=NEXT,
        today=clock.today().isoformat(),
    )


def _page(template: str, form: Form, **shown: Any) -> str:
    return render_template(f"registry/knowledge/{template}", form=form, choices=codes.choices, **shown)


@blueprint.context_processor
def words() -> dict[str, Any]:
    """What the templates say the codes of opportunities with; the record's page does too."""
    return {"OFFERS": OFFERS, "TIERS": codes.TIERS, "FOLLOW_UPS": FOLLOW_UPS, "OFFER_CONDITIONS": CONDITIONS}

"""The centres, the institutions they work with, and their agreements."""

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request

from services.portal import queries
from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.registry import codes, place_names, saving
from services.portal.pages.registry.area import OVERSEERS, READERS, blueprint
from shared import places
from shared.database import Database

WRITERS = ("coordinator", "network_coordinator")
INSTITUTIONS = {
    "leda": "LEDA",
    "municipality": "Municipality",
    "municipal_consortium": "Consortium of municipalities",
    "university": "University",
    "learning_centre": "Learning centre",
    "bank": "Bank",
    "ministry": "Ministry",
    "womens_organization": "Women's organization",
    "chamber": "Chamber",
    "cooperation_agency": "Cooperation agency",
}
STANDINGS = {
    "future": ("Not yet in force", ""),
    "in_force": ("In force", "good"),
    "expiring": ("Expires soon", "warn"),
    "over": ("Over", "bad"),
}
_COUNTRIES = ("GT", "SV", "HN")
_OFFICES = 4
_TEAM = 12


@blueprint.get("/institutions")
@for_roles(*READERS)
def institutions() -> Any:
    """The centres and institutions of her territory; what expires soon is said first."""
    asked = {name: request.args.get(name, "")[:100] for name in ("q", "kind")}
    found = api("registry").get("/institutions", asked).rows
    expiring = [one for row in found for one in row["agreements"] if one["standing"] == "expiring"]
    return _page(
        "institutions.html",
        Form(request.args),
        institutions=found,
        centres=api("registry").get("/centres").rows,
        expiring=expiring,
    )


@blueprint.get("/institutions/<uuid:institution_id>")
@for_roles(*READERS)
def institution(institution_id: UUID) -> Any:
    """One institution: its offices and its agreements."""
    found = api("registry").get(f"/institutions/{institution_id}")
    return _page("institution.html", Form(), institution=found)


@blueprint.get("/institutions/new")
@blueprint.get("/institutions/<uuid:institution_id>/edit")
@for_roles(*WRITERS)
def edit_institution(institution_id: UUID | None = None) -> Any:
    """The form of an institution."""
    if institution_id is None:
        return _institution_page(None, Form({"unit": ""}))
    found = api("registry").get(f"/institutions/{institution_id}")
    typed = {name: found[name] for name in ("version", "name", "kind", "address")} | {
        "unit": places.in_full(found["unit"])
    }
    for row, office in enumerate(found["contacts"]):
        typed |= {f"contacts-{row}-{name}": office[name] for name in office}
    return _institution_page(found, Form(typed))


@blueprint.post("/institutions/new")
@blueprint.post("/institutions/<uuid:institution_id>/edit")
@for_roles(*WRITERS)
def save_institution(institution_id: UUID | None = None) -> Any:
    """Keep an institution as it was typed."""
    form = Form(request.form)
    body = {
        "name": form.text("name"),
        "kind": form.text("kind"),
        "unit": place_names.unit_named(form.text("unit")),
        "address": form.optional("address"),
        "contacts": [
            {name: form.optional(f"contacts-{row}-{name}") for name in ("office", "role", "phone")}
            for row in range(_OFFICES * 5)
            if form.text(f"contacts-{row}-office")
        ],
    }
    said = _("The institution is saved.")
    return saving.save("/institutions", institution_id, body, form, again=_institution_page, said=said)


@blueprint.get("/institutions/<uuid:institution_id>/agreements/new")
@blueprint.get("/institutions/<uuid:institution_id>/agreements/<uuid:agreement_id>")
@for_roles(*WRITERS)
def agreement(institution_id: UUID, agreement_id: UUID | None = None) -> Any:
    """The form of an agreement."""
    typed = {} if agreement_id is None else api("registry").get(f"/agreements/{agreement_id}")
    return _agreement_page(institution_id, agreement_id, Form(typed))


@blueprint.post("/institutions/<uuid:institution_id>/agreements/new")
@blueprint.post("/institutions/<uuid:institution_id>/agreements/<uuid:agreement_id>")
@for_roles(*WRITERS)
def save_agreement(institution_id: UUID, agreement_id: UUID | None = None) -> Any:
    """Keep what the paper says, and the paper where one was sent."""
    form, signed = Form(request.form), request.files.get("file")
    body = {name: form.optional(name) for name in ("signed_on", "valid_from", "valid_until", "centre_id")}
    body["purpose"] = form.text("purpose")
    try:
        if agreement_id is None:
            saved = api("registry").post(f"/institutions/{institution_id}/agreements", body)
        else:
            saved = api("registry").put(f"/agreements/{agreement_id}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _agreement_page(institution_id, agreement_id, form), problem.status
    if signed is not None and signed.filename:
        try:
            path = f"/agreements/{saved['id']}/file"
            api("registry").upload(path, name=signed.filename, content=signed.stream, media_type="application/pdf")
        except Problem as problem:
            form = Form(saved)
            form.refused(problem)
            return _agreement_page(institution_id, UUID(saved["id"]), form), problem.status
    flash(_("The agreement is saved."))
    return redirect(f"/registry/institutions/{institution_id}", 303)


@blueprint.get("/agreements/<uuid:agreement_id>/file")
@for_roles(*OVERSEERS)
def signed_paper(agreement_id: UUID) -> Any:
    """The signed paper, to be saved."""
    return send(api("registry").file(f"/agreements/{agreement_id}/file"))


@blueprint.get("/centres/<uuid:centre_id>")
@for_roles(*READERS)
def centre(centre_id: UUID) -> Any:
    """One centre: what it covers, who works in it, its agreements in force."""
    return _page("centre.html", Form(), centre=api("registry").get(f"/centres/{centre_id}"))


@blueprint.get("/centres/new")
@blueprint.get("/centres/<uuid:centre_id>/edit")
@for_roles(*WRITERS)
def edit_centre(centre_id: UUID | None = None) -> Any:
    """The form of a centre."""
    if centre_id is None:
        return _centre_page(None, Form({"country": me().country}))
    found = api("registry").get(f"/centres/{centre_id}")
    typed = {name: found[name] for name in ("version", "name", "country", "host_id")}
    typed["municipalities"] = "\n".join(found["municipality_names"])
    for row, member in enumerate(found["team"]):
        typed |= {f"team-{row}-subject": member["subject"], f"team-{row}-task": member["task"]}
    return _centre_page(found, Form(typed))


@blueprint.post("/centres/new")
@blueprint.post("/centres/<uuid:centre_id>/edit")
@for_roles(*WRITERS)
def save_centre(centre_id: UUID | None = None) -> Any:
    """Keep a centre as it was typed."""
    form = Form(request.form)
    found = None if centre_id is None else api("registry").get(f"/centres/{centre_id}")
    colleagues = dict(_colleagues(found))
    team = [
        {"subject": subject, "name": colleagues.get(subject, subject), "task": form.optional(f"team-{row}-task")}
        for row in range(_TEAM)
        if (subject := form.text(f"team-{row}-subject"))
    ]
    body = {
        "name": form.text("name"),
        "country": form.text("country"),
        "host_id": form.optional("host_id"),
        "municipalities": [place_names.municipality_named(line) for line in saving.lines(form, "municipalities")],
        "team": team,
    }
    return saving.save("/centres", centre_id, body, form, again=_centre_page, said=_("The centre is saved."))


def _colleagues(centre: Answer | None) -> list[tuple[str, str]]:
    """Who has an account in her territory, and who is in the team already."""
    database: Database = current_app.extensions["database"]
    with database.reading() as session:
        page = queries.list_people(session, scope=me().scope, role=None, limit=200, after=None)
    people = {str(row["id"]): str(row["name"]) for row in page.rows}
    people |= {member["subject"]: member["name"] for member in ([] if centre is None else centre["team"])}
    return sorted(people.items(), key=lambda item: item[1].casefold())


def _institution_page(found: Answer | None, form: Form) -> str:
    return _page("institution_edit.html", form, institution=found)


def _centre_page(found: Answer | None, form: Form) -> str:
    last = max((row for row in range(_TEAM) if form.text(f"team-{row}-subject")), default=-1)
    return _page(
        "centre_edit.html",
        form,
        centre=found,
        hosts=saving.options("/institutions"),
        colleagues=_colleagues(found),
        countries=[(code, places.name_of(code)) for code in _COUNTRIES],
        rows=range(min(last + 3, _TEAM)),
    )


def _agreement_page(institution_id: UUID, agreement_id: UUID | None, form: Form) -> str:
    found = api("registry").get(f"/institutions/{institution_id}")
    centres = saving.options("/centres")
    return _page("agreement.html", form, institution=found, agreement_id=agreement_id, centres=centres)


def _page(template: str, form: Form, **shown: Any) -> str:
    last = max((row for row in range(_OFFICES * 5) if form.text(f"contacts-{row}-office")), default=-1)
    return render_template(
        f"registry/{template}",
        form=form,
        INSTITUTIONS=INSTITUTIONS,
        STANDINGS=STANDINGS,
        may_write=me().has(*WRITERS),
        choices=codes.choices,
        offices=range(min(last + 3, _OFFICES * 5)),
        **shown,
    )

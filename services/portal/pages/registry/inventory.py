"""Enterprises: the list, a record, a new one, a change."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, me, over
from services.portal.pages.registry import area, codes, place_names
from services.portal.pages.registry.area import EDITORS, READERS, blueprint
from services.portal.pages.registry.conditions import SORTS, Conditions
from services.portal.pages.registry.opportunities import fitting
from services.portal.pages.registry.record_history import entries_of
from shared import places
from shared.kernel import COUNTRY_CURRENCY

_MOST_COUNTED = 10_000
_NAMES = tuple(role for role in READERS if role != "leda_viewer")
_LATEST = 5
_OF_HER = ("id_kind", "id_number", "born_on", "phone", "other_phone", "people")
_PRODUCTS = 3
_MOST_PRODUCTS = 30


@blueprint.get("")
@for_roles(*READERS)
def inventory() -> Any:
    """The inventory with its search, its conditions and the lists she keeps."""
    conditions = Conditions()
    shown = conditions.asked | {"sort": conditions.sort}
    try:
        answer = api("registry").get("/enterprises", shown | {"after": request.args.get("after"), "limit": 25})
        counts = api("registry").get("/enterprises/count", conditions.asked | {"at_most": _MOST_COUNTED})
    except Problem as problem:
        conditions.form.refused(problem)
        answer, counts = Answer(), Answer()
    return render_template(
        "registry/inventory.html",
        enterprises=answer,
        counts=counts,
        conditions=conditions,
        form=conditions.form,
        sort=conditions.sort,
        sorts=SORTS if me().has(*_NAMES) else {code: text for code, text in SORTS.items() if code != "name"},
        sees_names=me().has(*_NAMES),
        views=api("registry").get("/saved-views").rows,
        most=_MOST_COUNTED,
        choices=codes.choices,
    )


@blueprint.get("/enterprises/<uuid:enterprise_id>")
@for_roles(*READERS, "committee_member", "trust_fund_member", "cashier")
def record(enterprise_id: UUID) -> Any:
    """One record, with what to look at again, its owner, its accompaniment and its history."""
    enterprise = api("registry").get(f"/enterprises/{enterprise_id}")
    return render_template(
        "registry/record.html",
        enterprise=enterprise,
        accompaniments=_accompaniments(enterprise_id),
        entries=entries_of(enterprise_id, limit=_LATEST) if me().has(*area.OVERSEERS) else Answer(),
        fitting=fitting(enterprise_id),
    )


@blueprint.get("/enterprises/new")
@for_roles(*EDITORS)
def registering() -> Any:
    """The form for a new enterprise and its owner."""
    begun = Form({"registry": "", "channel": "office", "formal": "no", "jobs_women": "1", "jobs_men": "0"})
    return _new(begun)


@blueprint.post("/enterprises/new")
@for_roles(*EDITORS)
def register() -> Any:
    """Write it into the inventory."""
    form = Form(request.form)
    body = _enterprise(form)
    body["owner"] = owner_typed(form)
    try:
        enterprise = api("registry").post("/enterprises", body)
    except Problem as problem:
        form.refused(problem, **renamed(problem))
        return _new(form), problem.status
    flash(_("The enterprise is in the inventory."))
    return redirect(f"/registry/enterprises/{enterprise['id']}", 303)


@blueprint.get("/enterprises/<uuid:enterprise_id>/change")
@for_roles(*EDITORS)
def changing(enterprise_id: UUID) -> Any:
    """The form with what the record says today."""
    enterprise = api("registry").get(f"/enterprises/{enterprise_id}")
    return _change(enterprise, Form(_typed(enterprise)))


@blueprint.post("/enterprises/<uuid:enterprise_id>/change")
@for_roles(*EDITORS)
def change(enterprise_id: UUID) -> Any:
    """Put the record right."""
    form = Form(request.form)
    try:
        api("registry").patch(f"/enterprises/{enterprise_id}", _enterprise(form), version=form.text("version"))
    except Problem as problem:
        form.refused(problem, **renamed(problem))
        enterprise = api("registry").get(f"/enterprises/{enterprise_id}")
        if problem.status == CHANGED_MEANWHILE:
            return _change(enterprise, over(enterprise, form), _differing(enterprise, form)), problem.status
        return _change(enterprise, form), problem.status
    flash(_("The change is saved."))
    return redirect(f"/registry/enterprises/{enterprise_id}", 303)


def owner_typed(form: Form) -> dict[str, Any]:
    """A woman with her answers as the API takes her."""
    owner = {name: form.optional(name) for name in _OF_HER}
    consents = {name: form.flag(name) for name in ("registry", "credit", "map", "photos")}
    return {name: value for name, value in owner.items() if value} | {
        "given_names": form.text("given_names"),
        "surnames": form.text("surnames"),
        "consents": consents | {"given_on": form.text("given_on"), "channel": form.text("channel")},
    }


def _new(form: Form) -> Any:
    return render_template("registry/new.html", form=form, **_lists(form))


def _change(enterprise: Answer, form: Form, differing: Collection[str] | None = None) -> Any:
    return render_template(
        "registry/change.html", form=form, enterprise=enterprise, differing=differing, **_lists(form)
    )


def _differing(enterprise: Answer, form: Form) -> set[str]:
    """The fields in which the record says something else now than what she typed."""
    now = Form(_typed(enterprise))
    typed, there = _enterprise(form), _enterprise(now)
    return {name for name in there if typed[name] != there[name]}


def _lists(form: Form) -> dict[str, Any]:
    last = max((row for row in range(_MOST_PRODUCTS) if _offers(form, row)), default=-1)
    return {
        "choices": codes.choices,
        "municipalities": [places.full_name(code) for code in place_names.my_municipalities()],
        "product_rows": range(min(max(_PRODUCTS, last + 2), _MOST_PRODUCTS)),
        "activities": _activities(form),
    }


def _activities(form: Form) -> list[tuple[str, str]]:
    """The sections, and the class that the record names today."""
    known = codes.choices(codes.ACTIVITIES)
    today = form.text("activity")
    if not today or today in codes.ACTIVITIES:
        return known
    titles = {row["code"]: row["title"] for row in api("registry").get("/lists/activities", {"q": today[:4]}).rows}
    return [*known, (today, f"{today} {titles.get(today, '')}".strip())]


def _enterprise(form: Form) -> dict[str, Any]:
    """The fields of an enterprise as the API takes them."""
    municipality = place_names.municipality_named(form.text("municipality"))
    currency = COUNTRY_CURRENCY.get(municipality[:2], "USD")
    return {
        "name": form.text("name"),
        "municipality": municipality,
        "point": _point(form),
        "site": form.optional("site"),
        "activity": form.optional("activity"),
        "chain": form.optional("chain"),
        "links": form.many("links"),
        "needs": form.many("needs"),
        "started_year": form.integer("started_year"),
        "jobs_women": form.integer("jobs_women") or 0,
        "jobs_men": form.integer("jobs_men") or 0,
        "sales": form.money("sales", currency),
        "formal": form.text("formal") == "yes",
        "products": _products(form, currency),
    }


def _point(form: Form) -> dict[str, Any] | None:
    if not form.text("lat") and not form.text("lon"):
        return None
    accuracy = number_typed(form.text("accuracy_m")) if form.text("accuracy_m") else None
    source = form.text("source") or "office"
    return {
        "lon": number_typed(form.text("lon")),
        "lat": number_typed(form.text("lat")),
        "accuracy_m": accuracy,
        "source": source,
    }


def number_typed(text: str) -> float | str:
    """The number, or the text as it is, so that the API says what is wrong with it."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return text


def _products(form: Form, currency: str) -> list[dict[str, Any]]:
    return [
        {
            "name": form.text(f"products-{row}-name"),
            "unit": form.optional(f"products-{row}-unit"),
            "price": form.money(f"products-{row}-price", currency),
            "volume": number_typed(form.text(f"products-{row}-volume"))
            if form.text(f"products-{row}-volume")
            else None,
            "period": form.optional(f"products-{row}-period"),
            "months": [int(month) for month in form.many(f"products-{row}-months") if month.isdecimal()],
        }
        for row in range(_MOST_PRODUCTS)
        if _offers(form, row)
    ]


def _offers(form: Form, row: int) -> bool:
    """Whether anything is typed in this row of products."""
    return any(form.text(f"products-{row}-{name}") for name in ("name", "unit", "price"))


def _typed(enterprise: Answer) -> dict[str, Any]:
    """A record as the form shows it."""
    point = enterprise["point"] or {}
    typed: dict[str, Any] = {
        **{name: enterprise[name] for name in ("version", "name", "site", "activity", "links", "needs")},
        **{name: enterprise[name] for name in ("started_year", "jobs_women", "jobs_men", "sales")},
        "municipality": enterprise["municipality_name"],
        "chain": enterprise["chain"] if enterprise["chain_declared"] else "",
        "formal": "yes" if enterprise["formal"] else "no",
        **{name: point.get(name) for name in ("lat", "lon", "accuracy_m", "source")},
    }
    for row, product in enumerate(enterprise["products"]):
        typed |= {f"products-{row}-{name}": product[name] for name in product}
    return typed


def renamed(problem: Problem) -> dict[str, str]:
    """Where the API's fields stand in the form: the owner's without their prefix, the point by its latitude."""
    names = {"point": "lat", "point-lat": "lat", "point-lon": "lon", "point-accuracy_m": "accuracy_m"}
    for error in problem.errors:
        name = str(error.get("pointer", "")).strip("/").replace("/", "-")
        if name.startswith("owner-"):
            names[name] = name.removeprefix("owner-").removeprefix("consents-")
    return names


def _accompaniments(enterprise_id: UUID) -> list[dict[str, Any]]:
    if not me().has(*area.OVERSEERS, "credit_officer"):
        return []
    found = api("registry").get("/accompaniments", {"enterprise_id": str(enterprise_id), "state": "all"})
    return found.rows

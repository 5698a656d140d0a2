"""The parts of an enterprise's record that are edited one by one, its owners, and the steps of its formalization."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, over
from services.portal.pages.registry import codes
from services.portal.pages.registry.area import EDITORS, blueprint
from services.portal.pages.registry.inventory import number_typed, owner_typed, renamed
from services.portal.pages.registry.sections import Section, editing, saving
from shared.kernel import COUNTRY_CURRENCY, clock

_ROWS = 40
_JOBS = ("women_paid", "women_unpaid", "men_paid", "men_unpaid")
_PRODUCT = ("name", "unit", "price", "volume", "period", "months")
_PARTNER = ("side", "kind", "name", "share", "product")


def _currency(enterprise: Answer) -> str:
    return COUNTRY_CURRENCY[enterprise["municipality"][:2]]


def _activity(enterprise: Answer) -> dict[str, Any]:
    chosen = request.args.get("activity", "")[:4] or enterprise["activity"]
    return {"activity": chosen, "ownership": enterprise["ownership"], "address": enterprise["address"]}


def _activity_body(form: Form, _enterprise: Answer) -> dict[str, Any]:
    written = form.text("activity")
    code = written.partition(" ")[0].upper()
    return {
        "activity": (code if code.isdecimal() or len(code) == 1 else written[:4]) or None,
        "ownership": form.text("ownership"),
        "address": form.optional("address"),
    }


def _work(enterprise: Answer) -> dict[str, Any]:
    jobs = dict(enterprise["jobs"])
    for sex in ("women", "men"):
        if jobs[f"{sex}_unpaid"] is None:
            jobs[f"{sex}_paid"] = enterprise[f"jobs_{sex}"]
    told = {name: enterprise[name] for name in ("started_year", "sales", "markets")}
    return {**jobs, **told, "sales_band": (enterprise["sales_band"] or {}).get("code")}


def _work_body(form: Form, enterprise: Answer) -> dict[str, Any]:
    return {
        **_jobs(form, enterprise),
        "started_year": form.integer("started_year"),
        "sales": form.money("sales", _currency(enterprise)),
        "sales_band": form.optional("sales_band"),
        "markets": form.many("markets"),
    }


def _jobs(form: Form, enterprise: Answer) -> dict[str, Any]:
    """The four numbers, or the totals alone where nobody asked who of them is paid."""
    asked = [form.text(f"{sex}_unpaid") for sex in ("women", "men")]
    asked += [told for name, told in enterprise["jobs"].items() if told is not None and name.endswith("_unpaid")]
    if any(told != "" for told in asked):
        return {"jobs": {name: form.integer(name) or 0 for name in _JOBS}}
    return {f"jobs_{sex}": form.integer(f"{sex}_paid") or 0 for sex in ("women", "men")}


def _bands(enterprise: Answer) -> dict[str, Any]:
    rows = api("registry").get("/lists/sales-bands").rows
    return {"bands": [row for row in rows if row["currency"] == _currency(enterprise)]}


def _rows_of(kind: str, names: tuple[str, ...], rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {f"{kind}-{number}-{name}": row[name] for number, row in enumerate(rows) for name in names}


def _filled(form: Form, kind: str, name: str) -> list[str]:
    """The rows in which the field that names them is filled, as the beginnings of their fields' names."""
    rows = [f"{kind}-{number}-" for number in range(_ROWS)]
    return [row for row in rows if form.text(row + name)]


def _products(enterprise: Answer) -> dict[str, Any]:
    return _rows_of("products", _PRODUCT, enterprise["products"])


def _products_body(form: Form, enterprise: Answer) -> dict[str, Any]:
    return {
        "products": [
            {
                "name": form.text(f"{row}name"),
                "unit": form.optional(f"{row}unit"),
                "price": form.money(f"{row}price", _currency(enterprise)),
                "volume": number_typed(form.text(f"{row}volume")) if form.text(f"{row}volume") else None,
                "period": form.optional(f"{row}period"),
                "months": [int(month) for month in form.many(f"{row}months") if month.isdecimal()],
            }
            for row in _filled(form, "products", "name")
        ]
    }


def _trade(enterprise: Answer) -> dict[str, Any]:
    """A registered partner stands in the form by its number; one that she may not see is kept as it is."""
    rows = [
        partner | {"name": f"#{partner['enterprise_id']}" if partner["enterprise_id"] else partner["name"]}
        for partner in enterprise["partners"]
    ]
    return _rows_of("partners", _PARTNER, rows)


def _trade_body(form: Form, _enterprise: Answer) -> dict[str, Any]:
    return {"partners": [_partner(form, row) for row in _filled(form, "partners", "name")]}


def _partner(form: Form, row: str) -> dict[str, Any]:
    name = form.text(f"{row}name")
    registered = _registered(name)
    return {
        "side": form.text(f"{row}side"),
        "kind": "enterprise" if registered else form.text(f"{row}kind"),
        "enterprise_id": registered,
        "name": None if registered else name,
        "share": form.integer(f"{row}share"),
        "product": form.optional(f"{row}product"),
    }


def _registered(name: str) -> str | None:
    """The number of a registered enterprise, written with # before it or taken from the address of its page."""
    written = (
        name.removeprefix("#").rpartition("/")[2] if name.startswith("#") or "/registry/enterprises/" in name else ""
    )
    try:
        return str(UUID(written)) if written else None
    except ValueError:
        return None


def _partner_names(enterprise: Answer) -> dict[str, Any]:
    return {"names": {p["enterprise_id"]: p["name"] for p in enterprise["partners"] if p["enterprise_id"]}}


def _assets(enterprise: Answer) -> dict[str, Any]:
    return _rows_of("assets", ("kind", "text"), enterprise["assets"])


def _assets_body(form: Form, _enterprise: Answer) -> dict[str, Any]:
    rows = _filled(form, "assets", "text")
    return {"assets": [{"kind": form.text(f"{row}kind"), "text": form.text(f"{row}text")} for row in rows]}


def _suggested(_enterprise: Answer) -> dict[str, Any]:
    """All classes, for the suggestions, and those that the word looked up finds."""
    asked = request.args.get("q", "")[:100]
    rows = api("registry").get("/lists/activities").rows
    hits = api("registry").get("/lists/activities", {"q": asked}).rows if asked else []
    return {"activities": [f"{row['code']} {row['title']}" for row in rows], "hits": hits, "asked": asked}


SECTIONS = {
    "activity": Section("Activity, ownership and address", _activity, _activity_body, _suggested),
    "work": Section("Work, sales and markets", _work, _work_body, _bands),
    "products": Section("Products", _products, _products_body),
    "trade": Section("Suppliers and buyers", _trade, _trade_body, _partner_names),
    "assets": Section("What it works with", _assets, _assets_body),
}


@blueprint.get("/enterprises/<uuid:enterprise_id>/edit/<name>")
@for_roles(*EDITORS)
def edit_part(enterprise_id: UUID, name: str) -> Any:
    """One part of an enterprise's record, to be put right."""
    return editing(SECTIONS, name, f"/enterprises/{enterprise_id}", f"/registry/enterprises/{enterprise_id}")


@blueprint.post("/enterprises/<uuid:enterprise_id>/edit/<name>")
@for_roles(*EDITORS)
def save_part(enterprise_id: UUID, name: str) -> Any:
    """Keep this part as it was typed."""
    return saving(SECTIONS, name, f"/enterprises/{enterprise_id}", f"/registry/enterprises/{enterprise_id}")


@blueprint.get("/enterprises/<uuid:enterprise_id>/formalization/<step>")
@for_roles(*EDITORS)
def formalizing(enterprise_id: UUID, step: str) -> Any:
    """One step of its formalization."""
    enterprise = api("registry").get(f"/enterprises/{enterprise_id}")
    known: dict[str, Any] = next((one for one in enterprise["formalization"] if one["step"] == step), {})
    form = Form({name: known.get(name) for name in ("state", "on", "number")} | {"version": enterprise["version"]})
    return _step_page(enterprise, step, form)


@blueprint.post("/enterprises/<uuid:enterprise_id>/formalization/<step>")
@for_roles(*EDITORS)
def formalize(enterprise_id: UUID, step: str) -> Any:
    """Say how far it is."""
    form = Form(request.form)
    body = {"state": form.text("state"), "on": form.optional("on"), "number": form.optional("number")}
    path = f"/enterprises/{enterprise_id}"
    try:
        api("registry").put(f"{path}/formalization/{step}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        enterprise = api("registry").get(path)
        shown = over(enterprise, form) if problem.status == CHANGED_MEANWHILE else form
        return _step_page(enterprise, step, shown), problem.status
    flash(_("The step is written down."))
    return redirect(f"/registry{path}", 303)


@blueprint.get("/enterprises/<uuid:enterprise_id>/owners/new")
@for_roles(*EDITORS)
def adding_owner(enterprise_id: UUID) -> Any:
    """The form for one more owner: somebody known already, or a woman who is registered with it."""
    return _owner_page(enterprise_id, Form({"channel": "office"}))


@blueprint.post("/enterprises/<uuid:enterprise_id>/owners/new")
@for_roles(*EDITORS)
def add_owner(enterprise_id: UUID) -> Any:
    """She owns it too from now on."""
    form = Form(request.form)
    known = form.text("owner_id")
    body = {"owner_id": known} if known else {"owner": owner_typed(form)}
    try:
        api("registry").post(f"/enterprises/{enterprise_id}/owners", body)
    except Problem as problem:
        form.refused(problem, **renamed(problem))
        return _owner_page(enterprise_id, form), problem.status
    flash(_("The enterprise has one more owner."))
    return redirect(f"/registry/enterprises/{enterprise_id}", 303)


@blueprint.post("/enterprises/<uuid:enterprise_id>/owners/<uuid:woman>/remove")
@for_roles(*EDITORS)
def remove_owner(enterprise_id: UUID, woman: UUID) -> Any:
    """She does not own it any more."""
    path = f"/enterprises/{enterprise_id}"
    try:
        api("registry").delete(f"{path}/owners/{woman}", version=Form(request.form).text("version"))
    except Problem as problem:
        Form().refused(problem)
        flash(problem.detail, "bad")
        return redirect(f"/registry{path}", 303)
    flash(_("She is not an owner of the enterprise any more."))
    return redirect(f"/registry{path}", 303)


def _step_page(enterprise: Answer, step: str, form: Form) -> str:
    today = clock.today().isoformat()
    return render_template(
        "registry/step.html", enterprise=enterprise, step=step, form=form, choices=codes.choices, today=today
    )


def _owner_page(enterprise_id: UUID, form: Form) -> str:
    enterprise = api("registry").get(f"/enterprises/{enterprise_id}")
    asked = request.args.get("q", "")[:100]
    hits = api("registry").get("/enterprises", {"q": asked, "limit": 10}).rows if asked else []
    owning = {owner["id"] for owner in enterprise["owners"]}
    women = {owner["id"]: (owner, row) for row in hits for owner in row["owners"] if owner["id"] not in owning}
    return render_template(
        "registry/owner.html",
        enterprise=enterprise,
        form=form,
        asked=asked,
        women=women,
        choices=codes.choices,
    )

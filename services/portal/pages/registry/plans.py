"""Business plans: written part by part, looked over, made ready, compared, printed."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import CHANGED_MEANWHILE, Form, _, for_roles, formats, me, over
from services.portal.frame.language import locale
from services.portal.frame.sending import send
from services.portal.pages.registry import codes
from services.portal.pages.registry.area import EDITORS, OVERSEERS, blueprint
from services.portal.pages.registry.sections import Section, editing, saving
from shared.kernel import Money

READERS = (*OVERSEERS, "credit_officer", "committee_member", "trust_fund_member")
TEXTS = {
    "summary": "Summary",
    "woman": "The woman and her enterprise",
    "market": "Product and market",
    "operations": "How the work is done",
    "organization": "Organization",
    "risks": "Risks",
    "ask": "What is asked for",
}
STATES = {"draft": ("Draft", "warn"), "ready": ("Ready", "good"), "superseded": ("Superseded", "")}
FIGURES = {
    "own_contribution": "Own contribution",
    "asked": "Loan that is asked for",
    "sales": "Sales of the whole plan",
    "variable": "Variable costs of the whole plan",
    "fixed": "Fixed costs of the whole plan",
    "investment": "Investment",
    "operating_average": "Net cash of a month, before debt",
    "lowest_balance": "Lowest balance",
    "break_even_sales": "Break-even: sales of a month",
    "break_even_units": "Break-even: units of a month",
    "recovered_in": "Month in which the investment is recovered",
    "capacity": "Capacity to pay in a month",
    "instalment": "Highest instalment",
    "coverage_percent": "Coverage of the instalment, in per cent",
}
PARTS = {
    "starts_on": "First month",
    "months": "Months of the plan",
    "products": "What is sold",
    "fixed_costs": "Fixed costs",
    "investments": "Investments",
    "own_contribution": "Own contribution",
    "loan": "Loan that is asked for",
}
_ROWS = 30


def _texts(plan: Answer) -> dict[str, Any]:
    return {f"sections-{name}": plan["sections"][name] for name in TEXTS}


def _texts_body(form: Form, _plan: Answer) -> dict[str, Any]:
    return {"sections": {name: form.optional(f"sections-{name}") for name in TEXTS}}


def _rows_of(kind: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {f"{kind}-{number}-{name}": value for number, row in enumerate(rows) for name, value in row.items()}


def _filled(form: Form, kind: str, *names: str) -> list[str]:
    """The rows in which something is written, as the beginnings of their fields' names."""
    rows = [f"{kind}-{number}-" for number in range(_ROWS)]
    return [row for row in rows if any(form.text(row + name) for name in names)]


def _products(plan: Answer) -> dict[str, Any]:
    typed = _rows_of("products", plan["products"])
    for number, row in enumerate(plan["products"]):
        shares = enumerate(row["season"], 1)
        typed |= {f"products-{number}-season-{month}": share for month, share in shares if share != 100}
    return typed


def _products_body(form: Form, plan: Answer) -> dict[str, Any]:
    def season(row: str) -> list[Any]:
        written = [form.integer(f"{row}season-{month}") for month in range(1, 13)]
        return [100 if share is None else share for share in written]

    return {
        "products": [
            {
                "name": form.text(f"{row}name"),
                "unit": form.text(f"{row}unit"),
                "price": form.money(f"{row}price", plan["currency"]),
                "unit_cost": form.money(f"{row}unit_cost", plan["currency"]),
                "volume": form.integer(f"{row}volume"),
                "season": season(row),
            }
            for row in _filled(form, "products", "name", "unit", "price", "unit_cost", "volume")
        ]
    }


def _lines_body(kind: str, month: str) -> Any:
    def body(form: Form, plan: Answer) -> list[dict[str, Any]]:
        return [
            {
                "name": form.text(f"{row}name"),
                "amount": form.money(f"{row}amount", plan["currency"]),
                month: form.integer(f"{row}{month}") or 1,
            }
            for row in _filled(form, kind, "name", "amount")
        ]

    return body


_fixed_costs, _investments = _lines_body("fixed_costs", "first"), _lines_body("investments", "month")


def _money_in(plan: Answer) -> dict[str, Any]:
    return _rows_of("investments", plan["investments"]) | {"own_contribution": plan["own_contribution"]}


def _money_in_body(form: Form, plan: Answer) -> dict[str, Any]:
    nothing = {"amount": "0.00", "currency": plan["currency"]}
    own = form.money("own_contribution", plan["currency"]) or nothing
    return {"investments": _investments(form, plan), "own_contribution": own}


def _terms(plan: Answer) -> dict[str, Any]:
    typed = {"starts_on": plan["starts_on"][:7], "months": plan["months"]}
    if plan["loan"]:
        typed |= {"loan": plan["loan"]["amount"]}
        typed |= {f"loan-{name}": value for name, value in plan["loan"].items() if name != "amount"}
    return typed


def _terms_body(form: Form, plan: Answer) -> dict[str, Any]:
    loan = None
    if form.text("loan"):
        loan = {
            "amount": form.money("loan", plan["currency"]),
            "annual_rate": form.text("loan-annual_rate").replace(",", "."),
            "instalments": form.integer("loan-instalments"),
            "grace": form.integer("loan-grace") or 0,
            "month": form.integer("loan-month") or 1,
        }
    first = form.text("starts_on")
    return {"starts_on": f"{first}-01" if len(first) == 7 else first, "months": form.integer("months"), "loan": loan}


SECTIONS = {
    "plan_texts": Section("The texts of the plan", _texts, _texts_body, lambda _plan: {"TEXTS": TEXTS}),
    "plan_products": Section("What is sold", _products, _products_body),
    "plan_costs": Section(
        "Fixed costs",
        lambda plan: _rows_of("fixed_costs", plan["fixed_costs"]),
        lambda form, plan: {"fixed_costs": _fixed_costs(form, plan)},
    ),
    "plan_investments": Section("Investment and own contribution", _money_in, _money_in_body),
    "plan_terms": Section("Period and loan", _terms, _terms_body),
}


@blueprint.get("/plans")
@for_roles(*READERS)
def business_plans() -> Any:
    """The business plans of her territory; for credit those that are ready."""
    asked = {name: request.args.get(name, "")[:40] for name in ("state", "enterprise_id", "after")}
    found = api("registry").get("/business-plans", asked | {"limit": 50})
    return render_template("registry/plans.html", found=found, form=Form(asked), STATES=STATES, choices=codes.choices)


@blueprint.post("/accompaniments/<uuid:accompaniment_id>/plans")
@for_roles(*EDITORS)
def begin_plan(accompaniment_id: UUID) -> Any:
    """A new draft of the case's plan."""
    try:
        made = api("registry").post("/business-plans", {"accompaniment_id": str(accompaniment_id)})
    except Problem as problem:
        form = Form()
        form.refused(problem)
        flash(next(iter(form.errors.values())), "warn")
        return redirect(f"/registry/accompaniments/{accompaniment_id}", 303)
    flash(_("The draft is there. Write it part by part; the figures follow."))
    return redirect(f"/registry/plans/{made['id']}", 303)


@blueprint.get("/plans/<uuid:plan_id>")
@for_roles(*READERS)
def business_plan(plan_id: UUID) -> Any:
    """One version with its figures."""
    return _page("plan.html", api("registry").get(f"/business-plans/{plan_id}"))


@blueprint.get("/plans/<uuid:plan_id>/edit/<name>")
@for_roles(*EDITORS)
def edit_plan(plan_id: UUID, name: str) -> Any:
    """One part of a draft."""
    return editing(SECTIONS, name, f"/business-plans/{plan_id}", f"/registry/plans/{plan_id}")


@blueprint.post("/plans/<uuid:plan_id>/edit/<name>")
@for_roles(*EDITORS)
def save_plan(plan_id: UUID, name: str) -> Any:
    """Keep this part as it was typed; the figures are reckoned anew."""
    return saving(SECTIONS, name, f"/business-plans/{plan_id}", f"/registry/plans/{plan_id}")


@blueprint.get("/plans/<uuid:plan_id>/ready")
@for_roles(*EDITORS)
def check_plan(plan_id: UUID) -> Any:
    """The plan once more, before it is frozen."""
    found = api("registry").get(f"/business-plans/{plan_id}")
    return _page("plan_ready.html", found, Form({"version": found["version"]}))


@blueprint.post("/plans/<uuid:plan_id>/ready")
@for_roles(*EDITORS)
def finish_plan(plan_id: UUID) -> Any:
    """Freeze it."""
    form = Form(request.form)
    try:
        api("registry").post(f"/business-plans/{plan_id}/ready", version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        found = api("registry").get(f"/business-plans/{plan_id}")
        shown = over(found, form) if problem.status == CHANGED_MEANWHILE else form
        return _page("plan_ready.html", found, shown), problem.status
    flash(_("The plan is ready. It can be printed and read by credit."))
    return redirect(f"/registry/plans/{plan_id}", 303)


@blueprint.get("/plans/<uuid:plan_id>/compare/<uuid:other_id>")
@for_roles(*OVERSEERS)
def compare_plans(plan_id: UUID, other_id: UUID) -> Any:
    """What changed from one version to another."""
    told = api("registry").get(f"/business-plans/{plan_id}/comparison", {"other": str(other_id)})

    def amount(row: dict[str, Any], side: str) -> Any:
        value = row[side]
        return Money(value, told["currency"]) if row["is_money"] and value is not None else value

    rows = [row | {"before": amount(row, "before"), "after": amount(row, "after")} for row in told["figures"]]
    found = api("registry").get(f"/business-plans/{plan_id}")
    parts = [_part_name(part) for part in told["parts"]]
    return _page("plan_compare.html", found, told=told, rows=rows, FIGURES=FIGURES, parts=parts)


@blueprint.get("/plans/<uuid:plan_id>/document")
@for_roles(*READERS)
def plan_document(plan_id: UUID) -> Any:
    """The plan on paper."""
    return send(api("registry").file(f"/business-plans/{plan_id}/document"), inline=True)


@blueprint.context_processor
def plan_words() -> dict[str, Any]:
    """What the pages of a case and of its plans say of the versions."""
    return {"plan_rows": _version_rows, "plain": _plain}


def _version_rows(versions: list[dict[str, Any]], here: str = "") -> list[tuple[str, str, str, str, str]]:
    """The versions for a list: each leads to its page or, on the page of one of them, to what differs."""
    rows = []
    for one in versions:
        if one["id"] == here:
            continue
        state, kind = STATES[one["state"]]
        path = f"/registry/plans/{here}/compare/{one['id']}" if here else f"/registry/plans/{one['id']}"
        title = _("What differs from %(label)s", label=one["label"]) if here else one["label"]
        rows.append((title, path, one["ready_by_name"] or one["written_by_name"], _(state), kind))
    return rows


def _plain(*amounts: dict[str, str]) -> str:
    """The sum of amounts in whole units, as the reader's country writes numbers; a dash for nothing."""
    total = sum(Decimal(amount["amount"]) for amount in amounts)
    return formats.number(Decimal(total).quantize(Decimal(1)), locale()) if total else "\N{EN DASH}"


def _part_name(part: str) -> str:
    return (
        codes.said(TEXTS, part.removeprefix("sections.")) if part.startswith("sections.") else codes.said(PARTS, part)
    )


def _page(template: str, found: Answer, form: Form | None = None, **shown: Any) -> str:
    """A page about one version, with the other versions of its plan for who may see the case."""
    others: list[dict[str, Any]] = []
    if me().has(*OVERSEERS):
        others = api("registry").get(f"/accompaniments/{found['accompaniment_id']}")["plans"]
    return render_template(
        f"registry/{template}",
        plan=found,
        form=form or Form(),
        versions=others,
        STATES=STATES,
        TEXTS=TEXTS,
        may_change=me().has(*EDITORS) and found["state"] == "draft",
        **shown,
    )

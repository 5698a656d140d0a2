"""The appraisal on site: what was found, line by line, what follows from it, and the file.

Everything works on a phone without JavaScript: what was typed stays in the form itself, page after page.
"""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.pages.credit.area import APPRAISERS, FIGURES, blueprint, name_of
from services.portal.pages.registry.codes import months

LINES = {
    "sales": (FIGURES["sales"], "What is sold"),
    "household_income": (FIGURES["household_income"], "From what"),
    "cost_of_goods": (FIGURES["cost_of_goods"], "On what"),
    "business_expense": (FIGURES["business_expense"], "On what"),
    "household_expense": (FIGURES["household_expense"], "On what"),
}
DEBTS = "debts"
ASSETS = {
    "cash": "Cash and savings",
    "stock": "Goods and materials",
    "receivables": "What customers owe her",
    "equipment": "Equipment and premises",
}
SEASONS = {"usual": "As usual", "good": "Good", "bad": "Bad month"}
_GOOD, _BAD = 150, 60
_MOST = 12
_SUMS = ("monthly_income", "monthly_expense", "monthly_debts")
_WORDS = ("guarantees", "remarks", "conditions", "recommendation", "score_reason")


@blueprint.get("/applications/<uuid:application_id>/appraise")
@for_roles(*APPRAISERS)
def appraising(application_id: UUID) -> Any:
    """The form for what was found on site, with what was asked for already in it."""
    found = api("credit").get(f"/applications/{application_id}")
    begun = {name: found[name] for name in ("amount", "instalments", "grace")}
    return _page(found, Form(begun | {"good": _GOOD, "bad": _BAD}))


@blueprint.post("/applications/<uuid:application_id>/appraise/check")
@for_roles(*APPRAISERS)
def check_appraisal(application_id: UUID) -> Any:
    """One line more, or what follows from the figures: beside the form, or to look at once more before it is kept."""
    found = api("credit").get(f"/applications/{application_id}")
    typed = request.form.copy()
    if typed.get("largest"):
        typed["amount"] = typed["largest"]
    form = Form(typed)
    if form.text("back") or form.text("add"):
        return _page(found, form, more=form.text("add"))
    body, renamed = _body(found, form)
    try:
        if form.errors:
            return _page(found, form), 422
        assessed = api("credit").post(f"/applications/{application_id}/assessment", body)
    except Problem as problem:
        form.refused(problem, **renamed)
        return _page(found, form), problem.status
    if form.text("compute"):
        return _page(found, form, assessed=assessed)
    return render_template(
        "credit/check_appraisal.html",
        found=found,
        assessed=assessed,
        kept=[(name, value) for name, value in typed.items(multi=True) if name not in {"csrf_token", "largest"}],
        enterprise=name_of(found["enterprise_id"]),
    )


@blueprint.post("/applications/<uuid:application_id>/appraise")
@for_roles(*APPRAISERS)
def appraise(application_id: UUID) -> Any:
    """Put the appraisal into the file."""
    form, found = Form(request.form), api("credit").get(f"/applications/{application_id}")
    body, renamed = _body(found, form)
    try:
        if form.errors:
            return _page(found, form), 422
        api("credit").post(f"/applications/{application_id}/appraisals", body)
    except Problem as problem:
        form.refused(problem, **renamed)
        return _page(found, form), problem.status
    flash(_("The appraisal is in the file."))
    return redirect(f"/credit/applications/{application_id}", 303)


def _body(found: Answer, form: Form) -> tuple[dict[str, Any], dict[str, str]]:
    """What the form says as the API takes it, and which of its fields each field of the API is."""
    currency = found["amount"]["currency"]
    figures, renamed = _figures(form, currency)
    body: dict[str, Any] = {name: form.money(name, currency) for name in _SUMS}
    body |= {name: form.text(name) for name in _WORDS}
    body |= {
        "visited_on": form.text("visited_on"),
        "assistance_needs": form.many("assistance_needs"),
        "amount": form.money("amount", currency),
        "instalments": form.integer("instalments"),
        "grace": form.integer("grace") or 0,
        "due_dates": days_of(form.text("due_dates")),
        "figures": figures,
        "answers": [
            {"criterion": name.removeprefix("answers-"), "choice": form.text(name)}
            for name in request.form
            if name.startswith("answers-") and form.text(name)
        ],
    }
    return body, renamed


def days_of(text: str) -> list[str]:
    """The days that were written, one after the other; 31/01/2027 is as good as 2027-01-31."""
    return [_iso(*part.split("/")) for part in text.replace(",", " ").split()]


def _iso(first: str, *rest: str) -> str:
    """A day as the API takes it; what cannot be read stays as it was written, so that the API says so."""
    month, year = rest if len(rest) == len(("month", "year")) else ("", "")
    return f"{year}-{month:0>2}-{first:0>2}" if year else "/".join([first, *rest])


def _product_of(found: Answer) -> Any:
    """The product that is asked for, as the fund lends it today; None where it does not any more."""
    rows = api("credit").get(f"/funds/{found['fund_id']}/products").rows
    return next((row for row in rows if row["code"] == found["product"]), None)


def _figures(form: Form, currency: str) -> tuple[dict[str, Any] | None, dict[str, str]]:
    """The lines that were written, or None where there are none."""
    renamed: dict[str, str] = {}
    lines: list[dict[str, Any]] = []
    for kind in LINES:
        for at in (f"{kind}-{number}" for number in range(_rows(form, kind))):
            what, amount = form.text(f"{at}-what"), form.money(f"{at}-amount", currency)
            if what and amount is None:
                form.wrong(f"{at}-amount", _("Write the amount."))
            if amount is not None:
                renamed[f"figures-lines-{len(lines)}-amount"] = f"{at}-amount"
                renamed[f"figures-lines-{len(lines)}-what"] = f"{at}-what"
                lines.append({"kind": kind, "what": what, "amount": amount})
    debts = _debts(form, currency, renamed)
    assets = {name: form.money(f"assets-{name}", currency) for name in ASSETS}
    if not lines:
        if debts or any(assets.values()):
            form.wrong("sales-0-amount", _("Write what she sells and what it costs her, too."))
        return None, renamed
    nothing = {"amount": "0.00", "currency": currency}
    known = {name: money or nothing for name, money in assets.items()} if any(assets.values()) else None
    renamed |= {f"figures-assets-{name}": f"assets-{name}" for name in ASSETS}
    return {"lines": lines, "debts": debts, "assets": known, "season": _season(form)}, renamed


def _debts(form: Form, currency: str, renamed: dict[str, str]) -> list[dict[str, Any]]:
    debts: list[dict[str, Any]] = []
    for at in (f"{DEBTS}-{number}" for number in range(_rows(form, DEBTS))):
        debt = {name: form.money(f"{at}-{name}", currency) for name in ("balance", "monthly_payment")}
        lender = form.text(f"{at}-lender")
        if not lender and not any(debt.values()):
            continue
        for name, money in debt.items():
            renamed[f"figures-debts-{len(debts)}-{name}"] = f"{at}-{name}"
            if money is None:
                form.wrong(f"{at}-{name}", _("Write the amount."))
        debts.append({"lender": lender, **debt})
    return debts


def _season(form: Form) -> list[Any]:
    """Each month in percent of a usual one."""
    percent = {"good": form.integer("good") or _GOOD, "bad": form.integer("bad") or _BAD}
    return [percent.get(form.text(f"month-{month}"), 100) for month, _name in months()]


def _rows(form: Form, kind: str) -> int:
    """How many lines of a kind the form has."""
    rows = form.integer(f"rows-{kind}")
    return min(max(rows, 1), _MOST) if isinstance(rows, int) else 1


def _page(found: Answer, form: Form, more: str = "", assessed: Answer | None = None) -> Any:
    """The form; `more` is the kind of which one line more is wanted."""
    rows = {kind: min(_MOST, _rows(form, kind) + (kind == more)) for kind in (*LINES, DEBTS)}
    return render_template(
        "credit/appraise.html",
        found=found,
        form=form,
        rows=rows,
        kinds=LINES,
        assets=ASSETS,
        seasons=SEASONS,
        months=months(),
        most=_MOST,
        assessed=assessed,
        product=_product_of(found),
        card=api("credit").get(f"/applications/{found['id']}/scorecard"),
        enterprise=name_of(found["enterprise_id"]),
    )

"""Proposals: the list with its board, one of them with its way, writing one and submitting it."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.territory.area import PUBLISHERS, blueprint
from services.portal.pages.territory.influence_words import (
    PROPOSERS,
    RECORDERS,
    SEERS,
    asked,
    currency_of,
)
from shared.kernel import clock

FILTERS = ("unit", "state", "year", "organization", "plan_id", "chain")
COST_ROWS, FINANCING_ROWS = 5, 4
_COST = ("year", "item", "measure", "quantity", "unit_cost")
_FINANCING = ("source", "institution", "amount")
_PLAIN = ("unit", "title", "text", "organization", "plan_id", "line_id", "chain", "women_total", "women_direct")
_HERE = "/proposals/<uuid:proposal_id>"


@blueprint.get("/proposals")
@for_roles(*SEERS)
def proposals() -> Any:
    """The proposals of her territory, and a board of where they stand."""
    told, client = _filters(), api("territory")
    return render_template(
        "territory/proposals.html",
        board=client.get("/proposals/board", told).rows,
        proposals=client.get("/proposals", told | {"after": request.args.get("after"), "limit": 50}),
        form=Form(request.args),
    )


@blueprint.get("/proposals.<any(csv, xlsx):kind>")
@for_roles(*SEERS)
def proposals_table(kind: str) -> Any:
    """The proposals that the filters show, as a table to be saved."""
    return send(api("territory").file("/proposals/table", _filters() | {"format": kind}))


@blueprint.get("/proposals/new")
@for_roles(*PROPOSERS)
def new_proposal() -> Any:
    """The form of a new proposal; `plan_id` is the plan it aims at."""
    begun = {"plan_id": request.args.get("plan_id", ""), "line_id": request.args.get("line_id", "")}
    return _form(None, Form(begun | {"unit": request.args.get("unit", "")}))


@blueprint.get(f"{_HERE}/edit")
@for_roles(*PROPOSERS)
def edit_proposal(proposal_id: UUID) -> Any:
    """The form of a proposal that has not been submitted."""
    found = api("territory").get(f"/proposals/{proposal_id}")
    return _form(found, Form(_typed(found)))


@blueprint.post("/proposals/new")
@blueprint.post(f"{_HERE}/edit")
@for_roles(*PROPOSERS)
def save_proposal(proposal_id: UUID | None = None) -> Any:
    """Keep a proposal as it was typed; choosing another plan shows its lines first."""
    form, client = Form(request.form), api("territory")
    found = None if proposal_id is None else client.get(f"/proposals/{proposal_id}")
    if form.flag("more"):
        return _form(found, form)
    body, renamed = _body(form)
    if form.errors:
        return _form(found, form), 422
    try:
        if found is None:
            kept = client.post("/proposals", body)
        else:
            kept = client.put(f"/proposals/{proposal_id}", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem, **renamed)
        return _form(found, form), problem.status
    flash(_("The proposal is kept. Read it through, add its evidence, then submit it."))
    return redirect(f"/territory/proposals/{kept['id']}", 303)


@blueprint.get(_HERE)
@for_roles(*SEERS)
def proposal(proposal_id: UUID) -> Any:
    """One proposal: what it asks, what backs it, and how far it came."""
    return _proposal(proposal_id, Form())


@blueprint.post(f"{_HERE}/evidence")
@for_roles(*PROPOSERS)
def freeze(proposal_id: UUID) -> Any:
    """Freeze the published chain table of the place as evidence."""
    said = _("The table of value chains is frozen: it stays as it is today, whatever changes later.")
    return _done(proposal_id, "evidence", None, Form(request.form), said)


@blueprint.get(f"{_HERE}/evidence/<uuid:evidence_id>")
@for_roles(*SEERS)
def evidence(proposal_id: UUID, evidence_id: UUID) -> Any:
    """A frozen table as it stood."""
    client = api("territory")
    return render_template(
        "territory/evidence.html",
        found=client.get(f"/proposals/{proposal_id}"),
        evidence=client.get(f"/proposals/{proposal_id}/evidence/{evidence_id}"),
    )


@blueprint.get(f"{_HERE}/submit")
@for_roles(*RECORDERS)
def check_proposal(proposal_id: UUID) -> Any:
    """The whole proposal to be read once more before it is submitted."""
    return _check(proposal_id, Form({"day": clock.today().isoformat()}))


@blueprint.post(f"{_HERE}/submit")
@for_roles(*RECORDERS)
def submit_proposal(proposal_id: UUID) -> Any:
    """Record that it was submitted: from now on its text stands."""
    form = Form(request.form)
    body = {"state": "submitted", "day": form.text("day"), **asked(form, "act", "council_id")}
    try:
        api("territory").post(f"/proposals/{proposal_id}/steps", body, version=form.text("version"))
    except Problem as problem:
        form.refused(problem)
        return _check(proposal_id, form), problem.status
    flash(_("The proposal is submitted."))
    return redirect(f"/territory/proposals/{proposal_id}", 303)


@blueprint.post(f"{_HERE}/steps")
@for_roles(*RECORDERS)
def advance(proposal_id: UUID) -> Any:
    """Record what became of a proposal."""
    return _step(proposal_id, "steps", "step-", _("The step is recorded."))


@blueprint.post(f"{_HERE}/corrections")
@for_roles(*PUBLISHERS)
def correct(proposal_id: UUID) -> Any:
    """Put right where a proposal stands."""
    return _step(proposal_id, "corrections", "correction-", _("The correction counts; what was recorded stays below."))


@blueprint.post(f"{_HERE}/papers")
@for_roles(*RECORDERS)
def keep_paper(proposal_id: UUID) -> Any:
    """Keep the paper that shows a step."""
    form, sent = Form(request.form), request.files.get("paper")
    if sent is None or not sent.filename:
        form.wrong("paper", _("Choose the file."))
        return _proposal(proposal_id, form), 422
    path = f"/proposals/{proposal_id}/steps/{form.text('step_id')}/paper"
    try:
        api("territory").upload(path, name=sent.filename, content=sent.stream, media_type=sent.mimetype)
    except Problem as problem:
        form.refused(problem, file="paper")
        return _proposal(proposal_id, form), problem.status
    flash(_("The paper is kept."))
    return redirect(f"/territory/proposals/{proposal_id}", 303)


@blueprint.get(f"{_HERE}/steps/<uuid:step_id>/paper")
@for_roles(*SEERS)
def show_paper(proposal_id: UUID, step_id: UUID) -> Any:
    """The paper that shows a step."""
    return send(api("territory").file(f"/proposals/{proposal_id}/steps/{step_id}/paper"), inline=True)


def _filters() -> dict[str, Any]:
    return {name: request.args.get(name, "")[:200] for name in FILTERS}


def _body(form: Form) -> tuple[dict[str, Any], dict[str, str]]:
    """What was typed as the API takes it, and where in the form each of its rows stands."""
    currency = currency_of(form.text("unit"))
    costs = _filled(form, "costs", _COST)
    paid = _filled(form, "financing", ("institution", "amount"))
    body = {
        **{name: form.text(name) for name in ("unit", "title", "text", "organization")},
        **asked(form, "plan_id", "line_id", "chain"),
        "women_total": form.integer("women_total"),
        "women_direct": form.integer("women_direct"),
        "costs": [
            {
                "year": form.integer(f"costs-{n}-year"),
                "item": form.text(f"costs-{n}-item"),
                "measure": form.text(f"costs-{n}-measure"),
                "quantity": form.integer(f"costs-{n}-quantity"),
                "unit_cost": form.money(f"costs-{n}-unit_cost", currency),
            }
            for n in costs
        ],
        "financing": [
            {
                "source": form.text(f"financing-{n}-source"),
                "institution": form.text(f"financing-{n}-institution"),
                "amount": form.money(f"financing-{n}-amount", currency),
            }
            for n in paid
        ],
    }
    renamed = {f"costs-{at}-{name}": f"costs-{n}-{name}" for at, n in enumerate(costs) for name in _COST}
    renamed |= {f"financing-{at}-{name}": f"financing-{n}-{name}" for at, n in enumerate(paid) for name in _FINANCING}
    # A money field tells its amount and its currency apart; both are one field here.
    renamed |= {f"costs-{at}-unit_cost-amount": f"costs-{n}-unit_cost" for at, n in enumerate(costs)}
    renamed |= {f"financing-{at}-amount-amount": f"financing-{n}-amount" for at, n in enumerate(paid)}
    return body, renamed | {"costs": "costs-0-item", "financing": "financing-0-amount"}


def _filled(form: Form, part: str, names: tuple[str, ...]) -> list[int]:
    """The numbers of the rows in which something was typed."""
    return [n for n in range(60) if any(form.text(f"{part}-{n}-{name}") for name in names)]


def _typed(found: Answer) -> dict[str, Any]:
    """A proposal as the fields of its form."""
    typed = {name: "" if found[name] is None else str(found[name]) for name in (*_PLAIN, "version")}
    for n, line in enumerate(found["costs"]):
        typed |= {f"costs-{n}-{name}": str(line[name]) for name in ("year", "item", "measure", "quantity")}
        typed[f"costs-{n}-unit_cost"] = line["unit_cost"]["amount"]
    for n, part in enumerate(found["financing"]):
        typed |= {f"financing-{n}-{name}": part[name] for name in ("source", "institution")}
        typed[f"financing-{n}-amount"] = part["amount"]["amount"]
    return typed


def _form(found: Answer | None, form: Form) -> str:
    client = api("territory")
    plans = client.get("/plans", {"in_force": True, "limit": 100}).rows
    chosen = form.text("plan_id")
    lines = client.get(f"/plans/{chosen}")["lines"] if chosen in {plan["id"] for plan in plans} else []
    more = 3 if form.flag("more") else 0
    costs, paid = _filled(form, "costs", _COST), _filled(form, "financing", _FINANCING)
    return render_template(
        "territory/proposal_form.html",
        found=found,
        form=form,
        plans=plans,
        lines=lines,
        cost_rows=range(max(COST_ROWS, *(n + 1 for n in [*costs, 0])) + more),
        financing_rows=range(max(FINANCING_ROWS, *(n + 1 for n in [*paid, 0])) + more),
    )


def _step(proposal_id: UUID, under: str, prefix: str, said: str) -> Any:
    """Record a step or a correction; the fields of its form begin with `prefix`."""
    form = Form(request.form)
    names = ("act", "council_id", "reason")
    currency = currency_of(form.text("unit"))
    body = {
        "state": form.text(f"{prefix}state"),
        "day": form.text(f"{prefix}day"),
        **{name: form.optional(f"{prefix}{name}") for name in names},
        "amount": form.money(f"{prefix}amount", currency),
    }
    renamed = {name: f"{prefix}{name}" for name in (*body, "amount")}
    if form.errors:
        return _proposal(proposal_id, form), 422
    return _done(proposal_id, under, body, form, said, renamed)


def _done(
    proposal_id: UUID,
    under: str,
    body: dict[str, Any] | None,
    form: Form,
    said: str,
    renamed: dict[str, str] | None = None,
) -> Any:
    try:
        api("territory").post(f"/proposals/{proposal_id}/{under}", body, version=form.optional("version"))
    except Problem as problem:
        form.refused(problem, **(renamed or {}))
        return _proposal(proposal_id, form), problem.status
    flash(said)
    return redirect(f"/territory/proposals/{proposal_id}", 303)


def _proposal(proposal_id: UUID, form: Form) -> str:
    found = api("territory").get(f"/proposals/{proposal_id}")
    return render_template(
        "territory/proposal.html",
        found=found,
        form=form,
        councils=_councils() if found["may_record"] or me().has(*PUBLISHERS) else [],
        may_correct=me().has(*PUBLISHERS) and len(found["steps"]) > 1,
        may_paper=me().has(*RECORDERS),
        today=clock.today().isoformat(),
    )


def _check(proposal_id: UUID, form: Form) -> str:
    found = api("territory").get(f"/proposals/{proposal_id}")
    return render_template("territory/proposal_check.html", found=found, form=form, councils=_councils())


def _councils() -> list[tuple[str, str]]:
    return [(row["id"], row["name"]) for row in api("territory").get("/councils", {"limit": 100}).rows]

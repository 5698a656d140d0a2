"""Scores of chains: what people judge where data say nothing, with the evidence of it."""

from typing import Any

from flask import abort, flash, redirect, render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.pages.registry.codes import CHAINS
from services.portal.pages.territory.area import LIVE, PUBLISHERS, blueprint
from shared import places

GROUPS = {
    "Economic": {
        "demand": ("Prospects of the market", "Who would buy more, at which price, and for how long?"),
        "sales": ("Sales of an enterprise", "Data tell it where enough enterprises say what they sell."),
        "beginnings": ("Enterprises that begin", "Data tell it where enough enterprises say when they began."),
        "specialisation": (
            "More present than in the country",
            "Data tell it where the rest of the country may be told.",
        ),
        "completeness": ("Links that are there", "Data tell it where the chain has a template."),
    },
    "Environmental": {
        "water": ("Water, waste and soil", "What does it take from the place, and what does it leave behind?"),
        "climate": ("Resilience to the climate", "How does it stand drought, storms and flood?"),
    },
    "Social, of women": {
        "women_jobs": ("Work of women", "Data tell it: the share of all women at work who work in it."),
        "women_share": ("Share of women in the chain", "Data tell it where there are enough enterprises."),
        "conditions": ("Conditions and burden of work", "Is it safe, does it leave time for care, do women decide?"),
    },
    "Institutional": {
        "plans": ("Priority in the plans", "Data tell it where a plan in force is known."),
        "support": ("Support that arrives already", "Data tell it where there are enough enterprises."),
        "partners": ("Allied organizations and institutions", "Who would carry it along, and with what?"),
    },
}
"""The criteria by group: the name of each, and what to look at."""
CRITERIA = {code: words for group in GROUPS.values() for code, words in group.items()}
POINTS = {
    "0": "0: nothing speaks for it",
    "1": "1: little speaks for it",
    "2": "2: as much for it as against it",
    "3": "3: much speaks for it",
    "4": "4: everything speaks for it",
}
LIST = "/territory/analyses/selection/scores"
Row = dict[str, Any]


@blueprint.get("/analyses/selection/scores")
@for_roles(*LIVE)
def scores() -> Any:
    """What people have scored of a chain in a place."""
    form = Form(request.args)
    unit, chain = form.text("unit"), form.text("chain")
    chosen = unit in places.names() and chain in CHAINS
    return render_template(
        "territory/scores.html",
        form=form,
        held=_held(unit, chain) if chosen else {},
        chosen=chosen,
        may_score=me().has(*PUBLISHERS),
        GROUPS=GROUPS,
    )


@blueprint.get("/analyses/selection/score")
@for_roles(*PUBLISHERS)
def ask_score() -> Any:
    """How much a chain is worth by a criterion, and why."""
    known = _known(request.args.get("unit", ""), request.args.get("chain", ""), request.args.get("criterion", ""))
    shown = {"points": "" if known.get("score") is None else str(known["score"]), "evidence": known.get("evidence", "")}
    return _asked(Form({**request.args.to_dict(), **shown, "version": known.get("version", "")}), known)


@blueprint.post("/analyses/selection/score")
@for_roles(*PUBLISHERS)
def give_score() -> Any:
    """Score it, score it anew, or take the score back."""
    form = Form(request.form)
    unit, chain, criterion = (form.text(name) for name in ("unit", "chain", "criterion"))
    known = _known(unit, chain, criterion)
    told = {"score": form.integer("points"), "evidence": form.text("evidence")}
    if told["score"] is None and not known:
        form.wrong("points", _("Choose how much it is worth."))
        return _asked(form, known), 422
    try:
        if known:
            api("territory").put(f"/chain-scores/{known['id']}", told, version=form.text("version"))
        else:
            api("territory").post("/chain-scores", told | {"unit": unit, "chain": chain, "criterion": criterion})
    except Problem as problem:
        form.refused(problem, score="points")
        return _asked(form, known), problem.status
    flash(_("The score is kept; the matrix counts it where data say nothing."))
    return redirect(f"{LIST}?unit={unit}&chain={chain}", 303)


def _asked(form: Form, known: Row) -> str:
    if form.text("unit") not in places.names() or form.text("chain") not in CHAINS:
        abort(404)
    if form.text("criterion") not in CRITERIA:
        abort(404)
    whole = api("territory").get(f"/chain-scores/{known['id']}") if known else {}
    points = [*POINTS.items(), *([("", "No score any more")] if known else [])]
    return render_template(
        "territory/score.html",
        form=form,
        known=known,
        history=whole.get("history", []),
        points=[(value, _(words)) for value, words in points],
        criterion=CRITERIA[form.text("criterion")],
        back=f"{LIST}?unit={form.text('unit')}&chain={form.text('chain')}",
    )


def _held(unit: str, chain: str) -> dict[str, Row]:
    """By criterion the score that holds there: given for the place itself, or for what it lies in."""
    held: dict[str, Row] = {}
    for length in (2, 4, 6):
        if length <= len(unit):
            rows = api("territory").get("/chain-scores", {"unit": unit[:length], "chain": chain, "limit": 50}).rows
            held |= {row["criterion"]: row for row in rows if row["score"] is not None or row["unit"] == unit}
    return held


def _known(unit: str, chain: str, criterion: str) -> Row:
    """The score given for the place itself; nothing where nobody gave one."""
    asked = {"unit": unit, "chain": chain, "criterion": criterion}
    if unit not in places.names() or chain not in CHAINS or criterion not in CRITERIA:
        abort(404)
    rows = api("territory").get("/chain-scores", asked).rows
    return dict(rows[0]) if rows else {}

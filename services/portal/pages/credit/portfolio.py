"""The portfolio: what is owed and at risk on a day, the indicators of a period, what is overdue, the closes."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.credit.area import BOOKS, READERS, blueprint, fund_choices, funds, names_of
from services.portal.pages.registry.codes import CHAINS, said
from shared import places
from shared.kernel import clock

_CLOSERS = ("coordinator", "credit_officer", "admin")
DIMENSIONS = {
    "fund": "Fund",
    "centre": "Centre",
    "municipality": "Municipality",
    "chain": "Value chain",
    "product": "Kind of credit",
    "officer": "Who appraised",
    "tier": "Tier",
}
_ASKED = ("date", "by", "fund", "municipality")
RATIOS = ("portfolio_yield", "recovery_rate", "risk_coverage", "write_off_ratio", "self_sufficiency")


@blueprint.get("/portfolio")
@for_roles(*READERS)
def portfolio() -> Any:
    """The portfolio at risk as of a day, in figures, a drawing and a table; and the indicators of the year to it."""
    asked = {name: request.args.get(name, "")[:60] for name in _ASKED}
    form = Form({**asked, "date": asked["date"] or clock.today().isoformat()})
    rows: list[Any] = []
    whole: list[Any] = []
    indicators: list[Any] = []
    try:
        whole = api("credit").get("/portfolio/at-risk", {**asked, "by": None}).rows
        if asked["by"]:
            rows = api("credit").get("/portfolio/at-risk", asked).rows
        if me().has(*BOOKS):
            period = {"last": asked["date"], "fund": asked["fund"]}
            indicators = api("credit").get("/portfolio/indicators", period).rows
    except Problem as problem:
        form.refused(problem)
    own = funds()
    return render_template(
        "credit/portfolio.html",
        form=form,
        whole=whole,
        rows=[{**row, "label": _label(asked["by"], row["label"])} for row in rows],
        by=asked["by"],
        query=request.query_string.decode(),
        dimensions=DIMENSIONS,
        indicators=indicators,
        funds=fund_choices(own),
        own=own,
        may_see_books=me().has(*BOOKS),
    )


@blueprint.get("/portfolio.csv")
@for_roles(*READERS)
def portfolio_table() -> Any:
    """The rows of a division as a table for any program."""
    asked = {name: request.args.get(name, "")[:60] for name in _ASKED}
    return send(api("credit").file("/portfolio/at-risk/table", asked))


@blueprint.get("/portfolio/overdue")
@for_roles(*READERS)
def overdue() -> Any:
    """The loans that were overdue at the last close, the oldest arrears first."""
    asked = {name: request.args.get(name, "")[:60] for name in ("fund", "municipality")}
    form = Form(request.args)
    try:
        answer = api("credit").get("/portfolio/overdue", asked | {"after": request.args.get("after"), "limit": 25})
    except Problem as problem:
        form.refused(problem)
        answer = Answer()
    return render_template(
        "credit/overdue.html",
        loans=answer,
        form=form,
        funds=fund_choices(funds()),
        names=names_of(row["enterprise_id"] for row in answer.rows),
    )


@blueprint.get("/funds/<uuid:fund_id>/closes")
@for_roles(*BOOKS)
def closes(fund_id: UUID) -> Any:
    """The closed days of a fund, and the form to ask for one."""
    return _closes(fund_id, Form({"day": (clock.today() - timedelta(days=1)).isoformat()}))


@blueprint.post("/funds/<uuid:fund_id>/closes")
@for_roles(*_CLOSERS)
def ask_for_close(fund_id: UUID) -> Any:
    """Ask that a day be closed."""
    form = Form(request.form)
    try:
        api("credit").post("/closes", {"fund_id": str(fund_id), "day": form.text("day")})
    except Problem as problem:
        form.refused(problem)
        return _closes(fund_id, form), problem.status
    flash(_("The close is asked for; it is done in a moment. Load the page again to see it."))
    return redirect(f"/credit/funds/{fund_id}/closes", 303)


def _closes(fund_id: UUID, form: Form) -> Any:
    asked = {"fund": str(fund_id), "after": request.args.get("after"), "limit": 25}
    return render_template(
        "credit/closes.html",
        fund=api("credit").get(f"/funds/{fund_id}"),
        closes=api("credit").get("/closes", asked),
        form=form,
        may_close=me().has(*_CLOSERS),
    )


def _label(by: str, label: str) -> str:
    """The words of a row of a dimension."""
    if by == "municipality":
        return places.full_name(label)
    if by == "chain":
        return str(said(CHAINS, label))
    return label or _("Not known")

"""The dashboard of a fund, and what it can lend in the months to come: as it goes on, and as somebody supposes."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, _, for_roles
from services.portal.frame.sending import send
from services.portal.pages.credit import charts
from services.portal.pages.credit.area import BOOKS, blueprint
from services.portal.rules import amounts

_ASKED = ("rate", "arrears", "growth", "reserve")
_FIELDS = (*_ASKED, "contribution", "contribution_month", "leaves")


@blueprint.get("/funds/<uuid:fund_id>/dashboard")
@for_roles(*BOOKS)
def dashboard(fund_id: UUID) -> Any:
    """The fund at a glance: what it has, what is at risk, what came and went, what it can lend."""
    fund = api("credit").get(f"/funds/{fund_id}")
    shown = api("credit").get(f"/funds/{fund_id}/dashboard")
    ahead = _ahead(fund, {})
    return render_template(
        "credit/dashboard.html",
        fund=fund,
        shown=shown,
        ahead=ahead,
        risk=_risk_chart(shown["at_risk"]),
        flows=_flow_chart(shown["flows"], fund["currency"]),
        lendable=_lendable_chart(ahead) if ahead else None,
    )


@blueprint.get("/funds/<uuid:fund_id>/projection")
@for_roles(*BOOKS)
def projection(fund_id: UUID) -> Any:
    """What can be lent in each of the next 24 months; the address says what was supposed."""
    fund = api("credit").get(f"/funds/{fund_id}")
    form = Form({name: request.args.get(name, "")[:30] for name in _FIELDS})
    shown = _projected(fund, form)
    status = 422 if form.errors else 200
    return render_template(
        "credit/projection.html",
        fund=fund,
        shown=shown,
        form=form,
        chart=_lendable_chart(shown) if shown else None,
        risk=_ahead_chart(shown) if shown else None,
        query=request.query_string.decode(),
    ), status


@blueprint.get("/funds/<uuid:fund_id>/projection.csv")
@for_roles(*BOOKS)
def projection_table(fund_id: UUID) -> Any:
    """The same as a table for any program."""
    asked = _asked(Form({name: request.args.get(name, "")[:30] for name in _FIELDS}))
    return send(api("credit").file(f"/funds/{fund_id}/projection/table", asked))


def _projected(fund: Answer, form: Form) -> Answer | None:
    """As it goes on and as supposed; as it goes on alone where what is supposed cannot be."""
    asked = _asked(form)
    try:
        return _ahead(fund, {} if form.errors else asked)
    except Problem as problem:
        form.refused(problem, **{"contribution-0": "contribution_month"})
        return _ahead(fund, {})


def _ahead(fund: Answer, asked: Mapping[str, Any]) -> Answer | None:
    """What a fund can lend; nothing of one that lends nothing: seed capital, or one without regulations."""
    if fund["kind"] != "revolving":
        return None
    try:
        return api("credit").get(f"/funds/{fund['id']}/projection", asked)
    except Problem as problem:
        if problem.code != "regulations.none_in_force":
            raise
        return None


def _asked(form: Form) -> dict[str, Any]:
    """What the form supposes, as the API takes it."""
    asked: dict[str, Any] = {name: form.optional(name) for name in _ASKED}
    asked["reserve"] = _amount(form, "reserve")
    amount = _amount(form, "contribution")
    if amount:
        sign = "-" if form.flag("leaves") else ""
        asked["contribution"] = [f"{form.text('contribution_month') or '1'}:{sign}{amount}"]
    return asked


def _amount(form: Form, name: str) -> str | None:
    text = form.text(name)
    if not text:
        return None
    amount = amounts.read(text)
    if amount is None:
        form.wrong(name, _("Write the amount with a point before the cents, for example 1,250.00."))
    return amount


def _thousands(money: Mapping[str, str]) -> float:
    return float(money["amount"]) / 1000


def _months(rows: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    return [f"{row[name][5:7]}/{row[name][2:4]}" for row in rows]


def _lendable_chart(shown: Answer) -> charts.Chart:
    def series(label: str, rows: Sequence[Mapping[str, Any]]) -> Any:
        cells = [row["lendable"] for row in rows]
        bands = [(_thousands(cell["low"]), _thousands(cell["high"])) for cell in cells]
        return label, [_thousands(cell["median"]) for cell in cells], bands

    drawn = [series(_("as it goes on"), shown["today"])]
    if shown["supposed"]:
        drawn.append(series(_("as supposed"), shown["supposed"]))
    return charts.lines(
        _("What can be lent each month, in thousands of %(currency)s", currency=shown["currency"]),
        _("The line is the median, the band holds eight of ten futures. The table below says the same."),
        _months(shown["today"], "until"),
        drawn,
    )


def _ahead_chart(shown: Answer) -> charts.Chart:
    def series(label: str, rows: Sequence[Mapping[str, Any]]) -> Any:
        cells = [row["par30"] for row in rows]
        bands = [(float(cell["low"]), float(cell["high"])) for cell in cells]
        return label, [float(cell["median"]) for cell in cells], bands

    drawn = [series(_("as it goes on"), shown["today"])]
    if shown["supposed"]:
        drawn.append(series(_("as supposed"), shown["supposed"]))
    return charts.lines(
        _("At risk for more than 30 days, in per cent of what is owed"),
        _("The line is the median, the band holds eight of ten futures. The table below says the same."),
        _months(shown["today"], "until"),
        drawn,
    )


def _risk_chart(points: Sequence[Mapping[str, Any]]) -> charts.Chart:
    values = [float(point["percent"] or 0) for point in points]
    return charts.lines(
        _("At risk for more than 30 days, in per cent of what is owed"),
        _("At the end of each of the last twelve months. The table below says the same."),
        _months(points, "day"),
        [("", values, [])],
    )


def _flow_chart(months: Sequence[Mapping[str, Any]], currency: str) -> charts.Chart:
    return charts.bars(
        _("Paid out and recovered each month, in thousands of %(currency)s", currency=currency),
        _("Full bars are loans paid out, hollow ones what came back. The table below says the same."),
        _months(months, "month"),
        [
            (_("Loans paid out"), [_thousands(month["disbursed"]) for month in months]),
            (_("Recovered"), [_thousands(month["recovered"]) for month in months]),
        ],
    )

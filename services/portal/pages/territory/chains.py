"""Value chains: who stands at each link, what holds a chain back, and where a link is missing."""

from typing import Any

from flask import abort, render_template, request

from services.portal.clients import api
from services.portal.frame import Form, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.registry.codes import CHAINS
from services.portal.pages.territory.area import LIVE, READERS, blueprint
from shared import places

SUBJECTS = {
    "credit": "Credit",
    "certifications": "Certifications",
    "market": "Market",
    "quality": "Quality",
    "training": "Training",
    "innovation": "Innovation potential",
    "scaling": "Scaling potential",
}
JUDGEMENTS = {
    "bottleneck": "One link holds the chain back",
    "balanced": "Its links stand to each other as in the country",
    "too_few": "Too few enterprises to say which link holds it back",
    "no_reference": "Too few enterprises in the country to compare with",
    "one_link": "Only one of its links is there: nothing to compare",
}


@blueprint.get("/chains")
@for_roles(*READERS)
def chains() -> Any:
    """Per chain, how many women work at each link, and where a link is missing."""
    unit = request.args.get("unit") or _published_unit()
    form = Form({"unit": unit or ""})
    if not me().has(*LIVE):
        shown = api("territory").get("/chains", {"unit": unit})
        return render_template("territory/chains.html", shown=shown, form=form, live=False)
    shown = api("territory").get("/chains/map", {"unit": unit})
    told = {**shown, "chains": [_as_published(row) for row in shown["chains"]]}
    return render_template("territory/chains.html", shown=told, form=form, live=True)


@blueprint.get("/chains/<string(maxlength=24):chain>")
@for_roles(*LIVE)
def chain(chain: str) -> Any:
    """One chain of a place, link by link: jobs, sales, levels, what it buys and from where."""
    if chain not in CHAINS:
        abort(404)
    unit = request.args.get("unit") or None
    shown = api("territory").get("/chains/map", {"unit": unit, "chain": chain})
    row = next(iter(shown["chains"]), None)
    words = {"SUBJECTS": SUBJECTS, "JUDGEMENTS": JUDGEMENTS, "chain": chain}
    return render_template("territory/chain.html", shown=shown, row=row, form=Form({"unit": unit or ""}), **words)


@blueprint.get("/chains.csv")
@for_roles(*LIVE)
def chains_csv() -> Any:
    """What the page shows, a row for each link."""
    return _table("csv")


@blueprint.get("/chains.xlsx")
@for_roles(*LIVE)
def chains_workbook() -> Any:
    """The same as a workbook."""
    return _table("xlsx")


def _table(kind: str) -> Any:
    asked = {name: request.args.get(name) or None for name in ("unit", "chain")}
    return send(api("territory").file("/chains/map/table", asked | {"format": kind}))


def _as_published(row: dict[str, Any]) -> dict[str, Any]:
    """A chain of the map with the names that its published figures have."""
    links = [link | {"women": link["jobs_women"]} for link in row["links"]]
    missing = [link["link"] for link in links if link["state"] == "missing"]
    return row | {"women": row["jobs_women"], "links": links, "missing": missing}


def _published_unit() -> str | None:
    """Published chains are told for one unit at a time: the first of her territory, when she sees no live figures."""
    if me().has(*LIVE):
        return None
    mine = sorted(unit for unit in me().scope.units if len(unit) >= 4)
    if mine:
        return mine[0]
    country = next((unit for unit in sorted(me().scope.units) if len(unit) == 2), "GT")
    return places.units_at(places.DEPARTMENT, country)[0]

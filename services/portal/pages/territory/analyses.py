"""Analyses of the territory: which question each answers, and its answer with tables, map and method."""

from typing import Any

from flask import abort, render_template, request

from services.portal.clients import Answer, Problem, api
from services.portal.frame import Form, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.registry.codes import choices
from services.portal.pages.territory.area import LAYER_KINDS, LIVE, PUBLISHERS, blueprint

ANALYSES = {
    "potential": (
        "Which chains can innovate and grow?",
        "How high each chain stands, how sure its rank is, and what keeps it low: demand for credit and training.",
        ("chain",),
    ),
    "selection": (
        "Which chain should be promoted?",
        "Chains weighed by what is economic, environmental, social and institutional, with the evidence of each score.",
        ("chain",),
    ),
    "unmet": (
        "Whom do credit and training not reach yet?",
        "Who could use them, whom they reached, and who is left, by chain and place; and about how much money.",
        ("chain",),
    ),
    "quality": (
        "How good are the data, and where to go first?",
        "What the records lack, how old and how precise they are, and which ones the technical team visits first.",
        ("chain",),
    ),
    "specialisation": (
        "What does this territory do more than others?",
        "Which value chains are more present here than in the country, and which lie next door to what is done.",
        ("chain", "measure"),
    ),
    "concentration": (
        "Is a chain spread over the territory, or in few places?",
        "In how many municipalities a chain really is, and whether departments differ more than municipalities do.",
        ("chain", "measure"),
    ),
    "change": (
        "What changed between two days, and why?",
        "How much of a change came with everything, how much from the chains a place has, and how much is its own.",
        ("measure", "by", "since", "until"),
    ),
    "patterns": (
        "Do places with much lie beside each other?",
        "Whether there is a pattern on the map or only chance, and which municipalities are hot or cold spots.",
        ("chain", "measure", "per", "show"),
    ),
    "clusters": (
        "Where do enterprises stand close together?",
        "Clusters with their chains and the links that nobody there holds: where to begin something in common.",
        ("chain", "method", "radius_m", "least"),
    ),
    "reach": (
        "How far is it to the market, the bank, the centre?",
        "How far women have to go to the nearest of the places you name, and who has none within reach.",
        ("chain", "to", "at", "limit_km"),
    ),
    "sites": (
        "Where would a market day or a collection centre serve best?",
        "The places to which all women together have the shortest way, and how much better any other choice could be.",
        ("chain", "places", "among", "fixed"),
    ),
}
"""By code: the question it answers, in plain words, and what one may ask."""
COUNTED = {"enterprises": "Enterprises", "women": "Women at work"}
BY = {"recorded": "By the day it entered the inventory", "started": "By the year it began"}
PER = {"count": "As it is counted", "area": "By 100 square kilometres", "share": "As a share of all that is there"}
SHOWS = {
    "spot": "Hot and cold spots",
    "local": "Each place among its neighbours",
    "value": "What is counted",
}
METHODS = {"dbscan": "Within a distance", "hdbscan": "At every density"}
AMONG = {"seats": "Centres of municipalities", "populated": "Also where several enterprises are"}
FILES = ("csv", "xlsx")

LONGEST_TABLE = 60
"""Rows of a table that a page shows at once; all of them stand behind a link, and in the files."""


@blueprint.get("/analyses")
@for_roles(*LIVE)
def analyses() -> Any:
    """Which questions the inventory can answer."""
    return render_template("territory/analyses.html", analyses=ANALYSES)


@blueprint.get("/analyses/<string(maxlength=20):analysis>")
@for_roles(*LIVE)
def analysis(analysis: str) -> Any:
    """The answer to one question, with its tables, its map and its method."""
    if analysis not in ANALYSES:
        abort(404)
    form, status = Form(request.args), 200
    try:
        found = api("territory").get(f"/analyses/{analysis}", _asked(analysis))
    except Problem as problem:
        form.refused(problem)
        found, status = Answer(), problem.status
    subjects, levels = _levels(found) if analysis == "potential" else ([], [])
    return render_template(
        "territory/analysis.html",
        found=found,
        subjects=subjects,
        levels=levels,
        form=form,
        analysis=analysis,
        LONGEST_TABLE=LONGEST_TABLE,
        question=ANALYSES[analysis][0],
        asks=ANALYSES[analysis][2],
        counted=choices(COUNTED),
        may_score=me().has(*PUBLISHERS),
        ways={
            "by": choices(BY),
            "per": choices(PER),
            "show": choices(SHOWS),
            "to": choices({kind: words for kind, words in LAYER_KINDS.items() if kind != "roads"}),
            "method": choices(METHODS),
            "among": choices(AMONG),
        },
    ), status


@blueprint.get("/analyses/<string(maxlength=20):analysis>.<any(csv, xlsx):kind>")
@for_roles(*LIVE)
def analysis_file(analysis: str, kind: str) -> Any:
    """The same as a file: one table as CSV, or all of them as a workbook."""
    if analysis not in ANALYSES:
        abort(404)
    asked = _asked(analysis) | {"format": kind, "table": request.args.get("table", "")[:30]}
    return send(api("territory").file(f"/analyses/{analysis}/file", asked))


def _levels(found: Answer) -> tuple[list[str], list[dict[str, Any]]]:
    """The subjects, and of each chain its levels in their order."""
    tables: list[dict[str, Any]] = found.get("tables", [])
    rows = [row for table in tables if table["name"] == "levels" for row in table["rows"]]
    subjects = list(dict.fromkeys(row["subject"] for row in rows))
    chains = {row["code"]: row["chain"] for row in rows}
    of = {(row["code"], row["subject"]): row for row in rows}
    return subjects, [
        {"chain": name, "cells": [of[code, subject] for subject in subjects]} for code, name in chains.items()
    ]


def _asked(analysis: str) -> dict[str, Any]:
    """What stands in the address, as the API takes it; places may be written with spaces between them."""
    asked = {name: request.args.get(name, "").strip()[:400] for name in ("unit", *ANALYSES[analysis][2])}
    if asked.get("at"):
        asked["at"] = ",".join(asked["at"].replace(";", " ").replace(",", " ").split())
    return asked

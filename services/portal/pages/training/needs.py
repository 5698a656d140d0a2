"""The needs board: how many women of each chain wait for what."""

from typing import Any

from flask import render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, for_roles
from services.portal.pages.registry.codes import CHAINS, NEEDS
from services.portal.pages.registry.place_names import place_choices
from services.portal.pages.training.area import READERS, blueprint
from services.portal.pages.training.curriculum_words import curriculum_words, strategy_place


@blueprint.get("")
@for_roles(*READERS)
def needs() -> Any:
    """The needs board: how many women of each chain wait for what."""
    form = Form(request.args)
    try:
        rows = api("training").get("/needs", {"unit": form.text("unit")}).rows
    except Problem as problem:
        form.refused(problem)
        rows = []
    shown = {"board": _board(rows), "rows": rows, "form": form, "places": place_choices()}
    return render_template("training/needs.html", **shown, **_strategies(form.text("unit")))


def _strategies(unit: str) -> dict[str, Any]:
    """How each chain is trained in each need there today, and where that is."""
    place = strategy_place(unit)
    rows = api("training").get("/training-strategies/in-force", {"unit": place}).rows if place else []
    followed = {(row["chain"], row["need"]): row for row in rows}
    return {"followed": followed, "place": place, **(curriculum_words() if followed else {})}


def _board(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A line for each chain that has a need, in the order of the codes, with its cells by need."""
    cells = {(row["chain"], row["need"]): row for row in rows}
    return [
        {"chain": chain, "cells": {need: cells.get((chain, need)) for need in NEEDS}}
        for chain in CHAINS
        if any((chain, need) in cells for need in NEEDS)
    ]

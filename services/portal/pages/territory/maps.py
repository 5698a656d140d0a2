"""Maps with their tables, and how they are taken away."""

from typing import Any

from flask import render_template, request

from services.portal.clients import Problem, api
from services.portal.frame import Form, for_roles, me
from services.portal.frame.sending import send
from services.portal.pages.territory.area import LIVE, POINTS, PUBLISHERS, READERS, blueprint, unit_choices
from services.portal.pages.territory.map_words import PER, WHICH, words
from shared import places


@blueprint.get("")
@for_roles(*READERS)
def show() -> Any:
    """A map and its table; points for who may see them. Its whole state stands in the address."""
    form = Form({"points": me().has(*POINTS) and not request.args} | dict(request.args))
    asked = _asked(form)
    around = {"form": form, "crumbs": _crumbs(asked), "places_to_look_at": _places(asked["unit"]), **words()}
    try:
        shown = api("territory").get("/map", asked)
    except Problem as problem:
        if problem.status not in {403, 404, 409, 422} or problem.code.startswith("permission"):
            raise
        form.refused(problem)
        return render_template("territory/map.html", map=None, rates=PER, **around), problem.status
    silent = [row for row in shown["units"] if all(cell["value"] == 0 for cell in row["cells"])]
    return render_template(
        "territory/map.html",
        map=shown,
        rates={code: label for code, label in PER.items() if code in shown["offers"]["per"]},
        inputs=[(one["code"], one["label"].capitalize()) for one in shown["offers"]["item"]],
        units=sorted((row for row in shown["units"] if row not in silent), key=_weight),
        without=silent,
        single=_single(shown),
        may_share=me().has(*PUBLISHERS),
        **around,
    )


@blueprint.get("/map.<string(length=3):kind>")
@for_roles(*READERS)
def drawing(kind: str) -> Any:
    """The map as a file: SVG, PNG, PDF or its table."""
    asked = _asked(Form(request.args)) | {"format": kind, "paper": request.args.get("paper")}
    return send(api("territory").file("/map/drawing", asked))


def _asked(form: Form) -> dict[str, Any]:
    """What the API is asked for; a field that is left empty asks for nothing."""
    asked: dict[str, Any] = {name: form.text(name) or None for name in ("unit", *WHICH)}
    if asked["breaks"]:
        asked |= {"breaks": asked["breaks"].replace(" ", ""), "scheme": "own_breaks"}
    asked["points"] = "true" if form.flag("points") and me().has(*POINTS) else None
    if me().has(*LIVE):
        asked["figures"] = form.text("figures") or None
    return asked


def _weight(row: dict[str, Any]) -> Any:
    value = row["cells"][0]["value"] if row["cells"] else None
    return value is None, -value if isinstance(value, int | float) else 0


def _places(unit: str | None) -> list[tuple[str, Any]]:
    """The places to choose from, the one that is looked at among them."""
    listed = unit_choices()
    inner = {code for _, codes in listed if not isinstance(codes, str) for code, _ in codes}
    known = inner | {code for code, words in listed if isinstance(words, str)}
    return [*listed, (unit, places.in_full(unit))] if unit and unit not in known else listed


def _crumbs(asked: dict[str, Any]) -> list[tuple[str, str | None]]:
    """The country and the department around the place that is looked at, where they are hers."""
    unit = asked.get("unit") or ""
    around = [code for code in places.around(unit) if code != unit and me().scope.covers(code)]
    return [(places.name_of(code), code) for code in around]


def _single(shown: dict[str, Any]) -> str | None:
    """The municipality, where one alone is looked at."""
    return shown["unit"][0] if len(shown["unit"]) == 1 and len(shown["unit"][0]) == 6 else None

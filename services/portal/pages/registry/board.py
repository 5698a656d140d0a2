"""The dashboard of a centre or of her territory."""

from datetime import date
from typing import Any

from babel.dates import format_date
from flask import g, render_template, request

from services.portal.clients import api
from services.portal.frame import for_roles
from services.portal.pages.registry.area import OVERSEERS, blueprint
from services.portal.pages.registry.codes import CHAINS, PHASES, PLACES, TIERS, VALIDATION

GROUPS = {
    "validation": ("How far records are checked", VALIDATION),
    "place_state": ("Points on the map", PLACES),
    "chain": ("Value chains", CHAINS),
    "tier": ("Tiers of enterprises", TIERS),
}
"""The groups of figures this page knows the words of; another one needs a line here."""

WAITING = {
    "duplicates": ("Pairs that may be one woman", "/registry/duplicates"),
    "drafts": ("Submissions to be reviewed", "/registry/drafts"),
}
"""What waits for the team: its words, and where."""

CONSENTS = {"consent_credit": "Share their record for credit", "consent_map": "Agree to public maps"}


@blueprint.get("/dashboard")
@for_roles(*OVERSEERS, "leda_viewer")
def dashboard() -> Any:
    """What stands and what waits; each figure leads to its list."""
    centre = request.args.get("centre") or None
    return render_template(
        "registry/dashboard.html",
        board=api("registry").get("/dashboard", {"centre": centre}),
        centres=[(row["id"], row["name"]) for row in api("registry").get("/centres").rows],
        centre=centre,
        of_centre=f"&centre={centre}" if centre else "",
        month_name=_month,
        WAITING=WAITING,
        groups=GROUPS,
        consents=CONSENTS,
        phase_words=PHASES,
    )


def _month(first: str) -> str:
    return format_date(date.fromisoformat(first), "LLLL yyyy", locale=g.language)

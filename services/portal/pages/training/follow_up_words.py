"""The words of diagnoses and action plans, for the pages of the team and those of the firms themselves."""

from typing import Any

from flask import g

from services.portal.frame import _
from services.portal.pages.training.csr_words import SECTORS, SIZES
from shared.kernel import clock

FOLLOWERS = ("trainer", "technician", "coordinator")
FOLLOW_UP_READERS = (*FOLLOWERS, "csr_reviewer", "network_coordinator", "auditor")
BENCHMARK_READERS = (*FOLLOW_UP_READERS, "leda_viewer")
COUNTRIES = {"GT": "Guatemala", "SV": "El Salvador", "HN": "Honduras"}
DIAGNOSIS_STATES = {
    "open": ("Being answered", "accent"),
    "handed_in": ("Handed in", "good"),
    "verified": ("Verified", "good"),
}
PLAN_STATES = {
    "draft": ("Being written", ""),
    "submitted": ("Waits for review", "accent"),
    "in_review": ("In review", "accent"),
    "returned": ("Returned with recommendations", "warn"),
    "accepted": ("Accepted", "good"),
    "key_selected": ("Key actions chosen", "good"),
    "in_execution": ("Under way", "accent"),
    "verified": ("Closed and verified", "good"),
    "abandoned": ("Given up", "bad"),
}
LIGHTS = {"grey": ("Not under way", ""), "green": ("Green", "good"), "amber": ("Amber", "warn"), "red": ("Red", "bad")}
LIGHT_REASONS = {
    "check_in_late": "a report is late",
    "action_late": "a key action is late",
    "action_stuck": "a key action is stuck",
    "verified": "closed and verified",
    "abandoned": "given up",
}
PROGRESS = {"not_begun": "Not begun", "under_way": "Going on", "done": "Done", "stuck": "Stuck"}
STAKEHOLDER_KINDS = {
    "owners": "Owners",
    "staff": "Staff",
    "customers": "Customers",
    "suppliers": "Suppliers",
    "community": "Community",
    "government": "Authorities",
    "environment": "Environment",
    "other": "Other",
}
THREE = {"1": "Low", "2": "Middling", "3": "High"}
LINK_STATES = {"valid": ("Open", "good"), "expired": ("Expired", ""), "revoked": ("Taken back", "bad")}
BY = {
    "all": "All enterprises",
    "sector": "By sector",
    "size": "By size",
    "country": "By country",
    "workshop": "By workshop",
}


def words() -> dict[str, Any]:
    """What the templates of these rooms say codes with."""
    return {
        "say": say,
        "pairs": pairs,
        "in_words": lambda words: (words or {}).get(g.language, ""),
        "today": clock.today(),
        "SECTORS": SECTORS,
        "SIZES": SIZES,
        "DIAGNOSIS_STATES": DIAGNOSIS_STATES,
        "PLAN_STATES": PLAN_STATES,
        "LIGHTS": LIGHTS,
        "LIGHT_REASONS": LIGHT_REASONS,
        "PROGRESS": PROGRESS,
        "STAKEHOLDER_KINDS": STAKEHOLDER_KINDS,
        "THREE": THREE,
        "LINK_STATES": LINK_STATES,
    }


def say(codes: dict[str, Any], code: Any) -> str:
    """The word of a code."""
    word = codes.get(str(code), str(code))
    return _(word if isinstance(word, str) else word[0])


def pairs(codes: dict[str, Any]) -> list[tuple[str, str]]:
    """The codes with their words, to choose from."""
    return [(code, say(codes, code)) for code in codes]


def group_name(group: dict[str, Any]) -> str:
    """What a group of a benchmark is called."""
    by, value = group["by"], group["value"]
    if by == "all":
        return _(BY["all"])
    if by == "workshop":
        return str(group["label"])
    return say({"sector": SECTORS, "size": SIZES, "country": COUNTRIES}[by], value)

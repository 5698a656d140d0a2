"""What the pages of sessions and assistance say codes with, and how they write hours."""

from typing import Any

from flask import g

from services.portal.frame import _, formats, language
from services.portal.pages.registry.codes import NEEDS, listed
from services.portal.pages.training.area import blueprint

STATUSES = {"present": "Present", "excused": "Excused", "absent": "Absent"}
SESSION_STATES = {"planned": "Planned", "cancelled": "Cancelled", "closed": "Attendance closed"}
STATE_KINDS = {"planned": "accent", "cancelled": "bad", "closed": "good"}
REVISIONS = {"plan": "Planned", "move": "Moved", "cancel": "Cancelled"}
_GIVEN_UP = "The group was given up in a new plan of its round."
WAYS = {
    "page": "on the page",
    "offline": "on a phone without a line",
    "sheet": "through the printed sheet",
    "command": "by a command",
}
ASSISTANCE_KINDS = {"on_site_training": "Training at her workplace", "technical_assistance": "Technical assistance"}
OUTCOMES = {"reached": "The goal was reached", "partly": "It was reached in part", "not_reached": "It was not reached"}


def minutes_of(text: str) -> int | str | None:
    """Hours as somebody writes them, "1.5" or "1,5", in minutes; what is no number stays as it is, so that the API
    says so.
    """
    written = text.strip().replace(",", ".")
    if not written:
        return None
    try:
        return round(float(written) * 60)
    except (ValueError, OverflowError):
        return text


def hours_of(minutes: int | None) -> str:
    """90 -> "1.5": minutes as hours that `minutes_of` reads back."""
    return "" if minutes is None else f"{minutes / 60:.2f}".rstrip("0").rstrip(".")


@blueprint.context_processor
def session_words() -> dict[str, Any]:
    """What the templates of sessions say codes and hours with."""
    return {
        "STATUSES": STATUSES,
        "SESSION_STATES": SESSION_STATES,
        "STATE_KINDS": STATE_KINDS,
        "REVISIONS": REVISIONS,
        "WAYS": WAYS,
        "ASSISTANCE_KINDS": ASSISTANCE_KINDS,
        "OUTCOMES": OUTCOMES,
        "reason_of": lambda told: _(_GIVEN_UP) if told == "group_given_up" else told,
        "hours_of": hours_of,
        "in_hours": in_hours,
        "in_needs": lambda codes: listed(NEEDS, codes),
    }


def in_hours(minutes: int) -> str:
    """Minutes as hours, as the reader writes numbers."""
    return formats.number(round(minutes / 60, 2), language.locale() if g.get("language") else "es_GT")

"""The pages of training: needs, rounds, groups, sessions, learning, diplomas, social responsibility."""

from services.portal.pages.training import (
    assistance,
    attendance,
    calendars,
    diplomas,
    groups,
    learning,
    needs,
    placements,
    proposals,
    rounds,
    session_words,
    sessions,
)
from services.portal.pages.training.area import blueprint

__all__ = [
    "assistance",
    "attendance",
    "blueprint",
    "calendars",
    "diplomas",
    "groups",
    "learning",
    "needs",
    "placements",
    "proposals",
    "rounds",
    "session_words",
    "sessions",
]

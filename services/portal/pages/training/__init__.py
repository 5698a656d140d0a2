"""The pages of training: needs, proposals of groups, groups, sessions, attendance, on-site assistance."""

from services.portal.pages.training import (
    assistance,
    attendance,
    calendars,
    groups,
    learning,
    needs,
    proposals,
    session_words,
    sessions,
)
from services.portal.pages.training.area import blueprint

__all__ = [
    "assistance",
    "attendance",
    "blueprint",
    "calendars",
    "groups",
    "learning",
    "needs",
    "proposals",
    "session_words",
    "sessions",
]

"""The pages of credit: applications, sessions of the committee, loans, the trust fund."""

from services.portal.pages.credit import (
    agenda,
    applications,
    books,
    committees,
    drawer,
    funding,
    funds,
    keeping,
    loans,
    movements,
    oversight,
    portfolio,
    quote,
    room,
    statements,
)
from services.portal.pages.credit.area import blueprint

__all__ = [
    "agenda",
    "applications",
    "blueprint",
    "books",
    "committees",
    "drawer",
    "funding",
    "funds",
    "keeping",
    "loans",
    "movements",
    "oversight",
    "portfolio",
    "quote",
    "room",
    "statements",
]

"""The pages of credit: applications, sessions of the committee, loans, the trust fund."""

from services.portal.pages.credit import (
    agenda,
    applications,
    books,
    drawer,
    funding,
    funds,
    keeping,
    loans,
    movements,
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
    "drawer",
    "funding",
    "funds",
    "keeping",
    "loans",
    "movements",
    "portfolio",
    "quote",
    "room",
    "statements",
]

"""The areas of the house, and who finds which in her navigation."""

from collections.abc import Collection
from dataclasses import dataclass

from services.portal.frame.person import Person
from shared.identity import ROLES


@dataclass(frozen=True)
class Entry:
    """One link of the navigation; `label` is an English text of the catalogues."""

    label: str
    href: str
    roles: frozenset[str]


@dataclass(frozen=True)
class Link:
    label: str
    href: str
    current: bool


_FIELD = frozenset({"technician", "coordinator", "network_coordinator", "auditor"})

ENTRIES = (
    Entry("Enterprises", "/registry", _FIELD | {"credit_officer", "leda_viewer", "trainer"}),
    Entry(
        "Territory",
        "/territory",
        _FIELD
        | {"credit_officer", "leda_viewer", "trainer", "planner", "organization", "csr_reviewer", "admin"}
        | {"cashier", "committee_member", "trust_fund_member"},
    ),
    Entry("Training", "/training", _FIELD | {"trainer"}),
    Entry("Social responsibility", "/training/csr", frozenset({"csr_reviewer"})),
    Entry("Social responsibility", "/training/csr/report", frozenset({"leda_viewer"})),
    Entry(
        "Credit",
        "/credit",
        _FIELD | {"credit_officer", "cashier", "committee_member", "trust_fund_member", "leda_viewer", "admin"},
    ),
    Entry("Community", "/training/community", frozenset(ROLES)),
    Entry("Accounts", "/accounts", frozenset({"admin"})),
)
LABELS = {"/": "Home", **{entry.href: entry.label for entry in ENTRIES}}


def links(person: Person | None, path: str, areas: Collection[str]) -> list[Link]:
    """The links she sees, `areas` being those that this portal has pages for."""
    if person is None:
        return []
    seen = [Entry("Home", "/", frozenset())]
    seen += [entry for entry in ENTRIES if entry.href in areas and person.has(*entry.roles)]
    here = max((entry.href for entry in seen if _here(entry.href, path)), key=len, default="")
    return [Link(entry.label, entry.href, entry.href == here) for entry in seen]


def _here(href: str, path: str) -> bool:
    return path == href or (href != "/" and path.startswith(f"{href}/"))

"""What of a record each role may see."""

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class View:
    """What a caller may see of the records in her territory. `document` is `full`, `masked` or None."""

    names: bool = False
    contact: bool = False
    document: str | None = None
    exact_point: bool = False
    circumstances: bool = False
    """Whether what concerns her alone is shown: schooling, household, care, difficulties, why a document is right."""
    sales: bool = False
    loans: bool = False
    profile: bool = False
    """Whether the levels of her profile and the evidence for them are shown; the tier alone is for all who see rows."""
    only_credit_consent: bool = False
    """Whether only the enterprises whose owners agreed to share them for credit are shown at all."""
    taken_back: bool = False
    """Whether the records whose owner does not agree any more to be in the inventory are shown, until she is erased."""

    def shows(self, *, consent_registry: bool, consent_credit: bool) -> bool:
        """Whether a record with these consents is there for the caller at all."""
        return (consent_registry or self.taken_back) and (consent_credit or not self.only_credit_consent)


_SERVICE = View(names=True, contact=True, document="full", exact_point=True, sales=True, loans=True, profile=True)
_TEAM = replace(_SERVICE, taken_back=True, circumstances=True)
_CREDIT = View(
    names=True, contact=True, document="masked", sales=True, loans=True, profile=True, only_credit_consent=True
)
_COMMITTEE = replace(_CREDIT, contact=False)
_BY_ROLE = (
    (("technician", "coordinator", "network_coordinator"), _TEAM),
    (("service",), _SERVICE),
    (("auditor",), View(names=True, document="masked", sales=True, loans=True, profile=True)),
    (("trainer",), View(names=True, contact=True)),
    (("credit_officer",), _CREDIT),
    (("committee_member", "trust_fund_member", "cashier"), _COMMITTEE),
    (("leda_viewer",), View()),
)

CONTACT_READERS = frozenset(role for roles, view in _BY_ROLE for role in roles if view.contact)
"""Who sees how to reach the women."""

READERS = frozenset(role for roles, _ in _BY_ROLE for role in roles)
"""Who may see rows at all: not planners, who get aggregates from territory, and not who only administers."""

COORDINATORS = frozenset({"coordinator", "network_coordinator"})

EDITORS = frozenset({"technician", "coordinator"})

TEAM = EDITORS | {"network_coordinator", "auditor"}
"""Who sees which woman a campaign, a fair or an opportunity reached."""

OUTREACH_READERS = TEAM | {"leda_viewer"}
"""Who sees what campaigns and fairs add up to."""

IMPORT_READERS = EDITORS | {"network_coordinator"}

PROJECT_READERS = EDITORS | {"network_coordinator", "auditor", "credit_officer"}
"""Who sees how the centre stands beside projects, and so may ask for records by it."""


def view_of(roles: Iterable[str]) -> View | None:
    """The widest view one of these roles has, or None when none of them may see a row."""
    carried = set(roles)
    return next((view for holders, view in _BY_ROLE if carried.intersection(holders)), None)

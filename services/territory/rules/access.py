"""What of the territory each role may see."""

from collections.abc import Iterable

EXACT_POINTS = frozenset({"technician", "coordinator", "network_coordinator", "service"})
"""The technical team, who visits the places."""
MASKED_POINTS = frozenset({"auditor", "leda_viewer", "credit_officer", "trainer"})
"""They see the cell of two kilometres a place lies in, of women who agreed to be on the map."""
TECHNICAL_TEAM = EXACT_POINTS - {"service"}
"""They bring people together, and know which records to visit."""
EXACT_FIGURES = EXACT_POINTS | MASKED_POINTS
PUBLISHED_FIGURES = frozenset(
    {"planner", "organization", "committee_member", "trust_fund_member", "cashier", "csr_reviewer", "admin"}
)
"""They get the month's published tables, never a live count."""
READERS = EXACT_FIGURES | PUBLISHED_FIGURES
POINT_READERS = EXACT_POINTS | MASKED_POINTS
BOUNDARY_KEEPERS = frozenset({"coordinator", "network_coordinator", "admin"})
TABLE_KEEPERS = BOUNDARY_KEEPERS
"""They bring what figures are compared with, and the districts and villages of their territory."""
LAYER_KEEPERS = frozenset({"leda_viewer", "coordinator", "network_coordinator"})
"""They bring the roads, markets, banks and schools of their territory."""
PLANNERS = frozenset({"planner", "coordinator", "network_coordinator"})
"""They declare what the plans of their territory put first."""
CRITERIA_KEEPERS = frozenset({"coordinator", "network_coordinator"})
"""They adopt the numbers by which analyses judge in their territory."""
CHAIN_JUDGES = frozenset({"coordinator", "network_coordinator"})
"""They score what a chain is worth where data say nothing."""
PUBLISHERS = frozenset({"coordinator", "network_coordinator"})
COUNCIL_KEEPERS = frozenset({"coordinator", "network_coordinator"})
"""They write councils, dialogues and alliances down, and every step of every proposal."""
PROPOSERS = COUNCIL_KEEPERS | {"organization", "technician"}
"""They write proposals; but for the coordinators each her own."""
STEP_RECORDERS = PROPOSERS | {"planner"}
INFLUENCE_READERS = STEP_RECORDERS | {"auditor", "leda_viewer"}
_PLANNERS_STEPS = frozenset({"submitted", "debated", "included", "rejected"})


def sees_exact_figures(roles: Iterable[str]) -> bool:
    """Whether live counts may be shown; otherwise only what was published."""
    return not EXACT_FIGURES.isdisjoint(roles)


def sees_levels(roles: Iterable[str]) -> bool:
    """Whether the levels of very few enterprises may be told: to who may open their profiles."""
    return not (TECHNICAL_TEAM | {"auditor"}).isdisjoint(roles)


def sees_points(roles: Iterable[str]) -> str | None:
    """`exact`, `masked`, or None."""
    carried = set(roles)
    if carried & EXACT_POINTS:
        return "exact"
    return "masked" if carried & MASKED_POINTS else None


def may_write(roles: Iterable[str], *, own: bool) -> bool:
    """Whether she may change the text of a proposal that has not been submitted."""
    carried = set(roles)
    return bool(carried & COUNCIL_KEEPERS) or (own and bool(carried & PROPOSERS))


def may_record(roles: Iterable[str], state: str, *, own: bool) -> bool:
    """Whether she may record that a proposal came to `state`: coordinators every step, who plans what the municipality
    itself does with it, who proposed it that she submitted it.
    """
    carried = set(roles)
    if carried & COUNCIL_KEEPERS or ("planner" in carried and state in _PLANNERS_STEPS):
        return True
    return own and state == "submitted" and bool(carried & PROPOSERS)

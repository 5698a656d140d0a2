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
PLANNERS = frozenset({"planner", "coordinator", "network_coordinator"})
"""They declare what the plans of their territory put first."""
CRITERIA_KEEPERS = frozenset({"coordinator", "network_coordinator"})
"""They adopt the numbers by which analyses judge in their territory."""
PUBLISHERS = frozenset({"coordinator", "network_coordinator"})


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

"""The cycle of a project, from the idea to its consolidation: where a case may go, and what it needs to go there."""

from dataclasses import dataclass

PHASES = ("idea", "planning", "financing", "implementation", "consolidation")
BEGINNINGS = ("idea", "implementation")
"""Where a case may begin: with an idea, or where the money is there already."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a case stands."""

    phase: str
    idea_written: bool
    needs_named: bool
    plan_ready: bool
    has_loan: bool
    says_how_financed: bool
    visits_waiting: int


def is_back(here: str, to: str) -> bool:
    """Whether a phase lies before another."""
    return PHASES.index(to) < PHASES.index(here)


def hindrance(case: Standing, to: str, *, reason: bool) -> str | None:
    """The code of what is in the way of a case that is to move on (or back) to a phase; None where nothing is."""
    if is_back(case.phase, to):
        if case.has_loan and is_back("implementation", to):
            return "project.loan_paid_out"
        return None if reason else "project.reason_needed"
    if PHASES.index(to) != PHASES.index(case.phase) + 1:
        return "project.not_the_next_phase"
    return _WANTING[to](case, reason)


def _planning(case: Standing, _reason: bool) -> str | None:
    if not case.idea_written:
        return "project.idea_not_written"
    return None if case.needs_named else "project.needs_not_named"


def _financing(case: Standing, _reason: bool) -> str | None:
    return None if case.plan_ready else "project.plan_not_ready"


def _implementation(case: Standing, _reason: bool) -> str | None:
    return None if case.has_loan or case.says_how_financed else "project.financing_not_said"


def _consolidation(case: Standing, reason: bool) -> str | None:
    return None if reason or not case.visits_waiting else "project.visits_waiting"


_WANTING = {
    "planning": _planning,
    "financing": _financing,
    "implementation": _implementation,
    "consolidation": _consolidation,
}

"""Who may do what with diagnoses and action plans of small firms."""

TEAM = frozenset({"trainer", "technician", "coordinator"})
"""They stand beside the enterprises."""
REVIEWERS = frozenset({"csr_reviewer"})
READERS = TEAM | REVIEWERS | {"network_coordinator", "auditor"}
"""They see the diagnoses and plans themselves, and today's benchmark."""
BENCHMARK_READERS = READERS | {"leda_viewer"}


def sees_enterprises(roles: frozenset[str]) -> bool:
    """Whether the figures of today may be told: to who may open every diagnosis."""
    return not roles.isdisjoint(READERS)

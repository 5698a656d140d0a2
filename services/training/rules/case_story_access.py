"""Who does what with case stories."""

from shared.identity import ROLES

WRITERS = frozenset({"trainer", "technician", "coordinator"})
"""They write stories down, ask their owners, and take them back."""
REVIEWERS = frozenset({"csr_reviewer"})
PUBLISHERS = frozenset({"coordinator"}) | REVIEWERS
"""They bring an approved story into the library."""
READERS = WRITERS | REVIEWERS | {"network_coordinator", "auditor"}
"""They see stories on their way, in their territory."""
TAKERS = WRITERS | REVIEWERS | {"network_coordinator"}
"""They take a published story out of the library."""
MEMBERS = frozenset(ROLES) - {"service"}
"""Everybody of the network reads what its owner lets the network read."""

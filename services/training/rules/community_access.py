"""Who does what in the community of practice: it is one for the whole network."""

from shared.identity import ROLES

MEMBERS = frozenset(ROLES) - {"service"}
MODERATORS = frozenset({"coordinator", "csr_reviewer", "network_coordinator"})
"""They hide what harms somebody, read what is hidden, close topics and keep them on top."""
FIRM = "firm"
"""What stands beside a post in place of a role, where a firm wrote it through its link."""

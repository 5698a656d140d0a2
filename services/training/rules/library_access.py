"""Who does what in the library, with trainers and with their licences."""

KEEPERS = frozenset({"trainer", "technician", "coordinator", "network_coordinator"})
"""They write materials and trainers down."""
SHARERS = frozenset({"coordinator", "network_coordinator"})
"""They decide who else sees a material, and who is licensed."""
READERS = KEEPERS | {"csr_reviewer", "auditor"}

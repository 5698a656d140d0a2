"""Who does what in the programme of social responsibility."""

TEAM = frozenset({"trainer", "technician", "coordinator"})
"""They plan workshops, register who comes and call the roll."""
PARTNER_KEEPERS = frozenset({"trainer", "coordinator", "network_coordinator"})
"""They write down partners, agreements and dialogues."""
PERSON_READERS = TEAM | {"network_coordinator", "auditor"}
"""They may know who came, and by whom a firm is reached."""
READERS = PERSON_READERS | {"csr_reviewer"}
REPORT_READERS = READERS | {"leda_viewer"}

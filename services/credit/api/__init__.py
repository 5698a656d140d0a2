"""The credit service's API: parse, use case, return."""

from dataclasses import dataclass

from services.credit.directory import Directory


@dataclass(frozen=True)
class Context:
    """What every handler finds in `call.context`."""

    directory: Directory
    public_url: str


STAFF = frozenset({"technician", "coordinator", "credit_officer"})
MEMBERS = frozenset({"committee_member", "trust_fund_member"})
OVERSIGHT = frozenset({"network_coordinator", "auditor"})
FILE_READERS = STAFF | MEMBERS | OVERSIGHT
"""Who may open an application: it holds what a woman earns and owes."""
READERS = FILE_READERS | {"cashier", "leda_viewer", "service"}
"""Who may see funds, loans and lists."""
DISBURSERS = frozenset({"credit_officer", "cashier"})
"""Who may pay an approved credit out."""
MINUTES_READERS = MEMBERS | OVERSIGHT | {"coordinator", "credit_officer"}
"""Who may see how each member voted."""

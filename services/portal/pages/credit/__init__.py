"""The pages of credit: applications, sessions of the committee, loans, the trust fund."""

from services.portal.pages.credit import agenda, applications, committees, funds, loans, oversight, room
from services.portal.pages.credit.area import blueprint

__all__ = ["agenda", "applications", "blueprint", "committees", "funds", "loans", "oversight", "room"]

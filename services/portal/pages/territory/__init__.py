"""The pages of the territory: maps, value chains, plans, reports, boundaries, data."""

from services.portal.pages.territory import boundaries, chains, data, layers, maps, plans, reports, tables
from services.portal.pages.territory.area import blueprint

__all__ = ["blueprint", "boundaries", "chains", "data", "layers", "maps", "plans", "reports", "tables"]

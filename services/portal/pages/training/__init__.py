"""The pages of training: needs, proposals of groups, groups."""

from services.portal.pages.training import groups, needs, proposals
from services.portal.pages.training.area import blueprint

__all__ = ["blueprint", "groups", "needs", "proposals"]

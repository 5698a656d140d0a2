"""The pages of training: needs, proposals of groups, groups."""

from services.portal.pages.training import groups, learning, needs, proposals
from services.portal.pages.training.area import blueprint

__all__ = ["blueprint", "groups", "learning", "needs", "proposals"]

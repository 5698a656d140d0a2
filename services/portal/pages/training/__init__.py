"""The pages of training: needs, proposals of groups, groups."""

from services.portal.pages.training import follow_up, groups, needs, proposals
from services.portal.pages.training.area import blueprint

__all__ = ["blueprint", "follow_up", "groups", "needs", "proposals"]

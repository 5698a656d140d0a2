"""The pages of training: needs, proposals of groups, groups."""

from services.portal.pages.training import diplomas, groups, needs, proposals
from services.portal.pages.training.area import blueprint

__all__ = ["blueprint", "diplomas", "groups", "needs", "proposals"]

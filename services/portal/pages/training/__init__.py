"""The pages of training: needs, proposals of groups, groups."""

from services.portal.pages.training import (
    csr_dialogues,
    csr_partners,
    csr_smes,
    csr_workshops,
    groups,
    needs,
    proposals,
)
from services.portal.pages.training.area import blueprint

__all__ = ["blueprint", "csr_dialogues", "csr_partners", "csr_smes", "csr_workshops", "groups", "needs", "proposals"]

"""The pages of training: needs, proposals of groups, groups, and the programme of social responsibility."""

from services.portal.pages.training import (
    csr_dialogues,
    csr_partners,
    csr_smes,
    csr_workshops,
    follow_up,
    groups,
    needs,
    proposals,
)
from services.portal.pages.training.area import blueprint

__all__ = [
    "blueprint",
    "csr_dialogues",
    "csr_partners",
    "csr_smes",
    "csr_workshops",
    "follow_up",
    "groups",
    "needs",
    "proposals",
]

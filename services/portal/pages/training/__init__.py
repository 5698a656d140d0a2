"""The pages of training: needs, rounds, groups, sessions, learning, diplomas, social responsibility."""

from services.portal.pages.training import (
    groups,
    needs,
    placements,
    proposals,
    rounds,
)
from services.portal.pages.training.area import blueprint

__all__ = [
    "blueprint",
    "groups",
    "needs",
    "placements",
    "proposals",
    "rounds",
]

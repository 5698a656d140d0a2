"""The pages of the inventory: enterprises and their owners, imports, accompaniments."""

from services.portal.pages.registry import (
    accompaniments,
    board,
    imports,
    institutions,
    inventory,
    people,
    record_history,
    sections,
    views,
    whole_enterprise,
)
from services.portal.pages.registry.area import blueprint

__all__ = [
    "accompaniments",
    "blueprint",
    "board",
    "imports",
    "institutions",
    "inventory",
    "people",
    "record_history",
    "sections",
    "views",
    "whole_enterprise",
]

"""The areas of the inventory in the order of the work, and the pages of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import g, request

from services.portal.frame import _
from services.portal.pages.registry.area import IMPORTERS, OVERSEERS, READERS, blueprint

_LENDING = ("credit_officer", "committee_member", "trust_fund_member")


@dataclass(frozen=True)
class Leaf:
    """One page; `label` is an English text of the catalogues."""

    label: str
    href: str
    roles: Sequence[str] = OVERSEERS


AREAS: Sequence[tuple[str, Sequence[Leaf]]] = (
    (
        "Enterprises",
        (
            Leaf("List of enterprises", "/registry", READERS),
            Leaf("Dashboard", "/registry/dashboard", (*OVERSEERS, "leda_viewer")),
        ),
    ),
    (
        "To review",
        (
            Leaf("Validation", "/registry/review"),
            Leaf("Duplicates", "/registry/duplicates", IMPORTERS),
            Leaf("Submissions", "/registry/drafts", IMPORTERS),
        ),
    ),
    (
        "Accompaniment",
        (
            Leaf("Accompaniments", "/registry/accompaniments", (*OVERSEERS, "credit_officer")),
            Leaf("Agenda of visits", "/registry/accompaniments/agenda"),
            Leaf("Business plans", "/registry/plans", (*OVERSEERS, *_LENDING)),
        ),
    ),
    (
        "Outreach and fairs",
        (
            Leaf("Campaigns", "/registry/outreach", (*OVERSEERS, "leda_viewer")),
            Leaf("Fairs", "/registry/fairs", (*OVERSEERS, "leda_viewer")),
        ),
    ),
    (
        "Studies and opportunities",
        (Leaf("Opportunities", "/registry/knowledge"), Leaf("Studies", "/registry/studies")),
    ),
    (
        "Imports and exports",
        (Leaf("Imports", "/registry/imports", IMPORTERS), Leaf("Exports", "/registry/exports", READERS)),
    ),
    (
        "Centres and institutions",
        (Leaf("Centres and institutions", "/registry/institutions"), Leaf("Rubrics", "/registry/rubrics")),
    ),
)


@blueprint.context_processor
def areas() -> dict[str, Any]:
    """The tabs of what she may see, and the pages beside this one: label, address, whether here."""
    person = g.get("me")
    mine = [
        (label, [leaf for leaf in leaves if person is not None and person.has(*leaf.roles)]) for label, leaves in AREAS
    ]
    seen = [(label, leaves) for label, leaves in mine if leaves]
    here = next((leaves for _label, leaves in seen if request.path in {leaf.href for leaf in leaves}), [])
    return {
        "inventory_areas": [(_(label), leaves[0].href, leaves is here) for label, leaves in seen],
        "inventory_pages": [(_(leaf.label), leaf.href, leaf.href == request.path) for leaf in here],
    }

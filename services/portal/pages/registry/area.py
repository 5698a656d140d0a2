"""What the pages of the inventory share: who reads, who writes, and what their templates are given."""

from typing import Any

from flask import Blueprint, g

from services.portal.clients import api
from services.portal.pages.registry import codes
from shared import places

blueprint = Blueprint("pages_registry", __name__, url_prefix="/registry")

READERS = ("technician", "coordinator", "network_coordinator", "auditor", "credit_officer", "leda_viewer", "trainer")
EDITORS = ("technician", "coordinator")
IMPORTERS = (*EDITORS, "network_coordinator")
OVERSEERS = (*EDITORS, "network_coordinator", "auditor")

_WORDS = {name: words for name, words in vars(codes).items() if name.isupper() and isinstance(words, dict)}


def records_named(q: str) -> list[dict[str, Any]] | None:
    """The first records that a name finds; None while nothing is asked."""
    return api("registry").get("/enterprises", {"q": q[:100], "limit": 20}).rows if q else None


@blueprint.context_processor
def words() -> dict[str, Any]:
    """What the templates of this area say codes with."""
    person = g.get("me")
    return _WORDS | {
        "said": codes.said,
        "listed": codes.listed,
        "full_name": places.full_name,
        "telephone": codes.telephone,
        "months": codes.months,
        "month_names": codes.month_names,
        "may_read": person is not None and person.has(*READERS),
        "may_edit": person is not None and person.has(*EDITORS),
        "may_import": person is not None and person.has(*IMPORTERS),
        "may_oversee": person is not None and person.has(*OVERSEERS),
    }

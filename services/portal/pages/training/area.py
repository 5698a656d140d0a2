"""What the pages of training share: who reads, who works, and what their templates are given."""

from typing import Any

from flask import Blueprint, g

from services.portal.pages.registry.codes import CHAINS, NEEDS, said
from shared import places

blueprint = Blueprint("pages_training", __name__, url_prefix="/training")

TEAM = ("trainer", "technician", "coordinator")
READERS = (*TEAM, "network_coordinator", "auditor")

_MEMBERS_LINK = ("technician", "coordinator", "network_coordinator", "auditor", "trainer")


@blueprint.context_processor
def words() -> dict[str, Any]:
    """What the templates of this area say codes with."""
    person = g.get("me")
    return {
        "said": said,
        "full_name": places.full_name,
        "CHAINS": CHAINS,
        "NEEDS": NEEDS,
        "may_form": person is not None and person.has(*TEAM),
        "may_open_records": person is not None and person.has(*_MEMBERS_LINK),
    }

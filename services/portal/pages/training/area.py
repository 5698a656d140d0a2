"""What the pages of training share: who reads, who works, and what their templates are given."""

from typing import Any

from flask import Blueprint, g

from services.portal.pages.registry.codes import CHAINS, NEEDS, said
from shared import places

blueprint = Blueprint("pages_training", __name__, url_prefix="/training")

TEAM = ("trainer", "technician", "coordinator")
READERS = (*TEAM, "network_coordinator", "auditor")

_MEMBERS_LINK = ("technician", "coordinator", "network_coordinator", "auditor", "trainer")
REASONS = {
    "no_place": "Her place is not known",
    "too_many_partners": "Her enterprise has more women than a group holds",
    "too_few_near": "Too few women like her live near",
    "no_room": "The groups near her are full",
    "neighbours_placed": "Her neighbours are in other groups",
    "already_in_group": "She is in a group for this need already",
}
WHY = {
    "no_place": "Her point is missing, and too few points are known in her municipality.",
    "too_many_partners": "Her enterprise has %(women)s women, more than a group holds.",
    "too_few_near": "Such women near enough, herself included: %(near)s. Missing for a group: %(missing)s.",
    "no_room": "The groups near her (%(groups)s) are full.",
    "neighbours_placed": "Such women near enough: %(near)s. In other groups: %(placed)s. The rest do not make one.",
    "already_in_group": "She is in group %(group)s for this need already.",
}


@blueprint.context_processor
def words() -> dict[str, Any]:
    """What the templates of this area say codes with."""
    person = g.get("me")
    return {
        "said": said,
        "full_name": places.full_name,
        "CHAINS": CHAINS,
        "NEEDS": NEEDS,
        "REASONS": REASONS,
        "may_form": person is not None and person.has(*TEAM),
        "may_open_records": person is not None and person.has(*_MEMBERS_LINK),
    }

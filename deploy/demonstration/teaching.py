"""The demonstration's training groups, formed from a proposal."""

from collections.abc import Callable
from typing import Any

from deploy.demonstration.speaker import Speaker

UNITS = ["HN06", "HN17", "SV07"]
_FORMED = 3


def form_groups(trainer: Speaker, wait: Callable[[Callable[[], bool]], None], enterprises: int) -> list[dict[str, Any]]:
    """The groups formed: the largest of a proposal for the whole territory; `wait` holds until training has heard of
    everybody.
    """
    wait(lambda: sum(row["enterprises"] for row in trainer.get("training", "/needs")["items"]) >= enterprises)
    proposal = trainer.post("training", "/proposals", {"units": UNITS, "minimum": 6, "diameter_km": 40.0})
    largest = sorted(proposal["groups"], key=lambda group: (-group["women"], group["number"]))[:_FORMED]
    return [
        trainer.post("training", f"/proposals/{proposal['id']}/groups/{group['number']}/confirmation", {})
        for group in largest
    ]

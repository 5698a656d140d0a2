"""The demonstration's training groups, formed from a round begun in one step."""

from collections.abc import Callable
from typing import Any

from deploy.demonstration.speaker import Speaker

UNITS = ["HN06", "HN17", "SV07"]
_FORMED = 3
_TOPICS = ["credit", "quality", "management"]


def form_groups(trainer: Speaker, wait: Callable[[Callable[[], bool]], None], enterprises: int) -> list[dict[str, Any]]:
    """The groups formed: the largest that the whole territory was offered; `wait` holds until training has heard of
    everybody.
    """
    wait(lambda: sum(row["enterprises"] for row in trainer.get("training", "/needs")["items"]) >= enterprises)
    body = {"units": UNITS, "topics": _TOPICS, "minimum": 6, "maximum": 15, "reach_km": 25, "improve": False}
    placement = trainer.post("training", "/rounds/begun", body)
    largest = sorted(placement["groups"], key=lambda group: (-group["women"], group["number"]))[:_FORMED]
    return [
        trainer.post("training", f"/placements/{placement['id']}/groups/{group['number']}/confirmation", {})
        for group in largest
    ]

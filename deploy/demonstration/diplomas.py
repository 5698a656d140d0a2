"""The demonstration's diplomas: one group has ended its training, and most of its women earned theirs."""

from typing import Any

from deploy.demonstration.speaker import Speaker
from shared.kernel import clock

_HOURS = 24


def hand_out_diplomas(trainer: Speaker, group: dict[str, Any]) -> None:
    """All of the group but one complete the training; one of them missed a day; one gets a link to her diploma."""
    women = [member["entrepreneur_id"] for member in trainer.get("training", f"/groups/{group['id']}")["members"]]
    ended = {"completed_on": clock.today().isoformat(), "entrepreneur_ids": women[1:]}
    trainer.change("training", "POST", f"/groups/{group['id']}/completion", group["version"], ended)
    hours = [{"entrepreneur_id": woman, "hours": _HOURS} for woman in women[2:]]
    hours.append({"entrepreneur_id": women[1], "hours": _HOURS - 8})
    training = {
        "group_id": group["id"],
        "title": "Calidad e higiene en el producto",
        "hours": _HOURS,
        "attended": hours,
    }
    batch = trainer.post("training", "/diploma-batches", {"kind": "achievement", "trainings": [training]})
    first = trainer.get("training", "/diplomas", batch_id=batch["id"], limit=1)["items"][0]
    trainer.post("training", f"/diplomas/{first['id']}/links", {})

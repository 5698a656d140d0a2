"""The demonstration's tests and surveys: a group is asked before its training and at its end."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from deploy.demonstration.speaker import Speaker
from shared.kernel import clock

_SATISFACTION = "satisfaction"
_MOMENTS = ("before", "after")


def ask_groups(trainer: Speaker, portal: Speaker, groups: Sequence[Mapping[str, Any]]) -> None:
    """The house's questionnaires are written, and the first group answers them: before its training and at its end, all
    but one woman each time; each time was closed. The second group is asked and has not answered yet.
    """
    starters = trainer.get("training", "/learning-instruments/starters")["items"]
    written = [trainer.post("training", "/learning-instruments", dict(one)) for one in starters]
    closes_on = (clock.today() + timedelta(days=30)).isoformat()
    for instrument in written:
        for moment in _MOMENTS[instrument["purpose"] == _SATISFACTION :]:
            asked = {"instrument_id": instrument["id"], "moment": moment, "closes_on": closes_on}
            opened = trainer.post("training", "/measurements", asked | {"group_id": groups[0]["id"]})
            left_out = 0 if moment == "before" else -1
            women = [
                sheet for number, sheet in enumerate(opened["sheets"]) if number != left_out % len(opened["sheets"])
            ]
            for number, sheet in enumerate(women):
                answers = _answers(instrument["items"], number, learned=moment == "after")
                sent = {"answers": answers, "hand_in": True}
                portal.post("training", f"/answer-links/{sheet['token']}/answers", sent)
            trainer.change("training", "POST", f"/measurements/{opened['id']}/closing", opened["version"], None)
    asked = {"instrument_id": written[0]["id"], "moment": "before", "closes_on": closes_on}
    trainer.post("training", "/measurements", asked | {"group_id": groups[1]["id"]})


def _answers(items: Sequence[Mapping[str, Any]], woman: int, *, learned: bool) -> list[dict[str, Any]]:
    """What an invented woman answers: at the end more is right, and more of it is agreed with."""
    told = []
    for number, item in enumerate(items, start=1):
        turn = (woman * 7 + number * 3) % 10
        if item["kind"] == "choice":
            knows = turn < (8 if learned else 5)
            value = item["right"] if knows else item["right"] % len(item["options"]) + 1
        elif item["kind"] == "agreement":
            value = 5 if turn < (7 if learned else 4) else 3
        else:
            value = "Más tiempo para practicar" if turn < 3 else ""
        told.append({"number": number, "value": str(value)})
    return told

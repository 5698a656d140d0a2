"""The demonstration's round: three invented venues, what some women told of their hours, and groups proposed."""

from collections import Counter
from datetime import timedelta
from typing import Any

from deploy.demonstration.speaker import Speaker
from deploy.demonstration.teaching import UNITS
from shared.kernel import clock

_VENUES = 3
_ASKED = 40
_STEPS = 30
"""Of the improvement: enough for a demonstration."""
_HOURS = (["sat-am", "sat-pm"], ["sat-am", "wed-pm"], ["sun-am"], ["wed-pm", "fri-pm"])


def propose_round(trainer: Speaker) -> dict[str, Any]:
    """A placement of the round, its improvement asked for."""
    today = clock.today()
    body = {
        "name": "Ronda de demostración",
        "units": UNITS,
        "begins_on": today.isoformat(),
        "ends_on": (today + timedelta(days=120)).isoformat(),
        "topics": ["market", "costing", "management"],
        "minimum": 6,
        "maximum": 20,
        "reach_km": 20,
        "budget": _STEPS,
    }
    found = trainer.post("training", "/rounds", body)
    women = trainer.get("training", f"/rounds/{found['id']}/women", limit=200)["items"]
    busiest = Counter(row["municipality"] for row in women).most_common(_VENUES)
    for number, (municipality, _) in enumerate(sorted(busiest)):
        trainer.post("training", f"/rounds/{found['id']}/venues", _venue(number, municipality))
    for number, row in enumerate(women[:_ASKED]):
        told = {
            "slots": _HOURS[number % len(_HOURS)],
            "children": int(number % 5 == 0),
            "priority": 1 + (number % 7 == 0),
        }
        path = f"/women/{row['entrepreneur_id']}/availability"
        trainer.change("training", "PUT", path, row["version"], told)
    return dict(trainer.post("training", f"/rounds/{found['id']}/placements", {}))


def _venue(number: int, municipality: str) -> dict[str, Any]:
    slots = ["sat-am", "wed-pm"] if number else ["sat-am", "sun-am", "wed-pm"]
    return {
        "name": f"Casa comunal inventada {number + 1}",
        "municipality": municipality,
        "slots": slots,
        "rooms": [{"name": "Salón A", "seats": 20}, {"name": "Salón B", "seats": 12}][: 2 - number % 2],
        "child_care": [{"slot": "sat-am", "places": 6}],
        "facilitators": [
            {
                "name": f"Facilitadora inventada {number * 2 + one + 1}",
                "topics": ["market", "costing"] if one else ["market", "management"],
                "languages": ["es"],
                "slots": slots,
            }
            for one in range(2)
        ],
    }

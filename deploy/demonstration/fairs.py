"""The demonstration's fair to come: enterprises are invited, get ready together, and note what is ready."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from deploy.demonstration.days import working_day
from deploy.demonstration.inventory import Entered
from deploy.demonstration.speaker import Speaker
from shared.kernel import clock

_HERE = "HN1709"
_MOST = 7
_READY = (("price_list", "samples", "stock"), ("price_list",), ("labels", "stand", "transport", "price_list"))
Wait = Callable[[Callable[[], bool]], None]


def go_to_fair(technician: Speaker, trainer: Speaker, enterprises: list[Entered], wait: Wait) -> None:
    """A fair is announced, and those who go get ready."""
    get_ready(trainer, *announce_fair(technician, enterprises), wait)


def announce_fair(technician: Speaker, enterprises: list[Entered]) -> tuple[str, int]:
    """A fair in five weeks with its stands, all but the last confirmed; comes back with its id and how many go."""
    begins = clock.today() + timedelta(days=35)
    body = {
        "name": "Feria patronal de San Lorenzo (demostración)",
        "municipality": _HERE,
        "venue": "Calle del muelle",
        "begins_on": begins.isoformat(),
        "ends_on": (begins + timedelta(days=1)).isoformat(),
    }
    fair: str = technician.post("registry", "/fairs", body)["id"]
    going = [one.id for one in enterprises if one.municipality == _HERE][:_MOST]
    for one in going:
        stand = technician.post("registry", f"/fairs/{fair}/stands", {"enterprise_id": one})
        if one != going[-1]:
            path = f"/fair-stands/{stand['id']}"
            technician.change("registry", "PATCH", path, stand["version"], {"state": "confirmed"})
    return fair, len(going)


def get_ready(trainer: Speaker, fair: str, going: int, wait: Wait) -> None:
    """All but one of those who go get ready in a group, with a session to come; some things are ready already."""
    wait(lambda: _known(trainer, fair, going))
    free = trainer.get("training", f"/fairs/{fair}")["free"]
    chosen = [one["enterprise_id"] for one in free[:-1]]
    made = trainer.post("training", f"/fairs/{fair}/preparations", {"enterprise_ids": chosen})
    told = {"title": "Precios y presentación del puesto", "starts": "08:30", "ends": "11:30", "place": "Casa comunal"}
    day = working_day(20).isoformat()
    trainer.post("training", "/sessions", told | {"first_day": day, "group_id": made["group_id"]})
    _note(trainer, made, made["enterprises"][0], made["items"])
    for one, ready in zip(made["enterprises"][1:], _READY, strict=False):
        _note(trainer, made, one, ready)


def _note(trainer: Speaker, made: dict[str, Any], one: dict[str, Any], ready: Any) -> None:
    path = f"/fair-preparations/{made['id']}/enterprises/{one['listed_id']}"
    items = [{"item": item, "state": "ready" if item in ready else "under_way"} for item in made["items"]]
    trainer.change("training", "PUT", path, one["version"], {"items": items})


def _known(trainer: Speaker, fair: str, going: int) -> bool:
    rows = trainer.get("training", "/fairs")["items"]
    return any(row["id"] == fair and row["signed_up"] == going for row in rows)

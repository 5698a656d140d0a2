"""The demonstration's sessions: some held with their attendance, one moved, one to come; and a plan for a borrower."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from deploy.demonstration.days import working_day
from deploy.demonstration.speaker import Speaker
from shared.kernel import LOCAL_TIME, clock

_HELD = (("Costos y precios", 28), ("Calidad del producto", 21), ("Ventas por teléfono", 14))
"""What was taught, and how many days ago."""
_MISSING = 7
"""Every so many-th mark is of somebody who was not there."""


def teach(trainer: Speaker, group: dict[str, Any]) -> None:
    """Three sessions with their attendance, closed; one that was moved, to come, and one planned after it. The days
    before today are told by a clock that stands there.
    """
    for number, (title, days_ago) in enumerate(_HELD):
        with clock.frozen(_morning(-days_ago)):
            _hold(trainer, group, title, number)
    moved = _plan(trainer, group, "Registro de ventas y gastos", working_day(5).isoformat())
    told: dict[str, Any] = {
        "first_day": working_day(12).isoformat(),
        "starts": "13:30",
        "ends": "16:30",
        "place": "Escuela Morazán",
    }
    told["reason"] = "La casa comunal está ocupada"
    trainer.change("training", "POST", f"/sessions/{moved['id']}/move", moved["version"], told)
    _plan(trainer, group, "Plan de negocio, primera parte", working_day(19).isoformat())


def _hold(trainer: Speaker, group: dict[str, Any], title: str, number: int) -> None:
    session = _plan(trainer, group, title, clock.today().isoformat())
    roster = trainer.get("training", f"/sessions/{session['id']}/attendance")["women"]
    for place, row in enumerate(roster):
        away = (place + number) % _MISSING == 0
        status = ("excused" if number % 2 else "absent") if away else "present"
        mark = {"mark_id": str(uuid4()), "entrepreneur_id": row["entrepreneur_id"], "status": status}
        trainer.post("training", f"/sessions/{session['id']}/marks", mark)
    trainer.change("training", "POST", f"/sessions/{session['id']}/closing", session["version"], None)


def assist(trainer: Speaker) -> None:
    """The borrower who waits longest gets a plan and her first visit; the others go on waiting."""
    loan = trainer.get("training", "/assistance-waiting")["items"][0]
    topics = loan["needs"] or ["quality"]
    plan = trainer.post(
        "training",
        "/assistance",
        {
            "loan_id": loan["loan_id"],
            "kind": "on_site_training",
            "topics": topics,
            "goal": "Llevar el registro diario de ventas y costos",
            "planned_minutes": 600,
            "begins_on": loan["disbursed_on"],
        },
    )
    visit = {
        "visit_id": str(uuid4()),
        "day": clock.today().isoformat(),
        "minutes": 120,
        "topics": topics[:1],
        "done": "Se revisó el cuaderno de ventas y se calculó el costo de dos productos.",
    }
    trainer.post("training", f"/assistance/{plan['id']}/visits", visit)


def _plan(trainer: Speaker, group: dict[str, Any], title: str, day: str) -> dict[str, Any]:
    told = {"title": title, "first_day": day, "starts": "08:30", "ends": "11:30", "place": "Casa comunal"}
    where = {"group_id": group["id"], "on_holiday": True}
    planned: dict[str, Any] = trainer.post("training", "/sessions", told | where)
    return planned


def _morning(days: int) -> datetime:
    day = clock.today() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, 9, tzinfo=LOCAL_TIME)

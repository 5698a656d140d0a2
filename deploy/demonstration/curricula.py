"""The demonstration's curricula: one taught and being revised, one still written; a strategy; what women ask for."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from deploy.demonstration.days import working_day
from deploy.demonstration.speaker import Speaker
from shared.kernel import clock

_UNIT = "HN17"
_COSTS = (
    ("Lo que cuesta producir", "Calcular lo que cuesta una unidad de su producto.",
     "Costos fijos y variables\nEl valor del propio trabajo\nLa hoja de costos", ["own_numbers", "practice"], 240),
    ("Poner el precio", "Decidir un precio que cubre los costos y que el mercado paga.",
     "Precio, margen y punto de equilibrio\nPrecios de la competencia", ["case", "exchange"], 180),
    ("Registro de ventas y gastos", "Llevar un registro sencillo cada semana.",
     "El cuaderno de ventas y gastos\nSeparar el dinero del emprendimiento del de la casa",
     ["own_numbers", "demonstration"], 195),
)  # fmt: skip
_ASKED = (
    ("Primeros auxilios", "session", 9, 20, ""),
    ("Computación básica", "survey", 6, 12, ""),
    ("Derechos laborales", "visit", 3, 6, "Preguntan sobre todo por el trabajo a destajo"),
)


def design_curricula(
    trainer: Speaker, technician: Speaker, coordinator: Speaker, portal: Speaker, groups: Sequence[Mapping[str, Any]]
) -> None:
    """A curriculum that all three voices accepted for the first group and which the second waits to accept; its next
    version with a contribution of a woman; a draft with a contribution of the teacher; and what goes with them.
    """
    head = {"title": "Costos y precios", "topic": "costing", "type": "any", "language": "es"}
    made = trainer.post("training", "/curricula", head | {"unit": _UNIT})
    version = _write(trainer, made["versions"][0]["id"], _COSTS)
    version = _propose(trainer, version)
    for who, voice in ((trainer, "teacher"), (technician, "expert")):
        accepted = {"voice": voice, "content_hash": version["content_hash"]}
        who.post("training", f"/curriculum-versions/{version['id']}/acceptances", accepted)
    woman = _link(trainer, version, groups[0])
    portal.post("training", f"/curriculum-links/{woman}/acceptance", {"content_hash": version["content_hash"]})
    portal.post("training", f"/curriculum-links/{woman}/asked-subjects", {"subject": "Primeros auxilios"})
    for group in groups[:2]:
        trainer.post("training", f"/groups/{group['id']}/curriculum", {"version_id": version["id"]})
    _teach_module(trainer, groups[0], version["modules"][0]["id"])
    _revise(trainer, portal, made["id"], groups[0])
    _begin_another(trainer)
    _decide(coordinator)
    for subject, source, women, days_ago, note in _ASKED:
        asked_on = (clock.today() - timedelta(days=days_ago)).isoformat()
        told = {"subject": subject, "source": source, "women": women, "asked_on": asked_on, "note": note}
        trainer.post("training", "/asked-subjects", told | {"unit": f"{_UNIT}09"})


def _write(trainer: Speaker, version_id: str, modules: Sequence[tuple[Any, ...]]) -> dict[str, Any]:
    version: dict[str, Any] = trainer.get("training", f"/curriculum-versions/{version_id}")
    for title, objectives, contents, methods, minutes in modules:
        told = {"title": title, "objectives": objectives, "contents": contents, "methods": methods, "minutes": minutes}
        told["links"] = [{"title": f"Hoja de trabajo: {title.lower()}", "link": "https://ejemplo.org/materiales"}]
        version = trainer.change(
            "training", "POST", f"/curriculum-versions/{version_id}/modules", version["version"], told
        )
    return version


def _propose(trainer: Speaker, version: Mapping[str, Any]) -> dict[str, Any]:
    path = f"/curriculum-versions/{version['id']}/proposal"
    proposed: dict[str, Any] = trainer.change("training", "POST", path, version["version"], None)
    return proposed


def _link(trainer: Speaker, version: Mapping[str, Any], group: Mapping[str, Any]) -> str:
    """The address that a woman of the group gets."""
    members = trainer.get("training", f"/groups/{group['id']}")["members"]
    until = (clock.today() + timedelta(days=60)).isoformat()
    asked = {"voice": "entrepreneur", "group_id": group["id"], "entrepreneur_id": members[0]["entrepreneur_id"]}
    path = f"/curriculum-versions/{version['id']}/links"
    token: str = trainer.post("training", path, asked | {"expires_on": until})["token"]
    return token


def _teach_module(trainer: Speaker, group: Mapping[str, Any], module_id: str) -> None:
    day = working_day(26).isoformat()
    told: dict[str, Any] = {"title": "Lo que cuesta producir", "first_day": day, "starts": "08:00", "ends": "12:00"}
    told |= {"place": "Casa comunal", "group_id": group["id"], "module_id": module_id}
    trainer.post("training", "/sessions", told)


def _revise(trainer: Speaker, portal: Speaker, curriculum_id: str, group: Mapping[str, Any]) -> None:
    change = "Más práctica con las cuentas de cada una, como pidió el primer grupo"
    made = trainer.post("training", f"/curricula/{curriculum_id}/versions", {"change": change})
    woman = _link(trainer, made, group)
    said = {"text": "Falta ver el costo del flete y del hielo.", "module_id": made["modules"][0]["id"]}
    portal.post("training", f"/curriculum-links/{woman}/contributions", said)
    until = (clock.today() + timedelta(days=60)).isoformat()
    expert = {"voice": "expert", "name": "Pericia Inventada (universidad)", "expires_on": until}
    trainer.post("training", f"/curriculum-versions/{made['id']}/links", expert)


def _begin_another(trainer: Speaker) -> None:
    head = {"title": "Pescado seco de calidad", "topic": "food_safety", "type": "fishing", "language": "es"}
    made = trainer.post("training", "/curricula", head | {"unit": _UNIT})
    module = ("Limpieza y secado", "Secar el pescado sin que se contamine.", "", ["demonstration", "practice"], 300)
    version = _write(trainer, made["versions"][0]["id"], [module])
    said = {"voice": "teacher", "text": "Conviene una gira a la planta de secado antes de este módulo."}
    trainer.post("training", f"/curriculum-versions/{version['id']}/contributions", said)


def _decide(coordinator: Speaker) -> None:
    decided = {
        "unit": _UNIT,
        "type": "fishing",
        "need": "quality",
        "since": (clock.today() - timedelta(days=30)).isoformat(),
        "form": "on_site",
        "methods": ["demonstration", "practice", "field_visit"],
        "minutes": 1200,
        "smallest": 6,
        "largest": 12,
        "decided_by": "Reunión técnica del CSEM con la universidad (demostración)",
        "source": "Evaluación de los grupos de pesca (demostración)",
    }
    coordinator.post("training", "/training-strategies", decided)

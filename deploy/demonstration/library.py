"""The demonstration's library, learning centres, trainers and their licences: all of it invented."""

from datetime import timedelta
from typing import Any

from deploy.demonstration.speaker import Speaker
from shared.kernel import clock

_UNIT = "HN17"
_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
_MATERIALS: tuple[tuple[str, dict[str, Any], str], ...] = (
    (
        "Costos y precios para pescadoras (ficticio)",
        {"kind": "module", "topics": ["costing"], "dimensions": ["credit"], "chains": ["fishing"],
         "licence": "cc_by_sa",
         "summary": "Cuánto cuesta una libra de curvina puesta en el mercado, y qué precio deja ganancia."},
        "public",
    ),
    (
        "Inocuidad en la cocina del negocio (ficticio)",
        {"kind": "facilitator_guide", "topics": ["food_safety"], "dimensions": ["quality"],
         "chains": ["food_processing", "fishing"], "licence": "own",
         "summary": "Limpiar, separar, cocer y enfriar: cuatro sesiones con ejercicios y una lista para la pared."},
        "network",
    ),
    (
        "Cajas de ahorro en grupo (ficticio)",
        {"kind": "booklet", "topics": ["credit"], "dimensions": ["credit"], "chains": [], "licence": "cc_by_nc",
         "language": "garifuna", "summary": "Reglas de una caja de ahorro contadas en una historia con dibujos."},
        "network",
    ),
    (
        "Vender por teléfono (ficticio)",
        {"kind": "presentation", "topics": ["digital", "market"], "dimensions": ["market"],
         "chains": ["family:making"], "licence": "reserved",
         "summary": "Fotografías que venden y mensajes que responden."},
        "team",
    ),
)  # fmt: skip
_TRAINERS: tuple[tuple[str, list[str], list[str]], ...] = (
    ("Marisol Inventada", ["food_safety", "quality"], ["es"]),
    ("Keren Ficticia", ["costing", "credit", "market"], ["es", "garifuna"]),
    ("Odilia de Ejemplo", ["food_safety", "management"], ["es"]),
)
_CENTRES = (
    ("Universidad del Golfo (ficticia)", "university", 45),
    ("Instituto Técnico del Sur (ficticio)", "vocational_institute", 400),
)
_SCHEDULE = (480, 480, 480, 480, 480)
"""Minutes of the five days of an edition: the forty hours of its level."""


def fill_library(trainer: Speaker, coordinator: Speaker) -> None:
    """Four materials, each seen by others or not; one of them in two versions."""
    for title, facts, reach in _MATERIALS:
        told = {
            "unit": _UNIT,
            "title": title,
            "language": "es",
            "author": "Red CSEM (demostración)",
            "year": 2025,
        } | facts
        made = trainer.post("training", "/library", told)
        here = f"/library/{made['id']}"
        for number in range(1 + (reach == "public")):
            _keep(trainer, here, _PDF + b"%" * number, number)
        if reach != "team":
            version = coordinator.get("training", here)["version"]
            coordinator.change("training", "POST", f"{here}/reach", version, {"reach": reach})


def train_trainers(trainer: Speaker, coordinator: Speaker) -> None:
    """Two learning centres with agreements, three trainers, an edition in which one earned her licence."""
    centres = [_centre(coordinator, *facts) for facts in _CENTRES]
    people = [
        trainer.post(
            "training",
            "/trainers",
            {"unit": _UNIT, "name": name, "topics": topics, "languages": languages, "units": ["HN06", _UNIT],
             "partner_id": centres[number % len(centres)]},
        )
        for number, (name, topics, languages) in enumerate(_TRAINERS)
    ]  # fmt: skip
    begun = clock.today() - timedelta(days=30)
    edition = {
        "unit": _UNIT,
        "name": "Formadoras de inocuidad (demostración)",
        "level": "facilitator",
        "topics": ["food_safety"],
        "starts_on": begun.isoformat(),
        "ends_on": (begun + timedelta(days=90)).isoformat(),
    }
    opened = coordinator.post("training", "/trainer-editions", edition)
    done, under_way = (
        trainer.post("training", f"/trainer-editions/{opened['id']}/candidates", {"trainer_id": people[number]["id"]})
        for number in (0, 2)
    )
    _prove(trainer, done["id"], _SCHEDULE, tested=86, observed=2)
    _prove(trainer, under_way["id"], _SCHEDULE[:3], tested=64, observed=1)
    ready = coordinator.get("training", f"/trainer-candidates/{done['id']}")
    coordinator.change("training", "POST", f"/trainer-candidates/{done['id']}/licence", ready["version"], None)


def _centre(coordinator: Speaker, name: str, kind: str, days: int) -> str:
    facts = {"unit": _UNIT, "name": name, "kind": "civil_society_academia", "learning_kind": kind}
    made: str = coordinator.post("training", "/csr-partners", facts | {"phone": "+504 2700 0000"})["id"]
    today = clock.today()
    agreement = {
        "unit": _UNIT,
        "title": f"Convenio de formación con {name}",
        "purpose": "Aulas, prácticas de estudiantes y formadoras para los grupos del centro.",
        "contribution": "in_kind",
        "partner_ids": [made],
        "signed_on": (today - timedelta(days=320)).isoformat(),
        "ends_on": (today + timedelta(days=days)).isoformat(),
        "obligations": [
            {"side": "partner", "what": "Presta un aula los sábados y una formadora al mes."},
            {"side": "network", "what": "Invita a sus estudiantes a dos jornadas con emprendedoras al año."},
        ],
    }
    coordinator.post("training", "/csr-agreements", agreement)
    return made


def _prove(trainer: Speaker, candidate: str, minutes: tuple[int, ...], *, tested: int, observed: int) -> None:
    here, today = f"/trainer-candidates/{candidate}", clock.today()
    for number, attended in enumerate(minutes):
        day = today - timedelta(days=25 - number)
        trainer.post("training", f"{here}/hours", {"on": day.isoformat(), "minutes": attended})
    later = (today - timedelta(days=10)).isoformat()
    trainer.post("training", f"{here}/tests", {"on": later, "percent": tested})
    criteria = trainer.get("training", "/trainer-licences/choices")["criteria"]
    marks = [{"criterion": one["code"], "points": 3} for one in criteria]
    for _ in range(observed):
        trainer.post("training", f"{here}/observations", {"on": later, "marks": marks})


def _keep(trainer: Speaker, here: str, content: bytes, number: int) -> None:
    version = trainer.get("training", here)["version"]
    note = "Con los precios de este año" if number else ""
    trainer.upload("training", f"{here}/files", ("material.pdf", content), {"note": note} if note else {}, version)

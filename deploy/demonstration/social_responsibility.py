"""The demonstration's workshops on social responsibility: one held, one open for registration, a dialogue, partners."""

from datetime import date, timedelta
from typing import Any

from deploy.demonstration.days import working_day
from deploy.demonstration.speaker import Speaker
from shared.kernel import clock

_FIRMS = (
    ("Panadería La Espiga (ficticia)", "manufacturing", "micro", 60),
    ("Ferretería El Golfo (ficticia)", "trade", "small", 0),
    ("Posada Las Garzas (ficticia)", "tourism", "micro", 100),
    ("Exportadora Marañón (ficticia)", "agriculture", "medium", 30),
    ("Imprenta Valle (ficticia)", "manufacturing", "small", 50),
    ("Soluciones Solares del Sur (ficticia)", "energy", "micro", 40),
    ("Transportes Pacífico (ficticia)", "services", "small", 20),
)
_PARTNERS = (
    ("Secretaría de Desarrollo (ficticia)", "government_international"),
    ("Fundación Empresa Responsable (ficticia)", "csr_organization"),
    ("Camaronera del Golfo (ficticia)", "private_sector"),
    ("Universidad del Sur (ficticia)", "civil_society_academia"),
)
_TITLE = "De la conciencia a la acción: la responsabilidad social en las pymes"


def raise_awareness(trainer: Speaker, coordinator: Speaker) -> None:
    """Write firms and partners down, hold a workshop with its diplomas and a dialogue, open the next for firms."""
    firms = [_firm(trainer, *facts) for facts in _FIRMS]
    partners = [
        coordinator.post("training", "/csr-partners", {"unit": "HN", "name": name, "kind": kind})["id"]
        for name, kind in _PARTNERS
    ]
    today = clock.today()
    held = _plan(trainer, "Nacaome", today - timedelta(days=40), gender_module=True)
    held = _moved(trainer, held, today - timedelta(days=12))
    for partner in partners:
        held = _change(trainer, held, "partners", {"partner_id": partner})
    held = _change(
        trainer,
        held,
        "materials",
        {"title": "Guía del plan de acción (ficticia)", "address": "https://example.org/guia"},
    )
    _teach(trainer, held["id"], firms)
    _change(trainer, held, "holding", None)
    batch = trainer.post("training", f"/csr-workshops/{held['id']}/diplomas", {"kind": "attendance"})
    diploma = trainer.get("training", "/diplomas", batch_id=batch["id"], limit=1)["items"][0]
    trainer.post("training", f"/diplomas/{diploma['id']}/links", {})
    following = _plan(
        trainer, "Choluteca", working_day(25, "HN06", lasts=2), unit="HN06", gender_module=True, capacity=30
    )
    _change(trainer, following, "registration", {"until": (today + timedelta(days=20)).isoformat()})
    _dialogue(coordinator, partners)


def _firm(trainer: Speaker, name: str, sector: str, size: str, owned: int) -> str:
    facts = {"unit": "HN17", "city": "Nacaome", "name": name, "sector": sector, "size": size}
    made: str = trainer.post("training", "/smes", facts | {"women_owned_percent": owned})["id"]
    return made


def _plan(trainer: Speaker, city: str, starts_on: date, unit: str = "HN17", **facts: Any) -> dict[str, Any]:
    body = {"unit": unit, "city": city, "title": _TITLE, "starts_on": starts_on.isoformat(), "on_holiday": True}
    planned: dict[str, Any] = trainer.post("training", "/csr-workshops", body | facts)
    return planned


def _moved(trainer: Speaker, workshop: dict[str, Any], starts_on: date) -> dict[str, Any]:
    why = {"starts_on": starts_on.isoformat(), "reason": "La sede estaba ocupada (ficticio)", "on_holiday": True}
    return _change(trainer, workshop, "dates", why)


def _change(who: Speaker, activity: dict[str, Any], what: str, body: Any) -> dict[str, Any]:
    kind = "workshops" if activity["kind"] == "workshop" else "dialogues"
    path = f"/csr-{kind}/{activity['id']}/{what}"
    changed: dict[str, Any] = who.change("training", "POST", path, activity["version"], body)
    return changed


def _teach(trainer: Speaker, workshop: str, firms: list[str]) -> None:
    """Two persons of each firm; one in seven came on one day only."""
    people = f"/csr-workshops/{workshop}/participants"
    for number, firm in enumerate(firms * 2):
        who = {"name": f"Participante {number + 1} (ficticia)", "sex": "woman" if number % 5 < 3 else "man"}
        trainer.post("training", people, who | {"sme_id": firm})
    rows = trainer.get("training", f"{people}?limit=200")["items"]
    for day in (1, 2):
        marks = [
            {"participant_id": row["id"], "present": day == 1 or number % 7 > 0} for number, row in enumerate(rows)
        ]
        trainer.post("training", f"/csr-workshops/{workshop}/attendance", {"day": day, "marks": marks})


def _dialogue(coordinator: Speaker, partners: list[str]) -> None:
    day = clock.today() - timedelta(days=30)
    body = {
        "unit": "HN17",
        "kind": "multi_stakeholder",
        "city": "Nacaome",
        "title": "La responsabilidad social en el golfo (ficticio)",
        "starts_on": day.isoformat(),
        "topics": "Qué pueden hacer juntos gobierno, empresas y universidad (ficticio)",
    }
    dialogue = coordinator.post("training", "/csr-dialogues", body)
    for partner in partners[:2]:
        dialogue = _change(coordinator, dialogue, "partners", {"partner_id": partner})
    present = [
        {"side": "government", "institutions": 3, "women": 7, "men": 9},
        {"side": "private_sector", "institutions": 6, "women": 8, "men": 10},
        {"side": "academia", "institutions": 1, "women": 5, "men": 5},
    ]
    conclusions = "Se crea una mesa permanente que se reúne cada tres meses (ficticio)."
    _change(coordinator, dialogue, "outcome", {"present": present, "conclusions": conclusions})
    promise = {
        "what": "Incluir la responsabilidad social en la agenda de desarrollo del departamento (ficticio)",
        "owner": _PARTNERS[0][0],
        "due_on": (day + timedelta(days=20)).isoformat(),
    }
    coordinator.post("training", f"/csr-dialogues/{dialogue['id']}/commitments", promise)
    agreement = {
        "unit": "HN17",
        "title": "Mesa permanente de responsabilidad social (ficticio)",
        "purpose": "Que el diálogo continúe y cada parte informe lo que hizo",
        "contribution": "in_kind",
        "partner_ids": partners[:2],
        "signed_on": (day + timedelta(days=3)).isoformat(),
        "activity_id": dialogue["id"],
    }
    coordinator.post("training", "/csr-agreements", agreement)

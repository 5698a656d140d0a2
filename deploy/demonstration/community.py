"""The demonstration's community: topics of members and of firms, one reported reply, and what members share."""

from typing import Any

from deploy.demonstration.speaker import Speaker

_WELCOME = (
    "Aquí nos preguntamos y respondemos entre los centros de los tres países.\n\n"
    "No escriba el nombre de ninguna mujer ni de dónde vive: lo lee toda la red."
)


def talk(trainer: Speaker, technician: Speaker, coordinator: Speaker) -> None:
    """Open topics, reply to each other, report a reply, share a guide."""
    welcome = _opened(coordinator, "network", "Bienvenidas: cómo usamos esta comunidad (ficticio)", _WELCOME)
    told = {"locked": True, "pinned": True}
    coordinator.change("training", "POST", f"/community/topics/{welcome['id']}/state", welcome["version"], told)
    asked = _opened(
        trainer,
        "training",
        "¿Quién cuida a los niños durante la sesión? (ficticio)",
        "En tres grupos dejaron de venir quienes tienen niños pequeños. ¿Qué les ha funcionado?",
    )
    path = f"/community/topics/{asked['id']}/posts"
    technician.post(
        "training", path, {"text": "Dos vecinas los cuidan en el aula de al lado; se les paga del proyecto."}
    )
    reply = coordinator.post("training", path, {"text": "Hay una guía en https://example.org/cuidado (ficticia)."})
    file = ("lista-ficticia.pdf", b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF")
    coordinator.upload("training", f"/community/posts/{reply['id']}/files", file, {}, reply["version"])
    technician.post("training", f"/community/posts/{reply['id']}/reports", {"reason": "El enlace no abre (ficticio)"})
    _opened(
        technician,
        "credit",
        "Visitas antes de la primera cuota (ficticio)",
        "Visitamos una semana antes del primer vencimiento. ¿Alguien lo hace con mensajes?",
    )
    asked = _opened(
        coordinator,
        "responsibility",
        "¿Cómo empezaron a separar los residuos? (ficticio)",
        "Para las empresas de los talleres: ¿con qué empezaron, y qué les costó más?",
    )
    version = coordinator.get("training", f"/community/topics/{asked['id']}")["version"]
    where = {"unit": "HN17"}
    coordinator.change("training", "POST", f"/community/topics/{asked['id']}/firms", version, where)
    guide = {
        "space": "training",
        "title": "Guía de cuidado infantil en las sesiones (ficticia)",
        "about": "Con una lista de lo que debe haber en el aula",
        "address": "https://example.org/cuidado",
    }
    coordinator.post("training", "/community/resources", guide)


def _opened(who: Speaker, space: str, title: str, text: str) -> dict[str, Any]:
    made: dict[str, Any] = who.post("training", "/community/topics", {"space": space, "title": title, "text": text})
    return made

"""The demonstration's case stories: three in the library (one without its name), one to review, one returned."""

import zlib
from datetime import timedelta
from typing import Any

from deploy.demonstration.speaker import Speaker
from shared.kernel import clock

_WIDTH, _HEIGHT = 480, 320
_SKY, _SUN, _HILL, _FIELD = (222, 236, 244), (240, 196, 92), (92, 138, 110), (176, 160, 96)
_PAPER = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
_YES = dict.fromkeys(("text", "web", "name", "person", "pictures"), "yes")
_STORIES: tuple[dict[str, Any], ...] = (
    {
        "area": "environment",
        "person_name": "Dora Inventada",
        "es": {
            "title": "El horno que dejó de comer leña",
            "situation": "La panadería quemaba una carga de leña cada dos días. El humo llegaba a la escuela "
            "de al lado y la cuenta subía cada invierno.",
            "done": "En el taller midieron cuánto gastaban por semana. Con ese dato cambiaron la puerta del horno, "
            "pusieron ladrillo aislante y hornean en dos tandas seguidas en lugar de cinco.\n\n"
            "El cambio costó lo que ahorraron en tres meses.",
            "result": "Ahora una carga de leña alcanza para cinco días, y la escuela ya no cierra las ventanas.",
            "lessons": "Primero medir una semana entera. Después cambiar lo más barato. Y contarlo a la escuela: fue "
            "la vecina quien propuso el horario.",
            "figures": [
                {"what": "Leña por semana", "value": "1.4 cargas en vez de 3.5", "source": "Cuaderno de la panadería"},
                {"what": "Gasto al mes", "value": "L 1,900 menos", "source": "Recibos, enero a junio"},
            ],
        },
        "en": {
            "title": "The oven that stopped eating firewood",
            "situation": "The bakery burned a load of firewood every other day. The smoke reached the school next door "
            "and the bill rose every winter.",
            "done": "In the workshop they measured what they used in a week. With that they changed the door of the "
            "oven, put in insulating brick, and bake in two runs in a row instead of five.\n\n"
            "The change cost what they saved in three months.",
            "result": "One load of firewood now lasts five days, and the school no longer shuts its windows.",
            "lessons": "First measure a whole week. Then change what is cheapest. And tell the school: it was a "
            "neighbour who proposed the hours.",
            "figures": [
                {"what": "Firewood in a week", "value": "1.4 loads instead of 3.5", "source": "The bakery's notebook"},
                {"what": "Spent in a month", "value": "L 1,900 less", "source": "Receipts, January to June"},
            ],
        },
    },
    {
        "area": "internal_public",
        "es": {
            "title": "Turnos que dejan llegar a la escuela",
            "situation": "En el taller trabajan siete mujeres con hijos en la escuela. Cada semana faltaba alguna.",
            "done": "Se preguntó a cada una por sus horas y se escribió un cuadro de turnos de cuatro semanas, con una "
            "persona de reemplazo pagada.",
            "result": "En seis meses faltaron tres días entre todas, y nadie dejó el trabajo.",
            "lessons": "El cuadro se escribe con quienes trabajan. Pagar el reemplazo cuesta menos que entregar tarde.",
            "figures": [{"what": "Días de ausencia en seis meses", "value": "3 en vez de 31", "source": "Planilla"}],
        },
    },
    {
        "area": "suppliers",
        "person_name": "Elvira Inventada",
        "es": {
            "title": "Comprar cerca, pagar a tiempo",
            "situation": "La posada compraba la fruta en la capital mientras las huertas de la zona la perdían.",
            "done": "Se acordó con ocho huertas una lista semanal y el pago a los siete días.",
            "result": "Dos de cada tres compras se hacen ahora a menos de diez kilómetros.",
            "lessons": "La lista tiene que llegar antes del viernes: si no, la fruta ya está vendida.",
            "figures": [{"what": "Compras en la zona", "value": "67 %", "source": "Facturas de la posada"}],
        },
    },
)
_ON_THEIR_WAY = (("community", "La biblioteca del barrio"), ("governance", "Las cuentas en la pared"))


def tell_stories(trainer: Speaker, reviewer: Speaker, coordinator: Speaker) -> None:
    """Write and review stories of firms of the workshop, ask their owners, publish those that may be."""
    firms = trainer.get("training", "/smes", limit=50)["items"]
    says: tuple[dict[str, str], ...] = ({}, {"name": "no", "person": "no", "pictures": "no"}, {"web": "no"})
    for firm, told, no in zip(firms, _STORIES, says, strict=False):
        story = _approved(trainer, reviewer, firm, told)
        if not no:
            seen = {"seen_es": "Dibujo de un cerro al amanecer (ficticio)", "seen_en": "Drawing of a hill (invented)"}
            path = f"/case-stories/{story['id']}/pictures"
            story = trainer.upload("training", path, ("dibujo.png", drawing()), seen, story["version"])
        answers = {"said_on": clock.today().isoformat()} | _YES | no
        path = f"/case-stories/{story['id']}/consents"
        story = trainer.upload("training", path, ("permiso-ficticio.pdf", _PAPER), answers)
        _step(coordinator, story, "publication")
    waiting, returned = (
        _written(trainer, firm, {"area": area, "es": {**_STORIES[0]["es"], "title": title}})
        for firm, (area, title) in zip(firms[3:], _ON_THEIR_WAY, strict=False)
    )
    _step(trainer, waiting, "submission")
    returned = _step(reviewer, _step(trainer, returned, "submission"), "review")
    _step(
        reviewer, returned, "conclusion", {"outcome": "returned", "recommendations": "Diga de dónde sale cada cifra."}
    )
    until = (clock.today() + timedelta(days=90)).isoformat()
    trainer.post("training", f"/case-stories/{waiting['id']}/links", {"expires_on": until})


def drawing() -> bytes:
    """A PNG of a hill, a field and a sun: no photograph of anybody."""
    rows = bytearray()
    for y in range(_HEIGHT):
        rows.append(0)
        for x in range(_WIDTH):
            hill = 190 - int(90 * max(0.0, 1 - abs(x - 190) / 230))
            sun = (x - 350) ** 2 + (y - 90) ** 2 < 45**2
            rows.extend(_FIELD if y > 230 else _HILL if y > hill else _SUN if sun else _SKY)
    head = _WIDTH.to_bytes(4) + _HEIGHT.to_bytes(4) + bytes((8, 2, 0, 0, 0))
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(rows), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)


def _written(trainer: Speaker, firm: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    about = {"subject_kind": "sme", "subject_id": firm["id"], "unit": "HN1709", "sector": firm["sector"]}
    year = clock.today().year - 1
    made: dict[str, Any] = trainer.post(
        "training", "/case-stories", about | {"year": year, "firm_name": firm["name"], **told}
    )
    return made


def _approved(trainer: Speaker, reviewer: Speaker, firm: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    story = _step(reviewer, _step(trainer, _written(trainer, firm, told), "submission"), "review")
    return _step(reviewer, story, "conclusion", {"outcome": "approved", "recommendations": "Claro y con sus fuentes."})


def _step(who: Speaker, story: dict[str, Any], step: str, body: Any = None) -> dict[str, Any]:
    path = f"/case-stories/{story['id']}/{step}"
    done: dict[str, Any] = who.change("training", "POST", path, story["version"], body)
    return done

"""The demonstration's diagnoses of social responsibility: some handed in, one being answered, a plan under way."""

from datetime import timedelta
from typing import Any

from deploy.demonstration.speaker import Speaker
from shared.kernel import clock

_LEVELS = (2, 1, 3, 2, 1, 3)
_WEAK = ("environment", "community")


def diagnose_firms(trainer: Speaker, reviewer: Speaker) -> None:
    """Diagnose the firms of the workshops but the last, and carry out the plan of the first; links for the last."""
    firms = trainer.get("training", "/smes", limit=50)["items"]
    for place, (firm, level) in enumerate(zip(firms, _LEVELS, strict=False)):
        _diagnose(trainer, firm["id"], level, whole=place < len(_LEVELS) - 1)
    until = (clock.today() + timedelta(days=200)).isoformat()
    trainer.post("training", "/sme-links", {"sme_id": firms[-1]["id"], "expires_on": until})
    _carry_out(trainer, reviewer, firms[0]["id"])


def _diagnose(trainer: Speaker, firm: str, level: int, *, whole: bool) -> None:
    found = trainer.post("training", "/diagnoses", {"sme_id": firm, "form": "short"})
    path = f"/diagnoses/{found['id']}"
    for number, area in enumerate(found["areas"][: 7 if whole else 3]):
        said = max(0, level - (area["code"] in _WEAK) + number % 2)
        rows = [{"indicator": one["code"], "answer": str(min(4, said))} for one in area["indicators"]]
        found = _change(trainer, "PUT", f"{path}/areas/{area['code']}", found, {"answers": rows})
    if whole:
        found = _show(trainer, found)
        groups = [
            {"name": "Vecinas del barrio (ficticias)", "kind": "community", "influence": 2, "interest": 3},
            {"name": "Clientela del mercado (ficticia)", "kind": "customers", "influence": 3, "interest": 2},
        ]
        found = _change(trainer, "PUT", f"{path}/stakeholders", found, {"stakeholders": groups})
        _change(trainer, "POST", f"{path}/submission", found, {})


def _show(trainer: Speaker, found: dict[str, Any]) -> dict[str, Any]:
    code = found["areas"][0]["indicators"][0]["code"]
    path = f"/diagnoses/{found['id']}/evidence/{code}"
    shown: dict[str, Any] = trainer.upload(
        "training", path, ("reglamento-ficticio.pdf", _paper("Reglamento interno (ficticio)")), {}
    )
    return shown


def _paper(title: str) -> bytes:
    """A PDF of one empty page with a title."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 595]>>",
        f"<</Title({title})>>".encode("latin-1"),
    )
    written, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj%s\nendobj\n" % (number, one)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 5\n0000000000 65535 f \n" + rows
    return written + table + b"trailer<</Size 5/Root 1 0 R/Info 4 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(written)


def _carry_out(trainer: Speaker, reviewer: Speaker, firm: str) -> None:
    plan = trainer.post("training", "/csr-plans", {"sme_id": firm})
    path = f"/csr-plans/{plan['id']}"
    for who, method, step, body in (
        (trainer, "PUT", "", _content()),
        (trainer, "POST", "/submission", {}),
        (reviewer, "POST", "/review", {}),
        (reviewer, "POST", "/conclusion", {"outcome": "accepted", "recommendations": "Anote los kilos cada semana."}),
        (trainer, "POST", "/key-aspects", {"actions": [1]}),
        (trainer, "POST", "/execution", {"begins_on": clock.today().isoformat()}),
    ):
        plan = _change(who, method, f"{path}{step}", plan, body)


def _content() -> dict[str, Any]:
    today = clock.today()
    action = {
        "gap": "E2",
        "line": "Cuidar el agua y la playa",
        "action": "Separar los residuos y entregarlos cada semana",
        "quick_win": True,
        "business_case": "Se paga menos por el tren de aseo",
        "responsible": "Encargada de bodega",
        "begins_on": today.isoformat(),
        "ends_on": (today + timedelta(days=60)).isoformat(),
        "resources": "Tres barriles",
        "measure": "Kilos entregados al mes",
        "baseline": "0",
        "target": "40",
    }
    second = {"gap": "C3", "action": "Acordar con la escuela una jornada de limpieza", "measure": "Jornadas"}
    return {
        "mission": "Vender con respeto por la gente y el mar (ficticio)",
        "vision": "Ser ejemplo en el golfo (ficticio)",
        "values": ["Honradez", "Cuidado"],
        "committee": ["Gerencia", "Encargada de bodega"],
        "lines": ["Cuidar el agua y la playa"],
        "communication": "Un cartel cada mes en la tienda",
        "actions": [action, action | second | {"quick_win": False, "target": "3"}],
    }


def _change(who: Speaker, method: str, path: str, found: dict[str, Any], body: Any) -> dict[str, Any]:
    changed: dict[str, Any] = who.change("training", method, path, found["version"], body)
    return changed

"""The demonstration's projects: one in each phase, one with a business plan that is ready and one being written."""

from datetime import date, timedelta
from typing import Any

from deploy.demonstration.inventory import Entered
from deploy.demonstration.speaker import Speaker
from shared.kernel import clock

_TECHNICIAN = "Azucena Ejemplo (técnica)"
_TEXTS = {
    "summary": "Comprar un refrigerador y surtir dos puntos de venta más, para vender todo el año.",
    "woman": "Trabaja desde su casa desde hace seis años con su hermana. Lleva un cuaderno de ventas.",
    "market": "Vende en el mercado y por encargo. Otras tres venden lo mismo; ninguna entrega a domicilio.",
    "operations": "Compra a proveedoras del municipio, prepara por la mañana y entrega por la tarde.",
    "organization": "Ella dirige y cobra; su hermana prepara; las cuentas se revisan cada mes con la técnica.",
    "risks": "En los meses de lluvia se vende menos: se guarda una parte de lo que deja diciembre.",
    "ask": "Veinte mil lempiras para el refrigerador y los primeros insumos, en doce cuotas.",
}


def _money(amount: int) -> dict[str, str]:
    return {"amount": f"{amount}.00", "currency": "HNL"}


_LINES = {
    "products": [
        {"name": "Encargos", "unit": "docena", "price": _money(180), "unit_cost": _money(95), "volume": 60},
        {"name": "Venta en el mercado", "unit": "unidad", "price": _money(20), "unit_cost": _money(12), "volume": 400,
         "season": [100, 90, 110, 130, 100, 80, 80, 100, 70, 70, 110, 180]},
    ],
    "fixed_costs": [
        {"name": "Luz y leña", "amount": _money(900)},
        {"name": "Trabajo de su hermana", "amount": _money(2_500)},
    ],
    "investments": [
        {"name": "Refrigerador", "amount": _money(17_500)},
        {"name": "Primeros insumos", "amount": _money(4_000)},
    ],
    "own_contribution": _money(3_000),
    "loan": {"amount": _money(20_000), "annual_rate": "18", "instalments": 12},
}  # fmt: skip


def begin_projects(technician: Speaker, subject: str, enterprises: list[Entered]) -> None:
    """Four projects that nobody lent to yet, so that with those of the loans every phase has one."""
    chosen = [one for one in enterprises if one.creditworthy and one.municipality.startswith("HN")][-4:]
    for phase, enterprise in zip(("idea", "planning", "financing", "consolidation"), chosen, strict=False):
        case = _opened(technician, enterprise)
        case = _taken(technician, case, subject)
        for step in ("planning", "financing", "implementation", "consolidation"):
            if case["phase"] == phase:
                break
            if step == "financing":
                _plan(technician, case, finish=True)
            case = _moved(technician, case, step)
        if phase == "planning":
            _plan(technician, case, finish=False)


def _opened(technician: Speaker, enterprise: Entered) -> dict[str, Any]:
    begun = clock.today() - timedelta(days=45)
    body = {
        "enterprise_id": enterprise.id,
        "phase": "idea",
        "title": "Vender todo el año",
        "aim": "Vender a dos tiendas más y no depender de la temporada.",
        "needs": ["credit", "market"],
        "begins_on": begun.isoformat(),
    }
    case: dict[str, Any] = technician.post("registry", "/accompaniments", body)
    return case


def _taken(technician: Speaker, case: dict[str, Any], subject: str) -> dict[str, Any]:
    hers = {"technician": subject, "technician_name": _TECHNICIAN}
    path = f"/accompaniments/{case['id']}"
    taken: dict[str, Any] = technician.change("registry", "PATCH", path, case["version"], hers)
    return taken


def _moved(technician: Speaker, case: dict[str, Any], phase: str) -> dict[str, Any]:
    version = technician.get("registry", f"/accompaniments/{case['id']}")["version"]
    body = {"phase": phase, "on": clock.today().isoformat(), "months": 3}
    if phase == "implementation":
        body["financed_how"] = "Ahorro del grupo"
    if phase == "consolidation":
        body["reason"] = "Ya vende a dos tiendas; la última visita es por teléfono."
    path = f"/accompaniments/{case['id']}/moves"
    moved: dict[str, Any] = technician.change("registry", "POST", path, version, body)
    return moved


def _plan(technician: Speaker, case: dict[str, Any], *, finish: bool) -> None:
    plan = technician.post("registry", "/business-plans", {"accompaniment_id": case["id"]})
    path = f"/business-plans/{plan['id']}"
    first = date(clock.today().year + 1, 1, 1)
    texts = _TEXTS if finish else {"summary": _TEXTS["summary"]}
    body = _LINES | {"sections": texts, "starts_on": first.isoformat(), "months": 24}
    plan = technician.change("registry", "PATCH", path, plan["version"], body)
    if finish:
        technician.change("registry", "POST", f"{path}/ready", plan["version"], None)

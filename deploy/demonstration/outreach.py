"""What the demonstration did to be known: a campaign with its records, a fair with its stands."""

from datetime import timedelta
from typing import Any

from deploy.demonstration.inventory import Entered
from deploy.demonstration.speaker import Speaker
from shared.kernel import clock

_HERE = "HN1709"


def make_known(coordinator: Speaker, technician: Speaker, enterprises: list[Entered]) -> None:
    """A radio campaign that brought three records in, a fair of last month at which six women sold, a study, and an
    opportunity that closes soon.
    """
    mine = [one.id for one in enterprises if one.municipality == _HERE]
    _campaign(technician, mine[:3])
    _fair(technician, mine[:7])
    _study(coordinator, technician, mine[:2])
    _opportunity(technician, mine[0])


def _day(ago: int) -> str:
    return (clock.today() - timedelta(days=ago)).isoformat()


def _campaign(technician: Speaker, brought: list[str]) -> None:
    body = {
        "title": "Cuñas en la radio comunitaria (demostración)",
        "channel": "radio",
        "begins_on": _day(60),
        "ends_on": _day(20),
        "currency": "HNL",
        "municipalities": [_HERE, "HN1706"],
        "planned": {"women": 600, "men": 300, "young_women": 150},
        "reached": {"women": 480, "men": 210, "young_women": 130},
        "reached_how": "Audiencia que dice la emisora",
        "costs": [
            {"what": "Cuñas", "amount": {"amount": "4500.00", "currency": "HNL"}, "source": "Presupuesto del centro"},
            {"what": "Transporte", "amount": {"amount": "750.00", "currency": "HNL"}, "source": "Aporte de la ADEL"},
        ],
    }
    campaign = technician.post("registry", "/campaigns", body)["id"]
    activity = {
        "held_on": _day(45),
        "municipality": _HERE,
        "what": "Charla con jóvenes en la universidad",
        "reach": {"women": 34, "men": 6, "young_women": 31},
        "how": "Lista firmada",
    }
    technician.post("registry", f"/campaigns/{campaign}/activities", activity)
    for number, enterprise in enumerate(brought):
        kind = "validated" if number == 0 else "brought_in"
        technician.post("registry", f"/campaigns/{campaign}/records", {"enterprise_id": enterprise, "kind": kind})


def _fair(technician: Speaker, enterprises: list[str]) -> None:
    body = {
        "name": "Feria de la mujer emprendedora (demostración)",
        "municipality": _HERE,
        "venue": "Parque central",
        "begins_on": _day(31),
        "ends_on": _day(30),
        "visitors": 900,
        "visitors_how": "Boletos repartidos en la entrada",
    }
    fair = technician.post("registry", "/fairs", body)["id"]
    for number, enterprise in enumerate(enterprises):
        invited = {"enterprise_id": enterprise, "place": f"A-{number + 1}"}
        stand = technician.post("registry", f"/fairs/{fair}/stands", invited)
        came = number < len(enterprises) - 1
        for state in ("confirmed", "took_part" if came else "absent"):
            stand = _changed(technician, stand, {"state": state})
        if came:
            _changed(technician, stand, {"result": _sold(number)})


def _sold(number: int) -> dict[str, Any]:
    sales = {"amount": f"{640 + 215 * number}.00", "currency": "HNL"}
    return {"women": 1 + number % 2, "sales": sales, "orders": number, "contacts": 2 + number}


def _changed(technician: Speaker, stand: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    path, version = f"/fair-stands/{stand['id']}", stand["version"]
    changed: dict[str, Any] = technician.change("registry", "PATCH", path, version, change)
    return changed


def _study(coordinator: Speaker, technician: Speaker, covered: list[str]) -> None:
    university = {"name": "Universidad de demostración", "kind": "university", "unit": "HN17"}
    body = {
        "title": "Quién compra el marañón y por qué sin procesar (demostración)",
        "subject": "Por dónde sale la semilla de marañón del Golfo y cuánto queda en manos de las mujeres",
        "method": "Entrevistas y un taller con productoras",
        "findings": "Falta un lugar común donde descascarar; quien procesa en grupo vende a mejor precio.",
        "institution_id": coordinator.post("registry", "/institutions", university)["id"],
        "team": [{"name": "Gardenia Supuesta", "task": "Dirección"}],
        "begins_on": _day(300),
        "ends_on": _day(90),
        "municipalities": [_HERE],
    }
    study = technician.post("registry", "/studies", body)["id"]
    for enterprise in covered:
        technician.post("registry", f"/studies/{study}/records", {"enterprise_id": enterprise})


def _opportunity(technician: Speaker, told: str) -> None:
    body = {
        "kind": "finance",
        "title": "Capital semilla para mujeres que procesan alimentos (demostración)",
        "source": "Boletín inventado de la cooperación",
        "link": "https://ejemplo.invalid/bases",
        "deadline": _day(-10),
        "amount_min": {"amount": "20000.00", "currency": "HNL"},
        "amount_max": {"amount": "90000.00", "currency": "HNL"},
        "conditions": {"units": ["HN"], "links": ["processing"], "needs": ["credit"], "years_min": 2},
    }
    opportunity = technician.post("registry", "/opportunities", body)["id"]
    technician.post("registry", f"/opportunities/{opportunity}/follow-ups", {"enterprise_id": told})

"""The demonstration's influence: a plan with its lines, three proposals at different states, a council, a hearing."""

from datetime import timedelta
from typing import Any

from deploy.demonstration.lending import PLAN
from deploy.demonstration.speaker import Speaker
from shared.kernel import clock

NETWORK = "Red de Mujeres del Golfo (ficticia)"
MUNICIPALITY = "Municipalidad de San Lorenzo (ficticio)"


def money(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "HNL"}


def gain_influence(coordinator: Speaker, delegate: Speaker, planner: Speaker) -> None:
    """Declare the plan and its lines; propose, debate, include and turn down; sit in a council and hold a hearing."""
    line = _plan(coordinator)
    council = _council(coordinator)
    _hearing(coordinator)
    with clock.frozen(clock.now() - timedelta(days=300)):
        included = delegate.post("territory", "/proposals", _store(line))
    way: tuple[tuple[str, dict[str, Any]], ...] = (
        ("submitted", {"act": "Recibido 14 (ficticio)"}),
        ("debated", {"act": "Acta 21 (ficticia), punto 4", "council_id": council}),
        ("included", {"act": "Acta 23 (ficticia), punto 2", "council_id": council}),
        ("budgeted", {"act": "Presupuesto municipal (ficticio)", "amount": money("420000.00")}),
    )
    for number, (state, told) in enumerate(way):
        included = _step(coordinator, included, state, 270 - number * 60, told)
    with clock.frozen(clock.now() - timedelta(days=90)):
        turned_down = delegate.post("territory", "/proposals", _fair())
    turned_down = _step(delegate, turned_down, "submitted", 70, {"act": "Recibido 31 (ficticio)"})
    _step(
        planner, turned_down, "rejected", 35, {"act": "Acta 27 (ficticia)", "reason": "Sin fondos este año (ficticio)"}
    )
    delegate.post("territory", "/proposals", _childcare())


def _step(who: Speaker, row: dict[str, Any], state: str, days_ago: int, told: dict[str, Any]) -> dict[str, Any]:
    body = {"state": state, "day": (clock.today() - timedelta(days=days_ago)).isoformat()} | told
    done: dict[str, Any] = who.change("territory", "POST", f"/proposals/{row['id']}/steps", row["version"], body)
    return done


def _plan(coordinator: Speaker) -> dict[str, Any]:
    """The lines of the demonstration's plan; comes back with the one that proposals aim at."""
    plan = coordinator.post("territory", "/plans", PLAN)
    path = f"/plans/{plan['id']}/lines"
    written = coordinator.post("territory", path, {"number": "3.2", "title": "Infraestructura productiva (ficticia)"})
    line = written["lines"][0]
    coordinator.post("territory", path, {"number": "4.1", "title": "Cuidados y tiempo de las mujeres (ficticia)"})
    budget = [
        {"year": 2026, "source": "municipality", "amount": money("300000.00")},
        {"year": 2027, "source": "cooperation", "amount": money("500000.00")},
    ]
    project = {"title": "Centros de acopio del golfo (ficticio)", "chain": "fishing", "budget": budget}
    coordinator.post("territory", f"{path}/{line['id']}/projects", project)
    return {"plan_id": plan["id"], "line_id": line["id"]}


def _council(coordinator: Speaker) -> str:
    about = {"unit": "HN1709", "kind": "municipal", "name": "Concejo de San Lorenzo (ficticio)", "seats_total": 9}
    council: str = coordinator.post("territory", "/councils", about)["id"]
    path = f"/councils/{council}"
    seat = {"organization": NETWORK, "constituency": "Mujeres pescadoras", "held_from": "2026-01-01"}
    for kind in ("titular", "alternate"):
        coordinator.post("territory", f"{path}/seats", seat | {"kind": kind})
    session = {
        "held_on": (clock.today() - timedelta(days=150)).isoformat(),
        "agenda": "Plan de inversión del año (ficticio)\nCentro de acopio de las pescadoras",
        "women": 7,
        "men": 12,
        "organizations": [NETWORK],
    }
    held = coordinator.post("territory", f"{path}/sessions", session)["sessions"][0]
    promise = {
        "what": "Ceder el terreno del centro de acopio (ficticio)",
        "responsible": MUNICIPALITY,
        "due_on": (clock.today() - timedelta(days=20)).isoformat(),
    }
    coordinator.post("territory", f"{path}/sessions/{held['id']}/commitments", promise)
    return council


def _hearing(coordinator: Speaker) -> None:
    hearing = {
        "unit": "HN1709",
        "kind": "public_hearing",
        "title": "Audiencia sobre el presupuesto (ficticia)",
        "held_on": (clock.today() - timedelta(days=60)).isoformat(),
        "topics": "Qué piden las mujeres al presupuesto del año que viene.",
        "participants": [
            {"kind": "women_organizations", "institutions": 4, "women": 38, "men": 0},
            {"kind": "municipality", "institutions": 1, "women": 3, "men": 5},
            {"kind": "academy", "institutions": 1, "women": 2, "men": 1},
        ],
    }
    made = coordinator.post("territory", "/dialogues", hearing)
    agreed = {
        "what": "Mesa de seguimiento cada tres meses (ficticia)",
        "responsible": MUNICIPALITY,
        "due_on": (clock.today() + timedelta(days=30)).isoformat(),
    }
    coordinator.post("territory", f"/dialogues/{made['id']}/agreements", agreed)
    alliance = {
        "unit": "HN17",
        "name": "Alianza por el golfo (ficticia)",
        "purpose": "Llevar juntas propuestas a los planes municipales.",
        "members": [NETWORK, "Universidad Ficticia del Sur"],
        "begun_on": "2026-02-01",
    }
    coordinator.post("territory", "/alliances", alliance)


def _store(aims_at: dict[str, Any]) -> dict[str, Any]:
    return aims_at | {
        "unit": "HN1709",
        "title": "Centro de acopio con cuarto frío (ficticio)",
        "text": "Las pescadoras pierden parte de lo que sacan: no hay dónde guardarlo en frío (ejemplo ficticio).",
        "organization": NETWORK,
        "chain": "fishing",
        "costs": [
            {"year": 2026, "item": "Cuarto frío", "measure": "unidad", "quantity": 1, "unit_cost": money("380000.00")},
            {"year": 2027, "item": "Capacitación", "measure": "jornada", "quantity": 20, "unit_cost": money("6000.00")},
        ],
        "financing": [
            {"source": "municipality", "institution": MUNICIPALITY, "amount": money("420000.00")},
            {"source": "women_organizations", "institution": NETWORK, "amount": money("80000.00")},
        ],
        "women_total": 140,
        "women_direct": 45,
    }


def _fair() -> dict[str, Any]:
    return {
        "unit": "HN1709",
        "title": "Feria mensual de emprendedoras (ficticia)",
        "text": "Un día al mes en el parque, con toldos y transporte (ejemplo ficticio).",
        "organization": NETWORK,
        "costs": [
            {"year": 2027, "item": "Toldos", "measure": "unidad", "quantity": 30, "unit_cost": money("2500.00")},
        ],
        "financing": [{"source": "municipality", "institution": MUNICIPALITY, "amount": money("75000.00")}],
        "women_total": 60,
        "women_direct": 30,
    }


def _childcare() -> dict[str, Any]:
    return {
        "unit": "HN1709",
        "title": "Sala de cuidado junto al mercado (ficticia)",
        "text": "Para que las vendedoras trabajen mientras alguien cuida a sus hijas e hijos (ejemplo ficticio).",
        "organization": NETWORK,
        "chain": "retail",
        "costs": [
            {
                "year": 2027,
                "item": "Adecuar el local",
                "measure": "obra",
                "quantity": 1,
                "unit_cost": money("90000.00"),
            },
            {"year": 2027, "item": "Cuidadoras", "measure": "mes", "quantity": 12, "unit_cost": money("14000.00")},
        ],
        "financing": [
            {"source": "municipality", "institution": MUNICIPALITY, "amount": money("158000.00")},
            {"source": "cooperation", "institution": "Cooperación Ficticia", "amount": money("100000.00")},
        ],
        "women_total": 80,
        "women_direct": 25,
    }

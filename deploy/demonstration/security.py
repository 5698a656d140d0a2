"""What the demonstration's regulations ask beside the credit itself, and what its people give: figures of a month, a
score, guarantees, a group.
"""

from collections.abc import Callable
from typing import Any, Protocol

from deploy.demonstration.speaker import Speaker

Amount = Callable[[int], dict[str, str]]


class People(Protocol):
    def __getitem__(self, username: str) -> Speaker: ...


RULES: dict[str, Any] = {
    "capacity": {"share": 60, "source": "Artículo 11"},
    "scorecard": {
        "source": "Artículo 12",
        "minimum": 50,
        "criteria": [
            {
                "code": "share_of_surplus",
                "name": "Parte del excedente que toma la cuota",
                "weight": 40,
                "bands": [{"up_to": 40, "points": 100}, {"up_to": 70, "points": 60}, {"points": 0}],
            },
            {
                "code": "debt_service_coverage",
                "name": "Cobertura de lo que paga por deudas",
                "weight": 30,
                "bands": [{"up_to": 100, "points": 0}, {"up_to": 150, "points": 60}, {"points": 100}],
            },
            {
                "code": "records",
                "name": "Lleva cuentas",
                "weight": 30,
                "choices": [
                    {"code": "daily", "name": "Cuaderno al día", "points": 100},
                    {"code": "some", "name": "Apuntes sueltos", "points": 50},
                    {"code": "none", "name": "No lleva", "points": 0},
                ],
            },
        ],
    },
    "guarantees": {
        "source": "Artículo 13",
        "times": 2,
        "counts": {"pledge": 60, "mortgage": 80},
        "products": [{"product": "equipo", "coverage": [[5_000_000, 100]]}],
    },
    "groups": {"source": "Artículo 18", "minimum": 3, "maximum": 10, "products": ["capital"]},
}


def figures(money: Amount) -> dict[str, Any]:
    """A month of a small trade, in detail."""
    lines = (
        ("sales", "Venta en el puesto", 15_000),
        ("sales", "Encargos de temporada", 9_000),
        ("cost_of_goods", "Materia prima", 8_000),
        ("business_expense", "Puesto y transporte", 2_000),
        ("household_expense", "Comida, escuela, luz", 3_500),
    )
    assets = (("cash", 4_000), ("stock", 9_500), ("receivables", 1_500), ("equipment", 32_000))
    return {
        "lines": [{"kind": kind, "what": what, "amount": money(amount)} for kind, what, amount in lines],
        "debts": [{"lender": "Cooperativa de ejemplo", "balance": money(6_400), "monthly_payment": money(800)}],
        "assets": {name: money(amount) for name, amount in assets},
    }


def form_group(people: People, fund: str, applications: list[str]) -> str:
    """A group of these applications, whose members answer for each other."""
    body = {"fund_id": fund, "name": "Las Madrugadoras (grupo ficticio)", "applications": applications}
    return str(people["oficial"].post("credit", "/groups", body)["id"])


def guarantee(people: People, application: str, money: Amount) -> None:
    """A pledge, and a guarantor who stands in no register."""
    path = f"/applications/{application}/guarantees"
    pledge = {"kind": "pledge", "value": money(9_000), "description": "Congelador, con su factura"}
    people["tecnica"].post("credit", path, pledge)
    person = {"name": "Persona Inventada Ejemplo", "document": "0000-0000-00000"}
    people["tecnica"].post("credit", path, {"kind": "guarantor", "value": money(15_000), "person": person})

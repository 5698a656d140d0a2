"""The demonstration's fund of seed capital, and one award of which the first part is shown and the second paid."""

from datetime import timedelta
from typing import Any

from deploy.demonstration.inventory import Entered
from deploy.demonstration.lending import (
    COMMITTEE,
    CURRENCY,
    NAMES,
    SIGNATORIES,
    UNITS,
    Lending,
    Speakers,
    decide,
    money,
)
from shared.kernel import clock

PARAMETERS = {
    "seed": {
        "source": "Artículo 4",
        "products": [
            {
                "code": "arranque",
                "name": "Capital de arranque",
                "kind": "grant",
                "minimum": 200_000,
                "maximum": 2_500_000,
                "own_share": "20",
                "parts": 2,
                "largest_first": "60",
            },
            {
                "code": "aporte",
                "name": "Aporte sin intereses",
                "kind": "contribution",
                "minimum": 200_000,
                "maximum": 4_000_000,
                "own_share": "10",
                "return_months": 18,
            },
        ],
    },
    "quorum": {"seats": 3, "majority": "simple"},
    "eligibility": ["consent_credit", "has_owner"],
    "sources": {"quorum": "Artículo 6", "eligibility": "Artículo 3"},
}
_PAPER = b"%PDF-1.4\n% Factura ficticia\n%%EOF"


def set_up_seed(people: Speakers) -> Lending:
    """A fund that gives to start with, its regulations and its committee."""
    coordinator, today = people["coordinadora"], clock.today().isoformat()
    fund = coordinator.post(
        "credit",
        "/funds",
        {
            "code": "FSG",
            "kind": "seed_capital",
            "name": "Fondo Semilla del Golfo (demostración)",
            "centre": "CSEM Golfo de Fonseca (demostración)",
            "host": "ADEL del Golfo (ficticia)",
            "trustee": "Banco de Ejemplo, S. A.",
            "trustee_account": "000-000-0002",
            "currency": CURRENCY,
            "units": list(UNITS),
            "reserve": money(0),
        },
    )["id"]
    rules: dict[str, Any] = {
        "title": "Reglamento de capital semilla (demostración)",
        "source": "Acuerdo ficticio, para mostrar el sistema",
    }
    rules |= {"valid_from": today, "signatories": SIGNATORIES, "parameters": PARAMETERS}
    coordinator.post("credit", f"/funds/{fund}/regulations", rules)
    given = {"funder": "Cooperación de Ejemplo", "source": "donor", "repayable": False}
    coordinator.post("credit", f"/funds/{fund}/contributions", given | {"amount": money(400_000), "received_on": today})
    committee = coordinator.post(
        "credit", "/committees", {"fund_id": fund, "name": "Comité de capital semilla (demostración)"}
    )["id"]
    for username, constituency, position, organization in COMMITTEE:
        seat = {"constituency": constituency, "position": position, "subject": people.ids[username]}
        seat |= {"name": NAMES[username], "organization": organization, "since": today}
        coordinator.post("credit", f"/committees/{committee}/seats", seat)
    return Lending(fund, committee)


def give(people: Speakers, seed: Lending, enterprises: list[Entered]) -> None:
    """Two months ago a woman was awarded a grant in two parts; the first is shown and verified, the second paid."""
    asking = [one for one in enterprises if one.creditworthy and one.municipality.startswith(UNITS)][-1]
    with clock.frozen(clock.now() - timedelta(days=60)):
        application = _apply(people, seed, asking)
        decide(people, seed, [application])
        award = people["cajera"].post("credit", f"/applications/{application}/award")
        _pay(people, award, 0)
    with clock.frozen(clock.now() - timedelta(days=25)):
        first = f"/seed-awards/{award['id']}/milestones/{award['milestones'][0]['id']}"
        people["tecnica"].post(
            "credit", f"{first}/evidence", files={"file": ("factura.pdf", _PAPER, "application/pdf")}
        )
        people["coordinadora"].post("credit", f"{first}/verification", {"note": "Visto en el local."})
        _pay(people, award, 1)


def _apply(people: Speakers, seed: Lending, enterprise: Entered) -> str:
    body: dict[str, Any] = {
        "fund_id": seed.fund,
        "enterprise_id": enterprise.id,
        "product": "arranque",
        "amount": money(15_000),
    }
    body |= {"instalments": 1, "purpose": "equipment", "project": "Empezar a vender tortillas con un comal propio."}
    application = str(people["tecnica"].post("credit", "/applications", body)["id"])
    found: dict[str, Any] = {
        "visited_on": clock.today().isoformat(),
        "recommendation": "approve",
        "amount": money(15_000),
    }
    found |= {"monthly_income": money(0), "monthly_expense": money(0), "monthly_debts": money(0), "instalments": 1}
    people["oficial"].post("credit", f"/applications/{application}/appraisals", found)
    days = [(clock.today() + timedelta(days=later)).isoformat() for later in (30, 120)]
    parts: list[dict[str, Any]] = [
        {"text": "Comprar el comal y la mesa", "evidence": "Factura", "amount": money(9_000), "due_on": days[0]},
        {"text": "Primer mes de ventas", "evidence": "Cuaderno de ventas", "amount": money(6_000), "due_on": days[1]},
    ]
    plan = {"own_contribution": money(4_000), "milestones": parts}
    people["oficial"].post("credit", f"/applications/{application}/milestones", plan)
    return application


def _pay(people: Speakers, award: dict[str, Any], part: int) -> None:
    there = f"/seed-awards/{award['id']}/milestones/{award['milestones'][part]['id']}/payment"
    people["cajera"].post("credit", there, {"paid_on": clock.today().isoformat()})

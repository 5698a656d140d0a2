"""The demonstration's trust fund, its committee, and loans in every state of their life."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from deploy.demonstration.accounts import ACCOUNTS
from deploy.demonstration.inventory import Entered
from deploy.demonstration.speaker import Speaker
from shared.kernel import clock

CURRENCY = "HNL"
UNITS = ("HN06", "HN17")
COMMITTEE = (
    ("comite.mujeres", "women_organizations", "chair", "Red de Mujeres del Golfo (ficticia)"),
    ("comite.csem", "csem", "secretary", "CSEM Golfo de Fonseca (demostración)"),
    ("comite.adel", "leda", "member", "ADEL del Golfo (ficticia)"),
)
_NAMES = {account.username: account.person for account in ACCOUNTS}
PARAMETERS = {
    "products": [
        {
            "code": "capital",
            "name": "Capital de trabajo",
            "minimum": 300_000,
            "maximum": 6_000_000,
            "shortest": 3,
            "longest": 24,
            "annual_rate": "18",
            "longest_grace": 3,
        },
        {
            "code": "equipo",
            "name": "Equipo y herramienta",
            "minimum": 1_000_000,
            "maximum": 15_000_000,
            "shortest": 6,
            "longest": 36,
            "annual_rate": "15",
            "longest_grace": 6,
            "longest_first_period": 60,
            "shift": "next",
        },
        {
            "code": "cosecha",
            "name": "Cosecha de marañón",
            "minimum": 300_000,
            "maximum": 6_000_000,
            "shortest": 2,
            "longest": 2,
            "annual_rate": "16",
            "method": "agreed_shares",
            "day_count": "actual/365",
            "calendar": ["04-15", "06-15"],
            "shares": ["40", "60"],
            "shortest_first_period": 60,
            "shift": "next",
        },
    ],
    "quorum": {"seats": 3, "majority": "simple"},
    "conflicts": {"degree": 4, "source": "Artículo 9"},
    "approvals": {"days": 60, "source": "Artículo 16"},
    "reasons": {
        "source": "Artículo 14",
        "items": [
            {"code": "capacity", "name": "Capacidad de pago insuficiente", "choices": ["refuse"]},
            {"code": "papers", "name": "Faltan documentos", "choices": ["refuse", "defer"]},
        ],
    },
}
_SIGNATORIES = [
    {"name": "Perla Imaginaria", "office": "Dirección de la ADEL"},
    {"name": "Iris Ficticia", "office": "Red de Mujeres del Golfo"},
]


class _People(Protocol):
    ids: dict[str, str]

    def __getitem__(self, username: str) -> Speaker: ...


@dataclass(frozen=True)
class Lending:
    """The fund and its committee, by id."""

    fund: str
    committee: str


def money(amount: int) -> dict[str, str]:
    """Whole lempiras as the API writes them."""
    return {"amount": f"{amount}.00", "currency": CURRENCY}


def set_up_lending(people: _People, units: tuple[str, ...] = UNITS, contribution: int = 2_500_000) -> Lending:
    """A fund with a first contribution, regulations and a committee of the three constituencies."""
    coordinator, today = people["coordinadora"], clock.today().isoformat()
    fund = coordinator.post(
        "credit",
        "/funds",
        {
            "code": "FGF",
            "name": "Fideicomiso Golfo de Fonseca (demostración)",
            "centre": "CSEM Golfo de Fonseca (demostración)",
            "host": "ADEL del Golfo (ficticia)",
            "trustee": "Banco de Ejemplo, S. A.",
            "trustee_account": "000-000-0001",
            "currency": CURRENCY,
            "units": list(units),
            "reserve": money(100_000),
        },
    )["id"]
    coordinator.post(
        "credit",
        f"/funds/{fund}/regulations",
        {
            "title": "Reglamento de crédito (demostración)",
            "source": "Acuerdo ficticio entre la ADEL, el CSEM y la Red de Mujeres, para mostrar el sistema",
            "valid_from": today,
            "signatories": _SIGNATORIES,
            "parameters": PARAMETERS,
        },
    )
    coordinator.post(
        "credit",
        f"/funds/{fund}/contributions",
        {
            "funder": "Cooperación de Ejemplo",
            "source": "international_organization",
            "repayable": False,
            "amount": money(contribution),
            "received_on": today,
        },
    )
    committee = coordinator.post(
        "credit", "/committees", {"fund_id": fund, "name": "Comité de crédito del Golfo (demostración)"}
    )["id"]
    for username, constituency, position, organization in COMMITTEE:
        coordinator.post(
            "credit",
            f"/committees/{committee}/seats",
            {
                "constituency": constituency,
                "position": position,
                "subject": people.ids[username],
                "name": _NAMES[username],
                "organization": organization,
                "since": today,
            },
        )
    return Lending(fund, committee)


def lend(people: _People, lending: Lending, enterprises: list[Entered]) -> None:
    """Three past sessions whose loans are settled, current or in arrears; and today's applications at every stage."""
    asking = _creditworthy(enterprises)
    for days_ago, count, paid in ((330, 4, "all"), (200, 5, "current"), (100, 5, "some")):
        with clock.frozen(clock.now() - timedelta(days=days_ago)):
            applications = [_apply(people, lending, next(asking), 6) for _ in range(count)]
            decide(people, lending, applications)
            loans = [_disburse(people, application) for application in applications]
        for number, loan in enumerate(loans):
            _repay(people, loan, months=days_ago // 30, behind=_behind(paid, number))
    _today(people, lending, asking)


def _behind(paid: str, number: int) -> int:
    """How many instalments a borrower lags: nobody, or every second one of those who pay `some`."""
    return {"all": 0, "current": number % 2, "some": 1 + number % 3}[paid]


def _creditworthy(enterprises: list[Entered]) -> Iterator[Entered]:
    return (one for one in enterprises if one.creditworthy and one.municipality.startswith(UNITS))


def _apply(people: _People, lending: Lending, enterprise: Entered, instalments: int) -> str:
    """An appraised application."""
    application = submit(people, lending, enterprise, instalments)
    appraise(people, application, instalments)
    return application


def submit(people: _People, lending: Lending, enterprise: Entered, instalments: int) -> str:
    """An application for 12,000 to 30,000 lempiras."""
    body = {
        "fund_id": lending.fund,
        "enterprise_id": enterprise.id,
        "product": "capital",
        "amount": money(_amount(enterprise)),
        "instalments": instalments,
        "purpose": "working_capital" if enterprise.chain == "retail" else "inputs",
        "project": "Comprar insumos para la temporada alta y surtir dos puntos de venta más.",
    }
    return str(people["oficial"].post("credit", "/applications", body)["id"])


def _amount(enterprise: Entered) -> int:
    return 12_000 + 1_000 * (int(enterprise.id[-2:], 16) % 19)


def appraise(people: _People, application: str, instalments: int) -> None:
    """The technician visited and recommends what was asked for."""
    asked = people["oficial"].get("credit", f"/applications/{application}")["amount"]
    people["tecnica"].post(
        "credit",
        f"/applications/{application}/appraisals",
        {
            "visited_on": clock.today().isoformat(),
            "monthly_income": money(24_000),
            "monthly_expense": money(13_500),
            "monthly_debts": money(800),
            "recommendation": "approve",
            "amount": asked,
            "instalments": instalments,
            "guarantees": "Fianza solidaria del grupo",
            "remarks": "Lleva cuaderno de ventas; vende por encargo en la temporada.",
            "assistance_needs": ["market", "training"],
        },
    )


def convene(people: _People, lending: Lending, applications: list[str], in_days: int = 0) -> str:
    """A session with these applications on its agenda."""
    session = people["coordinadora"].post(
        "credit",
        "/sessions",
        {
            "committee_id": lending.committee,
            "held_on": (clock.today() + timedelta(days=in_days)).isoformat(),
            "held_at": "09:30",
            "place": "Sala de la ADEL, Choluteca",
        },
    )["id"]
    for application in applications:
        people["coordinadora"].post("credit", f"/sessions/{session}/agenda", {"application_id": application})
    return str(session)


def _notify(people: _People, session: str) -> None:
    """Everybody on the committee was told of the session by phone."""
    seats = [seat["id"] for seat in people["coordinadora"].get("credit", f"/sessions/{session}")["seats"]]
    people["coordinadora"].post("credit", f"/sessions/{session}/notifications", {"seats": seats, "channel": "phone"})


def decide(people: _People, lending: Lending, applications: list[str], choice: str = "approve") -> str:
    """A session of the full committee that votes `choice` on every application; its acta is made."""
    session = convene(people, lending, applications)
    chair = people["comite.mujeres"]
    room = chair.get("credit", f"/sessions/{session}")
    room = chair.post("credit", f"/sessions/{session}/opening", {"present": [seat["id"] for seat in room["seats"]]})
    for item in room["agenda"]:
        for username, *_ in COMMITTEE:
            vote = {"choice": choice}
            if choice != "approve":
                vote |= {"reason": "Falta la constancia de la feria.", "reason_code": "papers"}
            people[username].post("credit", f"/sessions/{session}/items/{item['id']}/votes", vote)
        chair.post("credit", f"/sessions/{session}/items/{item['id']}/closing")
    chair.post("credit", f"/sessions/{session}/closing")
    return session


def _disburse(people: _People, application: str) -> dict[str, Any]:
    body = {"disbursed_on": clock.today().isoformat()}
    loan: dict[str, Any] = people["cajera"].post("credit", f"/applications/{application}/disbursement", body)
    return loan


def _repay(people: _People, loan: dict[str, Any], *, months: int, behind: int) -> None:
    """Pay the instalments that fell due in `months`, all but the last `behind` of them, each on its day."""
    for instalment in loan["instalments"][: max(0, months - behind)]:
        body = {"amount": instalment["payment"], "paid_on": instalment["due"], "channel": "cash"}
        people["cajera2"].post("credit", f"/loans/{loan['id']}/repayments", body)


def _today(people: _People, lending: Lending, asking: Iterator[Entered]) -> None:
    with clock.frozen(clock.now() - timedelta(days=12)):
        decide(people, lending, [_apply(people, lending, next(asking), 9)], "refuse")
        decide(people, lending, [_apply(people, lending, next(asking), 9)], "defer")
        decide(people, lending, [_apply(people, lending, next(asking), 12) for _ in range(2)])
    with clock.frozen(clock.now() - timedelta(days=4)):
        called = convene(people, lending, [_apply(people, lending, next(asking), 12) for _ in range(3)], in_days=6)
        _notify(people, called)
    for _ in range(2):
        _apply(people, lending, next(asking), 6)
    for _ in range(3):
        submit(people, lending, next(asking), 6)

"""The demonstration's trust fund, its committee, and loans in every state of their life."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from deploy.demonstration.accounts import ACCOUNTS
from deploy.demonstration.inventory import Entered
from deploy.demonstration.security import RULES, figures, form_group, guarantee
from deploy.demonstration.speaker import Speaker
from shared.kernel import clock

CURRENCY = "HNL"
UNITS = ("HN06", "HN17")
COMMITTEE = (
    ("comite.mujeres", "women_organizations", "chair", "Red de Mujeres del Golfo (ficticia)"),
    ("comite.csem", "csem", "secretary", "CSEM Golfo de Fonseca (demostración)"),
    ("comite.adel", "leda", "member", "ADEL del Golfo (ficticia)"),
)
NAMES = {account.username: account.person for account in ACCOUNTS}
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
            "tranches": 3,
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
    "sources": {
        "products": "Artículo 5",
        "quorum": "Artículo 10",
        "eligibility": "Artículo 4",
        "income_shares": "Artículo 22",
    },
    "conflicts": {"degree": 4, "source": "Artículo 9"},
    "approvals": {"days": 60, "source": "Artículo 16"},
    "income_shares": {"period": "quarter", "shares": [{"to": "ADEL del Golfo (ficticia)", "percent": "30"}]},
    **RULES,
    "reasons": {
        "source": "Artículo 14",
        "items": [
            {"code": "capacity", "name": "Capacidad de pago insuficiente", "choices": ["refuse"]},
            {"code": "papers", "name": "Faltan documentos", "choices": ["refuse", "defer"]},
        ],
    },
    "eligibility": [
        *("active", "consent_credit", "validated", "no_loan_in_force", "has_owner"),
        {"rule": "centre"},
    ],
    "file": {
        "source": "Artículo 7",
        "items": [
            {"kind": "quotation", "name": "Cotización de lo que se comprará", "from_amount": 2_000_000},
        ],
    },
    "pipeline": {"source": "Artículo 8", "days": {"submitted": 10, "appraised": 15, "deferred": 10, "approved": 20}},
    "competence": {
        "levels": [
            {"name": "Comité de crédito", "up_to": 10_000_000},
            {"name": "Comité de crédito con visto bueno", "assent": True},
        ],
        "assents": 2,
        "source": "Artículo 12",
    },
    "concentration": {"borrower": "8", "chain": "50", "of": "capital", "source": "Artículo 20"},
}
PLAN = {
    "unit": "HN17",
    "kind": "pdd",
    "title": "Plan de desarrollo de Valle (ficticio)",
    "source": "Acuerdo ficticio, para mostrar el sistema",
    "valid_from": "2024-01-01",
    "chains": ["fishing", "cashew", "food_processing"],
}
QUOTATION = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 200]/Resources<</Font<</F 4 0 R>>>>/Contents 5 0 R>>endobj
4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
5 0 obj<</Length 58>>stream
BT /F 18 Tf 40 120 Td (Ferreteria Ficticia: cotizacion) Tj ET
endstream endobj
trailer<</Root 1 0 R>>
%%EOF
"""
SIGNATORIES = [
    {"name": "Perla Imaginaria", "office": "Dirección de la ADEL"},
    {"name": "Iris Ficticia", "office": "Red de Mujeres del Golfo"},
]
_LETTER = {
    "title": "Carta Convenio de administración (demostración)",
    "source": "Firmada entre la ADEL del Golfo (ficticia) y el Banco de Ejemplo, S. A.",
    "trustee": "Banco de Ejemplo, S. A.",
    "trustee_account": "000-000-0001",
    "parties": [
        {"name": "ADEL del Golfo (ficticia)", "role": "host"},
        {"name": "Banco de Ejemplo, S. A.", "role": "trustee"},
    ],
    "signatories": [*SIGNATORIES[:1], {"name": "Dalia Inexistente", "office": "Gerencia del banco"}],
    "parameters": {
        "trustee_income_share": "5",
        "maximum_disbursement": 20_000_000,
        "reserve_floor": 5_000_000,
        "withdrawal_signatures": ["Dirección de la ADEL", "Contabilidad"],
    },
}


class Speakers(Protocol):
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


def set_up_lending(people: Speakers, units: tuple[str, ...] = UNITS, contribution: int = 2_500_000) -> Lending:
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
            "signatories": SIGNATORIES,
            "parameters": PARAMETERS,
        },
    )
    coordinator.post("credit", f"/funds/{fund}/agreements", _LETTER | {"valid_from": today})
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
    for seat in COMMITTEE:
        _seat(people, "coordinadora", committee, *seat)
    body = {"fund_id": fund, "name": "Comité del fideicomiso del Golfo (demostración)", "kind": "trust_fund"}
    watching = people["admin"].post("credit", "/committees", body)["id"]
    _seat(people, "admin", watching, "fideicomiso", "trustee", "chair", "Banco de Ejemplo, S. A.")
    return Lending(fund, committee)


def _seat(
    people: Speakers, keeper: str, committee: str, username: str, constituency: str, position: str, organization: str
) -> None:
    """A mandate from today on, given by `keeper`, for who has this account."""
    people[keeper].post(
        "credit",
        f"/committees/{committee}/seats",
        {
            "constituency": constituency,
            "position": position,
            "subject": people.ids[username],
            "name": NAMES[username],
            "organization": organization,
            "since": clock.today().isoformat(),
        },
    )


def lend(people: Speakers, lending: Lending, enterprises: list[Entered]) -> None:
    """Three past sessions whose loans are settled, current or in arrears; and today's applications at every stage."""
    asking = _creditworthy(enterprises)
    for days_ago, count, paid in ((330, 4, "all"), (200, 5, "current"), (100, 5, "some")):
        with clock.frozen(clock.now() - timedelta(days=days_ago)):
            applications = [_apply(people, lending, next(asking), 6) for _ in range(count)]
            grouped = applications[:3] if paid == "some" else []
            group = form_group(people, lending.fund, grouped) if grouped else None
            decide(people, lending, applications[len(grouped) :], group=group)
            loans = [_disburse(people, application) for application in applications]
        for number, loan in enumerate(loans):
            _repay(people, loan, months=days_ago // 30, behind=_behind(paid, number))
            if paid == "some":
                _follow(people, loan, number)
    _put_right(people, loans[0])
    _change(people, lending, loans[-1], loans[2])
    _today(people, lending, asking)


def _behind(paid: str, number: int) -> int:
    """How many instalments a borrower lags: nobody, or every second one of those who pay `some`."""
    return {"all": 0, "current": number % 2, "some": 1 + number % 3}[paid]


def _creditworthy(enterprises: list[Entered]) -> Iterator[Entered]:
    return (one for one in enterprises if one.creditworthy and one.municipality.startswith(UNITS))


def _apply(people: Speakers, lending: Lending, enterprise: Entered, instalments: int) -> str:
    """An appraised application."""
    application = submit(people, lending, enterprise, instalments)
    appraise(people, application, instalments)
    return application


def submit(people: Speakers, lending: Lending, enterprise: Entered, instalments: int) -> str:
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


def _attach_quotation(people: Speakers, application: str) -> None:
    people["tecnica"].post(
        "credit",
        f"/applications/{application}/attachments",
        files={"file": ("cotizacion.pdf", QUOTATION, "application/pdf")},
        data={"kind": "quotation"},
    )


def _beyond_the_committee(people: Speakers, lending: Lending, enterprise: Entered) -> None:
    """A large approval, to which one of the two members who must has given her assent."""
    body = {
        "fund_id": lending.fund,
        "enterprise_id": enterprise.id,
        "product": "equipo",
        "amount": money(120_000),
        "instalments": 30,
        "purpose": "equipment",
        "project": "Comprar un horno industrial y un vehículo de reparto usado.",
    }
    application = str(people["oficial"].post("credit", "/applications", body)["id"])
    appraise(people, application, 30)
    pledge = {"kind": "mortgage", "value": money(160_000), "description": "Local del mercado, con su escritura"}
    people["tecnica"].post("credit", f"/applications/{application}/guarantees", pledge)
    decide(people, lending, [application])
    people["fideicomiso"].post("credit", f"/funds/{lending.fund}/assents/{application}", {"gives": True})


def _amount(enterprise: Entered) -> int:
    return 12_000 + 1_000 * (int(enterprise.id[-2:], 16) % 19)


def appraise(people: Speakers, application: str, instalments: int) -> None:
    """The technician visited, brought a quotation along and recommends what was asked for."""
    _attach_quotation(people, application)
    asked = people["oficial"].get("credit", f"/applications/{application}")["amount"]
    people["tecnica"].post(
        "credit",
        f"/applications/{application}/appraisals",
        {
            "visited_on": clock.today().isoformat(),
            "figures": figures(money),
            "answers": [{"criterion": "records", "choice": "daily"}],
            "recommendation": "approve",
            "amount": asked,
            "instalments": instalments,
            "guarantees": "Fianza solidaria del grupo",
            "remarks": "Lleva cuaderno de ventas; vende por encargo en la temporada.",
            "assistance_needs": ["market", "training"],
        },
    )


def convene(
    people: Speakers, lending: Lending, applications: list[str], in_days: int = 0, group: str | None = None
) -> str:
    """A session with these applications, and those of a group, on its agenda."""
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
    if group:
        people["coordinadora"].post("credit", f"/sessions/{session}/agenda/groups", {"group_id": group})
    return str(session)


def _notify(people: Speakers, session: str) -> None:
    """Everybody on the committee was told of the session by phone."""
    seats = [seat["id"] for seat in people["coordinadora"].get("credit", f"/sessions/{session}")["seats"]]
    people["coordinadora"].post("credit", f"/sessions/{session}/notifications", {"seats": seats, "channel": "phone"})


def decide(
    people: Speakers, lending: Lending, applications: list[str], choice: str = "approve", group: str | None = None
) -> str:
    """A session of the full committee that votes `choice` on every application, those of a group too; its acta is
    made.
    """
    session = convene(people, lending, applications, group=group)
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


def _disburse(people: Speakers, application: str) -> dict[str, Any]:
    body = {"disbursed_on": clock.today().isoformat()}
    loan: dict[str, Any] = people["cajera"].post("credit", f"/applications/{application}/disbursement", body)
    return loan


def _repay(people: Speakers, loan: dict[str, Any], *, months: int, behind: int) -> None:
    """Pay the instalments that fell due in `months`, all but the last `behind` of them, each on its day."""
    for instalment in loan["instalments"][: max(0, months - behind)]:
        body = {"amount": instalment["payment"], "paid_on": instalment["due"], "channel": "cash"}
        people["cajera2"].post("credit", f"/loans/{loan['id']}/repayments", body)


def _change(people: Speakers, lending: Lending, late: dict[str, Any], lost: dict[str, Any]) -> None:
    """One of those in arrears is given a new plan by resolution; of another it is asked that she be written off."""
    plan = _asked(people, late, "reschedule", {"instalments": 8})
    decide(people, lending, [plan])
    people["coordinadora"].post("credit", f"/applications/{plan}/execution", {})
    _asked(people, lost, "write_off", {})


def _asked(people: Speakers, loan: dict[str, Any], kind: str, wanted: dict[str, Any]) -> str:
    """A change of a loan, appraised."""
    reason = "El invierno se llevó la mercadería; paga una parte cada mes."
    body = {"kind": kind, "reason": reason, **wanted}
    application = str(people["oficial"].post("credit", f"/loans/{loan['id']}/changes", body)["id"])
    people["tecnica"].post(
        "credit",
        f"/applications/{application}/change-appraisals",
        {
            "visited_on": clock.today().isoformat(),
            "monthly_income": money(12_000),
            "monthly_expense": money(10_500),
            "monthly_debts": money(0),
            "recommendation": "approve",
            "remarks": "Volvió a vender en el mercado; lleva sus cuentas.",
            **wanted,
        },
    )
    return application


def _follow(people: Speakers, loan: dict[str, Any], number: int) -> None:
    """What the technician did about a loan that lags: a promise that was broken, one that is open, a visit, nothing."""
    with clock.frozen(clock.now() - timedelta(days=9)):
        today = clock.today()
        noted: dict[str, Any] = {"done_on": today.isoformat(), "result": "reached", "note": "Espera cobrar una venta."}
        promised = {"kind": "promise", "promised_amount": loan["instalments"][0]["payment"]}
        actions = (
            promised | {"promised_on": (today + timedelta(days=4)).isoformat()},
            promised | {"promised_on": (today + timedelta(days=12)).isoformat()},
            {"kind": "visit", "next_on": (today + timedelta(days=9)).isoformat()},
        )
        if number < len(actions):
            people["tecnica"].post("credit", f"/loans/{loan['id']}/collection", noted | actions[number])


def _put_right(people: Speakers, loan: dict[str, Any]) -> None:
    """A repayment of a wrong amount is reversed by somebody else than who took it."""
    body = {"amount": money(150), "paid_on": clock.today().isoformat(), "channel": "cash", "slip": "A-0117"}
    taken = people["cajera2"].post("credit", f"/loans/{loan['id']}/repayments", body)
    reversal = {"reason": "Monto equivocado: la prestataria lo llevó de vuelta"}
    people["oficial"].post("credit", f"/repayments/{taken['id']}/reversal", reversal)


def _today(people: Speakers, lending: Lending, asking: Iterator[Entered]) -> None:
    with clock.frozen(clock.now() - timedelta(days=12)):
        decide(people, lending, [_apply(people, lending, next(asking), 9)], "refuse")
        decide(people, lending, [_apply(people, lending, next(asking), 9)], "defer")
        decide(people, lending, [_apply(people, lending, next(asking), 12) for _ in range(2)])
    with clock.frozen(clock.now() - timedelta(days=8)):
        _beyond_the_committee(people, lending, next(asking))
    with clock.frozen(clock.now() - timedelta(days=4)):
        waiting = [_apply(people, lending, next(asking), 12) for _ in range(3)]
        guarantee(people, waiting[0], money)
        called = convene(people, lending, waiting, in_days=6)
        _notify(people, called)
    for _ in range(2):
        _apply(people, lending, next(asking), 6)
    for _ in range(3):
        submit(people, lending, next(asking), 6)

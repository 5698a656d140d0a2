"""A house whose fund gives seed capital, and the steps of an award."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from services.credit.models import Application, SeedAward, SeedPlan
from services.credit.use_cases.award_seed import award_seed, pay_part
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.follow_award import show_part, verify_part
from services.credit.use_cases.form_committee import form_committee, take_seat
from services.credit.use_cases.keep_fund import adopt_regulations, open_fund, record_contribution
from services.credit.use_cases.propose_milestones import propose_milestones
from shared.identity import Caller
from shared.kernel import clock
from tests.credit.house import CASHIER, CHAIR, COORDINATOR, OFFICER, SEATS, TECHNICIAN, URL, House, lempiras, names

PDF = b"%PDF-1.7\n%%EOF"
SEED: dict[str, Any] = {
    "source": "Acuerdo 2/2025",
    "products": [
        {
            "code": "arranque",
            "name": "Capital de arranque",
            "kind": "grant",
            "minimum": 1_000_00,
            "maximum": 20_000_00,
            "own_share": "20",
            "parts": 2,
            "largest_first": "60",
        },
        {
            "code": "aporte",
            "name": "Aporte sin intereses",
            "kind": "contribution",
            "minimum": 1_000_00,
            "maximum": 20_000_00,
            "return_months": 12,
        },
    ],
}
RULES: dict[str, Any] = {
    "seed": SEED,
    "quorum": {"seats": 3, "majority": "simple"},
    "eligibility": ["consent_credit", "has_owner"],
}


def seed_house(session: Session, **rules: Any) -> House:
    """A fund of seed capital with 100,000.00, its regulations and its committee."""
    fund = open_fund(
        session,
        COORDINATOR,
        code="SEM",
        name="Fondo Semilla del Golfo",
        centre="CSEM Golfo de Fonseca",
        host="ADEL Valle",
        trustee="Banco Fiduciario de Prueba",
        trustee_account="000-222",
        currency="HNL",
        units=["HN17"],
        reserve=lempiras("0.00"),
        kind="seed_capital",
    )
    adopt_seed(session, fund.id, **rules)
    committee = form_committee(session, COORDINATOR, fund_id=fund.id, name="Comité de Semilla")
    seats = {
        who.subject: take_seat(
            session,
            COORDINATOR,
            committee_id=committee.id,
            constituency=constituency,
            position=position,
            subject=who.subject,
            name=who.name,
            organization=organization,
            since=date(2025, 1, 1),
        ).id
        for who, constituency, position, organization in SEATS
    }
    record_contribution(
        session,
        COORDINATOR,
        fund_id=fund.id,
        funder="Cooperación",
        source="donor",
        repayable=False,
        amount=lempiras("100000.00"),
        received_on=date(2025, 1, 2),
    )
    return House(session, fund, committee.id, seats)


def adopt_seed(session: Session, fund_id: Any, **rules: Any) -> Any:
    return adopt_regulations(
        session,
        COORDINATOR,
        fund_id=fund_id,
        title="Reglamento de Capital Semilla",
        source="Acuerdo 2/2025",
        valid_from=date(2025, 1, 1),
        signatories=[{"name": "Ana Firmante", "office": "ADEL"}],
        parameters=RULES | rules,
    )


def parts(*amounts: str, days: int = 30) -> list[dict[str, Any]]:
    """Parts of these amounts, one due every so many days."""
    return [
        {
            "text": f"Paso {number}",
            "evidence": "Factura y fotografía",
            "amount": lempiras(amount),
            "due_on": clock.today() + timedelta(days=days * number),
        }
        for number, amount in enumerate(amounts, start=1)
    ]


def applied(house: House, product: str = "arranque", **facts: Any) -> Application:
    return house.submitted(**({"product": product, "instalments": 1} | facts))


def propose(
    house: House, application: Application, *amounts: str, own: str = "2500.00", by: Caller = OFFICER
) -> SeedPlan:
    return propose_milestones(
        house.session,
        by,
        application_id=application.id,
        own_contribution=lempiras(own),
        milestones=parts(*(amounts or ("6000.00", "4000.00"))),
    )


def planned(house: House, product: str = "arranque", *amounts: str, **facts: Any) -> Application:
    application = house.appraise(applied(house, product, **facts))
    propose(house, application, *amounts)
    return application


def approved(house: House, product: str = "arranque", *amounts: str, **facts: Any) -> Application:
    """Approved by the committee with its parts."""
    application = planned(house, product, *amounts, **facts)
    meeting = house.opened(application)
    house.vote(meeting)
    close_item(house.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
    return application


def award(house: House, application: Application, by: Caller = OFFICER) -> SeedAward:
    return award_seed(house.session, by, application_id=application.id, names=names, public_url=URL)


def awarded(house: House, product: str = "arranque", *amounts: str) -> SeedAward:
    return award(house, approved(house, product, *amounts))


def pay(house: House, found: SeedAward, number: int = 1, by: Caller = CASHIER, day: date | None = None) -> None:
    part = found.milestones[number - 1]
    pay_part(house.session, by, award_id=found.id, milestone_id=part.id, paid_on=day or clock.today())


def show(house: House, found: SeedAward, number: int = 1, content: bytes = PDF, by: Caller = TECHNICIAN) -> None:
    part = found.milestones[number - 1]
    show_part(house.session, by, award_id=found.id, milestone_id=part.id, name="factura.pdf", content=content)


def verify(house: House, found: SeedAward, number: int = 1, by: Caller = COORDINATOR) -> None:
    part = found.milestones[number - 1]
    verify_part(house.session, by, award_id=found.id, milestone_id=part.id, note="Visto en el lugar")

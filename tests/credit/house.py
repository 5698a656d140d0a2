"""A small credit house to test in: a fund with its regulations and its committee, and people to act in it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from services.credit.directory import Borrower, Owner
from services.credit.models import (
    Application,
    CommitteeSession,
    CopyEnterprise,
    CreditRegulations,
    Loan,
    Repayment,
    TrustFund,
)
from services.credit.use_cases.appraise_application import appraise_application
from services.credit.use_cases.cast_vote import cast_vote
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.convene_session import convene_session, place_on_agenda
from services.credit.use_cases.disburse_loan import disburse_loan
from services.credit.use_cases.form_committee import form_committee, take_seat
from services.credit.use_cases.hold_session import open_session
from services.credit.use_cases.keep_fund import adopt_regulations, open_fund, record_contribution
from services.credit.use_cases.post_repayment import post_repayment
from services.credit.use_cases.submit_application import submit_application
from shared.identity import Caller
from shared.kernel import Money, clock, uuid7
from shared.testing import person

TODAY = datetime(2026, 3, 5, 15, 0, tzinfo=UTC)
MUNICIPALITY = "HN1709"
URL = "https://csem.example"

PARAMETERS: dict[str, Any] = {
    "products": [
        {
            "code": "working-capital",
            "name": "Capital de trabajo",
            "minimum": 500_00,
            "maximum": 20_000_00,
            "shortest": 3,
            "longest": 24,
            "annual_rate": "18",
            "longest_grace": 2,
        }
    ],
    "quorum": {"seats": 3, "constituencies": ["women_organizations", "csem", "leda"], "majority": "simple"},
}


def member(number: int, name: str) -> Caller:
    return person("committee_member", scope="HN17", subject=f"member-{number}", name=name)


COORDINATOR = person("coordinator", scope="HN17", subject="coordinator", name="Coralia Coordinadora")
ADMIN = person("admin", subject="admin", name="Adela Administradora")
TECHNICIAN = person("technician", scope="HN17", subject="technician", name="Tecla Técnica")
OFFICER = person("credit_officer", scope="HN17", subject="officer", name="Ofelia Oficial")
CASHIER = person("cashier", scope="HN17", subject="cashier", name="Casilda Cajera")
CHAIR = member(1, "Petrona Presidenta")
SECRETARY = member(2, "Secundina Secretaria")
WOMAN = member(3, "Marina Mujeres")
LEDA = member(4, "Leda Local")
SEATS = (
    (CHAIR, "women_organizations", "chair", "Red de Mujeres del Golfo"),
    (SECRETARY, "csem", "secretary", "CSEM Golfo de Fonseca"),
    (WOMAN, "women_organizations", "member", "Cooperativa Las Salineras"),
    (LEDA, "leda", "member", "ADEL Valle"),
)
MEMBERS = (CHAIR, SECRETARY, WOMAN, LEDA)


def lempiras(amount: str) -> Money:
    return Money.parse(amount, "HNL")


def names(_enterprise_id: UUID) -> Borrower:
    return Borrower("Panadería La Espiga", (Owner("María Inventada López", "DNI 0801-1990-12345"),))


def product(**changes: Any) -> list[dict[str, Any]]:
    """The products of an edition: the one of `PARAMETERS` with `changes`."""
    return [PARAMETERS["products"][0] | changes]


def adopt(session: Session, fund: TrustFund, valid_from: date, **rules: Any) -> CreditRegulations:
    return adopt_regulations(
        session,
        COORDINATOR,
        fund_id=fund.id,
        title="Reglamento de Crédito",
        source="Acuerdo 1/2025",
        valid_from=valid_from,
        signatories=[{"name": "Ana Firmante", "office": "ADEL"}],
        parameters=PARAMETERS | rules,
    )


@dataclass
class House:
    """The fund, its committee's seats by subject, and the enterprises known so far."""

    session: Session
    fund: TrustFund
    committee_id: UUID
    seats: dict[str, UUID]
    owners: dict[UUID, UUID] = field(default_factory=dict)

    @classmethod
    def build(cls, session: Session, cash: str = "100000.00", reserve: str = "0.00", **rules: Any) -> "House":
        fund = open_fund(
            session,
            COORDINATOR,
            code="FON",
            name="Fondo de Mujeres del Golfo",
            centre="CSEM Golfo de Fonseca",
            host="ADEL Valle",
            trustee="Banco Fiduciario de Prueba",
            trustee_account="000-111",
            currency="HNL",
            units=["HN17"],
            reserve=lempiras(reserve),
        )
        adopt(session, fund, date(2025, 1, 1), **rules)
        committee = form_committee(session, COORDINATOR, fund_id=fund.id, name="Comité de Crédito")
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
        if cash != "0.00":
            record_contribution(
                session,
                COORDINATOR,
                fund_id=fund.id,
                funder="Cooperación",
                source="international_organization",
                repayable=False,
                amount=lempiras(cash),
                received_on=date(2025, 1, 2),
            )
        return cls(session, fund, committee.id, seats)

    def adopt(self, valid_from: date | None = None, **rules: Any) -> CreditRegulations:
        """The next edition of the regulations, in force from today unless another day is given; one that begins
        earlier was adopted then.
        """
        begins = valid_from or clock.today()
        adopted = datetime(begins.year, begins.month, begins.day, 15, tzinfo=UTC)
        with clock.frozen(min(adopted, clock.now())):
            return adopt(self.session, self.fund, begins, **rules)

    def enterprise(self, municipality: str = MUNICIPALITY, **facts: Any) -> UUID:
        """A new enterprise that may be lent to, but for `facts`."""
        enterprise_id, owner = uuid7(), uuid7()
        known = {
            "municipality": municipality,
            "chain": "food_processing",
            "owner_ids": [str(owner)],
            "needs": ["credit"],
            "validation": "validated",
            "consent_credit": True,
            "active": True,
        }
        row = CopyEnterprise(enterprise_id=enterprise_id)
        row.replace(known | facts)
        self.session.add(row)
        self.session.flush()
        self.owners[enterprise_id] = owner
        return enterprise_id

    def submitted(self, amount: str = "10000.00", **facts: Any) -> Application:
        request = {
            "fund_id": self.fund.id,
            "enterprise_id": facts.pop("enterprise_id", None) or self.enterprise(),
            "product": "working-capital",
            "amount": lempiras(amount),
            "instalments": 12,
            "grace": 0,
            "purpose": "equipment",
            "project": "Un horno nuevo",
        }
        return submit_application(self.session, facts.pop("caller", TECHNICIAN), **(request | facts))

    def appraised(self, amount: str = "10000.00", by: Caller = OFFICER, **facts: Any) -> Application:
        return self.appraise(self.submitted(amount, **facts), amount, by)

    def appraise(self, application: Application, amount: str = "10000.00", by: Caller = OFFICER) -> Application:
        return appraise_application(
            self.session,
            by,
            application_id=application.id,
            visited_on=clock.today(),
            monthly_income=lempiras("9000.00"),
            monthly_expense=lempiras("6000.00"),
            monthly_debts=lempiras("500.00"),
            recommendation="approve",
            amount=lempiras(amount),
            instalments=application.instalments,
            grace=0,
            guarantees="Fianza solidaria",
            remarks="Negocio ordenado",
            conditions="Presentar cotización del horno",
            assistance_needs=["quality", "market"],
        )

    def convened(self, *applications: Application) -> CommitteeSession:
        meeting = convene_session(
            self.session,
            COORDINATOR,
            committee_id=self.committee_id,
            scheduled_for=clock.now(),
            place="San Lorenzo",
        )
        for application in applications:
            place_on_agenda(self.session, COORDINATOR, session_id=meeting.id, application_id=application.id)
        return meeting

    def opened(self, *applications: Application, present: tuple[Caller, ...] = MEMBERS) -> CommitteeSession:
        meeting = self.convened(*applications)
        seats = [self.seats[who.subject] for who in present]
        return open_session(self.session, CHAIR, session_id=meeting.id, present=seats)

    def vote(self, meeting: CommitteeSession, item: int = 0, choice: str = "approve", by=MEMBERS) -> None:
        for who in by:
            cast_vote(
                self.session,
                who,
                session_id=meeting.id,
                item_id=meeting.agenda[item].id,
                choice=choice,
                reason="" if choice == "approve" else "No hay capacidad",
            )

    def approved(self, amount: str = "10000.00", **facts: Any) -> Application:
        application = self.appraised(amount, **facts)
        meeting = self.opened(application)
        self.vote(meeting)
        close_item(self.session, CHAIR, session_id=meeting.id, item_id=meeting.agenda[0].id)
        return application

    def disbursed(self, amount: str = "10000.00", by: Caller = OFFICER, **facts: Any) -> Loan:
        application = self.approved(amount, **facts)
        return self.disburse(application, by)

    def disburse(self, application: Application, by: Caller = OFFICER, **facts: Any) -> Loan:
        return disburse_loan(
            self.session,
            by,
            application_id=application.id,
            disbursed_on=facts.get("disbursed_on", clock.today()),
            first_due=facts.get("first_due"),
            names=names,
            public_url=URL,
        )

    def repay(self, loan: Loan, amount: str, by: Caller = CASHIER, channel: str = "cash", **facts: Any) -> Repayment:
        return post_repayment(
            self.session,
            by,
            loan_id=loan.id,
            amount=facts.get("money") or lempiras(amount),
            paid_on=facts.get("paid_on", clock.today()),
            channel=channel,
            slip=facts.get("slip", ""),
            hold_excess=facts.get("hold_excess", False),
        )

"""Where the machine of the whole life begins: five stages of a small fund, made once and played as often as wanted.

A stage is a migrated SQLite database that was committed; a run works in a transaction on it that is rolled back at its
end, so that ten thousand runs begin at the same row and none pays for making it.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from unittest.mock import patch
from uuid import UUID

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from services.credit.documents.printed import Printed
from services.credit.models import Application, CommitteeSession, CopyEnterprise, Loan, Seat, TrustFund
from services.credit.sealing import seal_with
from services.credit.use_cases.book_bank_item import book_bank_item
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.disburse_loan import disburse_loan
from services.credit.use_cases.form_committee import take_seat
from services.credit.use_cases.hold_session import open_session
from services.credit.use_cases.keep_instruments import adopt_agreement
from services.credit.use_cases.meet_conditions import ask_condition
from services.credit.use_cases.share_income import share_income
from shared import files
from shared.database import Database
from shared.kernel import clock
from shared.testing import database_of, person
from shared.tokens import Keyring, create_keys
from tests.credit import closing
from tests.credit.changing import appraised, approved, asked, written_off
from tests.credit.house import (
    CASHIER,
    CHAIR,
    COORDINATOR,
    LEDA,
    MEMBERS,
    OFFICER,
    SEATS,
    SECRETARY,
    TODAY,
    URL,
    House,
    lempiras,
    member,
    names,
    product,
)

ALL_ROLES = ("committee_member", "credit_officer", "cashier", "technician")
ALTERNATE = member(5, "Susana Suplente")
TRUST = person("trust_fund_member", scope="HN17", subject="trust", name="Fidelia Fideicomiso")
OTHER_TRUST = person("trust_fund_member", scope="HN17", subject="other-trust", name="Felisa Fideicomiso")
TRUSTEES = (TRUST, OTHER_TRUST)
# Everybody holds every role of these here, so that only the rules stand between a person and a misdeed.
PEOPLE = tuple(
    person(*ALL_ROLES, scope="HN17", subject=who.subject, name=who.name)
    for who in (*MEMBERS, OFFICER, CASHIER, ALTERNATE)
)
SEATED = tuple(who.subject for who in (*MEMBERS, ALTERNATE))
OFFICES = {who.subject: (constituency, position) for who, constituency, position, _ in SEATS}
OFFICES[ALTERNATE.subject] = ("leda", "member")
SHARES = {"period": "month", "shares": [{"to": "ADEL", "percent": "40"}, {"to": "Red", "percent": "33.33"}]}
COMPETENCE = {
    "levels": [
        {"name": "Comité", "up_to": 10_000_00},
        {"name": "Fideicomiso", "assent": True, "quorum": {"seats": 3, "majority": "absolute"}},
    ],
    "assents": 2,
    "source": "art. 12",
}
CONSTITUENCIES = ["women_organizations", "csem", "leda"]
COMPETENCE["levels"][1]["quorum"]["constituencies"] = CONSTITUENCIES
RULES = {
    **closing.RULES,
    "approvals": {"days": 20, "source": "art. 16"},
    "income_shares": SHARES,
    "agreement": {"required": True, "source": "art. 3"},
    "competence": COMPETENCE,
    "concentration": {"borrower": "80", "chain": "95", "of": "capital", "source": "art. 14"},
    "restructuring": {"most": 3, "capitalise_interest": True, "source": "art. 20"},
    "products": product(tranches=3),
}
CASH, RESERVE = "16000.00", "1000.00"
LETTER_DAYS = 90
"""For so long from the first day the Agreement Letter holds."""


def take_alternate(house: House) -> None:
    """The woman of the LEDA has somebody who answers where she does not."""
    house.seats[ALTERNATE.subject] = take_seat(
        house.session,
        COORDINATOR,
        committee_id=house.committee_id,
        constituency="leda",
        position="member",
        subject=ALTERNATE.subject,
        name=ALTERNATE.name,
        organization="ADEL Valle",
        since=date(2025, 1, 1),
        alternate_for=house.seats[LEDA.subject],
    ).id


def sign_letter(house: House, day: date, until: date | None, **clauses: int) -> None:
    """The Agreement Letter from a day on."""
    adopt_agreement(
        house.session,
        COORDINATOR,
        fund_id=house.fund.id,
        title="Carta Convenio",
        source="Firmada en San Lorenzo",
        valid_from=day,
        valid_until=until,
        trustee="Banco Fiduciario de Prueba",
        trustee_account="000-111",
        parties=[{"name": "ADEL Valle", "role": "host"}, {"name": "Banco Fiduciario de Prueba", "role": "trustee"}],
        signatories=[{"name": "Ana Firmante", "office": "ADEL"}],
        parameters=clauses,
    )


def handed_in(house: House) -> list[Application]:
    """Three applications that together ask for more than there is; one was appraised by a member."""
    return [
        house.appraised("6000.00", by=OFFICER),
        house.appraised("9000.00", by=CASHIER),
        house.appraised("12000.00", by=SECRETARY),
    ]


def called(house: House) -> CommitteeSession:
    """A session that has two of them on its agenda, one with a condition in its motion."""
    meeting = house.convened(*handed_in(house)[:2])
    _ask(house, meeting)
    return meeting


def sitting(house: House) -> CommitteeSession:
    """The session is open and everybody is there."""
    meeting = called(house)
    present = [house.seats[who.subject] for who in MEMBERS]
    return open_session(house.session, CHAIR, session_id=meeting.id, present=present)


def decided(house: House) -> CommitteeSession:
    """One approved outright, one on a condition; the third is appraised and a further session called."""
    meeting = sitting(house)
    for number, item in enumerate(meeting.agenda):
        house.vote(meeting, number)
        close_item(house.session, CHAIR, session_id=meeting.id, item_id=item.id)
    house.convened(house.appraised("2000.00", by=OFFICER))
    return meeting


def lending(house: House) -> None:
    """A loan that has grown late, an approval that expired, income shared out, a night closed, a session open."""
    meeting = decided(house)
    close_session(house.session, CHAIR, session_id=meeting.id, names=names, public_url=URL)
    first = house.session.get_one(Application, meeting.agenda[0].application_id)
    loan = house.disburse(first, OFFICER)
    house.repay(loan, "600.00", CASHIER)
    with closing.on(33):
        closing.close(house.session, house.fund.id)
        facts = {"fund_id": house.fund.id, "item": "bank_interest", "memo": "Nota"}
        book_bank_item(house.session, COORDINATOR, amount=lempiras("300.00"), booked_on=date(2026, 3, 20), **facts)
        share_income(house.session, COORDINATOR, fund_id=house.fund.id, ends_on=date(2026, 3, 31))
        following = house.session.scalars(select(CommitteeSession).where(CommitteeSession.state == "convened")).one()
        present = [house.seats[who.subject] for who in MEMBERS]
        open_session(house.session, CHAIR, session_id=following.id, present=present)


def changing(house: House) -> None:
    """Loans of every kind in a fund of 40,000: two that are handed out in parts, one paid off with too much, others that have grown
    late, of which one was written off; changes that were approved, one that lies before the committee, and an approval
    beyond what the committee may give alone.
    """
    loans = [house.disbursed(amount) for amount in ("5000.00", "2000.00", "1500.00")]
    over = house.disbursed("1000.00")
    house.repay(over, "1300.00", CASHIER, hold_excess=True)
    again = house.disbursed("2500.00", enterprise_id=over.enterprise_id)
    house.repay(again, "100.00", CASHIER)
    with closing.on(33):
        closing.close(house.session, house.fund.id)
    with closing.on(34):
        approved(house, loans[0], instalments=18)
        approved(house, loans[1], "refinance", amount=lempiras("3500.00"))
        written_off(house, loans[2])
        approved(house, again, "write_off")
        house.approved("12000.00")
        for _ in range(2):
            parts = _disbursed_in_part(house)
        house.opened(appraised(house, asked(house, parts)))


def _disbursed_in_part(house: House) -> Loan:
    application, first = house.approved("4000.00"), lempiras("2000.00")
    told = {"application_id": application.id, "disbursed_on": clock.today(), "amount": first}
    return disburse_loan(house.session, OFFICER, names=names, public_url=URL, **told)


def _ask(house: House, meeting: CommitteeSession) -> None:
    ask_condition(
        house.session,
        COORDINATOR,
        session_id=meeting.id,
        item_id=meeting.agenda[1].id,
        text="Factura",
        verifier="technician",
    )


@dataclass(frozen=True)
class Stage:
    """What was done before, how many days after the first the run begins, and what the fund was given."""

    make: Callable[[House], object]
    day: int = 0
    cash: str = CASH


STAGES = {
    "called": Stage(called),
    "sitting": Stage(sitting),
    "decided": Stage(decided),
    "lending": Stage(lending, 34),
    "changing": Stage(changing, 35, "40000.00"),
}


@dataclass
class Played:
    """One run: a session on a stage, and the house in it."""

    session: Session
    connection: Connection
    house: House
    day: int


@contextmanager
def quick_papers() -> Iterator[None]:
    """Setting type takes 100 ms and decides nothing: the documents themselves have their own tests."""
    with patch.object(Printed, "render", lambda _self, _url: b"%PDF"):
        yield


@contextmanager
def played(stage: str) -> Iterator[Played]:
    """A run on a stage; whatever it did is rolled back."""
    connection = _stage(stage)
    with Session(connection, expire_on_commit=False) as session:
        try:
            yield Played(session, connection, _house(session), STAGES[stage].day)
        finally:
            session.rollback()


@cache
def _stage(stage: str) -> Connection:
    """A connection to the database of a stage, made and kept for this process."""
    kept = ExitStack()
    atexit.register(kept.close)
    folder = Path(tempfile.mkdtemp(prefix="csem-life-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    kept.callback(shutil.rmtree, folder, ignore_errors=True)
    database: Database = kept.enter_context(database_of("credit", folder, "sqlite"))
    files.keep_in(database, folder / "files")
    create_keys(folder / "keys", "credit")
    seal_with(database, Keyring(folder / "keys", "credit"))
    with clock.frozen(TODAY), database.transaction() as session:
        house = House.build(session, cash=STAGES[stage].cash, reserve=RESERVE, **RULES)
        sign_letter(house, date(2025, 1, 1), TODAY.date() + timedelta(days=LETTER_DAYS))
        take_alternate(house)
        STAGES[stage].make(house)
    connection = database.engine.connect().execution_options(csem_write=True)
    kept.callback(connection.close)
    return connection


def _house(session: Session) -> House:
    fund = session.scalars(select(TrustFund)).one()
    seats = {seat.subject: seat for seat in session.scalars(select(Seat).order_by(Seat.id))}
    committee_id = next(iter(seats.values())).committee_id
    known = session.execute(select(CopyEnterprise.enterprise_id, CopyEnterprise.owner_ids))
    owners = {enterprise: UUID(first) for enterprise, (first, *_) in known}
    return House(session, fund, committee_id, {subject: seat.id for subject, seat in seats.items()}, owners)

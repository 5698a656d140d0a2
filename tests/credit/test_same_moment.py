"""What happens at the same moment in two places."""

import io
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, func, select

from services.credit.directory import Borrower, Directory
from services.credit.models import Acta, Contribution, IssuedDocument, Repayment, Resolution, TrustFund
from services.credit.rules import ledger
from services.credit.rules.statements import FIELDS
from services.credit.use_cases import receive_statement as receiving
from services.credit.use_cases.close_item import close_item
from services.credit.use_cases.close_session import close_session
from services.credit.use_cases.convene_session import place_on_agenda
from services.credit.use_cases.disburse_loan import disburse_loan
from services.credit.use_cases.govern_lending import suspend_lending
from services.credit.use_cases.keep_fund import open_fund
from services.credit.use_cases.post_repayment import post_repayment
from services.credit.use_cases.print_paper import print_compliance, print_notice, print_receipt, print_statement
from services.credit.use_cases.submit_application import submit_application
from services.credit.use_cases.withdraw_contribution import withdraw_contribution
from shared.database import Database
from shared.kernel import Money, Refused, clock
from shared.sandbox import run_limited
from shared.testing import headers, person
from tests.credit.house import CASHIER, CHAIR, COORDINATOR, OFFICER, URL, House, adopt, names


def at_once(*steps: Any) -> list[Any]:
    """Run the steps at the same moment; comes back with what each gave, or its refusal's code."""
    start = Barrier(len(steps))

    def run(step: Any) -> Any:
        start.wait()
        try:
            return step()
        except Refused as refused:
            return refused.code

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def test_two_sessions_cannot_promise_the_same_money(build_house, database):
    def step(house: House) -> Any:
        meetings = [house.opened(house.appraised("6000.00")) for _ in range(2)]
        for meeting in meetings:
            house.vote(meeting)
        return [(meeting.id, meeting.agenda[0].id) for meeting in meetings]

    house, items = build_house(step, cash="10000.00")

    def close(session_id: Any, item_id: Any) -> str:
        with database.transaction() as session:
            return close_item(session, CHAIR, session_id=session_id, item_id=item_id).outcome

    answers = at_once(*(lambda pair=pair: close(*pair) for pair in items))
    assert sorted(answers) == ["approved", "fund.not_enough_available"]
    with database.reading() as session:
        fund = session.get_one(TrustFund, house.fund.id)
        assert fund.available(session) == 4000_00
        assert session.scalars(select(Resolution.number)).all() == ["FON-R-2026-0001"]


def test_two_funds_of_one_territory_do_not_both_take_the_application_of_one_enterprise(build_house, database):
    def step(house: House) -> tuple[UUID, UUID]:
        other = open_fund(
            house.session,
            COORDINATOR,
            code="OTRO",
            name="Otro fondo",
            centre="CSEM Golfo de Fonseca",
            host="ADEL Valle",
            trustee="Banco Fiduciario de Prueba",
            trustee_account="000-222",
            currency="HNL",
            units=["HN17"],
            reserve=Money(0, "HNL"),
        )
        adopt(house.session, other, date(2025, 1, 1))
        return other.id, house.enterprise()

    house, (other, enterprise) = build_house(step)

    def apply(fund_id: UUID) -> str:
        with database.transaction() as session:
            return submit_application(
                session,
                OFFICER,
                fund_id=fund_id,
                enterprise_id=enterprise,
                product="working-capital",
                amount=Money(1000_00, "HNL"),
                instalments=6,
                grace=0,
                purpose="equipment",
                project="Un horno",
            ).state

    answers = at_once(lambda: apply(house.fund.id), lambda: apply(other))
    assert sorted(answers) == ["application.one_open_already", "submitted"]


def test_two_cashiers_at_once_do_not_take_more_than_is_owed(build_house, database):
    _, loan = build_house(lambda house: house.disbursed("1000.00"))
    everything = Money(loan.outstanding, "HNL")
    second = person("cashier", scope="HN17", subject="cashier-2")

    def pay(who: Any) -> str:
        with database.transaction() as session:
            return post_repayment(
                session, who, loan_id=loan.id, amount=everything, paid_on=clock.today(), channel="cash"
            ).number

    answers = at_once(lambda: pay(CASHIER), lambda: pay(second))
    assert sorted(answers) == ["FON-RC-2026-0001", "loan.settled_already"]
    with database.reading() as session:
        fund = session.get_one(TrustFund, loan.fund_id)
        assert fund.balances(session)[ledger.CASH_IN_HAND] == everything.minor


def test_the_same_request_sent_twice_at_once_pays_once(build_house, database, service, keys):
    from tests.credit.client import Client

    _, loan = build_house(lambda house: house.disbursed("1000.00"))
    key = uuid4().hex
    body = {"amount": {"amount": "50.00", "currency": "HNL"}, "paid_on": "2026-03-05", "channel": "cash"}

    def send() -> tuple[int, bytes]:
        answer = Client(service.web.test_client(), keys).post(CASHIER, f"/loans/{loan.id}/repayments", body, key=key)
        return answer.status, answer.content

    first, second = at_once(send, send)
    assert first == second
    assert first[0] == 201
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Repayment)) == 1


def test_many_receipts_at_once_are_numbered_without_gaps(build_house, database):
    _, loan = build_house(lambda house: house.disbursed("1000.00"))

    def pay() -> str:
        with database.transaction() as session:
            return post_repayment(
                session, CASHIER, loan_id=loan.id, amount=Money(100, "HNL"), paid_on=clock.today(), channel="trustee"
            ).number

    answers = at_once(*[pay] * 6)
    assert sorted(answers) == [f"FON-RC-2026-{number:04d}" for number in range(1, 7)]


def test_a_receipt_printed_twice_at_once_is_one_paper(build_house, database):
    _, repayment = build_house(lambda house: house.repay(house.disbursed("1000.00"), "50.00"))

    def print_() -> int:
        with database.transaction() as session:
            printed = print_receipt(
                session, CASHIER, repayment_id=repayment.id, names=names, language="es", public_url=URL
            )
            return len(printed)

    first, second = at_once(print_, print_)
    assert first == second
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(IssuedDocument)) == 1


def test_printing_locks_nothing_and_writes_when_the_paper_is_made(build_house, database):
    """Before, a receipt held the loan and then wanted the fund, as who posts a repayment holds the fund and then wants
    the loan; a report held the fund until its PDF was made.
    """

    def step(house: House) -> Any:
        loan = house.disbursed("1000.00")
        return house.repay(loan, "50.00"), loan, house.convened()

    house, (repayment, loan, meeting) = build_house(step)
    asked: dict[str, Any] = {"language": "es", "public_url": URL}
    sent: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: sent.append(given[2]))
    for print_ in (
        lambda session: print_receipt(session, CASHIER, repayment_id=repayment.id, names=names, **asked),
        lambda session: print_statement(session, CASHIER, loan_id=loan.id, names=names, **asked),
        lambda session: print_notice(session, COORDINATOR, session_id=meeting.id, **asked),
        lambda session: print_compliance(session, COORDINATOR, fund_id=house.fund.id, month=clock.today(), **asked),
    ):
        sent.clear()
        with database.transaction() as session:
            assert print_(session).startswith(b"%PDF")
        queries = [statement for statement in sent if not statement.startswith(("BEGIN", "COMMIT"))]
        assert queries.pop().startswith("INSERT INTO issued_document")
        assert not [one for one in queries if "FOR UPDATE" in one or one.startswith(("INSERT", "UPDATE"))]


class Asking:
    """Names that note which statements had been sent to the database when they were asked for."""

    def __init__(self, database: Database) -> None:
        self._sent: list[str] = []
        self.before: list[str] = []
        event.listen(database.engine, "before_cursor_execute", lambda *given: self._sent.append(given[2]))

    def __call__(self, enterprise_id: UUID) -> Borrower:
        self.before = list(self._sent)
        return names(enterprise_id)

    @property
    def made_others_wait(self) -> list[str]:
        """The writes, and the locks on a row, that came before."""
        assert self.before, "nobody was asked"
        return [sent for sent in self.before if sent.startswith(("INSERT", "UPDATE", "DELETE")) or "FOR UPDATE" in sent]


def test_nobody_waits_for_the_registry_while_a_session_is_closed(build_house, database):
    _, meeting = build_house(lambda house: house.opened(house.appraised(), house.appraised()))
    asking = Asking(database)
    with database.transaction() as session:
        close_session(session, CHAIR, session_id=meeting.id, names=asking, public_url=URL)
    assert asking.made_others_wait == []


def test_nobody_waits_for_the_registry_while_a_loan_is_paid_out(build_house, database):
    _, application = build_house(lambda house: house.approved())
    asking = Asking(database)
    day = clock.today()
    with database.transaction() as session:
        disburse_loan(session, OFFICER, application_id=application.id, disbursed_on=day, names=asking, public_url=URL)
    assert asking.made_others_wait == []


@pytest.fixture
def unlocked(database, monkeypatch):
    """Whoever is asked for names or opens a file tries whether somebody else could write at that moment; the list of
    who tried.
    """
    tried: list[str] = []

    def try_(what: str) -> None:
        tried.append(what)
        if database.is_sqlite:
            with closing(sqlite3.connect(database.engine.url.database, timeout=0.2)) as other:
                other.execute("BEGIN IMMEDIATE")
                other.rollback()

    def borrower(_directory: Any, enterprise_id: UUID) -> Borrower:
        try_("names")
        return names(enterprise_id)

    def run(*given: Any, **limits: Any) -> Any:
        try_("file")
        return run_limited(*given, **limits)

    monkeypatch.setattr(receiving, "run_limited", run)
    return tried, lambda: monkeypatch.setattr(Directory, "borrower", borrower)


def test_whoever_writes_does_not_wait_for_the_registry_nor_for_a_strangers_file(
    build_house, client, service, keys, unlocked
):
    """SQLite has one lock for all that is written, and a transaction that writes takes it as it begins."""

    def step(house: House) -> Any:
        meeting = house.opened(house.appraised(), house.appraised())
        return meeting, house.approved("1000.00"), house.repay(house.disbursed("1000.00"), "50.00")

    house, (meeting, application, repayment) = build_house(step)
    tried, watch = unlocked
    watch()
    key, paying = uuid4().hex, f"/applications/{application.id}/disbursement"
    day = {"disbursed_on": clock.today().isoformat()}
    assert client.post(OFFICER, paying, day, key=key).status == 201
    assert tried == ["names"]
    assert client.post(OFFICER, paying, day, key=key).headers["Idempotent-Replay"] == "true"
    assert tried == ["names"], "what was answered already asks nobody"
    assert client.post(CHAIR, f"/sessions/{meeting.id}/closing", {}).status == 201
    assert client.get(CASHIER, f"/repayments/{repayment.id}/receipt").status == 200
    assert client.get(CASHIER, f"/loans/{repayment.loan_id}/statement").status == 200
    assert tried == ["names"] * 5
    content = 'date,description,amount,balance\n2026-03-05,"Loan 1","-10,000.00","90,000.00"\n'
    there = f"/api/credit/v1/funds/{house.fund.id}/statements"
    sent = service.web.test_client().post(
        there,
        headers=headers(keys, OFFICER),
        data={"file": (io.BytesIO(content.encode()), "marzo.csv", "text/csv")},
    )
    assert sent.status_code == 201, sent.json
    columns = {name: sent.json["layout"][name] for name in ("begins", "day_first", *FIELDS)}
    there = f"/funds/{house.fund.id}/statements/{sent.json['id']}/columns"
    assert client.post(OFFICER, there, columns | {"closing_balance": None}).status == 201
    assert tried == [*["names"] * 5, "file", "file"]


def test_what_comes_onto_the_agenda_while_the_session_is_being_closed_is_not_left_out(house: House):
    meeting, late = house.opened(house.appraised()), house.appraised()

    def asked_late(enterprise_id: UUID) -> Borrower:
        if late.state == "appraised":
            place_on_agenda(house.session, COORDINATOR, session_id=meeting.id, application_id=late.id)
        return names(enterprise_id)

    def close() -> Acta:
        return close_session(house.session, CHAIR, session_id=meeting.id, names=asked_late, public_url=URL)

    with pytest.raises(Refused) as refused:
        close()
    assert refused.value.code == "session.agenda_grew"
    close()
    assert (meeting.state, late.state) == ("closed", "appraised")


def test_two_officers_at_once_pay_an_application_out_once(build_house, database):
    _, application = build_house(lambda house: house.approved("6000.00"), cash="10000.00")
    second = person("credit_officer", scope="HN17", subject="officer-2")

    def pay_out(who: Any) -> str:
        with database.transaction() as session:
            return disburse_loan(
                session,
                who,
                application_id=application.id,
                disbursed_on=clock.today(),
                names=names,
                public_url=URL,
            ).number

    answers = at_once(lambda: pay_out(OFFICER), lambda: pay_out(second))
    assert sorted(answers) == ["FON-P-2026-0001", "application.is_disbursed"]
    with database.reading() as session:
        fund = session.get_one(TrustFund, application.fund_id)
        assert fund.balances(session)[ledger.CASH_AT_TRUSTEE] == 4000_00


def test_what_is_approved_and_what_goes_back_to_a_funder_at_once_is_never_the_same_money(build_house, database):
    def step(house: House) -> Any:
        meeting = house.opened(house.appraised("6000.00"))
        house.vote(meeting)
        return meeting.id, meeting.agenda[0].id, house.session.scalars(select(Contribution.id)).one()

    house, (session_id, item_id, contribution_id) = build_house(step, cash="10000.00")

    def approve() -> str:
        with database.transaction() as session:
            return close_item(session, CHAIR, session_id=session_id, item_id=item_id).outcome

    def withdraw() -> str:
        with database.transaction() as session:
            row = withdraw_contribution(
                session,
                COORDINATOR,
                fund_id=house.fund.id,
                contribution_id=contribution_id,
                amount=Money(6000_00, "HNL"),
                interest=Money(0, "HNL"),
                paid_on=clock.today(),
                reason="Cuota",
            )
            return str(row.amount)

    approved, withdrawn = at_once(approve, withdraw)
    assert (approved == "approved") != (withdrawn == "600000"), (approved, withdrawn)
    with database.reading() as session:
        assert session.get_one(TrustFund, house.fund.id).available(session) == 4000_00


def test_nothing_is_paid_out_once_lending_is_suspended_at_the_same_moment(build_house, database):
    house, application = build_house(lambda house: house.approved("6000.00"))
    trust = person("trust_fund_member", scope="HN17", subject="trust")

    def suspend() -> str:
        with database.transaction() as session:
            return str(suspend_lending(session, trust, fund_id=house.fund.id, reason="Se revisa").suspended_at)

    def pay_out() -> str:
        with database.transaction() as session:
            return disburse_loan(
                session,
                OFFICER,
                application_id=application.id,
                disbursed_on=clock.today(),
                names=names,
                public_url=URL,
            ).number

    suspended, paid = at_once(suspend, pay_out)
    assert suspended.startswith("2026-03-05")
    assert paid in {"FON-P-2026-0001", "fund.suspended"}
    with pytest.raises(Refused, match=r"fund\.suspended|application\.is_disbursed"):
        pay_out()


def test_an_item_closed_twice_at_once_is_one_resolution(build_house, database):
    def step(house: House) -> Any:
        meeting = house.opened(house.appraised("1000.00"))
        house.vote(meeting)
        return meeting.id, meeting.agenda[0].id

    _, (session_id, item_id) = build_house(step)

    def close() -> str:
        with database.transaction() as session:
            return close_item(session, CHAIR, session_id=session_id, item_id=item_id).number

    assert sorted(at_once(close, close)) == ["FON-R-2026-0001", "session.item_closed"]

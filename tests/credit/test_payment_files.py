"""Files of payments: seen line by line before anything is posted, and each payment posted once whatever happens."""

import io
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
import xlsxwriter
from sqlalchemy import func, select

from services.credit.jobs import handlers
from services.credit.models import Loan, PaymentFile, PaymentLayout, PaymentLine, Repayment
from services.credit.queries import payments as queries
from services.credit.queries.books import checked_books
from services.credit.rules import ledger
from services.credit.rules.payment_lines import FIELDS, Layout
from services.credit.use_cases.post_payments import assign_line, post_payments
from services.credit.use_cases.receive_payments import (
    dismiss_line,
    read_payments,
    receive_payments,
    take_payments_back,
)
from services.credit.use_cases.reverse_repayment import reverse_repayment
from shared import files
from shared.database import Database
from shared.identity import Caller
from shared.job_runner import Runner
from shared.kernel import Invalid, NotFound, Refused, clock
from shared.testing import person
from tests.credit.client import Client
from tests.credit.closing import Within
from tests.credit.house import CASHIER, COORDINATOR, OFFICER, House
from tests.credit.test_cli import run  # noqa: F401 - a fixture
from tests.credit.test_same_moment import at_once

SECOND = person("cashier", scope="HN17", subject="cashier-2", name="Celia Segunda")
HEAD = "Fecha;Transacción;Referencia;Pagador;Monto;Comisión\n"


def csv(*rows: str) -> bytes:
    return (HEAD + "".join(f"{row}\n" for row in rows)).encode()


def receive(house: House, content: bytes, source: str = "bank", by: Caller = CASHIER) -> PaymentFile:
    return receive_payments(
        house.session,
        by,
        fund_id=house.fund.id,
        source=source,
        name="pagos.csv",
        content=content,
        media_type="text/csv",
    )


def columns(row: PaymentFile) -> Layout:
    return Layout(**{name: row.layout[name] for name in ("begins", "day_first", *FIELDS)})


def brought(house: House, *rows: str, source: str = "bank") -> PaymentFile:
    """A file with these rows, read."""
    row = receive(house, csv(*rows), source)
    return read_payments(house.session, CASHIER, fund_id=house.fund.id, file_id=row.id, layout=columns(row))


def told(house: House, row: PaymentFile, by: Caller = CASHIER) -> list[Any]:
    return [
        (line["verdict"] or line["state"], line["loan"])
        for line in queries.told(house.session, by, house.fund, row)["rows"]
    ]


def post(house: House, row: PaymentFile, by: Caller = CASHIER) -> int:
    return post_payments(Within(house.session), by, fund_id=house.fund.id, file_id=row.id)


def test_the_preview_says_line_by_line_what_will_be_done(house: House):
    loan, other = house.disbursed("1000.00"), house.disbursed("2000.00")
    settled = house.disbursed("500.00")
    receipt = house.repay(other, "10.00")
    house.repay(settled, "", money=house.fund.money(settled.left))
    brought(house, f"04/03/2026;TX-0;{loan.number};Ana;1.00;")
    row = brought(
        house,
        f"05/03/2026;TX-1;pago {loan.number.lower()};Ana;100.00;",
        f"05/03/2026;TX-2;{loan.number};Ana;5,000.00;",
        f"05/03/2026;TX-3;{receipt.number};Berta;50.00;",
        f"05/03/2026;TX-4;{settled.number};Carla;60.00;",
        "05/03/2026;TX-5;9876-5432;Dora;70.00;",
        f"06/03/2026;TX-6;{loan.number};Ana;80.00;",
        f"04/03/2026;TX-7;{loan.number};Ana;80.00;",
        f"05/03/2026;TX-8;{loan.number} {other.number};Ana;80.00;",
        f"05/03/2026;TX-9;{loan.number};Ana;-80.00;",
        f"05/03/2026;TX-0;{loan.number};Ana;1.00;",
        f"05/03/2026;TX-1;{loan.number};Ana;100.00;",
    )
    assert told(house, row) == [
        ("posts", loan.number),
        ("posts_with_excess", loan.number),
        ("posts", other.number),
        ("all_excess", settled.number),
        ("unknown_reference", None),
        ("future_day", loan.number),
        ("before_loan", loan.number),
        ("several_loans", None),
        ("not_a_payment", loan.number),
        ("repeated", None),
        ("repeated", None),
    ]
    assert told(house, row, OFFICER)[0] == ("disburser", loan.number)
    shown = queries.told(house.session, CASHIER, house.fund, row)
    assert (shown["lines"], shown["waiting"], shown["repeated"], shown["postable"]) == (11, 9, 2, 4)
    assert house.session.scalar(select(func.count()).select_from(Repayment)) == 2, "nothing is posted by looking"


def test_the_good_lines_are_posted_each_with_its_receipt_and_the_others_wait(house: House):
    loan = house.disbursed("1000.00")
    row = brought(house, f"05/03/2026;TX-1;{loan.number};Ana;100.00;", "05/03/2026;TX-2;9876-5432;Dora;70.00;")
    assert post(house, row) == 1
    [repayment] = loan.repayments
    assert (repayment.amount, repayment.channel, repayment.posted_by) == (100_00, "trustee", CASHIER.subject)
    assert [(line.state, line.repayment_id) for line in row.lines] == [("posted", repayment.id), ("waiting", None)]
    assert post(house, row) == 0, "posted again, nothing is posted"
    [waiting] = queries.waiting(house.session, CASHIER, house.fund)
    assert (waiting["transaction"], waiting["verdict"]) == ("TX-2", "unknown_reference")
    assert checked_books(house.session, house.fund.id, clock.today()) == []


def test_a_second_payment_of_the_file_finds_what_the_first_took(house: House):
    loan = house.disbursed("1000.00")
    half = house.fund.money(loan.left // 2 + 10_00).decimal
    row = brought(house, *(f"05/03/2026;TX-{n};{loan.number};Ana;{half};" for n in range(3)))
    assert [said for said, _ in told(house, row)] == ["posts", "posts_with_excess", "all_excess"]
    assert post(house, row) == 3
    assert (loan.state, sum(paid.excess > 0 for paid in loan.repayments)) == ("settled", 2)
    assert checked_books(house.session, house.fund.id, clock.today()) == []


def test_the_same_file_and_the_same_transactions_are_not_posted_twice(house: House):
    loan = house.disbursed("1000.00")
    rows = [f"05/03/2026;TX-{n};{loan.number};Ana;10.00;" for n in range(3)]
    post(house, brought(house, *rows))
    with pytest.raises(Refused) as refused:
        receive(house, csv(*rows))
    assert refused.value.code == "payments.twice"
    longer = brought(house, *rows, f"05/03/2026;TX-3;{loan.number};Ana;10.00;")
    assert [said for said, _ in told(house, longer)] == ["repeated"] * 3 + ["posts"]
    assert post(house, longer) == 1
    assert sum(paid.amount for paid in loan.repayments) == 40_00
    other = brought(house, *rows, source="mobile")
    assert [said for said, _ in told(house, other)] == ["posts"] * 3, "another source numbers its own transactions"


def test_what_an_operator_keeps_is_a_cost_of_the_fund(house: House):
    loan = house.disbursed("1000.00")
    before = house.fund.balances(house.session)
    post(house, brought(house, f"05/03/2026;M-1;{loan.number};Ana;100.00;2.50", source="mobile"))
    after = house.fund.balances(house.session)
    [repayment] = loan.repayments
    assert (repayment.amount, repayment.channel) == (100_00, "mobile")
    assert after[ledger.CASH_AT_TRUSTEE] - before[ledger.CASH_AT_TRUSTEE] == 97_50
    assert after[ledger.ACCOUNTS["fund_costs"]] == 2_50
    assert checked_books(house.session, house.fund.id, clock.today()) == []
    right = house.disbursed("2000.00")
    reverse_repayment(house.session, COORDINATOR, repayment_id=repayment.id, reason="Otro préstamo", move_to=right.id)
    assert house.fund.balances(house.session)[ledger.ACCOUNTS["fund_costs"]] == 2_50
    line = house.session.scalars(select(PaymentLine)).one()
    assert (line.loan_id, line.repayment_id) == (right.id, right.repayments[0].id), "the line follows its payment"


def test_the_columns_are_remembered_for_each_source(house: House):
    loan = house.disbursed("1000.00")
    content = f"Día,Código,Texto,Cuenta,Pagado\n05/03/2026,A1,x,{loan.number},10.00\n"
    row = receive(house, content.encode())
    wanted = Layout(begins=1, date=0, transaction=1, reference=3, payer=2, amount=4)
    read_payments(house.session, CASHIER, fund_id=house.fund.id, file_id=row.id, layout=wanted)
    again = receive(house, content.replace("A1", "A2").encode())
    assert columns(again) == wanted
    assert columns(receive(house, content.encode(), "mobile")) != wanted
    assert columns(receive(house, csv(f"05/03/2026;TX;{loan.number};A;1.00;"))) != wanted, "other titles, other columns"
    assert house.session.scalar(select(func.count()).select_from(PaymentLayout)) == 1


def test_a_workbook_is_read_too(house: House):
    loan = house.disbursed("1000.00")
    sheet = io.BytesIO()
    book = xlsxwriter.Workbook(sheet, {"in_memory": True})
    page = book.add_worksheet()
    page.write_row(0, 0, ["Fecha", "Transacción", "Referencia", "Monto"])
    page.write_row(1, 0, ["05/03/2026", 50412345678, loan.number, 125.5])
    book.close()
    row = receive(house, sheet.getvalue())
    read_payments(house.session, CASHIER, fund_id=house.fund.id, file_id=row.id, layout=columns(row))
    assert [(line.transaction, line.amount) for line in row.lines] == [("50412345678", 125_50)]


def test_the_file_itself_is_erased_once_its_lines_are_kept(house: House):
    loan = house.disbursed("1000.00")
    row = receive(house, csv(f"05/03/2026;TX;{loan.number};Ana;1.00;"))
    stored = row.file_id
    assert stored is not None
    read_payments(house.session, CASHIER, fund_id=house.fund.id, file_id=row.id, layout=columns(row))
    assert row.file_id is None
    with pytest.raises(Exception):  # noqa: B017 - whichever way the store says that it has no such file
        files.read(house.session, stored)
    assert row.layout["samples"] == []


def test_a_line_is_assigned_by_hand_and_its_reference_is_known_from_then_on(house: House):
    loan = house.disbursed("1000.00")
    row = brought(house, "05/03/2026;TX-1;9876-5432;Ana;100.00;")
    [line] = row.lines
    repayment = assign_line(house.session, CASHIER, fund_id=house.fund.id, line_id=line.id, loan_id=loan.id)
    assert (repayment.amount, line.state, line.loan_id) == (100_00, "posted", loan.id)
    again = brought(house, "05/03/2026;TX-2;9876-5432;Ana;50.00;")
    assert told(house, again) == [("posts", loan.number)]
    other = house.disbursed("2000.00")
    third = brought(house, "05/03/2026;TX-3;9876-5432;Ana;20.00;")
    assign_line(house.session, CASHIER, fund_id=house.fund.id, line_id=third.lines[0].id, loan_id=other.id)
    assert told(house, again) == [("several_loans", None)], "who pays for two women is asked each time"


def test_what_cannot_be_assigned_says_why(house: House, session):
    loan = house.disbursed("1000.00")
    row = brought(
        house,
        "06/03/2026;TX-1;x;Ana;1.00;",
        "04/03/2026;TX-2;x;Ana;1.00;",
        "05/03/2026;TX-3;x;Ana;-1.00;",
        "05/03/2026;TX-4;x;Ana;1.00;1.00",
        "05/03/2026;TX-5;x;Ana;1.00;",
    )

    def assign(position: int, by: Caller = CASHIER) -> Repayment:
        line = row.lines[position]
        return assign_line(session, by, fund_id=house.fund.id, line_id=line.id, loan_id=loan.id)

    codes = ("future_day", "before_loan", "not_a_payment", "charge_too_high")
    for position, code in enumerate(codes):
        with pytest.raises(Refused) as refused:
            assign(position)
        assert refused.value.code == f"payments.{code}"
    with pytest.raises(Refused) as own:
        assign(4, OFFICER)
    assert own.value.code == "segregation.disburser_collects"
    assign(4)
    with pytest.raises(Refused) as twice:
        assign(4)
    assert twice.value.code == "payments.line_settled"


def test_a_payment_in_another_currency_waits(house: House):
    loan = house.disbursed("1000.00")
    content = f"Fecha,Transacción,Referencia,Monto,Moneda\n05/03/2026,T1,{loan.number},10.00,USD\n"
    row = receive(house, content.encode())
    read_payments(house.session, CASHIER, fund_id=house.fund.id, file_id=row.id, layout=columns(row))
    assert told(house, row) == [("other_currency", loan.number)]
    assert post(house, row) == 0
    with pytest.raises(Refused) as refused:
        assign_line(house.session, CASHIER, fund_id=house.fund.id, line_id=row.lines[0].id, loan_id=loan.id)
    assert refused.value.code == "payments.other_currency"


def test_a_line_is_dismissed_with_its_reason(house: House):
    row = brought(house, "05/03/2026;TX-1;x;Ana;1.00;")
    [line] = row.lines

    def dismiss(reason: str) -> PaymentLine:
        return dismiss_line(house.session, CASHIER, fund_id=house.fund.id, line_id=line.id, reason=reason)

    with pytest.raises(Invalid) as missing:
        dismiss(" ")
    assert missing.value.code == "payments.reason_missing"
    assert (dismiss("Devuelto por el banco").state, line.reason) == ("dismissed", "Devuelto por el banco")
    with pytest.raises(Refused) as again:
        dismiss("Otra vez")
    assert again.value.code == "payments.line_settled"
    assert queries.waiting(house.session, CASHIER, house.fund) == []


def test_a_file_is_taken_back_until_something_of_it_was_decided(house: House):
    loan = house.disbursed("1000.00")
    rows = (f"05/03/2026;TX-1;{loan.number};Ana;1.00;",)
    wrong = brought(house, *rows)
    take_payments_back(house.session, CASHIER, fund_id=house.fund.id, file_id=wrong.id)
    unread = receive(house, csv("05/03/2026;TX-9;x;Ana;1.00;"))
    take_payments_back(house.session, CASHIER, fund_id=house.fund.id, file_id=unread.id)
    right = brought(house, *rows)
    assert post(house, right) == 1
    with pytest.raises(Refused) as refused:
        take_payments_back(house.session, CASHIER, fund_id=house.fund.id, file_id=right.id)
    assert refused.value.code == "payments.posted_already"
    with pytest.raises(Refused) as read:
        read_payments(house.session, CASHIER, fund_id=house.fund.id, file_id=right.id, layout=Layout())
    assert read.value.code == "payments.read_already"


def test_a_file_and_a_line_of_another_fund_are_not_there(house: House):
    for step in (
        lambda: take_payments_back(house.session, CASHIER, fund_id=house.fund.id, file_id=UUID(int=7)),
        lambda: dismiss_line(house.session, CASHIER, fund_id=house.fund.id, line_id=UUID(int=7), reason="x"),
    ):
        with pytest.raises(NotFound):
            step()


def test_who_answers_for_a_part_of_the_territory_reads_no_file_of_all_of_it(house: House):
    part = person("cashier", scope="HN1709", subject="part")
    with pytest.raises(Exception) as refused:
        receive(house, csv("05/03/2026;T;x;A;1.00;"), by=part)
    assert "scope" in refused.value.code


@dataclass
class Dying:
    """A database whose process dies after so many transactions."""

    database: Database
    left: int

    @contextmanager
    def transaction(self) -> Any:
        if self.left == 0:
            raise KeyboardInterrupt
        self.left -= 1
        with self.database.transaction() as session:
            yield session

    @contextmanager
    def reading(self) -> Any:
        with self.database.reading() as session:
            yield session


@pytest.fixture
def file(build_house) -> tuple[House, Loan, UUID]:
    """A file of six payments to one loan."""

    def step(house: House) -> Any:
        loan = house.disbursed("1000.00")
        rows = [f"05/03/2026;TX-{n};{loan.number};Ana;10.00;" for n in range(6)]
        return loan, brought(house, *rows).id

    house, (loan, file_id) = build_house(step)
    return house, loan, file_id


def amounts(database: Database) -> list[int]:
    with database.reading() as session:
        return list(session.scalars(select(Repayment.amount)))


def test_killed_in_the_middle_it_goes_on_where_it_was(file, database):
    house, _, file_id = file
    with pytest.raises(KeyboardInterrupt):
        post_payments(Dying(database, 2), CASHIER, fund_id=house.fund.id, file_id=file_id)
    assert amounts(database) == [10_00] * 2
    assert post_payments(database, CASHIER, fund_id=house.fund.id, file_id=file_id) == 4
    assert amounts(database) == [10_00] * 6


def test_two_cashiers_who_post_the_same_file_at_once_post_each_payment_once(file, database):
    house, _, file_id = file

    def post_as(who: Caller) -> int:
        return post_payments(database, who, fund_id=house.fund.id, file_id=file_id)

    assert sum(at_once(lambda: post_as(CASHIER), lambda: post_as(SECOND))) == 6
    assert amounts(database) == [10_00] * 6


def test_a_line_assigned_by_two_at_once_is_posted_once(build_house, database):
    def step(house: House) -> Any:
        return house.disbursed("1000.00"), brought(house, "05/03/2026;TX-1;x;Ana;10.00;").lines[0].id

    house, (loan, line_id) = build_house(step)

    def assign(who: Caller) -> str:
        with database.transaction() as session:
            return assign_line(session, who, fund_id=house.fund.id, line_id=line_id, loan_id=loan.id).number

    answers = at_once(lambda: assign(CASHIER), lambda: assign(SECOND))
    assert sorted(answers) == ["FON-RC-2026-0001", "payments.line_settled"]
    assert amounts(database) == [10_00]


def test_the_api_reads_previews_and_posts_a_file(service, keys, database, build_house):
    house, loan = build_house(lambda house: house.disbursed("1000.00"))
    client, http = Client(service.web.test_client(), keys), service.web.test_client()
    from shared.testing import headers

    path = f"/funds/{house.fund.id}/payment-files"
    content = csv(f"05/03/2026;TX-1;{loan.number};Ana;100.00;", "05/03/2026;TX-2;??;Berta;50.00;")
    sent = http.post(
        f"/api/credit/v1{path}?source=bank",
        data={"file": (io.BytesIO(content), "pagos.csv")},
        headers=headers(keys, CASHIER),
    )
    assert sent.status_code == 201, sent.data
    received = sent.get_json()
    assert (received["state"], received["layout"]["amount"]) == ("guessed", 4)
    here = f"{path}/{received['id']}"
    body = {name: received["layout"][name] for name in ("begins", "day_first", *FIELDS)}
    read = client.post(CASHIER, f"{here}/columns", body).body
    assert [row["verdict"] for row in read["rows"]] == ["posts", "unknown_reference"]
    asked = client.post(CASHIER, f"{here}/posting")
    assert asked.status == 202
    assert Runner(database, handlers()).run_due() == 1
    shown = client.get(COORDINATOR, here).body
    assert [(row["state"], row["receipt"]) for row in shown["rows"]] == [
        ("posted", "FON-RC-2026-0001"),
        ("waiting", None),
    ]
    [row] = client.get(CASHIER, path).body["items"]
    assert (row["posted"], row["waiting"], row["posted_amount"]["amount"]) == (1, 1, "100.00")
    [waiting] = client.get(CASHIER, f"/funds/{house.fund.id}/payment-lines").body["items"]
    line = f"/funds/{house.fund.id}/payment-lines/{waiting['id']}"
    assert client.post(COORDINATOR, f"{line}/assignment", {"loan_id": str(loan.id)}).status == 403
    done = client.post(CASHIER, f"{line}/assignment", {"loan_id": str(loan.id)})
    assert (done.status, done.body["amount"]["amount"]) == (201, "50.00")
    assert client.post(CASHIER, f"{line}/dismissal", {"reason": "x"}).code == "payments.line_settled"
    assert client.send("DELETE", CASHIER, here).code == "payments.posted_already"


def test_the_command_previews_posts_and_goes_on(build_house, run, tmp_path, database):  # noqa: F811
    _, loan = build_house(lambda house: house.disbursed("1000.00", by=OFFICER))
    file = tmp_path / "pagos.csv"
    file.write_bytes(csv(f"05/03/2026;TX-1;{loan.number};Ana;100.00;", "05/03/2026;TX-2;??;Berta;50.00;"))
    words = ("payments", str(file), "--fund", "FON", "--source", "mobile")
    shown = run(*words)
    assert "unknown reference" in shown
    assert "2 lines, 150.00 HNL: 0 posted (0.00), 2 wait (1 can be posted), 0 repeated, 0 dismissed" in shown
    assert amounts(database) == []
    posted = run(*words, "--post")
    assert "1 payments posted" in posted
    assert "FON-RC-2026-0001" in posted
    assert "0 payments posted" in run(*words, "--post")
    assert amounts(database) == [100_00]

"""The trustee's statement is read whatever its bank's habits, and laid beside the books line by line."""

import io
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from services.credit.models import StatementLine
from services.credit.queries import statements as queries
from services.credit.queries.books import checked_books
from services.credit.rules.matching import Item, Nearest, suggest
from services.credit.rules.statement_file import read_rows
from services.credit.rules.statements import FIELDS, Layout, cents, guess, read, samples
from services.credit.use_cases.receive_statement import read_statement, receive_statement, take_statement_back
from services.credit.use_cases.reconcile_statement import book_line, confirm_matches, release_match
from shared import files
from shared.identity import ROLES
from shared.kernel import Invalid, NotFound, Refused, clock
from shared.testing import headers, person
from tests.credit.house import CASHIER, COORDINATOR, OFFICER, House
from tests.credit.test_books import run_to_the_end  # noqa: F401 - a fixture
from tests.credit.test_cli import run  # noqa: F401 - a fixture
from tests.credit.test_refusals import money, refused  # noqa: F401 - a fixture

# A preamble, a semicolon, decimal commas, the newest line first, a footer: as banks of the region write.
HABITS = """Banco Fiduciario de Prueba;;;;;
Cuenta;000-111;;;;
Fecha;Descripción;Referencia;Débitos;Créditos;Saldo
05/03/2026;Comisión por manejo;77;25,00;;89.975,00
05/03/2026;Desembolso P-0001;76;10.000,00;;90.000,00
02/01/2025;Transferencia cooperación;75;;100.000,00;100.000,00
Total;;;10.025,00;100.000,00;
"""
PLAIN = 'date,description,amount,balance\n2026-03-05,"Loan 1","-10,000.00","90,000.00"\n'


def layout_of(content: str | bytes) -> Layout:
    return guess(read_rows(content.encode() if isinstance(content, str) else content))


def lines_of(content: str | bytes, **changes: Any) -> list[tuple[Any, ...]]:
    rows = read_rows(content.encode() if isinstance(content, str) else content)
    found = read(rows, guess(rows), **changes)
    return [(line.day.isoformat(), line.description, line.amount, line.balance) for line in found.lines]


def workbook(rows: list[list[Any]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        book.add_worksheet("Portada")
        sheet, day = book.add_worksheet("Movimientos"), book.add_format({"num_format": "dd/mm/yyyy"})
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write(number, column, cell, day if isinstance(cell, date) else None)
    return out.getvalue()


def test_a_statement_is_read_whatever_the_habits_of_its_bank():
    assert lines_of(HABITS) == [
        ("2025-01-02", "Transferencia cooperación", 100000_00, 100000_00),
        ("2026-03-05", "Desembolso P-0001", -10000_00, 90000_00),
        ("2026-03-05", "Comisión por manejo", -25_00, 89975_00),
    ]
    assert lines_of(PLAIN) == [("2026-03-05", "Loan 1", -10000_00, 90000_00)]


def test_a_workbook_is_read_from_its_first_sheet_with_rows():
    content = workbook(
        [
            ["Fecha", "Concepto", "Cargo", "Abono", "Saldo"],
            [date(2026, 3, 4), "Interés ganado", None, 12.35, 100012.35],
            [date(2026, 3, 5), "Comisión", 0.1, None, 100012.25],
        ]
    )
    assert lines_of(content) == [
        ("2026-03-04", "Interés ganado", 12_35, 100012_35),
        ("2026-03-05", "Comisión", -10, 100012_25),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_accents_are_read_in_every_encoding_of_the_region(encoding):
    assert layout_of(HABITS.encode(encoding)) == layout_of(HABITS)
    assert lines_of(HABITS.encode(encoding))[0][1] == "Transferencia cooperación"


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1,250.00", 1250_00),
        ("1.250,00", 1250_00),
        ("1 250,5", 1250_50),
        ("1,250", 1250_00),
        ("L 1,250.00", 1250_00),
        ("Q1250.75", 1250_75),
        ("US$ 3.10", 3_10),
        ("-12", -12_00),
        ("(125.00)", -125_00),
        ("125.00-", -125_00),
        ("125.00 DB", -125_00),
        ("125.00 CR", 125_00),
        (12.1, 12_10),
        (7, 7_00),
        (0.1 + 0.2, 30),
        ("1.250", None),
        ("12.345,678", None),
        ("1,2,3", None),
        ("12,34,567.00", None),
        ("doce", None),
        ("", None),
        (1.005, None),
        (float("nan"), None),
        (float("inf"), None),
        (float("-inf"), None),
        ("١٢", None),
    ],
)
def test_an_amount_is_read_as_it_is_meant_or_not_at_all(cell, amount):
    assert cents(cell) == amount


@given(st.integers(-(10**12), 10**12))
def test_an_amount_written_by_a_bank_is_read_to_the_cent(amount):
    written = f"{amount / 100:,.2f}" if abs(amount) < 10**11 else f"{amount // 100}.{amount % 100:02d}"
    if abs(amount) < 10**11:
        assert cents(written) == amount
        assert cents(written.replace(",", "_").replace(".", ",").replace("_", ".")) == amount


@pytest.mark.parametrize(
    ("day", "read_as"),
    [
        ("05/03/2026", "2026-03-05"),
        ("2026-03-05", "2026-03-05"),
        ("05-MAR-26", "2026-03-05"),
        ("5 marzo 2026", "2026-03-05"),
        ("05.03.2026 10:22:01", "2026-03-05"),
        ("05/ene/2026", "2026-01-05"),
        ("13/03/2026", "2026-03-13"),
        ("03/13/2026", "2026-03-13"),
    ],
)
def test_a_day_is_read_as_the_region_writes_it(day, read_as):
    assert lines_of(f"Fecha;Detalle;Monto;Saldo\n{day};x;1.00;1.00\n")[0][0] == read_as


def test_lines_without_balances_need_the_balance_after_the_last():
    content = "Fecha;Detalle;Monto\n05/03/2026;b;-1.00\n04/03/2026;a;3.00\n"
    with pytest.raises(Invalid) as without:
        lines_of(content)
    assert (without.value.code, without.value.pointer) == ("statement.balance_needed", "/closing_balance")
    rows = read_rows(content.encode())
    found = read(rows, guess(rows), closing=102_00)
    assert (found.opening, found.closing, [line.description for line in found.lines]) == (100_00, 102_00, ["a", "b"])


def test_a_line_that_only_tells_a_balance_is_where_the_lines_begin():
    content = "Fecha;Detalle;Monto;Saldo\n01/03/2026;Saldo inicial;;50.00\n04/03/2026;a;3.00;53.00\n"
    rows = read_rows(content.encode())
    found = read(rows, guess(rows))
    assert (found.opening, found.closing, len(found.lines)) == (50_00, 53_00, 1)


@pytest.mark.parametrize(
    ("body", "code", "row"),
    [
        ("05/03/2026;a;1.00;1.00\n99/03/2026;b;1.00;2.00\n06/03/2026;c;1.00;3.00", "statement.day_unreadable", 3),
        ("05/03/2026;a;1.250;1.00", "statement.amount_unreadable", 2),
        ("05/03/2026;a;1.00;", "statement.amount_unreadable", 2),
        ("05/03/2026;a;1.00;1.00\n05/03/2026;b;1.00;3.00", "statement.does_not_add_up", 3),
        (";;;", "statement.no_lines", None),
    ],
)
def test_what_cannot_be_read_is_named_by_its_row(body, code, row):
    with pytest.raises(Invalid) as refusal:
        lines_of(f"Fecha;Detalle;Monto;Saldo\n{body}\n")
    assert (refusal.value.code, refusal.value.facts.get("row")) == (code, row)


def test_a_cell_of_a_workbook_that_is_no_number_is_named_by_its_row():
    rows: list[list[Any]] = [["Fecha", "Concepto", "Monto", "Saldo"], [date(2026, 3, 4), "x", float("nan"), 1.0]]
    with pytest.raises(Invalid) as problem:
        read(rows, guess(rows))
    assert (problem.value.code, problem.value.facts["row"]) == ("statement.amount_unreadable", 2)
    rows[1][2:] = [1.0, float("inf")]
    with pytest.raises(Invalid) as problem:
        read(rows, guess(rows))
    assert problem.value.code == "statement.amount_unreadable"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "statement.not_a_table"),
        (b"x", "statement.not_a_table"),
        (b"<html><table>", "statement.not_a_table"),
        (b"%PDF-1.7", "statement.not_a_table"),
        (b"a;b;c\0\n", "statement.not_a_table"),
        (b"PK\x03\x04nonsense", "statement.not_a_table"),
        (b"\xd0\xcf\x11\xe0old", "statement.old_workbook"),
        (b"\xff\xfe\x00\xd8\x00", "statement.not_a_table"),
        (b"a;b;c\n" * 20_001, "statement.too_long"),
        (b";".join([b"a"] * 61), "statement.too_long"),
    ],
)
def test_a_file_that_is_no_statement_is_refused(content, code):
    with pytest.raises(Invalid) as refusal:
        read_rows(content)
    assert refusal.value.code == code


def test_what_cannot_be_seen_does_not_come_in():
    content = "Fecha;Detalle;Monto;Saldo\n05/03/2026;ab\u202ec\u200b  d\x07;1.00;1.00\n"
    assert lines_of(content)[0][1] == "ab c d"


@given(st.binary(max_size=300) | st.text(alphabet="0159/.,;-() \nabQL\"'\t", max_size=300).map(str.encode))
def test_whatever_bytes_come_they_are_read_or_refused(content):
    try:
        rows = read_rows(content)
        layout = guess(rows)
        samples(rows, layout)
        read(rows, layout, closing=0)
    except Invalid:
        pass


columns = st.none() | st.integers(0, 5)


@given(st.builds(Layout, begins=st.integers(0, 9), day_first=st.booleans(), **dict.fromkeys(FIELDS, columns)))
def test_whatever_columns_are_chosen_they_are_read_or_refused(layout):
    rows = read_rows(HABITS.encode())
    try:
        found = read(rows, layout, closing=0)
    except Invalid:
        return
    assert found.closing - found.opening == sum(line.amount for line in found.lines)


# --- suggestions --------------------------------------------------------------------------------------------------------

DAY = date(2026, 3, 5)
items = st.lists(
    st.builds(
        Item,
        id=st.uuids(),
        day=st.integers(0, 9).map(lambda days: DAY + timedelta(days=days)),
        amount=st.sampled_from([-100, 100, 250]),
    ),
    max_size=12,
    unique_by=lambda item: item.id,
)


@given(items, items, st.integers(0, 6))
def test_suggestions_are_of_one_amount_within_the_window_and_nothing_is_in_two(lines, entries, window):
    pairs = suggest(lines, entries, window)
    by_line, by_entry = {line.id: line for line in lines}, {entry.id: entry for entry in entries}
    assert len({pair.line for pair in pairs}) == len({pair.entry for pair in pairs}) == len(pairs)
    for pair in pairs:
        line, entry = by_line[pair.line], by_entry[pair.entry]
        assert line.amount == entry.amount
        assert pair.days == abs((line.day - entry.day).days) <= window
    left = {line.id for line in lines} - {pair.line for pair in pairs}
    free = {entry.id for entry in entries} - {pair.entry for pair in pairs}
    for line in (by_line[one] for one in left):
        for entry in (by_entry[one] for one in free):
            assert line.amount != entry.amount or abs((line.day - entry.day).days) > window


@given(items, items, st.integers(1, 4))
def test_what_is_offered_for_a_line_is_what_is_nearest_of_all(lines, entries, most):
    nearest, place = Nearest(entries), {entry.id: at for at, entry in enumerate(entries)}
    for line in lines:
        of_its_amount = [entry for entry in entries if entry.amount == line.amount]
        of_its_amount.sort(key=lambda entry: (abs((entry.day - line.day).days), place[entry.id]))
        assert nearest.to(line.day, line.amount, most) == [entry.id for entry in of_its_amount[:most]]


def test_a_suggestion_is_certain_where_neither_could_be_another():
    line, twin = Item(uuid4(), DAY, 100), Item(uuid4(), DAY + timedelta(days=1), 100)
    entry = Item(uuid4(), DAY + timedelta(days=2), 100)
    assert [(pair.line, pair.certain) for pair in suggest([line], [entry])] == [(line.id, True)]
    assert [(pair.line, pair.certain) for pair in suggest([line, twin], [entry])] == [(twin.id, False)]


# --- with the books -----------------------------------------------------------------------------------------------------


def receive(house: House, content: str = HABITS, name: str = "marzo.csv") -> Any:
    return receive_statement(
        house.session, OFFICER, fund_id=house.fund.id, name=name, content=content.encode(), media_type="text/csv"
    )


def brought_in(house: House, content: str = HABITS, name: str = "marzo.csv") -> Any:
    row = receive(house, content, name)
    return read_statement(house.session, OFFICER, fund_id=house.fund.id, statement_id=row.id, layout=layout_of(content))


def lent_and_brought_in(house: House) -> Any:
    house.disbursed()
    return brought_in(house)


def beside(house: House, row: Any) -> dict[str, Any]:
    return queries.reconciliation(house.session, house.fund, row, 5)


def suggested(told: dict[str, Any]) -> list[tuple[UUID, UUID]]:
    return [(line["id"], line["suggested"]) for line in told["rows"] if line["suggested"]]


def test_lines_are_matched_by_amount_and_day_and_the_missing_charge_is_booked(house: House):
    row = lent_and_brought_in(house)
    told = beside(house, row)
    assert [(line["description"], line["certain"]) for line in told["rows"]] == [
        ("Transferencia cooperación", True),
        ("Desembolso P-0001", True),
        ("Comisión por manejo", False),
    ]
    assert [str(told[name]) for name in ("closing", "book", "difference", "unexplained")] == [
        "89975.00",
        "90000.00",
        "-25.00",
        "0.00",
    ]
    facts = {"fund_id": house.fund.id, "statement_id": row.id}
    confirm_matches(house.session, OFFICER, pairs=suggested(told), **facts)
    told = beside(house, row)
    assert [line["entry"] and line["entry"]["kind"] for line in told["rows"]] == ["contribution", "disbursement", None]
    assert told["entries"] == []
    charge = book_line(house.session, OFFICER, line_id=told["rows"][2]["id"], item="bank_charge", **facts)
    assert (charge.kind, charge.booked_on, charge.memo) == ("bank_charge", date(2026, 3, 5), "Comisión por manejo")
    told = beside(house, row)
    assert (str(told["difference"]), str(told["unexplained"])) == ("0.00", "0.00")
    assert checked_books(house.session, house.fund.id, clock.today()) == []


def test_a_movement_the_bank_does_not_know_yet_is_shown_and_explains_the_difference(house: House):
    row = lent_and_brought_in(house)
    loan = house.disbursed("2000.00")
    house.repay(loan, "100.00", channel="trustee")
    told = beside(house, row)
    only = [(entry["kind"], str(entry["amount"])) for entry in told["entries"]]
    assert only[-2:] == [("disbursement", "-2000.00"), ("repayment", "100.00")]
    assert str(told["unexplained"]) == "0.00"


def test_a_gap_between_statements_is_not_explained_away(house: House):
    row = brought_in(house, PLAIN.replace("90,000.00", "90,000.01"))
    told = beside(house, row)
    # The bank's account began with 100,000.01 and the books know 100,000.00: of the line before nothing was brought in.
    assert str(told["unexplained"]) == "100000.01"


def test_movements_of_other_times_are_not_looked_through_for_a_statement(house: House):
    """The contribution of 2025 is in the books for ever; a statement of 2026 is not laid beside it."""
    near = house.disbursed("500.00")
    row = brought_in(house, 'date,description,amount,balance\n2026-03-05,"Entrada","100,000.00","100,000.00"\n')
    told = beside(house, row)
    assert [line["candidates"] for line in told["rows"]] == [[]]
    assert [entry["kind"] for entry in told["entries"]] == ["contribution", "disbursement"]
    assert str(told["only_books"]) == "99500.00"
    assert near.principal == 500_00


def test_a_line_released_can_be_confirmed_anew(house: House):
    row = lent_and_brought_in(house)
    facts = {"fund_id": house.fund.id, "statement_id": row.id}
    pairs = suggested(beside(house, row))
    confirm_matches(house.session, OFFICER, pairs=pairs, **facts)
    release_match(house.session, OFFICER, line_id=pairs[0][0], **facts)
    with pytest.raises(Refused, match=r"statement\.line_not_confirmed"):
        release_match(house.session, OFFICER, line_id=pairs[0][0], **facts)
    confirm_matches(house.session, OFFICER, pairs=pairs[:1], **facts)
    assert [bool(line["entry"]) for line in beside(house, row)["rows"]] == [True, True, False]


def test_only_what_is_the_same_amount_and_free_is_confirmed_and_all_of_it_or_nothing(house: House):
    row = lent_and_brought_in(house)
    facts = {"fund_id": house.fund.id, "statement_id": row.id}
    told = beside(house, row)
    (first, given_), (second, lent) = suggested(told)
    charge = told["rows"][2]["id"]

    def refusal(*pairs: tuple[UUID, UUID]) -> str:
        with pytest.raises((Refused, NotFound)) as found, house.session.begin_nested():
            confirm_matches(house.session, OFFICER, pairs=pairs, **facts)
        house.session.expire_all()
        return found.value.code

    assert refusal((first, given_), (second, given_)) == "statement.entry_confirmed"
    assert refusal((first, given_), (charge, lent)) == "statement.amounts_differ"
    assert refusal((first, uuid4())) == "statement.entry_unknown"
    assert refusal((uuid4(), lent)) == "statement.line_unknown"
    assert not any(line["entry"] for line in beside(house, row)["rows"])
    confirm_matches(house.session, OFFICER, pairs=[(first, given_)], **facts)
    assert refusal((first, lent)) == "statement.line_confirmed"


def test_a_charge_goes_out_and_interest_comes_in(house: House):
    row = lent_and_brought_in(house)
    facts = {"fund_id": house.fund.id, "statement_id": row.id}
    incoming, _, charge = (line["id"] for line in beside(house, row)["rows"])
    for line_id, item in ((incoming, "bank_charge"), (charge, "bank_interest")):
        with pytest.raises(Refused, match=r"statement\.wrong_direction"):
            book_line(house.session, OFFICER, line_id=line_id, item=item, **facts)
    book_line(house.session, OFFICER, line_id=charge, item="bank_charge", **facts)
    with pytest.raises(Refused, match=r"statement\.line_confirmed"):
        book_line(house.session, OFFICER, line_id=charge, item="bank_charge", **facts)


def test_lines_that_an_earlier_statement_told_are_left_out(house: House):
    brought_in(house)
    longer = HABITS.replace("05/03/2026;Comisión", "05/03/2026;Interés;78;;7,00;89.982,00\n05/03/2026;Comisión")
    row = brought_in(house, longer, "marzo-2.csv")
    assert [(line.description, line.amount) for line in row.lines] == [("Interés", 7_00)]
    assert (row.repeated, row.closing) == (3, 89982_00)
    with pytest.raises(Refused, match=r"statement\.nothing_new"):
        brought_in(house, HABITS.replace("Total;", "Totales;"), "marzo-3.csv")


IN_ORDER_OF_POSTING = """Fecha,Descripción,Monto,Saldo
2026-03-05,Depósito,100.00,"100,100.00"
2026-03-03,Cheque 7,-40.00,"100,060.00"
2026-03-04,Depósito,10.00,"100,070.00"
"""


def test_a_bank_that_writes_in_the_order_of_posting_tells_no_line_twice(house: House):
    row = brought_in(house, IN_ORDER_OF_POSTING)
    assert [line.day.day for line in row.lines] == [5, 3, 4]
    assert (row.first_day, row.last_day) == (date(2026, 3, 3), date(2026, 3, 5))
    assert (row.opening, row.closing) == (100000_00, 100070_00)
    more = IN_ORDER_OF_POSTING + '2026-03-05,Comisión,-5.00,"100,065.00"\n'
    again = brought_in(house, more, "abril.csv")
    assert ([line.amount for line in again.lines], again.repeated) == ([-5_00], 3)


def test_a_day_to_come_in_the_middle_of_a_statement_is_refused(house: House):
    row = receive(house, IN_ORDER_OF_POSTING.replace("2026-03-03", "2026-03-06"))
    with pytest.raises(Invalid) as problem:
        read_statement(
            house.session,
            OFFICER,
            fund_id=house.fund.id,
            statement_id=row.id,
            layout=layout_of(IN_ORDER_OF_POSTING),
        )
    assert problem.value.code == "statement.day_to_come"
    assert problem.value.facts["day"] == date(2026, 3, 6)


def test_two_lines_that_are_the_same_in_one_file_are_two(house: House):
    content = "Fecha;Detalle;Monto\n04/03/2026;Cheque;1.00\n04/03/2026;Cheque;1.00\n"
    row = receive(house, content)
    read_statement(
        house.session,
        OFFICER,
        fund_id=house.fund.id,
        statement_id=row.id,
        layout=layout_of(content),
        closing_balance=house.fund.money(2_00),
    )
    assert [line.amount for line in row.lines] == [1_00, 1_00]


def test_a_statement_goes_again_as_long_as_nothing_was_confirmed(house: House):
    row = lent_and_brought_in(house)
    facts = {"fund_id": house.fund.id, "statement_id": row.id}
    pairs = suggested(beside(house, row))
    confirm_matches(house.session, OFFICER, pairs=pairs[:1], **facts)
    with pytest.raises(Refused, match=r"statement\.confirmed_already"):
        take_statement_back(house.session, OFFICER, **facts)
    release_match(house.session, OFFICER, line_id=pairs[0][0], **facts)
    file = row.file_id
    take_statement_back(house.session, OFFICER, **facts)
    assert queries.listed(house.session, house.fund) == []
    assert house.session.query(StatementLine).count() == 0
    with pytest.raises(NotFound, match=r"file\.erased"):
        files.find(house.session, file)
    assert brought_in(house).name == "marzo.csv", "and may come again"


def test_a_statement_of_days_to_come_is_refused(house: House):
    with pytest.raises(Invalid, match=r"statement\.day_to_come"):
        brought_in(house, PLAIN.replace("2026-03-05", "2026-03-06"))


# --- through the API ----------------------------------------------------------------------------------------------------


@pytest.fixture
def upload(service, keys):
    """Sends a file; comes back with the status and the body."""

    def send(caller: Any, fund: UUID, content: str | bytes, name: str = "marzo.csv") -> tuple[int, Any]:
        sent = content.encode() if isinstance(content, str) else content
        answer = service.web.test_client().post(
            f"/api/credit/v1/funds/{fund}/statements",
            data={"file": (io.BytesIO(sent), name)},
            content_type="multipart/form-data",
            headers=headers(keys, caller),
        )
        return answer.status_code, answer.json

    return send


CHOICE = {"begins": 3, "day_first": True, "date": 0, "description": 1, "debit": 3, "credit": 4, "balance": 5}


def test_a_statement_walks_through_the_api(build_house, client, upload, database):
    house, _ = build_house(lambda house: house.disbursed())
    status, row = upload(OFFICER, house.fund.id, HABITS)
    assert (status, row["state"], row["lines"]) == (201, "guessed", 0)
    assert {name: row["layout"][name] for name in CHOICE} == CHOICE
    assert row["layout"]["titles"][3] == "Débitos"
    path = f"/funds/{house.fund.id}/statements/{row['id']}"
    answered = client.post(OFFICER, f"{path}/columns", CHOICE)
    assert (answered.status, answered.body["lines"], answered.body["last_day"]) == (201, 3, "2026-03-05")
    told = client.get(OFFICER, f"{path}/reconciliation").body
    pairs = [{"line_id": one["id"], "entry_id": one["suggested"]} for one in told["rows"] if one["suggested"]]
    assert len(client.post(OFFICER, f"{path}/matches", {"pairs": pairs}).body["rows"]) == 3
    line = told["rows"][2]["id"]
    booked, key = f"{path}/lines/{line}/booking", uuid4().hex
    first = client.post(OFFICER, booked, {"item": "bank_charge"}, key=key)
    assert client.post(OFFICER, booked, {"item": "bank_charge"}, key=key).body == first.body
    assert client.get(OFFICER, f"{path}/reconciliation?window=0").body["difference"] == money("0.00")
    released = client.send("DELETE", OFFICER, f"{path}/matches/{line}")
    assert released.body["rows"][2]["entry"] is None
    assert client.get(OFFICER, f"/funds/{house.fund.id}/statements").body["items"][0]["confirmed"] == 2


def test_the_same_file_twice_is_refused(build_house, upload):
    house, _ = build_house()
    assert upload(OFFICER, house.fund.id, HABITS)[0] == 201
    status, body = upload(COORDINATOR, house.fund.id, HABITS, "otro-nombre.csv")
    assert (status, body["code"]) == (409, "statement.twice")
    assert "marzo.csv" in body["detail"]


def test_who_does_not_keep_the_whole_books_brings_no_statement(build_house, upload, refused, client):  # noqa: F811
    house, _ = build_house()
    local = person("coordinator", scope="HN1709", subject="local")
    assert upload(CASHIER, house.fund.id, HABITS)[1]["code"] == "permission.role_missing"
    assert upload(local, house.fund.id, HABITS)[1]["code"] == "permission.outside_scope"
    refused(403, "permission.role_missing", "GET", CASHIER, f"/funds/{house.fund.id}/statements")
    assert client.get(person("auditor", scope="HN17"), f"/funds/{house.fund.id}/statements").status == 200


def test_nothing_of_the_books_is_shown_or_done_from_another_territory(build_house, client, upload):
    from services.credit.api import books, drawers, funding, statements
    from tests.web.attack import path_of
    from tests.web.corpus import valid_body

    house, row = build_house(lent_and_brought_in)
    far = person(*ROLES, scope="GT", subject="far")
    assert upload(far, house.fund.id, b"no statement")[1]["code"] == "permission.outside_scope"
    tried = 0
    for resource in (books.resource, funding.resource, statements.resource, drawers.resource):
        for operation in resource.operations:
            if operation.upload:
                continue
            known = operation.path.replace("<uuid:fund_id>", str(house.fund.id))
            path = path_of(replace(operation, path=known.replace("<uuid:statement_id>", str(row.id))))
            body = valid_body(operation.body) if operation.body else None
            extra = {"Idempotency-Key": uuid4().hex} if operation.idempotent else {}
            answer = client.send(operation.method, far, path, body, **extra)
            assert (answer.status, answer.code) == (403, "permission.outside_scope"), operation.name
            tried += 1
    assert tried > 15


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"date": None}, "statement.column_missing"),
        ({"debit": None, "credit": None}, "statement.column_missing"),
        ({"amount": 3}, "statement.amount_twice"),
        ({"balance": 4}, "statement.column_twice"),
        ({"begins": 7}, "statement.no_lines"),
        ({"balance": None}, "statement.balance_needed"),
        ({"balance": None, "closing_balance": money("1.00", "USD")}, "fund.other_currency"),
        ({"date": 60}, "field.out_of_range"),
        ({"credit": 2}, "statement.does_not_add_up"),
    ],
)
def test_columns_that_cannot_be_are_refused(build_house, refused, changes, code):  # noqa: F811
    house, row = build_house(receive)
    path = f"/funds/{house.fund.id}/statements/{row.id}"
    refused(422, code, "POST", OFFICER, f"{path}/columns", CHOICE | changes)
    refused(409, "statement.not_read_yet", "GET", OFFICER, f"{path}/reconciliation")


def test_what_is_not_there_and_what_was_done_before_is_refused(build_house, refused):  # noqa: F811
    house, row = build_house(lent_and_brought_in)
    path = f"/funds/{house.fund.id}/statements"
    refused(404, "statement.unknown", "GET", OFFICER, f"{path}/{uuid4()}")
    refused(409, "statement.read_already", "POST", OFFICER, f"{path}/{row.id}/columns", CHOICE)
    some = f"{path}/{row.id}/lines/{uuid4()}/booking"
    refused(404, "statement.line_unknown", "POST", OFFICER, some, {"item": "bank_charge"})
    pairs = {"pairs": [{"line_id": str(row.lines[0].id), "entry_id": str(uuid4())}]}
    refused(404, "statement.entry_unknown", "POST", OFFICER, f"{path}/{row.id}/matches", pairs)
    wrong = f"{path}/{row.id}/lines/{row.lines[0].id}/booking"
    refused(409, "statement.wrong_direction", "POST", OFFICER, wrong, {"item": "bank_charge"})


def test_a_workbook_that_is_a_bomb_costs_a_refusal(build_house, upload):
    import zipfile

    house, _ = build_house()
    out = io.BytesIO(workbook([["Fecha", "Monto"], [1, 2]]))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        far = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        far += '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        names = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(names[0], f"{far}</sheetData></worksheet>")
    status, body = upload(OFFICER, house.fund.id, out.getvalue(), "bomba.xlsx")
    assert status == 422
    assert body["code"] in {"body.invalid_fields", "file.cannot_be_read", "statement.too_long", "statement.not_a_table"}


def test_a_statement_comes_in_by_command(build_house, run, run_to_the_end, tmp_path):  # noqa: F811
    build_house(lambda house: house.disbursed())
    assert run_to_the_end("reconcile", "FON").exit_code == 1
    file = tmp_path / "marzo.csv"
    file.write_text(HABITS)
    told = run("statement", "FON", str(file))
    assert "date = Fecha, description = Descripción, debit = Débitos, credit = Créditos, balance = Saldo" in told
    assert "3 lines from 2025-01-02 to 2026-03-05, 0 known already, balance 89975.00 HNL" in told
    told = run("reconcile", "FON")
    assert "bank 89975.00, books 90000.00, difference -25.00, unexplained 0.00 HNL on 2026-03-05" in told
    assert "Comisión por manejo" in told
    again = run_to_the_end("statement", "FON", str(file))
    assert (again.exit_code, "statement.twice" in again.output) == (1, True)

"""What a file of payments says: which column is what, its lines with their amounts in cents, and what each may pay."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from services.credit.rules import table_cells
from services.credit.rules.statement_file import Cell
from services.credit.rules.table_cells import HEADER_WITHIN, MOST, at, cents, clean, day_of, days_come_first, named
from shared.kernel import Invalid

FIELDS = ("date", "amount", "reference", "transaction", "payer", "charge", "currency")
NEEDED = ("date", "amount", "reference", "transaction")
"""`amount` is what she paid; `charge` what the operator kept of it, where there is such a column."""
_WORDS: Mapping[str, tuple[str, ...]] = {
    "date": ("fecha", "date", "dia"),
    "transaction": ("transaccion", "transaction", "autorizacion", "documento", "operacion", "id"),
    "charge": ("comision", "cargo", "tarifa", "fee", "charge"),
    "amount": ("monto", "importe", "valor", "cantidad", "credito", "abono", "amount"),
    "reference": ("referencia", "prestamo", "reference", "loan", "telefono", "celular", "phone", "cuenta"),
    "payer": ("nombre", "pagador", "cliente", "concepto", "descripcion", "detalle", "payer", "name", "description"),
    "currency": ("moneda", "divisa", "currency"),
}
LONGEST_TRANSACTION = 60
MOST_LINES = 2_000
"""Payments of one file: so many a person still looks through before they are posted."""
_NUMBER = re.compile(r"[A-Z0-9]{1,20}-(?:P|RC)-[0-9]{4}-[0-9]{4,9}")
_LEAST_REFERENCE = 6


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column is what (counted from 0), after how many rows the lines begin, whether days come before months."""

    begins: int = 0
    day_first: bool = True
    date: int | None = None
    amount: int | None = None
    reference: int | None = None
    transaction: int | None = None
    payer: int | None = None
    charge: int | None = None
    currency: int | None = None

    def check(self) -> None:
        """Refuses a layout that lacks a column nobody can do without, or has one column for two things."""
        for name in NEEDED:
            if getattr(self, name) is None:
                raise Invalid("payments.column_missing", pointer=f"/{name}")
        taken = [getattr(self, name) for name in FIELDS if getattr(self, name) is not None]
        if len(set(taken)) != len(taken):
            raise Invalid("payments.column_twice", pointer="/date")


@dataclass(frozen=True, slots=True)
class Line:
    """One payment as the file tells it, in cents; `currency` is empty where the file tells none."""

    row: int
    day: date
    amount: int
    charge: int
    reference: str
    payer: str
    transaction: str
    currency: str = ""


def guess(rows: Sequence[Sequence[Cell]]) -> Layout:
    """What the columns are taken for, by the words of the header; a person confirms it."""
    for number, row in enumerate(rows[:HEADER_WITHIN]):
        found = named(row, _WORDS)
        if found.keys() >= {"date", "amount"}:
            layout = replace(Layout(begins=number + 1), **found)  # type: ignore[arg-type]
            return replace(layout, day_first=days_come_first(rows, layout.begins, layout.date))
    return Layout()


def samples(rows: Sequence[Sequence[Cell]], layout: Layout) -> dict[str, Any]:
    """The titles of the columns and some of their cells, with what the columns are taken for."""
    return table_cells.samples(rows, layout.begins) | asdict(layout)


def read(rows: Sequence[Sequence[Cell]], layout: Layout) -> list[Line]:
    """The payments in the order of the file. Refuses a cell that cannot be read, naming its row, a payment without a
    transaction, and a file without any or with more than 2,000. What stands below the last day is a footer.
    """
    layout.check()
    lines = list(_lines(rows, layout))
    if not lines:
        raise Invalid("payments.no_lines", pointer="/begins")
    if len(lines) > MOST_LINES:
        raise Invalid("payments.too_many", pointer="/begins", most=MOST_LINES)
    return lines


def _lines(rows: Sequence[Sequence[Cell]], layout: Layout) -> Iterator[Line]:
    dated = [(number, row, day_of(at(row, layout.date), layout.day_first)) for number, row in enumerate(rows, start=1)]
    dated = dated[layout.begins :]
    last = max((number for number, _, day in dated if day is not None), default=0)
    for number, row, day in dated:
        if number > last or all(cell is None for cell in row):
            continue
        if day is None:
            raise Invalid("payments.day_unreadable", pointer="/date", row=number)
        transaction = _text(at(row, layout.transaction))
        if not transaction or len(transaction) > LONGEST_TRANSACTION:
            raise Invalid("payments.transaction_missing", pointer="/transaction", row=number)
        yield Line(
            row=number,
            day=day,
            amount=_money(row, layout.amount, number, "/amount"),
            charge=abs(_money(row, layout.charge, number, "/charge")),
            reference=_text(at(row, layout.reference))[:200],
            payer=_text(at(row, layout.payer))[:200],
            transaction=transaction,
            currency=_text(at(row, layout.currency)).upper()[:10],
        )


def _money(row: Sequence[Cell], column: int | None, number: int, pointer: str) -> int:
    cell = at(row, column)
    found = 0 if cell is None else cents(cell)
    if found is None or abs(found) > MOST:
        raise Invalid("payments.amount_unreadable", pointer=pointer, row=number)
    return found


def _text(cell: Cell) -> str:
    """The cell as text; a workbook gives a long number as 50412345678.0."""
    return clean(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)


def numbers_in(*texts: str) -> list[str]:
    """The numbers of loans and receipts in the texts, in whatever case and with blanks around their dashes."""
    joined = re.sub(r"\s*-\s*", "-", " ".join(texts).upper())
    return list(dict.fromkeys(_NUMBER.findall(joined)))


def remembered(reference: str) -> bool:
    """Whether a reference that names no loan says enough to know the next payment by: a telephone, a document."""
    return len(re.sub(r"[^0-9A-Za-z]", "", reference)) >= _LEAST_REFERENCE


VERDICTS = (
    "posts",
    "posts_with_excess",
    "all_excess",
    "unknown_reference",
    "several_loans",
    "future_day",
    "before_loan",
    "other_currency",
    "not_a_payment",
    "charge_too_high",
    "disburser",
)
"""What would become of a line: the first three are posted, the others wait for a hand."""
POSTED = VERDICTS[:3]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a line needs to know of its loan: `takes` is what may be paid on its day, in cents, and it takes payments
    of the `earliest` day on.
    """

    earliest: date
    takes: int
    by_caller: bool


def verdict(line: Line, loans: int, loan: Standing | None, fund_currency: str, today: date) -> str:
    """What would become of a line for which `loans` loans were found, of which it is `loan` where it is one."""
    if line.currency and line.currency != fund_currency:
        return "other_currency"
    if line.amount <= 0:
        return "not_a_payment"
    if line.charge >= line.amount:
        return "charge_too_high"
    if line.day > today:
        return "future_day"
    if loan is None:
        return "several_loans" if loans else "unknown_reference"
    return _on(line, loan)


def _on(line: Line, loan: Standing) -> str:
    if loan.by_caller:
        return "disburser"
    if line.day < loan.earliest:
        return "before_loan"
    if loan.takes >= line.amount:
        return "posts"
    return "posts_with_excess" if loan.takes else "all_excess"

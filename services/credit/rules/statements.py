"""What the rows of a trustee's statement say: which column is what, and the lines with their amounts in cents."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import pairwise
from typing import Any

from services.credit.rules import table_cells
from services.credit.rules.statement_file import Cell
from services.credit.rules.table_cells import HEADER_WITHIN, MOST, at, cents, clean, day_of, days_come_first, named
from shared.kernel import Invalid

FIELDS = ("date", "description", "debit", "credit", "amount", "balance")
"""Debit is what left the account and credit what came in, as the bank says it; `amount` has a sign."""
_WORDS: Mapping[str, tuple[str, ...]] = {
    "date": ("fecha", "date", "dia"),
    "description": (
        "descripcion",
        "concepto",
        "detalle",
        "transaccion",
        "description",
        "details",
        "memo",
        "referencia",
    ),
    "debit": ("debito", "cargo", "debe", "retiro", "egreso", "debit", "withdrawal"),
    "credit": ("credito", "abono", "haber", "deposito", "ingreso", "credit", "deposit"),
    "amount": ("monto", "importe", "valor", "cantidad", "amount"),
    "balance": ("saldo", "balance"),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Which column is what (counted from 0), after how many rows the lines begin, and whether days come before months.

    Either `amount` is there, with its sign, or `debit` and `credit` are.
    """

    begins: int = 0
    day_first: bool = True
    date: int | None = None
    description: int | None = None
    debit: int | None = None
    credit: int | None = None
    amount: int | None = None
    balance: int | None = None

    def check(self) -> None:
        """Refuses a layout without a day, without an amount, or with one column for two things."""
        for name in ("date", "description"):
            if getattr(self, name) is None:
                raise Invalid("statement.column_missing", pointer=f"/{name}")
        if self.amount is None and self.debit is None and self.credit is None:
            raise Invalid("statement.column_missing", pointer="/amount")
        if self.amount is not None and (self.debit is not None or self.credit is not None):
            raise Invalid("statement.amount_twice", pointer="/amount")
        taken = [getattr(self, name) for name in FIELDS if getattr(self, name) is not None]
        if len(set(taken)) != len(taken):
            raise Invalid("statement.column_twice", pointer="/date")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement: what came in is positive; the balance after it, where the bank tells it; in cents."""

    row: int
    day: date
    description: str
    amount: int
    balance: int | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """The lines of a statement in the order in which the bank entered them, which need not be that of their days; and
    its balances before the first and after the last.
    """

    lines: tuple[Line, ...]
    opening: int
    closing: int

    @property
    def days(self) -> tuple[date, date]:
        """The earliest day of a line and the latest; there must be one."""
        days = [line.day for line in self.lines]
        return min(days), max(days)


def guess(rows: Sequence[Sequence[Cell]]) -> Layout:
    """What the columns are taken for, by the words of the header; a person confirms it."""
    for number, row in enumerate(rows[:HEADER_WITHIN]):
        found = named(row, _WORDS)
        if "date" in found and found.keys() & {"amount", "debit", "credit"}:
            if found.keys() & {"debit", "credit"}:
                found.pop("amount", None)
            layout = replace(Layout(begins=number + 1), **found)  # type: ignore[arg-type]
            return replace(layout, day_first=days_come_first(rows, layout.begins, layout.date))
    return Layout()


def samples(rows: Sequence[Sequence[Cell]], layout: Layout) -> dict[str, Any]:
    """The titles of the columns and some of their cells, to be looked at, with what the columns are taken for."""
    return table_cells.samples(rows, layout.begins) | asdict(layout)


def read(rows: Sequence[Sequence[Cell]], layout: Layout, closing: int | None = None) -> Read:
    """The lines that the layout finds, what was entered first before what was entered later.

    Refuses a cell that cannot be read, naming its row, and lines that do not lead from one balance to the next. Where
    the bank tells no balances, `closing` is that after the last line. What stands below the last day is a footer.
    """
    layout.check()
    lines = _lines(rows, layout)
    if not lines:
        raise Invalid("statement.no_lines", pointer="/begins")
    if layout.balance is None:
        if closing is None:
            raise Invalid("statement.balance_needed", pointer="/closing_balance")
        if lines[0].day > lines[-1].day:
            lines.reverse()
        lines.sort(key=lambda line: line.day)
        moving = tuple(line for line in lines if line.amount)
        return Read(moving, closing - sum(line.amount for line in moving), closing)
    lines = _in_order(lines)
    opening, last = _balance(lines[0]) - lines[0].amount, _balance(lines[-1])
    return Read(tuple(line for line in lines if line.amount), opening, last)


def _lines(rows: Sequence[Sequence[Cell]], layout: Layout) -> list[Line]:
    dated = [(number, row, day_of(at(row, layout.date), layout.day_first)) for number, row in enumerate(rows)]
    dated = dated[layout.begins :]
    last = max((number for number, _, day in dated if day is not None), default=-1)
    found = []
    for number, row, day in dated:
        if number > last or all(cell is None for cell in row):
            continue
        if day is None:
            if at(row, layout.date) is None and not _amount(row, layout, number):
                continue
            raise Invalid("statement.day_unreadable", pointer="/date", row=number + 1)
        amount = _amount(row, layout, number)
        balance = _money(row, layout.balance, number) if layout.balance is not None else None
        if not amount and balance is None:
            continue
        if layout.balance is not None and balance is None:
            raise Invalid("statement.amount_unreadable", pointer="/balance", row=number + 1)
        found.append(Line(number + 1, day, clean(at(row, layout.description))[:200], amount, balance))
    return found


def _amount(row: Sequence[Cell], layout: Layout, number: int) -> int:
    if layout.amount is not None:
        return _money(row, layout.amount, number) or 0
    credit, debit = _money(row, layout.credit, number) or 0, _money(row, layout.debit, number) or 0
    # Some banks write what left the account with a minus of its own.
    return abs(credit) - abs(debit)


def _money(row: Sequence[Cell], column: int | None, number: int) -> int | None:
    cell = at(row, column)
    if cell is None:
        return None
    found = cents(cell)
    if found is None or abs(found) > MOST:
        raise Invalid("statement.amount_unreadable", pointer="/amount", row=number + 1)
    return found


def _in_order(lines: list[Line]) -> list[Line]:
    """The lines oldest first, by the balances; refuses what adds up in neither direction."""
    forward, backward = _breaks(lines), _breaks(lines[::-1])
    if backward and forward:
        broken = forward if len(forward) <= len(backward) else backward
        raise Invalid("statement.does_not_add_up", pointer="/balance", row=broken[0].row)
    return lines if not forward else lines[::-1]


def _breaks(lines: Sequence[Line]) -> list[Line]:
    return [after for before, after in pairwise(lines) if _balance(before) + after.amount != _balance(after)]


def _balance(line: Line) -> int:
    return line.balance or 0

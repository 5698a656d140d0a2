"""What the rows of a trustee's statement say: which column is what, and the lines with their amounts in cents."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from services.credit.rules.statement_file import Cell
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
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *(("ene", "jan"), ("feb",), ("mar",), ("abr", "apr"), ("may",), ("jun",)),
            *(("jul",), ("ago", "aug"), ("sep", "set"), ("oct",), ("nov",), ("dic", "dec")),
        ),
        start=1,
    )
    for name in names
}
_HEADER_WITHIN = 40
_SAMPLES = 5
_MONEY_WORDS = re.compile(r"(US\$|USD|GTQ|HNL|LPS?\.?|Q\.?|L\.|L|\$)", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?P<whole>[0-9]+|[0-9]{1,3}(?P<mark>[,.' ])[0-9]{3}((?P=mark)[0-9]{3})*)((?P<point>[.,])(?P<cents>[0-9]{1,2}))?"
)
_DAY = re.compile(r"([0-9]{1,4})[/.\- ]([0-9]{1,2}|[A-Za-z]{3,10})[/.\- ]([0-9]{2,4})(?:[ T].*)?")
_MOST = 10**15


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
    """The lines of a statement, oldest first, and its balances before the first and after the last."""

    lines: tuple[Line, ...]
    opening: int
    closing: int


def guess(rows: Sequence[Sequence[Cell]]) -> Layout:
    """What the columns are taken for, by the words of the header; a person confirms it."""
    for number, row in enumerate(rows[:_HEADER_WITHIN]):
        found = _named(row)
        if "date" in found and found.keys() & {"amount", "debit", "credit"}:
            if found.keys() & {"debit", "credit"}:
                found.pop("amount", None)
            layout = replace(Layout(begins=number + 1), **found)  # type: ignore[arg-type]
            return replace(layout, day_first=_day_first(rows, layout))
    return Layout()


def samples(rows: Sequence[Sequence[Cell]], layout: Layout) -> dict[str, Any]:
    """The titles of the columns and some of their cells, to be looked at."""
    width = max(map(len, rows))
    head = rows[layout.begins - 1] if layout.begins else ()
    shown = [row for row in rows[layout.begins :] if any(cell is not None for cell in row)][:_SAMPLES]
    return {
        "titles": [_clean(head[column]) if column < len(head) else "" for column in range(width)],
        "samples": [[_clean(row[column]) if column < len(row) else "" for column in range(width)] for row in shown],
        **asdict(layout),
    }


def read(rows: Sequence[Sequence[Cell]], layout: Layout, closing: int | None = None) -> Read:
    """The lines that the layout finds, oldest first.

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
    dated = [(number, row, _day(_at(row, layout.date), layout.day_first)) for number, row in enumerate(rows)]
    dated = dated[layout.begins :]
    last = max((number for number, _, day in dated if day is not None), default=-1)
    found = []
    for number, row, day in dated:
        if number > last or all(cell is None for cell in row):
            continue
        if day is None:
            if _at(row, layout.date) is None and not _amount(row, layout, number):
                continue
            raise Invalid("statement.day_unreadable", pointer="/date", row=number + 1)
        amount = _amount(row, layout, number)
        balance = _money(row, layout.balance, number) if layout.balance is not None else None
        if not amount and balance is None:
            continue
        if layout.balance is not None and balance is None:
            raise Invalid("statement.amount_unreadable", pointer="/balance", row=number + 1)
        found.append(Line(number + 1, day, _clean(_at(row, layout.description))[:200], amount, balance))
    return found


def _amount(row: Sequence[Cell], layout: Layout, number: int) -> int:
    if layout.amount is not None:
        return _money(row, layout.amount, number) or 0
    credit, debit = _money(row, layout.credit, number) or 0, _money(row, layout.debit, number) or 0
    # Some banks write what left the account with a minus of its own.
    return abs(credit) - abs(debit)


def _money(row: Sequence[Cell], column: int | None, number: int) -> int | None:
    cell = _at(row, column)
    if cell is None:
        return None
    found = cents(cell)
    if found is None or abs(found) > _MOST:
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


def cents(cell: Cell) -> int | None:
    """The cents of a cell: a number, or `1,250.00`, `1.250,00`, `(125.00)`, `125.00-`, `Q 125.00`, `125.00 DB`; None
    for what can be read in two ways or in none.
    """
    if isinstance(cell, int | float):
        exact = Decimal(repr(cell)) * 100
        near = exact.to_integral_value()
        return int(near) if abs(exact - near) < Decimal("0.0001") else None
    if not isinstance(cell, str):
        return None
    text = _MONEY_WORDS.sub("", cell.upper()).strip()
    sign = -1 if re.search(r"^\(.*\)$|^-|-$|\bD[BR]$", text) else 1
    text = re.sub(r"\b(DB|DR|CR)$", "", text).strip().strip("()+-").strip()
    number = _NUMBER.fullmatch(text)
    if number is None or (number["mark"] and number["mark"] == number["point"]):
        return None
    if number["mark"] == "." and not number["point"]:
        return None  # 1.250 is a thousand to some and one to others
    whole = re.sub(r"[^0-9]", "", number["whole"])
    return sign * (int(whole) * 100 + int((number["cents"] or "0").ljust(2, "0")))


def _day(cell: Cell, day_first: bool) -> date | None:
    if isinstance(cell, date):
        return cell
    found = _DAY.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if found is None:
        return None
    first, middle, last = found.groups()
    month = _MONTHS.get(middle[:3].lower(), 0) if middle.isalpha() else int(middle)
    if len(first) == 4:
        year, day = int(first), int(last)
    else:
        year, day = int(last) + (2000 if len(last) == 2 else 0), int(first)
        if not day_first and not middle.isalpha():
            month, day = day, month
    try:
        return date(year, month, day) if 1990 <= year <= 2200 else None
    except ValueError:
        return None


def _day_first(rows: Sequence[Sequence[Cell]], layout: Layout) -> bool:
    """Days come first, as the region writes, unless more rows can be read the other way."""
    cells = [_at(row, layout.date) for row in rows[layout.begins :]]
    readable = {first: sum(_day(cell, first) is not None for cell in cells) for first in (True, False)}
    return readable[True] >= readable[False]


def _named(row: Sequence[Cell]) -> dict[str, int]:
    found: dict[str, int] = {}
    for column, cell in enumerate(row):
        words = _folded(_clean(cell)) if isinstance(cell, str) else ""
        for name in FIELDS:
            if name not in found and any(re.search(rf"\b{word}", words) for word in _WORDS[name]):
                found[name] = column
                break
    return found


def _at(row: Sequence[Cell], column: int | None) -> Cell:
    return row[column] if column is not None and column < len(row) else None


def _clean(cell: Cell) -> str:
    """The cell as one line of text without what cannot be seen."""
    text = "" if cell is None else str(cell)
    return " ".join("".join(" " if unicodedata.category(sign)[0] == "C" else sign for sign in text).split())


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(sign for sign in plain if not unicodedata.combining(sign))

"""What the tables of reports are made of: a sheet with its heads, and the words of its reader."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.kernel import Money

Report = Mapping[str, Any]
Say = Callable[..., str]


@dataclass(frozen=True)
class Sheet:
    """A table with its name and its heads. A cell is a text, a number, a day, or None where there is nothing to say; a
    withheld figure is a word.
    """

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]


class Words:
    """The reader's words for tables, columns and cells."""

    def __init__(self, speak: Say) -> None:
        self.speak = speak

    def sheet(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Sheet:
        heads = [self.speak(f"report.column.{column}") for column in columns]
        return Sheet(self.speak(f"report.table.{name}"), heads, rows)

    def row(self, code: str) -> str:
        return self.speak(f"report.row.{code}")

    def count(self, value: Any) -> Any:
        """A figure, or that it is withheld."""
        return self.speak("withheld") if value is None else value

    def sums(self, amounts: Sequence[Money] | None) -> Any:
        """Amounts in words, for there may be several currencies; a single one is a number."""
        if amounts is None:
            return self.speak("withheld")
        return amount(amounts[0]) if len(amounts) == 1 else "; ".join(f"{one} {one.currency}" for one in amounts)


def amount(money: Money | None) -> float | None:
    """An amount as a number."""
    return None if money is None else float(money.decimal)

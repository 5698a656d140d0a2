"""The tables of a report: every number of it under the words of its reader, for spreadsheets, pages and machines."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.territory.rules.chains import ABSENT, MISSING
from shared.events.vocabulary import LINKS
from shared.kernel import Money

Report = Mapping[str, Any]
Say = Callable[..., str]
_PLAIN = ("enterprises", "women", "men", "formal", "informal", "at_home", "elsewhere")


@dataclass(frozen=True)
class Sheet:
    """A table with its name and its heads. A cell is a text, a number, a day, or None where there is nothing to say; a
    withheld figure is a word.
    """

    name: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Any]]


def sheets(report: Report, speak: Say) -> list[Sheet]:
    """All tables of a report, in the order of its pages; those without rows are left out."""
    say = _Words(speak)
    made = (
        _headlines, _sentences, _inventory, _needs, _shares, _chains, _units, _credit, _training, _proposals, _steps,
        _costs, _financing, _method, _glossary,
    )  # fmt: skip
    return [sheet for sheet in (one(report, say) for one in made) if sheet.rows]


class _Words:
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


def _compared(
    report: Report, say: _Words, name: str, rows: Iterator[tuple[str, Any, Any]], cell: Callable[[Any], Any]
) -> Sheet:
    """Figures here, and around where the report compares."""
    if report["around"] is None:
        return say.sheet(name, ("figure", "here"), [[label, cell(here)] for label, here, _ in rows])
    told = [[label, cell(here), cell(around)] for label, here, around in rows]
    return say.sheet(name, ("figure", "here", "around"), told)


def _headlines(report: Report, say: _Words) -> Sheet:
    rows = report["summary"]["headlines"]
    if report["around"] is None:
        told = [[row["label"], say.count(row["value"]), row["change"]] for row in rows]
        return say.sheet("summary", ("figure", "here", "change"), told)
    told = [[row["label"], say.count(row["value"]), say.count(row["around"]), row["change"]] for row in rows]
    return say.sheet("summary", ("figure", "here", "around", "change"), told)


def _sentences(report: Report, say: _Words) -> Sheet:
    summary = report["summary"]
    kinds = (("finding", summary["findings"]), ("ask", summary["asks"]))
    rows = [[say.row(kind), one["text"]] for kind, told in kinds for one in told]
    return say.sheet("findings", ("kind", "sentence"), rows)


def _inventory(report: Report, say: _Words) -> Sheet:
    here, around = report["inventory"], report["department_inventory"] or {}
    states = here["validation"]
    rows = [(say.row(code), here[code], around.get(code)) for code in _PLAIN]
    rows += [
        (say.row(f"validation.{state}"), states[state], (around.get("validation") or {}).get(state))
        for state in states
    ]  # fmt: skip
    return _compared(report, say, "inventory", iter(rows), say.count)


def _needs(report: Report, say: _Words) -> Sheet:
    around = (report["department_inventory"] or {}).get("needs", {})
    rows = ((say.row(f"need.{need}"), count, around.get(need)) for need, count in report["inventory"]["needs"].items())
    return _compared(report, say, "needs", rows, say.count)


def _shares(report: Report, say: _Words) -> Sheet:
    rows = [
        [row["label"], row["percent"], row["around"], say.row(f"judgement.{row['judgement']}")]
        for row in report["summary"]["shares"]
    ]
    return say.sheet("shares", ("share", "percent", "percent_around", "judgement"), rows)


def _chains(report: Report, say: _Words) -> Sheet:
    around = {row["chain"]: row["women"] for row in report["department_chains"] or ()}
    columns = ["chain", "enterprises", "women", *(f"link.{link}" for link in LINKS)]
    rows = []
    for row in report["chains"]:
        links = [_at_link(link, say) for link in row["links"]]
        rows.append([row["name"], say.count(row["enterprises"]), say.count(row["women"]), *links])
        if report["around"] is not None:
            rows[-1].append(say.count(around[row["chain"]]))
    return say.sheet("chains", [*columns, "women_around"] if report["around"] is not None else columns, rows)


def _at_link(link: Mapping[str, Any], say: _Words) -> Any:
    if link["state"] == MISSING:
        return say.row("missing")
    if link["state"] == ABSENT:
        return 0
    return say.row("some") if link["women"] is None else link["women"]


def _units(report: Report, say: _Words) -> Sheet:
    columns = ("enterprises", "women", "trained", "loans")
    rows = [
        [row["code"], row["name"], *(say.count(row[column]) for column in columns)] for row in report["map"]["units"]
    ]
    return say.sheet("units", ("code", "unit", *columns), rows)


def _credit(report: Report, say: _Words) -> Sheet:
    here, around = report["credit"], report["department_credit"] or {}
    outcomes = around.get("outcomes", {})
    rows = [(say.row("applications"), here["applications"], around.get("applications"))]
    rows += [(say.row(f"outcome.{code}"), count, outcomes.get(code)) for code, count in here["outcomes"].items()]
    rows += [(say.row(code), here[code], around.get(code)) for code in ("loans", "open", "settled")]
    rows += [(say.row(code), here[code], around.get(code)) for code in ("disbursed", "outstanding")]

    def cell(value: Any) -> Any:
        return say.sums(value) if isinstance(value, list) else say.count(value)

    return _compared(report, say, "credit", iter(rows), cell)


def _training(report: Report, say: _Words) -> Sheet:
    here, around = report["training"], report["department_training"] or {}
    rows = [(say.row(code), here[code], around.get(code)) for code in ("groups", "in_training", "not_in_training")]
    accompanied = (report["department_credit"] or {}).get("accompaniments")
    rows.append((say.row("accompaniments"), report["credit"]["accompaniments"], accompanied))
    return _compared(report, say, "training", iter(rows), say.count)


def _proposals(report: Report, say: _Words) -> Sheet:
    columns = (
        *("proposal", "organization", "unit", "year", "state", "since", "currency", "asked", "approved", "executed"),
        *("women_total", "women_direct"),
    )
    rows = [
        [
            *(one["title"], one["organization"], one["place"], one["year"], say.row(f"state.{one['state']}")),
            *(one["since"], one["asked"].currency, amount(one["asked"]), amount(one["approved"])),
            *(amount(one["executed"]), one["women_total"], one["women_direct"]),
        ]
        for one in report["tracker"]["proposals"]
    ]
    return say.sheet("proposals", columns, rows)


def _steps(report: Report, say: _Words) -> Sheet:
    rows = [
        [
            one["title"],
            say.row(f"state.{step['state']}"),
            step["day"],
            step["days"],
            step["act"],
            amount(step["amount"]),
        ]
        for one in report["tracker"]["proposals"]
        for step in one["steps"]
    ]
    return say.sheet("steps", ("proposal", "state", "day", "days", "act", "amount"), rows)


def _costs(report: Report, say: _Words) -> Sheet:
    rows = [
        [
            *(one["title"], line["year"], line["item"], line["quantity"], line["measure"]),
            *(amount(line["unit_cost"]), amount(line["cost"]), one["asked"].currency),
        ]
        for one in report["tracker"]["proposals"]
        for line in one["costs"]
    ]
    columns = ("proposal", "year", "item", "quantity", "measure", "unit_cost", "cost", "currency")
    return say.sheet("costs", columns, rows)


def _financing(report: Report, say: _Words) -> Sheet:
    rows = [
        [one["title"], say.row(f"source.{part['source']}"), part.get("institution") or None, amount(part["amount"])]
        for one in report["tracker"]["proposals"]
        for part in one["financing"]
    ]
    return say.sheet("financing", ("proposal", "source", "institution", "amount"), rows)


def _method(report: Report, say: _Words) -> Sheet:
    return say.sheet("method", ("sentence",), [[line] for line in report["method"]])


def _glossary(report: Report, say: _Words) -> Sheet:
    return say.sheet("glossary", ("term", "meaning"), [[one["term"], one["meaning"]] for one in report["glossary"]])

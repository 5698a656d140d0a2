"""The tables of a report: every number of it under the words of its reader, for spreadsheets, pages and machines."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from services.territory.documents.chain_tables import OF_CHAIN
from services.territory.documents.report_sheets import Report, Say, Sheet, Words, amount
from services.territory.rules.chains import ABSENT, MISSING
from shared.events.vocabulary import LINKS

_PLAIN = ("enterprises", "women", "men", "formal", "informal", "at_home", "elsewhere")


def sheets(report: Report, speak: Say) -> list[Sheet]:
    """All tables of a report, in the order of its pages; those without rows are left out."""
    say = Words(speak)
    own = OF_CHAIN if report["kind"] == "chain" else _OF_PLACE
    made = (_headlines, _sentences, *own, _proposals, _steps, _costs, _financing, _method, _glossary)
    return [sheet for sheet in (one(report, say) for one in made) if sheet.rows]


def _compared(
    report: Report, say: Words, name: str, rows: Iterator[tuple[str, Any, Any]], cell: Callable[[Any], Any]
) -> Sheet:
    """Figures here, and around where the report compares."""
    if report["around"] is None:
        return say.sheet(name, ("figure", "here"), [[label, cell(here)] for label, here, _ in rows])
    told = [[label, cell(here), cell(around)] for label, here, around in rows]
    return say.sheet(name, ("figure", "here", "around"), told)


def _headlines(report: Report, say: Words) -> Sheet:
    rows = report["summary"]["headlines"]
    if report["around"] is None:
        told = [[row["label"], say.count(row["value"]), row["change"]] for row in rows]
        return say.sheet("summary", ("figure", "here", "change"), told)
    told = [[row["label"], say.count(row["value"]), say.count(row["around"]), row["change"]] for row in rows]
    return say.sheet("summary", ("figure", "here", "around", "change"), told)


def _sentences(report: Report, say: Words) -> Sheet:
    summary = report["summary"]
    kinds = (("finding", summary["findings"]), ("ask", summary["asks"]))
    rows = [[say.row(kind), one["text"]] for kind, told in kinds for one in told]
    return say.sheet("findings", ("kind", "sentence"), rows)


def _inventory(report: Report, say: Words) -> Sheet:
    here, around = report["inventory"], report["department_inventory"] or {}
    states = here["validation"]
    rows = [(say.row(code), here[code], around.get(code)) for code in _PLAIN]
    rows += [
        (say.row(f"validation.{state}"), states[state], (around.get("validation") or {}).get(state))
        for state in states
    ]  # fmt: skip
    return _compared(report, say, "inventory", iter(rows), say.count)


def _needs(report: Report, say: Words) -> Sheet:
    around = (report["department_inventory"] or {}).get("needs", {})
    rows = ((say.row(f"need.{need}"), count, around.get(need)) for need, count in report["inventory"]["needs"].items())
    return _compared(report, say, "needs", rows, say.count)


def _shares(report: Report, say: Words) -> Sheet:
    def judged(row: Mapping[str, Any], name: str) -> Any:
        return say.row(f"judgement.{row[name]}") if row[name] else None

    rows = []
    for row in report["summary"]["shares"]:
        beside = [row["around"], judged(row, "judgement")] if report["around"] is not None else []
        usual = [row["country"], judged(row, "country_judgement")] if report["national"] else []
        rows.append([row["label"], row["percent"], *beside, *usual])
    columns = ["share", "percent"]
    columns += ["percent_around", "judgement"] if report["around"] is not None else []
    columns += ["percent_country", "judgement_country"] if report["national"] else []
    return say.sheet("shares", columns, rows)


def _levels(report: Report, say: Words) -> Sheet:
    beside, usual = report["around"] is not None, bool(report["national"])
    rows = [
        [
            row["label"],
            row["mean"],
            row["n"],
            *([row["around"]] if beside else []),
            *([row["country"]] if usual else []),
        ]
        for row in report["levels"]
    ]
    columns = ("subject", "level", "n", *(["level_around"] if beside else []), *(["level_country"] if usual else []))
    return say.sheet("levels", columns, rows)


def _chains(report: Report, say: Words) -> Sheet:
    around = {row["chain"]: row["women"] for row in report["department_chains"] or ()}
    columns = ["chain", "enterprises", "women", *(f"link.{link}" for link in LINKS)]
    rows = []
    for row in report["chains"]:
        links = [_at_link(link, say) for link in row["links"]]
        rows.append([row["name"], say.count(row["enterprises"]), say.count(row["women"]), *links])
        if report["around"] is not None:
            rows[-1].append(say.count(around[row["chain"]]))
    return say.sheet("chains", [*columns, "women_around"] if report["around"] is not None else columns, rows)


def _at_link(link: Mapping[str, Any], say: Words) -> Any:
    if link["state"] == MISSING:
        return say.row("missing")
    if link["state"] == ABSENT:
        return 0
    return say.row("some") if link["women"] is None else link["women"]


def _units(report: Report, say: Words) -> Sheet:
    columns = ("enterprises", "women", "trained", "loans")
    rows = [
        [row["code"], row["name"], *(say.count(row[column]) for column in columns)] for row in report["map"]["units"]
    ]
    return say.sheet("units", ("code", "unit", *columns), rows)


def _credit(report: Report, say: Words) -> Sheet:
    here, around = report["credit"], report["department_credit"] or {}
    outcomes = around.get("outcomes", {})
    rows = [(say.row("applications"), here["applications"], around.get("applications"))]
    rows += [(say.row(f"outcome.{code}"), count, outcomes.get(code)) for code, count in here["outcomes"].items()]
    rows += [(say.row(code), here[code], around.get(code)) for code in ("loans", "open", "settled")]
    rows += [(say.row(code), here[code], around.get(code)) for code in ("disbursed", "outstanding")]

    def cell(value: Any) -> Any:
        return say.sums(value) if isinstance(value, list) else say.count(value)

    return _compared(report, say, "credit", iter(rows), cell)


def _training(report: Report, say: Words) -> Sheet:
    here, around = report["training"], report["department_training"] or {}
    rows = [(say.row(code), here[code], around.get(code)) for code in ("groups", "in_training", "not_in_training")]
    accompanied = (report["department_credit"] or {}).get("accompaniments")
    rows.append((say.row("accompaniments"), report["credit"]["accompaniments"], accompanied))
    return _compared(report, say, "training", iter(rows), say.count)


def _proposals(report: Report, say: Words) -> Sheet:
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


def _steps(report: Report, say: Words) -> Sheet:
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


def _costs(report: Report, say: Words) -> Sheet:
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


def _financing(report: Report, say: Words) -> Sheet:
    rows = [
        [one["title"], say.row(f"source.{part['source']}"), part.get("institution") or None, amount(part["amount"])]
        for one in report["tracker"]["proposals"]
        for part in one["financing"]
    ]
    return say.sheet("financing", ("proposal", "source", "institution", "amount"), rows)


def _method(report: Report, say: Words) -> Sheet:
    return say.sheet("method", ("sentence",), [[line] for line in report["method"]])


def _glossary(report: Report, say: Words) -> Sheet:
    return say.sheet("glossary", ("term", "meaning"), [[one["term"], one["meaning"]] for one in report["glossary"]])


_OF_PLACE = (_inventory, _needs, _shares, _levels, _chains, _units, _credit, _training)

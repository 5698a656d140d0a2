"""The tables that the report of a value chain has for itself."""

from collections.abc import Mapping
from typing import Any

from services.territory.documents.report_sheets import Report, Sheet, Words, amount
from services.territory.rules.chains import ABSENT, MISSING


def _facts(report: Report, say: Words) -> Sheet:
    """The chain as a whole."""
    row, leakage = report["chain_row"] or {}, report["leakage"] or {}
    back, told = report["held_back"], report["introductions"]
    facts = [
        ("women_share", report["women_share"]),
        ("placed", say.count(report["placed"])),
        ("present", row.get("present")),
        ("needed", row.get("needed")),
        ("held_back", say.speak(f"link.{back['link']}") if back else None),
        ("leaving", leakage.get("percent", say.row("not_told"))),
        ("leaving_n", leakage.get("n")),
        *((f"introductions.{name}", _counted(report, say, number)) for name, number in told.items()),
    ]
    rows = [[say.row(name), value] for name, value in facts if value is not None]
    return say.sheet("chain_facts", ("figure", "here"), rows)


def _counted(report: Report, say: Words, number: int | None) -> Any:
    """A figure that is told of whole departments only."""
    return say.count(number) if report["detailed"] else say.row("not_told")


def _links(report: Report, say: Words) -> Sheet:
    rows = [
        [
            say.speak(f"link.{link['link']}"),
            say.row("yes") if link["needed"] else None,
            _state(link, say),
            say.count(link["enterprises"]),
            say.count(link["women"]),
            link["examples"],
        ]
        for link in (report["chain_row"] or {"links": ()})["links"]
    ]
    return say.sheet("chain_links", ("link_name", "needed", "link_state", "enterprises", "women", "examples"), rows)


def _state(link: Mapping[str, Any], say: Words) -> str:
    return say.row({MISSING: "missing", ABSENT: "absent_link"}.get(link["state"], "present_link"))


def _levels(report: Report, say: Words) -> Sheet:
    usual = bool(report["national"])
    rows = [
        [row["label"], _level(report, say, row["mean"]), row["n"], say.count(row["around"]),
         *([row["country"]] if usual else [])]
        for row in report["levels"]
    ]  # fmt: skip
    columns = ("subject", "level", "n", "level_all", *(["level_country"] if usual else []))
    return say.sheet("levels", columns, rows)


def _level(report: Report, say: Words, mean: float | None) -> Any:
    return _counted(report, say, mean)  # type: ignore[arg-type]


def _sales(report: Report, say: Words) -> Sheet:
    rows = [[one["currency"], one["n"], amount(one["low"]), amount(one["high"])] for one in report["sales"]]
    return say.sheet("sales", ("currency", "n", "low_limit", "high_limit"), rows)


def _gaps(report: Report, say: Words) -> Sheet:
    rows = [
        [
            row["label"],
            _counted(report, say, row["asked"]),
            _counted(report, say, row["got"]) if row["compared"] else None,
            row["gap"],
        ]
        for row in report["gaps"]
    ]
    return say.sheet("gaps", ("figure", "asked_for", "got", "gap"), rows)


def _places(report: Report, say: Words) -> Sheet:
    rows = [
        [
            *(row["code"], row["name"], *(say.count(row[name]) for name in ("enterprises", "women", "men", "n"))),
            *(row[name] for name in ("quotient", "low", "high")),
            say.row("yes") if row["small"] else None,
        ]
        for row in report["places"]
    ]
    columns = (
        *("code", "unit", "enterprises", "women", "men", "all_chains"),
        *("quotient", "quotient_low", "quotient_high", "of_few"),
    )
    return say.sheet("chain_places", columns, rows)


def _plans(report: Report, say: Words) -> Sheet:
    rows = [
        [one["title"], one["place"], one["source"], one["valid_from"], one["valid_until"]] for one in report["plans"]
    ]
    return say.sheet("plans", ("plan", "unit", "source_act", "from_day", "until_day"), rows)


OF_CHAIN = (_facts, _links, _levels, _sales, _gaps, _places, _plans)

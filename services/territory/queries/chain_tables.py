"""The chain map as a table to take away: a row for each link of each chain, exactly what the page shows."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import xlsxwriter

from services.territory.queries.maps import Speak
from shared.events.vocabulary import SUBJECTS
from shared.kernel import CURRENCIES
from shared.spreadsheets import as_csv, harmless

_SHOWN = ("enterprises", "jobs_women", "jobs_men", "women_share")
_OF_SALES = ("low", "middle", "high", "known")
COLUMNS = (
    *("chain", "link", "needed", "state", *_SHOWN),
    *(f"sales_{name}_{currency}" for currency in CURRENCIES for name in _OF_SALES),
    *(f"{subject}_{name}" for subject in SUBJECTS for name in ("mean", "low", "high", "known")),
    *("balance", "bottleneck", "narrow", "inputs_without_seller", "reasons"),
)


def as_table_csv(rows: Iterable[dict[str, Any]], speak: Speak) -> bytes:
    return as_csv(_heads(speak), _lines(rows, speak))


def as_workbook(rows: Iterable[dict[str, Any]], title: str, speak: Speak) -> bytes:
    """The same as a workbook; the same rows make the same bytes but for the day it was made."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet(speak("chain_map.sheet")[:31])
        bold = book.add_format({"bold": True})
        sheet.write_string(0, 0, harmless(title), bold)
        sheet.write_row(1, 0, _heads(speak), bold)
        sheet.freeze_panes(2, 2)
        sheet.set_column(0, 1, 24)
        for line, row in enumerate(_lines(rows, speak), start=2):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(line, column, harmless(value))
                elif value is not None:
                    sheet.write_number(line, column, value)
    return out.getvalue()


def _heads(speak: Speak) -> list[str]:
    return [_head(name, speak) for name in COLUMNS]


def _head(name: str, speak: Speak) -> str:
    if name.startswith("sales_"):
        _, limit, currency = name.split("_")
        return speak("column.sales", limit=speak(f"limit.{limit}"), currency=currency)
    subject, _, limit = name.rpartition("_")
    if subject in SUBJECTS:
        return speak("column.level", subject=speak(f"subject.{subject}"), limit=speak(f"limit.{limit}"))
    return speak(f"column.{name}")


def _lines(rows: Iterable[dict[str, Any]], speak: Speak) -> Iterator[Sequence[Any]]:
    for chain in rows:
        for link in chain["links"]:
            yield _line(chain["name"], link, speak)


def _line(chain: str, link: dict[str, Any], speak: Speak) -> list[Any]:
    sales = {one["low"].currency: one for one in link["sales"]}
    answer = {True: speak("answer.yes"), False: ""}
    amounts = [sales.get(currency, {}).get(name) for currency in CURRENCIES for name in _OF_SALES]
    lacking = [one["name"] for one in link["inputs"] if not one["sellers"]]
    return [
        chain,
        speak(f"link.{link['link']}"),
        answer[link["needed"]],
        speak(f"state.{link['state']}"),
        *(link[name] for name in _SHOWN),
        *(amount.minor / 100 if hasattr(amount, "minor") else amount for amount in amounts),
        *(level[name] for level in link["levels"] for name in ("mean", "low", "high", "known")),
        link["balance"],
        answer[link["bottleneck"]],
        answer[link["narrow"]],
        ", ".join(lacking),
        " ".join(link["reasons"]),
    ]

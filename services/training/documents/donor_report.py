"""The donor report in words: on a page, as PDF/UA-1, as a workbook and as CSV; the same figures, the same bytes."""

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from shared import documents, places
from shared.spreadsheets import CSV, XLSX, Sheet, as_csv, as_xlsx

MEDIA_TYPES = {"pdf": "application/pdf", "xlsx": XLSX, "csv": CSV}
TEMPLATE = Path(__file__).parent / "donor_report.typ"
_COLUMNS = ("women", "completed", "sessions", "hours", "gain")
_FIXED = (
    *("title", "file", "introduction", "withheld", "withheld_text", "gain_text", "languages_text", "everybody", "what"),
    *_COLUMNS,
)
Speak = Callable[..., str]


def in_words(report: Mapping[str, Any], speak: Speak, languages: Mapping[str, str]) -> dict[str, Any]:
    """The report with a label for each table and line, and minutes told as hours to one decimal."""
    return {
        **report,
        "place": ", ".join(places.in_full(unit) for unit in report["units"]),
        "number": f"DON-{report['as_of']:%Y%m%d}-{'-'.join(report['units'])}",
        "total": _line(report["total"], speak("donor_report.everybody")),
        "tables": [
            {
                **table,
                "label": speak(f"donor_report.{table['name']}"),
                "rows": [_line(row, _label(table["name"], row["code"], speak, languages)) for row in table["rows"]],
            }
            for table in report["tables"]
        ],
    }


def _line(row: Mapping[str, Any], label: str) -> dict[str, Any]:
    minutes, gain = row["minutes"], row["gain"]
    hours = None if minutes is None else round(minutes / 60, 1)
    return {**row, "label": label, "hours": hours, "gain": None if gain is None else round(gain, 1)}


def _label(table: str, code: str, speak: Speak, languages: Mapping[str, str]) -> str:
    if code == "unknown":
        return speak("donor_report.unknown")
    if table == "municipality":
        return places.full_name(code)
    if table == "language":
        return languages.get(code, code)
    if table == "age" and code != "under":
        return speak("donor_report.age.from", age=code)
    return speak(f"donor_report.{table}.{code}")


class PrintedDonorReport:
    """A report in words before it is set."""

    def __init__(self, report: Mapping[str, Any], speak: Speak, language: str) -> None:
        self.report, self.language = report, language
        self._words = {name: speak(f"donor_report.{name}") for name in _FIXED}
        self._words["as_of"] = speak("donor_report.as_of", day=report["as_of"])

    @property
    def data(self) -> dict[str, Any]:
        letterhead = {"centre": "Red CSEM", "host": self._words["title"]}
        return {**self.report, "words": self._words, "dated": self.report["as_of"], "letterhead": letterhead}

    @cached_property
    def hash(self) -> str:
        """The hash of what it says."""
        return documents.content_hash(TEMPLATE, self.data, language=self.language)

    def written(self, form: str, public_url: str) -> bytes:
        """The report in one of `MEDIA_TYPES`, with the address of the page that verifies it."""
        address = f"{public_url}/verify/{{hash}}"
        if form == "pdf":
            return documents.render(TEMPLATE, self.data, language=self.language, verify_url=address)
        heads = [self._words["what"], "", *(self._words[name] for name in _COLUMNS)]
        if form == "csv":
            return as_csv(heads, self._rows())
        about = [[self.report["place"]], [self.report["number"]], [self._words["as_of"]],
                 [self._words["withheld_text"]], [address.format(hash=self.hash)]]  # fmt: skip
        return as_xlsx(
            Sheet(self._words["what"], heads, self._rows(), kept=2),
            Sheet(self._words["file"], [self._words["title"]], about),
        )

    def _rows(self) -> list[list[Any]]:
        lines = [(self._words["everybody"], self.report["total"])]
        lines += [(table["label"], row) for table in self.report["tables"] for row in table["rows"]]
        return [[head, row["label"], *(self._shown(row, name) for name in _COLUMNS)] for head, row in lines]

    def _shown(self, row: Mapping[str, Any], name: str) -> Any:
        if row[name] is None:
            return self._words["withheld"] if name != "gain" or row["women"] is None else ""
        return row[name]

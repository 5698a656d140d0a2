"""The annual report as PDF/UA-1 and as a workbook: the same numbers, the same bytes for the same facts."""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from services.training.rules.diplomas.award import KINDS
from shared import documents
from shared.spreadsheets import XLSX, Sheet, as_xlsx

MEDIA_TYPES = {"pdf": "application/pdf", "xlsx": XLSX}
TEMPLATE = Path(__file__).parent / "csr_report.typ"
_FIXED = (
    *("introduction", "introduction_text", "withheld", "withheld_text", "activities", "taught", "no_workshop", "place"),
    *("when", "smes", "persons", "moved", "distinct", "sex", "sector", "materials", "dialogues", "no_dialogue"),
    *("present", "institutions", "people", "women", "men", "conclusions", "signed", "commitment", "owner", "due"),
    *("state", "partnerships", "partnerships_text", "partner_kind", "partners", "no_agreement", "agreement"),
    *("contribution", "signed_on", "next", "nothing_planned", "annex_activities", "nothing_held", "annex_partners"),
    *("country", "activity", "kind", "diplomas", "gender_module", "figure", "first_annex", "second_annex"),
)
_CODED: Mapping[str, tuple[str, ...]] = {
    "kind": ("workshop", "parliamentarians", "multi_stakeholder", "round_table", "forum"),
    "sex": ("woman", "man", "not_said"),
    "sector": (
        *("agriculture", "manufacturing", "energy", "construction", "trade", "tourism", "information_technology"),
        *("services", "other"),
    ),
    "state": ("open", "kept", "not_kept", "late"),
    "partner": ("government_international", "csr_organization", "private_sector", "civil_society_academia"),
    "contribution": ("none", "in_kind", "financial", "both"),
    "annex": ("workshops", "dialogues"),
    "diploma": KINDS,
}
Speak = Callable[..., str]


class PrintedCsrReport:
    """A report before it is set: what `queries.csr_report` said, and its words in a language."""

    def __init__(self, report: Mapping[str, Any], speak: Speak, language: str) -> None:
        self.report, self.language = report, language
        self._words = _words(report, speak)

    @property
    def data(self) -> dict[str, Any]:
        letterhead = {"centre": "Red CSEM", "host": self._words["programme"]}
        return {
            **self.report,
            "words": self._words,
            "withheld": _withholds(self.report),
            "dated": self.report["as_of"],
            "letterhead": letterhead,
        }

    @cached_property
    def hash(self) -> str:
        """The hash of what it says."""
        return documents.content_hash(TEMPLATE, self.data, language=self.language)

    def written(self, form: str, public_url: str) -> bytes:
        """The report in one of `MEDIA_TYPES`, with the address of the page that verifies it."""
        address = f"{public_url}/verify/{{hash}}"
        if form == "pdf":
            return documents.render(TEMPLATE, self.data, language=self.language, verify_url=address)
        return as_xlsx(*self._sheets(address.format(hash=self.hash)))

    def _sheets(self, address: str) -> list[Sheet]:
        say, report = self._words, self.report
        where = [say["country"], say["place"], say["when"]]
        lines = [say["title"], report["place"], report["number"], say["as_of"], say["withheld_text"], address]
        return [
            Sheet(say["figure"], [say["programme"]], [[line] for line in lines]),
            self._workshops(where),
            Sheet(say["sex"], [say["sex"], say["persons"]], self._coded("by_sex", "sex")),
            Sheet(say["sector"], [say["sector"], say["smes"]], self._coded("by_sector", "sector")),
            Sheet(say["diplomas"], [say["kind"], say["diplomas"]], self._coded("diplomas", "diploma")),
            *self._dialogues(where),
            self._agreements(),
            Sheet(say["next"], [*where, say["activity"]], [_activity(one) for one in report["planned"]]),
            Sheet(
                say["first_annex"], [*where, say["activity"]], [_activity(one) for one in report["annex_activities"]]
            ),
            self._partners(where),
        ]

    def _shown(self, value: int | None) -> Any:
        return self._words["withheld"] if value is None else value

    def _coded(self, name: str, kind: str) -> list[list[Any]]:
        return [[self._words[f"{kind}.{one['code']}"], self._shown(one["count"])] for one in self.report[name]]

    def _workshops(self, where: list[str]) -> Sheet:
        say, report = self._words, self.report
        rows = [
            [one["country"], one["city"], one["when"], self._shown(one["smes"]), self._shown(one["persons"])]
            for one in report["workshops"]
        ]
        rows.append([say["distinct"], "", "", self._shown(report["smes"]), self._shown(report["persons"])])
        return Sheet(say["taught"], [*where, say["smes"], say["persons"]], rows)

    def _dialogues(self, where: list[str]) -> Iterator[Sheet]:
        """The dialogues, and what was promised in them."""
        say, held = self._words, self.report["dialogues"]
        counted = [say[name] for name in ("institutions", "women", "men", "conclusions")]
        rows = [
            [
                *(one["title"], say[f"kind.{one['kind']}"], one["country"], one["city"], one["when"]),
                *(one["institutions"], self._shown(one["women"]), self._shown(one["men"]), one["conclusions"]),
            ]
            for one in held
        ]
        yield Sheet(say["dialogues"], [say["activity"], say["kind"], *where, *counted], rows)
        promised = [
            [one["title"], it["what"], it["owner"], it["due_on"], say[f"state.{'late' if it['late'] else it['state']}"]]
            for one in held
            for it in one["commitments"]
        ]
        head = [say["activity"], *(say[name] for name in ("commitment", "owner", "due", "state"))]
        yield Sheet(say["commitment"], head, promised)

    def _agreements(self) -> Sheet:
        say = self._words
        rows = [
            [one["title"], "; ".join(one["partners"]), say[f"contribution.{one['contribution']}"], one["signed_on"]]
            for one in self.report["agreements"]
        ]
        head = [say[name] for name in ("agreement", "partners", "contribution", "signed_on")]
        return Sheet(say["agreement"], head, rows)

    def _partners(self, where: list[str]) -> Sheet:
        say, kinds = self._words, [one["code"] for one in self.report["partner_kinds"]]
        rows = [
            [say[f"annex.{name}"], one["country"], one["city"], one["when"], *("; ".join(one[kind]) for kind in kinds)]
            for name, lines in self.report["annex_partners"].items()
            for one in lines
        ]
        return Sheet(say["second_annex"], [say["kind"], *where, *(say[f"partner.{kind}"] for kind in kinds)], rows)


def _activity(one: Mapping[str, Any]) -> list[Any]:
    return [one["country"], one["city"], one["when"], one["title"]]


def _withholds(report: Mapping[str, Any]) -> bool:
    columns = [*report["by_sex"], *report["by_sector"], *report["diplomas"]]
    lines = [*report["workshops"], *report["dialogues"]]
    return any(one["count"] is None for one in columns) or any(one["persons"] is None for one in lines)


def _words(report: Mapping[str, Any], speak: Speak) -> dict[str, str]:
    """Everything that the report says in words, by its code."""
    said = {name: speak(f"csr_report.{name}") for name in _FIXED}
    said |= {f"{kind}.{code}": speak(f"csr_{kind}.{code}") for kind, codes in _CODED.items() for code in codes}
    count = {"workshops": len(report["workshops"]), "dialogues": len(report["dialogues"])}
    few = said["withheld"]
    smes = few if report["smes"] is None else report["smes"]
    return said | {
        "programme": speak("csr_report.programme"),
        "title": speak("csr_report.title", year=report["year"]),
        "as_of": speak("csr_report.as_of", day=report["as_of"]),
        "taught_text": speak("csr_report.taught_text", **count, smes=smes),
        "gender_text": speak("csr_report.gender_text", **count, gender=report["gender_workshops"]),
    }

"""A report as a document: PDF/UA-1, workbook, web page or GeoPackage with the same numbers, the same bytes for the same
figures, and known again by its hash.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from shapely import Geometry
from sqlalchemy import select
from sqlalchemy.orm import Session

from services.territory.documents.report_files import MEDIA_TYPES, geopackage, web_page, workbook
from services.territory.documents.report_sheets import Say
from services.territory.models import IssuedReport, Publication
from services.territory.queries.report_subjects import CHAIN
from shared import documents
from shared.kernel import LOCAL_TIME, clock

FORMATS = tuple(MEDIA_TYPES)
_DOCUMENTS = Path(__file__).parent.parent / "documents"
NEVER = "2026-01-01"
"""Dates a report that has no data yet."""
_HEAD = 80
"""As many letters stand at the head of a page."""


@dataclass(frozen=True)
class PrintedReport:
    """A report before it is set: what `queries.reports.report_of` said, and its language."""

    report: Mapping[str, Any]
    language: str

    @property
    def template(self) -> Path:
        """What it is set by."""
        return _DOCUMENTS / ("chain_report.typ" if self.report["kind"] == CHAIN else "place_report.typ")

    @property
    def data(self) -> dict[str, Any]:
        letterhead = {"centre": "Red CSEM", "host": f"{self.report['name']}, {self.report['department']}"[:_HEAD]}
        return {**self.report, "dated": self.report["as_of"] or NEVER, "letterhead": letterhead}

    @cached_property
    def hash(self) -> str:
        """The hash of what it says."""
        return documents.content_hash(self.template, self.data, language=self.language)

    @property
    def issue(self) -> "Issue":
        """What is remembered of it."""
        told = self.report
        return Issue(self.hash, told["kind"], ", ".join(told["units"]), told["number"], self.language)

    def render(self, public_url: str) -> bytes:
        """The PDF, with a QR to the page that verifies it."""
        address = f"{public_url}/verify/{{hash}}"
        return documents.render(self.template, self.data, language=self.language, verify_url=address)

    def written(self, form: str, speak: Say, shapes: Mapping[str, Geometry], public_url: str) -> bytes:
        """The report in one of `FORMATS`; `shapes`: those of the units of its map."""
        lines = self._lines(speak, public_url)
        makers: Mapping[str, Callable[[], bytes]] = {
            "pdf": lambda: self.render(public_url),
            "xlsx": lambda: workbook(self.report, speak, lines),
            "html": lambda: web_page(self.report, speak, lines, self.language),
            "gpkg": lambda: geopackage(self.report, shapes),
        }
        return makers[form]()

    def _lines(self, speak: Say, public_url: str) -> list[str]:
        """What stands above the tables: what it is, of which month, what is withheld, where it is verified."""
        report = self.report
        as_of = report["as_of"]
        return [
            speak("chain_report.title" if report["kind"] == CHAIN else "report.title", place=report["name"]),
            f"{', '.join(dict.fromkeys((report['department'], report['country'])))} · {report['number']}",
            speak("report.published", month=report["published"]),
            speak("map.as_of", day=as_of.astimezone(LOCAL_TIME).date()) if as_of else speak("map.no_data"),
            speak("report.withheld", figures=report["figures"], withheld=report["withheld_figures"]),
            speak("report.verify", address=f"{public_url}/verify/{self.hash}"),
        ]


@dataclass(frozen=True)
class Issue:
    """What is remembered of a printed report, so that whoever holds the paper can verify it."""

    hash: str
    kind: str
    units: str
    number: str
    language: str


def issue_report(session: Session, issue: Issue) -> None:
    """Remember that the report was printed. The same report printed again is the same report."""
    if session.get(IssuedReport, issue.hash) is None:
        _one_at_a_time(session, issue.units[:4])
    if session.get(IssuedReport, issue.hash) is None:
        session.add(IssuedReport(**asdict(issue), issued_at=clock.now()))
        session.flush()


def _one_at_a_time(session: Session, department: str) -> None:
    """Two that print the same report wait for each other."""
    inside = Publication.department.startswith(department, autoescape=True)
    session.execute(select(Publication.id).where(inside).with_for_update()).all()

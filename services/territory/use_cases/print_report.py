"""The municipal report as a document: PDF/UA-1, the same bytes for the same figures."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared import documents

TEMPLATE = Path(__file__).parent.parent / "documents" / "municipal_report.typ"
NEVER = "2026-01-01"
"""Dates a report that has no data yet."""


def print_report(report: Mapping[str, Any], *, language: str) -> bytes:
    """The PDF of what `queries.reports.municipal_report` said."""
    letterhead = {"centre": "Red CSEM", "host": f"{report['name']}, {report['department']}"}
    data = {**report, "dated": report["as_of"] or NEVER, "letterhead": letterhead}
    return documents.render(TEMPLATE, data, language=language)

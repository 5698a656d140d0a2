"""What all printed documents of the credit service have in common."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from services.credit.rules.words import shown
from services.credit.rules.yearly import by_year
from shared import documents
from shared.kernel import LOCAL_TIME

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Printed:
    """A document before it is set: its template, its facts and its language."""

    template: str
    data: Mapping[str, Any]
    language: str = "es"

    @cached_property
    def hash(self) -> str:
        """The hash of what the document says."""
        return documents.content_hash(FOLDER / self.template, self.data, language=self.language)

    def render(self, public_url: str) -> bytes:
        """The PDF, with a QR to the page that verifies it by its hash."""
        address = f"{public_url}/verify/{{hash}}"
        return documents.render(FOLDER / self.template, self.data, language=self.language, verify_url=address)

    def render_unissued(self) -> bytes:
        """The PDF without an address: for what is verified as part of a whole, never alone."""
        return documents.render(FOLDER / self.template, self.data, language=self.language)


def scheduled(rows: Sequence[tuple[int, date, Mapping[str, int]]]) -> dict[str, Any]:
    """A schedule as it is printed: its instalments (number, due date, amounts in cents), in the order of their days,
    each with the principal left after it; what they sum to in each year, where there is more than one, and in all.
    """
    found = by_year((due, amounts) for _, due, amounts in rows)
    years = [{"year": one.year, **_shown(one.amounts), "balance": shown(one.balance)} for one in found.years]
    return {
        "schedule": [
            {"number": number, "due": due, **_shown(amounts), "balance": shown(left)}
            for (number, due, amounts), left in zip(rows, found.balances, strict=True)
        ],
        "years": years if len(years) > 1 else [],
        "total": _shown(found.total),
    }


def _shown(amounts: Mapping[str, int]) -> dict[str, str]:
    return {name: shown(cents) for name, cents in amounts.items()}


def local_time(moment: datetime | None) -> str | None:
    """The hour and minute on the wall."""
    return moment.astimezone(LOCAL_TIME).strftime("%H:%M") if moment else None

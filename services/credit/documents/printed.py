"""What all printed documents of the credit service have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

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


def local_time(moment: datetime | None) -> str | None:
    """The hour and minute on the wall."""
    return moment.astimezone(LOCAL_TIME).strftime("%H:%M") if moment else None

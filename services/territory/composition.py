"""What territory's handlers are given when the service is composed."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.territory.queries.choropleths import Speak
from shared.database import Database
from shared.i18n import Catalogue


@dataclass(frozen=True)
class Composition:
    """The database, for what is published or issued while somebody reads; the words; where papers are verified; what
    signs the links to maps; the folder of the words, for processes that print.
    """

    database: Database
    catalogue: Catalogue
    public_url: str
    signing: bytes
    locale: Path

    def words(self, language: str) -> Speak:
        """What says a code in `language`."""

        def speak(code: str, **facts: Any) -> str:
            return self.catalogue.sentence(code, facts, language)

        return speak

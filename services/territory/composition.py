"""What territory's handlers are given when the service is composed."""

from dataclasses import dataclass
from typing import Any

from services.territory.queries.maps import Speak
from shared.database import Database
from shared.i18n import Catalogue


@dataclass(frozen=True)
class Composition:
    """The database, for figures that are published while somebody reads, and the words."""

    database: Database
    catalogue: Catalogue

    def words(self, language: str) -> Speak:
        """What says a code in `language`."""

        def speak(code: str, **facts: Any) -> str:
            return self.catalogue.sentence(code, facts, language)

        return speak

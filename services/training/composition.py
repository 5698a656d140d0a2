"""What training's handlers are given when the service is composed."""

from dataclasses import dataclass
from typing import Any

from services.training.directory import Directory
from shared.database import Database
from shared.i18n import Catalogue


@dataclass(frozen=True)
class Composition:
    """The database, for what is issued while somebody reads; who knows the names; the words; where the portal is; what
    signs links and the rows of printed sheets.
    """

    database: Database
    directory: Directory
    catalogue: Catalogue
    public_url: str
    signing: bytes

    def sentence(self, code: str, language: str, **facts: Any) -> str:
        """A sentence of training's catalogue."""
        return self.catalogue.sentence(code, facts, language)

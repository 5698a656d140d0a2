"""What training's handlers are given when the service is composed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.training.directory import Directory
from shared.database import Database
from shared.i18n import Catalogue

Speak = Callable[..., str]
"""Says a code with its facts."""


@dataclass(frozen=True)
class Composition:
    """The database, for what is issued while somebody reads; who knows the women's names; the words; where papers are
    verified; what signs the links to public forms.
    """

    database: Database
    directory: Directory
    catalogue: Catalogue
    public_url: str
    signing: bytes

    def words(self, language: str) -> Speak:
        """What says a code in `language`."""

        def speak(code: str, **facts: Any) -> str:
            return self.catalogue.sentence(code, facts, language)

        return speak

"""What training's handlers are given when the service is composed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.training.directory import Directory
from shared.database import Database
from shared.i18n import Catalogue
from shared.tokens import Keyring

Speak = Callable[..., str]
"""Says a code with its facts."""


@dataclass(frozen=True)
class Composition:
    """The database, for what is issued while somebody reads; who knows the women's names; the words; the keys that sign
    diplomas and links; where the portal is, in which papers are verified.
    """

    database: Database
    directory: Directory
    catalogue: Catalogue
    keyring: Keyring
    public_url: str

    @property
    def signing(self) -> bytes:
        """What signs personal links, calendars, public forms and the rows of printed sheets."""
        return self.keyring.secret("training links 1")

    @property
    def diploma_links(self) -> bytes:
        """What signs the personal links to diplomas."""
        return self.keyring.secret("training diploma links 1")

    def words(self, language: str) -> Speak:
        """What says a code in `language`."""

        def speak(code: str, **facts: Any) -> str:
            return self.catalogue.sentence(code, facts, language)

        return speak

    def sentence(self, code: str, language: str, **facts: Any) -> str:
        """A sentence of training's catalogue."""
        return self.catalogue.sentence(code, facts, language)

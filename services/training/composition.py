"""What training's handlers are given when the service is composed."""

from dataclasses import dataclass

from services.training.directory import Directory
from shared.database import Database
from shared.tokens import Keyring


@dataclass(frozen=True)
class Composition:
    """The registry, which is asked for names; the database, for what is noted while somebody reads; the key that signs
    diplomas; where papers are verified.
    """

    directory: Directory
    database: Database
    keyring: Keyring
    public_url: str

    @property
    def diploma_links(self) -> bytes:
        """What signs the personal links to diplomas."""
        return self.keyring.secret("training diploma links 1")

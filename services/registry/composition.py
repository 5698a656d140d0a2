"""What the registry's handlers and commands are given when the service is composed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.registry.jobs import LongWork
from services.registry.sealing import Sealer
from shared.i18n import Catalogue


@dataclass(frozen=True)
class Composition:
    """Sealing keys, long work, and sentences."""

    sealer: Sealer
    work: LongWork
    catalogue: Catalogue
    public_url: str = ""
    """Where a printed paper can be verified."""

    def sentence(self, code: str, facts: Mapping[str, Any], language: str) -> str:
        """The sentence of a problem in a report."""
        return self.catalogue.sentence(code, facts, language)

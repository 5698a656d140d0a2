"""What in a written name tells who somebody is: words without accents, particles and abbreviations."""

import re
from dataclasses import dataclass
from functools import lru_cache

from services.registry.rules.chains import folded

_MARIA = re.compile(r"\bm\s*\.?\s*[ªº]\.?", re.IGNORECASE)
_PARTICLES = frozenset({"de", "del", "la", "las", "los", "y", "e", "da", "do", "vda", "viuda"})
_OF_HER_HUSBAND = frozenset({"de", "vda", "viuda"})

# Abbreviations that forms and identity registers of the region use.
_WRITTEN_OUT = {
    "ma": "maria",
    "fca": "francisca",
    "fco": "francisco",
    "gpe": "guadalupe",
    "sta": "santa",
    "sto": "santo",
    "dguez": "dominguez",
    "fdez": "fernandez",
    "glez": "gonzalez",
    "gzlez": "gonzalez",
    "gmez": "gomez",
    "hdez": "hernandez",
    "hrdez": "hernandez",
    "lpez": "lopez",
    "mtnez": "martinez",
    "mtz": "martinez",
    "rdguez": "rodriguez",
    "rdz": "rodriguez",
    "vsquez": "vasquez",
}


@dataclass(frozen=True, slots=True)
class Surnames:
    """The words of her surnames in their order, and how many of them are hers by birth: `de X` came by marriage.

    Not every `de X` did (de León, de la Cruz), so that all words count and only the own ones are asked for alone.
    """

    words: tuple[str, ...]
    by_birth: int

    @property
    def own(self) -> tuple[str, ...]:
        """The surnames before `de`."""
        return self.words[: self.by_birth]

    @property
    def of_husband(self) -> tuple[str, ...]:
        """The surnames after `de`."""
        return self.words[self.by_birth :]


@lru_cache(maxsize=100_000)
def given_names(written: str) -> tuple[str, ...]:
    """The words of her given names in their order: «Ma. del Carmen» is maria, carmen."""
    return tuple(word for word in _words(written) if word not in _PARTICLES)


@lru_cache(maxsize=100_000)
def surnames(written: str) -> Surnames:
    """Her surnames: «López Pineda de Hernández» is lopez, pineda by birth and hernandez by marriage."""
    words: list[str] = []
    by_birth = None
    for word in _words(written):
        if word not in _PARTICLES:
            words.append(word)
        elif word in _OF_HER_HUSBAND and words and by_birth is None:
            by_birth = len(words)
    return Surnames(tuple(words), len(words) if by_birth is None else by_birth)


def _words(written: str) -> list[str]:
    return [_WRITTEN_OUT.get(word, word) for word in folded(_MARIA.sub("maria ", written)).split()]

"""Which territorial value chain an enterprise belongs to, as far as its products, its name and its sector tell."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

UNKNOWN = "other"

_BLANKED = {code: " " for code in range(128) if not chr(code).isalnum()}


@dataclass(frozen=True)
class ChainTable:
    """A dated table of words and sectors with the chain each one speaks for."""

    valid_from: date
    words: Mapping[str, str]
    sectors: Mapping[str, str]
    _longest: int = field(init=False, repr=False, default=1)

    def __post_init__(self) -> None:
        longest = max((len(phrase.split()) for phrase in self.words), default=1)
        object.__setattr__(self, "_longest", longest)

    def chain_of(self, products: Iterable[str], name: str, sector: str | None) -> str:
        """The chain most products speak for (the first named wins a tie), then the name's, then the sector's."""
        votes = Counter(chain for product in products if (chain := self._spoken(product)))
        if votes:
            return votes.most_common(1)[0][0]
        return self._spoken(name) or self.sectors.get((sector or "")[:1], UNKNOWN)

    def _spoken(self, text: str) -> str | None:
        """The chain of the first word or, before it, of the longest phrase that begins there."""
        words = folded(text).split()
        for start in range(len(words)):
            for length in range(self._longest, 0, -1):
                phrase = " ".join(words[start : start + length])
                chain = self.words.get(phrase) or self.words.get(phrase.removesuffix("s"))
                if chain:
                    return chain
        return None


def folded(text: str) -> str:
    """Text without accents, letter case or punctuation, to compare by."""
    if text.isascii():
        return " ".join(text.lower().translate(_BLANKED).split())
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = (char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return " ".join("".join(letters).split())

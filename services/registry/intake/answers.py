"""What a coded answer of the form may be written as: its code, or its label in either language."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Generic, TypeVar

from services.registry.rules.chains import folded

T = TypeVar("T")


@dataclass(frozen=True)
class Choices(Generic[T]):
    """The answers of one question: code -> meaning, and by which labels each code is known besides."""

    meanings: Mapping[str, T]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(self.meanings)

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        """Every way of writing an answer, folded, with its code; a code comes before any label."""
        spelt = {folded(label): code for code, labels in self.labels.items() for label in labels}
        return spelt | {folded(code): code for code in self.meanings}

    @cached_property
    def _longest_first(self) -> list[str]:
        return sorted(self.spellings, key=len, reverse=True)

    def code_of(self, written: str) -> str | None:
        """The code that is meant; letter case and accents do not matter."""
        return self.spellings.get(written) or self.spellings.get(folded(written))

    def split(self, written: str) -> tuple[list[str], list[str]]:
        """The codes in the text of a multiple choice, and the words that are no answer.

        A label may itself hold blanks and slashes ("Calidad/certificación"), so the text is taken apart by the known
        answers, the longest first, and never by a separator.
        """
        codes: list[str] = []
        unknown: list[str] = []
        for found, word in self._parts(folded(written)):
            (codes if found else unknown).append(word)
        return codes, unknown

    def _parts(self, text: str) -> Iterator[tuple[bool, str]]:
        spelt = self.spellings
        while text:
            known = next((s for s in self._longest_first if f"{text} ".startswith(f"{s} ")), None)
            word = known or text.split(" ", 1)[0]
            yield known is not None, spelt[known] if known else word
            text = text[len(word) :].lstrip()

"""The words by which a record of the inventory is found: as they are written, and as they sound."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.registry.rules.chains import folded
from services.registry.rules.linkage.phonetics import skeleton, sound

LONGEST_TEXT = 1000
LONGEST_MARKS = 600
LONGEST_TERM = 60
INSIDE = 3
"""From so many letters on a part of a word finds it wherever it stands; less is the beginning of one."""

_SKELETON = 4
_MARKS = frozenset("#@~")
_PARTICLES = frozenset({"de", "del", "la", "las", "el", "los", "y", "e", "en", "con", "para"})
_NUMBER = re.compile(r"[+0-9 ().\-/]+")
_NATIONAL = 8
_COUNTRY_CODES = ("502", "503", "504")
_DOCUMENTS: Mapping[int, tuple[str, ...]] = {9: ("dui",), 13: ("dpi", "dni")}
FEWEST_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Woman:
    """What of an owner a record is found by."""

    given_names: str
    surnames: str
    phones: tuple[str | None, ...] = ()
    people: str | None = None
    languages: tuple[str, ...] = ()


def text_of(name: str, women: Iterable[Woman], products: Iterable[str]) -> str:
    """The folded words of an enterprise, its owners and its products, without the little ones."""
    said = [name, *(f"{woman.given_names} {woman.surnames}" for woman in women), *products]
    words = (word for text in said for word in folded(text).split())
    # Folding may lengthen a text; what is beyond the column is not searched.
    return " ".join(word for word in words if word not in _PARTICLES)[:LONGEST_TEXT]


def marks_of(women: Iterable[Woman]) -> str:
    """What is found by a filter and never by a word: telephones from their end, peoples, languages."""
    marks: dict[str, None] = {}
    for woman in women:
        marks |= dict.fromkeys(phone_mark(phone) for phone in woman.phones if phone and digits_of(phone))
        marks |= dict.fromkeys([people_mark(woman.people)] if woman.people else [])
        marks |= dict.fromkeys(language_mark(language) for language in woman.languages)
    return " ".join(marks)[:LONGEST_MARKS]


def terms_of(text: str, marks: str = "") -> frozenset[str]:
    """The terms under which a record with this text and these marks stands in the index."""
    return frozenset(word[:LONGEST_TERM] for word in text.split()) | frozenset(marks.split())


def phone_mark(written: str) -> str:
    """A telephone, or the end of one: its national digits from the last to the first."""
    digits = digits_of(written)
    if len(digits) > _NATIONAL and digits.startswith(_COUNTRY_CODES):
        digits = digits[3:]
    return "#" + digits[::-1][:LONGEST_TERM]


def people_mark(people: str) -> str:
    return f"@{people}"


def language_mark(language: str) -> str:
    return f"~{language}"


def digits_of(written: str) -> str:
    return "".join(char for char in written if char.isascii() and char.isdecimal())


@dataclass(frozen=True, slots=True)
class Word:
    """One word that is searched for: as it is written, and how the words that are meant too sound."""

    text: str

    @property
    def inside(self) -> bool:
        return len(self.text) >= INSIDE and not self.text.isdecimal()

    @property
    def sound(self) -> str | None:
        """The sound of a whole word; None where too little is written to sound like anything."""
        return sound(self.text) if self.inside and self.text.isalpha() else None

    @property
    def skeleton(self) -> str | None:
        """The same without its vowels, where enough is left to tell it from other words."""
        if self.sound is None:
            return None
        bare = skeleton(self.text)
        return bare if len(bare) >= _SKELETON else None


def vocabulary_of(terms: Iterable[str]) -> dict[str, tuple[str | None, str | None]]:
    """The terms that are words, with the sound and the skeleton of each; numbers and marks are found as they stand."""
    words = (Word(term) for term in terms if term[0] not in _MARKS and not term.isdecimal())
    return {word.text: (word.sound, word.skeleton) for word in words}


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody typed: words, all of which a record has to have, or a number."""

    words: tuple[Word, ...] = ()
    digits: str = ""

    @property
    def documents(self) -> tuple[str, ...]:
        """The kinds of document whose number this may be."""
        return _DOCUMENTS.get(len(self.digits), ())

    @property
    def phone(self) -> str | None:
        """The mark of the telephone, or of the end of one, that this may be."""
        mark = phone_mark(self.digits) if self.digits else ""
        return mark if FEWEST_DIGITS < len(mark) <= _NATIONAL + 1 else None


def asked(typed: str) -> Asked:
    """What `typed` asks for; eight words at most, without the little ones unless there are no others."""
    digits = digits_of(typed)
    if len(digits) >= FEWEST_DIGITS and _NUMBER.fullmatch(typed.strip()):
        return Asked(digits=digits)
    words = list(dict.fromkeys(word[:LONGEST_TERM] for word in folded(typed).split()))
    telling = [word for word in words if word not in _PARTICLES] or words
    return Asked(words=tuple(Word(word) for word in telling[:8]))


def places_called(word: Word, names: Mapping[str, str]) -> list[str]:
    """The municipalities in whose name, or in whose department's, the word (or the beginning of one) stands."""
    named = {code for code, name in names.items() if f" {name}".find(f" {word.text}") >= 0}
    return sorted(code for code in names if len(code) == 6 and (code in named or code[:4] in named))

"""The economic activities of CIIU Rev. 4: sections by letter, classes by four digits."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.registry.rules.chains import folded

# The last division (the first two digits of a class) of each section; United Nations, Statistical Papers M/4/Rev.4.
_LAST_DIVISIONS = (
    (3, "A"),
    (9, "B"),
    (33, "C"),
    (35, "D"),
    (39, "E"),
    (43, "F"),
    (47, "G"),
    (53, "H"),
    (56, "I"),
    (63, "J"),
    (66, "K"),
    (68, "L"),
    (75, "M"),
    (82, "N"),
    (84, "O"),
    (85, "P"),
    (88, "Q"),
    (93, "R"),
    (96, "S"),
    (98, "T"),
    (99, "U"),
)


@dataclass(frozen=True, slots=True)
class Activity:
    """A section or a class with its title in Spanish."""

    code: str
    section: str
    title: str


def section_of(activity: str) -> str:
    """The section of a class ("C" of "1050"); a section itself."""
    if not activity.isdecimal():
        return activity
    division = int(activity[:2])
    return next((section for last, section in _LAST_DIVISIONS if division <= last), "")


def found(table: Mapping[str, Activity], text: str) -> list[Activity]:
    """The activities whose code begins with `text`, or whose title has all of its words, classes before sections."""
    words = folded(text).split()
    if not words:
        return list(table.values())
    by_code = [activity for activity in table.values() if activity.code.casefold().startswith(words[0])]
    titled = [
        activity
        for activity in table.values()
        if activity not in by_code and _has_all(f" {folded(activity.title)}", words)
    ]
    return by_code + sorted(titled, key=lambda activity: len(activity.code) == 1)


def _has_all(title: str, words: list[str]) -> bool:
    """Whether every word begins one of the title's, plural or not."""
    return all(f" {_stem(word)}" in title for word in words)


def _stem(word: str) -> str:
    return word.removesuffix("es") if word.endswith("es") and len(word) > 4 else word.removesuffix("s")

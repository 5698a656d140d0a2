"""Which municipality or department a text names; where it does not decide, it says so and offers what it may mean."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz, process

from services.registry.rules.chains import folded

Level = Literal["department", "municipality"]

SIMILAR = 86.0
"""A spelling at least this close (normalised indel similarity, 0 to 100) may be meant …"""
AHEAD = 6.0
"""… and is, when it is this much closer than the next."""
MAX_ALTERNATIVES = 5

_LENGTH: Mapping[Level, int] = {"department": 4, "municipality": 6}
_PARTS = re.compile(r"[,;/()]|\s-\s")
_LEVEL_WORDS: Mapping[str, Level] = {
    "municipio": "municipality",
    "municipality": "municipality",
    "departamento": "department",
    "department": "department",
    "depto": "department",
    "dpto": "department",
}
_FILLERS = frozenset({"de", "del", "la", "el", "los", "las"})
# What damaged files put where an accented letter stood.
_DAMAGED = re.compile("[\u00f0\ufffd?]")
_MARK = "\u00b7"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text names. `code` is None where it does not decide; `alternatives` are then the places it may mean, the
    likeliest first. `how` is `exact`, `alias`, `short` (part of the official name), `spelling`, `within` (a place
    inside the municipality that is named after it), `ambiguous`, `other_level` or `unknown`.
    """

    code: str | None
    alternatives: tuple[str, ...]
    how: str


class Gazetteer:
    """The official names of one or more countries, and the other names that people write."""

    def __init__(self, names: Mapping[str, str], aliases: Iterable[tuple[str, str]] = ()) -> None:
        self._spellings: dict[str, str] = {}
        self._by_name: dict[str, list[str]] = {}
        self._aliases: dict[str, list[str]] = {}
        for code, name in sorted(names.items()):
            if len(code) in _LENGTH.values():
                self._spellings[code] = folded(name)
                self._by_name.setdefault(folded(name), []).append(code)
        for alias, code in aliases:
            self._aliases.setdefault(folded(alias), []).append(code)

    def read(self, text: str, *, country: str = "", within: str = "", level: Level | None = None) -> Reading:
        """The place that `text` names: "San Lorenzo, Valle", "depto. de Copán", "Gotera".

        `country` ("SV") or `within` (a department's code) narrow the search where another field has told them. With a
        `level` no place of the other level is ever the answer, only an alternative.
        """
        parts, told = _parts(text)
        under = within or country
        if not parts:
            return Reading(None, (), "unknown")
        if len(parts) == 1:
            return self._one(parts[0], under, level or told)
        return self._in_context(parts, under, level or told)

    def _in_context(self, parts: list[str], under: str, level: Level | None) -> Reading:
        """The first part, looked for where the last one says."""
        department = self._one(parts[-1], under, "department")
        context = department if department.code else self._one(parts[-1], under, None)
        areas = [code[:4] for code in _offered(context)]
        for area in dict.fromkeys(areas):
            found = self._one(parts[0], area, level or "municipality")
            if found.code and found.code != area:
                return found
        if level != "department" and (outer := self._municipality_of(context)):
            return Reading(outer, (), "within")
        loose = self._one(parts[0], under, level)
        return Reading(None, _few([*_offered(loose), *_offered(context)]), "ambiguous" if areas else loose.how)

    @staticmethod
    def _municipality_of(context: Reading) -> str | None:
        named = [code for code in _offered(context) if len(code) == _LENGTH["municipality"]]
        same = context.how in {"exact", "alias", "ambiguous"}
        return named[0] if same and len(named) == 1 else None

    def _one(self, name: str, under: str, level: Level | None) -> Reading:
        for how, codes in (
            ("exact", self._exact(name, under)),
            ("alias", [code for code in self._aliases.get(name, []) if code.startswith(under)]),
        ):
            if codes:
                return _decided(codes, level, how, self._containing(name, under))
        short = self._containing(name, under)
        fitting = _at(short, level)
        if len(fitting) == 1:
            return Reading(fitting[0], (), "short")
        if short:
            return Reading(None, _few(fitting + short), "ambiguous")
        return self._alike(name, under, level)

    def _exact(self, name: str, under: str) -> list[str]:
        if _MARK not in name:
            return [code for code in self._by_name.get(name, []) if code.startswith(under)]
        pattern = re.compile(re.escape(name).replace(re.escape(_MARK), r"\w"))
        return [code for code, spelt in self._spellings.items() if code.startswith(under) and pattern.fullmatch(spelt)]

    def _containing(self, name: str, under: str) -> list[str]:
        """Official names that end with what was written, or that are the end of it: Gotera, San Juan Opico."""
        words = set(name.split()) - _FILLERS
        return [
            code
            for code, spelt in self._spellings.items()
            if words
            and code.startswith(under)
            and spelt != name
            and (f" {spelt}".endswith(f" {name}") or f" {name}".endswith(f" {spelt}"))
        ]

    def _alike(self, name: str, under: str, level: Level | None) -> Reading:
        # Blanks do not count: people put them where they like.
        known = {code: spelt.replace(" ", "") for code, spelt in self._spellings.items() if code.startswith(under)}
        written = name.replace(" ", "")
        close = process.extract(written, known, scorer=fuzz.ratio, limit=MAX_ALTERNATIVES, score_cutoff=SIMILAR - 20)
        close.sort(key=lambda found: (-found[1], found[2]))
        codes = [code for _, _, code in close]
        clear = close and close[0][1] >= SIMILAR and (len(close) == 1 or close[0][1] - close[1][1] >= AHEAD)
        if clear and _at(codes[:1], level):
            return Reading(codes[0], (), "spelling")
        return Reading(None, _few(codes), "ambiguous" if codes else "unknown")


def _parts(text: str) -> tuple[list[str], Level | None]:
    """The parts of a written place from the inside out, and the level that a word in it tells."""
    told: Level | None = None
    parts = []
    for part in _PARTS.split(_DAMAGED.sub(_MARK, text)):
        words = [_MARK.join(folded(piece) for piece in word.split(_MARK)) for word in part.split()]
        plain = " ".join(word for word in words if word)
        for word, level in _LEVEL_WORDS.items():
            without = re.sub(rf"^{word} (?:de(?:l)? )?|(?: |^){word}$", "", plain)
            if without != plain:
                told, plain = told or level, without
        if plain:
            parts.append(plain)
    return parts, told if len(parts) == 1 else None


def _decided(codes: list[str], level: Level | None, how: str, longer: list[str]) -> Reading:
    fitting = _at(codes, level)
    if len(fitting) == 1:
        return Reading(fitting[0], (), how)
    if not fitting:
        return Reading(None, _few(codes + _at(longer, level)), "other_level")
    towns_first = sorted(fitting, key=lambda code: (-len(code), code))
    return Reading(None, _few(towns_first), "ambiguous")


def _at(codes: list[str], level: Level | None) -> list[str]:
    return [code for code in codes if level is None or len(code) == _LENGTH[level]]


def _offered(reading: Reading) -> list[str]:
    return [reading.code] if reading.code else list(reading.alternatives)


def _few(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))[:MAX_ALTERNATIVES]

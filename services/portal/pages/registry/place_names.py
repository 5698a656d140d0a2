"""Places as she chooses them from a list and types them by name."""

import unicodedata
from typing import Any

from services.portal.frame import me
from shared import places

_FEW = 120


def my_municipalities() -> list[str]:
    """The codes of the municipalities she works in, when they are few enough for a list."""
    scope = me().scope
    mine = sorted(code for code in places.municipalities() if scope.covers(code))
    return mine if len(mine) <= _FEW else []


def place_choices() -> list[tuple[str, Any]]:
    """Places to filter by: the municipalities of her territory by department, or the departments where it is wide."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for code in my_municipalities():
        groups.setdefault(places.full_name(code).partition(", ")[2], []).append((code, places.name_of(code)))
    if not groups:
        scope = me().scope
        departments = places.units_at(places.DEPARTMENT)
        for code in departments:
            if scope.covers(code) or any(unit.startswith(code) for unit in scope.units):
                groups.setdefault(places.name_of(code[:2]), []).append((code, places.name_of(code)))
    return list(groups.items())


def division_choices() -> list[tuple[str, str]]:
    """El Salvador's municipalities since 2024 in which she works."""
    mine = {of.code: of.name for district, of in places.divisions_2024().items() if me().scope.covers(district)}
    return sorted(mine.items(), key=lambda item: item[1])


def municipality_named(text: str) -> str:
    """The code of what she typed: a code, or a name with its department; the text itself when it is neither."""
    written = text.strip()
    if written.upper() in places.municipalities():
        return written.upper()
    wanted = _plain(written)
    found = [
        code
        for code in places.municipalities()
        if wanted in {_plain(places.full_name(code)), _plain(places.name_of(code))}
    ]
    mine = [code for code in found if me().scope.covers(code)] or found
    return mine[0] if len(mine) == 1 else written


def unit_named(text: str) -> str:
    """The code of a country, department or municipality that she typed by name."""
    same = [code for code, name in places.names().items() if len(code) < 6 and name.casefold() == text.casefold()]
    return text.upper() if text.upper() in places.names() else (same or [municipality_named(text)])[0]


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).replace(",", " ").split())

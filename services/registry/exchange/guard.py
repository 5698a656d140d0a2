"""Texts that a spreadsheet would take for a formula, made harmless so that they can be read back as they were."""

import re

import orjson

from shared.spreadsheets import FORMULA

_JSON = "'json:"
# calamine reads one escape of the XML of workbooks too many where it is doubled.
_MISREAD = re.compile("_x[0-9A-Fa-f]{4}_")


def in_workbook(text: str) -> str:
    """The text for a cell of a workbook that is typed as text, and so never computed."""
    if _MISREAD.search(text):
        return _JSON + orjson.dumps(text).decode().replace("_x", "\\u005fx")
    return f"'{text}" if text[:1] == "'" else text


def as_written(cell: str) -> str:
    """The text that was made harmless."""
    if cell.startswith(_JSON):
        try:
            found = orjson.loads(cell.removeprefix(_JSON))
        except orjson.JSONDecodeError:
            return cell[1:]
        return found if isinstance(found, str) else cell[1:]
    return cell.removeprefix("'")


def computed(text: str) -> bool:
    """Whether a spreadsheet would compute the text if it were typed in anew."""
    return text[:1] in FORMULA

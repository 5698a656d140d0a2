"""What is printed: PDF/UA-1 documents from Typst templates, the same bytes for the same facts."""

import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import segno

from shared.kernel import Money

if TYPE_CHECKING:
    import typst

LANGUAGES = ("es", "en")
_PACKAGES = Path(__file__).parent / "templates"
_NO_CACHE = _PACKAGES / "none"
_NO_GLYPH = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
_RUST_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")
_DIRECTION_CONTROLS = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
_REPLACEMENT = "\ufffd"
_WHITE = str.maketrans("\n\t", "  ")
_ATTEMPTS = 8


def render(
    template: Path,
    data: Mapping[str, Any],
    *,
    language: str,
    verify_url: str = "",
    codes: Mapping[str, str] | None = None,
) -> bytes:
    """The PDF of `template` filled with `data`.

    `data["dated"]` (a day or a moment) dates the file; `data["letterhead"]` = {"centre", "host"} heads each page.
    Ids, days and Money are written as the API writes them. Strings reach the template as text and can never
    become markup; a character that no font carries is printed as U+FFFD. `{hash}` in `verify_url` stands for the
    hash of the content; `sys.inputs.said` is what is hashed. `codes` are further texts to be printed as QR codes, each
    as `sys.inputs.qr_NAME`; they are no part of the content. A template reads its own folder and
    `@csem/letter`, nothing else.
    """
    import typst  # a compiler, that only who prints has to carry

    plain = _plain(data)
    written = _canonical(plain)
    said = _said(template, written, language)
    digest = hashlib.sha256(said.encode()).hexdigest()
    inputs = {"language": language, "hash": digest, "data": written, "said": said}
    if verify_url:
        inputs["verify_url"] = verify_url.replace("{hash}", digest)
        inputs["qr"] = qr_svg(inputs["verify_url"]).decode()
    inputs |= {f"qr_{name}": qr_svg(text).decode() for name, text in (codes or {}).items()}
    for _ in range(_ATTEMPTS):
        try:
            return _compile(template, inputs, _moment(plain["dated"]))
        except typst.TypstError as error:
            missing = _without_glyph(error)
            if not missing:
                raise
            plain = _map_text(plain, lambda text: _replace(text, missing))  # noqa: B023 - called at once
            inputs["data"] = _canonical(plain)
    raise ValueError(f"{template.name}: characters without a glyph remain")


def render_png(template: Path, data: Mapping[str, Any], *, language: str, dots_per_inch: int) -> bytes:
    """The first page of `template` filled with `data`, as a PNG picture. Strings are text here too, never markup."""
    plain = _plain(data)
    inputs = {"language": language, "data": _canonical(plain)}
    return _compile(template, inputs, _moment(plain["dated"]), format="png", ppi=float(dots_per_inch))


def content_hash(template: Path, data: Mapping[str, Any], *, language: str) -> str:
    """SHA-256, in hexadecimal, of what the document says: its template's name, its language and its facts."""
    return hashlib.sha256(_said(template, _canonical(_plain(data)), language).encode()).hexdigest()


def _said(template: Path, written: str, language: str) -> str:
    if language not in LANGUAGES:
        raise ValueError(f"language must be one of {', '.join(LANGUAGES)}")
    return f"{template.name}\n{language}\n{written}"


def qr_svg(url: str) -> bytes:
    """The QR code of `url` (error correction M or better) as an SVG drawing that scales."""
    drawing = io.BytesIO()
    code = segno.make(url, error="m", micro=False)
    code.save(drawing, kind="svg", border=2, xmldecl=False, svgclass=None, lineclass=None, omitsize=True)
    return drawing.getvalue()


@cache
def _fonts() -> "typst.Fonts":
    """Only the fonts inside the wheel, so that every machine sets the same lines."""
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def _compile(template: Path, inputs: dict[str, str], moment: datetime, **output: Any) -> bytes:
    import typst

    made = typst.compile(
        template,
        root=template.parent,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs=inputs,
        **(output or {"pdf_standards": ["ua-1"]}),
        timestamp=int(moment.timestamp()),
        package_path=_PACKAGES,
        package_cache_path=_NO_CACHE,
    )
    return bytes(made)


def _canonical(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _plain(value: Any) -> Any:
    """`value` as JSON values; text in normal form C, without control characters."""
    if isinstance(value, str):
        return _printable(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Money):
        return {"amount": str(value), "currency": value.currency}
    if value is None or isinstance(value, bool | int | float):
        return value
    return _written(value)


def _written(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Decimal):
        return str(value)
    raise TypeError(f"a document cannot print a {type(value).__name__}")


def _printable(text: str) -> str:
    composed = unicodedata.normalize("NFC", text)
    if composed.translate(_WHITE).isprintable():
        return composed
    return "".join(_REPLACEMENT if _is_control(character) else character for character in composed)


def _is_control(character: str) -> bool:
    if character in "\n\t":
        return False
    return character in _DIRECTION_CONTROLS or unicodedata.category(character) in {"Cc", "Cs", "Co", "Cn"}


def _map_text(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _map_text(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_map_text(item, change) for item in value]
    return value


def _without_glyph(error: "typst.TypstError") -> frozenset[str]:
    """The characters that the compiler says no font carries."""
    found = _NO_GLYPH.findall(str(error.diagnostic))
    return frozenset("".join(_RUST_ESCAPE.sub(_unescaped, text) for text in found)) - {_REPLACEMENT}


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else match[2]


def _replace(text: str, missing: frozenset[str]) -> str:
    return "".join(_REPLACEMENT if character in missing else character for character in text)


def _moment(dated: str) -> datetime:
    moment = datetime.fromisoformat(dated)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

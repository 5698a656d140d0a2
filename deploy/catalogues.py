"""Whether every sentence that the house can say exists in Spanish and in English.

`python -m deploy.catalogues` fails with a list of what is missing, unfinished, unlike or identical in both languages;
`--unused` also lists what nothing says any more.
"""

import ast
import re
import string
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import Environment, TemplateSyntaxError
from jinja2.ext import extract_from_ast

from shared.i18n import LANGUAGES

ROOT = Path(__file__).parent.parent
COGNATES = Path(__file__).parent / "cognates.txt"

CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)*")
# Calls that say a code, and which of their arguments it is.
SAYS = {"Refused": 0, "Invalid": 0, "NotFound": 0, "Forbidden": 0, "Stale": 0, "Unauthenticated": 0, "NotApart": 0}
SAYS |= {"Unfit": 1, "problem": 1, "refuse": 0, "Told": 0, "sentence": 0}
# Calls that refuse with it where there is no such row.
SAYS |= {"locked": 3, "locked_in_scope": 5, "require_belonging": 4}
# Findings of an import, told in its report.
SAYS |= {"Finding": 0, "note": 0, "_note": 1, "_problem": 2}
TEXTS = ("_", "gettext", "ngettext")
_JINJA = Environment(extensions=["jinja2.ext.do"], autoescape=True)


@dataclass
class Said:
    """What a folder of code says: codes of refusals, English texts of pages, and every other literal in it."""

    codes: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    literals: set[str] = field(default_factory=set)
    beginnings: set[str] = field(default_factory=set)
    unreadable: list[str] = field(default_factory=list)

    def mentions(self, message: str) -> bool:
        """Whether the message stands there, or begins or ends with what is put together there."""
        message = message.removesuffix(".suggestion")
        return message in self.literals or any(message.startswith(beginning) for beginning in self.beginnings)


def said_in(*folders: Path) -> Said:
    """What the Python modules and templates under `folders` say; where, by path and line."""
    said = Said()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if "migrations" not in path.parts:
                _read_module(path, said)
        for path in sorted((folder / "templates").rglob("*.html")):
            _read_template(path, said)
    return said


def _read_module(path: Path, said: Said) -> None:
    where = path.relative_to(ROOT)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            said.literals.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            said.beginnings |= set(_beginning(node))
        elif isinstance(node, ast.Call):
            _read_call(node, f"{where}:{node.lineno}", said)


def _beginning(node: ast.JoinedStr) -> Iterator[str]:
    first = node.values[0]
    if isinstance(first, ast.Constant) and isinstance(first.value, str) and CODE.fullmatch(first.value.rstrip("._")):
        yield first.value


def _read_call(node: ast.Call, where: str, said: Said) -> None:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if name in SAYS and len(node.args) > SAYS[name]:
        for code in _literals(node.args[SAYS[name]]):
            if CODE.fullmatch(code):
                said.codes.setdefault(code, where)
    elif name in TEXTS:
        # Of a plural the singular is the entry; its translation carries both forms.
        for argument in node.args[:1]:
            for text in _literals(argument):
                said.texts.setdefault(text, where)


def _literals(node: ast.expr) -> Iterator[str]:
    """The texts that an expression can be, as far as they stand there."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _literals(node.body)
        yield from _literals(node.orelse)


def _read_template(path: Path, said: Said) -> None:
    where = path.relative_to(ROOT)
    try:
        tree = _JINJA.parse(path.read_text())
    except TemplateSyntaxError as error:
        said.unreadable.append(f"{where}:{error.lineno}: {error.message}")
        return
    for line, _function, message in extract_from_ast(tree, TEXTS):
        text = message[0] if isinstance(message, tuple) else message
        if text is not None:
            said.texts.setdefault(text, f"{where}:{line}")
    said.literals |= set(re.findall(r'"([^"\n]+)"', path.read_text()))


@dataclass
class Folder:
    """The catalogues of one `locale` folder."""

    path: Path
    messages: dict[str, dict[str, Message]] = field(default_factory=lambda: {language: {} for language in LANGUAGES})
    mistakes: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> "Folder":
        folder = cls(path)
        for file in sorted(path.glob("*.po")):
            with file.open("rb") as content:
                folder._take(file, read_po(content))
        return folder

    def _take(self, file: Path, catalogue: Catalog) -> None:
        known = self.messages[file.stem.rpartition(".")[2]]
        for message in catalogue:
            if not message.id:
                continue
            key = message.id if isinstance(message.id, str) else message.id[0]
            said = f"{file.relative_to(ROOT)}: {key!r}"
            if message.fuzzy:
                self.mistakes.append(f"{said} is marked fuzzy")
            if not _forms(message) or not all(_forms(message)):
                self.mistakes.append(f"{said} has no translation")
            if key in known and _forms(known[key]) != _forms(message):
                self.mistakes.append(f"{said} is translated otherwise in another file of this folder")
            known[key] = message

    def knows(self, message: str, language: str) -> bool:
        return message in self.messages[language]


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def mistakes() -> tuple[list[str], list[str]]:
    """What must be put right, and which messages nothing says any more."""
    common = Folder.read(ROOT / "shared" / "locale")
    cognates = {line for line in COGNATES.read_text().splitlines() if line and not line.startswith("#")}
    shared_said = said_in(ROOT / "shared")
    wrong = list(_unsaid(shared_said, common, common))
    unused: list[str] = []
    mentioned = shared_said
    for service in sorted(path.parent for path in (ROOT / "services").glob("*/locale")):
        folder, said = Folder.read(service / "locale"), said_in(service)
        wrong += [*_unsaid(said, folder, common), *_unlike(folder, cognates)]
        unused += _unused(folder, said, shared_said)
        mentioned = Said(literals=mentioned.literals | said.literals, beginnings=mentioned.beginnings | said.beginnings)
    wrong += _unlike(common, cognates)
    unused += _unused(common, mentioned, mentioned)
    return wrong, unused


def _unsaid(said: Said, folder: Folder, common: Folder) -> Iterator[str]:
    yield from said.unreadable
    for code, where in said.codes.items():
        for language in LANGUAGES:
            if not folder.knows(code, language) and not common.knows(code, language):
                yield f"{where}: {code} has no sentence in {language}.po of {folder.path.relative_to(ROOT)}"
    for text, where in said.texts.items():
        known = folder.knows(text, "es") or common.knows(text, "es")
        if not known and re.search(r"[^\W\d_]", text):
            yield f"{where}: {text!r} has no Spanish translation"


def _unlike(folder: Folder, cognates: set[str]) -> Iterator[str]:
    """What differs between the languages and should not, or does not and should."""
    yield from folder.mistakes
    spanish, english = folder.messages["es"], folder.messages["en"]
    place = folder.path.relative_to(ROOT)
    for key in sorted(english.keys() - spanish.keys()):
        yield f"{place}: {key!r} is in English only"
    for key, message in sorted(spanish.items()):
        if CODE.fullmatch(key) and ("." in key or "_" in key) and key not in english:
            yield f"{place}: {key!r} is in Spanish only"
        told = english.get(key, None)
        originals = _forms(told) if told else _originals(message)
        yield from (f"{place}: {key!r}: {fault}" for fault in _compare(_forms(message), originals, cognates))


def _originals(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def _compare(translated: Iterable[str], originals: tuple[str, ...], cognates: set[str]) -> Iterator[str]:
    for form in translated:
        words = re.sub(r"[%{][^ ]*[)}s]", "", form)
        if form in originals and form not in cognates and re.search(r"[^\W\d_]{2}", words):
            yield "is the same in both languages"
    try:
        here, there = ({name for form in forms for name in _facts(form)} for forms in (translated, originals))
    except ValueError as error:
        yield f"cannot be filled in: {error}"
        return
    if here != there:
        yield f"tells {', '.join(sorted(here ^ there))} in one language only"


def _facts(form: str) -> set[str]:
    """The names of the facts in a sentence, `{fact}` or `%(fact)s`; nothing but plain names may stand there."""
    old = set(re.findall(r"%\((\w+)\)[sd]", form))
    if old:
        return old
    found = set()
    for _text, name, specification, conversion in string.Formatter().parse(form):
        if name is None:
            continue
        if not name.isidentifier() or specification or conversion:
            raise ValueError(f"{{{name}}} must be a plain name")
        found.add(name)
    return found


def _unused(folder: Folder, said: Said, common: Said) -> Iterator[str]:
    keys = folder.messages["es"].keys() | folder.messages["en"].keys()
    for key in sorted(keys):
        if key not in said.texts and not said.mentions(key) and not common.mentions(key):
            yield f"{folder.path.relative_to(ROOT)}: {key!r}"


def main(arguments: list[str]) -> int:
    """0 when nothing is missing."""
    wrong, unused = mistakes()
    if "--unused" in arguments:
        sys.stdout.write("".join(f"nothing says {line}\n" for line in unused))
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

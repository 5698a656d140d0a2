"""Spanish and English sentences: the catalogues are .po files, read as they are."""

import functools
import io
import re
import string
from collections.abc import Iterable, Mapping
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from shared import writing

LANGUAGES = ("es", "en")
COMMON = Path(__file__).parent / "locale"
_ACCEPTED = re.compile(r"(?:^|,)\s*(es|en)\b(?:-[a-z0-9-]+)?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?(?=\s*(?:,|$))")


class Catalogue:
    """Sentences by language and message id, from every `*.po` of some folders (`es.po`, `credit.es.po`, `en.po`)."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._translations = {language: Translations() for language in LANGUAGES}
        for folder in (COMMON, *folders):
            for path in sorted(folder.glob("*.po")):
                language = path.stem.rpartition(".")[2]
                self._translations[language].merge(_read(path))

    def translations(self, language: str) -> Translations:
        """The gettext catalogue of `language`, for templates."""
        return self._translations[language]

    def knows(self, message: str, language: str) -> bool:
        return self._translations[language].gettext(message) != message

    def sentence(self, code: str, facts: Mapping[str, object], language: str) -> str:
        """The sentence of a refusal in `language`, with its facts as people write them; the bare code where nobody
        wrote a sentence.
        """
        template = self._translations[language].gettext(code)
        return _Facts(language).vformat(template, (), facts)

    def named(self, code: str, facts: Mapping[str, object]) -> dict[str, object]:
        """Those of the facts that the sentence tells: what a program may read beside it."""
        templates = (self._translations[language].gettext(code) for language in LANGUAGES)
        told = {name for template in templates for _, name, _, _ in string.Formatter().parse(template) if name}
        return {name: value for name, value in facts.items() if name in told}


class _Facts(string.Formatter):
    """`{present}` in a sentence; a fact that is missing shows as an ellipsis and never as an error."""

    def __init__(self, language: str) -> None:
        self._language = language

    def get_value(self, key: int | str, args: object, kwargs: Mapping[str, object]) -> object:
        del args
        return writing.fact(str(key), kwargs, self._language)


@functools.cache
def _read(path: Path) -> Translations:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem.rpartition(".")[2])
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def choose(accepted: str | None) -> str:
    """The language of an `Accept-Language` header: English when it is wanted more than Spanish, or as much and named
    first; else Spanish.
    """
    wanted: dict[str, float] = {}
    for language, weight in _ACCEPTED.findall((accepted or "")[:1_000].lower()):
        wanted.setdefault(language, float(weight or 1))
    return max(LANGUAGES, key=lambda language: (wanted.get(language, 0.0), -_rank(wanted, language)))


def _rank(wanted: Mapping[str, float], language: str) -> int:
    return list(wanted).index(language) if language in wanted else len(LANGUAGES)

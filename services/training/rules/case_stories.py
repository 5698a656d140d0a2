"""The way of a case story from draft to library, and how far what its owner agreed to reaches."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.kernel import Refused

DRAFT, SUBMITTED, IN_REVIEW, RETURNED = "draft", "submitted", "in_review", "returned"
APPROVED, PUBLISHED, WITHDRAWN, ERASED = "approved", "published", "withdrawn", "erased"
STATES = (DRAFT, SUBMITTED, IN_REVIEW, RETURNED, APPROVED, PUBLISHED, WITHDRAWN, ERASED)
WRITABLE = frozenset({DRAFT, RETURNED})
OUTCOMES = (APPROVED, RETURNED)
_STEPS: Mapping[str, frozenset[str]] = {
    DRAFT: frozenset({SUBMITTED}),
    SUBMITTED: frozenset({IN_REVIEW}),
    IN_REVIEW: frozenset({APPROVED, RETURNED}),
    RETURNED: frozenset({SUBMITTED}),
    APPROVED: frozenset({PUBLISHED, DRAFT}),
    PUBLISHED: frozenset({WITHDRAWN}),
    WITHDRAWN: frozenset({DRAFT}),
    ERASED: frozenset(),
}

TEXT, WEB, NAME, PERSON, PICTURES = "text", "web", "name", "person", "pictures"
PURPOSES = (TEXT, WEB, NAME, PERSON, PICTURES)
"""The story is told in the network; on the open web; with the name of the firm; of the person; with its pictures."""
PARTS = ("title", "situation", "done", "result", "lessons")
FIGURE = ("what", "value", "source")
LANGUAGES = ("es", "en")


def require_step(state: str, to: str) -> None:
    """Refuses a step that does not follow upon `state`."""
    if to not in _STEPS[state]:
        raise Refused("story.not_now", state=state)


@dataclass(frozen=True, slots=True)
class Said:
    """What an owner said of a purpose, and of what: `covers` are the fingerprints of what she was shown."""

    purpose: str
    given: bool
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to be shown, as fingerprints: the text, the two names where there are any, each picture."""

    text: str
    name: str | None
    person: str | None
    pictures: tuple[str, ...]

    def of(self, purpose: str) -> tuple[str, ...]:
        """The fingerprints that consent to a purpose covers when it is given now."""
        if purpose == PICTURES:
            return self.pictures
        one = {TEXT: self.text, WEB: self.text, NAME: self.name, PERSON: self.person}[purpose]
        return () if one is None else (one,)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be shown today; `pictures` are the fingerprints of those that may be."""

    text: bool
    web: bool
    name: bool
    person: bool
    pictures: frozenset[str]

    def has(self, purpose: str) -> bool:
        """Whether something may be shown for a purpose."""
        return bool(getattr(self, purpose))


def allowed(said: Iterable[Said], shown: Shown) -> Allowed:
    """What may be shown: the last word on each purpose counts, for no more than it was said of. Without the text there
    is nothing; a name, a text or a picture that was changed or added since is asked for again.
    """
    last = {one.purpose: one for one in said}
    covered = {
        purpose: frozenset(shown.of(purpose))
        & frozenset(one.covers if (one := last.get(purpose)) and one.given else ())
        for purpose in PURPOSES
    }
    text = bool(covered[TEXT])
    return Allowed(
        text=text,
        web=text and bool(covered[WEB]),
        name=text and bool(covered[NAME]),
        person=text and bool(covered[PERSON]),
        pictures=covered[PICTURES] if text else frozenset(),
    )


def fingerprint(value: Any) -> str:
    """SHA-256 of a text or of what a story says, in hexadecimal."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def plain(text: str) -> str:
    """The words of a text without case, accents and signs, a blank between them: what is searched and compared."""
    letters = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    return " ".join(re.findall(r"\w+", letters.casefold()))


def texts_of(content: Mapping[str, Any]) -> list[str]:
    """Everything that a story says, in each of its languages."""
    written = [content[language] for language in LANGUAGES if content.get(language)]
    told = [version[part] for version in written for part in PARTS]
    return told + [figure[part] for version in written for figure in version["figures"] for part in FIGURE]


def mentioned(texts: Sequence[str], names: Collection[str | None]) -> list[str]:
    """Those of the names that stand in the texts, as whole words, however they are written."""
    whole = f" {' '.join(plain(text) for text in texts)} "
    return [name for name in names if name and plain(name) and f" {plain(name)} " in whole]


def missing(content: Mapping[str, Any]) -> list[str]:
    """JSON pointers of what a story must say before it is handed in: all its parts in each language that it is written
    in, in Spanish where it says nothing yet.
    """
    silent: list[str] = []
    written = [language for language in LANGUAGES if content.get(language)]
    for language in written or LANGUAGES[:1]:
        told = content.get(language) or {}
        silent += [f"/{language}/{part}" for part in PARTS if not str(told.get(part, "")).strip()]
    return silent

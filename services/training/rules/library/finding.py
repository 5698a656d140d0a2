"""By which words a material is found, and how well: a word of the title tells more than one of the summary."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

TITLE, TOPIC, AUTHOR, SUMMARY = 8, 4, 3, 2
MARK = 0
"""A mark is found by a filter and never by a word."""
WHOLE, BEGINNING, INSIDE = 3, 2, 1
SHORTEST_PART = 3
"""From so many letters on a part of a word finds it wherever it stands; less is the beginning of one."""
LONGEST_TERM = 60
MOST_WORDS = 8
_PARTICLES = frozenset(
    {"de", "del", "la", "las", "el", "los", "y", "e", "o", "en", "con", "para", "por", "un", "una"}
    | {"a", "al", "the", "of", "and", "for", "in", "to"}
)


def folded(text: str) -> list[str]:
    """The words of a text without case, accents and signs."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = (char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return [word[:LONGEST_TERM] for word in "".join(letters).split()]


def words_of(text: str) -> list[str]:
    """Its words without the little ones."""
    return [word for word in folded(text) if word not in _PARTICLES]


def asked(text: str) -> list[str]:
    """The words that somebody typed, each once, eight at most; the little ones only where there are no others."""
    words = list(dict.fromkeys(folded(text)))
    return ([word for word in words if word not in _PARTICLES] or words)[:MOST_WORDS]


def terms_of(said: Iterable[tuple[int, str]], marks: Iterable[str] = ()) -> dict[str, int]:
    """Each term under which a material stands with its weight, the greatest where it is said in several places;
    `said`: pairs of a weight and a text.
    """
    terms: dict[str, int] = dict.fromkeys((mark[:LONGEST_TERM] for mark in marks), MARK)
    for weight, text in said:
        for word in words_of(text):
            terms[word] = max(weight, terms.get(word, 0))
    return terms


def mark(kind: str, code: str) -> str:
    """The mark of a topic, chain or dimension."""
    return f"@{kind}:{code}"


def marks_of_chain(chain: str, families: Mapping[str, str]) -> list[str]:
    """A material for the chain, or for its family of chains."""
    family = families.get(chain)
    return [mark("chain", chain), *([mark("chain", f"family:{family}")] if family else [])]


def score(words: Sequence[str], terms: Mapping[str, int]) -> int | None:
    """How well a material with these terms answers the words: for each the best of its terms, whole words before
    beginnings before insides, times the weight of where it stands; None where one of the words is nowhere.
    """
    found = 0
    for word in words:
        best = max((weight * _fit(word, term) for term, weight in terms.items() if weight > MARK), default=0)
        if not best:
            return None
        found += best
    return found


def _fit(word: str, term: str) -> int:
    if term == word:
        return WHOLE
    if term.startswith(word):
        return BEGINNING
    return INSIDE if len(word) >= SHORTEST_PART and word in term else 0

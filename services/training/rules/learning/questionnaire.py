"""A questionnaire as a trainer writes it down, and what may be answered to each of its questions.

    How much does a dozen cost that cost 24 to make and is sold with 25 % on top?
    - 24
    * 30
    - 49

    A woman can lead a cooperative as well as a man.
    [agreement]

Questions stand apart by an empty line. `*` marks the right answer; `[agreement]`, `[number]` and `[text]`, or
`[acuerdo]`, `[número]` and `[texto]`, say what else is asked for.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from shared.kernel import Invalid

KNOWLEDGE, PERCEPTION, SATISFACTION = "knowledge", "perception", "satisfaction"
PURPOSES = (KNOWLEDGE, PERCEPTION, SATISFACTION)
CHOICE, AGREEMENT, NUMBER, TEXT = "choice", "agreement", "number", "text"
KINDS = (CHOICE, AGREEMENT, NUMBER, TEXT)
STEPS = (1, 2, 3, 4, 5)
"""Of agreement: from "not at all" to "wholly"."""
MOST_ITEMS = 60
MOST_OPTIONS = 8
LONGEST_QUESTION = 500
LONGEST_ANSWER = 1_000
_NEEDED = {KNOWLEDGE: CHOICE, PERCEPTION: AGREEMENT, SATISFACTION: AGREEMENT}
_WORDS = {
    "acuerdo": AGREEMENT,
    "agreement": AGREEMENT,
    "número": NUMBER,
    "numero": NUMBER,
    "number": NUMBER,
    "texto": TEXT,
    "text": TEXT,
}
_NUMBER = re.compile(r"-?[0-9]{1,9}([.,][0-9]{1,4})?")


@dataclass(frozen=True)
class Item:
    """One question; `right` is the number of the right option, from 1 on."""

    kind: str
    text: str
    options: tuple[str, ...] = ()
    right: int | None = None

    def kept(self) -> dict[str, Any]:
        return asdict(self) | {"options": list(self.options)}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Item":
        return cls(kept["kind"], kept["text"], tuple(kept["options"]), kept["right"])


def written(text: str, purpose: str) -> list[Item]:
    """The questions that a text holds. Refuses none or too many of them, one that cannot be answered, and a
    questionnaire without a single question of the kind that its purpose is measured by.
    """
    blocks = [block for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")) if block.strip()]
    if not 1 <= len(blocks) <= MOST_ITEMS:
        raise Invalid("instrument.questions", pointer="/questions", most=MOST_ITEMS)
    items = [_item(number, block) for number, block in enumerate(blocks, start=1)]
    if not any(item.kind == _NEEDED[purpose] for item in items):
        raise Invalid(f"instrument.measures_nothing_{_NEEDED[purpose]}", pointer="/questions")
    return items


def _item(number: int, block: str) -> Item:
    lines = [line.strip() for line in block.strip().split("\n")]
    asked = " ".join(line for line in lines if line[:1] not in {"*", "-", "["})
    options = [line for line in lines if line[:1] in {"*", "-"}]
    words = [line.strip("[] ").lower() for line in lines if line.startswith("[")]
    if not asked or len(asked) > LONGEST_QUESTION:
        raise Invalid("instrument.question_text", pointer="/questions", number=number, most=LONGEST_QUESTION)
    if len(words) + bool(options) != 1:
        raise Invalid("instrument.question_kind", pointer="/questions", number=number)
    if words:
        if words[0] not in _WORDS:
            raise Invalid("instrument.question_kind", pointer="/questions", number=number)
        return Item(_WORDS[words[0]], asked)
    texts = tuple(option[1:].strip() for option in options)
    right = [place for place, option in enumerate(options, start=1) if option.startswith("*")]
    fit = 2 <= len(texts) <= MOST_OPTIONS and len(right) == 1 and all(texts) and len(set(texts)) == len(texts)
    if not fit or max(map(len, texts)) > LONGEST_QUESTION:
        raise Invalid("instrument.question_options", pointer="/questions", number=number, most=MOST_OPTIONS)
    return Item(CHOICE, asked, texts, right[0])


def answered(items: Sequence[Item], given: Mapping[int, str]) -> dict[str, Any]:
    """What was answered, by the number of the question from 1 on; an empty answer is none. Refuses a question that is
    not asked and an answer that cannot be.
    """
    found: dict[str, Any] = {}
    for number, value in sorted(given.items()):
        if not 1 <= number <= len(items):
            raise Invalid("answer.unknown_question", pointer="/answers", number=number)
        if value.strip():
            found[str(number)] = _answer(number, items[number - 1], value.strip())
    return found


def _answer(number: int, item: Item, value: str) -> Any:
    if item.kind == TEXT:
        if len(value) > LONGEST_ANSWER:
            raise Invalid("answer.too_long", pointer=f"/answers/{number}", number=number, most=LONGEST_ANSWER)
        return value
    if item.kind == NUMBER:
        if not _NUMBER.fullmatch(value):
            raise Invalid("answer.not_a_number", pointer=f"/answers/{number}", number=number)
        return float(value.replace(",", "."))
    most = len(item.options) if item.kind == CHOICE else STEPS[-1]
    if not re.fullmatch(r"[1-9]", value) or int(value) > most:
        raise Invalid("answer.not_a_choice", pointer=f"/answers/{number}", number=number)
    return int(value)


def missing(items: Sequence[Item], answers: Mapping[str, Any]) -> list[int]:
    """The questions still to be answered before a sheet can be handed in; words of one's own are never a duty."""
    return [
        number
        for number, item in enumerate(items, start=1)
        if item.kind in {CHOICE, AGREEMENT} and str(number) not in answers
    ]


def marked(items: Sequence[Item], answers: Mapping[str, Any]) -> float | None:
    """The share of right answers among all that have one, from 0 to 1; None where no question has a right answer."""
    asked = [(number, item) for number, item in enumerate(items, start=1) if item.kind == CHOICE]
    if not asked:
        return None
    right = [number for number, item in asked if answers.get(str(number)) == item.right]
    return len(right) / len(asked)


def agreed(items: Sequence[Item], answers: Mapping[str, Any]) -> float | None:
    """The share of statements she agrees with, from 0 to 1; None where no question asks for agreement."""
    asked = [number for number, item in enumerate(items, start=1) if item.kind == AGREEMENT]
    if not asked:
        return None
    return sum(agrees(answers.get(str(number), 0)) for number in asked) / len(asked)


def agrees(value: int) -> bool:
    """Whether a step of agreement is one: "agree" or "wholly"."""
    return value >= 4

"""How a Spanish word sounds in Central America, so that what was written by ear is found again."""

import re
from functools import lru_cache

_KNOWN_WORDS = 100_000

# In this order, on folded words (a-z and digits): what is written and the sound it stands for. `C` is ch, `G` a hard g.
_SOUNDS = tuple(
    (re.compile(written), heard)
    for written, heard in (
        ("ph", "f"),
        ("sh", "s"),
        ("th", "t"),
        ("tz|ts", "s"),
        ("ch", "C"),
        ("w|hu(?=[aeio])", "gu"),
        ("h", ""),
        ("gu(?=[ei])", "G"),
        ("g(?=[eiy])", "j"),
        ("qu(?=[ei])|q|c(?![eiyC])", "k"),
        ("[cz]", "s"),
        ("^x(?=im)", "j"),
        ("x|ks", "s"),
        ("v", "b"),
        ("ll", "y"),
        ("y(?![aeiou])", "i"),
        ("^(?:j|i(?=[aeou]))", "y"),
        ("m(?=[bfp])", "n"),
        (r"(.)\1+", r"\1"),
        ("G", "g"),
    )
)
_VOWELS_INSIDE = re.compile("(?<!^)[aeiou]")


@lru_cache(maxsize=_KNOWN_WORDS)
def sound(word: str) -> str:
    """The sounds of one folded word, a letter each: b = v, s = z = c before e and i, no h, y = ll, n = ñ.

    A j at the beginning is a y, as in the names that come from English (Jessenia, Yesenia), and a g before e and i is
    a j (Giménez, Jiménez, Ximénez).
    """
    for written, heard in _SOUNDS:
        word = written.sub(heard, word)
    return word


@lru_cache(maxsize=_KNOWN_WORDS)
def skeleton(word: str) -> str:
    """The sounds of one folded word without the vowels inside it: what most slips of hand and ear leave as it is."""
    return _VOWELS_INSIDE.sub("", sound(word))

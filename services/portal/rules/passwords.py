"""What a password must be, and how a first one is made."""

from collections.abc import Callable, Sequence
from itertools import pairwise

SHORTEST = 10
LONGEST = 200
_CONSONANTS = "bcdfglmnprst"
_VOWELS = "aeiou"

# What guessing programs try first, here; digits and signs around these words do not help.
_COMMON = frozenset(
    {
        "abcdefghij",
        "administrador",
        "bienvenida",
        "bienvenido",
        "centroamerica",
        "contrasena",
        "contraseña",
        "elsalvador",
        "emprendedora",
        "guatemala",
        "honduras",
        "iloveyou",
        "password",
        "qwerty",
        "qwertyuiop",
        "redcsem",
        "teamomucho",
        "tequiero",
    }
)


def weakness(password: str, username: str) -> str | None:
    """The refusal code of a password that will not do, None for one that will."""
    if len(password) < SHORTEST:
        return "password.too_short"
    if len(password) > LONGEST:
        return "password.too_long"
    bare = "".join(letter for letter in password.casefold() if letter.isalpha())
    if len(set(password)) < 5 or bare in _COMMON or (not bare and _is_run(password)):
        return "password.too_common"
    if len(username) >= 4 and username.casefold() in password.casefold():
        return "password.contains_username"
    return None


def pronounceable(choose: Callable[[Sequence[str]], str]) -> str:
    """A first password that can be told over the telephone, such as `cabo-sile-runa-depo`: four words of two
    syllables each, 47 bits when `choose` is random.
    """
    words = ("".join(choose(_CONSONANTS) + choose(_VOWELS) for _ in range(2)) for _ in range(4))
    return "-".join(words)


def _is_run(password: str) -> bool:
    steps = {(ord(later) - ord(earlier)) % 10 for earlier, later in pairwise(password)}
    return len(steps) == 1

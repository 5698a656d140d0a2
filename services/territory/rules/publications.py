"""Which figures of a department's earlier publications may stand beside those of the later ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from services.territory.rules.disclosure import is_small
from services.territory.rules.doubles import Key, Sum
from services.territory.rules.figures import NOTHING, PUBLIC, Count, Figures, sums


def beside_each_other(publications: Sequence[Figures], department: str) -> list[Figures]:
    """A department's publications, from the first to the newest, as they may be read together: of an earlier one is
    withheld what differs from a later one by 1 to 4 (enterprises or women), and where adding up would give one such
    figure away, another figure of the same sum. The newest stays as it is.

    The same figures are withheld whatever is asked of them, so that two tables tell no more than one.
    """
    found: list[Figures] = []
    for figures in reversed(publications):
        near = {key for later in found for key in _near(figures, later)}
        hidden = _closed(figures, near, department) if near else figures.hidden
        found.append(replace(figures, hidden=hidden))
    return found[::-1]


def _near(figures: Figures, later: Figures) -> Iterator[Key]:
    """The keys of which two publications tell by subtraction how many few there are between them."""
    before, after, untold = figures.counts, later.counts, figures.hidden | later.hidden
    for key in before.keys() | after.keys():
        one, other = before.get(key, NOTHING), after.get(key, NOTHING)
        few = is_small(abs(one.number - other.number)) or is_small(abs(one.women - other.women))
        if few and key not in untold and key[1] not in PUBLIC:
            yield key


def _closed(figures: Figures, near: set[Key], department: str) -> frozenset[Key]:
    """What is withheld, and of each sum in which it would be one figure alone a second one: the smallest that counts
    anybody.
    """
    counts = dict(figures.counts)
    counts.update(dict.fromkeys(near - counts.keys(), NOTHING))
    every = sums(department, counts, figures.hidden)
    hidden = set(figures.hidden | near)
    of_key: dict[Key, list[Sum]] = {}
    for one in every:
        for key in (one.total, *one.parts):
            of_key.setdefault(key, []).append(one)
    waiting = list(every)
    while waiting:
        second = _second(waiting.pop(), hidden, counts)
        if second is not None:
            hidden.add(second)
            waiting += of_key[second]
    return frozenset(hidden)


def _second(one: Sum, hidden: set[Key], counts: Mapping[Key, Count]) -> Key | None:
    """What has to be withheld with the only withheld figure of a sum; None where none or several are."""
    cells = (one.total, *one.parts)
    if sum(key in hidden for key in cells) != 1:
        return None
    shown = [key for key in cells if key not in hidden and counts.get(key, NOTHING) != NOTHING]
    return min(shown, key=lambda key: (counts[key].number, counts[key].women, key), default=None)

"""Small counts are not told to who works with no single record, nor what would tell them by subtraction."""

from collections.abc import Collection, Mapping

from services.registry.rules.visibility import View

LEAST = 5


def withheld_from(view: View) -> bool:
    """Whether who has this view is told no small count: all but the technical team."""
    return not view.circumstances


def told(count: int) -> int | None:
    """A count that stands alone; None where it is small."""
    return None if 0 < count < LEAST else count


def table(counts: Mapping[str, int]) -> dict[str, int | None]:
    """A column of counts whose sum is known: the small ones are hidden, and as many of the next smallest as it takes
    for the hidden ones together to be neither one alone nor small.
    """
    rising = sorted((count, code) for code, count in counts.items() if count)
    hidden = [code for count, code in rising if count < LEAST]
    for count, code in rising[len(hidden) :]:
        if not hidden or (len(hidden) > 1 and sum(counts[one] for one in hidden) >= LEAST):
            break
        del count
        hidden.append(code)
    return {code: None if code in hidden else count for code, count in counts.items()}


def found(counts: Mapping[str, int], parts: Collection[Collection[str]]) -> dict[str, int | None]:
    """Counts of one search: `all` is their sum, each of `parts` names some that exclude each other, and what else was
    counted stands alone. What the rest is, which is not named, tells nothing of a part that is hidden.
    """
    shown = {name: told(count) for name, count in counts.items()}
    for part in parts:
        rest = counts["all"] - sum(counts[name] for name in part)
        shown |= {
            name: count for name, count in table({name: counts[name] for name in part} | {"": rest}).items() if name
        }
    return shown

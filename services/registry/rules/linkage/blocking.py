"""Which records are worth comparing: those that share a key, so that nobody compares all with all."""

from array import array
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from services.registry.rules.linkage.phonetics import skeleton
from services.registry.rules.linkage.traits import Traits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RULES = ("document", "phone", "names", "born", "born_name", "name_there", "names_there", "address_there")
"""By what records are brought together; a key begins with the name of its rule."""

_PORTION = 10_000
TELLING_LETTERS = 4
"""Shorter words of an address (a number, «al», «col») single nobody out."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What was not compared because too many records share a key of one rule: how many keys, how many records stand
    under them, and how many comparisons that would have been. Another key may bring some of them after all.
    """

    rule: str
    keys: int
    records: int
    pairs: int

    @property
    def code(self) -> str:
        """Of its sentence in the catalogues, which names `keys`, `records` and `pairs`."""
        return f"duplicate.left_out.{self.rule}"


@dataclass(frozen=True)
class Blocks:
    """The pairs to compare, a row of two positions each (the smaller first), every pair once; what was left out; and
    the records of which too little is known for any key, or every key is overfull: they were compared with nobody.
    """

    pairs: "NDArray[np.int64]"
    left_out: tuple[LeftOut, ...]
    uncompared: tuple[Hashable, ...]

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """The pairs one by one; a portion of them at a time becomes Python's numbers, which take much room."""
        for start in range(0, len(self.pairs), _PORTION):
            yield from self.pairs[start : start + _PORTION].tolist()


def keys_of(record: Traits) -> frozenset[str]:
    """The keys of one record, each `rule:value`; two records that share one are worth comparing.

    The keys depend on the record alone, so that they can be kept beside it and asked for when another comes.
    """
    return frozenset(f"{rule}:{value}" for rule, value in _keys(record))


def candidate_pairs(records: Sequence[Traits], cap: int) -> Blocks:
    """All pairs that share a key which at most `cap` records have."""
    import numpy as np

    rules: dict[str, int] = {}
    keys, owners, kinds = array("q"), array("q"), array("q")
    for position, record in enumerate(records):
        for key in keys_of(record):
            keys.append(hash(key))
            owners.append(position)
            kinds.append(rules.setdefault(key.partition(":")[0], len(rules)))
    hashes, owner, kind = (np.array(column, dtype=np.int64) for column in (keys, owners, kinds))
    found = blocks_of(hashes, owner, cap, len(records))
    return Blocks(
        pairs=np.stack(np.divmod(found.codes, len(records)), axis=1),
        left_out=left_out(list(rules), kind[found.overfull], found.sizes),
        uncompared=tuple(records[i].id for i in np.setdiff1d(np.arange(len(records)), found.compared)),
    )


class InBlocks(NamedTuple):
    """What keys bring together: the pairs, each once, as `position * records + position`, sorted; the positions that
    stand under a key that is not overfull; and of each overfull key one place among the keys, and its records.
    """

    codes: "NDArray[np.int64]"
    compared: "NDArray[np.int64]"
    overfull: "NDArray[np.int64]"
    sizes: "NDArray[np.int64]"


def blocks_of(keys: "NDArray[np.int64]", owner: "NDArray[Any]", cap: int, records: int) -> InBlocks:
    """The blocks of keys that stand beside the position of their record, in `owner`."""
    import numpy as np

    order = np.argsort(keys, kind="stable")
    _, starts, sizes = np.unique(keys[order], return_index=True, return_counts=True)
    sorted_owner = owner[order].astype(np.int64)
    return InBlocks(
        codes=_codes(sorted_owner, starts, sizes, cap, records),
        compared=np.unique(sorted_owner[np.repeat(sizes <= cap, sizes)]),
        overfull=order[starts[sizes > cap]],
        sizes=sizes[sizes > cap],
    )


def _codes(
    owner: "NDArray[np.int64]", starts: "NDArray[np.int64]", sizes: "NDArray[np.int64]", cap: int, records: int
) -> "NDArray[np.int64]":
    """Each pair of a block that is not overfull, once: blocks of one size together, as pairs of places within them."""
    import numpy as np

    found = [np.empty(0, dtype=np.int64)]
    for size in range(2, cap + 1):
        blocks = owner[starts[sizes == size][:, None] + np.arange(size)]
        first, second = np.triu_indices(size, 1)
        found.append(np.unique(blocks[:, first] * records + blocks[:, second]))
    return np.unique(np.concatenate(found))


def left_out(rules: Sequence[str], kinds: "NDArray[np.int64]", sizes: "NDArray[np.int64]") -> tuple[LeftOut, ...]:
    """What overfull keys leave out: the number of the rule of each, and how many records stand under it."""
    keys: Counter[str] = Counter()
    records: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for kind, size in zip(kinds.tolist(), sizes.tolist(), strict=True):
        rule = rules[kind]
        keys[rule] += 1
        records[rule] += size
        pairs[rule] += size * (size - 1) // 2
    return tuple(LeftOut(rule, keys[rule], records[rule], pairs[rule]) for rule in sorted(keys))


def _keys(record: Traits) -> Iterator[tuple[str, str]]:
    given = {skeleton(word) for word in record.given}
    surnames = {skeleton(word) for word in record.surnames.words}
    words = given | surnames
    if record.id_fingerprint:
        yield "document", record.id_fingerprint
    elif record.id_number:
        yield "document", f"{record.id_kind}{record.id_number}"
    if record.phone:
        yield "phone", record.phone
    if words:
        yield "names", " ".join(sorted({*(skeleton(word) for word in record.given[:1]), *surnames}))
    if record.born:
        day = _whichever_is_the_month(record.born)
        yield "born", day
        yield from (("born_name", f"{day}{word}") for word in words)
    if record.place:
        yield from (("name_there", f"{_heard(record.place)} {word}") for word in words)
    if record.municipality:
        there = record.municipality
        yield from (("name_there", f"{there}{word}") for word in words)
        yield from (("names_there", f"{there}{min(w, n)} {max(w, n)}") for w in given for n in surnames)
        yield from (
            ("address_there", f"{there}{skeleton(word)}")
            for word in set((record.street or "").split())
            if len(word) >= TELLING_LETTERS
        )


def _heard(text: str) -> str:
    return skeleton(text.replace(" ", ""))


def _whichever_is_the_month(born: str) -> str:
    """Year, and day and month in the order of their size: the same where somebody swapped them."""
    return born[:4] + "".join(sorted((born[4:6], born[6:])))

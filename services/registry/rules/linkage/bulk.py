"""The same comparisons among very many records: whatever there is one of per record is packed into bytes.

A million of records take some 300 bytes each here; as `Traits` they would take a kilobyte and more.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import orjson

from services.registry.rules.linkage.bearers import Bearers, values_of
from services.registry.rules.linkage.blocking import RULES, LeftOut, blocks_of, keys_of, left_out
from services.registry.rules.linkage.names import Surnames
from services.registry.rules.linkage.traits import Traits

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Hashed = Callable[[str], int]
"""64 bits of a text, signed; keyed, so that what is kept of a name cannot be tried against guesses."""

_EDITION = 1
"""Another number wherever `keys_of` or the traits change, so that all keys are made anew."""

_RULE_BITS = 15
_PORTIONS = 16
_UUID = 16


def print_of(record: Traits, hashed: Hashed) -> int:
    """By which it is seen that something that is compared of a record has changed."""
    return hashed(f"{_EDITION}{_written(record).decode()}")


def person_print(record: Traits, hashed: Hashed) -> int:
    """The same of what tells one woman from another: her names, document, day of birth and telephone."""
    who = (record.given, record.surnames.words, record.id_kind, record.id_fingerprint, record.born, record.phone)
    return hashed(repr(who))


def packed_keys(record: Traits, hashed: Hashed) -> bytes:
    """The keys of a record, 64 bits each in order; the last four say by which of the `RULES`."""
    rule_of = {rule: number for number, rule in enumerate(RULES)}
    keys = (hashed(key) & ~_RULE_BITS | rule_of[key.partition(":")[0]] for key in keys_of(record))
    return array("q", sorted(keys)).tobytes()


class Census:
    """Counts how many records bear a value, by its hash, so that the values themselves need no room."""

    def __init__(self) -> None:
        self._records = 0
        self._borne = array("q")

    def add(self, record: Traits) -> None:
        self._records += 1
        self._borne.extend(hash(value) for value in values_of(record))

    def bearers(self) -> "CountedBearers":
        """How common each value is; what only one record bears is not kept, for whatever is asked about is borne."""
        import numpy as np

        values, counts = np.unique(np.frombuffer(self._borne, dtype=np.int64), return_counts=True)
        several = counts > 1
        return CountedBearers(
            self._records, several=dict(zip(values[several].tolist(), counts[several].tolist(), strict=True))
        )


@dataclass(frozen=True)
class CountedBearers(Bearers):
    """Bearers of which only the values of several records are kept."""

    several: Mapping[int, int] = field(default_factory=dict)

    def bearing(self, kind: str, value: str) -> int:
        return self.several.get(hash((kind, value)), 1)


class Compared(NamedTuple):
    """The pairs to judge, as `position * records + position`, sorted; what was left out; how many records were compared
    with nobody.
    """

    codes: "NDArray[np.int64]"
    left_out: tuple[LeftOut, ...]
    uncompared: int


class Records:
    """Records in the order of their ids, packed."""

    def __init__(self) -> None:
        self._ids = bytearray()
        self._traits = bytearray()
        self._ends = array("q", [0])
        self._keys = bytearray()
        self._counts = array("i")
        self._touched = bytearray()
        self.prints = array("q")
        self.people = array("q")

    def __len__(self) -> int:
        return len(self._touched)

    def add(self, record_id: UUID, traits: Traits, keys: bytes, prints: tuple[int, int], *, touched: bool) -> None:
        """One more, whose id is beyond all before; `touched` where it changed since it was compared last."""
        self._ids += record_id.bytes
        self._traits += _written(traits)
        self._ends.append(len(self._traits))
        self._keys += keys
        self._counts.append(len(keys) // 8)
        self._touched.append(touched)
        self.prints.append(prints[0])
        self.people.append(prints[1])

    def id(self, position: int) -> UUID:
        return UUID(bytes=bytes(self._ids[position * _UUID : (position + 1) * _UUID]))

    def traits(self, position: int) -> Traits:
        return _read(self.id(position), self._traits[self._ends[position] : self._ends[position + 1]])

    def before(self, record_id: UUID) -> int:
        """How many records stand before this one, whether it is there or not."""
        return bisect_left(range(len(self)), record_id, key=self.id)

    def code(self, one: UUID, other: UUID) -> int | None:
        """Of a pair, the smaller id first; None where one of them is not there."""
        here, there = self.before(one), self.before(other)
        both = there < len(self) and (self.id(here), self.id(there)) == (one, other)
        return here * len(self) + there if both else None

    def comparisons(self, cap: int, known: Iterable[int] | None = None) -> Compared:
        """All pairs that share a key of at most `cap` records; with `known` codes, of these only those, and the pairs
        with a record that was touched. Sixteen portions of the keys are looked at one by one.
        """
        import numpy as np

        keys = np.frombuffer(self._keys, dtype=np.int64)
        owner = np.repeat(np.arange(len(self), dtype=np.int32), np.frombuffer(self._counts, dtype=np.int32))
        touched = np.frombuffer(self._touched, dtype=np.bool_)
        stored = None if known is None else np.unique(np.fromiter(known, dtype=np.int64))
        codes, compared = np.empty(0, dtype=np.int64), np.zeros(len(self), dtype=np.bool_)
        kinds, sizes = [], []
        for portion in range(_PORTIONS):
            here = np.flatnonzero((keys >> 4) % _PORTIONS == portion)
            found = blocks_of(keys[here], owner[here], cap, len(self))
            wanted = found.codes
            if stored is not None:
                first, second = np.divmod(wanted, max(len(self), 1))
                wanted = wanted[touched[first] | touched[second] | np.isin(wanted, stored)]
            codes = np.union1d(codes, wanted)
            compared[found.compared] = True
            kinds.append(keys[here][found.overfull] & _RULE_BITS)
            sizes.append(found.sizes)
        left = left_out(RULES, np.concatenate(kinds), np.concatenate(sizes))
        return Compared(codes, left, int(len(self) - compared.sum()))


def _written(record: Traits) -> bytes:
    return orjson.dumps(
        (
            record.given,
            record.surnames.words,
            record.surnames.by_birth,
            record.id_kind,
            record.id_fingerprint,
            record.born,
            record.phone,
            record.municipality,
            record.place,
            record.street,
            record.house,
            record.point,
            record.enterprise,
        )
    )


def _read(record_id: UUID, written: bytes | bytearray) -> Traits:
    given, words, by_birth, kind, fingerprint, born, phone, municipality, place, street, house, point, enterprise = (
        orjson.loads(written)
    )
    return Traits(
        id=record_id,
        given=tuple(given),
        surnames=Surnames(tuple(words), by_birth),
        id_kind=kind,
        id_number=None,
        id_fingerprint=fingerprint,
        born=born,
        phone=phone,
        municipality=municipality,
        place=place,
        street=street,
        house=house,
        point=None if point is None else (point[0], point[1]),
        enterprise=enterprise,
    )

"""How common a name, a place or a business is among the records at hand."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from math import prod

from services.registry.rules.linkage.traits import Traits


@dataclass(frozen=True)
class Bearers:
    """In how many of the records at hand each value stands; with no records nothing is known to be common or rare."""

    records: int = 0
    counts: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @classmethod
    def among(cls, records: Iterable[Traits]) -> "Bearers":
        """Counted over all records."""
        known = list(records)
        return cls(len(known), Counter(value for record in known for value in values_of(record)))

    def share(self, kind: str, values: Iterable[str]) -> float:
        """The share of records that have all of these values, as if one did not bring the other."""
        return prod(self.bearing(kind, value) / max(self.records, 1) for value in values)

    def bearing(self, kind: str, value: str) -> int:
        """In how many records the value stands."""
        return self.counts.get((kind, value), 0)


def values_of(record: Traits) -> Iterator[tuple[str, str]]:
    """The values of a record of which it matters how common they are; a name by the word, wherever it stands."""
    yield from (("name", word) for word in {*record.given, *record.surnames.words})
    for kind, value in (
        ("municipality", record.municipality),
        ("place", record.place),
        ("address", record.street),
        ("enterprise_name", record.enterprise),
    ):
        if value:
            yield kind, value

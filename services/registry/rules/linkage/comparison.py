"""What two records say about being of the same woman, field by field."""

from collections.abc import Iterator
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from rapidfuzz.fuzz import ratio

from services.registry.rules.linkage.likeness import Alike, Overlap, Words, one_slip, overlap, written_together
from services.registry.rules.linkage.names import Surnames
from services.registry.rules.linkage.policy import Limits
from services.registry.rules.linkage.traits import Traits

EARTH_M = 6_371_008.8
UNKNOWN_DAY = "0101"
"""Who knows only the year of birth is written down as born on the first of January."""

_OF_RANK = {Alike.EQUAL: "equal", Alike.SOUNDS: "sounds_equal", Alike.INITIAL: "part", Alike.NEARLY: "nearly"}
_APART = frozenset({"different", "one_shared"})


class Seen(NamedTuple):
    """What was found in one field; the values of either record that answer each other, to ask how common they are; and
    how far apart two points lie.
    """

    field: str
    outcome: str
    one: Words = ()
    other: Words = ()
    metres: int | None = None


def who_she_is(one: Traits, other: Traits, limits: Limits) -> Iterator[Seen]:
    """What is found in the document, the day of birth and the given names, as far as both records know them: what tells
    a woman from her sister.
    """
    document = _document(one, other)
    if document:
        yield Seen("document", document)
    if one.born and other.born:
        yield Seen("born_on", _born(one.born, other.born))
    if one.given and other.given:
        given = _given(one.given, other.given, limits.name_nearly)
        crossed = _crossed(one, other, limits.name_nearly) if given.outcome in _APART else None
        yield Seen("given_names", "crossed", crossed.one, crossed.other) if crossed else given


def what_a_household_shares(one: Traits, other: Traits, limits: Limits) -> Iterator[Seen]:
    """What is found in the surnames, the telephone, the home and the business, as far as both records know them."""
    if one.surnames.words and other.surnames.words:
        surnames = _surnames(one.surnames, other.surnames, limits.name_nearly)
        crossed = _crossed(other, one, limits.name_nearly) if surnames.outcome in _APART else None
        yield Seen("surnames", "crossed", crossed.other, crossed.one) if crossed else surnames
    if one.phone and other.phone:
        yield Seen("phone", _digits(one.phone, other.phone))
    if one.municipality and other.municipality:
        same = one.municipality == other.municipality
        yield Seen("municipality", "equal" if same else "different", (one.municipality,), (other.municipality,))
    if one.place and other.place:
        yield Seen("place", _text(one.place, other.place, limits), (one.place,), (other.place,))
    if one.street and other.street:
        streets = _text(one.street, other.street, limits)
        outcome = "nearly" if streets == "equal" and one.house != other.house else streets
        yield Seen("address", outcome, (one.street,), (other.street,))
    if one.point and other.point:
        metres = distance_m(one.point, other.point)
        yield Seen("point", _apart(metres, limits), metres=round(metres))
    if one.enterprise and other.enterprise:
        outcome = _text(one.enterprise, other.enterprise, limits)
        yield Seen("enterprise_name", outcome, (one.enterprise,), (other.enterprise,))


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Metres between two points (longitude, latitude in degrees) on the sphere."""
    lon, lat = radians(one[0]), radians(one[1])
    lon_there, lat_there = radians(other[0]), radians(other[1])
    half = sin((lat_there - lat) / 2) ** 2 + cos(lat) * cos(lat_there) * sin((lon_there - lon) / 2) ** 2
    return 2 * EARTH_M * asin(sqrt(half))


def _document(one: Traits, other: Traits) -> str | None:
    """Documents of two kinds say nothing; sealed numbers say only whether they are equal."""
    if one.id_kind != other.id_kind:
        return None
    if one.id_number and other.id_number:
        return _digits(one.id_number, other.id_number)
    if one.id_fingerprint and other.id_fingerprint:
        return "equal" if one.id_fingerprint == other.id_fingerprint else "sealed_different"
    return None


def _digits(one: str, other: str) -> str:
    if one == other:
        return "equal"
    return "one_slip" if one_slip(one, other) else "different"


def _born(one: str, other: str) -> str:
    if one == other:
        return "equal"
    year, month, day = one[:4] == other[:4], one[4:6] == other[4:6], one[6:] == other[6:]
    if year and one[4:6] == other[6:] and one[6:] == other[4:6]:
        return "day_and_month_swapped"
    if year and UNKNOWN_DAY in (one[4:], other[4:]):
        return "same_year"
    if one_slip(one, other):
        return "one_slip"
    return "one_part" if year + month + day == 2 else "different"


def _crossed(one: Traits, other: Traits, nearly: float) -> Overlap | None:
    """The given names of the one that are the surnames of the other, where the other way round it is so too."""
    there = overlap(one.given, other.surnames.words, nearly)
    if there.left or overlap(one.surnames.words, other.given, nearly).left:
        return None
    return there


def _given(one: Words, other: Words, nearly: float) -> Seen:
    if one == other:
        return Seen("given_names", "equal", one, other)
    found = overlap(one, other, nearly)
    if _is_swapped(found):
        return Seen("given_names", "swapped", found.one, found.other)
    return _whole("given_names", found) or _together("given_names", one, other, nearly) or _rest("given_names", found)


def _surnames(one: Surnames, other: Surnames, nearly: float) -> Seen:
    if one.words == other.words:
        return Seen("surnames", "equal", one.words, other.words)
    found = overlap(one.words, other.words, nearly)
    if _is_swapped(found):
        return Seen("surnames", "swapped", found.one, found.other)
    whole = _whole("surnames", found) or _together("surnames", one.words, other.words, nearly)
    return whole or _married(one, other, nearly) or _rest("surnames", found)


def _is_swapped(found: Overlap) -> bool:
    return not found.left and not found.in_order and found.least >= Alike.SOUNDS


def _whole(field: str, found: Overlap) -> Seen | None:
    """Every word has its answer."""
    return None if found.left else Seen(field, _OF_RANK[found.least], found.one, found.other)


def _together(field: str, one: Words, other: Words, nearly: float) -> Seen | None:
    """The same letters, with a space too many or too few."""
    rank = written_together(one, other, nearly)
    return Seen(field, _OF_RANK[rank], one, other) if rank else None


def _married(one: Surnames, other: Surnames, nearly: float) -> Seen | None:
    """Her own surnames agree as far as both are known, and one record carries her husband's."""
    if not one.of_husband and not other.of_husband:
        return None
    own = overlap(one.own, other.own, nearly)
    agrees = own.one and own.left < 2 and own.least >= Alike.SOUNDS
    return Seen("surnames", "married", own.one, own.other) if agrees else None


def _rest(field: str, found: Overlap) -> Seen:
    """Some words have their answer, or none."""
    if found.one and found.left == 1:
        return Seen(field, "part" if found.least >= Alike.INITIAL else "nearly", found.one, found.other)
    return Seen(field, "one_shared" if found.one else "different", found.one, found.other)


def _text(one: str, other: str, limits: Limits) -> str:
    alike = 1.0 if one == other else ratio(one, other) / 100
    if alike >= limits.text_equal:
        return "equal"
    return "nearly" if alike >= limits.text_nearly else "different"


def _apart(metres: float, limits: Limits) -> str:
    if metres <= limits.spot_m:
        return "same_spot"
    if metres <= limits.near_m:
        return "near"
    return "far" if metres > limits.far_m else "around"

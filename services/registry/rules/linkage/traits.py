"""A record made ready to be compared many times: its words, digits and sounds."""

from collections.abc import Hashable
from dataclasses import dataclass

from services.registry.rules.chains import folded
from services.registry.rules.linkage import names
from services.registry.rules.linkage.candidate import Candidate
from services.registry.rules.linkage.names import Surnames

NATIONAL_DIGITS = 8
"""A telephone number has eight digits in Guatemala, El Salvador and Honduras; what stands before is the country's."""

_WRITTEN_OUT = {
    "av": "avenida",
    "ave": "avenida",
    "bo": "barrio",
    "cas": "caserio",
    "col": "colonia",
    "cton": "canton",
    "res": "residencial",
}


@dataclass(frozen=True, slots=True)
class Traits:
    """What is compared of a candidate. `born` are eight digits (year, month, day); texts are folded words, those of
    street and enterprise in alphabetical order; `house` are the numbers of the address.
    """

    id: Hashable
    given: tuple[str, ...]
    surnames: Surnames
    id_kind: str | None
    id_number: str | None
    id_fingerprint: str | None
    born: str | None
    phone: str | None
    municipality: str | None
    place: str | None
    street: str | None
    house: str
    point: tuple[float, float] | None
    enterprise: str | None


def traits_of(candidate: Candidate) -> Traits:
    """The candidate made ready; an empty text is None."""
    address = _words(candidate.address)
    return Traits(
        id=candidate.id,
        given=names.given_names(candidate.given_names),
        surnames=names.surnames(candidate.surnames),
        id_kind=candidate.id_kind,
        id_number=candidate.id_number or None,
        id_fingerprint=candidate.id_fingerprint or None,
        born=None if candidate.born_on is None else f"{candidate.born_on:%Y%m%d}",
        phone=_phone(candidate.phone),
        municipality=candidate.municipality or None,
        place=" ".join(_words(candidate.place)) or None,
        street=" ".join(sorted(word for word in address if not word.isdecimal())) or None,
        house=" ".join(sorted(word for word in address if word.isdecimal())),
        point=candidate.point,
        enterprise=" ".join(sorted(_words(candidate.enterprise_name))) or None,
    )


def _phone(written: str | None) -> str | None:
    """The national number; None where it is too short, or one digit over and over, written to fill the cell."""
    digits = "".join(char for char in written or "" if char.isdecimal())[-NATIONAL_DIGITS:]
    return digits if len(digits) == NATIONAL_DIGITS and len(set(digits)) > 1 else None


def _words(written: str | None) -> list[str]:
    return [_WRITTEN_OUT.get(word, word) for word in folded(written or "").split()]

"""What is known of a woman where it is asked whether two records are of the same one."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record to compare; whatever is not known is empty, and empty says nothing for or against.

    Numbers of documents rest sealed: `id_fingerprint` tells equal from not equal, `id_number` (bare digits, where the
    caller may read it) tells besides how far two numbers are apart. `municipality` is a code from a list, `place` the
    community or neighbourhood as written, `point` degrees (longitude, latitude; WGS 84).
    """

    id: Hashable
    given_names: str = ""
    surnames: str = ""
    id_kind: str | None = None
    id_number: str | None = None
    id_fingerprint: str | None = None
    born_on: date | None = None
    phone: str | None = None
    municipality: str | None = None
    place: str | None = None
    address: str | None = None
    point: tuple[float, float] | None = None
    enterprise_name: str | None = None

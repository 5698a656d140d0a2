"""The municipality of a row, where it is written with its name and not with its code."""

from collections.abc import Iterable
from functools import cached_property

from services.registry.intake import form
from services.registry.rules.gazetteer import Gazetteer, Reading
from shared import places


class Places:
    """The official places and their other names, read when the first name is met."""

    def __init__(self, aliases: Iterable[tuple[str, str]]) -> None:
        self._aliases = tuple(aliases)
        self._known: dict[tuple[str, str, str], Reading] = {}

    @cached_property
    def _gazetteer(self) -> Gazetteer:
        return Gazetteer(places.names(), self._aliases)

    def municipality(self, written: str, department: str, country: str) -> Reading:
        """What a written municipality means where its row tells department and country; the same text is read once."""
        asked = (written, department, country)
        if asked not in self._known:
            self._known[asked] = self._read(*asked)
        return self._known[asked]

    def _read(self, written: str, department: str, country: str) -> Reading:
        within = form.COUNTRIES.code_of(country) or ""
        if department:
            area = department.upper() if self.is_code(department) else self._department(department, within)
            within = area or within
        return self._gazetteer.read(written, within=within, level="municipality")

    def _department(self, written: str, country: str) -> str | None:
        return self._gazetteer.read(written, country=country, level="department").code

    @staticmethod
    def is_code(written: str) -> bool:
        return written.upper() in places.names()

    @staticmethod
    def named(codes: Iterable[str]) -> str:
        """Municipalities as one lists them: "San Lorenzo, Valle (HN1709)"."""
        return "; ".join(f"{places.full_name(code)} ({code})" for code in codes if len(code) == 6)
